import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import { SessionTokens } from './session-tokens.ts';

const KEY = Buffer.alloc(32, 7);
const stay = {
  meeting: '12345678901' as MeetingId,
  participant: 'ada' as ParticipantId,
  router: 'router-1' as RouterId,
  worker: 3,
};

function tokensOf(zone: string, key = KEY): SessionTokens {
  const tokens = new SessionTokens(zone as ZoneId);
  tokens.useKey(key);
  return tokens;
}

test('a token is a JWS that every controller with the key reads', () => {
  const token = tokensOf('z').sign(stay);
  const [header = '', payload = '', signature] = token.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256' });
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({ zone: 'z', ...stay });
  expect(createHmac('sha256', KEY).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
  expect(tokensOf('z').verify(token)).toEqual({ zone: 'z', ...stay });
});

test('of another key, another zone or another shape it says nothing', () => {
  const tokens = tokensOf('z');
  const token = tokens.sign(stay);
  expect(tokensOf('z', Buffer.alloc(32, 8)).verify(token)).toBeUndefined();
  expect(tokens.verify(tokensOf('y').sign(stay))).toBeUndefined();
  const [header, payload, signature] = token.split('.');
  const shapes = ['', '..', `${header}.${payload}.`, `${header}.${payload}.${signature}.x`, `${token.slice(0, -2)}AA`];
  for (const shape of shapes) expect(tokens.verify(shape)).toBeUndefined();
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  expect(tokens.verify(`${none}.${payload}.${signature}`)).toBeUndefined();
});

test('without the key there are none', () => {
  const tokens = new SessionTokens('z' as ZoneId);
  expect(tokens.isReady).toBe(false);
  expect(() => tokens.sign(stay)).toThrow(expect.objectContaining({ code: 'noRouter' }));
});
