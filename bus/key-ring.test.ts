import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { FixedKeyRing, readPublicKey } from './key-ring.ts';

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
