/** Cuts a byte stream into frames whose length stands in their first bytes. Pure. */

/**
 * Size in bytes of the frame that begins at `at`, its header included. Undefined: too little is there to tell. `invalid`: this is
 * no frame, or one that is too long.
 */
export type FrameSize = (bytes: Uint8Array, at: number) => number | 'invalid' | undefined;

const NOTHING = new Uint8Array(0);

/** Holds back less than one frame. */
export class StreamFrames {
  readonly #sizeOf: FrameSize;
  #rest: Uint8Array = NOTHING;

  constructor(sizeOf: FrameSize) {
    this.#sizeOf = sizeOf;
  }

  /**
   * Takes what came and hands out every frame that is whole by now, with its header. False: there is an invalid frame; the stream
   * cannot go on. `onFrame` returning false ends it as well.
   */
  push(chunk: Uint8Array, onFrame: (bytes: Uint8Array, offset: number, size: number) => boolean): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const size = this.#sizeOf(bytes, at);
      if (size === 'invalid') return false;
      if (size === undefined || size > bytes.length - at) break;
      if (!onFrame(bytes, at, size)) return false;
      at += size;
    }
    // A copy: a few bytes shall not hold a whole chunk.
    this.#rest = at === bytes.length ? NOTHING : Uint8Array.from(bytes.subarray(at));
    return true;
  }
}
