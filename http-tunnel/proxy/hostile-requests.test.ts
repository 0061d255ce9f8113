/** Requests that two readers could read differently, over raw sockets: 400, the connection is closed, no controller sees any of it. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FakeController, readAll, TunnelLab } from '../testing/tunnel-lab.ts';

let lab: TunnelLab;
let controller: FakeController;
beforeAll(async () => {
  controller = await FakeController.start();
  lab = await TunnelLab.start({ controllers: [controller.url], times: { bodyMs: 500, headersMs: 500 } });
});
afterEach(() => void controller.requests.splice(0));
afterAll(async () => {
  await lab.stop();
  controller.stop();
});

const HOST = 'Host: localhost\r\n';
/** What is smuggled, if it is: it would be the controller's second request. */
const SECOND = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;

describe('on HTTP/1.1', () => {
  test.each([
    ['both framings', `POST / HTTP/1.1\r\n${HOST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    [
      'both framings, the other way round',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['the same length twice', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ['a list of lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\nhello`],
    ['a length with a sign', `POST / HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`],
    ['a hexadecimal length', `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\nhello`],
    ['a length that overflows', `POST / HTTP/1.1\r\n${HOST}Content-Length: 18446744073709551621\r\n\r\nhello`],
    ['an empty length', `POST / HTTP/1.1\r\n${HOST}Content-Length: \r\n\r\nhello`],
    ['an unknown coding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a coding before chunked', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    [
      'two codings in two lines',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunked twice',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a tab before the coding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['a folded line', `POST / HTTP/1.1\r\n${HOST}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
    ['a folded coding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
    ['a folded first line', `GET / HTTP/1.1\r\n ${HOST}\r\n`],
    ['bare LF', `GET / HTTP/1.1\nHost: localhost\n\n`],
    ['bare LF between headers', `GET / HTTP/1.1\r\n${HOST}X: y\nZ: a\r\n\r\n`],
    ['bare CR', `GET / HTTP/1.1\r\n${HOST}X: a\rY: b\r\n\r\n`],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${HOST}X: a\u0000b\r\n\r\n`],
    ['a header without a name', `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`],
    ['a header without a colon', `GET / HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`],
    ['no host', 'GET / HTTP/1.1\r\nX: y\r\n\r\n'],
    ['two hosts', `GET / HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`],
    ['a host with a path', 'GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n'],
    ['another host in the target', `GET https://evil.example/ HTTP/1.1\r\n${HOST}\r\n`],
    ['asterisk-form', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
    ['a target without a slash', `GET x HTTP/1.1\r\n${HOST}\r\n`],
    ['a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
    ['a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
    ['a version that does not exist', `GET / HTTP/1.7\r\n${HOST}\r\n`],
    ['HTTP/2 without asking for it', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [
      'a chunk size that is none',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nz\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'a chunk size with a sign',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'a chunk size that overflows',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n`,
    ],
    ['a chunk with bare LF', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n`],
    [
      'a chunk longer than it says',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'a chunk extension with CR',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5;a=\rb\r\nhello\r\n0\r\n\r\n`,
    ],
  ])('%s', async (_, request) => {
    const answer = await lab.ask(request + SECOND);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    // Nothing of it is the answer to a second request.
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(controller.requests).toEqual([]);
  });

  test('two requests at once are two, also where the first one has chunks: what goes on has a length', async () => {
    const first = `POST /first HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n`;
    const second = `GET /second HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
    const answer = await lab.ask(first + second);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(controller.requests.map(({ url, body }) => [url, body])).toEqual([
      ['/first', 'abcde'],
      ['/second', ''],
    ]);
    expect(controller.requests[0]?.headers['content-length']).toBe('5');
    expect(controller.requests[0]?.headers).not.toHaveProperty('transfer-encoding');
    expect(controller.requests[0]?.headers).not.toHaveProperty('trailer');
  });

  test('what Connection names does not reach the controller, and cannot take away what the tunnel says', async () => {
    await lab.ask(
      `GET / HTTP/1.1\r\n${HOST}Connection: close, X-Forwarded-For, X-Secret\r\nX-Secret: 1\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n`,
    );
    expect(controller.requests[0]?.headers['x-forwarded-for']).toMatch(/127\.0\.0\.1$/);
    expect(controller.requests[0]?.headers).not.toHaveProperty('x-secret');
  });

  test.each([
    ['CONNECT', `CONNECT localhost:443 HTTP/1.1\r\n${HOST}\r\n`, ''],
    ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`, 'HTTP/1.1 405 '],
    ['headers beyond 16 KiB', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(17_000)}\r\n\r\n`, 'HTTP/1.1 431 '],
    ['a target beyond 16 KiB', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\n${HOST}\r\n`, 'HTTP/1.1 431 '],
    [
      'a body beyond what is taken',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
      'HTTP/1.1 413 ',
    ],
    [
      'chunks beyond what is taken',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${`1000\r\n${'x'.repeat(4_096)}\r\n`.repeat(20)}`,
      'HTTP/1.1 413 ',
    ],
    ['a body that does not come', `POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nx`, 'HTTP/1.1 408 '],
    ['headers that do not come', `GET / HTTP/1.1\r\n${HOST}`, 'HTTP/1.1 408 '],
  ])('%s', async (_, request, start) => {
    expect((await lab.ask(request)).slice(0, start.length || undefined)).toBe(start);
    expect(controller.requests).toEqual([]);
  });
});

describe('on HTTP/2', () => {
  let session: ClientHttp2Session;
  async function open(): Promise<void> {
    const socket = await lab.tls({ alpn: ['h2'] });
    session = connectHttp2(lab.url, { createConnection: () => socket });
    session.on('error', () => undefined);
  }
  afterEach(() => session.destroy());

  /** The status, or `reset` where the stream was. */
  async function status(headers: OutgoingHttpHeaders, body?: string): Promise<unknown> {
    await open();
    const stream = session.request({ ':authority': 'localhost', ...headers }, { endStream: body === undefined });
    stream.on('error', () => undefined);
    if (body !== undefined) stream.end(body);
    const answered = once(stream, 'response').then(([answer]) => answer[':status']);
    const closed = once(stream, 'close').then(() => 'reset');
    stream.resume();
    return Promise.race([answered, closed]).catch(() => 'reset');
  }

  test.each([
    ['a target that would end the line', { ':path': '/ HTTP/1.1\r\nX: y' }],
    ['a space in the target', { ':path': '/a b' }],
    ['a target without a slash', { ':path': 'x' }],
    ['absolute-form', { ':path': 'https://localhost/' }],
    ['another host', { ':path': '/', host: 'evil.example' }],
    ['a host with a line end', { ':path': '/', ':authority': 'localhost\r\nX: y' }],
    ['a host with a user', { ':path': '/', ':authority': 'a@localhost' }],
    ['a method that would end the line', { ':path': '/', ':method': 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET' }],
    ['CONNECT', { ':method': 'CONNECT' }],
  ])('%s', async (_, headers) => {
    const answer = await status(headers).catch(() => 'reset');
    expect(['reset', 400, 405]).toContain(answer);
    expect(controller.requests).toEqual([]);
  });

  test('a length that is not that of the body', async () => {
    expect(await status({ ':path': '/', ':method': 'POST', 'content-length': '2' }, `x\r\n${SECOND}`)).toBe('reset');
    expect(controller.requests).toEqual([]);
  });

  test('a body becomes one of HTTP/1.1, with its length', async () => {
    expect(await status({ ':path': '/x?y', ':method': 'POST', te: 'trailers', cookie: 'a=b' }, SECOND)).toBe(200);
    expect(controller.requests).toHaveLength(1);
    const [request] = controller.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/x?y', body: SECOND });
    expect(request?.headers).toMatchObject({ host: 'localhost', 'content-length': `${SECOND.length}`, cookie: 'a=b' });
    expect(request?.headers).not.toHaveProperty('te');
  });

  test('a body that is too large', async () => {
    expect(await status({ ':path': '/', ':method': 'POST' }, 'x'.repeat(100_000))).toBe(413);
  });

  test('who asks for nothing is closed', async () => {
    const quiet = await lab.tls({ alpn: ['h2'] });
    quiet.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
    expect(await readAll(quiet)).not.toBe('');
    await open();
  });
});
