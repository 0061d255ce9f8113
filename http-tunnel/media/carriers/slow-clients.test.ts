/** Clients that do not get on, or do not read: each is cut off in time, and nothing of it is left. Over real sockets. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as nextRound } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { writeRtpPacket } from '../../../client/headless/rtp-writer.ts';
import { until } from '../../../mmr/control/worker-pool-test-lab.ts';
import { TUNNEL_PATH, TUNNEL_PAYLOAD_TYPES, TunnelChannel, TunnelClose } from '../../../proto/tunnel.ts';
import { request } from '../testing/test-carriers.ts';
import { TunnelLab } from '../testing/tunnel-lab.ts';

const TIMES = { firstMessageMs: 200, bodyMs: 200, takenMs: 300 };

let lab: TunnelLab;
const sockets: Socket[] = [];
beforeEach(async () => {
  lab = await TunnelLab.start({ times: TIMES, limits: { silentPerAddress: 2 } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await lab.stop();
});

/** Does not close when the tunnel does. */
function open(text: string): Socket {
  const socket = connect({ port: Number(new URL(lab.origin).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  sockets.push(socket);
  socket.write(text);
  return socket;
}

async function allClosed(): Promise<void> {
  while ((await lab.connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

test.each([
  ['that does not come', `POST ${TUNNEL_PATH}/sessions`, 100, '408'],
  ['that is too large', `POST ${TUNNEL_PATH}/sessions`, 100_000_000, '413'],
  ['to a session that there is not', `POST ${TUNNEL_PATH}/sessions/x/carriers/1/upload`, 100, '404'],
])('a body %s: refused and cut off, however long it goes on', async (_, line, length, status) => {
  const socket = open(`${line} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length / 1_000)}`);
  const dribble = setInterval(() => socket.write('x'), 20);
  socket.on('close', () => clearInterval(dribble));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  await until('it is answered', () => answer !== '');
  await allClosed();
  clearInterval(dribble);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test('a body that does not come on HTTP/2: its stream ends, the connection goes on', async () => {
  const server = createHttp2Server((request, response) => {
    if (!lab.media.handleRequest(request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ':method': 'POST', ':path': `${TUNNEL_PATH}/sessions` });
  stream.on('error', () => undefined).resume();
  stream.write('{');
  const [answer] = (await once(stream, 'response')) as [{ ':status': number }];
  const dribble = setInterval(() => stream.writable && stream.write('x'), 20);
  await once(stream, 'close');
  clearInterval(dribble);
  expect([answer[':status'], session.destroyed]).toEqual([408, false]);
  session.destroy();
  server.close();
});

test('a WebSocket that says nothing is closed, and an address has only so many of them', async () => {
  const url = `${lab.origin.replace('http', 'ws')}${TUNNEL_PATH}`;
  const codes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const [code] = (await once(new WebSocket(url), 'close')) as [number];
      return code;
    }),
  );
  expect(codes.sort()).toEqual([TunnelClose.misbehaved, TunnelClose.misbehaved, TunnelClose.tooMany]);
  expect(lab.media.counters.refusals).toMatchObject({ tooSlow: 2, tooManyOfAddress: 1 });
  const later = new WebSocket(url);
  expect(((await once(later, 'close')) as [number])[0]).toBe(TunnelClose.misbehaved);
  await allClosed();
});

test('a WebSocket of a foreign page: closed, also when the client keeps its end open', async () => {
  open(
    `GET ${TUNNEL_PATH} HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  await until('refused', () => lab.media.counters.refusals.badOrigin === 1);
  await allClosed();
});

test('pings cost what messages do, and are answered', async () => {
  const { session } = await openWebSocket();
  const count = 30_000;
  session.on('error', () => undefined);
  const closed = once(session, 'close');
  session.ping('first');
  expect(String((await once(session, 'pong'))[0])).toBe('first');
  for (let i = 0; i < count; i++) session.ping();
  expect((await closed)[0]).toBe(TunnelClose.misbehaved);
  expect(lab.media.counters.sessionEnds.flooded).toBe(1);
});

async function openWebSocket(): Promise<{ session: WebSocket }> {
  const session = new WebSocket(`${lab.origin.replace('http', 'ws')}${TUNNEL_PATH}`);
  await once(session, 'open');
  const word = Buffer.from('{"type":"open"}');
  session.send(Buffer.concat([Buffer.of(TunnelChannel.session, 0, word.length), word]));
  await once(session, 'message');
  return { session };
}

test('a stream that nobody reads: the connection does not outlive its session', async () => {
  const url = `${lab.origin}${TUNNEL_PATH}/sessions`;
  const opened = await request(url, {
    method: 'POST',
    body: '{"ticket":"ticket-1"}',
    headers: { connection: 'close' },
  });
  const {
    session: id,
    secret,
    carrier,
  } = (await opened.json()) as { session: string; secret: string; carrier: number };
  const path = `${TUNNEL_PATH}/sessions/${id}/carriers/${carrier}/stream`;
  const reader = open(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\n\r\n`);
  reader.pause();
  const [session] = lab.media.sessions;
  if (session === undefined) throw new Error('the session is there');
  // Until the kernel takes no more, and some of it waits in the process.
  for (let full = 0, number = 0; full < 50; number++) {
    const packet = writeRtpPacket(
      {
        payloadType: TUNNEL_PAYLOAD_TYPES.opus,
        marker: false,
        sequenceNumber: number & 0xffff,
        timestamp: number,
        ssrc: 1,
        extensions: [],
      },
      Buffer.alloc(1_200),
    );
    session.handlePacket(TunnelChannel.media, packet, false);
    if (number % 40 === 0) await nextRound();
    full = lab.media.load.queuedBytes > 10_000 ? full + 1 : 0;
  }
  expect(await lab.connections()).toBeGreaterThan(0);
  session.end('left');
  await allClosed();
  expect(lab.media.load).toEqual({ sessions: 0, queuedBytes: 0 });
});
