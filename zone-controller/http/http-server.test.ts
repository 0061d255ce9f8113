/** The page and the HTTP API over real sockets. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mintServerCertificate } from '../../common/server-certificate.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { parseMeetingId } from '../meeting/meeting-id.ts';
import { expectType, TestClient } from '../testing/test-client.ts';
import { TestZone } from '../testing/test-zone.ts';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** `path` goes out as it is: fetch would tidy it up. */
function ask(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return new Promise<Reply>((resolve, reject) => {
    const { protocol, hostname, port } = new URL(url);
    const { body, ...rest } = options;
    const start = protocol === 'https:' ? httpsRequest : httpRequest;
    const request = start({ hostname, port, path, rejectUnauthorized: false, ...rest }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function rawAnswer(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

let zone: TestZone;
afterEach(() => zone.stop());

describe('the page', () => {
  beforeEach(async () => {
    zone = await TestZone.start({}, []);
  });

  test('/ is the page, with the headers that keep it to itself', async () => {
    const { status, headers, body } = await ask(zone.url, '/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body.toString()).toContain('<title>Zonecast</title>');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('every module that the page needs comes as JavaScript', async () => {
    const seen = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, headers, body } = await ask(zone.url, path);
      expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/javascript; charset=utf-8']);
      for (const [, next = ''] of body.toString().matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm)) {
        await follow(new URL(next, `http://x${path}`).pathname);
      }
    };
    const html = (await ask(zone.url, '/')).body.toString();
    for (const [, path = ''] of html.matchAll(/<script type="module" src="([^"]+)"/g)) await follow(path);
    expect(seen.size).toBeGreaterThan(10);
    expect([...seen].some((path) => path.startsWith('/sdk/'))).toBe(true);
    for (const [, path = ''] of html.matchAll(/(?:href)="(\/[^"]+)"/g)) {
      expect([path, (await ask(zone.url, path)).status]).toEqual([path, 200]);
    }
  });

  test('a copy that is current is not sent again', async () => {
    const { etag } = (await ask(zone.url, '/page/style.css')).headers as { etag: string };
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const tag of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const again = await ask(zone.url, '/page/style.css', { headers: { 'if-none-match': tag } });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    }
    expect((await ask(zone.url, '/page/style.css', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('who takes gzip gets it, and the same bytes in it', async () => {
    const plain = await ask(zone.url, '/page/style.css');
    const packed = await ask(zone.url, '/page/style.css', { headers: { 'accept-encoding': 'br, gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    expect(packed.body.length).toBeLessThan(plain.body.length);
  });

  test('HEAD has the headers and no body', async () => {
    const [get, head] = [await ask(zone.url, '/'), await ask(zone.url, '/', { method: 'HEAD' })];
    expect(head.body.length).toBe(0);
    expect(head.headers['content-length']).toBe(String(get.body.length));
  });

  test.each([
    '/../package.json',
    '/page/../../package.json',
    '/page/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/page/%00main.ts',
    '//etc/passwd',
    '/page/',
    '/page',
    '/sdk/meeting-state.test.ts',
    '/sdk/testing/fake-peer.ts',
    '/package.json',
    '/page/main.ts/',
    'http://other.example/page/../../package.json',
    'http:///page/main.ts',
    'ftp://other.example/page/main.ts',
    '*',
  ])('%s is not found', async (path) => {
    expect((await ask(zone.url, path)).status).toBe(404);
  });

  test.each([
    ['http://other.example/page/main.ts', '/page/main.ts'],
    ['HTTPS://other.example:8443/page/main.ts?x=//', '/page/main.ts'],
    ['http://other.example', '/'],
    ['http://other.example?x', '/'],
    ['/?codec=vp9', '/'],
  ])('%s is %s', async (target, path) => {
    const [given, plain] = [await ask(zone.url, target), await ask(zone.url, path)];
    expect([given.status, given.body]).toEqual([200, plain.body]);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('%s / is refused', async (method) => {
    const { status, headers } = await ask(zone.url, '/', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('a request that offers HTTP/2 by the way is answered like any other', async () => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQ' };
    expect((await ask(zone.url, '/', { headers })).status).toBe(200);
  });

  test('health is of the process, readiness of the zone', async () => {
    expect((await ask(zone.url, '/healthz')).status).toBe(200);
    expect((await ask(zone.url, '/readyz')).status).toBe(503);
    await zone.addRouter();
    await zone.controller.whenReady(1);
    expect((await ask(zone.url, '/readyz')).status).toBe(200);
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    ['length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an odd transfer encoding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 5\r\n\r\nhello'],
    ['a folded header', 'X-A: b\r\n c\r\nContent-Length : 5\r\n\r\nhello'],
    ['a length that is no number', 'Content-Length: +5\r\n\r\nhello'],
    ['a bare line feed', 'X-A: b\nContent-Length: 5\n\nhello'],
  ])('%s is answered 400 and the connection closed', async (_, rest) => {
    const answer = await rawAnswer(zone.url, `POST /v1/meetings HTTP/1.1\r\nHost: x\r\n${rest}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('headers of 64 KB are refused', async () => {
    const answer = await rawAnswer(zone.url, `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(65_536)}\r\n\r\n`);
    expect(answer === '' || /^HTTP\/1\.1 4\d\d /.test(answer)).toBe(true);
  });
});

describe('POST /v1/meetings', () => {
  test('makes a meeting that can be joined', async () => {
    zone = await TestZone.start();
    const { status, body, headers } = await ask(zone.url, '/v1/meetings', { method: 'POST' });
    expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
    const created = JSON.parse(body.toString()) as CreatedMeeting;
    expect(parseMeetingId(created.meeting)).toBe(created.meeting);
    expect(created.link).toBe(`${zone.url}/#meeting=${created.meeting}&passcode=${created.passcode}`);
    expect(created.hostKey).toHaveLength(16);
    const client = await TestClient.connect(zone.url);
    expectType(await client.join(created), 'joined');
    client.close();
  });

  test('is limited per address, and says when to come again', async () => {
    zone = await TestZone.start({ limits: { createMeeting: { burst: 2, perSecond: 0.1 } } }, []);
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push(await ask(zone.url, '/v1/meetings', { method: 'POST' }));
    expect(statuses.map(({ status }) => status)).toEqual([201, 201, 429]);
    const [, , refused] = statuses;
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(10);
    expect(JSON.parse(String(refused?.body))).toMatchObject({
      error: { code: 'rateLimited', message: 'Too many new meetings. Wait a moment.' },
    });
  });

  test('what a client says about its address changes nothing', async () => {
    zone = await TestZone.start({ limits: { createMeeting: { burst: 1, perSecond: 0.1 } } }, []);
    const statuses = [];
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      const headers = { 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address };
      statuses.push((await ask(zone.url, '/v1/meetings', { method: 'POST', headers })).status);
    }
    expect(statuses).toEqual([201, 429]);
  });

  test('stops at the maximum of meetings; those that are there stay', async () => {
    zone = await TestZone.start({ limits: { definitions: 2 } });
    const created = await zone.controller.createMeeting();
    await zone.controller.createMeeting();
    expect((await ask(zone.url, '/v1/meetings', { method: 'POST' })).status).toBe(503);
    await zone.enter(created, 'Ada');
  });

  test('meetings that nobody used for their life are forgotten and make room; running and permanent ones are not', async () => {
    zone = await TestZone.start({ limits: { definitions: 3 }, times: { definitionMs: -1 } });
    const permanent = await zone.controller.createMeeting({ permanent: true });
    await zone.controller.createMeeting();
    await zone.controller.createMeeting();
    const fresh = await zone.controller.createMeeting();
    expect((await (await zone.connect()).join(fresh)).type).toBe('error');
    await zone.enter(permanent, 'Ada');
  });

  test('a page of another site may not', async () => {
    zone = await TestZone.start({}, []);
    const foreign = { method: 'POST', headers: { origin: 'https://evil.example' } };
    expect((await ask(zone.url, '/v1/meetings', foreign)).status).toBe(403);
    const own = { method: 'POST', headers: { origin: zone.url } };
    expect((await ask(zone.url, '/v1/meetings', own)).status).toBe(201);
    // In absolute-form, the host that is asked for stands in the target, whatever the Host header says.
    expect((await ask(zone.url, `${zone.url}/v1/meetings`, own)).status).toBe(201);
    const lying = { method: 'POST', headers: { origin: 'http://evil.example', host: 'evil.example' } };
    expect((await ask(zone.url, `${zone.url}/v1/meetings`, lying)).status).toBe(403);
  });

  test('a body that is too large is refused, and other methods', async () => {
    zone = await TestZone.start({}, []);
    const large = { method: 'POST', body: 'x'.repeat(20_000) };
    expect((await ask(zone.url, '/v1/meetings', large)).status).toBe(413);
    // Answered before all of it is there.
    const part = `POST /v1/meetings HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(20_000)}`;
    expect(await rawAnswer(zone.url, part)).toMatch(/^HTTP\/1\.1 413 .*\r\nConnection: close\r\n/s);
    expect((await ask(zone.url, '/v1/meetings', { method: 'PUT' })).status).toBe(405);
  });
});

test('with a certificate, all of it is HTTPS and WSS', async () => {
  const tls = await mintServerCertificate(['127.0.0.1']);
  zone = await TestZone.start({ http: { host: '127.0.0.1', port: 0, tls } });
  expect(zone.url).toMatch(/^https:/);
  expect((await ask(zone.url, '/')).status).toBe(200);
  const client = await TestClient.connect(zone.url, { origin: zone.url });
  expectType(await client.join(await zone.controller.createMeeting()), 'joined');
  client.close();
});

test('ends at once with sockets open that are in no HTTP list: silent before TLS, upgraded, idle', async () => {
  const tls = await mintServerCertificate(['127.0.0.1']);
  zone = await TestZone.start({ http: { host: '127.0.0.1', port: 0, tls } }, []);
  const client = await zone.connect();
  const silent = connect(Number(new URL(zone.url).port), '127.0.0.1');
  const closed = new Promise((resolve) => silent.on('close', resolve).on('error', () => undefined));
  await new Promise((resolve) => silent.on('connect', resolve));
  await ask(zone.url, '/');
  // The TLS handshake's own time-out is 10 s.
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve('late'), 5_000);
  expect(await Promise.race([zone.controller.stop(), late.promise])).toBeUndefined();
  clearTimeout(timer);
  await Promise.all([closed, client.closed]);
});

test('a taken port is a typed error and leaves nothing behind', async () => {
  zone = await TestZone.start({}, []);
  const port = Number(new URL(zone.url).port);
  await expect(TestZone.start({ http: { host: '127.0.0.1', port } }, [])).rejects.toMatchObject({ code: 'portTaken' });
});
