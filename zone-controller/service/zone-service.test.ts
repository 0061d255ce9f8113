/** The meeting service in a controller: what it makes can be joined, by whom it says, and what it ends is over. */
import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '../../common/audit/audit.ts';
import { createLogger } from '../../common/log.ts';
import { clientCredentials } from '../../common/mutual-tls.ts';
import type { CreateReply__Output } from '../../proto/gen/zonecast/meetings/v1/CreateReply.ts';
import { AdminService, MeetingsService } from '../../proto/load.ts';
import { expectType, type TestClient } from '../testing/test-client.ts';
import { TestZone } from '../testing/test-zone.ts';
import { Identities } from './identity/identities.ts';
import { identityConfig } from './identity/identity-config.ts';
import type { CreatedMeetingResource } from './meeting-schemas.ts';
import { TestProvider } from './testing/test-provider.ts';

let provider: TestProvider;
let zone: TestZone;
let entries: AuditEntry[];

beforeEach(async () => {
  entries = [];
  provider = await TestProvider.start();
  zone = await TestZone.start({
    audit: { record: (entry) => void entries.push(entry) },
    identities: identities(false),
  });
});
afterEach(async () => {
  await zone.stop();
  await provider.stop();
});

function identities(required: boolean): Identities {
  const { issuer, jwksUri } = provider;
  const config = identityConfig.parse({ required, issuers: [{ issuer, jwksUri, audience: ['zonecast'] }] });
  return new Identities(config, createLogger({ name: 'test', level: 'silent' }));
}

async function made(token: string, body: object = {}): Promise<CreatedMeetingResource> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${zone.url}/v1/meetings`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(201);
  return (await response.json()) as CreatedMeetingResource;
}

function say(
  client: TestClient,
  meeting: string,
  shown: { passcode?: string; token?: string; name?: string; hostKey?: string },
) {
  client.send({ type: 'join', id: 100, meeting, offer: 'offer', sources: { '0': 'microphone' }, muted: [], ...shown });
  return client.answer(100);
}

test('its owner joins by his token, as the host, under the name that it has', async () => {
  const token = await provider.sign('ada', { name: 'Ada Lovelace' });
  const { meeting, passcode } = await made(token, { title: 'Plans', settings: { chat: 'host' } });
  const joined = expectType(await say(await zone.connect(), meeting, { token }), 'joined');
  expect(joined.meeting).toEqual({ id: meeting, title: 'Plans' });
  expect(joined.state.settings.chat).toBe('host');
  const { participant } = joined.self;
  expect(joined.roster).toMatchObject([{ participant, name: 'Ada Lovelace' }]);
  expect(joined.state.people).toMatchObject([{ participant, role: 'host' }]);
  const who = { identity: `${provider.issuer} ada`, address: '127.0.0.1', participant, role: 'host' };
  expect(entries.at(-1)).toEqual({ what: 'join.host', who, meeting, outcome: 'done' });
  const nameless = await say(await zone.connect(), meeting, { passcode });
  expect(nameless).toMatchObject({ type: 'error', code: 'badMessage', message: 'Say who you are.' });
  const stranger = await say(await zone.connect(), meeting, { token: await provider.sign('bob'), name: 'Bob' });
  expect(stranger).toMatchObject({ type: 'error', code: 'wrongPasscode' });
});

test('where everybody signs in, a passcode is not enough', async () => {
  await zone.stop();
  zone = await TestZone.start({ identities: identities(true) });
  const { meeting, passcode } = await made(await provider.sign('ada'));
  const client = await zone.connect();
  expect(await say(client, meeting, { passcode, name: 'Eve' })).toMatchObject({ type: 'error', code: 'notAllowed' });
  const token = await provider.sign('bob', { name: 'Bob' });
  expectType(await say(client, meeting, { passcode, token }), 'joined');
});

test('no more people come in than the meeting may have', async () => {
  const { meeting, passcode } = await made(await provider.sign('ada'), { limits: { participants: 1 } });
  await zone.enter({ meeting, passcode }, 'Ada');
  const refused = await say(await zone.connect(), meeting, { passcode, name: 'Bob' });
  expect(refused).toMatchObject({ type: 'error', code: 'meetingFull' });
});

test('what is ended has nobody in it, and lets nobody in; its acts are in the audit log', async () => {
  const created = await made(await provider.sign('ada'));
  const { client } = await zone.enter(created, 'Bob');
  const { meeting, hostKey } = created;
  client.send({ type: 'act', id: 7, act: { type: 'claimHost' }, hostKey });
  expectType(await client.answer(7), 'done');
  client.send({ type: 'act', id: 8, act: { type: 'lock' } });
  expectType(await client.answer(8), 'done');
  const headers = { 'zonecast-host-key': hostKey };
  const response = await fetch(`${zone.url}/v1/meetings/${meeting}/end`, { method: 'POST', headers });
  expect(await response.json()).toMatchObject({ ended: true });
  expect((await client.next('left')).reason).toBe('meetingEnded');
  const again = await say(await zone.connect(), meeting, { passcode: created.passcode, name: 'Bob' });
  expect(again).toMatchObject({ code: 'noSuchMeeting', message: 'This meeting has ended.' });
  expect(entries.map(({ what, outcome }) => `${what} ${outcome}`)).toEqual([
    'meetings.create done',
    'act.claimHost done',
    'act.lock done',
    'meetings.end done',
  ]);
  expect(JSON.stringify(entries)).not.toContain(hostKey);
});

test('operators make meetings by gRPC; what they order is recorded', async () => {
  const credentials = clientCredentials(await zone.certificates.issue('operator', 'ada', []));
  const address = `localhost:${zone.controller.grpcPort}`;
  const meetings = new MeetingsService(address, credentials);
  const admin = new AdminService(address, credentials);
  try {
    const created = await new Promise<CreateReply__Output>((resolve, reject) => {
      meetings.Create({ title: 'Plans' }, (error, reply) => (reply ? resolve(reply) : reject(error)));
    });
    const { meeting = '' } = created.meeting ?? {};
    const { participant } = await zone.enter({ meeting, passcode: created.passcode }, 'Bob');
    const kick = { meeting, participant, reason: 'loud' };
    await new Promise((resolve, reject) => admin.Kick(kick, (error) => (error ? reject(error) : resolve(undefined))));
    const refused = await new Promise<ServiceError | null>((resolve) => admin.Undrain({ router: 'x' }, resolve));
    expect(refused).toBeNull();
    const order = { tunnel: 't1' };
    const noTunnel = await new Promise<ServiceError | null>((resolve) => admin.DrainTunnel(order, resolve));
    expect(noTunnel?.code).toBe(status.NOT_FOUND);
    await new Promise((resolve) => admin.UndrainTunnel(order, resolve));
    const details = { reason: 'loud' };
    expect(entries).toEqual([
      { what: 'meetings.create', who: { operator: 'ada' }, meeting, details: { keys: ['title'] }, outcome: 'done' },
      { what: 'admin.kick', who: { operator: 'ada' }, meeting, about: participant, details, outcome: 'done' },
      { what: 'admin.undrain', who: { operator: 'ada' }, details: { router: 'x' }, outcome: 'done' },
      { what: 'admin.drainTunnel', who: { operator: 'ada' }, details: order, outcome: 'noSuchTunnel' },
      { what: 'admin.undrainTunnel', who: { operator: 'ada' }, details: order, outcome: 'done' },
    ]);
  } finally {
    for (const client of [meetings, admin] as Client[]) client.close();
  }
});
