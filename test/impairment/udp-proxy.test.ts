import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { StunAttribute } from '../../mmr/media/stun/stun-message.ts';
import { BINDING_REQUEST, StunWriter } from '../../mmr/media/stun/stun-writer.ts';
import { UdpProxy, type UdpProxyOptions } from './udp-proxy.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function socket(address: string): Promise<Socket> {
  const made = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  made.bind(0, address);
  await once(made, 'listening');
  open.push(made);
  return made;
}

/** A server that sends everything back, and the ports it was asked from. */
async function echo(address: string): Promise<{ port: number; askedFrom: Set<number>; received: number }> {
  const server = await socket(address);
  const state = { port: server.address().port, askedFrom: new Set<number>(), received: 0 };
  server.on('message', (bytes, from) => {
    state.received++;
    state.askedFrom.add(from.port);
    server.send(bytes, from.port, from.address);
  });
  return state;
}

async function proxyTo(port: number, options: Partial<UdpProxyOptions> = {}, address = '127.0.0.1') {
  const proxy = await UdpProxy.open({ target: { address, port }, ...options });
  open.push(proxy);
  return proxy;
}

async function message(client: Socket): Promise<string> {
  const [bytes] = (await once(client, 'message')) as [Buffer, RemoteInfo];
  return bytes.toString();
}

describe.each(['127.0.0.1', '::1'])('through %s', (address) => {
  test('datagrams pass both ways, and each client has a port of his own towards the router', async () => {
    const server = await echo(address);
    const proxy = await proxyTo(server.port, {}, address);
    for (const name of ['ann', 'ben']) {
      const client = await socket(address);
      client.send(name, proxy.port, proxy.address);
      expect(await message(client)).toBe(name);
    }
    expect(server.askedFrom.size).toBe(2);
    expect(proxy.clients).toHaveLength(2);
  });
});

test('delay of both ways adds up', async () => {
  const server = await echo('127.0.0.1');
  const proxy = await proxyTo(server.port, { up: { delayMs: 40 }, down: { delayMs: 60 } });
  const client = await socket('127.0.0.1');
  const startMs = performance.now();
  client.send('late', proxy.port, proxy.address);
  await message(client);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(100);
});

test('a bottleneck lets no more through than its rate, and its queue overflows', async () => {
  const server = await echo('127.0.0.1');
  // 1028 bytes on the wire take 10.28 ms; the queue holds 100 ms.
  const proxy = await proxyTo(server.port, { up: { rateBps: 800_000, queueMs: 100 } });
  const client = await socket('127.0.0.1');
  const startMs = performance.now();
  const times: number[] = [];
  client.on('message', () => times.push(performance.now() - startMs));
  for (let i = 0; i < 30; i++) client.send(new Uint8Array(1000), proxy.port, proxy.address);
  while (times.length < 9) await once(client, 'message');
  expect(times[8]).toBeGreaterThanOrEqual(9 * 10.28 - 1);
  const link = proxy.clients[0]?.link('up');
  expect(link?.sent).toBe(30);
  expect(link?.overflowed).toBeGreaterThanOrEqual(20);
});

test('one client’s path changes and the other’s does not', async () => {
  const server = await echo('127.0.0.1');
  const proxy = await proxyTo(server.port);
  const [ann, ben] = [await socket('127.0.0.1'), await socket('127.0.0.1')];
  for (const client of [ann, ben]) {
    client.send('hello', proxy.port, proxy.address);
    await message(client);
  }
  const annPort = ann.address().port;
  const annInProxy = proxy.clients.find(({ port }) => port === annPort);
  proxy.change('up', { blackout: true }, annInProxy);
  for (let i = 0; i < 20; i++) ann.send('lost', proxy.port, proxy.address);
  ben.send('fine', proxy.port, proxy.address);
  expect(await message(ben)).toBe('fine');
  // ann's went into the proxy before ben's came out of it: one socket, one order.
  expect(annInProxy?.link('up').lost).toBe(20);
  expect(server.received).toBe(3);
});

test('a change for all holds for those who come later too', async () => {
  const server = await echo('127.0.0.1');
  const proxy = await proxyTo(server.port);
  proxy.change('down', { delayMs: 50 });
  const client = await socket('127.0.0.1');
  const startMs = performance.now();
  client.send('x', proxy.port, proxy.address);
  await message(client);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(50);
});

test('a schedule takes effect at its time', async () => {
  const server = await echo('127.0.0.1');
  const proxy = await proxyTo(server.port, { up: { blackout: true } });
  const client = await socket('127.0.0.1');
  const startMs = performance.now();
  proxy.schedule('up', [{ atMs: 150, conditions: { blackout: false } }]);
  const ticking = setInterval(() => client.send('x', proxy.port, proxy.address), 10);
  await message(client);
  clearInterval(ticking);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(150);
  expect(proxy.clients[0]?.link('up').lost).toBeGreaterThan(3);
});

test('clients are told apart by the ufrag of their connectivity checks', async () => {
  const server = await echo('127.0.0.1');
  const proxy = await proxyTo(server.port);
  const found = proxy.clientOf('browser7');
  for (const name of ['browser6', 'browser7']) {
    const client = await socket('127.0.0.1');
    client.send(bindingRequest(`router:${name}`), proxy.port, proxy.address);
    await message(client);
  }
  expect((await found).iceUsername).toBe('router:browser7');
});

function bindingRequest(username: string): Uint8Array {
  const bytes = new Uint8Array(200);
  const writer = new StunWriter();
  writer.begin(bytes, 0, BINDING_REQUEST, new Uint8Array(12).fill(9));
  writer.attribute(StunAttribute.username, new TextEncoder().encode(username));
  return bytes.slice(0, writer.end());
}
