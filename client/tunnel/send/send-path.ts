/**
 * The way of everything that is sent into the carrier: sound at once, pictures as room is made. How much the way takes is learned by how long pictures wait
 * for room, and by what the tunnel says has arrived: a loss that TCP repairs makes nothing wait. Pure: time is an argument.
 */
import { type RtpPacket, writeRtp } from '../rtp/rtp-packet.ts';
import { PictureQueue } from './picture-queue.ts';
import { UplinkEstimate } from './uplink-estimate.ts';

/** A picture that would have to wait for so long before it even gets into the carrier is not encoded. */
const MOST_PICTURE_WAIT_MS = 150;

/** What is asked of a carrier here (carrier.ts). */
export interface SendCarrier {
  readonly sentBytes: number;
  readonly arrivedBytes: number;
  takes(kind: 'sound' | 'pictures'): boolean;
}

interface UnderWay {
  readonly number: number;
  /** Of the carrier's bytes. */
  readonly end: number;
  readonly leftMs: number;
}

export class SendPath {
  readonly estimate = new UplinkEstimate();
  /** Pieces of sound that were not sent because the way has stood still for too long. */
  droppedSound = 0;
  readonly #carrier: SendCarrier;
  readonly #send: (packet: Uint8Array) => void;
  readonly #pictures: PictureQueue<{ readonly number: number; readonly bytes: Uint8Array }>;
  #underWay: UnderWay[] = [];
  #number = 0;
  #nowMs = 0;

  constructor(carrier: SendCarrier, send: (packet: Uint8Array) => void) {
    this.#carrier = carrier;
    this.#send = send;
    this.#pictures = new PictureQueue(
      ({ number, bytes }) => this.#leave(number, bytes),
      () => carrier.takes('pictures'),
    );
  }

  /** A picture that was captured now would only wait: it is better not encoded at all. */
  isFull(nowMs: number): boolean {
    return this.estimate.isFull || this.#pictures.waitMs(nowMs) > MOST_PICTURE_WAIT_MS;
  }

  /** @param make called when it is sent */
  sendSound(nowMs: number, make: () => RtpPacket): void {
    this.#nowMs = nowMs;
    if (!this.#carrier.takes('sound')) {
      this.droppedSound++;
      return;
    }
    const { number, bytes } = this.#write(make());
    this.#leave(number, bytes);
  }

  /** One packet of a picture, in order. */
  pushPicture(nowMs: number, packet: RtpPacket): void {
    this.#nowMs = nowMs;
    this.#pictures.push(nowMs, this.#write(packet));
  }

  /** To be called some times a second. @returns bits per second that may be sent from now on */
  poll(nowMs: number): number {
    this.#nowMs = nowMs;
    const { arrivedBytes } = this.#carrier;
    const arrived = this.#underWay.filter(({ end }) => end <= arrivedBytes);
    this.#underWay = this.#underWay.slice(arrived.length);
    for (const { number, leftMs } of arrived) this.estimate.handleArrival(nowMs, number, leftMs);
    this.#pictures.poll();
    return this.estimate.poll(nowMs, this.#pictures.waitMs(nowMs));
  }

  #write(packet: RtpPacket): { readonly number: number; readonly bytes: Uint8Array } {
    const bytes = writeRtp(packet, packet.payload);
    const number = ++this.#number;
    this.estimate.handleSent(this.#nowMs, number, bytes.length);
    return { number, bytes };
  }

  #leave(number: number, bytes: Uint8Array): void {
    this.#send(bytes);
    const end = this.#carrier.sentBytes;
    // Another carrier has begun: what was under way is lost.
    if (end < (this.#underWay.at(-1)?.end ?? 0)) this.#underWay = [];
    this.#underWay.push({ number, end, leftMs: this.#nowMs });
  }
}
