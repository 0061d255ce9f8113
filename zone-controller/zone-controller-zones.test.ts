/** Controllers of two zones that know each other: who joins, comes back or is sent away gets to the right one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ZoneId } from '../common/ids.ts';
import type { ZoneList } from '../proto/signalling.ts';
import { randomMeetingId } from './meeting/meeting-id.ts';
import { hashSecret } from './meeting/secret.ts';
import { FakeWorlds } from './testing/fake-worlds.ts';
import { expectType } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

const MEETING = { meeting: randomMeetingId(), passcode: 'secret' };
const NEAR_B = { roundTrips: { a: 90, b: 5 } };
const NEAR_A = { roundTrips: { a: 5, b: 90 } };

let worlds: FakeWorlds;
let a: TestZone;
let b: TestZone;

async function startZone(zone: string): Promise<TestZone> {
  const membership = worlds.membership(zone);
  const started = await TestZone.start({ zone: zone as ZoneId, membership });
  worlds.at(zone, started.url);
  return started;
}

beforeEach(async () => {
  worlds = new FakeWorlds('a', 'b');
  [a, b] = await Promise.all([startZone('a'), startZone('b')]);
  // Of a third zone, so that neither has it in its own registry.
  const secret = await hashSecret(MEETING.passcode);
  worlds.homes.set(MEETING.meeting, 'c' as ZoneId);
  worlds.definitions.set(MEETING.meeting, { passcode: secret, hostKey: secret, createdMs: 0, expiresMs: null });
});
afterEach(() => Promise.all([a.stop(), b.stop()]));

/** Ada, in zone a. */
async function enterA() {
  const client = await a.connect();
  const joined = expectType(await client.join(MEETING, 'Ada', NEAR_A), 'joined');
  return { client, joined, ...joined.self };
}

/** Those whom the zone's router has. */
function peopleAt(zone: TestZone): string[] {
  const joins = zone.router().commands.filter(({ method }) => method === 'Join');
  const leaves = zone.router().commands.filter(({ method }) => method === 'Leave');
  const left = new Set(leaves.map(({ request }) => request.participant));
  return joins.flatMap(({ request }) => (left.has(request.participant) ? [] : [String(request.participant)]));
}

describe('who joins', () => {
  test('is sent to the zone that is best for him, and let in there', async () => {
    const client = await a.connect();
    const redirect = expectType(await client.join(MEETING, 'Ada', NEAR_B), 'redirect');
    expect(redirect).toMatchObject({ zone: 'b', urls: [b.url], tried: ['a'] });
    expect(redirect.reason).toContain('nearer');
    const there = await b.connect();
    const { tried } = redirect;
    expectType(await there.join(MEETING, 'Ada', { ...NEAR_B, tried }), 'joined');
    expect([peopleAt(a).length, peopleAt(b).length]).toEqual([0, 1]);
    // The connection to a is good for another join.
    expectType(await client.join(MEETING, 'Bob', NEAR_A), 'joined');
  });

  test('with the wrong passcode is not sent anywhere', async () => {
    const client = await a.connect();
    const wrong = { ...MEETING, passcode: 'guess' };
    expect(await client.join(wrong, 'Ada', NEAR_B)).toMatchObject({ type: 'error', code: 'wrongPasscode' });
  });

  test('and cannot reach it, is let in where he is', async () => {
    const client = await a.connect();
    expectType(await client.join(MEETING, 'Ada', { ...NEAR_B, tried: ['a', 'b'] }), 'joined');
  });

  test('is told where else to go, first of all in his zone', async () => {
    const other = await a.addController();
    const { joined } = await enterA();
    expect(joined.controllers).toEqual([other.url, b.url]);
  });
});

describe('who comes back', () => {
  test('to another zone is sent home while his own is well', async () => {
    const { session } = await enterA();
    const redirect = expectType(await (await b.connect()).resume(session), 'redirect');
    expect(redirect).toMatchObject({ zone: 'a', urls: [a.url], tried: ['b'] });
    expectType(await (await a.connect()).resume(session, { tried: redirect.tried }), 'resumed');
  });

  test('goes on in another zone when his own is lost, as the same participant', async () => {
    const { session, participant } = await enterA();
    worlds.be('a', { standing: 'lost', silentMs: 3_000 });
    const client = await b.connect();
    const resumed = expectType(await client.resume(session), 'resumed');
    expect(resumed.self).toEqual({ participant, session });
    expect(resumed.roster).toMatchObject([{ participant, name: 'Ada', connected: false }]);
    expect(await client.next('move')).toEqual({ type: 'move', reason: 'zoneLost' });
    expect(worlds.stranded).toEqual(['b a']);
    const moved = expectType(await client.move(), 'moved');
    const [join] = b.router().commands.filter(({ method }) => method === 'Join');
    expect(join?.request).toMatchObject({ participant, name: 'Ada', entry: { returning: true } });
    // From here on he is one of zone b.
    client.close();
    const again = await b.connect();
    expectType(await again.resume(moved.session), 'resumed');
    expect(again.count('move')).toBe(0);
  });

  test('asks again while it is not clear whether his zone is lost', async () => {
    const { session } = await enterA();
    worlds.be('a', { standing: 'silent', silentMs: 2_100 });
    const client = await b.connect();
    expect(await client.resume(session)).toMatchObject({ type: 'error', code: 'tryAgain', retryAfterMs: 500 });
    worlds.be('a', { standing: 'lost', silentMs: 3_100 });
    expectType(await client.resume(session), 'resumed');
  });

  test('to another zone with a token that none has signed is not let in', async () => {
    const { session } = await enterA();
    worlds.be('a', { standing: 'lost' });
    const [header, payload, signature = ''] = session.split('.');
    const forged = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    const claims = Buffer.from(JSON.stringify({ ...forged, participant: 'eve' })).toString('base64url');
    const client = await b.connect();
    expect(await client.resume(`${header}.${claims}.${signature}`)).toMatchObject({ code: 'sessionExpired' });
  });
});

describe('a drained zone', () => {
  test('sends its people to another, where they go on as who they are; then it is left', async () => {
    const { client, session, participant } = await enterA();
    worlds.be('a', { drained: true });
    const transfer = await client.next('transfer');
    expect(transfer).toEqual({ type: 'transfer', zone: 'b', urls: [b.url], reason: 'zoneDrained' });
    const there = await b.connect();
    expectType(await there.resume(session), 'resumed');
    expect(await there.next('move')).toEqual({ type: 'move', reason: 'zoneDrained' });
    expectType(await there.move(), 'moved');
    // Nothing of the old place has ended yet.
    expect([peopleAt(a), peopleAt(b)]).toEqual([[participant], [participant]]);
    client.send({ type: 'leave' });
    expect((await a.router().command('Leave')).request).toMatchObject({ participant });
    expect(peopleAt(b)).toEqual([participant]);
    expect(worlds.stranded).toEqual([]);
  });

  test('takes nobody new, and lets who is there come back', async () => {
    const { session } = await enterA();
    worlds.be('a', { drained: true });
    const client = await a.connect();
    expect(await client.join(MEETING, 'Bob', NEAR_A)).toMatchObject({ type: 'redirect', zone: 'b' });
    expectType(await client.resume(session), 'resumed');
  });
});

describe('a meeting that may not be in a zone any more', () => {
  test('goes on with its people where they may be, as who they are', async () => {
    const { client, session, participant } = await enterA();
    worlds.rule('c', { residency: 'local', guests: { via: 'b' as ZoneId } });
    const transfer = await client.next('transfer');
    expect(transfer).toEqual({ type: 'transfer', zone: 'b', urls: [b.url], reason: 'policy' });
    const there = await b.connect();
    expectType(await there.resume(session), 'resumed');
    expect(await there.next('move')).toEqual({ type: 'move', reason: 'policy' });
    expectType(await there.move(), 'moved');
    client.send({ type: 'leave' });
    expect((await a.router().command('Leave')).request).toMatchObject({ participant });
    expect(peopleAt(b)).toEqual([participant]);
    expect(worlds.stranded).toEqual([]);
  });

  test('ends for those who may be nowhere, and they are told why', async () => {
    const { client, participant } = await enterA();
    worlds.rule('c', { residency: 'local' });
    expect(await client.next('left')).toEqual({ type: 'left', reason: 'notAllowedHere' });
    expect((await a.router().command('Leave')).request).toMatchObject({ participant });
  }, 20_000);
});

test('GET /v1/zones tells of all zones, this one first, as far as they take people', async () => {
  const zones = async (zone: TestZone): Promise<ZoneList['zones']> => {
    const response = await fetch(`${zone.url}/v1/zones`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    return ((await response.json()) as ZoneList).zones;
  };
  const [own, other] = await zones(b);
  expect(own).toMatchObject({ zone: 'b', name: 'Zone b', urls: [b.url] });
  expect(own?.probe?.ufrag).toMatch(/^probe\/\w+$/);
  expect(own?.probe?.targets).toEqual([{ address: '192.0.2.1', port: 8801 }]);
  expect(other).toMatchObject({ zone: 'a', urls: [a.url] });
  worlds.be('a', { standing: 'lost' });
  expect((await zones(b)).map(({ zone }) => zone)).toEqual(['b']);
});
