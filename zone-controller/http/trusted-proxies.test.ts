import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { isAllowedOrigin } from './origin.ts';
import { NO_PROXIES, TrustedProxies } from './trusted-proxies.ts';

const PROXIES = new TrustedProxies(['10.0.0.0/24', '2001:db8::1']);

/** The fields of a request that matter here. */
function requestOf(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('the client of a request', () => {
  test.each([
    ['of nobody we trust', '192.0.2.1', '203.0.113.1', '192.0.2.1'],
    ['of a proxy', '10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['of a proxy, as IPv6 sockets name it', '::ffff:10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['of a proxy, with what the client made up', '10.0.0.1', '127.0.0.1, 10.0.0.9, 203.0.113.1', '203.0.113.1'],
    ['of two proxies', '2001:db8::1', '198.51.100.9, 203.0.113.1, 10.0.0.1', '203.0.113.1'],
    ['of a proxy that says nothing', '10.0.0.1', '', '10.0.0.1'],
    ['of a proxy that says nonsense', '10.0.0.1', '203.0.113.1, unknown', '10.0.0.1'],
    ['of a proxy itself', '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ])('%s', (_, from, said, client) => {
    expect(PROXIES.clientAddress(requestOf(from, { 'x-forwarded-for': said }))).toBe(client);
  });

  test('without proxies, nothing that is said counts', () => {
    const request = requestOf('10.0.0.1', { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' });
    expect(NO_PROXIES.clientAddress(request)).toBe('10.0.0.1');
    expect(NO_PROXIES.isSecure(request)).toBe(false);
  });
});

test('a page that a trusted proxy has served with TLS may speak to us', () => {
  const headers = { origin: 'https://meet.example', host: 'meet.example', 'x-forwarded-proto': 'https' };
  expect(isAllowedOrigin(requestOf('10.0.0.1', headers), [], PROXIES)).toBe(true);
  expect(isAllowedOrigin(requestOf('192.0.2.1', headers), [], PROXIES)).toBe(false);
  expect(isAllowedOrigin(requestOf('10.0.0.1', { ...headers, origin: 'https://evil.example' }), [], PROXIES)).toBe(
    false,
  );
});
