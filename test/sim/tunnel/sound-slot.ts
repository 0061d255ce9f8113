/** Sound that comes to a tunnelled client: the receiving code of the page, with a loudspeaker in place of worklet and decoder. */
import { ArrivalSpread, SOUND_DELAY } from '../../../client/tunnel/receive/arrival-spread.ts';
import { MediaClock } from '../../../client/tunnel/receive/media-clock.ts';
import { PacketOrder } from '../../../client/tunnel/receive/packet-order.ts';
import { PlayoutBuffer, SAMPLE_RATE } from '../../../client/tunnel/receive/playout-buffer.ts';
import { Reception } from '../../../client/tunnel/rtp/reception.ts';
import type { RtpPacket } from '../../../client/tunnel/rtp/rtp-packet.ts';

/** What a loudspeaker takes at a time. */
export const READ_MS = 10;
const PACKET_MS = 20;
/** A voice, as far as the buffer looks: 150 Hz. */
const VOICE = Float32Array.from({ length: (SAMPLE_RATE * PACKET_MS) / 1000 }, (_, i) => {
  return 0.3 * Math.sin((2 * Math.PI * 150 * i) / SAMPLE_RATE);
});

/** Something took `ms` at `atMs`. */
export interface Delay {
  readonly atMs: number;
  readonly ms: number;
}

export class SoundSlot {
  /** From the router to the page. */
  readonly arrivals: Delay[] = [];
  /** From the router to the ear. */
  readonly heard: Delay[] = [];
  reception: Reception | undefined;
  readonly #clock = new MediaClock(SAMPLE_RATE);
  readonly #order = new PacketOrder<number>();
  readonly #spread = new ArrivalSpread(SOUND_DELAY);
  readonly #playout = new PlayoutBuffer(SOUND_DELAY.leastMs);
  readonly #out = new Float32Array((SAMPLE_RATE * READ_MS) / 1000);
  /** When the quickest packet left the router, less its media time. */
  #origin = Number.POSITIVE_INFINITY;

  get playout(): PlayoutBuffer {
    return this.#playout;
  }

  /** @param sentMs when it left the router */
  handlePacket(nowMs: number, packet: RtpPacket, bytes: number, sentMs: number): void {
    this.reception ??= new Reception(packet.ssrc, SAMPLE_RATE);
    const { sequence, time } = this.reception.handlePacket(nowMs, packet.sequenceNumber, packet.timestamp, bytes);
    const mediaMs = this.#clock.toMs(time);
    this.#origin = Math.min(this.#origin, sentMs - mediaMs);
    this.arrivals.push({ atMs: nowMs, ms: nowMs - sentMs });
    this.#spread.handleArrival(nowMs, mediaMs);
    for (const ordered of this.#order.push(nowMs, sequence, mediaMs)) this.#playout.push(VOICE, ordered.packet);
  }

  poll(nowMs: number): void {
    for (const { packet } of this.#order.poll(nowMs)) this.#playout.push(VOICE, packet);
    this.#playout.targetMs = this.#spread.delayMs;
  }

  /** Each READ_MS. */
  listen(nowMs: number): void {
    const { mediaMs } = this.#playout;
    if (mediaMs !== undefined) this.heard.push({ atMs: nowMs, ms: nowMs - mediaMs - this.#origin });
    this.#playout.read(this.#out);
  }
}
