import { expect, test } from 'vitest';
import { wayWords } from './way-words.ts';

test('on a good network there is little to say', () => {
  expect(wayWords({ rung: 'udp', tried: [] })).toBe('Sound and pictures go by UDP.');
  expect(wayWords(undefined)).toBe('');
});

test('what was tried is said with how long and why not', () => {
  const tried = [
    { rung: 'udp', ms: 3_120, why: 'another way was faster' },
    { rung: 'webSocket', ms: 40, why: 'the WebSocket was closed (1006)' },
  ] as const;
  expect(wayWords({ rung: 'httpStream', tried })).toBe(
    'Sound and pictures go by an HTTP tunnel. Tried before: UDP (3.1 s: another way was faster), ' +
      'a WebSocket tunnel (0.0 s: the WebSocket was closed (1006)).',
  );
});
