import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, onTestFailed, test } from 'vitest';
import { mutate } from '../../test/fuzz/mutate.ts';
import { Random } from '../../test/fuzz/random.ts';
import { FixedKeyRing } from '../key-ring.ts';
import { inboxOf } from '../subjects.ts';
import { decodeEnvelope, KINDS } from './envelope.ts';
import { MAX_PAYLOAD_BYTES, Signer } from './signer.ts';
import { type Expectation, MAX_ENVELOPE_BYTES, MAX_SKEW_MS, Verifier } from './verifier.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const longest = { zone: 'z'.repeat(64), instance: 'i'.repeat(64) };
const nowMs = 1_700_000_000_000;
const signer = new Signer({ sender: { zone: 'alpha', instance: 'zc-1' }, privateKey }, () => nowMs);
const verifier = new Verifier(
  new FixedKeyRing(new Map([['alpha', publicKey], ['z'.repeat(64), publicKey]])), // biome-ignore format: one line reads better
  () => nowMs,
);
const expecting = (subject: string, overrides: Partial<Expectation> = {}): Expectation => {
  return { subject, kinds: KINDS, isAllowed: () => true, isFresh: true, ...overrides };
};

describe('an envelope', () => {
  test.each(KINDS)('of a %s holds what was put in', (kind) => {
    const bytes = signer.wrap(kind, 'a.b', { text: 'naïve 😀' }, '0123456789abcdef0123456789abcdef');
    expect(verifier.unwrap(bytes, expecting('a.b', { kinds: [kind] }))).toMatchObject({
      kind,
      subject: 'a.b',
      sender: { zone: 'alpha', instance: 'zc-1' },
      timeMs: nowMs,
      id: '0123456789abcdef0123456789abcdef',
      value: { text: 'naïve 😀' },
    });
    for (const other of KINDS) {
      if (other !== kind) expect(verifier.unwrap(bytes, expecting('a.b', { kinds: [other] }))).toBe('wrongKind');
    }
  });

  test('with the longest of everything passes', () => {
    const subject = `${inboxOf(longest)}.${'f'.repeat(32)}`.padEnd(255, 'x');
    const largest = new Signer({ sender: longest, privateKey }, () => nowMs);
    const bytes = largest.wrap('message', subject, 'x'.repeat(MAX_PAYLOAD_BYTES - 2));
    expect(bytes.length).toBeLessThanOrEqual(MAX_ENVELOPE_BYTES);
    expect(verifier.unwrap(bytes, expecting(subject))).toMatchObject({ sender: longest, subject });
  });

  test('is worth nothing with any bit of it changed', () => {
    const good = signer.wrap('message', 'a.b', { text: 'x' });
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Uint8Array.from(good);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(typeof verifier.unwrap(bytes, expecting('a.b')), `bit ${bit}`).toBe('string');
    }
  });

  test('has a time that is now, and a value one that is not in the future', () => {
    const at = (offsetMs: number, isFresh: boolean) => {
      const other = new Signer({ sender: signer.sender, privateKey }, () => nowMs + offsetMs);
      const outcome = verifier.unwrap(other.wrap('value', 'a', 1), expecting('a', { isFresh }));
      return typeof outcome === 'string' ? outcome : 'taken';
    };
    expect([-MAX_SKEW_MS, MAX_SKEW_MS].map((offset) => at(offset, true))).toEqual(['taken', 'taken']);
    expect([-MAX_SKEW_MS - 1, MAX_SKEW_MS + 1].map((offset) => at(offset, true))).toEqual(['stale', 'stale']);
    expect([-nowMs, MAX_SKEW_MS].map((offset) => at(offset, false))).toEqual(['taken', 'taken']);
    expect(at(MAX_SKEW_MS + 1, false)).toBe('stale');
  });

  test('of hostile bytes is a drop reason, never an exception', () => {
    const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
    onTestFailed(() => void process.stderr.write(`FUZZ_SEED=${seed}\n`));
    const random = new Random(seed);
    const corpus = KINDS.map((kind) => signer.wrap(kind, 'a.b', { kind }));
    const originals = new Set(corpus.map((bytes) => bytes.toString('hex')));
    for (let run = 0; run < 20_000; run++) {
      const bytes = mutate(corpus, 1_000, random);
      const isOriginal = originals.has(Buffer.from(bytes).toString('hex'));
      expect(typeof verifier.unwrap(bytes, expecting('a.b')) === 'string').toBe(!isOriginal);
      const decoded = decodeEnvelope(bytes);
      if (typeof decoded !== 'string') expect(decoded.payload.length).toBeLessThanOrEqual(bytes.length);
    }
  });
});

test('names and keys that are none are refused', () => {
  const sender = { zone: 'alpha', instance: 'one' };
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const code = expect.objectContaining({ code: 'badConfig' });
  expect(() => new Signer({ sender: { ...sender, zone: 'a/b' }, privateKey }, Date.now)).toThrow(code);
  expect(() => new Signer({ sender: { ...sender, instance: '' }, privateKey }, Date.now)).toThrow(code);
  expect(() => new Signer({ sender, privateKey: rsa }, Date.now)).toThrow(code);
  expect(() => new Signer({ sender, privateKey: publicKey }, Date.now)).toThrow(code);
});
