import { expect, test } from 'vitest';
import { probeAnswer } from './probe-description.ts';

test('an ICE-lite answer with the credential, and the better address first', () => {
  const targets = [
    { address: '192.0.2.1', port: 8801 },
    { address: '2001:db8::1', port: 8802 },
  ];
  const sdp = probeAnswer('v=0\r\na=mid:data\r\n', { ufrag: 'probe/1abc', password: 'p'.repeat(32), targets });
  expect(sdp.split('\r\n')).toEqual(
    expect.arrayContaining([
      'a=ice-lite',
      'a=group:BUNDLE data',
      'a=mid:data',
      'a=ice-ufrag:probe/1abc',
      `a=ice-pwd:${'p'.repeat(32)}`,
      'a=setup:passive',
      'a=candidate:1 1 udp 2130706431 192.0.2.1 8801 typ host',
      'a=candidate:2 1 udp 2130706175 2001:db8::1 8802 typ host',
    ]),
  );
  expect(sdp.endsWith('\r\n')).toBe(true);
});
