import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { etcdConfig, readEtcdSettings } from './etcd-config.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { openRegistry } from './open-registry.ts';

const directory = mkdtempSync(join(tmpdir(), 'zonecast-etcd-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('the etcd section', () => {
  test('needs endpoints only', () => {
    expect(readEtcdSettings(etcdConfig.parse({ endpoints: ['etcd-1:2379', '[::1]:2379'] }))).toEqual({
      endpoints: ['etcd-1:2379', '[::1]:2379'],
      tls: undefined,
      user: undefined,
      dialTimeoutMs: 2_000,
      requestTimeoutMs: 5_000,
    });
  });

  test('names files', () => {
    const config = etcdConfig.parse({
      endpoints: ['etcd-1:2379'],
      tls: { ca: file('ca', 'CA'), certificate: file('cert', 'CERT'), privateKey: file('key', 'KEY') },
      username: 'zc',
      passwordFile: file('password', ' pass word \n'),
    });
    expect(readEtcdSettings(config)).toMatchObject({
      tls: { ca: 'CA', client: { certificate: 'CERT', privateKey: 'KEY' } },
      user: { name: 'zc', password: ' pass word ' },
    });
  });

  test.each([
    [{ username: 'zc' }, 'go together'],
    [{ passwordFile: '/p' }, 'go together'],
    [{ tls: { ca: file('ca', 'CA'), certificate: '/c' } }, 'go together'],
    [{ tls: { ca: '/nowhere/ca.pem' } }, '/nowhere/ca.pem'],
    [{ username: 'zc', passwordFile: '/nowhere/password' }, '/nowhere/password'],
  ])('is refused with %j', (more, message) => {
    const config = etcdConfig.parse({ endpoints: ['etcd-1:2379'], ...more });
    expect(() => readEtcdSettings(config)).toThrow(message);
  });

  test.each([{}, { endpoints: [] }, { endpoints: ['etcd-1'] }, { endpoints: ['http://etcd-1:2379'] }])(
    'does not parse as %j',
    (config) => {
      expect(etcdConfig.safeParse(config).success).toBe(false);
    },
  );

  test('may be absent', () => {
    expect(openRegistry(undefined, createLogger({ name: 'test', level: 'silent' }))).toBeInstanceOf(MemoryRegistry);
  });
});
