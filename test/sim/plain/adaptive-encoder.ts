/** A camera's encoder that follows a target rate: 30 frames a second whose sizes vary around it (RFC 8593 section 4). */
import type { Chance } from '../network/chance.ts';

/** Standard deviation of frame sizes, of the mean. */
const SIZE_DEVIATION = 0.15;
const MAX_PAYLOAD_BYTES = 1150;

export class AdaptiveEncoder {
  static readonly frameUs = 1_000_000 / 30;
  readonly #chance: Chance;
  /** Rate control: what earlier frames took beyond their share, in bytes. */
  #debtBytes = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Payload sizes of the packets of the next frame. */
  frame(bps: number): number[] {
    const shareBytes = (bps * AdaptiveEncoder.frameUs) / 8e6;
    const drawn = shareBytes * (1 + SIZE_DEVIATION * Math.max(-3, Math.min(3, this.#chance.normal())));
    const frameBytes = Math.max(60, Math.round(drawn - this.#debtBytes * 0.2));
    const count = Math.ceil(frameBytes / MAX_PAYLOAD_BYTES);
    // 64 bytes of headers a packet count towards the rate.
    this.#debtBytes = Math.max(-shareBytes, Math.min(shareBytes, this.#debtBytes + frameBytes - shareBytes));
    const payloadBytes = Math.max(20, frameBytes - 64 * count);
    return Array.from({ length: count }, () => Math.max(20, Math.round(payloadBytes / count)));
  }
}
