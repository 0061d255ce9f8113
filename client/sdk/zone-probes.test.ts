import { expect, test } from 'vitest';
import { checksIn } from './zone-probes.ts';

const pair = (responsesReceived?: number, currentRoundTripTime?: number) => ({
  type: 'candidate-pair' as const,
  ...(responsesReceived !== undefined && { responsesReceived }),
  ...(currentRoundTripTime !== undefined && { currentRoundTripTime }),
});

test('no answer is no round trip', () => {
  expect(checksIn([])).toEqual({ answers: 0, roundTripMs: undefined });
  expect(checksIn([pair(), pair(0)])).toEqual({ answers: 0, roundTripMs: undefined });
});

test('Firefox: pairs without an answer have a round trip of 0, which is none', () => {
  expect(checksIn([pair(0, 0), pair(1, 0.044), pair(0, 0)])).toEqual({ answers: 1, roundTripMs: 44 });
});

test('Chromium: pairs without an answer have no round trip; of those that were answered, the shortest counts', () => {
  const transport = { type: 'transport' as const, responsesReceived: 9, currentRoundTripTime: 0.001 };
  expect(checksIn([transport, pair(0), pair(2, 0.081), pair(1, 0.09)])).toEqual({ answers: 3, roundTripMs: 81 });
});
