import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import { MAX_TOKEN_CHARACTERS, SessionTokens } from './session-tokens.ts';

const KEY = Buffer.alloc(32, 7);
const stay = {
  meeting: '12345678901' as MeetingId,
  participant: 'ada' as ParticipantId,
  router: 'router-1' as RouterId,
  worker: 3,
};

afterEach(() => {
  vi.restoreAllMocks();
});

function tokensOf(zone: string, key = KEY): SessionTokens {
  const tokens = new SessionTokens(zone as ZoneId);
  tokens.useKey(key);
  return tokens;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

test('a token is a JWS that every controller with the key reads', async () => {
  const token = await tokensOf('z').sign(stay);
  const [header = '', payload = '', signature] = token.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256' });
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({ zone: 'z', ...stay });
  expect(createHmac('sha256', KEY).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
  expect(await tokensOf('z').verify(token)).toEqual({ zone: 'z', ...stay });
});

test('with the longest names it is short enough to be read', async () => {
  const long = 'x'.repeat(64);
  const tokens = tokensOf(long);
  for (const name of ['\u{1F600}'.repeat(40), '\ud800'.repeat(80), '"'.repeat(80)]) {
    const longest = { ...stay, router: long as RouterId, worker: 255, name };
    expect(await tokens.verify(await tokens.sign(longest))).toEqual({ zone: long, ...longest });
  }
});

test('of another key, another zone or other claims it says nothing', async () => {
  const tokens = tokensOf('z');
  const token = await tokens.sign(stay);
  expect(await tokensOf('z', Buffer.alloc(32, 8)).verify(token)).toBeUndefined();
  expect(await tokens.verify(await tokensOf('y').sign(stay))).toBeUndefined();
  expect(await tokens.verify(`${token.slice(0, -2)}AA`)).toBeUndefined();
  const signed = (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(KEY);
  expect(await tokens.verify(await signed({ zone: 'z', ...stay }))).toEqual({ zone: 'z', ...stay });
  for (const changed of [{ meeting: undefined }, { worker: -1 }, { participant: 7 }]) {
    expect(await tokens.verify(await signed({ zone: 'z', ...stay, ...changed }))).toBeUndefined();
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
    '{"alg":["HS256"]}',
  ]) {
    expect(await tokens.verify(`${base64url(text)}.${payload}.${signature}`)).toBeUndefined();
  }
  const critical = base64url('{"alg":"HS256","crit":["exp"],"exp":1}');
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
  const tokens = new SessionTokens('z' as ZoneId);
  expect(tokens.isReady).toBe(false);
  const early = expect(tokens.sign(stay)).rejects.toMatchObject({ code: 'noRouter' });
  tokens.useKey(KEY);
  expect(tokens.isReady).toBe(true);
  const token = await tokens.sign(stay);
  expect(await tokens.verify(token)).toMatchObject(stay);
  await early;
});
