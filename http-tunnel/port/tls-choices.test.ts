/** Whom the port shows which certificate while an authority checks a name (RFC 8737), in TLS 1.2, which chooses it before ALPN, and 1.3. */
import { once } from 'node:events';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import { mintServerCertificate } from '../../common/server-certificate.ts';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { ChallengeCertificates } from '../acme/challenge-certificates.ts';
import { LOOPBACK, readAll, TunnelLab } from '../testing/tunnel-lab.ts';
import { ServerCertificates } from './server-certificates.ts';

const ORDINARY = 'DNS:a.example, DNS:b.example';
const PROOF = 'DNS:proof.invalid';
const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
const NO_CERTIFICATE = 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE';

let lab: TunnelLab;
let challenges: ChallengeCertificates;
beforeEach(async () => {
  challenges = new ChallengeCertificates();
  challenges.show('a.example', await mintServerCertificate(['proof.invalid']));
});
afterEach(() => lab.stop());

async function start(pairs: readonly CertificatePair[]): Promise<void> {
  lab = await TunnelLab.start({ certificates: new ServerCertificates(pairs), challenges });
}

/** Names in the certificate that is shown and the protocol, or the error. */
async function look(version: SecureVersion, servername: string, alpn?: readonly string[]): Promise<string[]> {
  const socket = connectTls({
    port: lab.port,
    host: LOOPBACK,
    servername,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
    ...(alpn && { ALPNProtocols: [...alpn] }),
  });
  try {
    await once(socket, 'secureConnect');
    return [socket.getPeerCertificate().subjectaltname ?? '', String(socket.alpnProtocol)];
  } catch (error) {
    // The cast: errors of TLS have a code.
    return [(error as NodeJS.ErrnoException).code ?? ''];
  } finally {
    socket.destroy();
  }
}

describe.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('%s', (version) => {
  test('the authority sees the proof, everybody else the certificate', async () => {
    await start([await mintServerCertificate(['a.example', 'b.example'])]);
    expect(await look(version, 'a.example', ['acme-tls/1'])).toEqual([PROOF, 'acme-tls/1']);
    expect(await look(version, 'A.Example', ['acme-tls/1'])).toEqual([PROOF, 'acme-tls/1']);
    expect(await look(version, 'a.example', ['h2', 'http/1.1'])).toEqual([ORDINARY, 'h2']);
    expect(await look(version, 'a.example')).toEqual([ORDINARY, 'false']);
    expect(await look(version, 'a.example', ['acme-tls/1', 'h2'])).toEqual([ORDINARY, 'h2']);
  });

  test('a name that nobody is to look at has no proof, nor has one whose check is over', async () => {
    await start([await mintServerCertificate(['a.example', 'b.example'])]);
    expect(await look(version, 'b.example', ['acme-tls/1'])).toEqual([NO_PROTOCOL]);
    challenges.hide('a.example');
    expect(await look(version, 'a.example', ['acme-tls/1'])).toEqual([NO_PROTOCOL]);
    expect(await look(version, 'a.example', ['http/1.1'])).toEqual([ORDINARY, 'http/1.1']);
  });

  test('before there is a certificate: the proof for the authority, no handshake for others', async () => {
    await start([{ certificatePem: '', privateKeyPem: '' }]);
    expect(await look(version, 'a.example', ['acme-tls/1'])).toEqual([PROOF, 'acme-tls/1']);
    expect(await look(version, 'b.example', ['h2'])).toEqual([NO_CERTIFICATE]);
    expect(await look(version, 'b.example')).toEqual([NO_CERTIFICATE]);
  });

  test('after the check the connection ends, and is counted', async () => {
    await start([await mintServerCertificate(['a.example', 'b.example'])]);
    const socket = connectTls({
      port: lab.port,
      host: LOOPBACK,
      servername: 'a.example',
      minVersion: version,
      maxVersion: version,
      rejectUnauthorized: false,
      ALPNProtocols: ['acme-tls/1'],
    });
    expect(await readAll(socket)).toBe('');
    await until('it is gone', () => lab.tunnel.port.size === 0);
    const { refused, taken } = lab.tunnel.port.counters;
    expect([refused.acmeCheck, refused.silent, taken.http1]).toEqual([1, 0, 0]);
  });
});
