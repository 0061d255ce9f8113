/** Signalling of tunnelled clients: to a controller that takes it, past those that do not. */
import { once } from 'node:events';
import { createServer, type Server as NetServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createLogger } from '../../common/log.ts';
import type { TunnelNews } from '../../proto/tunnel.ts';
import { TestTunnelClient } from '../media/testing/test-client.ts';
import { TunnelLab } from '../media/testing/tunnel-lab.ts';
import { FakeController, LOOPBACK } from '../testing/tunnel-lab.ts';
import { DEFAULT_TIMES } from '../tunnel-times.ts';
import { FixedControllers } from './controller-list.ts';
import { Controllers } from './controllers.ts';
import { dialSignalling } from './dial-signalling.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Says to whom it speaks, or refuses by `status`. Ranked by how much they have to do: `active` of them before. */
async function controller(status?: string): Promise<{ url: string; asked: () => number; origins: unknown[] }> {
  const fake = await FakeController.start();
  const sockets = new WebSocketServer({ noServer: true });
  const origins: unknown[] = [];
  let asked = 0;
  fake.server.on('upgrade', (request, socket, head) => {
    asked++;
    origins.push(request.headers.origin);
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.send(`for ${request.headers['x-forwarded-for']}`);
    });
  });
  stops.push(() => {
    for (const client of sockets.clients) client.terminate();
    fake.stop();
  });
  return { url: fake.url, asked: () => asked, origins };
}

async function listening(server: NetServer): Promise<string> {
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  return `http://${LOOPBACK}:${typeof address === 'object' ? address?.port : ''}`;
}

/** Nobody listens there. */
async function dead(): Promise<string> {
  const server = createServer();
  const url = await listening(server);
  server.close();
  return url;
}

/** Takes connections and says nothing. */
async function silent(): Promise<string> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => sockets.add(socket));
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listening(server);
}

/** What the client hears, and the controllers, `urls` in the order in which they are tried. */
async function dial(urls: readonly string[], times = DEFAULT_TIMES) {
  const controllers = new Controllers({ list: new FixedControllers(urls), times, log });
  for (const each of controllers.forRequest('')) each.active = urls.indexOf(each.url.origin);
  const lab = await TunnelLab.start({ dialSignalling: (client) => dialSignalling(controllers, client, times) });
  stops.push(() => lab.stop());
  const client = await TestTunnelClient.open('webSocket', lab.origin, undefined);
  stops.push(() => client.close());
  client.request({ type: 'openSignalling' });
  const news: TunnelNews = await client.newsOf('signallingState');
  return { controllers, client, news };
}

test('one is away, one silent, one stops: the fourth takes it', async () => {
  const [stopping, well] = [await controller('503 Service Unavailable'), await controller()];
  const times = { ...DEFAULT_TIMES, connectMs: 300 };
  const { controllers, client, news } = await dial([await dead(), await silent(), stopping.url, well.url], times);
  expect(news).toMatchObject({ state: 'open' });
  await client.until(() => client.signalling[0]);
  expect([client.signalling, stopping.asked(), well.asked()]).toEqual([['for 127.0.0.1'], 1, 1]);
  // Those that could not be reached are not tried first again; nothing is counted twice.
  expect(controllers.count).toEqual({ all: 4, well: 2 });
  expect(controllers.forRequest('').map(({ active, url }) => [url.origin, active])).toContainEqual([well.url, 4]);
  client.request({ type: 'closeSignalling' });
});

test('one that refuses the client is not asked to be overruled by another', async () => {
  const [refusing, well] = [await controller('403 Forbidden'), await controller()];
  const { news } = await dial([refusing.url, well.url]);
  expect(news).toMatchObject({ state: 'closed', code: 1006 });
  expect([refusing.asked(), well.asked()]).toEqual([1, 0]);
});

test('none is there, and time is over: the client is told', async () => {
  const times = { ...DEFAULT_TIMES, connectMs: 200, answerMs: 300 };
  const { news } = await dial([await silent(), await silent(), await silent()], times);
  expect(news).toMatchObject({ state: 'closed' });
});
