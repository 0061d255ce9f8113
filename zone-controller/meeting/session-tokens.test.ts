import { createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { keyFromSeed } from '../../common/ed25519.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import { MAX_TOKEN_CHARACTERS, type Pass, SessionTokens } from './session-tokens.ts';

const KEY = keyFromSeed(Buffer.alloc(32, 7));
const OTHER_KEY = keyFromSeed(Buffer.alloc(32, 8));
const stay = {
  meeting: '12345678901' as MeetingId,
  participant: 'ada' as ParticipantId,
  router: 'router-1' as RouterId,
  worker: 3,
  name: 'Ada',
};
const pass: Pass = { meeting: stay.meeting, participant: stay.participant, name: 'Ada', role: 'cohost' };

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** `others`: zones whose keys it knows. */
function tokensOf(zone: string, key = KEY, others: Record<string, KeyObject> = {}): SessionTokens {
  const publicKeyOf = (of: ZoneId): KeyObject | undefined => {
    const privateKey = others[of];
    return privateKey && createPublicKey(privateKey);
  };
  const tokens = new SessionTokens({ own: zone as ZoneId, publicKeyOf });
  tokens.useKey(key);
  return tokens;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function parse(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
}

test('a token is a JWS that every controller with the key reads', async () => {
  const token = await tokensOf('z').sign(stay);
  const [header, payload, signature = ''] = token.split('.');
  expect(parse(header)).toEqual({ alg: 'EdDSA', typ: 'session+jwt' });
  expect(parse(payload)).toEqual({ iss: 'z', ...stay });
  const signed = Buffer.from(`${header}.${payload}`);
  expect(verifySignature(null, signed, createPublicKey(KEY), Buffer.from(signature, 'base64url'))).toBe(true);
  expect(await tokensOf('z').verify(token)).toEqual({ zone: 'z', ...stay });
});

test('the key of a seed is that of RFC 8032 section 7.1, test 1', () => {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const spki = createPublicKey(keyFromSeed(seed)).export({ format: 'der', type: 'spki' });
  expect(spki.subarray(-32).toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  expect(() => keyFromSeed(seed.subarray(1))).toThrow('31 bytes');
});

test('with the longest names it is short enough to be read', async () => {
  const long = 'x'.repeat(64);
  const tokens = tokensOf(long);
  for (const name of ['\u{1F600}'.repeat(40), '\ud800'.repeat(80), '"'.repeat(80)]) {
    const longest = { ...stay, router: long as RouterId, worker: 255, name, role: 'participant' as const };
    expect(await tokens.verify(await tokens.sign(longest))).toEqual({ zone: long, ...longest });
    const longestPass = { ...pass, name, role: 'participant' as const, main: stay.meeting };
    expect(await tokens.verifyPass(await tokens.signPass(longestPass))).toEqual({ zone: long, ...longestPass });
  }
});

test('that of another zone is read where its key is known, and only under its own name', async () => {
  const there = tokensOf('y', OTHER_KEY);
  const [session, entry] = [await there.sign(stay), await there.signPass(pass)];
  const here = tokensOf('z', KEY, { y: OTHER_KEY });
  expect(await here.verify(session)).toEqual({ zone: 'y', ...stay });
  expect(await here.verifyPass(entry)).toEqual({ zone: 'y', ...pass });
  expect(await tokensOf('z').verify(session)).toBeUndefined();
  expect(await tokensOf('z', KEY, { y: KEY }).verify(session)).toBeUndefined();
  // Signed by a zone that is trusted, in the name of another.
  const forged = await tokensOf('z', OTHER_KEY).sign(stay);
  expect(await here.verify(forged)).toBeUndefined();
  expect(await tokensOf('y', OTHER_KEY, { z: KEY }).verify(forged)).toBeUndefined();
});

test('a pass is no session token, nor the other way round', async () => {
  const tokens = tokensOf('z');
  expect(await tokens.verify(await tokens.signPass(pass))).toBeUndefined();
  expect(await tokens.verifyPass(await tokens.sign(stay))).toBeUndefined();
  const claims = { iss: 'z', ...stay, ...pass };
  for (const typ of ['JWT', undefined]) {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', ...(typ && { typ }) })
      .setExpirationTime('1 h')
      .sign(KEY);
    expect([await tokens.verify(token), await tokens.verifyPass(token)]).toEqual([undefined, undefined]);
  }
});

test('a pass is good for an hour, a session token as long as the stay', async () => {
  vi.useFakeTimers({ now: 1_000_000_000, toFake: ['Date'] });
  const tokens = tokensOf('z');
  const [session, entry] = [await tokens.sign(stay), await tokens.signPass(pass)];
  vi.setSystemTime(1_000_000_000 + 60 * 60_000);
  expect(await tokens.verifyPass(entry)).toEqual({ zone: 'z', ...pass });
  vi.setSystemTime(1_000_000_000 + 61 * 60_000);
  expect(await tokens.verifyPass(entry)).toBeUndefined();
  expect(await tokens.verify(session)).toEqual({ zone: 'z', ...stay });
  const endless = new SignJWT({ iss: 'z', ...pass }).setProtectedHeader({ alg: 'EdDSA', typ: 'pass+jwt' });
  expect(await tokens.verifyPass(await endless.sign(KEY))).toBeUndefined();
});

test('of another key or other claims it says nothing', async () => {
  const tokens = tokensOf('z');
  const token = await tokens.sign(stay);
  expect(await tokensOf('z', OTHER_KEY).verify(token)).toBeUndefined();
  const [signedPart, signature = ''] = [token.slice(0, token.lastIndexOf('.')), token.split('.')[2]];
  const damaged = Buffer.from(signature, 'base64url');
  damaged[7] = (damaged[7] as number) ^ 1;
  expect(await tokens.verify(`${signedPart}.${damaged.toString('base64url')}`)).toBeUndefined();
  const signed = (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'session+jwt' }).sign(KEY);
  expect(await tokens.verify(await signed({ iss: 'z', ...stay }))).toEqual({ zone: 'z', ...stay });
  for (const changed of [{ meeting: undefined }, { worker: -1 }, { participant: 7 }, { iss: undefined }, { iss: 7 }]) {
    expect(await tokens.verify(await signed({ iss: 'z', ...stay, ...changed }))).toBeUndefined();
  }
});

test('what has another shape or algorithm, or is too long, is refused before anything is computed', async () => {
  const tokens = tokensOf('z');
  const token = await tokens.sign(stay);
  const [header, payload, signature] = token.split('.');
  const [verify, importKey] = [vi.spyOn(crypto.subtle, 'verify'), vi.spyOn(crypto.subtle, 'importKey')];
  const shapes = [
    '',
    '.',
    '..',
    token.slice(0, 40),
    `${token}.x`,
    `${token}.`,
    `.${payload}.${signature}`,
    '\0'.repeat(99),
  ];
  for (const shape of shapes) expect(await tokens.verify(shape)).toBeUndefined();
  for (const text of [
    '{"alg":"none"}',
    '{"alg":"HS512"}',
    '{"alg":"RS256"}',
    '{}',
    '[]',
    'null',
    '{"alg":["EdDSA"]}',
    '{"alg":"HS256"}',
    '{"alg":"ES256"}',
  ]) {
    expect(await tokens.verify(`${base64url(text)}.${payload}.${signature}`)).toBeUndefined();
  }
  const critical = base64url('{"alg":"EdDSA","crit":["exp"],"exp":1}');
  expect(await tokens.verify(`${critical}.${payload}.${signature}`)).toBeUndefined();
  expect(await tokens.verify(`${header}.${payload}.${'A'.repeat(MAX_TOKEN_CHARACTERS)}`)).toBeUndefined();
  expect([verify.mock.calls, importKey.mock.calls]).toEqual([[], []]);
});

test('answers come in the order that they were asked for, however long each takes', async () => {
  const tokens = tokensOf('z');
  const token = await tokens.sign(stay);
  const slow = Promise.withResolvers<void>();
  const { verify } = crypto.subtle;
  vi.spyOn(crypto.subtle, 'verify').mockImplementationOnce(async (...all) => {
    await slow.promise;
    return verify.apply(crypto.subtle, all as Parameters<typeof verify>);
  });
  const said: string[] = [];
  const first = tokens.verify(token).then(() => said.push('first'));
  const second = tokens.verify(token).then(() => said.push('second'));
  const third = tokens.sign(stay).then(() => said.push('third'));
  // All that is not held back is done by then: the same again, of others.
  const others = tokensOf('z');
  await others.verify(await others.sign(stay));
  await others.verify(await others.sign(stay));
  expect(said).toEqual([]);
  slow.resolve();
  await Promise.all([first, second, third]);
  expect(said).toEqual(['first', 'second', 'third']);
});

test('one that is refused does not hold up those after it', async () => {
  const tokens = new SessionTokens({ own: 'z' as ZoneId, publicKeyOf: () => undefined });
  expect(tokens.isReady).toBe(false);
  const early = expect(tokens.sign(stay)).rejects.toMatchObject({ code: 'noRouter' });
  tokens.useKey(KEY);
  expect(tokens.isReady).toBe(true);
  const token = await tokens.sign(stay);
  expect(await tokens.verify(token)).toMatchObject(stay);
  await early;
});
