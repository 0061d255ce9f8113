import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../common/config.ts';
import { defaultAnnounce, defaultWorkers, loadRouterConfig, routerConfigSchema } from './config.ts';

const SAMPLE = new URL('router.sample.yaml', import.meta.url);
const LEAST = `
router: r1
zoneController: localhost:9700
grpc: { listen: 'localhost:9701' }
tls: { ca: a, certificate: b, privateKey: c }
media: {}
`;
const read = (text: string) => parseConfig(text, routerConfigSchema, 'test');

/** Dotted names of all keys of nested objects. */
function keys(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? keys(inner, `${path}${key}.`) : [path + key],
  );
}

describe('configuration of the router', () => {
  test('the sample is valid and names every key that exists', () => {
    const sample = loadRouterConfig(SAMPLE.pathname);
    expect(sample.media.announce).toEqual(['192.0.2.1', '2001:db8::1']);
    const shape = (schema: object): string[] => {
      const found: string[] = [];
      for (const [key, inner] of Object.entries(schema)) {
        let type = inner;
        while (type.shape === undefined && type.def?.innerType !== undefined) type = type.def.innerType;
        found.push(...(type.shape === undefined ? [key] : shape(type.shape).map((name) => `${key}.${name}`)));
      }
      return found;
    };
    expect(keys(parse(readFileSync(SAMPLE, 'utf8'))).toSorted()).toEqual(shape(routerConfigSchema.shape).toSorted());
  });

  test('the least of it; defaults; frozen', () => {
    const config = read(LEAST);
    expect(config.media).toMatchObject({ address: '::', port: 8801, maxParticipantsPerWorker: 500 });
    expect(config.log.level).toBe('info');
    expect(Object.isFrozen(config.media)).toBe(true);
  });

  test.each([
    ['an unknown key', `${LEAST}meida: {}`, 'meida'],
    ['an unknown key within', LEAST.replace('media: {}', 'media: { ports: 1 }'), 'ports'],
    ['no port', LEAST.replace('localhost:9700', 'localhost'), 'zoneController'],
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
