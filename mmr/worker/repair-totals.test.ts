import { expect, test } from 'vitest';
import { type CountedParticipant, RepairTotals } from './repair-totals.ts';

interface Stream {
  keyframes: number;
  readonly nack: { requested: number; repaired: number };
  readonly keyframeRequest: { sent: number };
}

function makeStream(): Stream {
  return { keyframes: 0, nack: { requested: 0, repaired: 0 }, keyframeRequest: { sent: 0 } };
}

/** Only what is counted; the rest of a participant does not matter here. */
function makeParticipant(...streams: (Stream | undefined)[]) {
  const parts = {
    sources: [{ encodings: streams.map((stream) => ({ stream })) }],
    allocator: { changes: 0 },
    transport: { rtcp: { keyframesAsked: 0 } },
  };
  return { parts, participant: parts as unknown as CountedParticipant };
}

test('what happened since the last count is added, of every stream', () => {
  const totals = new RepairTotals();
  const [low, high] = [makeStream(), makeStream()];
  const { parts, participant } = makeParticipant(low, high, undefined);
  Object.assign(low, { keyframes: 2 });
  high.nack.requested = 5;
  high.nack.repaired = 4;
  totals.count([participant]);
  totals.count([participant]);
  low.keyframeRequest.sent = 1;
  parts.transport.rtcp.keyframesAsked = 3;
  parts.allocator.changes = 7;
  high.nack.requested = 6;
  totals.count([participant]);
  expect(totals.totals).toEqual({
    nacked: 6,
    repaired: 4,
    keyframes: 2,
    keyframesRequested: 1,
    keyframesAsked: 3,
    layerChanges: 7,
  });
});

test('sums do not fall when somebody leaves, or a stream begins anew', () => {
  const totals = new RepairTotals();
  const [first, second] = [makeStream(), makeStream()];
  first.keyframes = 10;
  second.keyframes = 20;
  const [one, two] = [makeParticipant(first), makeParticipant(second)];
  totals.count([one.participant, two.participant]);
  totals.count([two.participant]);
  expect(totals.totals.keyframes).toBe(30);
  second.keyframes = 1;
  totals.count([two.participant]);
  expect(totals.totals.keyframes).toBe(30);
  second.keyframes = 3;
  totals.count([two.participant]);
  expect(totals.totals.keyframes).toBe(32);
});
