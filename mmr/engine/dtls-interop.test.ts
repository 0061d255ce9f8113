/** The endpoint against another OpenSSL: the command-line client of the system (scripts/install-test-packages.ts). */
import { spawn } from 'node:child_process';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import { DtlsContext, DtlsEndpoint } from './dtls-endpoint.ts';

interface Run {
  readonly endpoint: DtlsEndpoint;
  /** A line for its terminal; resolves with the next datagram that it sends. */
  readonly type: (line: string) => Promise<unknown>;
  /** What the client has printed. */
  readonly text: () => string;
  /** The client says close_notify. */
  readonly end: () => Promise<void>;
  /** We say it; resolves when the client is gone. */
  readonly close: () => Promise<void>;
}

describe('openssl s_client', () => {
  let folder: string;
  let context: DtlsContext;
  let clientFingerprint: Uint8Array;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zonecast-dtls-'));
    const [ours, theirs] = [await mintDtlsCertificate(), await mintDtlsCertificate()];
    context = new DtlsContext(ours.certificatePem, ours.privateKeyPem);
    clientFingerprint = theirs.fingerprintSha256;
    writeFileSync(join(folder, 'certificate.pem'), theirs.certificatePem);
    writeFileSync(join(folder, 'key.pem'), theirs.privateKeyPem);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const identity = () => ['-cert', join(folder, 'certificate.pem'), '-key', join(folder, 'key.pem')];

  /** Runs the client until the handshake is decided; `end` lets it say close_notify and waits for that. */
  async function run(clientArguments: string[]): Promise<Run> {
    const endpoint = new DtlsEndpoint(context, 'server');
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    let text = '';
    const port = String(socket.address().port);
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...clientArguments]);
    client.stdout.on('data', (chunk) => {
      text += chunk;
    });
    client.stdin.on('error', () => undefined); // a refused client may be gone already
    const ended = once(client, 'close');
    const send = (to: RemoteInfo): void => {
      for (let next = endpoint.takeOutgoing(); next !== undefined; next = endpoint.takeOutgoing()) {
        socket.send(next, to.port, to.address);
      }
    };
    let peer: RemoteInfo | undefined;
    const decided = new Promise<void>((resolve, reject) => {
      client.on('error', reject); // no such command
      socket.on('message', (message, from) => {
        const before = endpoint.state;
        peer = from;
        endpoint.handle(message);
        send(from);
        if (endpoint.state !== before) resolve();
      });
    });
    await decided;
    const type = (line: string): Promise<unknown> => {
      const answered = once(socket, 'message');
      client.stdin.write(`${line}\n`);
      return answered;
    };
    const end = async (): Promise<void> => {
      if (endpoint.state === 'connected') await type('Q'); // s_client's word for closing
      // It would linger for half a second.
      client.kill();
      await ended;
      socket.close();
    };
    const close = async (): Promise<void> => {
      endpoint.close();
      if (peer !== undefined) send(peer);
      await ended;
      socket.close();
    };
    return { endpoint, type, text: () => text, end, close };
  }

  test.each([
    ['SRTP_AES128_CM_SHA1_80', 'AES128_CM_HMAC_SHA1_80', 60],
    ['SRTP_AEAD_AES_128_GCM', 'AEAD_AES_128_GCM', 56],
    ['SRTP_AEAD_AES_256_GCM', 'AEAD_AES_256_GCM', 88],
    ['SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM', 'AEAD_AES_128_GCM', 56],
  ])('%s gives the same keys on both sides', async (offered, profile, length) => {
    const exported = ['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', String(length)];
    const { endpoint, text, end } = await run(['-dtls1_2', '-use_srtp', offered, ...exported, ...identity()]);
    expect(endpoint.state).toBe('connected');
    const keys = endpoint.srtpKeys();
    const fingerprint = endpoint.fingerprint('sha-256');
    await end();
    expect(keys?.profile).toBe(profile);
    const material = [keys?.ingressKey, keys?.egressKey, keys?.ingressSalt, keys?.egressSalt];
    const joined = Buffer.concat(material.map((part) => part ?? new Uint8Array(0)));
    expect(text()).toContain(`Keying material: ${joined.toString('hex').toUpperCase()}`);
    expect(fingerprint).toEqual(Buffer.from(clientFingerprint));
    expect(endpoint.state).toBe('closed'); // its close_notify
  });

  test.each([
    ['no use_srtp', ['-dtls1_2']],
    ['a profile that we do not have', ['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_32']],
    ['DTLS 1.0', ['-dtls1', '-cipher', 'ALL:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['NULL cipher', ['-dtls1_2', '-cipher', 'eNULL:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['no forward secrecy', ['-dtls1_2', '-cipher', 'AES128-GCM-SHA256', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
  ])('%s is refused', async (_name, clientArguments) => {
    const { endpoint, end } = await run([...clientArguments, ...identity()]);
    expect(endpoint.state).toBe('failed');
    expect(endpoint.srtpKeys()).toBeUndefined();
    await end();
  });

  test.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'])(
    '%s: its data is ignored, its close_notify is heard, ours is understood',
    async (suite) => {
      const offer = ['-dtls1_2', '-cipher', suite, '-use_srtp', 'SRTP_AEAD_AES_128_GCM', ...identity()];
      const theirs = await run(offer);
      await theirs.type('data');
      expect(theirs.endpoint.state).toBe('connected');
      await theirs.end();
      expect(theirs.endpoint.state).toBe('closed');
      const ours = await run(offer);
      await ours.close();
      expect(ours.text()).toContain(`Cipher is ${suite}`);
    },
  );

  test('renegotiation is ignored: the keys stay', async () => {
    const { endpoint, type, end } = await run(['-dtls1_2', '-use_srtp', 'SRTP_AEAD_AES_128_GCM', ...identity()]);
    const keys = endpoint.srtpKeys();
    expect(keys).toBeDefined();
    await type('R'); // s_client's word for it: a ClientHello under the present keys
    expect(endpoint.state).toBe('connected');
    expect(endpoint.srtpKeys()).toEqual(keys);
    await end();
  });

  test('a client without certificate is refused', async () => {
    const { endpoint, end } = await run(['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']);
    expect(endpoint.state).toBe('failed');
    await end();
  });
});
