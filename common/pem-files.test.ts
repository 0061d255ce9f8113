/** Certificates that change while daemons run. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientCredentials, type MutualTls, mintZoneCertificates, serverCredentials } from './mutual-tls.ts';
import { mutualTlsOf, PemFiles } from './pem-files.ts';

let directory: string;
const paths = () => ({ ca: file('ca'), certificate: file('pem'), privateKey: file('key') });
const file = (name: string): string => join(directory, name);
function write(tls: MutualTls): void {
  writeFileSync(file('ca'), tls.caPem);
  writeFileSync(file('pem'), tls.certificatePem);
  writeFileSync(file('key'), tls.privateKeyPem);
}
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-pem-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('PEM files', () => {
  test('are read, and read again; listeners are told of changes only', async () => {
    const authority = await mintZoneCertificates();
    write(await authority.issue('router', 'r1'));
    const files = new PemFiles('tls', paths());
    const tls = mutualTlsOf(files);
    let changes = 0;
    const forget = files.onChange(() => changes++);
    expect([files.reload(), changes]).toEqual([false, 0]);
    const next = await authority.issue('router', 'r1');
    write(next);
    expect([files.reload(), changes]).toEqual([true, 1]);
    expect(tls).toMatchObject({ certificatePem: next.certificatePem, privateKeyPem: next.privateKeyPem });
    forget();
    write(await authority.issue('router', 'r1'));
    expect([files.reload(), changes]).toEqual([true, 1]);
  });

  test('what is wrong is refused by name, and what was read before stays', async () => {
    const authority = await mintZoneCertificates();
    const tls = await authority.issue('router', 'r1');
    const other = await authority.issue('router', 'r2');
    write(tls);
    const files = new PemFiles('tls', paths());
    const refused = (problem: string) => {
      expect(() => files.reload()).toThrow(expect.objectContaining({ code: 'badConfig', message: problem }));
      expect(files.pems.certificate).toBe(tls.certificatePem);
      write(tls);
    };
    writeFileSync(file('key'), other.privateKeyPem);
    refused(`${file('key')} is not the private key of ${file('pem')}.`);
    writeFileSync(file('pem'), 'nonsense');
    refused(`The file ${file('pem')} holds no certificate (PEM).`);
    writeFileSync(file('key'), tls.certificatePem);
    refused(`The file ${file('key')} holds no private key (PEM).`);
    writeFileSync(file('ca'), '');
    refused(`The file ${file('ca')} holds no certificate (PEM).`);
    rmSync(file('ca'));
    refused(`The file ${file('ca')} cannot be read.`);
  });
});

describe('gRPC with files that change', () => {
  async function serve(tls: MutualTls): Promise<{ server: Server; port: number }> {
    const server = new Server();
    new HealthImplementation({ '': 'SERVING' }).addToServer(server);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('localhost:0', serverCredentials(tls), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return { server, port };
  }

  /** Serial number of the certificate that a server shows. */
  async function shown(port: number): Promise<string> {
    const socket = tlsConnect({ port, host: 'localhost', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    socket.on('error', () => undefined); // without a certificate of ours the server cuts us off later
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }

  const serial = (tls: MutualTls): string => new X509Certificate(tls.certificatePem).serialNumber;

  /** 'ok' or why there is no connection. */
  async function dial(port: number, tls: MutualTls): Promise<string> {
    const { Client } = await import('@grpc/grpc-js');
    const client = new Client(`localhost:${port}`, clientCredentials(tls), { 'grpc.use_local_subchannel_pool': 1 });
    try {
      return await new Promise((resolve) => {
        const path = '/grpc.health.v1.Health/Check';
        const same = (bytes: Buffer): Buffer => bytes;
        client.makeUnaryRequest(path, same, same, Buffer.alloc(0), { deadline: Date.now() + 5_000 }, (error) =>
          resolve(error === null ? 'ok' : error.details),
        );
      });
    } finally {
      client.close();
    }
  }

  test('server and client use the new certificate for the next connection', async () => {
    const authority = await mintZoneCertificates();
    const first = await authority.issue('router', 'r1');
    write(first);
    const files = new PemFiles('tls', paths());
    const tls = mutualTlsOf(files);
    const { server, port } = await serve(tls);
    expect(await dial(port, tls)).toBe('ok');
    expect(await shown(port)).toBe(serial(first));

    const other = await (await mintZoneCertificates()).issue('router', 'r1');
    expect(await dial(port, other)).not.toBe('ok');
    write(other);
    expect(files.reload()).toBe(true);
    expect(await shown(port)).toBe(serial(other));
    expect(await dial(port, tls)).toBe('ok');
    expect(await dial(port, other)).toBe('ok');
    expect(await dial(port, first)).not.toBe('ok');
    server.forceShutdown();
  });
});
