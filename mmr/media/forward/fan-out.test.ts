import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EGRESS_CAPACITY, EGRESS_WORDS, EgressPlan } from '../egress/egress-plan.ts';
import { HeaderMapping } from '../egress/header-mapping.ts';
import { Retransmitter } from '../egress/retransmitter.ts';
import { Slot } from '../egress/slot.ts';
import { labMedia } from '../packet-path-test-lab.ts';
import { FanOut } from './fan-out.ts';
import { IncomingPacket } from './incoming-packet.ts';

const mapping = new HeaderMapping(labMedia().extensions);
const retransmitter = new Retransmitter(
  { store: new Uint8Array(0), generation: () => 0 },
  { retransmitted: 0, retransmissionsRefused: 0 },
);
const codecs = labMedia().slots[0]?.codecs ?? [];

function slotOf(ssrc: number): Slot {
  return new Slot({ mid: 'v', kind: 'video', codecs, ssrc }, ssrc, mapping, retransmitter);
}

function packetOf(index: number, timestamp = 0): IncomingPacket {
  const packet = new IncomingPacket();
  packet.index = index;
  packet.header.timestamp = timestamp;
  packet.header.payloadSize = 10;
  return packet;
}

function records(plan: EgressPlan): { ssrc: number; low: number; timestamp: number; rolloverCounter: number }[] {
  return Array.from({ length: plan.count }, (_, i) => {
    const at = i * EGRESS_WORDS;
    return {
      ssrc: plan.words[at + 7] as number,
      low: (plan.words[at + 5] as number) & 0xffff,
      timestamp: plan.words[at + 6] as number,
      rolloverCounter: plan.words[at + 8] as number,
    };
  });
}

describe('fan-out', () => {
  test.each([
    { index: 0, offset: 5, timestamp: 0, by: 0, low: 5, rolloverCounter: 0, out: 0 },
    { index: 65_535, offset: 1, timestamp: 0xffffffff, by: 1, low: 0, rolloverCounter: 1, out: 0 },
    { index: 65_536, offset: -1, timestamp: 5, by: -6, low: 65_535, rolloverCounter: 0, out: 0xffffffff },
    { index: 2 ** 31, offset: 3, timestamp: 0x80000000, by: -0x80000000, low: 3, rolloverCounter: 32_768, out: 0 },
    { index: 2 ** 48 - 2, offset: 1, timestamp: 1, by: 2, low: 65_535, rolloverCounter: 0xffffffff, out: 3 },
  ])('numbers: $index + $offset', ({ index, offset, timestamp, by, low, rolloverCounter, out }) => {
    const plan = new EgressPlan();
    const fanOut = new FanOut(mapping);
    fanOut.add(slotOf(0xfffffff0), 1, 96, by, offset, 0);
    fanOut.send(packetOf(index, timestamp), plan);
    expect(records(plan)).toEqual([{ ssrc: 0xfffffff0, low, timestamp: out, rolloverCounter }]);
  });

  test('any adding and removing leaves each present slot with its own row', () => {
    const steps = fc.array(fc.oneof(fc.constant('add' as const), fc.nat(50)), { maxLength: 120 });
    fc.assert(
      fc.property(steps, (list) => {
        const fanOut = new FanOut(mapping);
        const present: Slot[] = [];
        let ssrc = 0;
        for (const step of list) {
          if (step === 'add') {
            const slot = slotOf(++ssrc);
            fanOut.add(slot, ssrc, 96, ssrc, ssrc, 0);
            present.push(slot);
          } else {
            const [slot] = present.splice(step % Math.max(1, present.length), 1);
            if (slot !== undefined) fanOut.remove(slot.row);
          }
        }
        const plan = new EgressPlan();
        fanOut.send(packetOf(100), plan);
        const expected = present.map((slot) => [slot.ssrc, 100 + slot.ssrc, slot.ssrc]);
        const sent = records(plan).map((record) => [record.ssrc, record.low, record.timestamp]);
        expect(sent.toSorted()).toEqual(expected.toSorted());
        for (const slot of present) expect(fanOut.slots[slot.row]).toBe(slot);
      }),
      { seed: 41, numRuns: 200 },
    );
  });

  test('a packet of before a slot’s start leaves that slot out', () => {
    const plan = new EgressPlan();
    const fanOut = new FanOut(mapping);
    fanOut.add(slotOf(1), 1, 96, 0, 0, 10);
    fanOut.add(slotOf(2), 2, 96, 0, 0, 20);
    for (const index of [9, 15, 20]) fanOut.send(packetOf(index), plan);
    expect(records(plan).map(({ ssrc, low }) => [ssrc, low])).toEqual([
      [1, 15],
      [1, 20],
      [2, 20],
    ]);
  });

  test('a full one fits an empty plan', () => {
    const plan = new EgressPlan();
    const fanOut = new FanOut(mapping);
    for (let i = 1; i <= EGRESS_CAPACITY; i++) fanOut.add(slotOf(i), i, 96, 0, 0, 0);
    expect(plan.hasRoom(fanOut.count, 0)).toBe(true);
    fanOut.send(packetOf(1), plan);
    expect(plan.count).toBe(EGRESS_CAPACITY);
  });
});
