import { describe, expect, test } from 'vitest';
import { PictureLossIndication, RtcpPayloadSpecificFeedback, RtpHeader, RtpPacket } from 'werift-rtp';
import { packetizeVp8 } from './frame-sources.ts';
import { requestsKeyframe } from './headless-media.ts';
import { SlotReceiver } from './slot-receiver.ts';
import { VP8_INTER_FRAME, VP8_KEY_FRAME } from './vp8-frames.ts';

interface Fields {
  readonly sequenceNumber: number;
  readonly timestamp?: number;
  readonly payload?: Uint8Array;
  readonly ssrc?: number;
  readonly csrc?: number[];
}

/** Written by werift: another implementation. */
function packet({ sequenceNumber, timestamp = 0, payload = Uint8Array.of(1), ssrc = 5, csrc = [] }: Fields): Buffer {
  const header = new RtpHeader({ payloadType: 96, sequenceNumber, timestamp, ssrc, csrc, csrcLength: csrc.length });
  return new RtpPacket(header, Buffer.from(payload)).serialize();
}

function receive(...all: Fields[]) {
  const receiver = new SlotReceiver('9', (payloadType) => payloadType === 96);
  for (const [i, fields] of all.entries()) receiver.handleRtp(i * 20, packet(fields));
  return receiver.counters();
}

describe('SlotReceiver', () => {
  test.each([
    ['in order over the wrap', [65534, 65535, 0, 1], { missing: 0, late: 0, duplicates: 0 }],
    ['two missing', [10, 13], { missing: 2, late: 0, duplicates: 0 }],
    ['missing over the wrap', [65535, 2], { missing: 2, late: 0, duplicates: 0 }],
    ['one that comes late is not missing', [10, 12, 11, 13], { missing: 0, late: 1, duplicates: 0 }],
    ['the newest twice', [10, 11, 11], { missing: 0, late: 0, duplicates: 1 }],
  ])('%s', (_name, sequenceNumbers, expected) => {
    const counters = receive(...sequenceNumbers.map((sequenceNumber) => ({ sequenceNumber })));
    expect(counters).toMatchObject({ ...expected, packets: sequenceNumbers.length, mid: '9' });
  });

  test('timestamps: over the wrap is onward, back is counted', () => {
    const at = (sequenceNumber: number, timestamp: number): Fields => ({ sequenceNumber, timestamp });
    expect(receive(at(1, 2 ** 32 - 10), at(2, 10)).timestampRegressions).toBe(0);
    expect(receive(at(1, 1000), at(2, 999)).timestampRegressions).toBe(1);
  });

  test('SSRCs, the newest CSRC, the longest gap, malformed packets', () => {
    const receiver = new SlotReceiver('9', () => false);
    receiver.handleRtp(0, packet({ sequenceNumber: 1, csrc: [77] }));
    receiver.handleRtp(500, packet({ sequenceNumber: 2, ssrc: 6, csrc: [88] }));
    receiver.handleRtp(510, Buffer.from([0x80, 96]));
    expect(receiver.counters()).toMatchObject({ ssrcs: [5, 6], csrc: 88, longestGapMs: 500, malformed: 1, packets: 2 });
  });

  test('key frames of VP8: once per frame, at its first packet', () => {
    const payloads = [
      ...packetizeVp8(VP8_KEY_FRAME, 1),
      ...packetizeVp8(VP8_INTER_FRAME, 2),
      ...packetizeVp8(VP8_KEY_FRAME, 3),
    ];
    expect(receive(...payloads.map((payload, sequenceNumber) => ({ payload, sequenceNumber }))).keyframes).toBe(2);
  });
});

describe('requestsKeyframe', () => {
  const pli = new RtcpPayloadSpecificFeedback({
    feedback: new PictureLossIndication({ senderSsrc: 1, mediaSsrc: 42 }),
  });
  // RFC 5104 section 4.3.1.1: FMT 4, no media SSRC, one entry for SSRC 42 with command number 1.
  const fir = Buffer.from('84ce0004 00000001 00000000 0000002a 01000000'.replaceAll(' ', ''), 'hex');

  test.each([
    ['PLI', pli.serialize()],
    ['FIR', fir],
    ['PLI behind another packet', Buffer.concat([Buffer.from('80c90001000000ff', 'hex'), pli.serialize()])],
  ])('%s for this SSRC, not for another', (_name, compound) => {
    expect(requestsKeyframe(compound, 42)).toBe(true);
    expect(requestsKeyframe(compound, 43)).toBe(false);
  });

  test('cut packets are none', () => {
    const compound = fir;
    for (let size = 0; size < compound.length; size++) {
      expect(requestsKeyframe(compound.subarray(0, size), 42)).toBe(false);
    }
  });
});
