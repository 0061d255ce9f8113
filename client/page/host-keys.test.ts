import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hostKeyOf, rememberHostKey } from './host-keys.ts';

let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
});

afterEach(() => vi.unstubAllGlobals());

test('the key of a meeting is remembered, the last one if there are two', () => {
  rememberHostKey('1', 'a');
  rememberHostKey('2', 'b');
  rememberHostKey('1', 'c');
  expect([hostKeyOf('1'), hostKeyOf('2'), hostKeyOf('3')]).toEqual(['c', 'b', undefined]);
});

test('fifty are remembered', () => {
  for (let meeting = 0; meeting < 60; meeting++) rememberHostKey(`${meeting}`, 'key');
  expect([hostKeyOf('9'), hostKeyOf('10'), hostKeyOf('59')]).toEqual([undefined, 'key', 'key']);
});

test.each(['{', 'null', '[1, ["1"], ["1", 2], ["1", "a", "b"]]'])('what is no key is none: %s', (text) => {
  stored.set('zonecast.hostKeys', text);
  expect(hostKeyOf('1')).toBeUndefined();
  rememberHostKey('1', 'a');
  expect(hostKeyOf('1')).toBe('a');
});

test('without storage nothing is remembered, and nothing fails', () => {
  const fail = () => {
    throw new DOMException('', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: fail, setItem: fail });
  rememberHostKey('1', 'a');
  expect(hostKeyOf('1')).toBeUndefined();
});
