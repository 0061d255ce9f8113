/**
 * How much one tunnel process carries, through the whole port (TLS, WebSocket, session, queue):
 *
 *   node http-tunnel/bench.ts idle [sessions = 5000] [seconds = 20]    memory and CPU of sessions that say only that they are there
 *   node http-tunnel/bench.ts active [sessions = 100] [seconds = 5]    SRTP in by UDP, records out: sound and one picture for each
 *
 * Clients and packets are in a process of their own. CPU is that of the tunnel's process: other load on the machine does not count, as far as
 * caches and hyper-threads let it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import {
  RECEIVED_INTERVAL_MS,
  RECORD_HEADER_BYTES,
  TUNNEL_PATH,
  TUNNEL_PAYLOAD_TYPES,
  TunnelChannel,
} from '../proto/tunnel.ts';
import { rtpHeaderBytes, SrtpReceiver } from './media/leg/srtp-receiver.ts';
import { SrtpSender } from './media/leg/srtp-sender.ts';
import { isNumbered } from './media/session/records.ts';
import type { TunnelSession } from './media/session/tunnel-session.ts';
import { wordRecord } from './media/testing/test-carriers.ts';
import { TunnelMedia } from './media/tunnel-media.ts';
import { liveBytes } from './testing/live-bytes.ts';
import { TunnelLab } from './testing/tunnel-lab.ts';

type Mode = 'idle' | 'active';

/** What the other process is told; it answers `ready`, and `done` when it has sent all. */
interface Task {
  readonly mode: Mode;
  readonly url: string;
  readonly sessions: number;
  readonly seconds: number;
  /** UDP ports of the tunnel, one for each session. */
  readonly ports: readonly number[];
}

const KEY = Buffer.alloc(16, 1);
const SALT = Buffer.alloc(12, 2);
/** A frame of Opus each 20 ms, and 0.3 Mbit/s of video. */
const STREAMS = [
  { payloadType: TUNNEL_PAYLOAD_TYPES.opus, perSecond: 50, bytes: 120 },
  { payloadType: TUNNEL_PAYLOAD_TYPES.VP8, perSecond: 30, bytes: 1_200 },
];
/** As the client does it when nothing comes (`client/tunnel/carriers/tunnel-session.ts`). */
const PING_MS = 3_000;
const OPENED_AT_ONCE = 50;
const PING = Buffer.from('\0\0\x0f{"type":"ping"}');

function memory(): { rss: number; heap: number } {
  const heap = liveBytes();
  return { rss: process.memoryUsage.rss(), heap };
}

function rtp(payloadType: number, number: number, bytes: number, ticks: number): Buffer {
  const plain = Buffer.alloc(bytes, 1);
  plain.writeUInt16BE(0x8000 | payloadType, 0);
  plain.writeUInt16BE(number & 0xffff, 2);
  plain.writeUInt32BE((number * ticks) >>> 0, 4);
  plain.writeUInt32BE(payloadType, 8);
  plain[12] = 0x10;
  return plain;
}

async function startTunnel(): Promise<{ lab: TunnelLab; media: TunnelMedia }> {
  const unlimited = 1e6;
  const media = await TunnelMedia.start({
    verifyTicket: async (ticket) => ({ holder: ticket }),
    isRouter: () => false,
    dialSignalling: () => () => undefined,
    isAllowedOrigin: () => true,
    clientAddress: ({ socket }) => socket.remoteAddress,
    limits: {
      sessions: unlimited,
      sessionsPerAddress: unlimited,
      openingBurst: unlimited,
      silentPerAddress: unlimited,
    },
  });
  const limits = { connections: 20_000, connectionsPerAddress: 20_000 };
  const lab = await TunnelLab.start({ openMedia: async () => media, limits });
  return { lab, media };
}

async function startLoad(task: Task): Promise<ChildProcess> {
  const child = fork(new URL(import.meta.url), [], {
    env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
  });
  child.send(task);
  await once(child, 'message');
  return child;
}

/** Percent of a core, and microseconds in all, while `run` runs. */
async function cpuOf(run: () => Promise<unknown>): Promise<{ percent: number; us: number }> {
  const [startMs, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { percent: (user + system) / 10 / (performance.now() - startMs), us: user + system };
}

async function idle(sessions: number, seconds: number): Promise<void> {
  const { lab, media } = await startTunnel();
  const before = memory();
  const startMs = performance.now();
  let child: ChildProcess | undefined;
  const opening = await cpuOf(async () => {
    child = await startLoad({ mode: 'idle', url: lab.url, sessions, seconds, ports: [] });
  });
  const tookS = (performance.now() - startMs) / 1_000;
  const after = memory();
  console.log(
    `${media.load.sessions} sessions opened in ${tookS.toFixed(1)} s, ${(opening.us / sessions / 1_000).toFixed(2)} ms of CPU each (TLS handshake included); ` +
      `${((after.rss - before.rss) / sessions / 1_024).toFixed(1)} KiB of RSS and ${((after.heap - before.heap) / sessions / 1_024).toFixed(1)} KiB of heap a session`,
  );
  const { percent } = await cpuOf(() => pause(seconds * 1_000));
  const last = memory();
  console.log(
    `idle: ${percent.toFixed(1)} % of a core; RSS ${(last.rss / 1e6).toFixed(0)} MB, ${((last.rss - after.rss) / 1e6).toFixed(1)} MB more than ${seconds} s before`,
  );
  child?.kill();
  await lab.stop();
}

async function active(sessions: number, seconds: number): Promise<void> {
  const { lab, media } = await startTunnel();
  const sockets: Socket[] = [];
  for (let i = 0; i < sessions; i++) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    sockets.push(socket);
  }
  const ports = sockets.map((socket) => socket.address().port);
  const child = await startLoad({ mode: 'active', url: lab.url, sessions, seconds, ports });
  for (const [i, session] of [...media.sessions].entries()) feed(session, sockets[i] as Socket);
  const { percent, us } = await cpuOf(async () => {
    child.send('go');
    await once(child, 'message');
  });
  const { packetsToClient, packetsDropped } = media.counters;
  const perSecond = STREAMS.reduce((sum, stream) => sum + stream.perSecond, 0);
  const sent = sessions * seconds * perSecond;
  const usEach = us / packetsToClient;
  console.log(
    `${sessions} sessions of ${perSecond} packets/s: ${packetsToClient} of ${sent} packets carried, ${packetsDropped.audio} of sound and ${packetsDropped.video} of video dropped; ` +
      `${percent.toFixed(0)} % of a core, ${usEach.toFixed(1)} µs a packet: ${(1e6 / usEach / perSecond).toFixed(0)} sessions a core`,
  );
  child.kill();
  for (const socket of sockets) socket.close();
  await lab.stop();
}

/** As a leg does. */
function feed(session: TunnelSession, socket: Socket): void {
  const opener = new SrtpReceiver('AEAD_AES_128_GCM', { ingressKey: KEY, ingressSalt: SALT });
  socket.on('message', (datagram) => {
    const plain = opener.unprotectRtp(datagram);
    if (typeof plain !== 'string' && rtpHeaderBytes(plain) !== undefined) {
      session.handlePacket(TunnelChannel.media, plain, false);
    }
  });
}

/** Of the other process: somebody who says what has arrived, and that he is there. */
class LoadClient {
  readonly #socket: WebSocket;
  #received = 0;
  #bytes = 0;
  #told = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#handle(data));
  }

  static async open(url: string, ticket: string): Promise<LoadClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${TUNNEL_PATH}`, { perMessageDeflate: false });
    await once(socket, 'open');
    const client = new LoadClient(socket);
    socket.send(wordRecord({ type: 'open', ticket }));
    await once(socket, 'message');
    return client;
  }

  ping(): void {
    this.#socket.send(PING);
  }

  tell(): void {
    if (this.#told === this.#bytes) return;
    this.#told = this.#bytes;
    this.#socket.send(wordRecord({ type: 'received', received: this.#received, bytes: this.#bytes }));
  }

  #handle(data: Buffer): void {
    this.#bytes += data.length;
    for (let at = 0; at < data.length; at += RECORD_HEADER_BYTES + data.readUInt16BE(at + 1)) {
      if (isNumbered(data[at] as number)) this.#received++;
    }
  }
}

async function load({ mode, url, sessions, seconds, ports }: Task): Promise<void> {
  const clients: LoadClient[] = [];
  const tellMs = mode === 'idle' ? 1_000 : RECEIVED_INTERVAL_MS;
  setInterval(() => {
    for (const client of clients) client.tell();
  }, tellMs);
  while (clients.length < sessions) {
    const first = clients.length;
    const count = Math.min(OPENED_AT_ONCE, sessions - first);
    // In order: the first session is fed by the first port.
    const open = (_: unknown, i: number) => LoadClient.open(url, `${first + i}`);
    const opened = await Promise.all(Array.from({ length: count }, open));
    clients.push(...opened);
    // Silent ones are given up.
    if (mode !== 'idle') continue;
    for (const client of opened) setTimeout(() => setInterval(() => client.ping(), PING_MS), Math.random() * PING_MS);
  }
  process.send?.('ready');
  if (mode === 'idle') return;
  await once(process, 'message');
  await sendMedia(ports, seconds);
  process.send?.('done');
}

async function sendMedia(ports: readonly number[], seconds: number): Promise<void> {
  const sender = new SrtpSender('AEAD_AES_128_GCM', { egressKey: KEY, egressSalt: SALT });
  // Prepared, so that this process takes little of the other's machine.
  const packets = STREAMS.flatMap(({ payloadType, perSecond, bytes }) =>
    Array.from({ length: seconds * perSecond }, (_, i) => {
      const ticks = (payloadType === TUNNEL_PAYLOAD_TYPES.opus ? 48_000 : 90_000) / perSecond;
      return {
        atMs: (i * 1_000) / perSecond,
        sealed: sender.protectRtp(rtp(payloadType, i, bytes, ticks), 12) as Buffer,
      };
    }),
  ).sort((a, b) => a.atMs - b.atMs);
  const socket = createSocket({ type: 'udp4', sendBufferSize: 1 << 20 });
  const startMs = performance.now();
  for (const { atMs, sealed } of packets) {
    const waitMs = startMs + atMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    for (const port of ports) socket.send(sealed, port, '127.0.0.1');
  }
  await pause(300);
  socket.close();
}

const [mode, sessions, seconds] = process.argv.slice(2);
if (process.send !== undefined) process.once('message', (task) => void load(task as Task));
else if (mode === 'idle') await idle(Number(sessions ?? 5_000), Number(seconds ?? 20));
else if (mode === 'active') await active(Number(sessions ?? 100), Number(seconds ?? 5));
else throw new Error('idle or active?');
if (process.send === undefined) console.log(`load of the machine meanwhile: ${loadavg()[0]?.toFixed(1)}`);
