/** The daemon as operators start it, twice, on a real NATS server. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BusCounters } from '../bus/bus-observer.ts';
import { FixedKeyRing } from '../bus/key-ring.ts';
import { NatsTransport } from '../bus/nats/nats-transport.ts';
import { SignedBus } from '../bus/signed-bus.ts';
import { NatsLab } from '../bus/testing/nats-lab.ts';
import type { ZoneId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import { clientCredentials, mintZoneCertificates, type ZoneCertificates } from '../common/mutual-tls.ts';
import { DaemonProcess } from '../common/testing/daemon-process.ts';
import { callUnary } from '../proto/call-unary.ts';
import type { MeetingTree__Output } from '../proto/gen/zonecast/global/v1/MeetingTree.ts';
import { GlobalService } from '../proto/load.ts';
import { blockAt } from './blocks/meeting-ids.ts';
import { BLOCKS_BUCKET, presenceBucket, statusSubject, TREES_BUCKET } from './buckets.ts';
import { meetingOf } from './daemon/world-lab.ts';
import { treeRecord } from './trees/zone-tree.ts';
import { DIGEST_SUBJECT, readDigest } from './world/world-digest.ts';
import { statusOf } from './zones/zone-directory-lab.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const log = createLogger({ name: 'test', level: 'silent' });
const keys = new Map(['global', 'eu', 'us'].map((zone) => [zone, generateKeyPairSync('ed25519')] as const));
const keyRing = new FixedKeyRing(new Map([...keys].map(([zone, { publicKey }]) => [zone, publicKey])));
const started: DaemonProcess[] = [];
let directory: string;
let nats: NatsLab;
let authority: ZoneCertificates;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-gc-'));
  for (const [zone, { publicKey, privateKey }] of keys) {
    writeFileSync(join(directory, `${zone}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(join(directory, `${zone}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  authority = await mintZoneCertificates();
  const { caPem, certificatePem, privateKeyPem } = await authority.issue('zone-controller', 'gc');
  for (const [name, text] of Object.entries({ ca: caPem, certificate: certificatePem, key: privateKeyPem })) {
    writeFileSync(join(directory, `${name}.pem`), text);
  }
  nats = await NatsLab.start();
});
afterAll(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await nats.stop();
  rmSync(directory, { recursive: true, force: true });
});

function start(instance: string, extra = ''): DaemonProcess {
  const file = (name: string): string => join(directory, name);
  const zone = (name: string): string => `{ publicKey: ${file(`${name}.pub`)}, ca: ${file(`${name}.pub`)} }`;
  const lines = [
    `instance: ${instance}`,
    `privateKey: ${file('global.key')}`,
    `nats: { servers: [${nats
      .settings()
      .servers.map((server) => `"${server}"`)
      .join(', ')}] }`,
    'copies: 1',
    'bucketMiB: 8',
    `zones: { eu: ${zone('eu')}, us: ${zone('us')} }`,
    'admin: { listen: "127.0.0.1:0" }',
    `operators: { listen: "localhost:0", tls: { ca: ${file('ca.pem')}, certificate: ${file('certificate.pem')}, privateKey: ${file('key.pem')} } }`,
    extra,
  ];
  writeFileSync(file(`${instance}.yaml`), lines.join('\n'));
  const daemon = new DaemonProcess(MAIN, ['--config', file(`${instance}.yaml`)]);
  started.push(daemon);
  return daemon;
}

function zoneBus(zone: string): SignedBus {
  const { privateKey } = keys.get(zone) as { privateKey: KeyObject };
  const transport = new NatsTransport(nats.settings(), zone, log);
  const identity = { sender: { zone, instance: 'zc' }, privateKey };
  return new SignedBus({ transport, identity, keyRing, observer: new BusCounters(), log });
}

test('two of them: ready, heard by zones, one tree for a meeting of two zones, a clean end', async () => {
  const file = join(directory, 'audit.log');
  const daemons = [start('gc-1'), start('gc-2', `audit: { file: ${file} }`)];
  const ports = await Promise.all(daemons.map(async (daemon) => (await daemon.logged('operators are served')).port));
  await Promise.all(daemons.map((daemon) => daemon.logged('zones and policies are written')));
  const buses = ['eu', 'us'].map((zone) => ({ zone: zone as ZoneId, bus: zoneBus(zone) }));
  const [eu] = buses;
  if (eu === undefined) throw new Error('no zone');
  const meeting = meetingOf(0);
  const digests = Promise.withResolvers<void>();
  const speaking: NodeJS.Timeout[] = [];
  try {
    await Promise.all(buses.map(({ bus }) => bus.connected()));
    await eu.bus.bucket(BLOCKS_BUCKET).put(blockAt(0), { zone: 'eu' });
    eu.bus.subscribe(DIGEST_SUBJECT, {
      message: ({ payload }) => {
        if (readDigest(payload)?.zones.every(({ standing }) => standing === 'well')) digests.resolve();
      },
    });
    for (const { zone, bus } of buses) {
      let seq = 0;
      const speak = (): void => void bus.publish(statusSubject(zone), statusOf({ seq: ++seq }));
      speaking.push(setInterval(speak, 200));
      const root = { router: 'r', address: 'r:1', worker: 0 };
      await bus.bucket(presenceBucket(zone)).put(meeting, { root, epoch: 1, people: zone === 'eu' ? 3 : 1 });
    }
    const tree = Promise.withResolvers<unknown>();
    eu.bus.bucket(TREES_BUCKET).watch(meeting, {
      changed: (change) => change.type === 'put' && tree.resolve(change.entry.value),
      complete: () => undefined,
    });
    expect(treeRecord.parse(await tree.promise)).toMatchObject({ root: 'eu', edges: [{ zone: 'us', parent: 'eu' }] });
    await digests.promise;
    const operator = await authority.issue('operator', 'ops');
    const { port: grpcPort } = (await daemons[1]?.logged('operators may ask')) ?? {};
    const client = new GlobalService(`localhost:${grpcPort}`, clientCredentials(operator));
    const reply = await callUnary<MeetingTree__Output>(
      (options, done) => client.GetTree({ meeting }, options, done),
      5_000,
    );
    await callUnary((options, done) => client.SetDrained({ zone: 'us', drained: true }, options, done), 5_000);
    client.close();
    expect(reply).toMatchObject({ root: 'eu', home: 'eu' });
    for (const port of ports) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([200, { ready: true, problems: [] }]);
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(metrics).toMatch(/^zonecast_world_zones\{standing="well"\} 2$/m);
      expect(metrics).toMatch(/^zonecast_world_meetings 1$/m);
    }
  } finally {
    for (const timer of speaking) clearInterval(timer);
    await Promise.all(buses.map(({ bus }) => bus.close()));
  }
  for (const { child } of daemons) child.kill('SIGTERM');
  expect((await Promise.all(daemons.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0]);
  const order = {
    controller: 'gc-2',
    what: 'world.drain',
    who: { operator: 'ops' },
    details: { zone: 'us' },
    outcome: 'done',
  };
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...order, time: expect.any(String) });
});

test('files that are wrong are refused by name', async () => {
  const wrong = start('gc-3', 'policies: { zone.eu: { residency: local, overflow: any } }');
  const { code, stderr } = await wrong.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('overflow has to be never');
});
