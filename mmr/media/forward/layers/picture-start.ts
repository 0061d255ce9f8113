/**
 * Finds the first packet of each picture among the packets of its layer frames: a frame that starts under another RTP
 * timestamp than the packets before. The base layer's frame need not be there: encoders may leave it out at times.
 * Timestamps are compared for equality only, since a publisher's may jump.
 */
export class PictureStart {
  /** Widened sequence number of the newest packet, and its timestamp. */
  #index = Number.NEGATIVE_INFINITY;
  #timestamp = 0;
  /** Whether the packet is newer than all before, and whether it is the first of its picture that came. */
  isNewest = false;
  isNewPicture = false;

  /** Sets the fields above. Hot. */
  handle(index: number, timestamp: number): void {
    this.isNewest = index > this.#index;
    this.isNewPicture = this.isNewest && (timestamp !== this.#timestamp || this.#index === Number.NEGATIVE_INFINITY);
    if (!this.isNewest) return;
    this.#index = index;
    this.#timestamp = timestamp;
  }

  /** Whether the packet handled last starts a picture. Of late ones only frames of the base layer do. */
  starts(startsFrame: boolean, spatial: number): boolean {
    return startsFrame && (this.isNewPicture || (!this.isNewest && spatial === 0));
  }
}
