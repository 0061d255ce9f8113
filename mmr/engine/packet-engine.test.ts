import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { DropReason } from '../media/drop-reason.ts';
import { INGRESS_CAPACITY } from '../media/ingress-batch.ts';
import { EngineError } from './engine-error.ts';
import { EngineLab, keyPair, seededBytes } from './engine-lab.ts';
import { PacketEngine } from './packet-engine.ts';

const labs: EngineLab[] = [];
function lab(address?: string, storeSlots?: number): EngineLab {
  const made = new EngineLab(address, storeSlots);
  labs.push(made);
  return made;
}
afterEach(() => {
  for (const made of labs.splice(0)) made.engine.close();
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family }) => family === 'IPv6'),
);

describe('UDP', () => {
  test('IPv4 round trip with address, owner and arrival time', async () => {
    const [a, b] = [lab(), lab()];
    const handle = b.engine.openTransport();
    b.engine.addRemote(handle, a.address());
    const beforeUs = a.engine.nowUs();
    expect(a.send(seededBytes('hello', 300).fill(1, 0, 1), b.address())).toBe(1);
    const [received] = await b.take(1);
    expect(received?.bytes.equals(seededBytes('hello', 300).fill(1, 0, 1))).toBe(true);
    expect(received?.from).toEqual({ family: 4, port: a.engine.port, bytes: Uint8Array.of(127, 0, 0, 1) });
    expect(received?.transport).toBe(handle);
    // The kernel's clock and ours are the same clock but for the offset, which is known to a microsecond or so.
    expect(received?.arrivalUs).toBeGreaterThan(beforeUs - 100);
    expect(received?.arrivalUs).toBeLessThanOrEqual(received?.nowUs ?? 0);
  });

  test.skipIf(!hasIpv6)('IPv6 round trip, and IPv4 at the same dual-stack socket', async () => {
    const dual = lab('::');
    const ipv6 = lab('::1');
    const ipv4 = lab('127.0.0.1');
    ipv6.send(Uint8Array.of(6), dual.address('::1'));
    const [fromIpv6] = await dual.take(1);
    expect(fromIpv6?.from).toEqual({ family: 6, port: ipv6.engine.port, bytes: ipv6.address('::1').bytes });
    ipv4.send(Uint8Array.of(4), dual.address('127.0.0.1'));
    const [fromIpv4] = await dual.take(1);
    expect(fromIpv4?.from).toEqual({ family: 4, port: ipv4.engine.port, bytes: ipv4.address().bytes });
    // Both are answered at the address that was reported, one by address and one by transport, in a GSO run.
    if (fromIpv6 === undefined || fromIpv4 === undefined) throw new Error('nothing received');
    dual.send(Uint8Array.of(7), fromIpv6.from);
    expect((await ipv6.take(1))[0]?.bytes).toEqual(Buffer.of(7));
    const handle = dual.engine.openTransport();
    dual.engine.setSrtpKeys(handle, keyPair('AEAD_AES_128_GCM').ours);
    dual.engine.setDestination(handle, fromIpv4.from);
    for (let i = 0; i < 10; i++) dual.rtp(handle, i + 10, seededBytes('x', 500), i);
    expect(dual.engine.flush()).toBe(10);
    expect((await ipv4.take(10)).map(({ bytes }) => bytes.readUInt16BE(2))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('a burst larger than a batch arrives whole, in batches of at most the capacity', async () => {
    const [a, b] = [lab(), lab('127.0.0.1', 2048)];
    const sizes: number[] = [];
    b.afterBatch = () => sizes.push(b.received.length);
    const total = 3 * INGRESS_CAPACITY + 17;
    for (let i = 0; i < total; i++) {
      const at = a.engine.plan.reserveSide(2);
      a.engine.plan.side.set([i >> 8, i & 255], at);
      a.engine.plan.datagramTo(b.address(), at, 2);
    }
    expect(a.engine.flush()).toBe(total);
    const received = await b.take(total);
    expect(received.map(({ bytes }) => bytes.readUInt16BE(0))).toEqual(Array.from({ length: total }, (_, i) => i));
    expect(Math.max(...sizes.map((size, i) => size - (sizes[i - 1] ?? 0)))).toBeLessThanOrEqual(INGRESS_CAPACITY);
    // A ring: slots follow one another, and generations count its rounds.
    for (const [i, { slot, generation }] of received.entries()) expect([slot, generation]).toEqual([i % 2048, 1]);
  });

  test('the ring comes round and generations grow', async () => {
    const [a, b] = [lab(), lab('127.0.0.1', 512)];
    for (let i = 0; i < 1100; i++) {
      a.send(Uint8Array.of(1), b.address());
      const [received] = await b.take(1);
      expect([received?.slot, received?.generation]).toEqual([i % 512, Math.floor(i / 512) + 1]);
    }
  });

  test('the slot that the kernel may write to next is stale already', async () => {
    // A datagram with a bad checksum is written before it is found out, and not reported.
    const [a, b] = [lab(), lab('127.0.0.1', 512)];
    for (let i = 0; i < 513; i++) {
      const next = i % 512;
      expect(b.engine.generation(next)).toBe(Math.floor(i / 512) + 1);
      expect(b.engine.generation((next + 1) % 512)).toBe(Math.floor(i / 512) + (next === 511 ? 1 : 0));
      a.send(Uint8Array.of(1), b.address());
      await b.take(1);
    }
  });

  test('empty and oversized datagrams are dropped and counted, 2048 bytes are not', async () => {
    const receiver = lab();
    const socket = createSocket('udp4');
    for (const size of [0, 2049, 60_000, 2048]) {
      socket.send(Buffer.alloc(size, 1), receiver.engine.port, '127.0.0.1');
    }
    const [received] = await receiver.take(1);
    expect(received?.bytes).toHaveLength(2048);
    expect(receiver.engine.drops[DropReason.unknownProtocol]).toBe(3);
    socket.close();
  });

  test('an address has one owner at a time, and none once its transport is closed', async () => {
    const [a, b] = [lab(), lab()];
    const [first, second] = [b.engine.openTransport(), b.engine.openTransport()];
    const owner = async (): Promise<number | undefined> => {
      a.send(Uint8Array.of(1), b.address());
      return (await b.take(1))[0]?.transport;
    };
    expect(await owner()).toBe(0);
    b.engine.addRemote(first, a.address());
    expect(await owner()).toBe(first);
    b.engine.addRemote(second, a.address());
    expect(await owner()).toBe(second);
    b.engine.closeTransport(first);
    expect(await owner()).toBe(second);
    b.engine.closeTransport(second);
    expect(await owner()).toBe(0);
  });
});

describe('errors are typed', () => {
  const options = { storeSlots: 1024, onBatch: () => undefined };
  const opening = (overrides: object) => () =>
    new PacketEngine({ address: '127.0.0.1', port: 0, ...options, ...overrides });

  test('a taken port', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    expect(opening({ port })).toThrow(EngineError);
    expect(opening({ port })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', message: expect.stringContaining(`${port}`) }),
    );
    socket.close();
  });

  test.each([
    ['EINVAL', { address: 'localhost' }],
    ['EADDRNOTAVAIL', { address: '192.0.2.1' }],
    ['ENGINE_ARGUMENT', { port: 65536 }],
    ['ENGINE_ARGUMENT', { port: Number.NaN }],
    ['ENGINE_ARGUMENT', { storeSlots: 511 }],
    ['ENGINE_ARGUMENT', { storeSlots: -1 }],
    ['ENGINE_ARGUMENT', { storeSlots: Number.NaN }],
    ['ENGINE_ARGUMENT', { storeSlots: 600.5 }],
    ['ENGINE_ARGUMENT', { storeSlots: 2 ** 40 }],
    ['ENGINE_ARGUMENT', { onBatch: undefined }],
    ['ENGINE_ARGUMENT', { receiveBufferBytes: -1 }],
    ['EINVAL', { address: '1'.repeat(100) }],
  ])('%s: %o', (code, overrides) => {
    expect(opening(overrides)).toThrow(expect.objectContaining({ name: 'EngineError', code }));
  });

  test('addresses and handles out of range', () => {
    const { engine } = lab();
    const handle = engine.openTransport();
    const address = { family: 4, port: 1, bytes: Uint8Array.of(127, 0, 0, 1) } as const;
    const argument = expect.objectContaining({ code: 'ENGINE_ARGUMENT' });
    expect(() => engine.addRemote(99, address)).toThrow(argument);
    expect(() => engine.setDestination(handle, { ...address, port: 65536 })).toThrow(argument);
    expect(() => engine.addRemote(handle, { ...address, bytes: new Uint8Array(5) })).toThrow(argument);
    expect(() => engine.setDestination(handle, { family: 6, port: 1, bytes: new Uint8Array(16) })).toThrow(argument);
  });
});

describe('close', () => {
  test('twice, with traffic on the way and work afterwards', async () => {
    const [a, b] = [lab(), lab()];
    const handle = a.engine.openTransport();
    for (let i = 0; i < 100; i++) a.send(Uint8Array.of(1), b.address());
    b.engine.close();
    b.engine.close();
    a.send(Uint8Array.of(1), b.address());
    a.engine.close();
    a.rtp(handle, 0, seededBytes('x', 50), 1);
    expect(a.engine.flush()).toBe(0);
    a.engine.unprotect(10);
    // The port is free at once.
    const again = new PacketEngine({
      address: '127.0.0.1',
      port: b.engine.port,
      storeSlots: 512,
      onBatch: () => undefined,
    });
    again.close();
    expect(b.received).toHaveLength(0);
  });

  test('a transport closed and its handle taken again within a batch: the batch does not hit the successor', async () => {
    const [a, b] = [lab(), lab()];
    const keys = keyPair('AEAD_AES_128_GCM').ours;
    const gone = b.engine.openTransport();
    b.engine.addRemote(gone, a.address());
    b.engine.setSrtpKeys(gone, keys);
    const reopened: number[] = [];
    b.afterBatch = () => {
      b.engine.closeTransport(gone);
      reopened.push(b.engine.openTransport());
      b.send(Uint8Array.of(1), a.address());
      reopened.push(b.engine.openTransport());
      for (const handle of reopened) b.engine.setSrtpKeys(handle, keys);
      b.afterBatch = () => undefined;
    };
    a.send(Uint8Array.of(1), b.address());
    expect((await b.take(1))[0]?.transport).toBe(gone);
    expect(reopened).toEqual([gone + 1, gone]);
    await a.take(1);
    a.send(Uint8Array.of(1), b.address());
    expect((await b.take(1))[0]?.transport).toBe(0);
  });

  test('from within a batch: no further one comes', async () => {
    const [a, b] = [lab(), lab('127.0.0.1', 2048)];
    let batches = 0;
    b.afterBatch = () => {
      batches++;
      b.engine.close();
    };
    for (let i = 0; i < 600; i++) a.engine.plan.datagramTo(b.address(), 0, 1);
    a.engine.flush();
    await b.take(1);
    // Another socket's datagram passes through the loop after whatever the closed one could still deliver.
    a.send(Uint8Array.of(1), a.address());
    await a.take(1);
    expect(batches).toBe(1);
  });
});
