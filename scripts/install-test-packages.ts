/**
 * Installs what the tests need from Debian's packages: `npm test` runs it first. Quiet, and a no-op when everything
 * is there. Without root it says what to install instead.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

interface TestPackage {
  readonly name: string;
  /** A file that is there when the package is. */
  readonly provides: string;
  readonly purpose: string;
  /** A systemd unit that comes with it and that the tests do not want: they start their own. */
  readonly service?: string;
}

const PACKAGES: readonly TestPackage[] = [
  { name: 'chromium', provides: '/usr/bin/chromium', purpose: 'end-to-end tests in a real browser' },
  { name: 'firefox-esr', provides: '/usr/bin/firefox-esr', purpose: 'end-to-end tests in another real browser' },
  { name: 'openssl', provides: '/usr/bin/openssl', purpose: "the engine's DTLS tests against another implementation" },
  { name: 'libssl-dev', provides: '/usr/include/openssl/ssl.h', purpose: "the benchmark's load generator" },
  { name: 'systemd', provides: '/usr/bin/systemd-analyze', purpose: "the checks of deploy/systemd's units" },
  { name: 'etcd-server', provides: '/usr/bin/etcd', purpose: "the registry's tests on a real etcd", service: 'etcd' },
  {
    name: 'nats-server',
    provides: '/usr/sbin/nats-server',
    purpose: "the bus's tests on a real NATS",
    service: 'nats-server',
  },
  {
    name: 'coturn',
    provides: '/usr/bin/turnutils_uclient',
    purpose: 'TURN clients of another make',
    service: 'coturn',
  },
  { name: 'pebble', provides: '/usr/bin/pebble', purpose: "the tunnel's tests with a real ACME directory" },
  { name: 'iproute2', provides: '/usr/sbin/ip', purpose: 'the networks that stand for zones' },
  { name: 'nftables', provides: '/usr/sbin/nft', purpose: "a company's firewall in the tests", service: 'nftables' },
];

/** Exit code 101 of this file tells Debian's packages not to start what they bring. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

const missing = PACKAGES.filter((entry) => !existsSync(entry.provides));
if (missing.length > 0) install(missing);

function install(packages: readonly TestPackage[]): void {
  const names = packages.map((entry) => entry.name);
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0) {
    for (const entry of packages) process.stderr.write(`Missing ${entry.name}, needed for ${entry.purpose}.\n`);
    process.stderr.write(`Run as root: apt-get update && ${command}\n`);
    process.exit(1);
  }
  process.stderr.write(`Installing ${names.join(', ')} from Debian's packages, once …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // A stale package list is no reason to fail: the install that follows tells.
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  try {
    withoutServices(() => {
      execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env, stdio: 'pipe' });
    });
    // Nor at the next boot; where there is no systemd, there is nothing to disable.
    for (const { service } of packages) {
      if (service !== undefined) spawnSync('systemctl', ['disable', '--now', service], { stdio: 'ignore' });
    }
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    process.stderr.write(`Could not install ${names.join(', ')}:\n${stderr}\nTry: ${command}\n`);
    process.exit(1);
  }
}

/** A policy that is there already is the machine owner's, and stays. */
function withoutServices(work: () => void): void {
  const isOurs = !existsSync(SERVICE_POLICY);
  if (isOurs) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (isOurs) rmSync(SERVICE_POLICY);
  }
}
