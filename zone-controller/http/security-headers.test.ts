import { describe, expect, test } from 'vitest';
import { type PageContacts, securityHeaders } from './security-headers.ts';

function policyFor(contacts: PageContacts): string {
  return securityHeaders(contacts)['Content-Security-Policy'] ?? '';
}

/** Sources of `connect-src`. */
function contactsOf(policy: string): string[] {
  const directive = policy.split(';').find((each) => each.trim().startsWith('connect-src '));
  return directive?.trim().split(' ').slice(1) ?? [];
}

describe('whom a page may talk to', () => {
  test('other controllers by WebSocket, tunnels by HTTP too, and those that are to come', () => {
    const policy = policyFor({
      siblings: ['http://zc-2.example:8080', 'https://t1.example'],
      tunnels: ['https://t1.example', 'https://192.0.2.1:8443'],
      plannedTunnels: ['https://*.tunnels.example', 'https://t1.example'],
    });
    expect(contactsOf(policy).toSorted()).toEqual(
      [
        "'self'",
        'ws://zc-2.example:8080',
        ...['t1.example', '192.0.2.1:8443', '*.tunnels.example'].flatMap((at) => [`https://${at}`, `wss://${at}`]),
      ].toSorted(),
    );
  });

  // Each of them is what `new URL(…).origin` gives.
  test.each([
    'https://a;sandbox',
    'https://a,b',
    'https://*',
    'https://*.example',
    "https://a'self'",
    'null',
    'https://[2001:db8::1]',
  ])('no origin that would say more than where: %s', (origin) => {
    const plain = policyFor({ siblings: [] });
    expect([policyFor({ siblings: [origin] }), policyFor({ siblings: [], tunnels: [origin] })]).toEqual([plain, plain]);
  });
});
