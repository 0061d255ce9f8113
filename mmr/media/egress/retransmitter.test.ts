import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from '../packet-path-test-rtp.ts';
import { MAX_RESENDS } from './resend-ledger.ts';
import { ASKED_PER_SECOND, RESEND_BYTES_PER_SECOND } from './retransmitter.ts';
import type { Slot } from './slot.ts';

/** ann sends, vic watches in v0. */
function watched(storeSlots = 4096): { readonly lab: MediaWorkerLab; readonly slot: Slot } {
  const lab = new MediaWorkerLab({ storeSlots });
  lab.enter('vic', labMedia({ sources: [], audioSlots: 0, videoSlots: 1 }));
  lab.enter('ann', labMedia({ ssrc: 100, audioSlots: 0, videoSlots: 0 }));
  const slot = lab.registry.participants.get('vic' as ParticipantId)?.slots[0]?.slot;
  if (slot === undefined) throw new Error('vic has no slot');
  return { lab, slot };
}

function send(lab: MediaWorkerLab, from: number, count: number, payloadBytes = 4): void {
  for (let i = 0; i < count; i++) {
    const payload = [
      ...(i === 0 && from === 0 ? VP8_KEY : VP8_DELTA),
      ...new Array(payloadBytes).fill((from + i) & 0xff),
    ];
    const extensions = [{ id: 13, bytes: [2] }];
    lab.receive(
      'ann',
      rtpPacket({ ssrc: 101, sequenceNumber: from + i, timestamp: (from + i) * 90, payload, extensions }),
    );
  }
  lab.run();
}

function nack(lab: MediaWorkerLab, slot: Slot, packetId: number, bitmask = 0): void {
  slot.handleNack(lab.nowUs, packetId & 0xffff, bitmask, lab.path.makeTransportRoom());
  lab.path.flush();
}

describe('retransmission', () => {
  test('gives the same bytes under the same number', () => {
    const { lab, slot } = watched();
    send(lab, 0, 5);
    const sent = lab.takeRtp('vic');
    nack(lab, slot, (sent[1]?.index ?? 0) & 0xffff, 0b101);
    expect(lab.takeRtp('vic')).toEqual([sent[1], sent[2], sent[4]]);
    expect(lab.registry.retransmissions).toEqual({ retransmitted: 3, retransmissionsRefused: 0 });
  });

  test('does not reach back over a source change: the new picture would have to wait for it', () => {
    const { lab, slot } = watched();
    send(lab, 0, 5);
    const sent = lab.takeRtp('vic');
    lab.enter('ben', labMedia({ ssrc: 200, audioSlots: 0, videoSlots: 0 }));
    lab.mute('ann', 'camera', true);
    lab.advance(20);
    lab.receive('ben', rtpPacket({ ssrc: 201, sequenceNumber: 2, payload: VP8_KEY }));
    lab.run();
    expect(lab.takeRtp('vic')).toHaveLength(1);
    nack(lab, slot, (sent[3]?.index ?? 0) & 0xffff);
    expect(lab.takeRtp('vic')).toEqual([]);
  });

  test('of audio it does: every packet can be heard by itself', () => {
    const lab = new MediaWorkerLab();
    lab.enter('vic', labMedia({ sources: [], audioSlots: 1, videoSlots: 0 }));
    lab.enter('ann', labMedia({ ssrc: 100, audioSlots: 0, videoSlots: 0 }));
    lab.enter('ben', labMedia({ ssrc: 200, audioSlots: 0, videoSlots: 0 }));
    const slot = lab.registry.participants.get('vic' as ParticipantId)?.slots[0]?.slot;
    if (slot === undefined) throw new Error('vic has no slot');
    lab.receive('ann', rtpPacket({ ssrc: 100, sequenceNumber: 7, payloadType: 111, payload: [1, 2] }));
    lab.run();
    const sent = lab.takeRtp('vic');
    expect(sent).toHaveLength(1);
    lab.mute('ann', 'microphone', true);
    lab.advance(20);
    lab.receive('ben', rtpPacket({ ssrc: 200, sequenceNumber: 7, payloadType: 111, payload: [3, 4] }));
    lab.run();
    expect(lab.takeRtp('vic')).toHaveLength(1);
    nack(lab, slot, sent[0]?.index ?? 0);
    expect(lab.takeRtp('vic')).toEqual(sent);
  });

  test('tells the packets of two sources that used the same numbers apart', () => {
    const { lab, slot } = watched();
    send(lab, 0, 3);
    const mid = { id: 4, bytes: [...'camera'].map((letter) => letter.charCodeAt(0)) };
    lab.nowUs += 600_000;
    for (const sequenceNumber of [0, 1, 2]) {
      lab.receive(
        'ann',
        rtpPacket({ ssrc: 555, sequenceNumber, payload: [...VP8_KEY, 9], extensions: [mid], timestamp: 7 }),
      );
    }
    lab.run();
    const sent = lab.takeRtp('vic');
    expect(sent).toHaveLength(6);
    for (const packet of sent) nack(lab, slot, packet.index & 0xffff);
    expect(lab.takeRtp('vic')).toEqual(sent.slice(3));
  });

  test('refuses what was never sent: the future, the time before the key frame, a hole of the source', () => {
    const { lab, slot } = watched();
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 8, payload: VP8_DELTA }));
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 9, payload: VP8_KEY }));
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 12, payload: VP8_DELTA }));
    lab.run();
    const [first, last] = lab.takeRtp('vic');
    const asked = [(last?.index ?? 0) + 1, (first?.index ?? 0) - 1, (first?.index ?? 0) + 1, 40_000];
    for (const index of asked) nack(lab, slot, index);
    expect(lab.rtp).toEqual([]);
    expect(lab.registry.retransmissions).toEqual({ retransmitted: 0, retransmissionsRefused: asked.length });
  });

  test('refuses what the store has overwritten', () => {
    const { lab, slot } = watched(512);
    send(lab, 0, 600);
    const sent = lab.takeRtp('vic');
    nack(lab, slot, sent[10]?.index ?? 0);
    expect(lab.takeRtp('vic')).toEqual([]);
    expect(lab.registry.retransmissions).toEqual({ retransmitted: 0, retransmissionsRefused: 1 });
    nack(lab, slot, sent.at(-1)?.index ?? 0);
    expect(lab.takeRtp('vic')).toHaveLength(1);
  });

  test(`repeats a packet ${MAX_RESENDS} times, and not twice within a few milliseconds`, () => {
    const { lab, slot } = watched();
    send(lab, 0, 2);
    const index = lab.takeRtp('vic')[0]?.index ?? 0;
    nack(lab, slot, index);
    nack(lab, slot, index);
    expect(lab.takeRtp('vic')).toHaveLength(1);
    for (let i = 0; i < 10; i++) {
      lab.nowUs += 50_000;
      nack(lab, slot, index);
    }
    expect(lab.takeRtp('vic')).toHaveLength(MAX_RESENDS - 1);
  });

  test('a flood of NACKs gets its budget and no more, and asks the publisher for one key frame a second at most', () => {
    const { lab, slot } = watched();
    send(lab, 0, 900, 1000);
    lab.takeRtp('vic');
    lab.rtcp.length = 0;
    const asked = () =>
      lab.registry.participants.get('ann' as ParticipantId)?.sources[1]?.encodings[0]?.stream?.keyframeRequest.asked;
    const before = asked();
    for (let ms = 0; ms < 1000; ms += 10) {
      for (let first = 0; first < 900; first += 17) nack(lab, slot, slot.highestIndex - first, 0xffff);
      lab.nowUs += 10_000;
    }
    const bytes = lab.takeRtp('vic').reduce((sum, packet) => sum + packet.bytes.length, 0);
    expect(bytes).toBeLessThanOrEqual(RESEND_BYTES_PER_SECOND * 1.25);
    expect(bytes).toBeGreaterThan(0);
    const { retransmitted, retransmissionsRefused } = lab.registry.retransmissions;
    expect(retransmitted + retransmissionsRefused).toBeGreaterThan(ASKED_PER_SECOND);
    expect((asked() ?? 0) - (before ?? 0)).toBeLessThanOrEqual(1);
  });
});
