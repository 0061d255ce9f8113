/** Camera and microphone of a tunnelled client: the sending code of the page, with encoders that follow their targets exactly. */
import { readRtp } from '../../../client/tunnel/rtp/rtp-packet.ts';
import { planBitrates } from '../../../client/tunnel/send/bitrate-plan.ts';
import { RtpStream } from '../../../client/tunnel/send/rtp-stream.ts';
import { type SendCarrier, SendPath } from '../../../client/tunnel/send/send-path.ts';
import type { Chance } from '../network/chance.ts';
import { CAMERA_SSRC, EXTENSIONS, MICROPHONE_SSRC, OPUS_TYPE } from '../router/negotiated-media.ts';
import { SIMULCAST } from '../router/publisher.ts';
import { text, uint16 } from '../router/rtp-writer.ts';
import { Vp8Encoding } from '../router/vp8-encoding.ts';

/** Opus at 32 kb/s, 20 ms a packet. */
const SOUND = new Uint8Array(80);
/** Loud enough to be a speaker, in −dBov, with the voice bit (RFC 6464). */
const LEVEL = Uint8Array.of(0x80 | 30);

export class Camera {
  readonly path: SendPath;
  readonly microphone: RtpStream;
  readonly encodings: readonly Vp8Encoding[];
  /** By sequence number: when sound was said. */
  readonly saidMs = new Map<number, number>();
  /** Frames that were not encoded because the way was full. */
  skipped = 0;
  #nowMs = 0;

  constructor(chance: Chance, carrier: SendCarrier, send: (packet: Uint8Array) => void) {
    this.path = new SendPath(carrier, send);
    this.microphone = new RtpStream({
      ssrc: MICROPHONE_SSRC,
      payloadType: OPUS_TYPE,
      clockRateHz: 48_000,
      extensions: [[EXTENSIONS.mid, text('mic')]],
      random: chance.uniform(),
    });
    this.encodings = SIMULCAST.map((options, number) => {
      const encoding = new Vp8Encoding({ ...options, number, ssrc: CAMERA_SSRC + number }, chance, (make) => {
        const packet = readRtp(make({ id: EXTENSIONS.transportSequenceNumber, bytes: uint16(0) }));
        if (packet === undefined) return;
        // A tunnelled client numbers nothing: the tunnel tells what has arrived.
        const extensions = new Map(packet.extensions);
        extensions.delete(EXTENSIONS.transportSequenceNumber);
        this.path.pushPicture(this.#nowMs, { ...packet, extensions });
      });
      encoding.active = false;
      return encoding;
    });
  }

  get sentBps(): number {
    return this.encodings.reduce((sum, { active, bitrateBps }) => sum + (active ? bitrateBps : 0), 0);
  }

  speak(nowMs: number): void {
    this.path.sendSound(nowMs, () => {
      const packet = this.microphone.next(nowMs, SOUND, false, [[EXTENSIONS.audioLevel, LEVEL]]);
      this.saidMs.set(packet.sequenceNumber, nowMs);
      return packet;
    });
  }

  /** Once a frame interval. */
  encode(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.path.isFull(nowMs)) {
      this.skipped++;
      return;
    }
    for (const encoding of this.encodings) encoding.encode(nowMs * 1000);
  }

  poll(nowMs: number): void {
    const uplinkBps = this.path.poll(nowMs);
    const wishes = this.encodings.map(({ options }) => ({ isActive: true, mostBps: options.bitrateBps }));
    const plan = planBitrates(
      uplinkBps,
      wishes,
      this.encodings.map(({ active }) => active),
    );
    for (const [i, encoding] of this.encodings.entries()) {
      encoding.bitrateBps = plan[i] ?? 0;
      encoding.active = encoding.bitrateBps > 0;
    }
  }

  handleKeyFrameRequest(ssrc: number): void {
    this.encodings.find(({ options }) => options.ssrc === ssrc)?.requestKeyFrame();
  }
}
