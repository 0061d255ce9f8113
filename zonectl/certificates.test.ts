import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { peerIdentity } from '../common/mutual-tls.ts';
import { parseArguments } from './arguments.ts';
import { writeCertificates } from './certificates.ts';
import { CERTIFICATES_HELP, type CertificatesOptions } from './certificates-arguments.ts';

let out: string;
beforeEach(() => {
  out = join(mkdtempSync(join(tmpdir(), 'zonecast-certificates-')), 'zone');
});
afterEach(() => rmSync(join(out, '..'), { recursive: true }));

function options(...args: string[]): CertificatesOptions {
  const command = parseArguments(['certificates', '--out', out, ...args]);
  if (command.name !== 'certificates' || command.options === 'help') throw new Error('not a command line for this');
  return command.options;
}
const certificate = (name: string) => new X509Certificate(readFileSync(join(out, `${name}.pem`)));
const key = (name: string) => createPrivateKey(readFileSync(join(out, `${name}.key`)));
const make = (...args: string[]) => writeCertificates(options(...args));

describe('zonectl certificates', () => {
  test('a zone with etcd: two authorities, and every daemon says who it is and where', async () => {
    const written = await make(
      '--zone-controller',
      'zc-1=zc.example,192.0.2.1',
      '--router',
      'r1=r1.example',
      '--etcd',
      'e1=e1.example',
      '--http-tunnel',
      't1',
    );
    const names = ['ca', 'e1', 'etcd-ca', 'r1', 't1', 'zc-1', 'zc-1-etcd']
      .flatMap((name) => [`${name}.key`, `${name}.pem`])
      .toSorted();
    expect(readdirSync(out).toSorted()).toEqual(names);
    expect(written.map((path) => path.slice(out.length + 1)).toSorted()).toEqual(names);
    const expected = [
      ['zc-1', 'ca', 'zone-controller', 'zc-1', 'zc.example'],
      ['r1', 'ca', 'router', 'r1', 'r1.example'],
      ['e1', 'etcd-ca', 'etcd', 'e1', 'e1.example'],
      ['zc-1-etcd', 'etcd-ca', 'zone-controller', 'zc-1', 'zc.example'],
    ] as const;
    for (const [file, authority, role, name, host] of expected) {
      const leaf = certificate(file);
      for (const ca of ['ca', 'etcd-ca']) expect(leaf.verify(certificate(ca).publicKey)).toBe(ca === authority);
      expect(leaf.checkPrivateKey(key(file))).toBe(true);
      expect(peerIdentity(leaf.toLegacyObject())).toEqual({ role, name });
      expect(leaf.checkHost(host)).toBe(host);
    }
    expect(peerIdentity(certificate('t1').toLegacyObject())).toEqual({ role: 'http-tunnel', name: 't1' });
    expect(certificate('zc-1').checkIP('192.0.2.1')).toBe('192.0.2.1');
    expect(certificate('zc-1').checkHost('localhost')).toBeUndefined();
    expect(statSync(out).mode & 0o777).toBe(0o700);
    for (const name of names)
      expect(statSync(join(out, name)).mode & 0o777).toBe(name.endsWith('.key') ? 0o600 : 0o644);
  });

  test('later daemons get certificates of the same authorities', async () => {
    await make('--zone-controller', 'zc-1=a', '--etcd', 'e1=a');
    const authority = certificate('ca').fingerprint256;
    expect(await make('--router', 'r2=r2.example')).toEqual([join(out, 'r2.pem'), join(out, 'r2.key')]);
    expect(await make('--zone-controller', 'zc-2=b')).toHaveLength(4);
    expect(certificate('ca').fingerprint256).toBe(authority);
    expect(certificate('r2').verify(certificate('ca').publicKey)).toBe(true);
    expect(certificate('zc-2-etcd').verify(certificate('etcd-ca').publicKey)).toBe(true);
  });

  test('an operator gets a certificate that says so, and is reached nowhere', async () => {
    expect(await make('--operator', 'alice')).toHaveLength(4);
    expect(peerIdentity(certificate('alice').toLegacyObject())).toEqual({ role: 'operator', name: 'alice' });
    expect(certificate('alice').subjectAltName).toBeUndefined();
    expect(certificate('alice').verify(certificate('ca').publicKey)).toBe(true);
  });

  test('what is there is replaced only by --renew, and authorities never', async () => {
    await make('--router', 'r1=a');
    const [authority, first] = [certificate('ca').fingerprint256, certificate('r1').fingerprint256];
    await expect(make('--router', 'r0=a', '--router', 'r1=a')).rejects.toThrow(
      `${join(out, 'r1.pem')} exists. --renew`,
    );
    expect(readdirSync(out)).not.toContain('r0.pem');
    await make('--router', 'r1=a', '--renew');
    expect(certificate('r1').fingerprint256).not.toBe(first);
    expect(certificate('ca').fingerprint256).toBe(authority);
  });

  test('an authority that is broken is not replaced', async () => {
    await make('--router', 'r1=a');
    writeFileSync(join(out, 'ca.key'), 'nonsense');
    await expect(make('--router', 'r2=a')).rejects.toMatchObject({ code: 'badConfig' });
    rmSync(join(out, 'ca.key'));
    await expect(make('--router', 'r2=a')).rejects.toThrow('ca.key cannot be read');
  });

  test.each([
    [[], 'No daemon and no operator is named.'],
    [['--router', 'r1'], '"r1" is not ID=HOST,HOST,….'],
    [['--router', '../r1=a'], 'is not ID=HOST'],
    [['--router', 'r1=a b'], 'is not ID=HOST'],
    [['--router', 'r1=a,'], 'is not ID=HOST'],
    [['--router', 'ca=a'], '"ca" cannot be the id of a daemon.'],
    [['--router', 'r1=a', '--etcd', 'r1=b'], 'There are two of the name "r1".'],
    [['--router', 'r1=a', '--operator', 'r1'], 'There are two of the name "r1".'],
    [['--operator', 'a b'], '"a b" is not a name'],
    [['--operator', 'etcd-ca'], '"etcd-ca" cannot be'],
    [['--routre', 'r1=a'], "Unknown option '--routre'."],
  ])('%j is explained', (args, message) => {
    expect(() => options(...args)).toThrow(message);
  });

  test('the help fits a terminal and names every option', () => {
    expect(parseArguments(['certificates', '--help'])).toEqual({ name: 'certificates', options: 'help' });
    for (const line of CERTIFICATES_HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    for (const option of [
      '--out',
      '--zone-controller',
      '--router',
      '--etcd',
      '--http-tunnel',
      '--operator',
      '--renew',
      '--help',
    ]) {
      expect(CERTIFICATES_HELP).toContain(option);
    }
  });
});
