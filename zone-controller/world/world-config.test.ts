import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { readWorldOptions, worldConfig } from './world-config.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
let directory: string;
const file = (name: string): string => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-world-'));
  writeFileSync(file('key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(file('pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(file('geo'), '192.0.2.0/24,50,8\nnonsense\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(change: object = {}, zone = 'eu') {
  const config = { privateKey: file('key'), worldKey: file('pub'), nats: { servers: ['nats:4222'] }, ...change };
  return readWorldOptions(worldConfig.parse(config), zone as ZoneId, log);
}

test('what the files hold', () => {
  const options = read({ geo: file('geo') });
  expect([options.privateKey.equals(privateKey), options.worldKey.equals(publicKey)]).toEqual([true, true]);
  expect(options.geo?.find('192.0.2.7')).toEqual({ latitude: 50, longitude: 8 });
  expect(read().geo).toBeUndefined();
});

test.each<[string, () => object, string]>([
  ['a key that is not there', () => ({ privateKey: file('none') }), 'world.privateKey'],
  ['a public key for a private one', () => ({ privateKey: file('pub') }), 'no private key'],
  ['a world key that is none', () => ({ worldKey: file('geo') }), 'world.worldKey'],
  ['a table without a line', () => ({ geo: file('pub') }), 'world.geo'],
])('%s is refused by name', (_, change, words) => {
  expect(() => read(change())).toThrow(
    expect.objectContaining({ code: 'badConfig', message: expect.stringContaining(words) }),
  );
});

test.each(['global', 'z'.repeat(49)])('a zone of a world is not called %s', (zone) => {
  expect(() => read({}, zone)).toThrow(expect.objectContaining({ code: 'badConfig' }));
});
