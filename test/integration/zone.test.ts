/** A whole zone in one process, and people in it that share no code with the routers: node-datachannel's WebRTC. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { Up } from '../../zonectl/up.ts';

const FREE_PORTS = { port: 0, tunnelPort: 0, mediaPort: 0 };
const zone = new Up({ host: 'localhost', ...FREE_PORTS, announce: [], zones: 1, verbose: false });
let origin: string;
let link: URL;
const everyone: HeadlessParticipant[] = [];

beforeAll(async () => {
  const [up] = await zone.start();
  link = new URL(up?.link ?? '');
  origin = link.origin;
});

afterAll(async () => {
  for (const participant of everyone) participant.close();
  await zone.stop();
});

async function newMeeting(): Promise<CreatedMeeting> {
  const response = await fetch(`${origin}/v1/meetings`, { method: 'POST' });
  expect(response.status).toBe(201);
  return (await response.json()) as CreatedMeeting;
}

async function join(meeting: CreatedMeeting, name: string, more: object = {}): Promise<HeadlessParticipant> {
  const participant = await HeadlessParticipant.join({
    url: origin,
    meeting: meeting.meeting,
    passcode: meeting.passcode,
    name,
    ...more,
  });
  everyone.push(participant);
  return participant;
}

/** How many of the others a participant gets a picture of. */
function pictures(participant: HeadlessParticipant): number {
  return participant.media.slots().filter((slot) => slot.keyframes > 0).length;
}

function expectContinuous(participant: HeadlessParticipant): void {
  for (const slot of participant.media.slots()) {
    expect(slot).toMatchObject({ missing: 0, duplicates: 0, timestampRegressions: 0, malformed: 0 });
    expect(slot.ssrcs.length).toBeLessThanOrEqual(1);
  }
}

describe('a zone', () => {
  test('the link it prints names a meeting that can be joined', async () => {
    const fragment = new URLSearchParams(link.hash.slice(1));
    const participant = await HeadlessParticipant.join({
      url: origin,
      meeting: fragment.get('meeting') ?? '',
      passcode: fragment.get('passcode') ?? '',
      name: 'Ada',
    });
    everyone.push(participant);
    expect(participant.roster.map((entry) => entry.name)).toContain('Ada');
  });

  test('five people see each other; those who stay see nothing when one leaves and another comes', async () => {
    const meeting = await newMeeting();
    const people = await Promise.all(['Ada', 'Bob', 'Cid', 'Dee', 'Eve'].map((name) => join(meeting, name)));
    await until('everyone sees everyone', () => people.every((person) => pictures(person) === 4));
    const [ada, bob, ...others] = people as [HeadlessParticipant, HeadlessParticipant, ...HeadlessParticipant[]];
    ada.leave();
    await until('Ada is gone from the roster', () => bob.roster.every((entry) => entry.participant !== ada.id));
    const fay = await join(meeting, 'Fay');
    await until('Fay sees four others', () => pictures(fay) === 4);
    await until('all see Fay', () => {
      const sees = (person: HeadlessParticipant) => person.slots.some((slot) => slot.participant === fay.id);
      return [bob, ...others].every(sees);
    });
    for (const person of [bob, ...others, fay]) expectContinuous(person);
  });

  test('two meetings know nothing of each other', async () => {
    const [first, second] = await Promise.all([newMeeting(), newMeeting()]);
    const people = await Promise.all([join(first, 'Ada'), join(first, 'Bob'), join(second, 'Cid')]);
    const [ada, bob, cid] = people as [HeadlessParticipant, HeadlessParticipant, HeadlessParticipant];
    await until('Ada and Bob see each other', () => pictures(ada) === 1 && pictures(bob) === 1);
    expect(cid.roster.map((entry) => entry.name)).toEqual(['Cid']);
    expect(cid.media.slots().every((slot) => slot.packets === 0)).toBe(true);
  });

  test('a cut WebSocket stops no media, and the session resumes', async () => {
    const meeting = await newMeeting();
    const ada = await join(meeting, 'Ada');
    const bob = await join(meeting, 'Bob');
    await until('Bob sees Ada', () => pictures(bob) === 1);
    const identity = bob.id;
    await bob.reconnect();
    expect(bob.id).toBe(identity);
    const packets = () => bob.media.slots().reduce((sum, slot) => sum + slot.packets, 0);
    const seen = packets();
    await until('media goes on', () => packets() > seen + 50);
    expectContinuous(bob);
    ada.setMuted('camera', true);
    const live = () => bob.roster.find((entry) => entry.participant === ada.id)?.live;
    await until('Bob is told that the camera is off', () => live()?.includes('camera') === false);
  });

  test('a wrong passcode is refused in plain words', async () => {
    const meeting = await newMeeting();
    const refused = join({ ...meeting, passcode: 'not-it' }, 'Mallory');
    await expect(refused).rejects.toMatchObject({ code: 'wrongPasscode' });
  });
});
