/**
 * Breakout rooms whose people are all in another zone than the host: what he orders reaches them. All real but the bus, which is
 * in memory, and media: nobody sends any.
 */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { expectType, TestClient } from '../../zone-controller/testing/test-client.ts';
import { ZonesOfWorld } from './zones-of-world.ts';

const patience = { timeout: 20_000, interval: 50 };
const offer = readFileSync(new URL('../../mmr/sdp/fixtures/chromium-156-join.sdp', import.meta.url), 'utf8');
const sources = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
let world: ZonesOfWorld;
let clients: TestClient[];

beforeEach(async () => {
  clients = [];
  world = await ZonesOfWorld.start([
    { zone: 'cloud', listens: true },
    { zone: 'company', listens: false, policy: { residency: 'local', guests: { via: 'cloud' as ZoneId } } },
  ]);
});
afterEach(async () => {
  for (const client of clients) client.close();
  await world.stop();
});

const isAcquainted = async (zone: string): Promise<boolean> => {
  const text = await world.zone(zone).controller.metrics();
  return (
    text.includes('zonecast_controller_world_zones{standing="well"} 2') &&
    text.includes('zonecast_controller_world_blocks 2')
  );
};

async function enter(zone: string, meeting: { meeting: string; passcode?: string }, name: string, more: object = {}) {
  const client = await TestClient.connect(world.zone(zone).controller.url);
  clients.push(client);
  const joined = expectType(await client.join(meeting, name, { offer, sources, ...more }), 'joined');
  return { client, joined, participant: joined.self.participant };
}

test('people in rooms of another zone are called back, and go when the meeting ends', { timeout: 60_000 }, async () => {
  for (const zone of ['cloud', 'company']) await expect.poll(() => isAcquainted(zone), patience).toBe(true);
  const meeting = await world.zone('cloud').controller.createMeeting();
  const ann = await enter('cloud', meeting, 'ann', { hostKey: meeting.hostKey });
  const ben = await enter('company', meeting, 'ben');
  const cat = await enter('company', meeting, 'cat');
  // The zones have found each other when the host's knows who is there.
  for (const { participant } of [ben, cat]) {
    const light = async () => (await ann.client.act({ type: 'spotlight', participant })).type;
    await expect.poll(light, patience).toBe('done');
  }
  const rooms = [
    { name: 'Blue', assigned: [ben.participant] },
    { name: 'Red', assigned: [cat.participant] },
  ];
  expect(await ann.client.act({ type: 'openRooms', rooms })).toMatchObject({ type: 'done' });
  const follow = async ({ client }: typeof ben, name: string) => {
    const { meeting: room, pass } = await client.next('goTo');
    client.send({ type: 'leave' });
    await client.next('left');
    return enter('company', { meeting: room }, name, { pass });
  };
  const [benThere, catThere] = [await follow(ben, 'ben'), await follow(cat, 'cat')];
  expect([benThere, catThere].map(({ joined }) => joined.state.main)).toEqual([meeting.meeting, meeting.meeting]);

  expect(await ann.client.act({ type: 'assignRoom', participant: ben.participant })).toMatchObject({ type: 'done' });
  const back = await benThere.client.next('goTo');
  expect(back.meeting).toBe(meeting.meeting);
  expect(await ann.client.act({ type: 'closeRooms' })).toMatchObject({ type: 'done' });
  expect((await catThere.client.next('goTo')).meeting).toBe(meeting.meeting);

  ann.client.send({ type: 'act', id: 99, act: { type: 'endMeeting' } });
  expect(await catThere.client.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
});
