/** etcd that wants client certificates, or a user and a password. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Range } from 'etcd3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { type MutualTls, mintZoneCertificates } from '../../common/mutual-tls.ts';
import { ChangeCollector } from '../../test/etcd/collect-changes.ts';
import { TestEtcd } from '../../test/etcd/test-etcd.ts';
import { etcdConfig } from './etcd-config.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { openRegistry } from './open-registry.ts';
import type { Registry } from './registry.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const UNAVAILABLE = { code: 'registryUnavailable' };
const SHORT = { dialTimeoutMs: 1_000, requestTimeoutMs: 1_000 };

const opened: Registry[] = [];
function opening(registry: Registry): Registry {
  opened.push(registry);
  return registry;
}
afterEach(async () => {
  for (const registry of opened.splice(0)) await registry.close();
});

describe('TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'zonecast-etcd-tls-'));
  const file = (name: string): string => join(directory, name);
  let etcd: TestEtcd;
  beforeAll(async () => {
    const authority = await mintZoneCertificates();
    const write = (name: string, pem: MutualTls): void => {
      writeFileSync(file(`${name}.pem`), pem.certificatePem);
      writeFileSync(file(`${name}.key`), pem.privateKeyPem);
    };
    writeFileSync(file('ca.pem'), authority.caPem);
    write('etcd', await authority.issue('zone-controller', 'etcd'));
    write('zc', await authority.issue('zone-controller', 'zc-1'));
    write('stranger', await (await mintZoneCertificates()).issue('zone-controller', 'zc-1'));
    etcd = await TestEtcd.start({
      isTls: true,
      args: [
        `--cert-file=${file('etcd.pem')}`,
        `--key-file=${file('etcd.key')}`,
        `--trusted-ca-file=${file('ca.pem')}`,
        '--client-cert-auth',
      ],
    });
  });
  afterAll(async () => {
    await etcd.stop();
    rmSync(directory, { recursive: true });
  });

  function openWith(client: { certificate?: string; privateKey?: string }): Registry {
    const { endpoints } = etcd.settings();
    return opening(
      openRegistry(etcdConfig.parse({ endpoints, tls: { ca: file('ca.pem'), ...client }, ...SHORT }), log),
    );
  }

  test('lets in who has a certificate of the authority', async () => {
    const registry = openWith({ certificate: file('zc.pem'), privateKey: file('zc.key') });
    const seen = new ChangeCollector();
    registry.watch('/a', (await registry.list('/a')).revision, seen);
    await (await registry.lease(5)).put('/a', 'one');
    await seen.has(1);
  });

  test.each([{}, { certificate: file('stranger.pem'), privateKey: file('stranger.key') }])(
    'keeps out others (%#)',
    async (client) => {
      await expect(openWith(client).get('/a')).rejects.toMatchObject(UNAVAILABLE);
    },
  );
});

describe('users', () => {
  let etcd: TestEtcd;
  beforeAll(async () => {
    etcd = await TestEtcd.start({ args: ['--bcrypt-cost=4'] });
    const client = etcd.client();
    const role = await client.role('zonecast').create();
    await role.grant({ permission: 'Readwrite', range: Range.prefix('/zonecast/') });
    await client.role('root').create();
    await (await client.user('root').create('secret')).addRole('root');
    await (await client.user('zc').create('pass word')).addRole('zonecast');
    await client.auth.authEnable();
  });
  afterAll(() => etcd.stop());

  function openAs(name: string, password: string): Registry {
    return opening(new EtcdRegistry(etcd.settings({ user: { name, password }, ...SHORT }), log));
  }

  test('may do all below /zonecast/, also after a restart that forgets who was logged in', async () => {
    const registry = openAs('zc', 'pass word');
    const seen = new ChangeCollector();
    registry.watch('/zonecast/', (await registry.list('/zonecast/')).revision, seen);
    const lease = await registry.lease(10);
    await lease.put('/zonecast/a', 'one');
    await seen.has(1);
    await etcd.members[0]?.kill();
    await etcd.members[0]?.start();
    await lease.put('/zonecast/b', 'two');
    await registry.put('/zonecast/c', 'three');
    await seen.has(3);
    await lease.revoke();
    await seen.has(5);
    expect(seen.values).toEqual(['one', 'two', 'three', 'deleted', 'deleted']);
  });

  test('may do nothing elsewhere, without losing what they may do', async () => {
    const registry = openAs('zc', 'pass word');
    await expect(registry.put('/elsewhere', '')).rejects.toMatchObject(UNAVAILABLE);
    await expect(registry.list('/')).rejects.toMatchObject(UNAVAILABLE);
    await registry.put('/zonecast/d', '');
  });

  test('need their password', async () => {
    await expect(openAs('zc', 'wrong').get('/zonecast/a')).rejects.toMatchObject(UNAVAILABLE);
    await expect(opening(new EtcdRegistry(etcd.settings(SHORT), log)).get('/zonecast/a')).rejects.toMatchObject(
      UNAVAILABLE,
    );
  });
});
