/** The stream beside a slot on which its packets are sent again (RFC 4588 section 4) and padding is sent. */

export class RtxStream {
  readonly ssrc: number;
  packetsSent = 0;
  /** Of the newest packet, widened; the first is drawn from the SSRC, which is random, as for slots. */
  #index: number;

  constructor(ssrc: number) {
    this.ssrc = ssrc >>> 0;
    this.#index = (this.ssrc & 0x7fff) - 1;
  }

  /** The widened sequence number of the packet that is about to be written. It is used up whatever becomes of the packet. */
  takeIndex(): number {
    this.packetsSent++;
    return ++this.#index;
  }
}
