/**
 * What a source costs a trunk, as a ladder: unlike a viewer's slot, who gets one encoding, the other end gets several, each
 * for viewers of its own. A step up brings the next encoding or layer, and everything below stays. So the cost of a rung is
 * the sum of all that is sent with it.
 */
import type { OfferedLayers } from '../allocation/driver.ts';
import { type LayerOption, PublishedLayers } from '../allocation/ladder.ts';
import type { SourceLayers } from '../allocation/source-layers.ts';

export class RelayLayers implements OfferedLayers {
  readonly #layers: SourceLayers;
  #of: PublishedLayers | undefined;
  #published = new PublishedLayers([], false);

  constructor(layers: SourceLayers) {
    this.#layers = layers;
  }

  get source(): SourceLayers['source'] {
    return this.#layers.source;
  }
  get isScreen(): boolean {
    return this.#layers.isScreen;
  }
  get isSpeaking(): boolean {
    return this.#layers.isSpeaking;
  }
  get version(): number {
    return this.#layers.version;
  }
  get rateVersion(): number {
    return this.#layers.rateVersion;
  }

  publishedFor(hasDescriptor: boolean): PublishedLayers {
    const published = this.#layers.publishedFor(hasDescriptor);
    if (published !== this.#of) {
      this.#of = published;
      const rids = this.#layers.source.encodings.map(({ rid }) => rid);
      this.#published = new PublishedLayers(summedUp(published.options, rids, this.isScreen), this.isScreen);
    }
    return this.#published;
  }
}

/** `options` of a source whose encodings are `rids`, from the lowest to the highest, with what lies below added to each. */
export function summedUp(options: readonly LayerOption[], rids: readonly string[], isScreen: boolean): LayerOption[] {
  const summed: LayerOption[] = [];
  let belowBps = 0;
  for (const rid of rids) {
    const ofEncoding = options.filter((option) => option.rid === rid);
    // A jerky picture of a higher encoding is no gain over a smooth one of the encoding below, which comes anyway.
    const isWorthwhile = ({ temporal, temporalLayers }: LayerOption): boolean =>
      belowBps === 0 || isScreen || temporal >= temporalLayers - 2;
    for (const option of ofEncoding) {
      if (isWorthwhile(option)) summed.push({ ...option, bitrateBps: option.bitrateBps + belowBps });
    }
    belowBps += ofEncoding.reduce((most, { bitrateBps }) => Math.max(most, bitrateBps), 0);
  }
  return summed;
}
