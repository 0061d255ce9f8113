/** The simulated camera and the simulated receiver against each other, without a router: do they notice what goes wrong? */
import { describe, expect, test } from 'vitest';
import { parseRtpHeader, RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { Chance } from '../network/chance.ts';
import { CAMERA_SSRC, RTX_TYPE } from './negotiated-media.ts';
import { uint16 } from './rtp-writer.ts';
import { VideoReceiver } from './video-receiver.ts';
import { Vp8Encoding } from './vp8-encoding.ts';

const FRAME_US = 33_333;

interface Options {
  /** Whether a packet is lost on its way, by how many were sent before it. */
  readonly loses?: (n: number) => boolean;
  readonly answersNacks?: boolean;
  readonly answersPli?: boolean;
  /** Changes a packet on its way; undefined: takes it out. */
  readonly rewrite?: (packet: Uint8Array) => Uint8Array | undefined;
  readonly seconds?: number;
}

function call(options: Options) {
  const receiver = new VideoReceiver();
  const header = new RtpHeader();
  let nowUs = 0;
  let sent = 0;
  const encoding = new Vp8Encoding(
    { rid: '', number: 0, ssrc: CAMERA_SSRC, width: 640, height: 360, bitrateBps: 500_000 },
    new Chance(1, 'camera'),
    (make) => {
      const packet = make({ id: 3, bytes: uint16(0) });
      if (options.loses?.(sent++) === true) return;
      const arriving = options.rewrite === undefined ? packet : options.rewrite(packet);
      if (arriving === undefined) return;
      parseRtpHeader(arriving, 0, arriving.length, header);
      const { payloadType, timestamp, marker, payloadOffset: at, payloadSize: size } = header;
      if (payloadType === RTX_TYPE) {
        const original = ((arriving[at] as number) << 8) | (arriving[at + 1] as number);
        receiver.handlePacket(nowUs, original, timestamp, marker, arriving, at + 2, size - 2, true);
      } else {
        receiver.handlePacket(nowUs, header.sequenceNumber, timestamp, marker, arriving, at, size, false);
      }
    },
  );
  for (; nowUs < (options.seconds ?? 10) * 1e6; nowUs += FRAME_US) {
    for (const sequence of receiver.nack.due(nowUs)) {
      if (options.answersNacks !== false) encoding.repair(sequence & 0xffff);
    }
    if (receiver.needsKeyFrame(nowUs) && options.answersPli !== false) encoding.requestKeyFrame();
    encoding.encode(nowUs);
  }
  return { receiver, encoding };
}

describe('a camera and a receiver', () => {
  test('nothing lost: every frame is shown, none freezes', () => {
    const { receiver, encoding } = call({});
    expect(receiver.meter.frames).toBe(encoding.framesSent);
    expect(receiver.meter.freezes).toEqual([]);
    expect(receiver.faults).toEqual([]);
    expect(receiver.shown).toEqual([76, 75, 150, 0]);
    expect(receiver.height).toBe(360);
  });

  test('the rate is what was asked for', () => {
    const { encoding } = call({ seconds: 30 });
    // The first key frame costs five frames more.
    expect(encoding.octetsSent * 8).toBeGreaterThan(30 * 500_000 * 0.95);
    expect(encoding.octetsSent * 8).toBeLessThan(30 * 500_000 * 1.05 + 5 * 16_667);
  });

  test('losses are asked for and repaired', () => {
    const { receiver } = call({ loses: (n) => n % 20 === 7 });
    expect(receiver.nack.asked).toBeGreaterThan(10);
    expect(receiver.missing).toBeLessThanOrEqual(2);
    expect(receiver.faults).toEqual([]);
  });

  test('a base frame lost for good stops the picture until a key frame is asked for', () => {
    const { receiver, encoding } = call({ loses: (n) => n >= 200 && n < 230, answersNacks: false });
    expect(encoding.keyFramesSent).toBe(2);
    expect(receiver.meter.longestMs()).toBeGreaterThan(2900);
    expect(receiver.meter.longestMs()).toBeLessThan(3500);
    expect(receiver.meter.frames).toBeGreaterThan(180);
  });
});

describe('what a router could do wrong is noticed', () => {
  test('a packet taken out and the numbers closed', () => {
    let taken = 0;
    let packets = 0;
    const { receiver } = call({
      rewrite: (packet) => {
        const view = new DataView(packet.buffer);
        view.setUint16(2, (view.getUint16(2) - taken) & 0xffff);
        const isMiddle = (packet[1] as number) < 0x80 && ((packet[20] as number) & 0x10) === 0;
        if (taken === 0 && isMiddle && packets++ > 2) {
          taken = 1;
          return undefined;
        }
        return packet;
      },
    });
    expect(taken).toBe(1);
    expect(receiver.faults[0]).toContain('parts');
  });

  test('a base frame taken out and all numbers closed', () => {
    let closed = 0;
    let packets = 0;
    let victim = -1;
    const { receiver } = call({
      rewrite: (packet) => {
        const view = new DataView(packet.buffer);
        const pictureId = view.getUint16(22) & 0x7fff;
        const base = (packet[25] as number) >>> 6 === 0;
        if (packets++ > 100 && victim < 0 && base && ((packet[20] as number) & 0x10) !== 0) victim = pictureId;
        if (pictureId === victim) {
          closed++;
          return undefined;
        }
        view.setUint16(2, (view.getUint16(2) - closed) & 0xffff);
        if (victim < 0) return packet;
        view.setUint16(22, 0x8000 | ((pictureId - 1) & 0x7fff));
        packet[24] = ((packet[24] as number) - 1) & 0xff;
        return packet;
      },
    });
    expect(closed).toBeGreaterThan(0);
    expect(receiver.faults[0]).toContain('after base');
  });
});
