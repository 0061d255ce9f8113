import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer, connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { mintDtlsCertificate } from './dtls-certificate.ts';
import { mintZoneCertificates, peerIdentity } from './mutual-tls.ts';
import { mintServerCertificate } from './server-certificate.ts';

describe('certificates', () => {
  test('a leaf chains to the authority of its zone and to no other', async () => {
    const zone = await mintZoneCertificates();
    const other = await mintZoneCertificates();
    const leaf = await zone.issue('router', 'router-1');
    const certificate = new X509Certificate(leaf.certificatePem);
    expect(certificate.checkIssued(new X509Certificate(zone.caPem))).toBe(true);
    expect(certificate.verify(new X509Certificate(zone.caPem).publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(other.caPem).publicKey)).toBe(false);
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.privateKeyPem))).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBeDefined();
    expect(certificate.ca).toBe(false);
    expect(new X509Certificate(zone.caPem).ca).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(peerIdentity(certificate.toLegacyObject())).toEqual({ role: 'router', name: 'router-1' });
  });

  test('a name with a meaning in a distinguished name is refused', async () => {
    const zone = await mintZoneCertificates();
    await expect(zone.issue('router', 'a, OU=zone-controller')).rejects.toMatchObject({ code: 'badConfig' });
  });

  test('Node accepts the pair in a mutual TLS handshake', async () => {
    const zone = await mintZoneCertificates();
    const [server, client] = await Promise.all([zone.issue('zone-controller', 'zc'), zone.issue('router', 'r')]);
    const listener = createServer(
      { key: server.privateKeyPem, cert: server.certificatePem, ca: server.caPem, requestCert: true },
      (socket) => socket.end(peerIdentity(socket.getPeerCertificate())?.name ?? ''),
    );
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    const text = await new Promise<string>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', key: client.privateKeyPem, cert: client.certificatePem };
      const socket = tlsConnect({ ...options, ca: client.caPem });
      socket.on('data', (bytes) => resolve(bytes.toString())).on('error', reject);
    });
    listener.close();
    expect(text).toBe('r');
  });

  test('the DTLS fingerprint is the SHA-256 of the certificate', async () => {
    const { certificatePem, privateKeyPem, fingerprintSha256 } = await mintDtlsCertificate();
    const certificate = new X509Certificate(certificatePem);
    expect(fingerprintSha256).toEqual(new Uint8Array(createHash('sha256').update(certificate.raw).digest()));
    expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  test('a server certificate names its hosts', async () => {
    const certificate = new X509Certificate(
      (await mintServerCertificate(['meet.example', '192.0.2.7'])).certificatePem,
    );
    expect(certificate.checkHost('meet.example')).toBe('meet.example');
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(certificate.checkHost('other.example')).toBeUndefined();
  });
});
