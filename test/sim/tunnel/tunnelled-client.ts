/** A page that takes part by the tunnel: its real session, carriers, and code for media, without a browser's codecs. Made while the globals are virtual. */
import type { CarrierKind } from '../../../client/tunnel/carriers/session-carrier.ts';
import { TunnelSession } from '../../../client/tunnel/carriers/tunnel-session.ts';
import { type Leg, Legs } from '../../../client/tunnel/leg.ts';
import { RtcpTimes } from '../../../client/tunnel/rtcp-times.ts';
import { writeReports } from '../../../client/tunnel/rtp/reports.ts';
import { type RtcpMessage, readRtcp } from '../../../client/tunnel/rtp/rtcp-reader.ts';
import { writePictureLoss } from '../../../client/tunnel/rtp/rtcp-writer.ts';
import { isRtcp, readRtp } from '../../../client/tunnel/rtp/rtp-packet.ts';
import { AUDIO_SLOT_SSRC, MICROPHONE_SSRC, VIDEO_SLOT_SSRC } from '../router/negotiated-media.ts';
import { FRAMES_PER_SECOND } from '../router/vp8-encoding.ts';
import type { World } from '../world.ts';
import { Camera } from './camera.ts';
import { PictureSlot } from './picture-slot.ts';
import { READ_MS, SoundSlot } from './sound-slot.ts';

/** Of the page's timer. */
const LOOK_MS = 40;
const ORIGIN = 'https://tunnel.example';

export class TunnelledClient {
  readonly sound = new SoundSlot();
  readonly picture = new PictureSlot();
  readonly camera: Camera;
  readonly session: TunnelSession;
  /** Times at which the carrier was lost. */
  interruptions = 0;
  readonly #world: World;
  readonly #leg: Leg;
  /** When a packet left the router. */
  readonly #sentMs: (ssrc: number, sequenceNumber: number) => number;
  readonly #times = new RtcpTimes();

  constructor(world: World, carrier: CarrierKind, sentMs: (ssrc: number, sequenceNumber: number) => number) {
    this.#world = world;
    this.#sentMs = sentMs;
    this.session = new TunnelSession({ url: ORIGIN, ticket: 'ben', carriers: [carrier] });
    this.#leg = new Legs(this.session).take();
    this.#leg.onPacket = (packet) => this.#handlePacket(packet);
    this.#leg.onState = () => {
      if (this.#leg.isInterrupted) this.interruptions++;
    };
    this.camera = new Camera(world.chance('ben camera'), this.#leg.carrier, (packet) => this.#leg.send(packet));
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const credentials = await this.#leg.open();
    this.#leg.connect([{ address: '192.0.2.1', port: 5000 }], credentials);
    const world = this.#world;
    const each = (everyMs: number, action: (nowMs: number) => void) =>
      world.every(everyMs * 1000, world.nowUs, () => action(world.nowUs / 1000));
    each(20, (nowMs) => this.camera.speak(nowMs));
    each(1000 / FRAMES_PER_SECOND, (nowMs) => this.camera.encode(nowMs));
    each(READ_MS, (nowMs) => {
      this.sound.listen(nowMs);
      this.picture.show(nowMs);
    });
    each(LOOK_MS, (nowMs) => this.#look(nowMs));
  }

  #handlePacket(bytes: Uint8Array): void {
    const nowMs = performance.now();
    if (isRtcp(bytes)) for (const message of readRtcp(bytes) ?? []) this.#handleRtcp(nowMs, message);
    else this.#handleMedia(nowMs, bytes);
    this.#look(nowMs);
  }

  #handleMedia(nowMs: number, bytes: Uint8Array): void {
    const packet = readRtp(bytes);
    if (packet === undefined) return;
    const slot =
      packet.ssrc === AUDIO_SLOT_SSRC ? this.sound : packet.ssrc === VIDEO_SLOT_SSRC ? this.picture : undefined;
    slot?.handlePacket(nowMs, packet, bytes.length, this.#sentMs(packet.ssrc, packet.sequenceNumber));
  }

  #handleRtcp(nowMs: number, message: RtcpMessage): void {
    const { camera } = this;
    switch (message.type) {
      case 'senderReport':
        for (const slot of [this.sound, this.picture])
          slot.reception?.handleSenderReport(nowMs, message.ntp, message.timestamp);
        break;
      case 'keyFrame':
        camera.handleKeyFrameRequest(message.ssrc);
        break;
      case 'remb':
        camera.path.estimate.handleRemb(message.bitrateBps);
        break;
    }
  }

  /** As TunnelMediaConnection. */
  #look(nowMs: number): void {
    const { camera } = this;
    if (this.#leg.state !== 'connected') return;
    const { isLook, isReport } = this.#times.due(nowMs);
    if (isReport) {
      const blocks = [this.sound, this.picture].flatMap(({ reception }) => reception?.takeBlock(nowMs) ?? []);
      for (const packet of writeReports(nowMs, 0, [camera.microphone], blocks, 'ben')) this.#leg.send(packet);
    }
    if (!isLook) return;
    this.sound.poll(nowMs);
    if (this.picture.poll(nowMs)) this.#leg.send(writePictureLoss(MICROPHONE_SSRC, VIDEO_SLOT_SSRC));
    camera.poll(nowMs);
  }
}
