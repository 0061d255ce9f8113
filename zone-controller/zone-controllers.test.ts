/** Several controllers on one registry: none knows what another could not, and people may come to any of them. */
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryRegistry } from './registry/memory-registry.ts';
import { MemoryStore } from './registry/memory-store.ts';
import { expectType, TestClient } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';
import type { ZoneController } from './zone-controller.ts';

/** Asks until the answer is as wanted: the loss of a router is found out a moment later. */
async function eventually<Answer>(ask: () => Promise<Answer>, isRight: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let zone: TestZone;
afterEach(() => zone.stop());

/** A zone with so many controllers, each of which can place meetings on the one router. */
async function start(
  controllers: number,
  ...[options, routers]: Parameters<typeof TestZone.start>
): Promise<ZoneController[]> {
  zone = await TestZone.start(options, routers);
  while (zone.controllers.length < controllers) await zone.addController();
  await Promise.all(zone.controllers.map((controller) => controller.whenReady(zone.routers.length)));
  return zone.controllers;
}

describe('a meeting at several controllers', () => {
  test('is placed once, however many come to it at the same time by different ones', async () => {
    const controllers = await start(3, {}, [{}, {}, {}]);
    for (let round = 0; round < 5; round++) {
      const meeting = await zone.controller.createMeeting();
      const people = await Promise.all(
        controllers.flatMap((controller) => ['Ada', 'Bob'].map((name) => zone.enter(meeting, name, controller))),
      );
      expect(new Set(people.map(({ participant }) => participant)).size).toBe(6);
      const joins = zone.routers.flatMap((router, index) =>
        router.commands
          .filter(({ method, request }) => method === 'Join' && request.meeting === meeting.meeting)
          .map(({ request }) => `router ${index}, epoch ${request.epoch}, worker ${request.worker}`),
      );
      expect([joins.length, new Set(joins).size]).toEqual([6, 1]);
    }
  });

  test('has one limit of people', async () => {
    const [a, b] = await start(2, { limits: { participantsPerMeeting: 2 } });
    const meeting = await zone.controller.createMeeting();
    await zone.enter(meeting, 'Ada', a);
    await zone.enter(meeting, 'Bob', b);
    for (const controller of [a, b]) {
      const full = { type: 'error', code: 'meetingFull', message: 'This meeting is full.' };
      expect(await (await zone.connect(controller)).join(meeting, 'Cid')).toMatchObject(full);
    }
  });

  test('one controller hears only of the meetings that its own people are in', async () => {
    const [a, b] = await start(2);
    const [one, two] = [await zone.controller.createMeeting(), await zone.controller.createMeeting()];
    const ada = await zone.enter(one, 'Ada', a);
    const bob = await zone.enter(two, 'Bob', b);
    zone.router().emit({ speakers: { meeting: one.meeting, participants: [ada.participant] } });
    zone.router().emit({ speakers: { meeting: two.meeting, participants: [bob.participant] } });
    expect((await bob.client.next('speakers')).speakers).toEqual([bob.participant]);
    expect((await ada.client.next('speakers')).speakers).toEqual([ada.participant]);
  });

  test('is closed when nobody is in it at any of them, and only then', async () => {
    const [a, b] = await start(2, { times: { emptyMeetingMs: 30 } });
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const bob = await zone.enter(meeting, 'Bob', b);
    ada.client.send({ type: 'leave' });
    await bob.client.next('roster', ({ left }) => left.includes(ada.participant));
    expect(zone.router().commands.filter(({ method }) => method === 'CloseMeeting')).toEqual([]);
    bob.client.send({ type: 'leave' });
    await zone.router().command('CloseMeeting');
    await zone.enter(meeting, 'Cid', a);
    const epochs = zone.router().commands.flatMap(({ method, request }) => (method === 'Join' ? [request.epoch] : []));
    expect(epochs).toEqual([1, 1, 2]);
  });
});

describe('a session', () => {
  test('goes on at another controller; the connection at the first one is closed', async () => {
    const [a, b] = await start(2);
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada', a);
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob', a);
    const { participant } = ada;
    const slots = [{ mid: '4', participant: bob.participant, kind: 'camera' as const, suspended: true }];
    zone.router().emit({ slots: { meeting, participant, slots } });
    zone.router().emit({ speakers: { meeting, participants: [bob.participant] } });
    const encodings = [{ rid: 'h', active: false }];
    zone.router().emit({ encodings: { meeting, participant, source: 'camera', encodings } });
    zone.router().emit({ quality: { meeting, qualities: [{ participant, uplink: 70 }] } });
    const client = await zone.connect(b);
    const resumed = expectType(await client.resume(ada.joined.self.session), 'resumed');
    expect(resumed).toMatchObject({ self: ada.joined.self, slots, speakers: [bob.participant] });
    expect(resumed.roster.map(({ name, connected }) => [name, connected])).toEqual([
      ['Ada', true],
      ['Bob', true],
    ]);
    expect(await client.next('encodings')).toEqual({ type: 'encodings', source: 'camera', encodings });
    expect((await client.next('quality')).qualities).toEqual([{ participant, uplink: 70 }]);
    expect(await ada.client.closed).toBe(4000);
    client.send({ type: 'mute', source: 'camera', muted: true });
    await bob.client.next('roster', ({ changed }) => changed.some(({ live }) => live.join() === 'microphone'));
    zone.router().emit({ slots: { meeting, participant, slots: [{ mid: '4' }] } });
    expect((await client.next('slots')).slots).toEqual([{ mid: '4' }]);
  });

  test('that went on elsewhere is not ended by the first connection when that is found to be lost', async () => {
    const [a, b] = await start(2, { times: { resumeMs: 100 } });
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const bob = await zone.enter(meeting, 'Bob', a);
    const client = await zone.connect(b);
    ada.client.close();
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    await zone.router().command('Detach');
    // Each takes the 50 ms that roster changes are collected for: several times what a detached one may stay.
    for (let change = 1; change <= 8; change++) {
      const live = change % 2 === 0 ? 'microphone,camera' : 'microphone';
      client.send({ type: 'mute', source: 'camera', muted: live === 'microphone' });
      await bob.client.next('roster', ({ changed }) => changed.some((entry) => entry.live.join() === live));
    }
    client.send({ type: 'leave' });
    expect((await client.next('left')).reason).toBe('left');
  });

  test('goes back and forth between controllers', async () => {
    const controllers = await start(3);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    await zone.enter(meeting, 'Bob', controllers[1]);
    for (let round = 1; round <= 9; round++) {
      const client = await zone.connect(controllers[round % 3]);
      const resumed = expectType(await client.resume(ada.joined.self.session), 'resumed');
      expect(resumed.roster.map(({ name }) => name)).toEqual(['Ada', 'Bob']);
    }
  });

  test('outlives the controller that it began at', async () => {
    const [a, b] = await start(2);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const bob = await zone.enter(meeting, 'Bob', b);
    await a?.stop();
    // The router is still with `a` by its registration; that `b` knows it does not depend on this.
    const client = await zone.connect(b);
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    client.send({ type: 'leave' });
    await bob.client.next('roster', ({ left }) => left.includes(ada.participant));
  });

  test('waits while its router has not registered yet, after all controllers were away', async () => {
    const store = new MemoryStore();
    const [a] = await start(1, { registry: new MemoryRegistry(store), times: { leaseMs: 50 } });
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    await a?.stop();
    // The record of the router ends with the lease of the controller that wrote it.
    const registry = new MemoryRegistry(store);
    await expect.poll(() => registry.get('/zonecast/zones/test/routers/router-1'), { timeout: 10_000 }).toBeUndefined();
    const b = await zone.addController({ registry });
    await expect.poll(() => b.readinessProblems()).toEqual(['no router can take meetings']);
    const client = await zone.connect(b);
    await expect
      .poll(() => client.resume(ada.joined.self.session))
      .toMatchObject({ type: 'error', code: 'noRouter', retryAfterMs: expect.any(Number) });
    zone.router().register(b.grpcPort);
    await b.whenReady(1);
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    client.send({ type: 'mute', source: 'camera', muted: true });
    // Under the epoch of before: nothing was given up.
    expect((await zone.router().command('SetMute')).request).toMatchObject({ epoch: 1 });
  });

  test('whose router and then controller are lost goes on at any other, by the token alone', async () => {
    const [a, b] = await start(2, {}, [{}, {}]);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const index = zone.router(0).commands.length > 0 ? 0 : 1;
    zone.router(index).stop();
    await ada.client.next('move');
    await expect.poll(() => b?.readyRouters()).toHaveLength(1);
    ada.client.close();
    await a?.stop();
    const client = await zone.connect(b);
    const resumed = await eventually(
      () => client.resume(ada.joined.self.session),
      ({ type }) => type === 'resumed',
    );
    expect(resumed).toMatchObject({
      self: { participant: ada.participant },
      roster: [{ participant: ada.participant, name: 'Ada', connected: false }],
    });
    await client.next('move');
    zone.router(1 - index).register(b?.grpcPort);
    const moved = await eventually(
      () => client.move(),
      ({ type }) => type === 'moved',
    );
    const { request } = await zone.router(1 - index).command('Join');
    expect(request).toMatchObject({ participant: ada.participant, name: 'Ada' });
    expect(await (await zone.connect(b)).resume(expectType(moved, 'moved').session)).toMatchObject({ type: 'resumed' });
  });

  test.each(['leave', 'kick', 'kick while his client is away'])(
    'that ended by a %s is not taken up by a token of a router that is lost later',
    async (how) => {
      const [a] = await start(1, {}, [{}, {}]);
      const meeting = await zone.controller.createMeeting();
      const ada = await zone.enter(meeting, 'Ada', a);
      const index = zone.router(0).commands.length > 0 ? 0 : 1;
      if (how === 'leave') ada.client.send({ type: 'leave' });
      else {
        const { participant } = ada;
        if (how !== 'kick') {
          ada.client.close();
          await zone.router(index).command('Detach');
        }
        zone.router(index).emit({ left: { meeting: meeting.meeting, participant, reason: 'kicked' } });
      }
      await expect
        .poll(async () => (await zone.connect(a)).resume(ada.joined.self.session))
        .toMatchObject({ code: 'sessionExpired' });
      zone.router(index).stop();
      await expect.poll(() => a?.readyRouters()).toHaveLength(1);
      const client = await zone.connect(a);
      const answer = await eventually(
        () => client.resume(ada.joined.self.session),
        (each) => each.type !== 'error' || each.code !== 'noRouter',
      );
      expect(answer).toMatchObject({ type: 'error', code: 'sessionExpired' });
    },
  );

  test('that ended on the router he had gone to is not taken up by the token of the one before, at any controller', async () => {
    const [a, b] = await start(2, {}, [{}, {}]);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const index = zone.router(0).commands.length > 0 ? 0 : 1;
    const other = zone.router(1 - index);
    zone.router(index).stop();
    await ada.client.next('move');
    const moved = await eventually(
      () => ada.client.move(),
      ({ type }) => type === 'moved',
    );
    expectType(moved, 'moved');
    await zone.enter(meeting, 'Bob', a);
    other.emit({ left: { meeting: meeting.meeting, participant: ada.participant, reason: 'kicked' } });
    await ada.client.next('left');
    await expect.poll(() => b?.readyRouters()).toHaveLength(1);
    const client = await zone.connect(b);
    const answer = await eventually(
      () => client.resume(ada.joined.self.session),
      (each) => each.type !== 'error' || each.code !== 'noRouter',
    );
    expect(answer).toMatchObject({ type: 'error', code: 'sessionExpired' });
  });

  test('whose worker and then controller are lost goes on at any other, as long as the router shows him as away', async () => {
    const [a, b] = await start(2);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const { participant } = ada;
    zone.router().emit({ left: { meeting: meeting.meeting, participant, reason: 'workerLost' } });
    await ada.client.next('move');
    await a?.stop();
    const client = await zone.connect(b);
    const resumed = expectType(await client.resume(ada.joined.self.session), 'resumed');
    expect(resumed.roster).toMatchObject([{ participant, name: 'Ada', connected: false }]);
    await client.next('move');
    zone.router().register(b?.grpcPort);
    await b?.whenReady(1);
    expectType(await client.move(), 'moved');
    const names = zone.router().commands.flatMap(({ method, request }) => (method === 'Join' ? [request.name] : []));
    expect(names).toEqual(['Ada', 'Ada']);
  });

  test('that has ended is over at every controller', async () => {
    const [a, b] = await start(2, {}, [{}, {}]);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    ada.client.send({ type: 'leave' });
    await ada.client.next('left');
    const refused = { type: 'error', code: 'sessionExpired' };
    expect(await (await zone.connect(b)).resume(ada.joined.self.session)).toMatchObject(refused);
  });

  test('of another zone, and one that was changed, are none', async () => {
    const [a] = await start(1);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const [header, payload, signature] = ada.joined.self.session.split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    expect(claims).toEqual({
      iss: 'test',
      role: 'participant',
      meeting: meeting.meeting,
      participant: ada.participant,
      router: 'router-1',
      worker: 0,
      name: 'Ada',
    });
    const changed = Buffer.from(JSON.stringify({ ...claims, participant: 'other' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const token of [`${header}.${changed}.${signature}`, `${none}.${payload}.`, `${header}.${payload}`, 'x', '']) {
      const client = await zone.connect();
      expect(await client.resume(token)).toMatchObject({ type: 'error', code: 'sessionExpired' });
    }
  });
});

describe('a router', () => {
  test('goes from one controller to another, and nobody notices', async () => {
    const [a, b] = await start(2);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    zone.router().unregister();
    await expect.poll(() => a?.readyRouters()).toEqual([]);
    zone.router().register(b?.grpcPort);
    await Promise.all([a?.whenReady(1), b?.whenReady(1)]);
    expectType(await (await zone.connect(a)).join(meeting, 'Bob'), 'joined');
    expect(ada.client.count('error')).toBe(0);
  });

  test('that dies: its people at every controller go on by another, as who they are', async () => {
    const [a, b] = await start(2, {}, [{}, {}]);
    const meeting = await zone.controller.createMeeting();
    const people = [await zone.enter(meeting, 'Ada', a), await zone.enter(meeting, 'Bob', b)];
    const index = zone.router(0).commands.length > 0 ? 0 : 1;
    zone.router(index).stop();
    for (const { client } of people) expect(await client.next('move')).toEqual({ type: 'move', reason: 'routerLost' });
    for (const { client } of people) expectType(await client.move(), 'moved');
    const joins = zone
      .router(1 - index)
      .commands.map(({ request }) => [request.participant, request.name, request.epoch]);
    expect(joins).toEqual(people.map(({ participant }, at) => [participant, ['Ada', 'Bob'][at], 2]));
  });

  test('that refuses connections though it is recorded: its people wait, its meetings go nowhere else yet', async () => {
    const [a] = await start(1, {}, [{}, {}]);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const index = zone.router(0).commands.length > 0 ? 0 : 1;
    zone.router(index).stopServing();
    expect(await ada.client.next('move')).toMatchObject({ reason: 'routerLost' });
    const refusal = { type: 'error', code: 'noRouter', retryAfterMs: 2_000 };
    expect(await ada.client.move()).toMatchObject(refusal);
    expect(await (await zone.connect(a)).join(meeting)).toMatchObject(refusal);
    zone.router(index).unregister();
    await expect.poll(async () => (await ada.client.move()).type).toBe('moved');
    expect(zone.router(1 - index).commands.map(({ request }) => request.epoch)).toEqual([2]);
  });

  test('that is another process at the same address: its people go on by that', async () => {
    const [a] = await start(1);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const { port } = zone.router();
    zone.router().stop();
    await zone.addRouter({ name: 'router-1', port });
    expect(await ada.client.next('move')).toMatchObject({ reason: 'routerLost' });
    await a?.whenReady(1);
    await expect.poll(async () => (await ada.client.move()).type).toBe('moved');
    expect((await zone.router(1).command('Join')).request).toMatchObject({ participant: ada.participant });
  });
});

describe('clients', () => {
  test('are told of the other controllers, and their pages may connect there', async () => {
    const [a, b] = await start(2);
    const meeting = await zone.controller.createMeeting();
    await expect.poll(async () => (await zone.enter(meeting, 'Ada', a)).joined.controllers).toEqual([b?.url]);
    const ada = await zone.enter(meeting, 'Ada', b);
    expect(ada.joined.controllers).toEqual([a?.url]);
    const client = await TestClient.connect(`${b?.url}`, { origin: `${a?.url}` });
    expect(expectType(await client.resume(ada.joined.self.session), 'resumed').controllers).toEqual([a?.url]);
    client.close();
    await expect(TestClient.connect(`${b?.url}`, { origin: 'http://elsewhere.example' })).rejects.toThrow('403');
    const policy = (await fetch(`${a?.url}/`)).headers.get('content-security-policy');
    expect(policy).toContain(`connect-src 'self' ${b?.url.replace('http', 'ws')}`);
  });
});

describe('a controller that stops', () => {
  test('is not named to anybody any more, at once; who was told of it is told otherwise', async () => {
    const [a, b] = await start(2);
    const meeting = await zone.controller.createMeeting();
    await expect.poll(async () => (await zone.enter(meeting, 'Ada', b)).joined.controllers).toEqual([a?.url]);
    const bob = await zone.enter(meeting, 'Bob', b);
    await a?.stop();
    expect((await bob.client.next('controllers')).controllers).toEqual([]);
    expect((await zone.enter(meeting, 'Cid', b)).joined.controllers).toEqual([]);
  });

  test('sends its people to others first, one after another, and lets nobody in; media and stays go on', async () => {
    const [a, b] = await start(2);
    const meeting = await zone.controller.createMeeting();
    const names = ['Ada', 'Bob', 'Cid'];
    const people = [];
    for (const name of names) people.push(await zone.enter(meeting, name, a));
    await expect.poll(() => a?.readinessProblems()).toEqual([]);
    const startMs = performance.now();
    await a?.drain(60_000);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(95);
    for (const { client } of people) expect(await client.closed).toBe(4001);
    await expect(zone.connect(a)).rejects.toThrow('503');
    expect(a?.readinessProblems()).toEqual(['this controller is stopping']);
    for (const { joined } of people) {
      // With the page of the first controller.
      const client = await TestClient.connect(`${b?.url}`, { origin: `${a?.url}` });
      const resumed = expectType(await client.resume(joined.self.session), 'resumed');
      expect(resumed.roster.map(({ name }) => name)).toEqual(names);
      expect(resumed.controllers).toEqual([]);
      client.close();
    }
    expect(zone.router().commands.filter(({ method }) => method === 'Leave')).toEqual([]);
  });

  test('is done in time, however many there are', async () => {
    const [a] = await start(2);
    const meeting = await zone.controller.createMeeting();
    const people = await Promise.all(Array.from({ length: 40 }, (_, index) => zone.enter(meeting, `${index}`, a)));
    await expect.poll(async () => (await zone.enter(meeting, 'Ada', a)).joined.controllers).toHaveLength(1);
    const startMs = performance.now();
    await a?.drain(100);
    // At 20 a second it would take two.
    expect(performance.now() - startMs).toBeLessThan(1_500);
    for (const { client } of people) expect(await client.closed).toBe(4001);
  });

  test('keeps its people till the end when there is no other', async () => {
    const [a] = await start(1);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    await a?.drain(60_000);
    ada.client.send({ type: 'ping' });
    await ada.client.next('pong');
    await a?.stop();
    expect(await ada.client.closed).toBe(1001);
  });
});
