import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { FixedKeyRing, GrowingKeyRing, readPublicKey } from './key-ring.ts';

const BAD_CONFIG = expect.objectContaining({ code: 'badConfig' });

test('a key of a zone is that of all its instances, and nobody else has one', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const read = readPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const ring = new FixedKeyRing(new Map([['alpha', read]]));
  expect(ring.publicKey({ zone: 'alpha', instance: 'one' })?.equals(publicKey)).toBe(true);
  expect(ring.publicKey({ zone: 'alpha', instance: 'two' })?.equals(publicKey)).toBe(true);
  expect(ring.publicKey({ zone: 'beta', instance: 'one' })).toBeUndefined();
});

test('what is no Ed25519 public key is refused', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  expect(() => readPublicKey('no PEM')).toThrow(BAD_CONFIG);
  expect(() => readPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow(BAD_CONFIG);
});

test('keys become known and are changed with time; those that were told beforehand stay', () => {
  const [fixed, first, second] = [0, 1, 2].map(() => generateKeyPairSync('ed25519').publicKey);
  const ring = new GrowingKeyRing(new Map([['global', fixed as KeyObject]]));
  const key = (zone: string) => ring.publicKey({ zone });
  expect([ring.learn('alpha', first), key('alpha') === first]).toEqual([true, true]);
  const again = readPublicKey(first?.export({ type: 'spki', format: 'pem' }).toString() ?? '');
  // The same object all the time, for who remembers what goes with it.
  expect([ring.learn('alpha', again), key('alpha') === first]).toEqual([false, true]);
  expect([ring.learn('alpha', second), key('alpha') === second]).toEqual([true, true]);
  expect([ring.learn('alpha', undefined), key('alpha'), ring.learn('alpha', undefined)]).toEqual([
    true,
    undefined,
    false,
  ]);
  ring.learn('global', first);
  expect(key('global')).toBe(fixed);
});
