/** `zonectl certificates`: a zone's authority and the certificates of its daemons, as files. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZonecastError } from '../common/errors.ts';
import {
  type DaemonRole,
  type MutualTls,
  mintZoneCertificates,
  readZoneCertificates,
  type ZoneCertificates,
} from '../common/mutual-tls.ts';
import { readPem } from '../common/pem-files.ts';
import type { CertificatesOptions, NamedHosts } from './certificates-arguments.ts';

interface Leaf {
  /** Of its files, without ending. */
  readonly file: string;
  readonly role: DaemonRole;
  readonly daemon: NamedHosts;
}

/**
 * Makes what is missing, and returns the paths of what was written.
 * @throws ZonecastError `badConfig` when a daemon's file exists and this is no renewal; then nothing is written
 */
export async function writeCertificates(options: CertificatesOptions): Promise<string[]> {
  const { out, isRenewal } = options;
  const ofZone: Leaf[] = [
    ...options.zoneControllers.map((daemon) => ({ file: daemon.name, role: 'zone-controller' as const, daemon })),
    ...options.routers.map((daemon) => ({ file: daemon.name, role: 'router' as const, daemon })),
    ...options.tunnels.map((name) => ({ file: name, role: 'http-tunnel' as const, daemon: { name, hosts: [] } })),
    ...options.operators.map((name) => ({ file: name, role: 'operator' as const, daemon: { name, hosts: [] } })),
  ];
  const usesEtcd = options.etcd.length > 0 || existsSync(join(out, 'etcd-ca.key'));
  const ofEtcd: Leaf[] = !usesEtcd
    ? []
    : [
        ...options.etcd.map((daemon) => ({ file: daemon.name, role: 'etcd' as const, daemon })),
        ...options.zoneControllers.map((daemon) => ({
          file: `${daemon.name}-etcd`,
          role: 'zone-controller' as const,
          daemon,
        })),
      ];
  if (!isRenewal) refuseExisting(out, [...ofZone, ...ofEtcd]);
  mkdirSync(out, { recursive: true, mode: 0o700 });
  return [
    ...(await writeLeaves(out, 'ca', 'Zonecast zone authority', ofZone)),
    ...(await writeLeaves(out, 'etcd-ca', 'Zonecast etcd authority', ofEtcd)),
  ];
}

function refuseExisting(out: string, leaves: readonly Leaf[]): void {
  for (const path of leaves.flatMap(({ file }) => [join(out, `${file}.pem`), join(out, `${file}.key`)])) {
    if (existsSync(path)) throw new ZonecastError('badConfig', `${path} exists. --renew replaces it.`);
  }
}

/** Under the authority in the files `ca`, which is made when there is none and a leaf needs it. */
async function writeLeaves(out: string, ca: string, subject: string, leaves: readonly Leaf[]): Promise<string[]> {
  if (leaves.length === 0) return [];
  const { authority, written } = await openAuthority(join(out, ca), subject);
  for (const { file, role, daemon } of leaves) {
    const path = join(out, file);
    const tls: MutualTls = await authority.issue(role, daemon.name, daemon.hosts);
    written.push(...writePair(path, tls.certificatePem, tls.privateKeyPem));
  }
  return written;
}

async function openAuthority(
  path: string,
  subject: string,
): Promise<{ readonly authority: ZoneCertificates; readonly written: string[] }> {
  if (existsSync(`${path}.pem`) || existsSync(`${path}.key`)) {
    const authority = await readZoneCertificates(readPem(`${path}.pem`), readPem(`${path}.key`));
    return { authority, written: [] };
  }
  const authority = await mintZoneCertificates(subject);
  return { authority, written: writePair(path, authority.caPem, authority.caPrivateKeyPem) };
}

function writePair(path: string, certificatePem: string, privateKeyPem: string): string[] {
  writeFileSync(`${path}.pem`, certificatePem, { mode: 0o644 });
  writeFileSync(`${path}.key`, privateKeyPem, { mode: 0o600 });
  return [`${path}.pem`, `${path}.key`];
}
