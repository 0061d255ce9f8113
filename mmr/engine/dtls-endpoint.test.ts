import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DtlsContext, type DtlsEndpoint } from './dtls-endpoint.ts';
import { certificate, connected, exchange, flight, fragments, otherCertificate, pair } from './dtls-lab.ts';
import { EngineError } from './engine-error.ts';
import { seededBytes } from './engine-lab.ts';

/** A record of epoch 1 as long as any, not sealed with any key. */
const seededRecord = (type: number): Uint8Array =>
  Uint8Array.of(type, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40, ...seededBytes(`record ${type}`, 40));

/** OpenSSL reads the clock itself, so tests wait for its timer; the millisecond is the rounding. */
const due = (endpoint: DtlsEndpoint): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (endpoint.timeoutUs() ?? 0) / 1000 + 1));

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
    const timeout = async (): Promise<void> => {
      client.handleTimeout(); // not due yet
      expect(flight(client)).toHaveLength(0);
      const timeoutUs = client.timeoutUs() ?? 0;
      expect(timeoutUs).toBeGreaterThan(0);
      expect(timeoutUs).toBeLessThanOrEqual(200_000);
      await due(client);
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

  test('a peer that has lost our last flight gets it again, the same bytes, once for each time that it asks', async () => {
    const { server, client } = pair();
    const lastFlight: Uint8Array[] = [];
    exchange(client, server, (flown) => {
      if (server.state !== 'connected') return flown;
      lastFlight.push(...flown); // lost
      return [];
    });
    expect(lastFlight).toHaveLength(1);
    for (let i = 0; i < 2; i++) {
      await due(client);
      client.handleTimeout();
      const repeated = flight(client);
      for (const datagram of repeated) server.handle(datagram);
      expect(flight(server)).toEqual(lastFlight);
      for (const datagram of repeated) server.handle(datagram); // somebody replays it
      expect(flight(server)).toEqual([]);
    }
    for (const datagram of lastFlight) client.handle(datagram);
    expect([server.state, client.state]).toEqual(['connected', 'connected']);
    expect(client.srtpKeys()?.egressKey).toEqual(server.srtpKeys()?.ingressKey);
    client.close();
    exchange(client, server);
    expect(server.state).toBe('closed');
  });

  test('a Finished that comes when our timer is due, too: only the last flight is kept for repetition', async () => {
    const { server, client } = pair();
    for (const datagram of flight(client)) server.handle(datagram);
    for (const datagram of flight(server)) client.handle(datagram);
    flight(client); // lost; what follows has a datagram for each record
    await due(client);
    client.handleTimeout();
    const [finished, ...others] = flight(client).reverse() as [Uint8Array];
    for (const datagram of others.reverse()) server.handle(datagram);
    expect(server.state).toBe('handshaking');
    await due(server);
    server.handle(finished);
    const answer = flight(server);
    expect(answer.length).toBeGreaterThan(1); // OpenSSL repeats the flight before, and then reads
    await due(client);
    client.handleTimeout();
    for (const datagram of flight(client)) server.handle(datagram);
    const repeated = flight(server);
    expect(repeated).toEqual(answer.slice(-1));
    // The same at the client, whose flight is not the last one.
    const [bytes] = repeated as [Uint8Array];
    client.handle(bytes.subarray(0, 14)); // ChangeCipherSpec
    await due(client);
    client.handle(bytes.subarray(14));
    expect(client.state).toBe('connected');
    expect(flight(client).length).toBeGreaterThan(1);
    client.handle(bytes);
    expect(flight(client)).toEqual([]);
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

describe('another handshake', () => {
  test('wished for by a peer that started anew: ignored at both ends, and what follows it in its datagram is heard', () => {
    const { server, client } = connected();
    const another = pair();
    const keys = [server.srtpKeys(), client.srtpKeys()];
    const anew: Uint8Array[] = [];
    exchange(another.client, another.server, (flown) => {
      anew.push(...flown);
      return flown;
    });
    for (const datagram of anew) {
      server.handle(datagram);
      client.handle(datagram);
    }
    expect([...flight(server), ...flight(client)]).toEqual([]);
    expect([server.srtpKeys(), client.srtpKeys()]).toEqual(keys);
    client.close();
    server.handle(Buffer.concat([...anew.slice(1), ...flight(client)])); // the ClientHello is of DTLS 1.0 outside
    expect(server.state).toBe('closed');
  });

  test('an end that shares the datagram of the last flight', () => {
    const { server, client } = pair();
    exchange(client, server, (flown) => {
      if (server.state !== 'connected') return flown;
      server.close();
      return [Buffer.concat([...flown, ...flight(server)])];
    });
    expect(client.state).toBe('closed');
  });
});

describe('end', () => {
  test('the server says it, too; nobody says it twice', () => {
    const { server, client } = connected();
    server.close();
    const farewell = flight(server);
    expect(farewell).toHaveLength(1);
    for (const datagram of farewell) client.handle(datagram);
    expect(client.state).toBe('closed');
    client.close();
    server.close();
    expect([...flight(server), ...flight(client)]).toEqual([]);
  });

  test('close_notify with any bit changed, cut, of another session or sent back is ignored; the genuine one is heard', () => {
    const { server, client } = connected();
    const other = connected();
    client.close();
    const [farewell] = flight(client) as [Uint8Array];
    for (let bit = 0; bit < 8 * farewell.length; bit++) {
      const changed = Uint8Array.from(farewell);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      server.handle(changed);
      server.handle(farewell.subarray(0, bit >> 3));
    }
    other.server.handle(farewell);
    other.client.handle(farewell);
    other.client.close();
    for (const datagram of flight(other.client)) other.client.handle(datagram);
    expect([server.state, other.server.state]).toEqual(['connected', 'connected']);
    expect(flight(server)).toEqual([]);
    server.handle(Buffer.concat([seededRecord(23), seededRecord(21), farewell])); // behind others in its datagram
    expect(server.state).toBe('closed');
  });

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

  // OpenSSL 3.5 goes on reading behind the header of a record that it discards for its version or length.
  test.each([
    ['another version', [254, 252], 15],
    ['the version of DTLS 1.0', [254, 255], 15],
    ['another major version', [3, 3], 15],
    ['a length beyond every record', [254, 253], 0xffff],
  ])('a too short record hidden in one of %s is ignored', (_name, version, length) => {
    const { server } = connected();
    const short = [21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40];
    for (const type of [20, 21, 22, 23]) {
      for (const epoch of [0, 1]) {
        const outer = [type, ...version, 0, epoch, 0, 0, 0, 0, 0, 8, length >> 8, length & 255];
        server.handle(Uint8Array.of(...outer, ...short));
        server.handle(Uint8Array.of(...outer, ...short, ...seededBytes('rest', 100)));
      }
    }
    expect(server.state).toBe('connected');
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

  test('a client that cannot sign for its certificate: refused, and the certificate is not vouched for', () => {
    const { server, client } = pair();
    let spoilt = 0;
    exchange(client, server, (flown) =>
      flown.map((datagram) => {
        const bytes = Buffer.from(datagram);
        for (let at = 0; at < bytes.length; at += 13 + bytes.readUInt16BE(at + 11)) {
          const end = at + 13 + bytes.readUInt16BE(at + 11);
          if (bytes[at] !== 22 || bytes.readUInt16BE(at + 3) !== 0 || bytes[at + 13] !== 15) continue;
          bytes[end - 1] = (bytes[end - 1] as number) ^ 1; // CertificateVerify: the signature's end
          spoilt++;
        }
        return bytes;
      }),
    );
    expect(spoilt).toBe(1);
    expect(server.state).toBe('failed');
    expect(server.peerCertificateDer()).toBeUndefined();
    expect(server.fingerprint('sha-256')).toBeUndefined();
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
