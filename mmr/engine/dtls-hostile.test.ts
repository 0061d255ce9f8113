import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtlsEndpoint } from './dtls-endpoint.ts';
import { connected, context, exchange, flight, fragments, otherContext, pair } from './dtls-lab.ts';
import { seededBytes } from './engine-lab.ts';

const PROPERTY = { seed: 20260721, numRuns: 60 };

describe('hostile bytes', () => {
  /** Like a record of DTLS, with lengths that may lie. */
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 2048 }),
    fc
      .record({
        type: fc.constantFrom(20, 21, 22, 23, 24),
        epoch: fc.nat(2),
        lie: fc.constantFrom(0, 0, 0, 1, -1, 0x8000),
        body: fc.uint8Array({ maxLength: 300 }),
      })
      .map(({ type, epoch, lie, body }) => {
        const length = (body.length + lie) & 0xffff;
        return Uint8Array.of(type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, length >> 8, length & 255, ...body);
      }),
  );

  test('anything, before and after the handshake: no exception, and a session that is up stays up', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 10 }), (datagrams) => {
        const { server, client } = connected();
        const fresh = new DtlsEndpoint(context, 'server');
        for (const datagram of datagrams) {
          server.handle(datagram);
          client.handle(datagram);
          fresh.handle(datagram);
          flight(fresh);
        }
        expect([server.state, client.state]).toEqual(['connected', 'connected']);
        for (const endpoint of [server, client, fresh]) endpoint.close();
      }),
      PROPERTY,
    );
  });

  test("a session's own datagrams, changed and sent again, do not end it", () => {
    const { server, client } = pair();
    const genuine: Uint8Array[] = [];
    exchange(client, server, (flown) => {
      genuine.push(...flown);
      return flown;
    });
    const change = fc.record({ at: fc.nat(1200), header: fc.boolean(), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.nat(), fc.array(change, { maxLength: 4 }), fc.option(fc.nat(1200)), (which, changes, cut) => {
        const datagram = Uint8Array.from(genuine[which % genuine.length] as Uint8Array);
        for (const { at, header, value } of changes) datagram[at % (header ? 13 : datagram.length)] = value;
        server.handle(datagram.subarray(0, cut ?? datagram.length));
        flight(server);
        expect(server.state).toBe('connected');
      }),
      { ...PROPERTY, numRuns: 5000 },
    );
  });

  test('a handshake with one datagram changed at random ends connected, waiting or failed', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(1200), fc.nat(255), fc.boolean(), (which, at, value, cut) => {
        const { server, client } = pair();
        let count = 0;
        exchange(client, server, (flown) =>
          flown.map((datagram) => {
            if (count++ !== which) return datagram;
            if (cut) return datagram.slice(0, at % datagram.length);
            const changed = Uint8Array.from(datagram);
            changed[at % datagram.length] = value;
            return changed;
          }),
        );
        for (const endpoint of [server, client]) {
          expect(['handshaking', 'connected', 'failed', 'closed']).toContain(endpoint.state);
          endpoint.close();
        }
      }),
      { ...PROPERTY, numRuns: 200 },
    );
  });

  test('handshakes that never finish, and outgoing flights that nobody takes, cost bounded memory', () => {
    const [hello] = flight(new DtlsEndpoint(otherContext, 'client')) as [Uint8Array];
    const garbage = seededBytes('garbage', 500);
    const round = (): void => {
      for (let i = 0; i < 200; i++) {
        const endpoint = new DtlsEndpoint(context, 'server');
        for (const fragment of fragments(hello, 30).slice(1)) endpoint.handle(fragment);
        endpoint.handle(hello);
        endpoint.handle(garbage);
        endpoint.close();
      }
    };
    round();
    const before = process.memoryUsage.rss();
    for (let k = 0; k < 4; k++) round();
    // 800 leaked sessions would be 32 MB and more.
    expect(process.memoryUsage.rss() - before).toBeLessThan(20 << 20);
  });

  test('a session that is up keeps no more than it may still need', () => {
    const sessions = (count: number) => Array.from({ length: count }, connected);
    sessions(100);
    const before = process.memoryUsage.rss();
    const kept = sessions(250).flatMap(({ server, client }) => [server, client]);
    // 2 to 5 KB each; with OpenSSL's session it would be 80.
    expect(process.memoryUsage.rss() - before).toBeLessThan(kept.length * (20 << 10));
    for (const endpoint of kept) {
      expect(endpoint.srtpKeys()).toBeDefined();
      endpoint.close();
    }
  });

  test('a peer that repeats itself does not make us queue without end', () => {
    const { server, client } = pair();
    const [hello] = flight(client) as [Uint8Array];
    server.handle(hello);
    const repeated = Buffer.from(hello);
    for (let i = 1; i < 1000; i++) {
      repeated.writeUIntBE(i, 5, 6); // record sequence number
      server.handle(repeated);
    }
    expect(flight(server).length).toBeLessThanOrEqual(64);
  });
});
