/**
 * How many packets one process carries from routers to clients: SRTP in by UDP, records out by WebSocket.
 * `node http-tunnel/media/bench.ts [sessions] [seconds]`. Packets and readers are in a thread of their own.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { TUNNEL_PATH, TunnelChannel } from '../../proto/tunnel.ts';
import { rtpHeaderBytes, SrtpReceiver } from './leg/srtp-receiver.ts';
import { SrtpSender } from './leg/srtp-sender.ts';
import { wordRecord } from './testing/test-carriers.ts';
import { TunnelLab } from './testing/tunnel-lab.ts';

const KEY = Buffer.alloc(16, 1);
const SALT = Buffer.alloc(12, 2);
const PACKET_BYTES = 1200;
/** 1 Mbit/s to each. */
const PACKETS_PER_SECOND = 100;

interface Task {
  readonly origin: string;
  readonly ports: readonly number[];
  readonly seconds: number;
}

function packet(sequenceNumber: number): Buffer {
  const plain = Buffer.alloc(PACKET_BYTES);
  plain.writeUInt16BE(0x8060, 0);
  plain.writeUInt16BE(sequenceNumber & 0xffff, 2);
  plain.writeUInt32BE(sequenceNumber * 900, 4);
  plain.writeUInt32BE(7, 8);
  plain[12] = 0x10;
  return plain;
}

function usEach(start: NodeJS.CpuUsage): string {
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) / 20_000).toFixed(2);
}

async function main(sessionCount: number, seconds: number): Promise<void> {
  const sender = new SrtpSender('AEAD_AES_128_GCM', { egressKey: KEY, egressSalt: SALT });
  const sealed: Buffer[] = [];
  let start = process.threadCpuUsage();
  for (let i = 0; i < 20_000; i++) sealed.push(sender.protectRtp(packet(i), 12) as Buffer);
  console.log(`seal: ${usEach(start)} µs a packet`);
  const receiver = new SrtpReceiver('AEAD_AES_128_GCM', { ingressKey: KEY, ingressSalt: SALT });
  start = process.threadCpuUsage();
  for (const each of sealed) receiver.unprotectRtp(each);
  console.log(`open: ${usEach(start)} µs a packet`);

  const lab = await TunnelLab.start();
  const sockets: Socket[] = [];
  for (let i = 0; i < sessionCount; i++) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    sockets.push(socket);
  }
  const task: Task = { origin: lab.origin, ports: sockets.map((socket) => socket.address().port), seconds };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  await once(worker, 'message');
  for (const [i, session] of [...lab.media.sessions].entries()) {
    const opener = new SrtpReceiver('AEAD_AES_128_GCM', { ingressKey: KEY, ingressSalt: SALT });
    sockets[i]?.on('message', (datagram) => {
      const plain = opener.unprotectRtp(datagram);
      if (typeof plain !== 'string' && rtpHeaderBytes(plain) !== undefined) {
        session.handlePacket(TunnelChannel.media, plain, false);
      }
    });
  }
  worker.postMessage('go');
  // Of this thread alone: other load on the machine does not count.
  const before = process.threadCpuUsage();
  const [arrived] = (await once(worker, 'message')) as [number];
  const { user, system } = process.threadCpuUsage(before);
  const busyUs = user + system;
  const { packetsToClient } = lab.media.counters;
  console.log(
    `${sessionCount} sessions of ${PACKETS_PER_SECOND} packets/s: ${(packetsToClient / seconds).toFixed(0)} packets/s at ` +
      `${(busyUs / seconds / 10_000).toFixed(0)} % of a core, ${(busyUs / packetsToClient).toFixed(1)} µs a packet; ` +
      `${(arrived / 1e6).toFixed(1)} MB arrived`,
  );
  await worker.terminate();
  for (const socket of sockets) socket.close();
  await lab.stop();
}

async function load({ origin, ports, seconds }: Task): Promise<void> {
  let arrived = 0;
  for (const [i] of ports.entries()) {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}${TUNNEL_PATH}`);
    await once(socket, 'open');
    socket.send(wordRecord({ type: 'open', ticket: `ticket-${i}` }));
    await once(socket, 'message');
    socket.on('message', (data: Buffer) => {
      arrived += data.length;
    });
  }
  const socket = createSocket({ type: 'udp4', sendBufferSize: 1 << 20 });
  const sender = new SrtpSender('AEAD_AES_128_GCM', { egressKey: KEY, egressSalt: SALT });
  // Prepared, so that this thread takes little of the other's machine.
  const prepared = Array.from({ length: seconds * PACKETS_PER_SECOND }, (_, i) => sender.protectRtp(packet(i), 12));
  parentPort?.postMessage('ready');
  await once(parentPort as NonNullable<typeof parentPort>, 'message');
  const startMs = performance.now();
  for (const [i, sealed] of prepared.entries()) {
    const waitMs = startMs + (i * 1000) / PACKETS_PER_SECOND - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    for (const port of ports) socket.send(sealed as Buffer, port, '127.0.0.1');
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.close();
  parentPort?.postMessage(arrived);
}

if (isMainThread) await main(Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 5));
else await load(workerData as Task);
