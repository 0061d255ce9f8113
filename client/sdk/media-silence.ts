/**
 * Whether nothing at all comes from the router any more. A router sends everybody a report each second, also when nobody
 * says or shows anything, so two seconds without a byte are the router's silence, or the network's.
 */

/** Looks in a row that found nothing new. With two a second that is two seconds, and such in which we were awake. */
const SILENT_LOOKS = 4;

export class MediaSilence {
  #received = Number.NaN;
  #silentLooks = 0;

  /** To be called each half second with a count that grows with whatever arrives. True while the router is silent. */
  look(received: number): boolean {
    this.#silentLooks = received === this.#received ? this.#silentLooks + 1 : 0;
    this.#received = received;
    return this.#silentLooks >= SILENT_LOOKS;
  }
}
