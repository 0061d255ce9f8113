import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import { DropReason } from '../drop-reason.ts';
import { EgressGate } from '../egress/egress-gate.ts';
import { EgressPlan } from '../egress/egress-plan.ts';
import { HeaderMapping } from '../egress/header-mapping.ts';
import { Retransmitter } from '../egress/retransmitter.ts';
import { Slot } from '../egress/slot.ts';
import { StoredPackets } from '../egress/stored-packets.ts';
import { IngressStream } from '../ingress/ingress-stream.ts';
import type { NegotiatedSource } from '../negotiated.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from '../packet-path-test-rtp.ts';
import { parseRtpHeader } from '../rtp/rtp-header.ts';
import { type Encoding, MAX_SEQUENCE_GAP } from './encoding.ts';
import { IncomingPacket } from './incoming-packet.ts';
import type { PlanRoom } from './plan-room.ts';
import { SEEN_PACKETS } from './seen-window.ts';
import { Source } from './source.ts';

const VP9 = { name: 'VP9', payloadType: 98, clockRateHz: 90_000, key: 'VP9/0' } as const;
const { extensions, slots, sources } = labMedia();
const store = { store: new Uint8Array(0), generation: () => 0 };

/** A camera that sends VP8 (96) or VP9 (98), without SRTP in front: indices come as the test likes. */
class Scene implements PlanRoom {
  readonly plan = new EgressPlan();
  readonly gate = new EgressGate();
  readonly stored = new StoredPackets(store);
  readonly source: Source;
  readonly encoding: Encoding;
  readonly stream: IngressStream;
  readonly #packet = new IncomingPacket();
  nowUs = 1_000_000;

  constructor() {
    const [, camera] = sources;
    if (camera === undefined) throw new Error('the lab has no camera');
    const negotiated: NegotiatedSource = { ...camera, codecs: [...camera.codecs, VP9] };
    this.source = new Source('ann' as ParticipantId, negotiated, extensions);
    this.stream = new IngressStream(101, negotiated);
    const encoding = this.source.encodingOf(this.stream, this.nowUs);
    if (encoding === undefined) throw new Error('the camera has no encoding');
    this.encoding = encoding;
  }
  makeRoom(): void {}
  slot(ssrc = 5000): Slot {
    const [, , video] = slots;
    if (video === undefined) throw new Error('the lab has no video slot');
    const retransmitter = new Retransmitter(
      new StoredPackets(store),
      { retransmitted: 0, retransmissionsRefused: 0 },
      this.gate,
    );
    const slot = new Slot({ ...video, ssrc }, 1, new HeaderMapping(extensions), retransmitter);
    this.source.attach(this.nowUs, slot);
    return slot;
  }
  send(index: number, payload: readonly number[] = VP8_DELTA, payloadType = 96): DropReason {
    const packet = this.#packet;
    packet.bytes = rtpPacket({
      ssrc: 101,
      sequenceNumber: index & 0xffff,
      timestamp: index * 10,
      payload,
      payloadType,
    });
    packet.sizeBytes = packet.bytes.length;
    packet.index = index;
    packet.arrivalUs = this.nowUs;
    parseRtpHeader(packet.bytes, 0, packet.sizeBytes, packet.header);
    return this.source.handlePacket(packet, this.encoding, this);
  }
}

describe('a source takes each number once', () => {
  test('a duplicate is dropped even when SRTP let it through', () => {
    const scene = new Scene();
    scene.slot();
    expect([scene.send(10, VP8_KEY), scene.send(11), scene.send(11), scene.send(10)]).toEqual([
      DropReason.none,
      DropReason.none,
      DropReason.duplicate,
      DropReason.duplicate,
    ]);
    expect(scene.plan.count).toBe(2);
  });

  test('what is older than the history is dropped: nobody could tell whether it is a duplicate', () => {
    const scene = new Scene();
    scene.slot();
    scene.send(0, VP8_KEY);
    for (let index = 2; index <= SEEN_PACKETS + 2; index += 2) scene.send(index);
    expect(scene.send(3)).toBe(DropReason.none);
    expect(scene.send(1)).toBe(DropReason.tooOld);
  });

  test('packets of before a restart are dropped after it', () => {
    const scene = new Scene();
    scene.slot();
    scene.send(10, VP8_KEY);
    const restart = 20 + MAX_SEQUENCE_GAP;
    expect(scene.send(restart, VP8_KEY)).toBe(DropReason.none);
    expect(scene.send(restart - 1)).toBe(DropReason.tooOld);
    expect(scene.plan.count).toBe(2);
  });

  test('nor does a slot enter by one of them', () => {
    const scene = new Scene();
    scene.send(10);
    const restart = 20 + MAX_SEQUENCE_GAP;
    scene.send(restart);
    scene.slot();
    expect(scene.send(restart - 1, VP8_KEY)).toBe(DropReason.tooOld);
    expect(scene.send(restart + 1, VP8_KEY)).toBe(DropReason.none);
  });

  test('a packet that every slot started after counts as too old, not as forwarded', () => {
    const scene = new Scene();
    scene.send(10, VP8_KEY);
    const slot = scene.slot();
    scene.send(12, [...VP8_KEY]);
    expect(scene.send(11)).toBe(DropReason.tooOld);
    expect([slot.packetsSent, slot.payloadBytesSent]).toEqual([1, VP8_KEY.length]);
  });
});

describe('points of entry', () => {
  test('another codec is a new beginning, for slots whose receiver has it', () => {
    const scene = new Scene();
    scene.slot();
    scene.send(10, VP8_KEY);
    const asked = scene.stream.keyframeRequest.asked;
    expect(scene.send(11, [0x08, 0], 98)).toBe(DropReason.awaitingKeyframe); // a VP9 key frame, but vic has no VP9
    expect(scene.stream.keyframeRequest.asked).toBeGreaterThan(asked);
    expect(scene.send(12, VP8_DELTA)).toBe(DropReason.awaitingKeyframe);
    expect(scene.send(13, VP8_KEY)).toBe(DropReason.none);
    expect(scene.plan.count).toBe(2);
  });

  test('a waiting slot asks again each second, not each packet', () => {
    const scene = new Scene();
    scene.slot();
    const asked = scene.stream.keyframeRequest.asked;
    for (let index = 0; index < 100; index++) {
      scene.send(index);
      scene.nowUs += 33_000;
    }
    expect(scene.stream.keyframeRequest.asked - asked).toBeLessThanOrEqual(5);
    expect(scene.stream.keyframeRequest.asked - asked).toBeGreaterThanOrEqual(3);
  });

  test('a detached slot gets nothing more, waiting or live', () => {
    const scene = new Scene();
    const waiting = scene.slot(1);
    scene.source.detach(waiting);
    const live = scene.slot(2);
    scene.send(10, VP8_KEY);
    scene.source.detach(live);
    expect(scene.send(11)).toBe(DropReason.noReceiver);
    expect([scene.plan.count, scene.source.live, scene.source.waiting]).toEqual([1, 0, 0]);
  });

  test('the parts of one key frame count once', () => {
    const scene = new Scene();
    scene.send(10, VP8_KEY);
    expect(scene.stream.keyframes).toBe(1);
  });
});
