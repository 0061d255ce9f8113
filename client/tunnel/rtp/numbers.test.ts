import { expect, test } from 'vitest';
import { toNtp } from './ntp-time.ts';
import { NumberLine } from './number-line.ts';
import { Reception } from './reception.ts';
import { RoundTrip } from './round-trip.ts';

test.each<[8 | 16 | 32, number[], number[]]>([
  [16, [65_534, 65_535, 0, 1, 65_535], [0, 1, 2, 3, 1]],
  [16, [0, 65_535, 1], [0, -1, 1]],
  [8, [250, 4, 130, 255], [0, 10, 136, 261]],
  [32, [2 ** 32 - 1, 5, 2 ** 31], [0, 6, 2 ** 31 + 1]],
])('%i bits: %j', (bits, numbers, steps) => {
  const line = new NumberLine(bits);
  const placed = numbers.map((number) => line.place(number));
  const [first = 0] = placed;
  expect(placed.map((each) => each - first)).toEqual(steps);
});

test('a block tells of losses since the last one, and all of them', () => {
  const reception = new Reception(7, 90_000);
  for (const sequence of [65_533, 65_534, 1, 2]) reception.handlePacket(sequence, sequence, 0, 100);
  const block = reception.takeBlock(1_000);
  // 65533 to 2 are six, two of which did not come: 2/6 in 1/256.
  expect(block).toMatchObject({
    ssrc: 7,
    fractionLost: 85,
    cumulativeLost: 2,
    highestSequence: 0x10002,
    lastReport: 0,
  });
  reception.handlePacket(2_000, 3, 0, 100);
  expect(reception.takeBlock(2_000)).toMatchObject({ fractionLost: 0, cumulativeLost: 2 });
});

test('jitter is that of RFC 3550: none for an even stream, rising for an uneven one', () => {
  const even = new Reception(7, 90_000);
  for (let i = 0; i < 50; i++) even.handlePacket(i * 20, i, i * 1_800, 100);
  expect(even.jitterMs).toBeCloseTo(0, 6);
  const uneven = new Reception(7, 90_000);
  for (let i = 0; i < 200; i++) uneven.handlePacket(i * 20 + (i % 2) * 10, i, i * 1_800, 100);
  expect(uneven.jitterMs).toBeCloseTo(10, 0);
});

test('the round trip is what has passed since our report, less what the router kept it', () => {
  const roundTrip = new RoundTrip();
  const sentMs = 1_795_321_980_000;
  const reception = new Reception(7, 90_000);
  reception.handlePacket(0, 1, 0, 10);
  reception.handleSenderReport(5_000, toNtp(sentMs), 0);
  const block = reception.takeBlock(5_250);
  if (block !== undefined) roundTrip.handleBlock(sentMs + 250 + 80, block);
  expect(roundTrip.ms).toBeCloseTo(80, 0);
});
