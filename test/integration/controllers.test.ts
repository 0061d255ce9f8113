/** Several controllers of one zone with a real etcd: any of them serves anybody, and none of them is needed by media. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import type { ZoneController } from '../../zone-controller/zone-controller.ts';
import { packetsOf, picturesOf, ZoneOfControllers } from './zone-of-controllers.ts';

/** Longer than the leases of this zone. */
const PAST_THE_LEASE_MS = 20_000;
/** About a second of what each gets. */
const PACKETS = 100;
/** What docs/registry.md says. */
const BACK_WITHIN_MS = 5_000;

let zone: ZoneOfControllers;
let a: ZoneController;
let b: ZoneController;
let meeting: CreatedMeeting;
beforeEach(async () => {
  zone = await ZoneOfControllers.start(2, 2);
  [a, b] = zone.controllers as [ZoneController, ZoneController];
  meeting = await a.createMeeting();
});
afterEach(() => zone.stop());

const names = ({ roster }: HeadlessParticipant): string[] => roster.map(({ name }) => name).toSorted();
const isAway = ({ roster }: HeadlessParticipant, id: string): boolean =>
  roster.some(({ participant, connected }) => participant === id && !connected);

/** Nothing was lost, doubled or out of order on the way to anybody. */
function expectContinuous(...people: HeadlessParticipant[]): void {
  for (const slot of people.flatMap(({ media }) => media.slots())) {
    expect(slot).toMatchObject({ missing: 0, duplicates: 0, timestampRegressions: 0, malformed: 0 });
  }
}

async function expectMediaGoesOn(...people: HeadlessParticipant[]): Promise<void> {
  const before = people.map(packetsOf);
  const received = (person: HeadlessParticipant, index: number) => packetsOf(person) - (before[index] ?? 0);
  await until('media goes on', () => people.every((person, index) => received(person, index) > PACKETS));
  expectContinuous(...people);
}

describe('people of one meeting at two controllers', { timeout: 60_000 }, () => {
  test('see each other, and what each of them does', async () => {
    const ada = await zone.join(a, meeting, 'Ada');
    const bob = await zone.join(b, meeting, 'Bob');
    await until('both see both', () => [ada, bob].every((person) => names(person).join() === 'Ada,Bob'));
    await until('both get a picture', () => picturesOf(ada) === 1 && picturesOf(bob) === 1);
    const carries = (person: HeadlessParticipant, id: string) =>
      person.slots.some(({ participant, kind }) => participant === id && kind === 'camera');
    await until('both are told what they see', () => carries(ada, bob.id) && carries(bob, ada.id));
    ada.setMuted('camera', true);
    const live = () => bob.roster.find(({ participant }) => participant === ada.id)?.live;
    await until('Bob is told that the camera is off', () => live()?.includes('camera') === false);
    await until('the slot is empty', () => !carries(bob, ada.id));
    ada.leave();
    await until('Bob is alone', () => names(bob).join() === 'Bob');
  });

  test('who comes back at the other controller is the same, at one place only', async () => {
    const balancer = await zone.balancer(a);
    const ada = await zone.joinAt(balancer.url, meeting, 'Ada');
    const bob = await zone.join(a, meeting, 'Bob');
    await until('both get a picture', () => picturesOf(ada) === 1 && picturesOf(bob) === 1);
    const { id } = ada;
    balancer.target = b.httpPort;
    await ada.reconnect();
    expect([ada.id, names(ada), names(bob)]).toEqual([id, ['Ada', 'Bob'], ['Ada', 'Bob']]);
    await until('she is told what she sees', () => ada.slots.some(({ participant }) => participant === bob.id));
    await expectMediaGoesOn(ada, bob);
    ada.setMuted('microphone', true);
    const live = () => bob.roster.find(({ participant }) => participant === id)?.live;
    await until('what she does at the other arrives', () => live()?.includes('microphone') === false);
  });
});

test('a controller that dies: its people are the same at the other, their media knows nothing of it', async () => {
  const balancer = await zone.balancer(a);
  const ada = await zone.joinAt(balancer.url, meeting, 'Ada');
  const bob = await zone.join(b, meeting, 'Bob');
  await until('both get a picture', () => picturesOf(ada) === 1 && picturesOf(bob) === 1);
  const { id } = ada;
  await a.stop();
  await until('Bob is told that Ada is away', () => isAway(bob, id));
  await expectMediaGoesOn(ada, bob);
  balancer.target = b.httpPort;
  await ada.reconnect();
  expect([ada.id, names(ada), isAway(ada, id)]).toEqual([id, ['Ada', 'Bob'], false]);
  await until('Bob is told that Ada is back', () => !isAway(bob, id));
  await until('routers are with the other', () => zone.routers.every(({ registered }) => registered));
  await until('and stay known', () => b.readyRouters().length === 2);
  const next = await b.createMeeting();
  expect(names(await zone.join(b, next, 'Cid'))).toEqual(['Cid']);
  await expectMediaGoesOn(ada, bob);
}, 60_000);

test('with every controller and etcd gone, media goes on', async () => {
  const [ada, bob] = [await zone.join(a, meeting, 'Ada'), await zone.join(b, meeting, 'Bob')];
  await until('both get a picture', () => picturesOf(ada) === 1 && picturesOf(bob) === 1);
  await Promise.all([a.stop(), b.stop(), ...zone.etcd.members.map((member) => member.kill())]);
  for (let round = 0; round < 5; round++) await expectMediaGoesOn(ada, bob);
  expect([ada.media.state, bob.media.state]).toEqual(['connected', 'connected']);
}, 60_000);

describe('etcd', { timeout: 90_000 }, () => {
  const outages = {
    'is killed': { begin: () => etcd().kill(), end: () => etcd().start() },
    'is stopped': { begin: () => etcd().freeze(), end: async () => etcd().thaw() },
  };
  const etcd = () => {
    const [member] = zone.etcd.members;
    if (member === undefined) throw new Error('no etcd');
    return member;
  };

  test.each(Object.entries(outages))('%s: meetings go on, with all that people do in them', async (_, outage) => {
    const balancer = await zone.balancer(a);
    const ada = await zone.joinAt(balancer.url, meeting, 'Ada');
    const bob = await zone.join(b, meeting, 'Bob');
    await until('both get a picture', () => picturesOf(ada) === 1 && picturesOf(bob) === 1);
    const { id } = ada;
    await outage.begin();
    const problems = () => [...a.readinessProblems(), ...b.readinessProblems()];
    await until('neither is ready', () => problems().length >= 2, PAST_THE_LEASE_MS);
    expect(new Set(problems())).toEqual(new Set(['the registry is away']));
    const refusal = { code: 'noRouter', retryAfterMs: 2_000 };
    await expect(a.createMeeting()).rejects.toMatchObject(refusal);
    await expectMediaGoesOn(ada, bob);
    balancer.target = b.httpPort;
    await ada.reconnect();
    expect([ada.id, names(ada)]).toEqual([id, ['Ada', 'Bob']]);
    const cid = await zone.join(a, meeting, 'Cid');
    await until('all see all', () => [ada, bob, cid].every((person) => names(person).join() === 'Ada,Bob,Cid'));
    bob.leave();
    await until('who leaves is gone', () => names(ada).join() === 'Ada,Cid');
    await outage.end();
    const startMs = performance.now();
    await until('both are ready', () => problems().length === 0, PAST_THE_LEASE_MS);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeLessThan(BACK_WITHIN_MS);
    await expectMediaGoesOn(ada, cid);
    expect(names(await zone.join(b, await a.createMeeting(), 'Dee'))).toEqual(['Dee']);
  });
});
