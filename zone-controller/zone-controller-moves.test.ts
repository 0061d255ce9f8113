/** From one place of a meeting to another without leaving it: what the one who moves is told, and what the others see. */
import { afterEach, describe, expect, test } from 'vitest';
import { ZonecastError } from '../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { MemoryRegistry } from './registry/memory-registry.ts';
import { MemoryStore } from './registry/memory-store.ts';
import { type MeetingPlacement, moveWishId, ZoneRecords } from './registry/records.ts';
import type { FakeRouter } from './testing/fake-router.ts';
import { expectType, type TestClient } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

type Routers = Parameters<typeof TestZone.start>[1];

let zone: TestZone;
let records: ZoneRecords;
afterEach(() => zone.stop());

async function start(controllers: number, routers: Routers = [{}, {}], options = {}): Promise<CreatedMeeting> {
  const store = new MemoryStore();
  records = new ZoneRecords(new MemoryRegistry(store), 'test' as ZoneId, createLogger({ name: 't', level: 'silent' }));
  const registry = () => ({ registry: new MemoryRegistry(store) });
  zone = await TestZone.start({ ...registry(), ...options }, routers);
  while (zone.controllers.length < controllers) await zone.addController(registry());
  await Promise.all(zone.controllers.map((controller) => controller.whenReady(zone.routers.length)));
  return zone.controller.createMeeting();
}

/** What the leader, or another controller, writes. */
async function place(meeting: CreatedMeeting, change: (was: MeetingPlacement) => Partial<MeetingPlacement>) {
  const id = meeting.meeting as MeetingId;
  const { value, revision } = await records.placement(id);
  if (value === undefined) throw new Error('nowhere');
  const next = { ...value, version: value.version + 1, ...change(value) };
  await records.putPlacement(id, next, revision);
  return next;
}

/** The router that has the meeting, and the other one. */
async function routersOf({ meeting }: CreatedMeeting): Promise<[FakeRouter, FakeRouter, RouterId, RouterId]> {
  const root = (await records.placement(meeting as MeetingId)).value?.root?.router;
  const index = root === 'router-1' ? 0 : 1;
  const names = ['router-1', 'router-2'] as RouterId[] as [RouterId, RouterId];
  return [zone.router(index), zone.router(1 - index), names[index] as RouterId, names[1 - index] as RouterId];
}

const branchOn = (router: RouterId) => [{ router, worker: 0, parent: 0 }];
const leavingOf = ({ root }: MeetingPlacement) => ({
  leaving: root === null ? [] : [{ ...root, why: 'drain' as const }],
});
const isAway = (participant: string) => (message: { changed: { participant: string; connected: boolean }[] }) =>
  message.changed.some((entry) => entry.participant === participant && !entry.connected);
const isBack = (participant: string) => (message: { changed: { participant: string; connected: boolean }[] }) =>
  message.changed.some((entry) => entry.participant === participant && entry.connected);

/** Nobody was ever said to be gone. */
async function expectNobodyLeft(client: TestClient): Promise<void> {
  client.send({ type: 'ping' });
  await client.next('pong');
  while (client.count('roster') > 0) expect((await client.next('roster')).left).toEqual([]);
}

test('who moves is what he was, with his hand raised', async () => {
  const meeting = await start(1);
  const ada = await zone.enter(meeting, 'Ada');
  const bob = await zone.enter(meeting, 'Bob');
  expect(await ada.client.act({ type: 'claimHost' }, { hostKey: meeting.hostKey })).toMatchObject({ type: 'done' });
  expect(await ada.client.act({ type: 'raiseHand' })).toMatchObject({ type: 'done' });
  await ada.client.next('state', ({ changes }) => JSON.stringify(changes).includes('hand'));
  const [, , , otherId] = await routersOf(meeting);
  await place(meeting, (was) => ({ branches: branchOn(otherId), ...leavingOf(was) }));
  await ada.client.next('move');
  expectType(await ada.client.move(), 'moved');
  const late = expectType(await (await zone.connect()).join(meeting, 'Late'), 'joined');
  const person = { participant: ada.participant, name: 'Ada', role: 'host', hand: expect.any(Number) };
  expect(late.state.people).toEqual([person]);
  expect(await ada.client.act({ type: 'lock' })).toMatchObject({ type: 'done' });
  await bob.client.next('state', ({ changes }) => changes.some(({ type }) => type === 'settings'));
});

test('another way to the same place: nobody else notices, and what follows is of that connection', async () => {
  const meeting = await start(1, [{}]);
  const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
  const { participant } = ada;
  const router = zone.router();
  const slots = [{ mid: '5', participant: bob.participant, kind: 'camera' as const }];
  router.emit({ slots: { meeting: meeting.meeting, participant, slots } });
  await ada.client.next('slots');
  const moved = expectType(await ada.client.move('offer 2', 'path'), 'moved');
  expect(moved).toMatchObject({ answer: 'answer to offer 2', slots: [], session: expect.any(String) });
  expect((await router.command('OpenConnection')).request).toMatchObject({ participant, epoch: 1, muted: ['camera'] });
  router.emit({ slots: { meeting: meeting.meeting, participant, slots } });
  expect((await ada.client.next('slots')).slots).toEqual(slots);
  ada.client.send({ type: 'moveDone' });
  expect((await router.command('SettleConnection')).request).toMatchObject({ participant, epoch: 1 });
  await expectNobodyLeft(bob.client);
  const again = await zone.connect();
  expect(expectType(await again.resume(moved.session), 'resumed').slots).toEqual(slots);
});

test('who takes another way that comes to nothing hears it at once', async () => {
  const meeting = await start(2, [{}]);
  const ada = await zone.enter(meeting, 'Ada');
  const { participant } = ada;
  const router = zone.router();
  const slots = [{ mid: '5', participant: 'bob' as ParticipantId, kind: 'camera' as const, suspended: false }];
  const carried = [{ mid: '5', participant: 'bob', kind: 'camera' }];
  const moved = expectType(await ada.client.move('offer 2', 'path'), 'moved');
  router.undoConnection(meeting.meeting, participant, slots);
  expect(await ada.client.next('moveUndone')).toEqual({ type: 'moveUndone', slots: carried });
  expectType(await ada.client.move('offer 3', 'path'), 'moved');
  // Another controller has him by then.
  const again = await zone.connect(zone.controllers[1]);
  expect(expectType(await again.resume(moved.session), 'resumed').slots).toEqual([]);
  router.undoConnection(meeting.meeting, participant, slots);
  expect(await again.next('moveUndone')).toEqual({ type: 'moveUndone', slots: carried });
});

describe('a router that is lost', () => {
  test('its people go on by another, the same to everybody, and are shown as away in between', async () => {
    const meeting = await start(1);
    const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
    const [root, other] = await routersOf(meeting);
    root.stop();
    expect(await ada.client.next('move')).toEqual({ type: 'move', reason: 'routerLost' });
    await bob.client.next('roster', isAway(ada.participant));
    const moved = expectType(await ada.client.move('offer 2'), 'moved');
    expect(moved).toMatchObject({ answer: 'answer to offer 2', slots: [], session: expect.any(String) });
    const { request } = await other.command('Join');
    const sources = { '0': 'microphone', '1': 'camera' };
    expect(request).toMatchObject({ participant: ada.participant, name: 'Ada', epoch: 2, muted: ['camera'], sources });
    await bob.client.next('roster', isBack(ada.participant));
    await bob.client.move();
    await ada.client.next('roster', isBack(bob.participant));
    for (const { client } of [ada, bob]) await expectNobodyLeft(client);
    // What was moved is over: nothing is asked again, and what is said goes to the new place.
    expect(await ada.client.move()).toMatchObject({ type: 'error', code: 'badMessage' });
    ada.client.send({ type: 'mute', source: 'microphone', muted: true });
    expect((await other.command('SetMute')).request).toMatchObject({ participant: ada.participant, epoch: 2 });
    const slots = [{ mid: '5', participant: bob.participant, kind: 'camera' }];
    other.emit({ slots: { meeting: meeting.meeting, participant: ada.participant, slots } });
    expect((await ada.client.next('slots')).slots).toEqual(slots);
  });

  test('who comes back in between, on another connection, is asked again; by the token of the move afterwards', async () => {
    const meeting = await start(1);
    const ada = await zone.enter(meeting, 'Ada');
    const bob = await zone.enter(meeting, 'Bob');
    const [root] = await routersOf(meeting);
    root.stop();
    await ada.client.next('move');
    ada.client.close();
    const again = await zone.connect();
    const resumed = expectType(await again.resume(ada.joined.self.session), 'resumed');
    expect([resumed.self.participant, resumed.roster.map(({ name }) => name)]).toEqual([
      ada.participant,
      ['Ada', 'Bob'],
    ]);
    expect(await again.next('move')).toEqual({ type: 'move', reason: 'routerLost' });
    const moved = expectType(await again.move(), 'moved');
    again.close();
    const third = await zone.connect();
    expectType(await third.resume(moved.session), 'resumed');
    third.send({ type: 'ping' });
    await third.next('pong');
    expect(third.count('move')).toBe(0);
    await expectNobodyLeft(bob.client);
  });

  test('who leaves instead is gone at once', async () => {
    const meeting = await start(1);
    const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
    const [root] = await routersOf(meeting);
    root.stop();
    await ada.client.next('move');
    await bob.client.move();
    ada.client.send({ type: 'leave' });
    await bob.client.next('roster', ({ left }) => left.includes(ada.participant));
  });

  test('of several: people elsewhere stay, the others join them there, by all controllers alike', async () => {
    const meeting = await start(2);
    const [a, b] = zone.controllers;
    const ada = await zone.enter(meeting, 'Ada', a);
    const [root, other, , otherId] = await routersOf(meeting);
    const bob = await withBob(meeting, otherId, b);
    // As the routers would tell each other.
    const entry = { name: 'Ada', live: [], connected: true, participant: ada.participant as never };
    other.elsewhere(meeting.meeting, { changed: [{ ...entry, router: 'x' as RouterId }], left: [] });
    root.stop();
    await ada.client.next('move', ({ reason }) => reason === 'routerLost');
    await expect
      .poll(() => other.trees.get(meeting.meeting))
      .toMatchObject({ epoch: 2, places: [{ router: otherId }] });
    expectType(await ada.client.move(), 'moved');
    bob.client.send({ type: 'mute', source: 'camera', muted: true });
    expect((await other.command('SetMute')).request).toMatchObject({ participant: bob.participant, epoch: 2 });
    expect([bob.client.count('move'), bob.client.count('error')]).toEqual([0, 0]);
  });

  /** Bob joins at a branch on the other router, where alone there is room for him. */
  async function withBob(meeting: CreatedMeeting, router: RouterId, controller = zone.controller) {
    await place(meeting, (was) => ({ branches: branchOn(router), ...leavingOf(was) }));
    const bob = await zone.enter(meeting, 'Bob', controller);
    await place(meeting, () => ({ leaving: [] }));
    return bob;
  }
});

describe('a router that hangs', () => {
  /** The client has said that nothing comes, and the controller has drawn its conclusions. */
  async function sayMediaLost(client: TestClient): Promise<void> {
    client.send({ type: 'mediaLost' });
    client.send({ type: 'ping' });
    await client.next('pong');
  }

  const isSilent = () => expect.poll(() => zone.controller.readyRouters().length, { timeout: 10_000 }).toBe(1);

  test('is left by those who say that nothing comes from it, and by nobody else', async () => {
    const meeting = await start(1);
    const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
    const [hanging, other, , otherId] = await routersOf(meeting);
    hanging.freeze();
    await isSilent();
    await sayMediaLost(ada.client);
    await sayMediaLost(ada.client);
    expect(await ada.client.next('move')).toEqual({ type: 'move', reason: 'routerLost' });
    // Behind this, nothing that is said of the next place has to wait.
    ada.client.send({ type: 'mute', source: 'microphone', muted: true });
    expectType(await ada.client.move(), 'moved');
    expect((await other.command('Join')).request).toMatchObject({ participant: ada.participant, epoch: 1 });
    expect(other.trees.get(meeting.meeting)?.places).toMatchObject([{}, { router: otherId, parent: 0 }]);
    ada.client.send({ type: 'mute', source: 'camera', muted: true });
    expect((await other.command('SetMute')).request).toMatchObject({ source: 'camera' });
    ada.client.send({ type: 'moveDone' });
    // Who comes now does not come to it either.
    const cid = await zone.enter(meeting, 'Cid');
    expect((await other.command('Join')).request).toMatchObject({ participant: cid.participant });
    await sayMediaLost(ada.client);
    expect([ada.client.count('move'), ada.client.count('error'), bob.client.count('move')]).toEqual([0, 0, 0]);
    // When it goes on, it lets go of her, and keeps the other, who never moved.
    hanging.thaw();
    await expect.poll(async () => (await hanging.command('Leave')).request.participant).toBe(ada.participant);
    bob.client.send({ type: 'mute', source: 'camera', muted: true });
    await expect
      .poll(async () => (await hanging.command('SetMute')).request)
      .toMatchObject({ participant: bob.participant });
    for (const { client } of [ada, bob]) await expectNobodyLeft(client);
  });

  test('that goes on before its people have moved keeps them', async () => {
    const meeting = await start(1);
    const ada = await zone.enter(meeting, 'Ada');
    const [hanging] = await routersOf(meeting);
    hanging.freeze();
    await isSilent();
    await sayMediaLost(ada.client);
    await ada.client.next('move');
    hanging.thaw();
    await zone.controller.whenReady(2);
    expect(await ada.client.move()).toMatchObject({ type: 'error', code: 'badMessage' });
    ada.client.send({ type: 'mute', source: 'camera', muted: true });
    await hanging.command('SetMute');
  });

  test('for a moment only loses nobody', async () => {
    const meeting = await start(1);
    const ada = await zone.enter(meeting, 'Ada');
    const [hanging] = await routersOf(meeting);
    hanging.freeze();
    await sayMediaLost(ada.client);
    hanging.emit({ speakers: { meeting: meeting.meeting, participants: [ada.participant] } });
    expect([ada.client.count('speakers'), ada.client.count('move')]).toEqual([0, 0]);
    hanging.thaw();
    await ada.client.next('speakers');
    await sayMediaLost(ada.client);
    expect(ada.client.count('move')).toBe(0);
  });

  test('neither is who loses media alone asked to move, nor who merely is on a router that we do not hear', async () => {
    const meeting = await start(1);
    const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
    await sayMediaLost(ada.client);
    const [hanging] = await routersOf(meeting);
    hanging.freeze();
    await isSilent();
    bob.client.send({ type: 'ping' });
    await bob.client.next('pong');
    expect([ada.client.count('move'), bob.client.count('move')]).toEqual([0, 0]);
  });

  test('with nowhere to go, its people are told when to try again', async () => {
    const meeting = await start(1, [{}]);
    const ada = await zone.enter(meeting, 'Ada');
    zone.router().freeze();
    await expect.poll(() => zone.controller.readyRouters(), { timeout: 10_000 }).toEqual([]);
    await sayMediaLost(ada.client);
    await ada.client.next('move');
    expect(await ada.client.move()).toMatchObject({ code: 'noRouter', retryAfterMs: expect.any(Number) });
    zone.router().thaw();
    await zone.controller.whenReady(1);
    ada.client.send({ type: 'mute', source: 'camera', muted: true });
    await zone.router().command('SetMute');
    expect([ada.client.count('left'), ada.client.count('error')]).toEqual([0, 0]);
  });
});

test('a worker that dies: its people go on by the next, under the same epoch', async () => {
  const meeting = await start(1, [{}]);
  const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
  const { participant } = ada;
  zone.router().emit({ left: { meeting: meeting.meeting, participant, reason: 'workerLost' } });
  expect(await ada.client.next('move')).toEqual({ type: 'move', reason: 'workerLost' });
  await bob.client.next('roster', isAway(participant));
  expectType(await ada.client.move(), 'moved');
  await bob.client.next('roster', isBack(participant));
  await expectNobodyLeft(bob.client);
  expect([ada.client.count('left'), ada.client.count('error')]).toEqual([0, 0]);
  const joins = zone.router().commands.filter(({ method }) => method === 'Join');
  expect(joins.map(({ request }) => request.epoch)).toEqual([1, 1, 1]);
});

describe('a place that is being emptied', () => {
  test('people are at both places until they say that they have moved; nobody sees anything of it', async () => {
    const meeting = await start(1);
    const [ada, bob] = [await zone.enter(meeting, 'Ada'), await zone.enter(meeting, 'Bob')];
    const [root, other, , otherId] = await routersOf(meeting);
    await place(meeting, (was) => ({ branches: branchOn(otherId), ...leavingOf(was) }));
    for (const { client } of [ada, bob]) expect(await client.next('move')).toEqual({ type: 'move', reason: 'drain' });
    for (const router of [root, other]) {
      await expect.poll(() => router.trees.get(meeting.meeting)?.places.map(({ parent }) => parent)).toHaveLength(2);
    }
    // Until it has moved, what it says goes to where it is.
    ada.client.send({ type: 'mute', source: 'microphone', muted: true });
    await root.command('SetMute');
    expectType(await ada.client.move(), 'moved');
    expect((await other.command('Join')).request).toMatchObject({ participant: ada.participant, epoch: 1 });
    const slots = [{ mid: '5', participant: bob.participant, kind: 'camera' }];
    root.emit({ slots: { meeting: meeting.meeting, participant: ada.participant, slots } });
    expect(root.commands.filter(({ method }) => method === 'Leave')).toEqual([]);
    ada.client.send({ type: 'moveDone' });
    expect((await root.command('Leave')).request).toMatchObject({ participant: ada.participant });
    await expectNobodyLeft(bob.client);
    expect([ada.client.count('slots'), ada.client.count('left')]).toEqual([0, 0]);
  });

  test('that may stay after all: who has not moved is not asked any more', async () => {
    const meeting = await start(1);
    const ada = await zone.enter(meeting, 'Ada');
    const [, , , otherId] = await routersOf(meeting);
    await place(meeting, (was) => ({ branches: branchOn(otherId), ...leavingOf(was) }));
    await ada.client.next('move');
    await place(meeting, () => ({ leaving: [] }));
    await expect.poll(async () => (await ada.client.move()).type).toBe('error');
    const again = await zone.connect();
    expectType(await again.resume(ada.joined.self.session), 'resumed');
    again.send({ type: 'ping' });
    await again.next('pong');
    expect(again.count('move')).toBe(0);
  });

  test('a move that finds no room is refused with a time to come back, and asked again after a resume', async () => {
    let isFull = true;
    const onJoin = ({ offer }: { readonly offer: string }) => {
      if (offer === 'offer 2' && isFull) throw new ZonecastError('noRouter', 'no', { retryAfterMs: 700 });
    };
    const meeting = await start(1, [{ onJoin }, { onJoin }]);
    const ada = await zone.enter(meeting, 'Ada');
    const [, , , otherId] = await routersOf(meeting);
    await place(meeting, (was) => ({ branches: branchOn(otherId), ...leavingOf(was) }));
    await ada.client.next('move');
    const refused = await ada.client.move('offer 2');
    expect(refused).toMatchObject({ type: 'error', code: 'noRouter', retryAfterMs: expect.any(Number) });
    const again = await zone.connect();
    expectType(await again.resume(ada.joined.self.session), 'resumed');
    await again.next('move');
    isFull = false;
    expectType(await again.move('offer 2'), 'moved');
  });

  test('a client whose connection is lost with the answer goes back to where it was, and moves from there', async () => {
    const meeting = await start(1);
    const ada = await zone.enter(meeting, 'Ada');
    const [root, other, , otherId] = await routersOf(meeting);
    await place(meeting, (was) => ({ branches: branchOn(otherId), ...leavingOf(was) }));
    await ada.client.next('move');
    expectType(await ada.client.move(), 'moved');
    ada.client.close();
    await Promise.all([root.command('Detach'), other.command('Detach')]);
    const again = await zone.connect();
    expectType(await again.resume(ada.joined.self.session), 'resumed');
    expect((await root.command('Attach')).request).toMatchObject({ participant: ada.participant });
    await again.next('move');
    await expect.poll(async () => (await again.move()).type).toBe('moved');
    again.send({ type: 'moveDone' });
    await root.command('Leave');
  });
});

test('one whom an operator wants elsewhere is asked by the controller that he is at, and goes', async () => {
  const meeting = await start(2);
  const ada = await zone.enter(meeting, 'Ada', zone.controllers[1]);
  const bob = await zone.enter(meeting, 'Bob');
  const [root, other, router] = await routersOf(meeting);
  const participant = ada.participant as ParticipantId;
  const wish = { participant, from: { router, worker: 0 }, expiresMs: Date.now() + 60_000, by: 'op' };
  const id = moveWishId(meeting.meeting as MeetingId, participant);
  await records.putMove(id, wish);
  expect(await ada.client.next('move')).toEqual({ type: 'move', reason: 'admin' });
  await expect.poll(() => records.deleteMove(id)).toBe(false);
  expectType(await ada.client.move(), 'moved');
  expect((await other.command('Join')).request).toMatchObject({ participant, epoch: 1 });
  ada.client.send({ type: 'moveDone' });
  await root.command('Leave');
  expect(bob.client.count('move')).toBe(0);
  await expectNobodyLeft(bob.client);
});

describe('one whom an operator wants on a certain router', () => {
  /** Ada is in a meeting on one of three routers. */
  async function ada() {
    const meeting = await start(2, [{}, {}, { workers: 2 }]);
    const { client, participant, joined } = await zone.enter(meeting, 'Ada', zone.controllers[1]);
    const { value } = await records.placement(meeting.meeting as MeetingId);
    const from = value?.root ?? { router: 'nowhere' as RouterId, worker: 0 };
    const to = zone.routers.map(({ name }) => name as RouterId).filter((name) => name !== from.router);
    return { meeting, client, joined, participant: participant as ParticipantId, from, to };
  }
  const at = (name: string): FakeRouter => zone.router(zone.routers.findIndex((router) => router.name === name));

  test.each([0, 1])('goes there, whichever that is; the meeting grows to it (%i)', async (which) => {
    const { meeting, client, participant, from, to } = await ada();
    const router = to[which] as RouterId;
    const wish = { participant, from, to: { router }, expiresMs: Date.now() + 60_000, by: 'op' };
    await records.putMove(moveWishId(meeting.meeting as MeetingId, participant), wish);
    expect(await client.next('move')).toEqual({ type: 'move', reason: 'admin' });
    expectType(await client.move(), 'moved');
    expect((await at(router).command('Join')).request).toMatchObject({ participant, epoch: 1 });
    expect((await records.placement(meeting.meeting as MeetingId)).value).toMatchObject({
      root: from,
      branches: [{ router, parent: 0 }],
    });
  });

  test('goes to the worker that is named', async () => {
    const { meeting, client, participant, from } = await ada();
    const to = { router: 'router-3' as RouterId, worker: 1 };
    await records.putMove(moveWishId(meeting.meeting as MeetingId, participant), {
      participant,
      from,
      to: from.router === to.router ? { ...to, worker: 1 - from.worker } : to,
      expiresMs: Date.now() + 60_000,
      by: 'op',
    });
    await client.next('move');
    // On the router that he is on he has to be let go first.
    await expect.poll(async () => (await client.move()).type).toBe('moved');
    const joins = at(to.router).commands.filter(({ method }) => method === 'Join');
    expect(joins.at(-1)?.request).toMatchObject({
      participant,
      worker: from.router === to.router ? 1 - from.worker : 1,
    });
  });

  test('stays where he is when there is no room any more, and is not asked again', async () => {
    const { meeting, client, joined, participant, from, to } = await ada();
    const router = to[0] as RouterId;
    await records.putMove(moveWishId(meeting.meeting as MeetingId, participant), {
      participant,
      from,
      to: { router },
      expiresMs: Date.now() + 60_000,
      by: 'op',
    });
    await client.next('move');
    await records.putDrain(router, { startedMs: Date.now(), deadlineMs: Date.now() + 60_000, by: 'op' });
    await expect.poll(() => zone.controllers[1]?.readyRouters()).not.toContain(router);
    const refused = await client.move();
    expect(refused).toMatchObject({ type: 'error', code: 'noRouter' });
    expect(refused).not.toHaveProperty('retryAfterMs');
    expect(at(router).commands.filter(({ method }) => method === 'Join')).toEqual([]);
    const again = await zone.connect();
    expectType(await again.resume(joined.self.session), 'resumed');
    again.send({ type: 'ping' });
    await again.next('pong');
    expect(again.count('move')).toBe(0);
  });

  test('is asked when he comes back, if he was away when the operator asked', async () => {
    const { meeting, client, joined, participant, from, to } = await ada();
    client.close();
    await at(from.router).command('Detach');
    await records.putMove(moveWishId(meeting.meeting as MeetingId, participant), {
      participant,
      from,
      to: { router: to[1] as RouterId },
      expiresMs: Date.now() + 60_000,
      by: 'op',
    });
    const again = await zone.connect();
    expectType(await again.resume(joined.self.session), 'resumed');
    expect(await again.next('move')).toEqual({ type: 'move', reason: 'admin' });
    expectType(await again.move(), 'moved');
    await at(to[1] as string).command('Join');
  });
});

test('a router that has a meeting which is elsewhere is told to close it', async () => {
  const meeting = await start(1);
  const ada = await zone.enter(meeting, 'Ada');
  const [root, , , otherId] = await routersOf(meeting);
  await place(meeting, () => ({ epoch: 2, root: { router: otherId, worker: 0 } }));
  expect((await root.command('CloseMeeting')).request).toMatchObject({ epoch: 1, onlyIfEmpty: false });
  await ada.client.next('move');
  expectType(await ada.client.move(), 'moved');
  expect([ada.client.count('left'), ada.client.count('error')]).toEqual([0, 0]);
});

test('a router that listens anew is told again where its meetings are', async () => {
  const meeting = await start(1);
  await zone.enter(meeting, 'Ada');
  const [root, , rootId, otherId] = await routersOf(meeting);
  await place(meeting, () => ({ branches: branchOn(otherId) }));
  const places = [{ router: rootId }, { router: otherId, parent: 0 }];
  await expect.poll(() => root.trees.get(meeting.meeting)).toMatchObject({ epoch: 1, version: 2, places });
  root.trees.clear();
  root.breakEvents();
  await expect.poll(() => root.trees.get(meeting.meeting)).toMatchObject({ version: 2, places });
});

test('a meeting grows to another router when its own is full, and that knows of it before anybody comes', async () => {
  const trees: string[] = [];
  const onTree = ({ version }: { readonly version: number }) => void trees.push(`tree ${version}`);
  const onJoin = ({ name }: { readonly name: string }) => void trees.push(name);
  const meeting = await start(1, [
    { maxParticipants: 20, onTree, onJoin },
    { maxParticipants: 20, onTree, onJoin },
  ]);
  const names = Array.from({ length: 22 }, (_, index) => `Person ${index}`);
  for (const name of names) await zone.enter(meeting, name);
  const [root, other, rootId, otherId] = await routersOf(meeting);
  const joined = (router: FakeRouter) => router.commands.filter(({ method }) => method === 'Join').length;
  expect([joined(root) + joined(other), joined(other) > 0]).toEqual([names.length, true]);
  const tree = { version: 2, places: [{ router: rootId }, { router: otherId, parent: 0 }] };
  for (const router of [root, other]) expect(router.trees.get(meeting.meeting)).toMatchObject(tree);
  // Both have it when the next person comes.
  const at = trees.indexOf('tree 2');
  expect(trees.slice(at, at + 3)).toEqual(['tree 2', 'tree 2', `Person ${at}`]);
});

test('a worker that others have filled since its last report makes the meeting grow', async () => {
  const takesOne = () => {
    let joins = 0;
    return () => {
      if (++joins > 1) throw new ZonecastError('workerFull', 'the media worker has its maximum of participants');
    };
  };
  const meeting = await start(1, [{ onJoin: takesOne() }, { onJoin: takesOne() }]);
  for (const name of ['Ada', 'Bob']) await zone.enter(meeting, name);
  const [root, other] = await routersOf(meeting);
  for (const router of [root, other]) expect(router.trees.get(meeting.meeting)?.places).toHaveLength(2);
});
