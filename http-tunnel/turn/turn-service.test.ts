/** The whole service on real sockets, with clients of another make (coturn's). */
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket as TcpSocket } from 'node:net';
import { pipeline } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mintServerCertificate } from '../../common/server-certificate.ts';
import { plainMessage, readAnswer } from './core/turn-lab.ts';
import type { TurnServiceOptions } from './turn-options.ts';
import { TurnService } from './turn-service.ts';

const SECRET = 'of the zone';
const MESSAGES = 100;

/** Sends everything back, as a router's port would answer a client. */
class EchoPeer {
  readonly #socket: Socket;
  received = 0;

  constructor(address: string) {
    this.#socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes, { address: from, port }) => {
      this.received++;
      this.#socket.send(bytes, port, from);
    });
  }

  async open(address: string, port = 0): Promise<number> {
    this.#socket.bind(port, address);
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Two neighbouring ports: coturn's client always binds a channel to the next one as well. */
async function echoPeers(address: string): Promise<{ port: number; peers: EchoPeer[] }> {
  for (;;) {
    const peers = [new EchoPeer(address), new EchoPeer(address)] as const;
    const port = await peers[0].open(address);
    try {
      await peers[1].open(address, port + 1);
      return { port, peers: [...peers] };
    } catch {
      for (const peer of peers) peer.close();
    }
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
  await once(child, 'close');
  clearTimeout(timer);
  return output;
}

let service: TurnService | undefined;
let closers: (() => void)[] = [];

async function start(address: string, changes: Partial<TurnServiceOptions> = {}) {
  service = new TurnService({
    realm: 'zone.example',
    udp: [{ address, port: 0 }],
    tcp: [{ address, port: 0 }],
    relays: [{ address }],
    // coturn's client makes two allocations, and comes back at once.
    limits: { allocationsPerUser: 10 },
    ...changes,
  });
  service.setSecrets([SECRET]);
  await service.start();
  const { port, peers } = await echoPeers(address);
  closers.push(...peers.map((peer) => () => peer.close()));
  service.setPeers(
    [0, 1].map((i) => ({ address: address.includes(':') ? address : `::ffff:${address}`, port: port + i })),
  );
  return { service, peer: port, peers };
}

/** TLS as the port of 443 takes it off. */
async function startTls(turn: TurnService): Promise<number> {
  const { certificatePem, privateKeyPem } = await mintServerCertificate(['127.0.0.1']);
  const server = createTlsServer({ cert: certificatePem, key: privateKeyPem }, (socket) => {
    turn.acceptTurn(socket, { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  });
  server.listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port whose connections go on over TLS. */
async function startTlsClient(tlsPort: number): Promise<number> {
  const server = createTcpServer((plain) => {
    const encrypted = connectTls({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false });
    pipeline(plain, encrypted, plain, () => {});
  });
  server.listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeEach(() => {
  closers = [];
});

afterEach(async () => {
  if (service !== undefined) {
    await service.stop();
    expect(service.load).toEqual({ allocations: 0, streams: 0, relaySockets: 0 });
  }
  for (const close of closers) close();
  service = undefined;
});

describe("coturn's client", () => {
  const cases = [
    ['UDP, channels', '127.0.0.1', 'udp', []],
    ['UDP, Send and Data indications', '127.0.0.1', 'udp', ['-s']],
    ['UDP, odd sizes', '127.0.0.1', 'udp', ['-l', '171']],
    ['UDP over IPv6', '::1', 'udp', ['-x']],
    ['TCP, channels', '127.0.0.1', 'tcp', ['-t']],
    ['TCP, Send and Data indications', '127.0.0.1', 'tcp', ['-t', '-s']],
    ['TCP, odd sizes', '127.0.0.1', 'tcp', ['-t', '-l', '171']],
    ['TCP over IPv6', '::1', 'tcp', ['-t', '-x']],
    ['TCP into TLS, channels', '127.0.0.1', 'tls', ['-t']],
    ['TCP into TLS, Send and Data indications', '127.0.0.1', 'tls', ['-t', '-s', '-l', '333']],
  ] as const;

  test.each(cases)('%s: every message comes back', async (_, address, transport, flags) => {
    const { service: turn, peer, peers } = await start(address);
    const [udp] = turn.endpoints.udp;
    const [tcp] = turn.endpoints.tcp;
    const port =
      transport === 'tls' ? await startTlsClient(await startTls(turn)) : (transport === 'udp' ? udp : tcp)?.port;
    const target = ['-e', address, '-r', `${peer}`, '-p', `${port}`, '-W', SECRET, '-u', 'ann', address];
    const output = await run('turnutils_uclient', ['-c', '-n', `${MESSAGES}`, '-z', '2', ...flags, ...target]);
    expect(output).toContain(`tot_send_msgs=${MESSAGES}, tot_recv_msgs=${MESSAGES}`);
    const { counters } = turn;
    expect([counters.relayedToPeers, counters.relayedToClients]).toEqual([MESSAGES, MESSAGES]);
    expect(peers.reduce((sum, { received }) => sum + received, 0)).toBe(MESSAGES);
    expect(counters.refused).toMatchObject({ 403: 0, 441: 0, 508: 0 });
  });

  // It takes each TLS record for one message, and so does not see all of what comes in one; the peer does.
  test('TLS of its own: every message goes through', async () => {
    const { service: turn, peer, peers } = await start('127.0.0.1');
    const target = ['-e', '127.0.0.1', '-r', `${peer}`, '-p', `${await startTls(turn)}`, '-W', SECRET, '-u', 'ann'];
    const output = await run('turnutils_uclient', ['-t', '-S', '-c', '-n', '10', '-z', '40', ...target, '127.0.0.1']);
    expect(output).toMatch(/tot_send_msgs=10, tot_recv_msgs=[1-9]/);
    expect([turn.counters.relayedToPeers, turn.counters.relayedToClients, peers[0]?.received]).toEqual([10, 10, 10]);
    expect(turn.socketCounters.queueDrops).toEqual({ full: 0, late: 0 });
  });

  test('a peer that is no router is refused', async () => {
    const { service: turn } = await start('127.0.0.1');
    const { port, peers } = await echoPeers('127.0.0.1');
    closers.push(...peers.map((peer) => () => peer.close()));
    const target = ['-e', '127.0.0.1', '-r', `${port}`, '-p', `${turn.endpoints.udp[0]?.port}`, '-W', SECRET];
    const output = await run('turnutils_uclient', ['-c', '-n', '5', ...target, '-u', 'ann', '127.0.0.1']);
    expect(output).toContain('403 (Forbidden)');
    expect([turn.counters.relayedToPeers, peers[0]?.received]).toEqual([0, 0]);
  });

  test('a wrong secret is refused', async () => {
    const { service: turn, peer } = await start('127.0.0.1');
    const target = ['-e', '127.0.0.1', '-r', `${peer}`, '-p', `${turn.endpoints.udp[0]?.port}`, '-W', 'guessed'];
    await run('turnutils_uclient', ['-c', '-n', '5', ...target, '-u', 'ann', '127.0.0.1']);
    expect([turn.counters.allocationsMade, turn.counters.relayedToPeers]).toEqual([0, 0]);
    expect(turn.counters.refused[401]).toBeGreaterThan(1);
  });

  test('STUN tells where a client comes from', async () => {
    const { service: turn } = await start('127.0.0.1');
    const output = await run('turnutils_stunclient', ['-p', `${turn.endpoints.udp[0]?.port}`, '127.0.0.1']);
    expect(output).toMatch(/UDP reflexive addr: 127\.0\.0\.1:\d+/);
  });
});

describe('sockets', () => {
  async function connected(port: number | undefined): Promise<TcpSocket> {
    const socket = connect(port ?? 0, '127.0.0.1');
    // It may be closed by the other side at any time.
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  test('a TCP client is answered wherever its bytes are cut, and closed on nonsense', async () => {
    const { service: turn } = await start('127.0.0.1');
    const socket = await connected(turn.endpoints.tcp[0]?.port);
    const request = plainMessage(0x0001);
    socket.write(request.subarray(0, 7));
    socket.write(Buffer.concat([request.subarray(7), request]));
    let received = Buffer.alloc(0);
    while (received.length < 64) received = Buffer.concat([received, (await once(socket, 'data'))[0]]);
    expect(readAnswer(Uint8Array.from(received.subarray(0, 32))).code).toBe(0);
    expect(received).toHaveLength(64);
    socket.write('\x16\x03\x01');
    await once(socket, 'close');
    expect(turn.socketCounters.streamEnds.notTurn).toBe(1);
  });

  test('too many connections, and one from nowhere, are refused', async () => {
    const { service: turn } = await start('127.0.0.1', { limits: { streams: 5, streamsPerAddress: 2 } });
    const port = turn.endpoints.tcp[0]?.port;
    const sockets = [await connected(port), await connected(port)];
    for (const socket of sockets) {
      socket.write(plainMessage(0x0001));
      await once(socket, 'data');
    }
    const third = await connected(port);
    third.resume();
    await once(third, 'close');
    turn.acceptTurn(sockets[0] as TcpSocket, { address: 'proxy.example', port: 1 });
    await once(sockets[0] as TcpSocket, 'close');
    expect(turn.socketCounters).toMatchObject({ streamsAccepted: 2, streamsRefused: 2 });
    sockets[1]?.destroy();
  });

  test('an address that is taken is told, and nothing is held', async () => {
    const { service: turn } = await start('127.0.0.1');
    const taken = turn.endpoints.tcp[0] as { address: string; port: number };
    const second = new TurnService({
      realm: 'zone.example',
      udp: [{ address: '127.0.0.1', port: 0 }],
      tcp: [taken],
      relays: [{ address: '127.0.0.1' }],
    });
    await expect(second.start()).rejects.toMatchObject({ code: 'portTaken' });
    expect(second.endpoints).toEqual({ udp: [], tcp: [] });
  });

  test.each([
    ['none', []],
    ['a name', [{ address: 'relay.example' }]],
    ['any', [{ address: '0.0.0.0' }]],
    ['any of IPv6', [{ address: '::' }]],
    ['announced as another family', [{ address: '127.0.0.1', announced: '::1' }]],
    ['two of a family', [{ address: '127.0.0.1' }, { address: '127.0.0.2' }]],
  ])('a relay address that is no good: %s', (_, relays) => {
    expect(() => new TurnService({ realm: 'zone.example', udp: [], tcp: [], relays })).toThrow(RangeError);
  });
});
