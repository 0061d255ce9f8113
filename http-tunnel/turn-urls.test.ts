import { expect, test } from 'vitest';
import { turnUrls } from './turn-urls.ts';

test('every way in has its URL', () => {
  expect(turnUrls('https://t.example', { udp: [{ port: 3478 }], tcp: [{ port: 3478 }] })).toEqual([
    'turn:t.example:3478?transport=udp',
    'turn:t.example:3478?transport=tcp',
    'turns:t.example:443?transport=tcp',
  ]);
  expect(turnUrls('https://[2001:db8::1]:8443/', { udp: [], tcp: [] })).toEqual([
    'turns:[2001:db8::1]:8443?transport=tcp',
  ]);
});
