import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../common/config.ts';
import { missingKeys } from '../common/testing/sample-keys.ts';
import { defaultAnnounce, defaultWorkers, loadRouterConfig, routerConfigSchema } from './config.ts';

const SAMPLE = new URL('router.sample.yaml', import.meta.url);
const LEAST = `
router: r1
zoneControllers: localhost:9700
grpc: { listen: 'localhost:9701' }
tls: { ca: a, certificate: b, privateKey: c }
media: {}
`;
const read = (text: string) => parseConfig(text, routerConfigSchema, 'test');

describe('configuration of the router', () => {
  test('the sample is valid and names every key that exists', () => {
    const text = readFileSync(SAMPLE, 'utf8');
    expect(loadRouterConfig(SAMPLE.pathname).media.announce).toEqual(['192.0.2.1', '2001:db8::1']);
    expect(missingKeys(text, routerConfigSchema)).toEqual([]);
    expect(missingKeys(text.replace('  workers:', '  # no workers:'), routerConfigSchema)).toEqual(['media.workers']);
  });

  test('the least of it; defaults; frozen', () => {
    const config = read(LEAST);
    expect(config.media).toMatchObject({ address: '::', port: 8801, maxParticipantsPerWorker: 500 });
    expect(config.log.level).toBe('info');
    expect(Object.isFrozen(config.media)).toBe(true);
  });

  test.each([
    ['an unknown key', `${LEAST}meida: {}`, 'meida: unknown key'],
    ['an unknown key within', LEAST.replace('media: {}', 'media: { ports: 1 }'), 'media.ports: unknown key'],
    ['no port', LEAST.replace('localhost:9700', 'localhost'), 'zoneControllers'],
    [
      'a host name as candidate',
      LEAST.replace('media: {}', 'media: { announce: [sfu.example.org] }'),
      'media.announce',
    ],
    ['all addresses without advertisedHost', LEAST.replace("'localhost:9701'", "'0.0.0.0:9701'"), 'advertisedHost'],
    ['no worker', LEAST.replace('media: {}', 'media: { workers: 0 }'), 'media.workers'],
  ])('%s is refused by name', (_name, text, key) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'badConfig', message: expect.stringContaining(key) }),
    );
  });

  test('defaults of this machine', () => {
    expect(defaultWorkers()).toBeGreaterThanOrEqual(1);
    expect(defaultAnnounce().every((address) => isIP(address) !== 0)).toBe(true);
  });
});
