/** A real server with the permissions of deploy/nats: what a zone may do, and what a stolen credential is worth. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NatsConnection, nkeys } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { type MutualTls, mintZoneCertificates } from '../../common/mutual-tls.ts';
import { accessOfGlobal, accessOfZone } from '../../global-controller/bucket-access.ts';
import type { BucketSpec } from '../bucket.ts';
import { callSubject, inboxPrefix, zoneSubject } from '../subjects.ts';
import { BucketCollector, MessageCollector } from '../testing/collectors.ts';
import { TestOperator } from '../testing/nats-jwt.ts';
import { NatsLab } from '../testing/nats-lab.ts';
import { type TestBus, TestZones } from '../testing/test-zones.ts';
import { dial } from './nats-dial.ts';
import { type NatsCredentials, type NatsSettings, natsConfig, readNatsSettings } from './nats-settings.ts';
import { NatsTransport } from './nats-transport.ts';
import { natsPermissions } from './permissions.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const DEPLOY = fileURLToPath(new URL('../../deploy/nats/', import.meta.url));
const UNAUTHORIZED = { code: 'unauthorized' };
const zones = new TestZones(['global', 'eu', 'us']);
const thieves = new TestZones(['global', 'eu', 'us']);
const DIRECTORY: BucketSpec = { name: 'directory', writerOf: () => 'global' };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closable of opened.splice(0)) await closable.close();
});

async function open(settings: NatsSettings, zone: string, keys = zones): Promise<TestBus> {
  const test = zones.open(new NatsTransport(settings, zone, log), keys.identity(zone));
  opened.push(test.bus);
  await test.bus.connected();
  return test;
}

/** A client of the server with a zone's credentials, and nothing of the bus. */
async function openRaw(settings: NatsSettings, zone: string): Promise<NatsConnection> {
  const connection = await dial(settings, zone);
  opened.push(connection);
  return connection;
}

/** What both kinds of credentials must allow and refuse. */
function testPermissions(settingsOf: (zone: string) => NatsSettings): void {
  test('zones and the global controller talk', async () => {
    const [global, eu, us] = await Promise.all(['global', 'eu', 'us'].map((zone) => open(settingsOf(zone), zone)));
    if (global === undefined || eu === undefined || us === undefined) throw new Error('three were opened');
    const [atGlobal, atEu] = [new MessageCollector(), new MessageCollector()];
    await global.bus.subscribe('zonecast.zones.*.status', atGlobal).active;
    await eu.bus.subscribe(zoneSubject('global', '>'), atEu).active;
    eu.bus.publish(zoneSubject('eu', 'status'), 'well');
    global.bus.publish(zoneSubject('global', 'news'), 'none');
    expect([await atGlobal.has(1), await atEu.has(1)]).toEqual([['well'], ['none']]);
    for (const { bus } of [global, eu, us])
      await bus.respond(callSubject(bus.sender.zone, '*', 'who'), () => bus.sender.zone).active;
    for (const [asker, asked] of [
      [eu, 'global'],
      [global, 'eu'],
      [eu, 'us'],
    ] as const) {
      const subject = callSubject(asked, asker.bus.sender.zone, 'who');
      for (let time = 0; time < 3; time++) expect((await asker.bus.request(subject, 0)).payload).toBe(asked);
    }
    expect(eu.counters.unsentByReason).toEqual(new Map());
  });

  test('the global controller writes the directory, zones read and watch it', async () => {
    const [global, eu] = [await open(settingsOf('global'), 'global'), await open(settingsOf('eu'), 'eu')];
    const [written, read] = [global.bus.bucket(DIRECTORY), eu.bus.bucket(DIRECTORY)];
    await written.provision({ replicas: 1, maxBytes: 1_000_000 });
    await written.provision({ replicas: 1, maxBytes: 2_000_000 });
    await written.put('zones.eu', 1);
    const seen = new BucketCollector();
    read.watch('zones.', seen);
    await seen.until(() => seen.completed === 1);
    expect(seen.story).toEqual(['zones.eu=1']);
    expect(await read.get('zones.eu')).toMatchObject({ value: 1 });
    expect(await read.list('')).toHaveLength(1);
    await expect(read.put('zones.eu', 2)).rejects.toMatchObject(UNAUTHORIZED);
    await expect(read.delete('zones.eu')).rejects.toMatchObject(UNAUTHORIZED);
    await expect(read.provision({ replicas: 1, maxBytes: 1 })).rejects.toMatchObject(UNAUTHORIZED);
    await written.delete('zones.eu');
    await seen.until(() => seen.changes.length === 2);
    await expect(read.purgeDeletions({ olderThanMs: 0, atMost: 10 })).rejects.toMatchObject(UNAUTHORIZED);
    expect(await written.purgeDeletions({ olderThanMs: 0, atMost: 10 })).toBe(1);
    await expect(eu.bus.bucket({ ...DIRECTORY, name: 'other' }).get('a')).rejects.toMatchObject(UNAUTHORIZED);
  });

  test('a zone cannot speak as another', async () => {
    const [global, eu] = [await open(settingsOf('global'), 'global'), await open(settingsOf('eu'), 'eu')];
    const heard = new MessageCollector();
    await global.bus.subscribe('zonecast.zones.>', heard).active;
    eu.bus.publish(zoneSubject('us', 'status'), 'forged');
    eu.bus.publish(zoneSubject('eu', 'status'), 'own');
    expect(await heard.has(1)).toEqual(['own']);
    expect(global.counters.droppedByReason).toEqual(new Map()); // it never came
    await expect(eu.bus.request(callSubject('global', 'us', 'm'), 0)).rejects.toMatchObject(UNAUTHORIZED);
    expect(eu.counters.unsentByReason).toEqual(new Map([['refused', 2]]));
  });

  test.each([
    '>',
    'zonecast.>',
    `${inboxPrefix('us')}.>`,
    'zonecast.inboxes.>',
    'zonecast.calls.us.>',
    'zonecast.calls.*.*.m',
    'zonecast.zones.us.>',
    '$KV.directory.>',
    '$JS.>',
    '_INBOX.>',
  ])('a zone cannot hear %s', async (subject) => {
    const eu = await open(settingsOf('eu'), 'eu');
    await expect(eu.bus.subscribe(subject, new MessageCollector()).active).rejects.toMatchObject(UNAUTHORIZED);
  });

  test.each([
    'zonecast.inboxes.us.one.0123',
    '$JS.API.STREAM.DELETE.KV_directory',
    '$JS.API.STREAM.PURGE.KV_directory',
    '$JS.API.STREAM.UPDATE.KV_directory',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.MSG.DELETE.KV_directory',
    '$JS.API.CONSUMER.DELETE.KV_directory.x',
  ])('a zone cannot send to %s', async (subject) => {
    const eu = await openRaw(settingsOf('eu'), 'eu');
    const asked = eu.request(subject, '', { timeout: 2_000 });
    await expect(asked).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
  });

  test('what JetStream is made to push to another subject is no word of that zone', async () => {
    const global = await open(settingsOf('global'), 'global');
    const bucket = global.bus.bucket(DIRECTORY);
    await bucket.provision({ replicas: 1, maxBytes: 1_000_000 });
    await bucket.put('zones.us', 'policy');
    const heard = new MessageCollector();
    await global.bus.subscribe('zonecast.zones.us.status', heard).active;
    const eu = await openRaw(settingsOf('eu'), 'eu');
    const config = { deliver_subject: 'zonecast.zones.us.status', deliver_policy: 'all', ack_policy: 'none' };
    const body = JSON.stringify({ stream_name: 'KV_directory', config });
    await eu.request('$JS.API.CONSUMER.CREATE.KV_directory', body);
    const us = await open(settingsOf('us'), 'us');
    us.bus.publish('zonecast.zones.us.status', 'true');
    expect(await heard.has(1)).toEqual(['true']);
    expect([...global.counters.droppedByReason.keys()]).toEqual(['misaddressed']);
  });

  test('with a stolen credential and without the key, nothing is believed', async () => {
    const global = await open(settingsOf('global'), 'global');
    const bucket = global.bus.bucket(DIRECTORY);
    await bucket.provision({ replicas: 1, maxBytes: 1_000_000 });
    await bucket.put('zones.us', 'true');
    const [heard, seen] = [new MessageCollector(), new BucketCollector()];
    await global.bus.subscribe('zonecast.zones.>', heard).active;
    const us = await open(settingsOf('us'), 'us');
    us.bus.bucket(DIRECTORY).watch('', seen);
    await seen.until(() => seen.completed === 1);
    await global.bus.respond(callSubject('global', '*', 'm'), () => 1).active;

    const thief = await open(settingsOf('eu'), 'eu', thieves);
    thief.bus.publish(zoneSubject('eu', 'status'), 'forged');
    const asked = thief.bus.request(callSubject('global', 'eu', 'm'), 0, { timeoutMs: 200 });
    await expect(asked).rejects.toMatchObject({ code: 'requestTimedOut' });
    const worst = await open(settingsOf('global'), 'global', thieves);
    await worst.bus.bucket(DIRECTORY).put('zones.us', 'forged');
    await bucket.put('zones.last', 1);
    await seen.until(() => seen.values.has('zones.last'));
    expect(seen.values.get('zones.us')).toBe('true');
    expect(heard.messages).toEqual([]);
    expect(global.counters.droppedByReason).toEqual(new Map([['wrongSignature', 2]]));
  });
}

describe('NKeys and TLS, as deploy/nats has them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'zonecast-nats-tls-'));
  const file = (name: string): string => join(directory, name);
  const seeds = new Map<string, string>();
  let lab: NatsLab;
  beforeAll(async () => {
    const authority = await mintZoneCertificates();
    const write = (name: string, pem: MutualTls): void => {
      writeFileSync(file(`${name}.pem`), pem.certificatePem);
      writeFileSync(file(`${name}.key`), pem.privateKeyPem);
    };
    writeFileSync(file('ca.pem'), authority.caPem);
    write('server', await authority.issue('zone-controller', 'nats'));
    write('client', await authority.issue('zone-controller', 'zc-1'));
    write('stranger', await (await mintZoneCertificates()).issue('zone-controller', 'zc-1'));
    let accounts = readFileSync(join(DEPLOY, 'zones.conf'), 'utf8');
    for (const zone of ['global', 'eu', 'us']) {
      const user = nkeys.createUser();
      seeds.set(zone, file(`${zone}.nkey`));
      writeFileSync(file(`${zone}.nkey`), `${Buffer.from(user.getSeed()).toString()}\n`);
      const line = new RegExp(`^${zone.toUpperCase()}_NKEY: .*$`, 'm');
      expect(accounts).toMatch(line);
      accounts = accounts.replace(line, `${zone.toUpperCase()}_NKEY: ${user.getPublicKey()}`);
    }
    const [tls] = /^tls \{[^}]*\}/m.exec(readFileSync(join(DEPLOY, 'nats-server.conf'), 'utf8')) ?? [];
    const config = `${tls?.replaceAll('/etc/zonecast/nats', directory)}\n${accounts}`;
    expect(config).toContain('verify: true');
    lab = await NatsLab.start({ config });
  });
  afterAll(async () => {
    await lab.stop();
    rmSync(directory, { recursive: true });
  });

  const files = (name: string) => ({
    ca: file('ca.pem'),
    certificate: file(`${name}.pem`),
    privateKey: file(`${name}.key`),
  });
  const settingsOf = (zone: string, name = 'client'): NatsSettings => {
    const { servers, dialTimeoutMs } = lab.settings();
    return readNatsSettings(
      natsConfig.parse({ servers, dialTimeoutMs, tls: files(name), nkeySeedFile: seeds.get(zone) }),
    );
  };

  testPermissions(settingsOf);

  test.each<[string, (good: NatsSettings) => NatsSettings]>([
    ['no TLS', (good) => ({ ...good, tls: undefined })],
    ['a certificate of another authority', () => settingsOf('eu', 'stranger')],
    ['no NKey', (good) => ({ ...good, credentials: undefined })],
    ['an NKey that the server does not know', (good) => ({ ...good, credentials: newNkey() })],
  ])('%s: does not connect', async (_, spoil) => {
    const good = settingsOf('eu');
    await expect(dial(spoil(good), 'eu')).rejects.toThrow();
    await (await dial(good, 'eu')).close();
  });

  test('the servers take the example as it is, but for its paths', () => {
    for (const name of ['nats-server.conf', 'zones.conf']) {
      const text = readFileSync(join(DEPLOY, name), 'utf8').replaceAll('/etc/zonecast/nats', directory);
      writeFileSync(file(name), text.replaceAll('/var/lib/nats', directory));
    }
    const checked = spawnSync('/usr/sbin/nats-server', ['-t', '-c', file('nats-server.conf')], { encoding: 'utf8' });
    expect(checked.stderr).toContain('is valid');
    expect(checked.status).toBe(0);
  });

  test('a server of another authority is not talked to', async () => {
    const good = settingsOf('eu');
    const tls = good.tls && { ...good.tls, caPem: (await mintZoneCertificates()).caPem };
    await expect(dial({ ...good, tls }, 'eu')).rejects.toThrow();
  });

  test('a bus waits for credentials that work', async () => {
    let credentials: NatsCredentials | undefined = newNkey();
    const good = settingsOf('eu');
    const settings = Object.defineProperty({ ...good }, 'credentials', { get: () => credentials });
    const { bus } = zones.open(new NatsTransport(settings, 'eu', log), zones.identity('eu'));
    opened.push(bus);
    await expect(bus.request('a', 1)).rejects.toMatchObject({ code: 'busUnavailable' });
    credentials = good.credentials;
    await bus.connected();
  });
});

describe('JWT credentials', () => {
  const operator = new TestOperator();
  const credentials = new Map<string, string>();
  let lab: NatsLab;
  beforeAll(async () => {
    lab = await NatsLab.start({ config: operator.config });
    const reads = ['directory', 'policies'];
    for (const zone of ['eu', 'us']) credentials.set(zone, operator.credentials(natsPermissions({ zone, reads })));
    credentials.set(
      'global',
      operator.credentials(natsPermissions({ zone: 'global', reads, writes: reads, provisions: reads, purges: reads })),
    );
  });
  afterAll(() => lab.stop());

  testPermissions((zone) => lab.settings({ credentials: { credentials: credentials.get(zone) ?? '' } }));
});

test('the example of deploy/nats is what natsPermissions says', () => {
  const example = readFileSync(join(DEPLOY, 'zones.conf'), 'utf8');
  const allowed = [...example.matchAll(/^\s+publish: \[([^\]]*)\]\s+subscribe: \[([^\]]*)\]/gm)].map(
    ([, publish, subscribe]) => {
      const list = (text = '') => [...text.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject);
      return { publish: list(publish), subscribe: list(subscribe) };
    },
  );
  const all = ['eu', 'us'] as ZoneId[];
  const access = [accessOfGlobal(all), ...all.map((zone) => accessOfZone(zone, all))];
  expect(allowed).toEqual(access.map(natsPermissions));
});

function newNkey(): NatsCredentials {
  return { nkeySeed: Buffer.from(nkeys.createUser().getSeed()).toString() };
}
