import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EgressGate } from '../egress/egress-gate.ts';
import { EGRESS_CAPACITY, EGRESS_WORDS, EgressPlan } from '../egress/egress-plan.ts';
import { HeaderMapping } from '../egress/header-mapping.ts';
import { Retransmitter } from '../egress/retransmitter.ts';
import { Segment } from '../egress/segment.ts';
import { Slot } from '../egress/slot.ts';
import { StoredPackets } from '../egress/stored-packets.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { FanOut } from './fan-out.ts';
import { IncomingPacket } from './incoming-packet.ts';
import { Placement } from './placement.ts';
import type { PlanRoom } from './plan-room.ts';

const mapping = new HeaderMapping(labMedia().extensions);
const store = { store: new Uint8Array(0), generation: () => 0 };
const gate = new EgressGate();
const retransmitter = new Retransmitter(
  new StoredPackets(store),
  { retransmitted: 0, retransmissionsRefused: 0 },
  gate,
);
const codecs = labMedia().slots[0]?.codecs ?? [];

function slotOf(ssrc: number): Slot {
  return new Slot({ mid: 'v', kind: 'video', codecs, ssrc, nack: true }, ssrc, mapping, retransmitter);
}

function roomOf(plan: EgressPlan): PlanRoom {
  return { plan, gate, stored: new StoredPackets(store), nowUs: 0, makeRoom: () => {} };
}

/** A segment that adds these; payload type 96. */
function segmentOf(timestampOffset: number, indexOffset: number, more: Partial<Segment> = {}): Segment {
  return Object.assign(new Segment(), { payloadType: 96, timestampOffset, indexOffset, ...more });
}

function send(fanOut: FanOut, plan: EgressPlan, index: number, timestamp = 0): number {
  const packet = new IncomingPacket();
  packet.header.timestamp = timestamp;
  packet.header.payloadSize = 10;
  const placement = new Placement();
  placement.index = index;
  return fanOut.send(packet, placement, roomOf(plan));
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
    fanOut.add(slotOf(0xfffffff0), segmentOf(by, offset), 0);
    send(fanOut, plan, index, timestamp);
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
            fanOut.add(slot, segmentOf(ssrc, ssrc), 0);
            present.push(slot);
          } else {
            const [slot] = present.splice(step % Math.max(1, present.length), 1);
            if (slot !== undefined) fanOut.remove(slot.row);
          }
        }
        const plan = new EgressPlan();
        send(fanOut, plan, 100);
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
    fanOut.add(slotOf(1), segmentOf(0, 0), 10);
    fanOut.add(slotOf(2), segmentOf(0, 0), 20);
    for (const index of [9, 15, 20]) send(fanOut, plan, index);
    expect(records(plan).map(({ ssrc, low }) => [ssrc, low])).toEqual([
      [1, 15],
      [1, 20],
      [2, 20],
    ]);
  });

  test('a full one fits an empty plan', () => {
    const plan = new EgressPlan();
    const fanOut = new FanOut(mapping);
    for (let i = 1; i <= EGRESS_CAPACITY; i++) fanOut.add(slotOf(i), segmentOf(0, 0), 0);
    expect(plan.hasRoom(fanOut.count, 0)).toBe(true);
    send(fanOut, plan, 1);
    expect(plan.count).toBe(EGRESS_CAPACITY);
  });
});
