/** Several controllers on one registry: none knows what another could not, and people may come to any of them. */
import { afterEach, describe, expect, test } from 'vitest';
import { expectType, TestClient } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';
import type { ZoneController } from './zone-controller.ts';

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
    const [a, b] = await start(2, { times: { resumeMs: 10 } });
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const bob = await zone.enter(meeting, 'Bob', a);
    const client = await zone.connect(b);
    ada.client.close();
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    await zone.router().command('Detach');
    // Each takes the 50 ms that roster changes are collected for: many times what a detached one may stay.
    for (const live of ['microphone', 'microphone,camera', 'microphone', 'microphone,camera']) {
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

  test('of another zone, and one that was changed, are none', async () => {
    const [a] = await start(1);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada', a);
    const [header, payload, signature] = ada.joined.self.session.split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    expect(claims).toEqual({
      zone: 'test',
      meeting: meeting.meeting,
      participant: ada.participant,
      router: 'router-1',
      worker: 0,
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
