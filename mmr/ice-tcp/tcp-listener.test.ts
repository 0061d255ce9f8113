/** The listener alone, with a plain UDP socket in the place of the engine. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../control/worker-pool-test-lab.ts';
import type { TcpConnectionTimes } from './tcp-connection.ts';
import { MAX_PACKET_BYTES, tcpFrame } from './tcp-frames.ts';
import { connectivityCheck, TcpClient } from './tcp-lab.ts';
import { TcpListener } from './tcp-listener.ts';

const CHECK = connectivityCheck('ada');

let engine: UdpSocket;
let listener: TcpListener;
let heard: { packet: Buffer; port: number }[];
const clients: TcpClient[] = [];

beforeEach(async () => {
  heard = [];
  engine = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  engine.on('message', (packet, { port }) => heard.push({ packet, port }));
  engine.bind(0, '127.0.0.1');
  await once(engine, 'listening');
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  listener.stop();
  engine.close();
});

async function listen(times: Partial<TcpConnectionTimes> = {}, maxParticipants = 100): Promise<void> {
  const { port } = engine.address();
  const knows = (ufrag: string): boolean => /^(ada|bob|p\d+)$/.test(ufrag);
  listener = new TcpListener({ address: '127.0.0.1', port, maxParticipants, knows, times });
  await listener.start();
}

async function connect(): Promise<TcpClient> {
  const client = await TcpClient.connect(engine.address().port);
  clients.push(client);
  return client;
}

/** One whose first check has arrived. */
async function admitted(ufrag = 'ada'): Promise<{ client: TcpClient; port: number }> {
  const before = heard.length;
  const client = await connect();
  client.send(connectivityCheck(ufrag));
  await until('the check arrives', () => heard.length > before);
  return { client, port: heard.at(-1)?.port ?? 0 };
}

const answer = (port: number, packet: Uint8Array): void => engine.send(packet, port, '127.0.0.1');
const countOf = (resource: string): number =>
  process.getActiveResourcesInfo().filter((each) => each === resource).length;

describe('a connection', () => {
  test('is a remote address of its own: packets go there and back, whole and in order', async () => {
    await listen();
    const one = await admitted();
    const two = await admitted('bob');
    expect(heard.map(({ packet }) => packet.subarray(0, 2))).toEqual([Buffer.of(0, 1), Buffer.of(0, 1)]);
    expect(one.port).not.toBe(two.port);
    const packets = Array.from({ length: 50 }, (_, i) => Buffer.alloc(1 + 24 * i, 128 + i));
    one.client.socket.write(Buffer.concat(packets.map(tcpFrame)));
    await until('all arrive', () => heard.length === 52);
    expect(heard.slice(2)).toEqual(packets.map((packet) => ({ packet, port: one.port })));
    for (const packet of packets) answer(two.port, packet);
    await until('all come back', () => two.client.packets.length === 50);
    expect(two.client.packets).toEqual(packets);
    expect(one.client.packets).toEqual([]);
    expect(listener.counts).toMatchObject({ connections: 2, accepted: 2, packets: { in: 52, out: 50 } });
  });

  test('keeps what comes with its first check', async () => {
    await listen();
    const client = await connect();
    client.socket.write(Buffer.concat([CHECK, Buffer.alloc(0), CHECK, Buffer.of(20, 1)].map(tcpFrame)));
    await until('all arrive', () => heard.length === 3);
    expect(heard.map(({ packet }) => packet.length)).toEqual([CHECK.length, CHECK.length, 2]);
  });

  test.each<[string, Uint8Array]>([
    ['something else than a check', tcpFrame(Buffer.of(20, 254, 253))],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a check for nobody here', tcpFrame(connectivityCheck('nobody'))],
    ['a probe', tcpFrame(connectivityCheck('probe/1'))],
    ['a check that is cut', tcpFrame(CHECK.subarray(0, 40))],
    ['a packet that is too long', tcpFrame(new Uint8Array(MAX_PACKET_BYTES + 1)).subarray(0, 2)],
  ])('that begins with %s is closed, and nothing of it goes on', async (_, bytes) => {
    await listen();
    const client = await connect();
    client.socket.write(bytes);
    await client.closed;
    expect(listener.counts).toMatchObject({ connections: 0, ended: { notIce: 1 }, packets: { in: 0 } });
    expect(heard).toEqual([]);
  });

  test('that sends a packet that is too long later on is closed as well', async () => {
    await listen();
    const { client } = await admitted();
    client.socket.write(Buffer.of(0xff, 0xff, 1));
    await client.closed;
    expect(listener.counts).toMatchObject({ connections: 0, ended: { notIce: 1 } });
  });

  test('that says nothing, or is not answered, is closed', async () => {
    await listen({ firstMs: 100 });
    const [dumb, slow] = [await connect(), await connect()];
    slow.socket.write(tcpFrame(CHECK).subarray(0, 30));
    const { client: unanswered } = await admitted();
    await Promise.all([dumb.closed, slow.closed, unanswered.closed]);
    expect(listener.counts).toMatchObject({ connections: 0, ended: { silent: 3 } });
  });

  test('to which the router says nothing any more is closed, whatever the client says', async () => {
    await listen({ firstMs: 60_000, idleMs: 300 });
    const { client, port } = await admitted();
    answer(port, Buffer.of(1, 1));
    await until('it is answered', () => client.packets.length === 1);
    const talking = setInterval(() => client.send(CHECK), 50);
    await client.closed;
    clearInterval(talking);
    expect(listener.counts.ended).toMatchObject({ idle: 1, silent: 0 });
  });
});

describe('too many connections', () => {
  test('of one participant are refused; another is let in, and the places of those that end are free again', async () => {
    await listen();
    const all = [];
    for (let i = 0; i < 16; i++) all.push(await admitted());
    const refused = await connect();
    refused.send(CHECK);
    await refused.closed;
    expect(listener.counts).toMatchObject({ connections: 16, ended: { full: 1 } });
    await admitted('bob');
    all[3]?.client.close();
    await until('it is noticed', () => listener.counts.ended.left === 1);
    await admitted();
    expect(listener.counts).toMatchObject({ connections: 17, ended: { full: 1 } });
  });

  test('in all are refused', async () => {
    await listen({}, 1);
    for (let i = 0; i < 4; i++) await admitted(`p${i}`);
    const refused = await connect();
    refused.send(CHECK);
    await refused.closed;
    expect(listener.counts).toMatchObject({ connections: 4, ended: { full: 1 } });
  });

  test('of one address that say nothing are refused at once', async () => {
    await listen();
    for (let i = 0; i < 256; i++) await connect();
    const refused = await connect();
    await refused.closed;
    await until('all are taken', () => listener.counts.accepted === 257);
    expect(listener.counts.ended.full).toBe(1);
    clients[0]?.send(CHECK);
    await until('one of them says whom it is for', () => heard.length === 1);
    await admitted('bob');
  });
});

describe('a client that does not read', () => {
  const PACKET = Buffer.alloc(1200, 0x80);

  /** Media, more than any kernel keeps. */
  async function flood(port: number, packets: number): Promise<void> {
    for (let i = 0; i < packets; i++) {
      answer(port, PACKET);
      if (i % 20 === 19) await pause(1);
    }
  }

  test('costs no more than the queue, late packets are dropped whole, and the rest comes in one piece when it reads on', async () => {
    await listen({ queueMs: 100 });
    const { client, port } = await admitted();
    client.socket.pause();
    await flood(port, 2990);
    await pause(150);
    await flood(port, 10);
    await until('what was late is dropped', () => listener.counts.dropped.late > 0);
    const { packets, dropped } = listener.counts;
    // 3.6 MB were sent: the kernels of both ends keep what they keep, the queue 512 KiB at most, a buffer 8.
    expect(dropped.late + dropped.full).toBeGreaterThan(packets.out / 2);
    const kept = packets.out - dropped.late - dropped.full;
    client.socket.resume();
    const last = Buffer.alloc(1200, 0x81);
    await until('what is sent now arrives', () => {
      answer(port, last);
      return client.packets.some((packet) => packet[0] === 0x81);
    });
    expect(client.packets.every((packet) => packet.length === 1200)).toBe(true);
    expect(client.packets.filter((packet) => packet[0] === 0x80).length).toBeLessThanOrEqual(kept);
  });

  test('is given up after a while', async () => {
    await listen({ stalledMs: 300 });
    const { client, port } = await admitted();
    client.socket.pause();
    await flood(port, 1000);
    await until('it is closed', () => listener.counts.ended.stalled === 1);
    expect(listener.counts.connections).toBe(0);
  });

  test('gets the answers to its checks before late media', async () => {
    await listen({ queueMs: 100 });
    const { client, port } = await admitted();
    client.socket.pause();
    await flood(port, 1000);
    answer(port, Buffer.of(1, 1, 0, 0));
    await pause(150);
    client.socket.resume();
    await until('the answer comes', () => client.packets.some((packet) => packet[0] === 1));
  });
});

describe('the listener', () => {
  test('leaves nothing behind: no socket of either kind', async () => {
    // Those of the tests before are being closed.
    await until('only the engine is open', () => countOf('UDPWrap') === 1 && countOf('TCPSocketWrap') === 0);
    const before = { udp: 1, tcp: 0, servers: countOf('TCPServerWrap') };
    await listen();
    const all = [await admitted(), await admitted('bob'), await admitted()];
    expect(countOf('UDPWrap')).toBe(before.udp + 3);
    all[0]?.client.close();
    await until('its socket is closed', () => countOf('UDPWrap') === before.udp + 2);
    listener.stop();
    await Promise.all(all.map(({ client }) => client.closed));
    await until('all is closed', () => countOf('TCPSocketWrap') === before.tcp && countOf('UDPWrap') === before.udp);
    expect(countOf('TCPServerWrap')).toBe(before.servers);
    expect(listener.counts).toMatchObject({ connections: 0, ended: { left: 1, stopped: 2 } });
  });

  test('says that its port is taken', async () => {
    const other = createServer();
    other.listen(engine.address().port, '127.0.0.1');
    await once(other, 'listening');
    await expect(listen()).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' });
    other.close();
  });
});
