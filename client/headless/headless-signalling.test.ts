/** Controllers that are gone without a word: another one goes on, and only one is asked. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { HeadlessSignalling } from './headless-signalling.ts';

interface Controller {
  readonly url: string;
  readonly server: WebSocketServer;
  /** Types of messages, in the order in which they came. */
  readonly heard: string[];
  /** Nothing is answered any more. */
  isMute: boolean;
}

const controllers: Controller[] = [];
let signalling: HeadlessSignalling;

async function start(isMute = false): Promise<Controller> {
  const server = new WebSocketServer({ port: 0, path: '/v1/signalling' });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const controller: Controller = { url: `http://localhost:${port}`, server, heard: [], isMute };
  server.on('connection', (socket: WebSocket) => {
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(String(data)) as { type: string; id?: number };
      controller.heard.push(type);
      if (!controller.isMute) socket.send(JSON.stringify(type === 'ping' ? { type: 'pong' } : { type: 'done', id }));
    });
  });
  controllers.push(controller);
  return controller;
}

/** Resolves when the socket in use is lost. */
function talk(urls: readonly string[]): Promise<void> {
  const lost = Promise.withResolvers<void>();
  signalling = new HeadlessSignalling({
    url: urls[0] ?? '',
    trustedPem: undefined,
    resumes: true,
    notice: () => undefined,
    lost: lost.resolve,
  });
  signalling.learn(urls);
  return lost.promise;
}

afterEach(() => {
  signalling.close();
  for (const { server } of controllers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

const RESUME = { type: 'resume', session: 's' } as const;

test('one that takes connections and answers nothing is not asked', async () => {
  const [mute, well] = [await start(true), await start()];
  void talk([mute.url, well.url]);
  expect((await signalling.ask(RESUME)).type).toBe('done');
  expect([mute.heard, well.heard]).toEqual([['ping'], ['ping', 'resume']]);
});

test('one that falls silent is doubted, and another one goes on, after a fair chance for it to be opened anew', async () => {
  const [first, second] = [await start(), await start()];
  const lost = talk([first.url, second.url]);
  await signalling.ask(RESUME);
  first.isMute = true;
  const askedMs = performance.now();
  void signalling.doubt();
  await lost;
  expect((await signalling.ask(RESUME)).type).toBe('done');
  expect(performance.now() - askedMs).toBeGreaterThan(1_200);
  expect([first.heard, second.heard.at(-1)]).toEqual([['ping', 'resume', 'ping', 'ping'], 'resume']);
  expect(second.heard.filter((type) => type === 'resume')).toHaveLength(1);
});

test('one that answers when it is doubted goes on', async () => {
  const [first, second] = [await start(), await start()];
  void talk([first.url, second.url]);
  await signalling.ask(RESUME);
  await signalling.doubt();
  expect((await signalling.request({ type: 'offer', offer: '', sources: {} })).type).toBe('done');
  expect(second.heard).toEqual([]);
});
