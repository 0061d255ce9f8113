/** WebSockets through the tunnel, to controllers that take them, refuse them, and stop. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { FakeController, readAll, TunnelLab } from '../testing/tunnel-lab.ts';

let lab: TunnelLab;
const stops: (() => void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await lab.stop();
});

/** A controller whose WebSockets say who they are and repeat what they are told. */
async function echoing(name: string, refuses?: string): Promise<FakeController> {
  const controller = await FakeController.start();
  const sockets = new WebSocketServer({ noServer: true });
  controller.server.on('upgrade', (request, socket, head) => {
    if (refuses !== undefined) return void socket.end(`HTTP/1.1 ${refuses}\r\nConnection: close\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { origin, 'x-forwarded-for': client } = request.headers;
      webSocket.send(JSON.stringify([name, request.url, origin, client]));
      webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
    });
  });
  stops.push(() => {
    for (const client of sockets.clients) client.terminate();
    controller.stop();
  });
  return controller;
}

async function start(urls: readonly string[]): Promise<void> {
  lab = await TunnelLab.start({ controllers: urls, times: { checkMs: 100_000, connectMs: 500, answerMs: 1_000 } });
}

async function open(path = '/v1/signalling'): Promise<{ socket: WebSocket; first: unknown[] }> {
  const socket = new WebSocket(`wss://localhost:${lab.port}${path}`, {
    ca: lab.certificate.certificatePem,
    origin: 'https://page.example',
  });
  const [data] = await once(socket, 'message');
  return { socket, first: JSON.parse(String(data)) };
}

describe('a WebSocket', () => {
  test('gets to a controller as it was asked for, and carries what is said, however much', async () => {
    await start([(await echoing('a')).url]);
    const { socket, first } = await open('/v1/signalling?x=1');
    expect(first).toEqual(['a', '/v1/signalling?x=1', 'https://page.example', '127.0.0.1']);
    const large = Buffer.alloc(3 * 1024 * 1024, 7);
    socket.send(large);
    const [echo] = await once(socket, 'message');
    expect(large.equals(echo)).toBe(true);
    expect(lab.tunnel.proxyCounters).toMatchObject({ upgrades: 1, upgradesOpen: 1 });
    socket.close(4000, 'bye');
    const [code] = await once(socket, 'close');
    expect(code).toBe(4000);
    await until('nothing is left', () => lab.tunnel.proxyCounters.upgradesOpen === 0 && lab.tunnel.port.size === 0);
  });

  test('goes to the controller that has the fewest', async () => {
    await start([(await echoing('a')).url, (await echoing('b')).url]);
    const names = [];
    for (let index = 0; index < 6; index++) names.push((await open()).first[0]);
    expect(names.filter((name) => name === 'a')).toHaveLength(3);
  });

  test('goes to another when one is away, or says that it is stopping', async () => {
    const gone = await echoing('gone');
    const stopping = await echoing('stopping', '503 Service Unavailable');
    await start([gone.url, stopping.url, (await echoing('a')).url]);
    gone.stop();
    for (let index = 0; index < 3; index++) expect((await open()).first[0]).toBe('a');
  });

  test.each(['403 Forbidden', '404 Not Found'])(
    'that a controller refuses by %s is refused by that',
    async (status) => {
      await start([(await echoing('a', status)).url]);
      await expect(open()).rejects.toThrow(status.slice(0, 3));
      expect(lab.tunnel.proxyCounters.upgradesRefused).toBe(1);
    },
  );

  test('that nobody takes is refused', async () => {
    await start([(await echoing('a', '503 Service Unavailable')).url]);
    await expect(open()).rejects.toThrow('503');
    expect(lab.tunnel.proxyCounters.refused.noController).toBe(1);
  });

  test('that could be two requests is refused, and nobody hears what follows', async () => {
    const controller = await echoing('a');
    await start([controller.url]);
    const asks =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const two = 'Host: localhost\r\nHost: evil.example\r\n';
    expect(await lab.ask(`GET /v1/signalling HTTP/1.1\r\n${two}${asks}\r\nGET / HTTP/1.1\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(controller.requests).toEqual([]);
  });

  test('ends with its controller, after the last thing that it said', async () => {
    const controller = await echoing('a');
    await start([controller.url]);
    const { socket } = await open();
    socket.send('last');
    const last = once(socket, 'message');
    const closed = once(socket, 'close');
    expect(String((await last)[0])).toBe('last');
    for (const stop of stops.splice(0)) stop();
    await closed;
    await until('nothing is left', () => lab.tunnel.port.size === 0);
  });

  test('whose client does not read holds up its controller, and nobody keeps what is said', async () => {
    const controller = await FakeController.start();
    stops.push(() => controller.stop());
    let written = 0;
    controller.server.on('upgrade', (_, socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      const chunk = Buffer.alloc(64 * 1024);
      const fill = () => {
        do written += chunk.length;
        while (socket.write(chunk));
        socket.once('drain', fill);
      };
      fill();
    });
    await start([controller.url]);
    const client = await lab.tls();
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await until('it is open', () => lab.tunnel.proxyCounters.upgradesOpen === 1);
    let before = -1;
    await until('nothing moves any more', () => {
      const stands = before === written;
      before = written;
      return stands;
    });
    expect(written).toBeLessThan(32 * 1024 * 1024);
    client.destroy();
    await until('nothing is left', () => lab.tunnel.port.size === 0);
  });
});

test('a drain ends all, one after another, and takes no more', async () => {
  await start([(await echoing('a')).url]);
  const all = await Promise.all(Array.from({ length: 4 }, () => open()));
  const kept = await lab.tls();
  const ends = Promise.all(all.map(({ socket }) => once(socket, 'close').then(([code]) => code)));
  const drained = lab.tunnel.drain(5_000);
  kept.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  expect(await readAll(kept)).toMatch(/^HTTP\/1.1 503 /);
  // As of a controller that stops: clients go on at another one at once.
  expect(await ends).toEqual([4001, 4001, 4001, 4001]);
  await drained;
  await expect(lab.tls()).rejects.toThrow();
});

test('an ordered drain closes what is there and lets the page go on; taken back, those who are left stay, and others come', async () => {
  await start([(await echoing('a')).url]);
  const all = await Promise.all(Array.from({ length: 4 }, () => open()));
  const ended: number[] = [];
  for (const { socket } of all) socket.once('close', (code) => ended.push(code));
  const first = Promise.race(all.map(({ socket }) => once(socket, 'close')));
  lab.tunnel.setDrained(true);
  await expect(open()).rejects.toThrow('503');
  await first;
  lab.tunnel.setDrained(false);
  const { socket } = await open();
  expect(ended.length).toBeLessThan(4);
  expect(ended.every((code) => code === 4001)).toBe(true);
  expect(await lab.ask('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
  lab.tunnel.setDrained(true);
  const [code] = await once(socket, 'close');
  expect(code).toBe(4001);
  await until('all have gone', () => ended.length === 4);
  // What stops does not begin again.
  await lab.tunnel.drain(5_000);
  lab.tunnel.setDrained(false);
  await expect(lab.tls()).rejects.toThrow();
});

test('a drain does not wait for a client who does not read, nor for a controller in the middle of a frame', async () => {
  const controller = await FakeController.start();
  stops.push(() => controller.stop());
  controller.server.on('upgrade', (_, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.write(Buffer.of(0x82, 100, 1));
  });
  await start([controller.url]);
  const client = await lab.tls();
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(client, 'data');
  client.pause();
  await lab.tunnel.drain(10_000);
  expect(lab.tunnel.port.size).toBe(0);
  expect(lab.tunnel.proxyCounters.upgradesOpen).toBe(0);
});

test.each([
  ['another method', 'POST / HTTP/1.1', '', '405'],
  ['a body', 'GET / HTTP/1.1', 'Content-Length: 5\r\n', '400'],
  ['chunks', 'GET / HTTP/1.1', 'Transfer-Encoding: chunked\r\n', '400'],
])('with %s no WebSocket is asked for', async (_, line, header, status) => {
  const controller = await echoing('a');
  let asked = 0;
  controller.server.on('upgrade', () => asked++);
  await start([controller.url]);
  const text = `${line}\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${header}\r\nhello`;
  expect(await lab.ask(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(asked).toBe(0);
});
