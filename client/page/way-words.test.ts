import { expect, test } from 'vitest';
import { wayWords } from './way-words.ts';

test('on a good network there is little to say', () => {
  expect(wayWords({ rung: 'udp', tried: [] })).toBe('Sound and pictures go by UDP.');
  expect(wayWords({ rung: undefined, tried: [] })).toBe('');
});

const UDP = { rung: 'udp', ms: 3_120, why: 'no answer' } as const;

test('what was tried is said with why not and how long, and once for all relays', () => {
  const relay = { ms: 1_540, why: 'no answer' } as const;
  const closed = { rung: 'webSocket', ms: 40, why: 'the WebSocket was closed (1006)' } as const;
  const tried = [UDP, { rung: 'turnUdp', ...relay }, { rung: 'turnTls', ...relay }, closed] as const;
  expect(wayWords({ rung: 'httpStream', tried })).toBe(
    'Sound and pictures go by an HTTP tunnel. In vain was tried UDP: no answer (3.1 s); ' +
      'a relay (UDP) or a relay (TLS): no answer (1.5 s); ' +
      'a WebSocket tunnel: the WebSocket was closed (1006) (0.0 s).',
  );
});

test('who waits for media sees what was in vain so far', () => {
  expect(wayWords({ rung: undefined, tried: [UDP] })).toBe('In vain was tried UDP: no answer (3.1 s).');
});
