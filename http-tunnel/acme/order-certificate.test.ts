/** What comes of an order when the directory cannot, or will not. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { mintServerCertificate } from '../../common/server-certificate.ts';
import { ChallengeCertificates } from './challenge-certificates.ts';
import { orderCertificate } from './order-certificate.ts';
import { makePrivateKey } from './private-key.ts';
import { Pebble } from './testing/pebble.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function order(directory: string, caPem: string | undefined, domain = 'a.example.test'): Promise<unknown> {
  const challenges = new ChallengeCertificates();
  const accountKeyPem = makePrivateKey();
  return orderCertificate({ directory, caPem, accountKeyPem, contacts: [], domains: [domain], challenges, pollMs: 10 });
}

/** A directory that answers everything so. */
async function serve(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; caPem: string; count: () => number }> {
  const { certificatePem, privateKeyPem } = await mintServerCertificate(['127.0.0.1']);
  let count = 0;
  const server = createServer({ cert: certificatePem, key: privateKeyPem }, (_, response) => {
    count++;
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  // The cast: what listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}/directory`, caPem: certificatePem, count: () => count };
}

test.each([
  [429, '120', 120_000, '{ "detail": "too many today" }', ': too many today'],
  [503, undefined, undefined, 'busy', ''],
])('%i: asked once, with Retry-After %s', async (status, header, retryAfterMs, body, reason) => {
  const { url, caPem, count } = await serve((response) =>
    response.writeHead(status, header === undefined ? {} : { 'Retry-After': header }).end(body),
  );
  const rejected = { message: `the directory answers ${status}${reason}`, retryAfterMs };
  await expect(order(url, caPem)).rejects.toMatchObject(rejected);
  expect(count()).toBe(1);
});

test('a date in Retry-After', async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const { url, caPem } = await serve((response) => response.writeHead(429, { 'Retry-After': date }).end());
  const retryAfterMs = await order(url, caPem).then(
    () => 0,
    (error) => error.retryAfterMs,
  );
  expect(retryAfterMs).toBeGreaterThan(3_500_000);
  expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
});

test('what is no directory, one of another authority, and none at all, each in words', async () => {
  const { url, caPem, count } = await serve((response) => response.end('<html>'));
  await expect(order(url, caPem)).rejects.toThrow('newAccount');
  const asked = count();
  await expect(order(url, undefined)).rejects.toThrow(/self-signed/);
  expect(count()).toBe(asked);
  await expect(order('https://127.0.0.1:1/directory', undefined)).rejects.toThrow('ECONNREFUSED');
});

test('a name that only another kind of challenge can prove', async () => {
  const pebble = await Pebble.open();
  ends.push(() => pebble.close());
  await expect(order(pebble.directory, pebble.caPem, '*.example.test')).rejects.toThrow(
    'the directory has no tls-alpn-01 challenge for example.test',
  );
});
