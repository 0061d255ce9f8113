import { expect, test } from 'vitest';
import { AudioReceiver } from './audio-receiver.ts';

/** Packets sent each 20 ms; `arrivalsMs` of number 0, 1, 2 and so on, undefined: lost. */
function received(...arrivalsMs: (number | undefined)[]): AudioReceiver {
  const receiver = new AudioReceiver();
  for (const [i, ms] of arrivalsMs.entries()) {
    if (ms !== undefined) receiver.handlePacket(ms * 1000, 100 + i, i * 20_000);
  }
  return receiver;
}

test('a gap counts when it is longer than jitter, within the time that is looked at', () => {
  const receiver = received(30, 50, 250, 251, 271, 400);
  expect(receiver.longestGapMs()).toBe(200);
  expect(receiver.longestGapMs(260_000)).toBe(129);
  expect(received(30, 50, 90).longestGapMs()).toBe(0);
});

test('a gap belongs to the packet that ended it: what left the router before does not count', () => {
  const receiver = received(30, 50, 250, 251, undefined, 400);
  expect(receiver.longestGapSentMs(40_000)).toBe(200);
  expect(receiver.longestGapSentMs(40_001)).toBe(149);
  expect(receiver.longestGapSentMs(100_001)).toBe(0);
});

test('silence until the end counts whenever it is asked for', () => {
  const receiver = received(30, 50);
  receiver.end(1_050_000);
  expect(receiver.longestGapSentMs(900_000)).toBe(1000);
});
