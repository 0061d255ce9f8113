/**
 * Connections with anything in them, through the whole port: whatever comes, in whatever pieces, each ends in one counter, the process lives and
 * serves the next one, and nothing is left. `FUZZ_SEED=…` replays one run, `FUZZ_RUNS=…` makes it longer.
 */
import type { Socket } from 'node:net';
import { setImmediate as nextRound, setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { until } from '../mmr/control/worker-pool-test-lab.ts';
import { CARRIER_SILENCE_MS, SESSION_OUTLIVES_MS, TUNNEL_PATH, TunnelChannel } from '../proto/tunnel.ts';
import { mutate } from '../test/fuzz/mutate.ts';
import { Random } from '../test/fuzz/random.ts';
import { wordRecord } from './media/testing/test-carriers.ts';
import { TunnelMedia } from './media/tunnel-media.ts';
import { dialSignalling } from './proxy/dial-signalling.ts';
import { liveBytes } from './testing/live-bytes.ts';
import { FakeController, LOOPBACK, readAll, TunnelLab } from './testing/tunnel-lab.ts';
import { DEFAULT_TIMES } from './tunnel-times.ts';
import { TurnService } from './turn/turn-service.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const RUNS = Number(process.env.FUZZ_RUNS ?? 600);
const AT_A_TIME = 10;

let lab: TunnelLab;
let controller: FakeController;
let media: TunnelMedia;
let skippedMs = 0;

beforeAll(async () => {
  controller = await FakeController.start();
  const sockets = new WebSocketServer({ noServer: true });
  controller.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => undefined);
      webSocket.on('message', (data) => webSocket.send(data));
    });
  });
  const turn = new TurnService({
    realm: 'z',
    udp: [],
    tcp: [],
    relays: [{ address: LOOPBACK }],
    limits: { idleMs: 500 },
  });
  lab = await TunnelLab.start({
    controllers: [controller.url],
    times: {
      proxyHeaderMs: 500,
      handshakeMs: 1_000,
      firstByteMs: 500,
      headersMs: 500,
      idleMs: 500,
      bodyMs: 500,
      checkMs: 100_000,
    },
    turn,
    openMedia: async (controllers) => {
      media = await TunnelMedia.start({
        verifyTicket: async (ticket) => (ticket.startsWith('ticket-') ? { holder: ticket } : undefined),
        isRouter: () => false,
        dialSignalling: (client) => dialSignalling(controllers, client, DEFAULT_TIMES),
        isAllowedOrigin: (origin) => origin === 'https://zone.example',
        clientAddress: ({ socket }) => socket.remoteAddress,
        limits: { openingBurst: 1e6, sessionsPerAddress: 1e6, strangersPerAddress: 1e6, silentPerAddress: 1e6 },
        times: { bodyMs: 500, firstMessageMs: 500, takenMs: 500 },
        nowMs: () => performance.now() + skippedMs,
      });
      return media;
    },
  });
});
afterAll(async () => {
  await lab.stop();
  controller.stop();
});

const text = (lines: readonly string[], body = ''): Buffer =>
  Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
const HOST = 'Host: localhost';
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A client's frame; the mask is zero. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const length =
    payload.length < 126
      ? Buffer.of(0x80 | payload.length)
      : Buffer.of(0xfe, payload.length >>> 8, payload.length & 255);
  return Buffer.concat([Buffer.of(0x80 | opcode), length, Buffer.alloc(4), payload]);
}

function record(channel: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.of(channel, bytes.length >>> 8, bytes.length & 255), bytes]);
}

const OPEN = wordRecord({ type: 'open', ticket: 'ticket-a' });
const RECORDS = Buffer.concat([
  record(TunnelChannel.control, '{"type":"ping"}'),
  record(TunnelChannel.control, '{"type":"open","leg":0}'),
  record(TunnelChannel.control, '{"type":"openSignalling"}'),
  record(TunnelChannel.signalling | 0x80, 'one '),
  record(TunnelChannel.signalling, 'text'),
  record(TunnelChannel.media, Buffer.from('8060000100000001000000021000', 'hex')),
  record(TunnelChannel.session, '{"type":"received","received":0,"bytes":0}'),
]);
const STUN = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
const WEB_SOCKETS = ['/v1/tunnel', '/v1/signalling'].map((path) => text([`GET ${path} HTTP/1.1`, HOST, ...UPGRADE]));

/** Well-formed beginnings of connections, of which pieces are changed, cut and put together. */
function corpus(key: { session: string; secret: string }): Buffer[] {
  const own = `${TUNNEL_PATH}/sessions/${key.session}`;
  const secret = `Authorization: Bearer ${key.secret}`;
  return [
    ...WEB_SOCKETS.map((head) =>
      Buffer.concat([head, frame(2, OPEN), frame(2, RECORDS), frame(9, Buffer.from('ping'))]),
    ),
    Buffer.concat([WEB_SOCKETS[0] as Buffer, frame(1, OPEN), frame(8, Buffer.of(3, 232))]),
    Buffer.concat([
      text([
        'GET /v1/tunnel HTTP/1.1',
        HOST,
        ...UPGRADE,
        'Origin: https://zone.example',
        'Sec-WebSocket-Extensions: permessage-deflate',
      ]),
      frame(2, wordRecord({ type: 'resume', received: 0, ...key })),
    ]),
    text([`POST ${TUNNEL_PATH}/sessions HTTP/1.1`, HOST, 'Content-Length: 21'], '{"ticket":"ticket-b"}'),
    text([`POST ${TUNNEL_PATH}/sessions HTTP/1.1`, HOST, 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'),
    text([`POST ${own}/carriers HTTP/1.1`, HOST, secret, 'Content-Length: 14'], '{"received":0}'),
    text([`GET ${own}/carriers/1/stream HTTP/1.1`, HOST, secret]),
    ...[1, 2, 3].map((n) => text([`GET ${own}/carriers/${n}/poll HTTP/1.1`, HOST, secret, `Tunnel-Number: ${n}`])),
    ...[1, 2].map((n) => {
      const head = [
        `POST ${own}/carriers/${n}/upload HTTP/1.1`,
        HOST,
        secret,
        `Tunnel-Number: ${n}`,
        `Content-Length: ${RECORDS.length}`,
      ];
      return text(head, RECORDS.toString('latin1'));
    }),
    text([`DELETE ${own} HTTP/1.1`, HOST, secret]),
    text(['OPTIONS /v1/tunnel/sessions HTTP/1.1', HOST, 'Origin: https://zone.example']),
    text(['GET / HTTP/1.1', HOST]),
    text(['POST /v1/meetings HTTP/1.1', HOST, 'Content-Length: 2'], '{}'),
    Buffer.concat([STUN, Buffer.from('400000040102030400030000', 'hex'), STUN]),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'),
  ];
}

const PROXY_HEADERS = [
  Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 4321 443\r\n'),
  Buffer.from('PROXY UNKNOWN\r\n'),
  Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
    Buffer.from('c0000201c00002023039 01bb'.replace(' ', ''), 'hex'),
  ]),
];

/** Written in pieces; some connections are cut in the middle, the others closed by their client in the end. `isWell`: after an answer. */
async function visit(bytes: Uint8Array, isWell: boolean, random: Random): Promise<void> {
  const viaProxy = !isWell && random.chance(4);
  const raw = await lab.tcp(viaProxy ? lab.proxyPort : lab.port);
  if (viaProxy) raw.write(random.chance(3) ? mutate(PROXY_HEADERS, 600, random) : random.pick(PROXY_HEADERS));
  const isBelowTls = !isWell && random.chance(10);
  const socket = isBelowTls ? raw : await lab.tls({ raw }).catch(() => undefined);
  if (socket === undefined) return void raw.destroy();
  socket.on('error', () => undefined).resume();
  const answered = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  const end = closed(socket);
  const cutAt = !isWell && random.chance(3) ? random.below(bytes.length) : bytes.length;
  for (let at = 0; at < cutAt && !socket.destroyed; ) {
    const size = random.chance(2) ? bytes.length : 1 + random.below(40);
    socket.write(bytes.subarray(at, Math.min(at + size, cutAt)));
    at += size;
    if (random.chance(3)) await nextRound();
  }
  // Polls are answered after seconds, and nobody waits for these.
  if (isWell || random.chance(2)) await Promise.race([end, answered, pause(isWell ? 1_000 : 30)]);
  if (random.chance(2)) socket.destroy();
  else socket.end();
  raw.on('close', () => socket.destroy());
  setTimeout(() => raw.destroy(), 100);
  await closed(raw);
}

function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}

async function newSession(): Promise<{ session: string; secret: string }> {
  const answer = await lab.ask(
    `POST ${TUNNEL_PATH}/sessions HTTP/1.1\r\n${HOST}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
  );
  return JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? '') as { session: string; secret: string };
}

test(`any connections (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  let early = 0;
  for (let run = 0; run < RUNS; run += AT_A_TIME) {
    if (early === 0 && run >= RUNS / 3) early = liveBytes();
    const beginnings = corpus(await newSession());
    await Promise.all(
      Array.from({ length: AT_A_TIME }, () => {
        const isWell = random.chance(4);
        const bytes = isWell ? random.pick(beginnings) : mutate(beginnings, 3_000, random);
        return visit(bytes, isWell, new Random(random.below(2 ** 31)));
      }),
    );
  }
  await until('all connections have gone', () => lab.tunnel.port.size === 0, 20_000);
  const { accepted, taken, refused, open } = lab.tunnel.port.counters;
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0);
  expect(sum(taken) + sum(refused)).toBe(accepted);
  expect(sum(open)).toBe(0);
  expect(lab.tunnel.proxyCounters.upgradesOpen).toBe(0);
  // Sessions whose carrier is gone are given up; each has ended for a reason.
  skippedMs += CARRIER_SILENCE_MS;
  while (media.load.sessions > 0) {
    skippedMs += SESSION_OUTLIVES_MS;
    await pause(200);
  }
  expect(sum(media.counters.sessionEnds)).toBe(media.counters.sessionsOpened);
  await until('nothing is under way', () => lab.tunnel.controllers.forRequest('').every(({ active }) => active === 0));
  expect(liveBytes() - early).toBeLessThan(8e6);
  // It reached what it is to disprove.
  expect(media.counters.sessionsOpened).toBeGreaterThan(RUNS / AT_A_TIME);
  expect(
    Math.min(taken.http1, taken.turn, lab.tunnel.proxyCounters.upgrades, media.counters.carriers.webSocket),
  ).toBeGreaterThan(0);
  const socket = await lab.tls();
  socket.write(`GET / HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`);
  expect(await readAll(socket)).toMatch(/^HTTP\/1.1 200 /);
}, 180_000);
