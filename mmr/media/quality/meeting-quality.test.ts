import { expect, test } from 'vitest';
import type { MeetingId } from '../../../common/ids.ts';
import type { MeetingParticipant } from '../meeting-participant.ts';
import { MeetingQuality } from './meeting-quality.ts';
import { QUALITY_INTERVAL_US } from './quality.ts';

/** Somebody whose connection is another each time it is looked at. */
class Wavering {
  readonly id: string;
  connected = true;
  updates = 0;
  readonly quality = {
    nextUs: 0,
    update: (nowUs: number) => {
      this.updates++;
      this.quality.nextUs = nowUs + QUALITY_INTERVAL_US;
    },
    takeNews: () => ({ participant: this.id, uplink: this.updates % 100, downlink: undefined }),
  };

  constructor(id: string) {
    this.id = id;
  }
  get asParticipant(): MeetingParticipant {
    return this as unknown as MeetingParticipant; // All that is read of one.
  }
}

function meeting(count: number) {
  const messages: { atUs: number; told: string[] }[] = [];
  let nowUs = 0;
  const qualityChanged = (_id: MeetingId, qualities: readonly { readonly participant: string }[]): void => {
    messages.push({ atUs: nowUs, told: qualities.map(({ participant }) => participant) });
  };
  const quality = new MeetingQuality('m' as MeetingId, { qualityChanged }, () => false);
  const people = Array.from({ length: count }, (_, i) => new Wavering(`p${i}`));
  for (const person of people) quality.add(person.asParticipant);
  const run = (seconds: number): void => {
    for (const endUs = nowUs + seconds * 1e6; nowUs < endUs; nowUs += 10_000) {
      if (quality.nextTimeoutUs() <= nowUs) quality.handleTimeout(nowUs);
    }
  };
  return { messages, people, quality, run };
}

test('a thousand who waver: a message every two seconds, fifty in each, and everybody’s turn comes', () => {
  const { messages, people, run } = meeting(1000);
  run(41);
  expect(Math.max(...messages.map(({ told }) => told.length))).toBe(50);
  for (const [i, { atUs }] of messages.entries()) {
    expect(atUs - (messages[i - 1]?.atUs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(QUALITY_INTERVAL_US);
  }
  expect(new Set(messages.flatMap(({ told }) => told)).size).toBe(1000);
  const updates = people.map((person) => person.updates);
  expect([Math.min(...updates), Math.max(...updates)]).toEqual([20, 21]);
});

test('who leaves is looked at no more, and the others are not passed over for it', () => {
  const { people, quality, run } = meeting(7);
  run(5);
  const before = people.map((person) => person.updates);
  for (const person of people.slice(0, 5)) quality.remove(person.asParticipant);
  run(10);
  const after = people.map((person, i) => person.updates - (before[i] ?? 0));
  expect(after.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(Math.min(...after.slice(5))).toBeGreaterThanOrEqual(4);
  for (const person of people) quality.remove(person.asParticipant);
  run(3);
});
