/** Requests through the tunnel to controllers that fail in every way, and clients that do. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { FakeController, LOOPBACK, readAll, TunnelLab, type TunnelLabOptions } from '../testing/tunnel-lab.ts';
import { DEFAULT_TIMES } from '../tunnel-times.ts';
import { ProxyCounters } from './proxy-counters.ts';
import { RequestProxy } from './request-proxy.ts';

let lab: TunnelLab;
const controllers: FakeController[] = [];
const others: Server[] = [];
afterEach(async () => {
  await lab.stop();
  for (const controller of controllers.splice(0)) controller.stop();
  for (const server of others.splice(0)) server.close();
});

async function controllerThat(...answer: Parameters<typeof FakeController.start>): Promise<FakeController> {
  const controller = await FakeController.start(...answer);
  controllers.push(controller);
  return controller;
}

/** Health is not looked at unless a test wants it: what counts then is what requests meet. */
async function start(urls: readonly string[], options: TunnelLabOptions = {}): Promise<void> {
  const times = { checkMs: 100_000, checkDeadlineMs: 100_000, ...options.times };
  lab = await TunnelLab.start({ controllers: urls, ...options, times });
}

/** A URL at which nobody listens. */
async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return `http://${LOOPBACK}:${typeof address === 'object' ? address?.port : ''}`;
}

/** A URL at which connections are cut after the first bytes. */
async function cuttingUrl(): Promise<{ url: string; cuts: () => number }> {
  let cuts = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      if (bytes.includes('/readyz')) return;
      cuts++;
      socket.destroy();
    });
  }).listen(0, LOOPBACK);
  others.push(server);
  await once(server, 'listening');
  const address = server.address();
  return { url: `http://${LOOPBACK}:${typeof address === 'object' ? address?.port : ''}`, cuts: () => cuts };
}

/** From now on requests go there first. Of controllers that do not say how they are. */
function prefer(url: string): void {
  for (const each of lab.tunnel.controllers.forRequest('')) each.isWell = each.url.origin === url;
}

async function ask(
  method = 'GET',
  body?: string,
): Promise<{ status: number | undefined; text: string; headers: IncomingMessage['headers'] }> {
  const request = httpsRequest(`${lab.url}/x`, { method, ca: lab.certificate.certificatePem, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, headers: response.headers };
}

describe('an answer', () => {
  test('comes back as it is, but for what is between neighbours', async () => {
    const controller = await controllerThat((_, response) => {
      response.writeHead(201, {
        Location: '/y',
        'Set-Cookie': ['a=1', 'b=2'],
        'Keep-Alive': 'timeout=99',
        Connection: 'keep-alive, X-Mine',
        'X-Mine': '1',
      });
      response.end('made');
    });
    await start([controller.url]);
    const { status, text, headers } = await ask('POST', 'body');
    expect([status, text, headers.location, headers['set-cookie']]).toEqual([201, 'made', '/y', ['a=1', 'b=2']]);
    expect(headers).not.toHaveProperty('x-mine');
    expect(headers['keep-alive']).not.toBe('timeout=99');
    expect(lab.tunnel.proxyCounters.answers).toMatchObject({ '2xx': 1 });
  });

  test('of HEAD and 304 has no body', async () => {
    const controller = await controllerThat((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'Content-Length': 5 }).end();
      else response.writeHead(304).end();
    });
    await start([controller.url]);
    const head = await ask('HEAD');
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '5']);
    expect((await ask('GET')).status).toBe(304);
  });

  test('on HTTP/2, many at once', async () => {
    const controller = await controllerThat((request, response) =>
      response.end(`${request.url} ${'x'.repeat(100_000)}`),
    );
    await start([controller.url]);
    const socket = await lab.tls({ alpn: ['h2'] });
    const session = connectHttp2(lab.url, { createConnection: () => socket });
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const stream = session.request({ ':path': `/${index}` });
        let text = '';
        for await (const chunk of stream) text += chunk;
        return text;
      }),
    );
    session.close();
    expect(texts.map((text) => text.length)).toEqual(texts.map((_, index) => `/${index} `.length + 100_000));
  });

  test('that is cut is seen to be cut', async () => {
    const controller = await controllerThat((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('x', () => response.destroy());
    });
    await start([controller.url]);
    await expect(ask()).rejects.toThrow(/aborted/);
  });

  test('is read from the controller no faster than the client reads', async () => {
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const controller = await controllerThat(async (_, response) => {
      while (!response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
      }
    });
    await start([controller.url], { times: { exchangeMs: 1_000 } });
    const socket = await lab.tls();
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('it is asked', () => controller.requests.length === 1);
    // Ended by time, after what the kernel and a few buffers hold.
    await until('the tunnel gives up', () => lab.tunnel.port.size === 0);
    expect(written).toBeLessThan(32 * 1024 * 1024);
    expect(lab.tunnel.controllers.forRequest('')[0]?.active).toBe(0);
  });
});

describe('controllers that fail', () => {
  test.each(['GET', 'POST'])('%s goes on to another one when there is no connection', async (method) => {
    const controller = await controllerThat();
    await start([await deadUrl(), await deadUrl(), controller.url]);
    expect((await ask(method)).text).toBe('hello');
    expect(controller.requests).toHaveLength(1);
    // Known from now on.
    const { failovers } = lab.tunnel.proxyCounters;
    expect((await ask(method)).text).toBe('hello');
    expect(lab.tunnel.proxyCounters.failovers).toBe(failovers);
  });

  test('GET goes on to another one when its connection is cut; POST is not done twice', async () => {
    const [cutting, controller] = [await cuttingUrl(), await controllerThat()];
    controller.readyStatus = 0;
    await start([cutting.url, controller.url]);
    prefer(cutting.url);
    const post = await ask('POST', 'make one');
    expect([post.status, cutting.cuts(), controller.requests.length]).toEqual([502, 1, 0]);
    prefer(cutting.url);
    const get = await ask('GET');
    expect([get.status, get.text, cutting.cuts()]).toEqual([200, 'hello', 2]);
    expect(lab.tunnel.proxyCounters.refused.noAnswer).toBe(1);
  });

  test('a connection that was idle and is being closed is no sign of a controller that fails', async () => {
    const used = new WeakSet<object>();
    const controller = await controllerThat((request, response) => {
      if (used.has(request.socket)) return void request.socket.destroy();
      used.add(request.socket);
      response.end('hello');
    });
    await start([controller.url]);
    for (let i = 0; i < 3; i++) expect((await ask()).text).toBe('hello');
    expect(lab.tunnel.controllers.count.well).toBe(1);
  });

  test('one that does not answer in time', async () => {
    const [silent, controller] = [await controllerThat(() => undefined), await controllerThat()];
    for (const each of [silent, controller]) each.readyStatus = 0;
    await start([silent.url, controller.url], { times: { answerMs: 200 } });
    prefer(silent.url);
    expect((await ask()).text).toBe('hello');
    expect([silent.requests.length, controller.requests.length]).toEqual([1, 1]);
  });

  test('none is there: 503, and when to try again', async () => {
    await start([await deadUrl()]);
    const { status, headers, text } = await ask();
    expect([status, headers['retry-after'], JSON.parse(text).error.code]).toEqual([503, '1', 'tryAgain']);
  });

  test('what they say of themselves counts, and that they are back', async () => {
    const [a, b] = [await controllerThat(), await controllerThat()];
    await start([a.url, b.url], { times: { checkMs: 50, checkDeadlineMs: 500 } });
    a.readyStatus = 503;
    await until('one is away', () => lab.tunnel.controllers.count.well === 1);
    for (let turn = 0; turn < 5; turn++) await ask();
    expect([a.requests.length, b.requests.length]).toEqual([0, 5]);
    [a.readyStatus, b.readyStatus] = [200, 503];
    await until('the other one is', () => lab.tunnel.controllers.forRequest('')[0]?.url.origin === a.url);
    await ask();
    expect(a.requests).toHaveLength(1);
    expect(lab.tunnel.readinessProblems()).toEqual([]);
    a.readyStatus = 503;
    await until('both are away', () => lab.tunnel.controllers.count.well === 0);
    expect(lab.tunnel.readinessProblems()).toEqual(['no zone-controller is well']);
    expect((await ask()).status).toBe(200);
  });

  test('a client keeps to one, and clients are spread', async () => {
    await start(['http://a.example', 'http://b.example', 'http://c.example']);
    const { controllers: all } = lab.tunnel;
    const firsts = new Map<string, number>();
    for (let client = 0; client < 300; client++) {
      const [first] = all.forRequest(`192.0.2.${client}`);
      expect(all.forRequest(`192.0.2.${client}`)[0]).toBe(first);
      firsts.set(first?.url.origin ?? '', (firsts.get(first?.url.origin ?? '') ?? 0) + 1);
    }
    for (const count of firsts.values()) expect(count).toBeGreaterThan(60);
    expect(firsts.size).toBe(3);
  });
});

describe('clients that fail', () => {
  test('an address has only so many requests under way', async () => {
    const waiting: (() => void)[] = [];
    const controller = await controllerThat((_, response) => waiting.push(() => response.end('hello')));
    await start([controller.url]);
    const counters = new ProxyCounters();
    const proxy = new RequestProxy(lab.tunnel.controllers, DEFAULT_TIMES, counters, 2);
    const head = { method: 'GET', path: '/', host: 'localhost' };
    const server = createHttpServer((request, response) => void proxy.handle(request, response, head));
    others.push(server);
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    // The cast: what listens on TCP has an AddressInfo.
    const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
    const both = [fetch(url), fetch(url)];
    await until('both are under way', () => waiting.length === 2);
    const third = await fetch(url);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    for (const answer of waiting) answer();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    const fourth = fetch(url);
    await until('it is asked', () => waiting.length === 3);
    waiting[2]?.();
    expect((await fourth).status).toBe(200);
    expect(counters.refused.tooManyOfAddress).toBe(1);
    server.closeAllConnections();
  });

  test('who goes away in the middle leaves nothing behind', async () => {
    const controller = await controllerThat(() => undefined);
    await start([controller.url]);
    const socket = await lab.tls();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('the controller is asked', () => controller.requests.length === 1);
    socket.destroy();
    await until(
      'nothing is under way',
      () => lab.tunnel.controllers.forRequest('')[0]?.active === 0 && lab.tunnel.port.size === 0,
    );
  });

  test('a drain lets what is under way end, and closes the rest', async () => {
    let release: (() => void) | undefined;
    const controller = await controllerThat((_, response) => {
      release = () => response.end('done');
    });
    await start([controller.url]);
    const [busy, idle] = [await lab.tls(), await lab.tls()];
    idle.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('it is asked', () => release !== undefined);
    release?.();
    await once(idle, 'data');
    release = undefined;
    busy.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('it is asked', () => release !== undefined);
    const drained = lab.tunnel.drain(10_000);
    await readAll(idle);
    const answer = readAll(busy);
    (release as unknown as () => void)();
    expect(await answer).toContain('done');
    await drained;
    expect(lab.tunnel.port.size).toBe(0);
  });
});
