import type { ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry } from '../../common/audit/audit.ts';
import { fromGrpcError } from '../../common/grpc-errors.ts';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import {
  clientCredentials,
  type DaemonRole,
  mintZoneCertificates,
  type ZoneCertificates,
} from '../../common/mutual-tls.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { GlobalClient } from '../../proto/gen/zonecast/global/v1/Global.ts';
import { GlobalService } from '../../proto/load.ts';
import { meetingOf, WorldLab } from '../daemon/world-lab.ts';
import { GlobalOrders } from './global-orders.ts';
import { GlobalServer } from './global-server.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const lab = new WorldLab();
const MEETING = meetingOf(0);
const entries: AuditEntry[] = [];
const audit = { record: (entry: AuditEntry) => void entries.push(entry) };
const clients: GlobalClient[] = [];
let certificates: ZoneCertificates;
let server: GlobalServer;
let port: number;
let operator: GlobalClient;

beforeAll(async () => {
  certificates = await mintZoneCertificates();
  await lab.begin(['alpha', 'beta', 'eu.west'], 1);
  const [controller] = lab.controllers;
  if (controller === undefined) throw new Error('no controller');
  server = new GlobalServer(new GlobalOrders(controller.bus, controller.mirror, log), audit, log);
  port = await server.start('localhost:0', await certificates.issue('zone-controller', 'gc-1'));
  operator = await client('operator');
});
afterAll(async () => {
  for (const each of clients) each.close();
  await server.stop();
  await lab.close();
});

async function client(role: DaemonRole): Promise<GlobalClient> {
  const made = new GlobalService(`localhost:${port}`, clientCredentials(await certificates.issue(role, 'me')));
  clients.push(made);
  return made;
}

/** The reply, or the code of the error with its message. */
async function ask<Reply>(start: (done: requestCallback<Reply>) => ClientUnaryCall): Promise<Reply | string> {
  try {
    return await callUnary<Reply>((_, done) => start(done), 5_000);
  } catch (error) {
    const { code, message } = fromGrpcError(error as Parameters<typeof fromGrpcError>[0]);
    return `${code}: ${message}`;
  }
}

test('only operators are served', async () => {
  const router = await client('router');
  expect(await ask((done) => router.ListZones({}, done))).toMatch(/^unauthorized: "me", whose role is "router"/);
});

test('zones, with what they said last', async () => {
  expect(await ask((done) => operator.ListZones({}, done))).toMatchObject({
    zones: [
      { zone: 'alpha', standing: 'well', drained: false, participants: 500, headRoom: 0.5, routersReady: 2 },
      { zone: 'beta' },
      { zone: 'eu.west' },
    ],
  });
});

test('a zone is drained and taken into use again', async () => {
  const set = (zone: string, drained: boolean) => ask((done) => operator.SetDrained({ zone, drained }, done));
  expect(await set('beta', true)).toMatchObject({ zone: 'beta', drained: true });
  const isDrained = () => lab.controllers[0]?.mirror.planningWorld().zones.get('beta' as ZoneId)?.drained;
  await lab.until(() => isDrained() === true);
  expect(await set('beta', false)).toMatchObject({ drained: false });
  await lab.until(() => isDrained() === false);
  expect(await set('mars', true)).toBe('noSuchZone: There is no zone mars.');
});

test('policies are set by who has seen the last one, and kept', async () => {
  const set = (policy: Parameters<GlobalClient['SetPolicy']>[0]['policy']) =>
    ask((done) => operator.SetPolicy({ policy: policy ?? null }, done));
  expect(await set({ scope: 'zone.eu.west', residency: 'local', guests: { via: 'alpha' } })).toMatchObject({
    revision: 1,
  });
  expect(await set({ scope: 'zone.eu.west', overflow: { zone: 'beta' } })).toBe(
    'revisionConflict: The policy is at revision 1 now: look at it again.',
  );
  expect(await set({ scope: 'zone.eu.west', residency: 'local', overflow: { rule: 'any' }, revision: 1 })).toMatch(
    /^badPolicy: zone\.eu\.west: residency local keeps/,
  );
  expect(await set({ scope: 'default', residency: 'nowhere' })).toBe('badPolicy: Not a rule: residency.');
  expect(await set({ scope: 'mars' })).toMatch(/^badPolicy: The scope is/);
  expect(await set({ scope: 'account.acme', guests: {}, overflow: { rule: 'never' } })).toMatchObject({
    scope: 'account.acme',
  });
  expect(await ask((done) => operator.ListPolicies({}, done))).toMatchObject({
    policies: [
      { scope: 'account.acme', guests: { via: '' }, overflow: { to: 'rule', rule: 'never' }, revision: 1 },
      { scope: 'zone.eu.west', residency: 'local', guests: { via: 'alpha' }, overflow: null, revision: 1 },
    ],
  });
  // Whoever starts later reads the same.
  const { mirror } = lab.addController('gc-late');
  await lab.until(() => mirror.isComplete);
  expect(mirror.policies.all()).toHaveLength(2);
});

test('each order is in the audit log, also one that was refused; questions are not', () => {
  const by = { who: { operator: 'me' } };
  expect(entries).toEqual([
    { what: 'world.drain', ...by, details: { zone: 'beta' }, outcome: 'done' },
    { what: 'world.undrain', ...by, details: { zone: 'beta' }, outcome: 'done' },
    { what: 'world.drain', ...by, details: { zone: 'mars' }, outcome: 'noSuchZone' },
    ...[
      [{ scope: 'zone.eu.west', revision: 0, residency: 'local', guests: 'alpha' }, 'done'],
      [{ scope: 'zone.eu.west', revision: 0, overflow: 'beta' }, 'revisionConflict'],
      [{ scope: 'zone.eu.west', revision: 1, residency: 'local', overflow: 'any' }, 'badPolicy'],
      [{ scope: 'default', revision: 0, residency: 'nowhere' }, 'badPolicy'],
      [{ scope: 'mars', revision: 0 }, 'badPolicy'],
      [{ scope: 'account.acme', revision: 0, guests: 'none', overflow: 'never' }, 'done'],
    ].map(([details, outcome]) => ({ what: 'world.setPolicy', ...by, details, outcome })),
  ]);
});

test('the tree of a meeting', async () => {
  expect(await ask((done) => operator.GetTree({ meeting: MEETING }, done))).toMatch(/^noSuchMeeting/);
  await lab.present('alpha', MEETING, 3);
  await lab.present('beta', MEETING, 1);
  await lab.round();
  expect(await ask((done) => operator.GetTree({ meeting: MEETING }, done))).toEqual({
    meeting: MEETING,
    home: 'alpha',
    term: 0,
    present: [
      { zone: 'alpha', people: 3 },
      { zone: 'beta', people: 1 },
    ],
    root: 'alpha',
    edges: [{ zone: 'beta', parent: 'alpha' }],
    version: 1,
  });
});

test('why a participant would be placed where', async () => {
  const explain = (request: Parameters<GlobalClient['ExplainZone']>[0]) =>
    ask((done) => operator.ExplainZone(request, done));
  expect(await explain({ meeting: meetingOf(1), rttMs: { alpha: 90, beta: 12 } })).toMatchObject({
    candidates: [
      { zone: 'beta', reason: 'rtt', rttMs: 12, headRoom: 0.5 },
      { zone: 'alpha', reason: 'last' },
    ],
    excluded: [{ zone: 'eu.west', reason: 'residency', words: 'takes only its own people' }],
    text: expect.stringContaining('1. beta: nearer, by the round trips that the client measured (12 ms'),
  });
  expect(await explain({ meeting: meetingOf(77) })).toMatch(/^noSuchMeeting/);
  expect(await explain({ meeting: 'x' })).toMatch(/^noSuchMeeting/);
});
