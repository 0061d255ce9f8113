/**
 * A source that we have demanded of the other end of a trunk, as it comes in: one stream for each of its encodings, under the
 * SSRCs that the demand named, and beside each the one on which lost packets come again.
 */
import type { Source } from '../forward/source.ts';
import { IngressStream } from '../ingress/ingress-stream.ts';
import type { NegotiatedSource } from '../negotiated.ts';
import type { Transport } from '../transport/transport.ts';

/** SSRCs set aside for one demand: four encodings with their RTX. */
export const SSRCS_PER_DEMAND = 8;

/** Where its streams are, and who is told when they are gone. */
export interface ReceptionHost {
  readonly transport: Transport;
  forgetStream(ssrc: number): void;
}

export class Reception {
  readonly source: Source;
  /** Of the first encoding; see `DemandMessage`. */
  readonly ssrc: number;
  /** As demanded, pixels; Infinity for no limit. */
  maxHeight = Number.POSITIVE_INFINITY;
  readonly #streams: IngressStream[] = [];
  readonly #host: ReceptionHost;

  constructor(host: ReceptionHost, source: Source, negotiated: NegotiatedSource, ssrc: number) {
    this.#host = host;
    this.source = source;
    this.ssrc = ssrc;
    sortedRids(negotiated.rids).forEach((rid, i) => {
      const media = new IngressStream(ssrc + 2 * i, negotiated, rid);
      this.#add(media);
      this.#add(new IngressStream(ssrc + 2 * i + 1, negotiated, rid, media));
    });
  }

  /** Nothing more is taken of it; a later reception of the source begins at once. */
  end(): void {
    for (const stream of this.#streams) {
      stream.handleBye();
      stream.source = undefined;
      this.#host.transport.removeIngressStream(stream.ssrc);
      this.#host.forgetStream(stream.ssrc);
    }
  }

  #add(stream: IngressStream): void {
    if (!this.#host.transport.addIngressStream(stream)) return;
    stream.source = this.source;
    this.#streams.push(stream);
  }
}

/** In the order in which encodings have their SSRCs; both ends know it, whatever order they keep encodings in. */
export function sortedRids(rids: readonly string[]): string[] {
  return rids.length === 0 ? [''] : rids.toSorted();
}
