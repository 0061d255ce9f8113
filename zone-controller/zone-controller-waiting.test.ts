/** The waiting room: who waits, is let in or refused, and what happens when something is lost meanwhile. */
import { afterEach, describe, expect, test } from 'vitest';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { expectType, type TestClient } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

let zone: TestZone;
let meeting: CreatedMeeting;
let host: TestClient;
afterEach(() => zone.stop());

/** A meeting with a host, and a waiting room. */
async function start(routers = 1, controllers = 1): Promise<void> {
  zone = await TestZone.start({}, new Array(routers).fill({}));
  for (let count = 1; count < controllers; count++) await zone.addController();
  for (const controller of zone.controllers) await controller.whenReady(routers);
  meeting = await zone.controller.createMeeting();
  host = await zone.connect();
  expectType(await host.join(meeting, 'Ann', { hostKey: meeting.hostKey }), 'joined');
  await host.act({ type: 'setSetting', setting: 'waitingRoom', value: true });
}

/** Somebody who waits. */
async function arrive(name: string, more: Parameters<TestClient['join']>[2] = {}, controller = zone.controller) {
  const client = await zone.connect(controller);
  const waiting = expectType(await client.join(meeting, name, more), 'waiting');
  return { client, waiting, participant: waiting.participant };
}

/** What hosts hear of the waiting. */
async function heard(type: 'waiting' | 'notWaiting') {
  const { changes } = await host.next('state', (message) => message.changes.some((change) => change.type === type));
  return changes.find((change) => change.type === type);
}

const joins = () => zone.routers.flatMap(({ commands }) => commands).filter(({ method }) => method === 'Join');

describe('who waits', () => {
  test('is seen by hosts, and comes in by the join that he has made, as who he was', async () => {
    await start();
    const walt = await arrive('Walt');
    const { participant } = walt;
    expect(walt.waiting).toMatchObject({ id: 1, reason: 'waitingRoom', meeting: { id: meeting.meeting } });
    expect(await heard('waiting')).toMatchObject({ entry: { participant, name: 'Walt', sinceMs: expect.any(Number) } });
    expect(await host.act({ type: 'admit', participant })).toMatchObject({ type: 'done' });
    const joined = expectType(await walt.client.answer(1), 'joined');
    expect(joined).toMatchObject({ self: { participant }, answer: 'answer to offer of Walt', state: { waiting: [] } });
    expect(await heard('notWaiting')).toEqual({ type: 'notWaiting', participants: [participant] });
    await host.next('roster', ({ changed }) => changed.some(({ name }) => name === 'Walt'));
    expect(await walt.client.act({ type: 'raiseHand' })).toMatchObject({ type: 'done' });
  });

  test('can be refused, and may ask again by another join', async () => {
    await start();
    const walt = await arrive('Walt');
    expect(await host.act({ type: 'refuse', participant: walt.participant })).toMatchObject({ type: 'done' });
    expect(await walt.client.next('left')).toEqual({ type: 'left', reason: 'refused' });
    // By the pass he is the one who was refused.
    const { meeting: id } = meeting;
    const byPass = await walt.client.join({ meeting: id }, 'Walt', { pass: walt.waiting.pass });
    expect(byPass).toMatchObject({ type: 'error', code: 'notAllowed' });
    expectType(await walt.client.join(meeting, 'Walt'), 'waiting');
  });

  test('may do nothing but leave', async () => {
    await start();
    const walt = await arrive('Walt');
    await heard('waiting');
    expect(await walt.client.act({ type: 'chat', text: 'hello' })).toMatchObject({ type: 'error', code: 'notJoined' });
    expect(await walt.client.join(meeting, 'Walt')).toMatchObject({ type: 'error', code: 'badMessage' });
    walt.client.send({ type: 'leave' });
    expect(await walt.client.next('left')).toEqual({ type: 'left', reason: 'left' });
    expect(await heard('notWaiting')).toEqual({ type: 'notWaiting', participants: [walt.participant] });
    expectType(await walt.client.join(meeting, 'Walt'), 'waiting');
  });

  test('waits for a host where nobody may be before one', async () => {
    await start();
    for (const [setting, value] of [
      ['joinBeforeHost', false],
      ['waitingRoom', false],
    ] as const) {
      await host.act({ type: 'setSetting', setting, value });
    }
    host.send({ type: 'leave' });
    await host.next('left');
    const walt = await arrive('Walt');
    expect(walt.waiting.reason).toBe('noHost');
    const late = await zone.connect();
    expectType(await late.join(meeting, 'Cora', { hostKey: meeting.hostKey }), 'joined');
    expectType(await walt.client.answer(1), 'joined');
  });

  test('hears that the meeting has ended', async () => {
    await start();
    const walt = await arrive('Walt');
    host.send({ type: 'act', id: 9, act: { type: 'endMeeting' } });
    expect(await walt.client.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
  });

  test('is not ended by the time for a greeting', async () => {
    zone = await TestZone.start({ times: { greetingMs: 200 } });
    meeting = await zone.controller.createMeeting();
    host = await zone.connect();
    await host.join(meeting, 'Ann', { hostKey: meeting.hostKey });
    await host.act({ type: 'setSetting', setting: 'waitingRoom', value: true });
    const walt = await arrive('Walt');
    const idle = await zone.connect();
    expect(await idle.closed).toBe(1008);
    await host.act({ type: 'admitAll' });
    expectType(await walt.client.answer(1), 'joined');
  });
});

describe('a connection that is lost', () => {
  test('comes back by the pass, at any controller, at the same place in the list', async () => {
    await start(1, 2);
    const walt = await arrive('Walt');
    const first = await heard('waiting');
    walt.client.close();
    await zone.router().command('Detach');
    const { pass } = walt.waiting;
    const [, other] = zone.controllers;
    const again = await zone.connect(other);
    const waiting = expectType(await again.join({ meeting: meeting.meeting }, 'Somebody', { pass }), 'waiting');
    expect(waiting.participant).toBe(walt.participant);
    const cora = await zone.connect();
    const { state } = expectType(await cora.join(meeting, 'Cora', { hostKey: meeting.hostKey }), 'joined');
    expect(first).toEqual({ type: 'waiting', entry: state.waiting[0] });
    await cora.act({ type: 'admit', participant: walt.participant });
    const joined = expectType(await again.answer(1), 'joined');
    expect(joined.roster.map(({ name }) => name)).toEqual(['Ann', 'Cora', 'Walt']);
  });

  test('is replaced by another one with the same pass', async () => {
    await start();
    const walt = await arrive('Walt');
    const again = await zone.connect();
    expectType(await again.join({ meeting: meeting.meeting }, 'Walt', { pass: walt.waiting.pass }), 'waiting');
    expect(await walt.client.closed).toBe(4000);
    await host.act({ type: 'admitAll' });
    expectType(await again.answer(1), 'joined');
  });

  test('is that of a controller that hands over its people: they wait at another', async () => {
    await start(1, 2);
    const [, other] = zone.controllers;
    const walt = await arrive('Walt', {}, other);
    await other?.drain(1_000);
    expect(await walt.client.closed).toBe(4001);
    const again = await zone.connect();
    expectType(await again.join({ meeting: meeting.meeting }, 'Walt', { pass: walt.waiting.pass }), 'waiting');
    await host.act({ type: 'admitAll' });
    expectType(await again.answer(1), 'joined');
  });

  test('without a pass that is good there is no way back', async () => {
    await start();
    const client = await zone.connect();
    const forged = await client.join({ meeting: meeting.meeting }, 'Eve', { pass: 'eyJhbGciOiJub25lIn0.e30.' });
    expect(forged).toMatchObject({ type: 'error', code: 'sessionExpired' });
    const walt = await arrive('Walt');
    const other = await zone.controller.createMeeting();
    const elsewhere = await client.join({ meeting: other.meeting }, 'Walt', { pass: walt.waiting.pass });
    expect(elsewhere).toMatchObject({ type: 'error', code: 'sessionExpired' });
    // A session token is no pass.
    const joined = expectType(await client.join(other, 'Eve'), 'joined');
    const third = await zone.connect();
    const byToken = await third.join({ meeting: other.meeting }, 'Eve', { pass: joined.self.session });
    expect(byToken).toMatchObject({ type: 'error', code: 'sessionExpired' });
  });
});

describe('a router', () => {
  test('that is lost with all that it knew: who waits asks at another, and waits there', async () => {
    await start(2);
    const walt = await arrive('Walt');
    zone.routers.find(({ commands }) => commands.some(({ method }) => method === 'Join'))?.stop();
    await host.next('move');
    expectType(await host.move(), 'moved');
    await expect.poll(() => host.act({ type: 'admit', participant: walt.participant })).toMatchObject({ type: 'done' });
    expectType(await walt.client.answer(1), 'joined');
  });

  test('whose events broke off while it was decided tells it afterwards', async () => {
    await start();
    const walt = await arrive('Walt');
    const before = joins().length;
    zone.router().breakEvents();
    await host.act({ type: 'admitAll' });
    expectType(await walt.client.answer(1), 'joined');
    expect(joins().length).toBeGreaterThan(before);
  });

  test('that has no room for many at once lets in all in the end', async () => {
    await start();
    const waiting = await Promise.all(Array.from({ length: 30 }, (_, index) => arrive(`Walt ${index}`)));
    await host.act({ type: 'admitAll' });
    for (const { client } of waiting) expectType(await client.answer(1), 'joined');
  });
});
