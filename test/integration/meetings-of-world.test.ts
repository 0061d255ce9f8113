/**
 * The meeting service in two zones: a meeting is managed in either of them, and its own zone decides. All real but the bus, which is in
 * memory, and media: nobody sends any.
 */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { TestClient } from '../../zone-controller/testing/test-client.ts';
import { ZonesOfWorld } from './zones-of-world.ts';

const patience = { timeout: 20_000, interval: 50 };
const offer = readFileSync(new URL('../../mmr/sdp/fixtures/chromium-156-join.sdp', import.meta.url), 'utf8');
const sources = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
let world: ZonesOfWorld;
let meeting: CreatedMeeting;
let clients: TestClient[];

beforeEach(async () => {
  clients = [];
  world = await ZonesOfWorld.start([
    { zone: 'east', listens: true },
    { zone: 'west', listens: true },
  ]);
  for (const { controller } of world.zones) {
    const zones = async () =>
      (await controller.metrics()).includes('zonecast_controller_world_zones{standing="well"} 2');
    await expect.poll(zones, patience).toBe(true);
  }
  meeting = await world.zone('east').controller.createMeeting();
});
afterEach(async () => {
  for (const client of clients) client.close();
  await world.stop();
});

async function ask(zone: string, method: string, path = '', more: Record<string, string> = {}, body?: object) {
  const url = `${world.zone(zone).controller.url}/v1/meetings/${meeting.meeting}${path}`;
  const headers = { 'zonecast-host-key': meeting.hostKey, 'content-type': 'application/json', ...more };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  const [tag, retry] = [response.headers.get('etag'), response.headers.get('retry-after')];
  return { status: response.status, tag, retry, body: text === '' ? undefined : JSON.parse(text) };
}

test('who asks in another zone is answered as at home, by the home', { timeout: 60_000 }, async () => {
  await expect.poll(async () => (await ask('west', 'GET')).status, patience).toBe(200);
  expect(await ask('west', 'GET')).toEqual(await ask('east', 'GET'));
  const renamed = await ask('west', 'PATCH', '', { 'if-match': '"1"' }, { title: 'Plans' });
  expect(renamed).toMatchObject({ status: 200, tag: '"2"', body: { title: 'Plans', revision: 2 } });
  expect(await ask('east', 'GET')).toMatchObject({ tag: '"2"', body: { title: 'Plans' } });
  const wrong = [
    ['PATCH', '', { 'if-match': '"1"' }, { title: 'Late' }, 412, 'outdated'],
    ['PATCH', '', {}, { title: 7 }, 400, 'badMessage'],
    ['GET', '', { 'zonecast-host-key': 'guess' }, undefined, 403, 'wrongPasscode'],
    ['GET', '', { authorization: 'Bearer abc' }, undefined, 401, 'unauthenticated'],
    ['GET', '/occurrences?limit=0', {}, undefined, 400, 'badMessage'],
  ] as const;
  for (const [method, path, headers, body, status, code] of wrong) {
    const [away, home] = [
      await ask('west', method, path, headers, body),
      await ask('east', method, path, headers, body),
    ];
    expect(away).toEqual(home);
    expect(away).toMatchObject({ status, body: { error: { code } } });
  }
  const { body } = await ask('west', 'POST', '/host-key');
  expect((await ask('west', 'GET')).status).toBe(403);
  expect((await ask('west', 'DELETE', '', { 'zonecast-host-key': body.hostKey })).status).toBe(204);
  expect((await ask('east', 'GET', '', { 'zonecast-host-key': body.hostKey })).status).toBe(404);
});

test('as long as its zone does not answer, the error names it', { timeout: 60_000 }, async () => {
  await expect.poll(async () => (await ask('west', 'GET')).status, patience).toBe(200);
  world.zone('east').line.cut();
  const { status, retry, body } = await ask('west', 'PATCH', '', {}, { title: 'Plans' });
  expect({ status, retry, code: body.error.code }).toEqual({ status: 503, retry: '2', code: 'tryAgain' });
  expect(body.error.message).toContain('"east"');
});

test('a meeting whose people are all in another zone ends there', { timeout: 60_000 }, async () => {
  const client = await TestClient.connect(world.zone('west').controller.url);
  clients.push(client);
  const enter = () => client.join(meeting, 'ann', { offer, sources, roundTrips: { west: 1, east: 90 } });
  await expect.poll(async () => (await enter()).type, patience).toBe('joined');
  expect(await ask('east', 'GET')).toMatchObject({ body: { running: false } });
  expect(await ask('east', 'POST', '/end')).toMatchObject({ status: 200, body: { ended: true } });
  expect(await client.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
});
