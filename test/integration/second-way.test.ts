/** Another way to the same router that comes to nothing: what the client is told, by a real router, by whichever controller it is with. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreatedMeeting, ServerMessage, SourceKind } from '../../proto/signalling.ts';
import { expectType, TestClient } from '../../zone-controller/testing/test-client.ts';
import type { ZoneController } from '../../zone-controller/zone-controller.ts';
import { ZoneOfControllers } from './zone-of-controllers.ts';

/** Of a browser that never sends a packet. */
const offer = readFileSync(new URL('../../mmr/sdp/fixtures/chromium-156-join.sdp', import.meta.url), 'utf8');

let zone: ZoneOfControllers;
let a: ZoneController;
let b: ZoneController;
let meeting: CreatedMeeting;
/** Who is seen. */
let ada: string;
let bob: TestClient;
const clients: TestClient[] = [];
/** Of requests; the test client counts its own from 1. */
let nextId = 1_000;

beforeEach(async () => {
  zone = await ZoneOfControllers.start(2, 1);
  [a, b] = zone.controllers as [ZoneController, ZoneController];
  meeting = await a.createMeeting();
  ada = (await zone.join(b, meeting, 'Ada')).id;
  bob = await connect(a);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await zone.stop();
});

async function connect(controller: ZoneController): Promise<TestClient> {
  const client = await TestClient.connect(controller.url);
  clients.push(client);
  return client;
}

type Slots = Extract<ServerMessage, { type: 'slots' }>['slots'];
const showsAda = (slots: Slots, kind: SourceKind = 'camera') =>
  slots.some((slot) => slot.participant === ada && slot.kind === kind);

/** He is told so at once, or soon. */
async function seeAda(said: Slots): Promise<void> {
  if (!showsAda(said)) await bob.next('slots', ({ slots }) => showsAda(slots));
}

function goAnotherWay(): Promise<ServerMessage> {
  const id = nextId++;
  const sources = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
  bob.send({ type: 'move', id, offer, sources, muted: ['screen'], why: 'path' });
  return bob.answer(id);
}

/** Bob is in and sees Ada, and by the second way that he takes then, too. */
async function takeSecondWay(): Promise<Extract<ServerMessage, { type: 'moved' }>> {
  await seeAda(expectType(await bob.join(meeting, 'Bob', { offer }), 'joined').slots);
  const moved = expectType(await goAnotherWay(), 'moved');
  await seeAda(moved.slots);
  return moved;
}

describe('a second way that comes to nothing', { timeout: 60_000 }, () => {
  test('is told of when nothing has come by it for a while, with all that the first one carries', async () => {
    await takeSecondWay();
    const { slots } = await bob.next('moveUndone');
    expect([showsAda(slots), showsAda(slots, 'microphone')]).toEqual([true, true]);
    expect(slots.every(({ participant }) => participant !== undefined)).toBe(true);
    await bob.next('encodings');
  });

  test('is over at once when the client says so, also before it is answered', async () => {
    await takeSecondWay();
    bob.send({ type: 'stay' });
    expect(showsAda((await bob.next('moveUndone')).slots)).toBe(true);
    const third = goAnotherWay();
    bob.send({ type: 'stay' });
    expectType(await third, 'moved');
    expect(showsAda((await bob.next('moveUndone')).slots)).toBe(true);
  });

  test('is told of by the controller that the client has come to meanwhile', async () => {
    const { session } = await takeSecondWay();
    const again = await connect(b);
    const resumed = expectType(await again.resume(session), 'resumed');
    expect(showsAda(resumed.slots)).toBe(true);
    expect(showsAda((await again.next('moveUndone')).slots)).toBe(true);
    expect(bob.count('moveUndone')).toBe(0);
  });
});
