import { createHash, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import { DtlsContext, DtlsEndpoint } from './dtls-endpoint.ts';
import { EngineError } from './engine-error.ts';
import { seededBytes } from './engine-lab.ts';

const PROPERTY = { seed: 20260721, numRuns: 60 };

let context: DtlsContext;
let otherContext: DtlsContext;
let certificate: Awaited<ReturnType<typeof mintDtlsCertificate>>;
let otherCertificate: Awaited<ReturnType<typeof mintDtlsCertificate>>;

beforeAll(async () => {
  certificate = await mintDtlsCertificate();
  otherCertificate = await mintDtlsCertificate();
  context = new DtlsContext(certificate.certificatePem, certificate.privateKeyPem);
  otherContext = new DtlsContext(otherCertificate.certificatePem, otherCertificate.privateKeyPem);
});

const pair = () => ({ server: new DtlsEndpoint(context, 'server'), client: new DtlsEndpoint(otherContext, 'client') });

function flight(from: DtlsEndpoint): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let next = from.takeOutgoing(); next !== undefined; next = from.takeOutgoing()) datagrams.push(next);
  return datagrams;
}

/** Carries flights to and fro until nobody has more to say; `wire` may change what arrives. */
function exchange(client: DtlsEndpoint, server: DtlsEndpoint, wire = (flown: Uint8Array[]) => flown): void {
  for (let turn = 0; turn < 20; turn++) {
    const up = wire(flight(client));
    for (const datagram of up) server.handle(datagram);
    const down = wire(flight(server));
    for (const datagram of down) client.handle(datagram);
    if (up.length + down.length === 0) return;
  }
}

function connected(): { server: DtlsEndpoint; client: DtlsEndpoint } {
  const both = pair();
  exchange(both.client, both.server);
  return both;
}

describe('handshake', () => {
  test('both ends export the same keys, the right way round, in datagrams below the MTU', () => {
    const { server, client } = pair();
    let largest = 0;
    exchange(client, server, (flown) => {
      largest = Math.max(largest, ...flown.map((datagram) => datagram.length));
      return flown;
    });
    expect([server.state, client.state]).toEqual(['connected', 'connected']);
    const [ours, theirs] = [server.srtpKeys(), client.srtpKeys()];
    expect(ours?.profile).toBe('AEAD_AES_128_GCM');
    expect(ours?.ingressKey).toEqual(theirs?.egressKey);
    expect(ours?.ingressSalt).toEqual(theirs?.egressSalt);
    expect(ours?.egressKey).toEqual(theirs?.ingressKey);
    expect(ours?.egressSalt).toEqual(theirs?.ingressSalt);
    expect([ours?.ingressKey.length, ours?.ingressSalt.length]).toEqual([16, 12]);
    expect(ours?.ingressKey).not.toEqual(ours?.egressKey);
    expect(largest).toBeLessThanOrEqual(1200);
    expect([server.timeoutUs(), client.timeoutUs()]).toEqual([undefined, undefined]);
  });

  test('the peer is known by its certificate, once it has proved it', () => {
    const { server, client } = pair();
    expect(server.fingerprint('sha-256')).toBeUndefined();
    expect(server.srtpKeys()).toBeUndefined();
    exchange(client, server);
    const der = new X509Certificate(otherCertificate.certificatePem).raw;
    expect(Buffer.from(server.peerCertificateDer() ?? []).equals(der)).toBe(true);
    expect(server.fingerprint('sha-256')).toEqual(Buffer.from(otherCertificate.fingerprintSha256));
    expect(server.fingerprint('sha-512')).toEqual(createHash('sha512').update(der).digest());
    expect(client.fingerprint('sha-256')).toEqual(Buffer.from(certificate.fingerprintSha256));
  });

  test('a lost flight is sent again when its time has come, the last one too', async () => {
    const { server, client } = pair();
    // OpenSSL reads the clock itself, so this test waits for it; the millisecond is the timers' rounding.
    const timeout = async (): Promise<void> => {
      client.handleTimeout(); // not due yet
      expect(flight(client)).toHaveLength(0);
      const timeoutUs = client.timeoutUs() ?? 0;
      expect(timeoutUs).toBeGreaterThan(0);
      expect(timeoutUs).toBeLessThanOrEqual(200_000);
      await new Promise((resolve) => setTimeout(resolve, timeoutUs / 1000 + 1));
      client.handleTimeout();
    };
    expect(flight(client)).toHaveLength(1); // ClientHello, lost
    await timeout();
    exchange(client, server, (flown) => (server.state === 'connected' ? [] : flown)); // the server's Finished, lost
    expect([server.state, client.state]).toEqual(['connected', 'handshaking']);
    await timeout();
    exchange(client, server);
    expect([server.state, client.state]).toEqual(['connected', 'connected']);
    expect(client.srtpKeys()?.egressKey).toEqual(server.srtpKeys()?.ingressKey);
  });

  test('every datagram twice, and each flight backwards', () => {
    for (const wire of [
      (flown: Uint8Array[]) => flown.flatMap((datagram) => [datagram, datagram]),
      (flown: Uint8Array[]) => flown.reverse(),
    ]) {
      const { server, client } = pair();
      exchange(client, server, wire);
      expect([server.state, client.state]).toEqual(['connected', 'connected']);
    }
  });

  test('handshake messages in fragments of a few bytes, in any order', () => {
    const { server, client } = pair();
    const [hello] = flight(client) as [Uint8Array];
    for (const fragment of fragments(hello, 20).reverse()) server.handle(fragment);
    exchange(client, server);
    expect([server.state, client.state]).toEqual(['connected', 'connected']);
  });
});

describe('end', () => {
  test('close_notify closes the other end; what comes later changes nothing', () => {
    const { server, client } = connected();
    client.close();
    exchange(client, server);
    expect([server.state, client.state]).toEqual(['closed', 'closed']);
    client.close();
    server.close();
    for (const endpoint of [server, client]) {
      endpoint.handle(Uint8Array.of(22, 254, 253));
      endpoint.handleTimeout();
      expect(endpoint.srtpKeys()).toBeUndefined();
      expect(endpoint.peerCertificateDer()).toBeUndefined();
      expect(endpoint.timeoutUs()).toBeUndefined();
      expect(endpoint.state).toBe('closed');
    }
  });

  test('a plaintext alert after the handshake is ignored', () => {
    const { server, client } = connected();
    for (const epoch of [0, 1, 2]) {
      // Too short for a sealed record, in any epoch: OpenSSL 3.5 would end the session over one.
      for (const body of [[2, 40], [1, 0], [2, 0], [1], [], seededBytes('23', 23), seededBytes('24', 24)]) {
        server.handle(Uint8Array.of(21, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, body.length, ...body));
      }
    }
    expect(server.state).toBe('connected');
    client.close();
    exchange(client, server);
    expect(server.state).toBe('closed');
  });
});

describe('refusals', () => {
  test('a ClientHello without use_srtp gets an alert', () => {
    const { server, client } = pair();
    const [hello] = flight(client) as [Uint8Array];
    const without = Buffer.from(hello);
    const at = without.indexOf(Buffer.from('000e0009', 'hex')); // extension 14, 9 bytes: three profiles
    expect(at).toBeGreaterThan(0);
    without.writeUInt16BE(0xfafa, at); // an extension that nobody knows
    server.handle(without);
    expect(server.state).toBe('failed');
    expect(flight(server)[0]?.[0]).toBe(21);
    server.handle(hello);
    expect(server.state).toBe('failed');
    expect(server.srtpKeys()).toBeUndefined();
  });

  test('certificates that cannot be used', () => {
    const { certificatePem, privateKeyPem } = certificate;
    for (const [pem, key] of [
      ['', privateKeyPem],
      [certificatePem, ''],
      [certificatePem, otherCertificate.privateKeyPem],
      [certificatePem.slice(0, 200), privateKeyPem],
    ] as const) {
      expect(() => new DtlsContext(pem, key)).toThrow(EngineError);
      expect(() => new DtlsContext(pem, key)).toThrow(expect.objectContaining({ code: 'DTLS_CERTIFICATE' }));
    }
  });
});

/** A handshake record's first message as records of `sizeBytes` of it each (RFC 6347 section 4.2.3). */
function fragments(record: Uint8Array, sizeBytes: number): Buffer[] {
  const message = Buffer.from(record).subarray(13);
  const body = message.subarray(12);
  const made: Buffer[] = [];
  for (let at = 0; at < body.length; at += sizeBytes) {
    const part = body.subarray(at, at + sizeBytes);
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUIntBE(at, 6, 3);
    header.writeUIntBE(part.length, 9, 3);
    const recordHeader = Buffer.from(record.subarray(0, 13));
    recordHeader.writeUIntBE(20 + made.length, 5, 6); // leaves the sender's next numbers free
    recordHeader.writeUInt16BE(12 + part.length, 11);
    made.push(Buffer.concat([recordHeader, header, part]));
  }
  return made;
}

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
