/**
 * The layers that a source has to offer, as a ladder: each rung is better than the one below it and costs more. What is
 * better depends on the content: a camera is worth little below half its frame rate, of a screen one wants to read
 * the text. Decided here once for all subscribers; what each gets is the allocator's.
 */

/** One thing that can be sent of a source: an encoding up to one of its layers. */
export interface LayerOption {
  /** '' for a source without simulcast. */
  readonly rid: string;
  readonly spatial: number;
  readonly temporal: number;
  /** Temporal layers that the encoding has, at least `temporal` + 1. */
  readonly temporalLayers: number;
  /** Pixels. */
  readonly height: number;
  /** As measured; 0 when not known yet. */
  readonly framesPerSecond: number;
  /** What sending it costs, with headers. */
  readonly bitrateBps: number;
}

/** What a publisher sends of one source at present. */
export class PublishedLayers {
  readonly options: readonly LayerOption[];
  /** Of all `options`; empty while nothing is sent. */
  readonly ladder: readonly LayerOption[];
  readonly #isScreen: boolean;
  /** By height: most viewers of a source ask for one of a few. */
  readonly #upTo = new Map<number, readonly LayerOption[]>();

  constructor(options: readonly LayerOption[], isScreen: boolean) {
    this.options = options;
    this.#isScreen = isScreen;
    this.ladder = makeLadder(options, isScreen);
  }

  /** Of those up to `height`, which is that of an option: one that a taller picture made not worth having may be a rung of it. */
  ladderUpTo(height: number): readonly LayerOption[] {
    let ladder = this.#upTo.get(height);
    if (ladder === undefined) {
      const isWithin = (option: LayerOption): boolean => option.height <= height;
      ladder = this.options.every(isWithin) ? this.ladder : makeLadder(this.options.filter(isWithin), this.#isScreen);
      this.#upTo.set(height, ladder);
    }
    return ladder;
  }
}

/** More than any publisher sends: 4 encodings of 4 spatial and 4 temporal layers. */
export const MAX_RUNGS = 64;

/**
 * The rungs, cheapest first. An option that costs as much as another one that is as good is left out. At most MAX_RUNGS options are
 * looked at.
 */
export function makeLadder(options: readonly LayerOption[], isScreen: boolean): readonly LayerOption[] {
  const byWorth = options
    .slice(0, MAX_RUNGS)
    .sort((a, b) => compareWorth(b, a, isScreen) || a.bitrateBps - b.bitrateBps);
  const ladder: LayerOption[] = [];
  let cheapest = Number.POSITIVE_INFINITY;
  for (const option of byWorth) {
    if (option.bitrateBps >= cheapest) continue;
    cheapest = option.bitrateBps;
    ladder.push(option);
  }
  return ladder.reverse();
}

/** Positive when `a` is worth more to a viewer than `b`. Depends on no measured rate, so it does not waver. */
export function compareWorth(a: LayerOption, b: LayerOption, isScreen: boolean): number {
  if (!isScreen && isSmooth(a) !== isSmooth(b)) return isSmooth(a) ? 1 : -1;
  return a.height - b.height || a.temporal - b.temporal;
}

/** At least half the camera's frame rate: each temporal layer doubles it in the usual structures (RFC 9626 L1T2, L1T3). */
function isSmooth(option: LayerOption): boolean {
  return option.temporal >= option.temporalLayers - 2;
}
