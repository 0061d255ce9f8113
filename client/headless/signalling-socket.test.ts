import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type SignallingNotice, SignallingSocket } from './signalling-socket.ts';

let server: WebSocketServer;
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

/** A server that answers each message with what `answer` gives for it. */
async function start(answer: (message: Record<string, unknown>, socket: WebSocket) => void): Promise<string> {
  server = new WebSocketServer({ port: 0, path: '/v1/signalling' });
  server.on('connection', (socket) => socket.on('message', (data) => answer(JSON.parse(String(data)), socket)));
  await once(server, 'listening');
  const address = server.address();
  return `http://localhost:${typeof address === 'object' ? address?.port : 0}/any#fragment`;
}

const OFFER = { type: 'offer', offer: 'sdp', sources: {} } as const;

describe('SignallingSocket', () => {
  test('who is told to wait has no deadline any more, and is answered when he is let in', async () => {
    const notices: SignallingNotice[] = [];
    let letIn = () => {};
    const url = await start(({ id }, socket) => {
      const meeting = { id: '12345678901' };
      socket.send(JSON.stringify({ type: 'waiting', id, participant: 'p', pass: 's', reason: 'noHost', meeting }));
      letIn = () => socket.send(JSON.stringify({ type: 'done', id }));
    });
    const told = Promise.withResolvers<void>();
    const socket = await SignallingSocket.open(
      url,
      (notice) => {
        notices.push(notice);
        told.resolve();
      },
      () => {},
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const reply = socket.request(OFFER);
    await told.promise;
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    letIn();
    expect([(await reply).type, notices.map(({ type }) => type)]).toEqual(['done', ['waiting']]);
    socket.close();
  });

  test('a request is answered by the message of its id; the rest are notices', async () => {
    const notices: SignallingNotice[] = [];
    const url = await start((message, socket) => {
      socket.send(JSON.stringify({ type: 'speakers', speakers: ['a'] }));
      socket.send(JSON.stringify({ type: 'answer', id: message.id, answer: `to ${message.id}` }));
    });
    const socket = await SignallingSocket.open(
      url,
      (notice) => notices.push(notice),
      () => {},
    );
    const replies = await Promise.all([socket.request(OFFER), socket.request(OFFER)]);
    expect(replies.map((reply) => reply.type === 'answer' && reply.answer)).toEqual(['to 1', 'to 2']);
    expect(notices).toHaveLength(2);
    socket.close();
  });

  test("the server's error rejects its request with code and retry time; one without id is a notice", async () => {
    const notices: SignallingNotice[] = [];
    const url = await start(({ id }, socket) => {
      socket.send(JSON.stringify({ type: 'error', code: 'internal', message: 'for all' }));
      socket.send(JSON.stringify({ type: 'error', id, code: 'rateLimited', message: 'slower', retryAfterMs: 700 }));
    });
    const socket = await SignallingSocket.open(
      url,
      (notice) => notices.push(notice),
      () => {},
    );
    await expect(socket.request(OFFER)).rejects.toMatchObject({ code: 'rateLimited', retryAfterMs: 700 });
    expect(notices).toEqual([{ type: 'error', code: 'internal', message: 'for all' }]);
  });

  test('a socket that closes rejects what is under way and says so', async () => {
    const url = await start((_message, socket) => socket.terminate());
    const closed = Promise.withResolvers<void>();
    const socket = await SignallingSocket.open(url, () => {}, closed.resolve);
    await expect(socket.request(OFFER)).rejects.toMatchObject({ code: 'closed' });
    await closed.promise;
  });

  test('no server: refused', async () => {
    const url = await start(() => {});
    server.close();
    await once(server, 'close');
    await expect(
      SignallingSocket.open(
        url,
        () => {},
        () => {},
      ),
    ).rejects.toThrow(/ECONNREFUSED/);
  });
});
