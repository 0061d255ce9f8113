/** What operators copy to their machines, checked by systemd's own tools. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { tunnelConfigSchema } from '../http-tunnel/config.ts';
import { routerConfigSchema } from '../mmr/config.ts';
import { zoneConfigSchema } from '../zone-controller/config.ts';

const DEPLOY = fileURLToPath(new URL('.', import.meta.url));
const UNITS = join(DEPLOY, 'systemd');
/** What stands in the units and is not on every machine. */
const COMMANDS = ['opt/zonecast/node_modules/.bin/node', 'usr/bin/etcd', 'bin/kill'];
const SERVICES = [
  'zonecast-mmr@.service',
  'zonecast-zone-controller.service',
  'zonecast-http-tunnel.service',
  'zonecast-global-controller.service',
  'zonecast-etcd.service',
];
/** Tenths, of 100: systemd calls up to 4.9 "OK"; a service without any hardening has 9.6. */
const MOST_EXPOSURE = 20;

/** A machine's file system with what `systemd-analyze verify` looks for. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'zonecast-units-'));
  cpSync('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true, verbatimSymlinks: true });
  cpSync(UNITS, join(root, 'etc/systemd/system'), { recursive: true });
  for (const command of COMMANDS) {
    mkdirSync(dirname(join(root, command)), { recursive: true });
    writeFileSync(join(root, command), '#!/bin/sh\n', { mode: 0o755 });
  }
});
afterAll(() => rmSync(root, { recursive: true }));

function run(command: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const verify = (...units: string[]) => run('systemd-analyze', 'verify', '--man=no', `--root=${root}`, ...units);

describe('units', () => {
  test('systemd finds nothing to say about any of them', () => {
    const units = readdirSync(UNITS).map((name) => name.replace('@.', '@router-1.'));
    expect(units).toHaveLength(SERVICES.length + 1);
    expect(verify(...units)).toEqual({ status: 0, output: '' });
  });

  test('it would say what is wrong', () => {
    const text = readFileSync(join(UNITS, 'zonecast-etcd.service'), 'utf8');
    writeFileSync(join(root, 'etc/systemd/system/wrong.service'), text.replace('UMask=', 'Umask='));
    expect(verify('wrong.service').output).toContain('Umask');
  });

  test('the tunnel may take port 443, and has no other right that its user has not', () => {
    const text = readFileSync(join(UNITS, 'zonecast-http-tunnel.service'), 'utf8');
    expect(text).toMatch(/^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
    expect(text).toMatch(/^CapabilityBoundingSet=CAP_NET_BIND_SERVICE$/m);
    expect(text).toMatch(/^NoNewPrivileges=yes$/m);
  });

  test.each(SERVICES)('%s is hardened', (name) => {
    const check = (path: string) =>
      run('systemd-analyze', 'security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, path);
    expect(check(join(UNITS, name))).toMatchObject({ status: 0 });
    const text = readFileSync(join(UNITS, name), 'utf8');
    const soft = join(root, name.replace('.service', '-soft.service'));
    writeFileSync(soft, text.replace(/^CapabilityBoundingSet=.*$/m, ''));
    expect(check(soft).status).toBe(1);
  });

  test.each(SERVICES.slice(0, 3))('%s waits longer for the end than a daemon takes for it by default', (name) => {
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(readFileSync(join(UNITS, name), 'utf8')) ?? [];
    // stop.drainSeconds and the time for the stop itself (common/daemon-life.ts)
    expect(Number(seconds)).toBeGreaterThan(60 + 10);
  });
});

test('sysusers makes the users that the units name', () => {
  mkdirSync(join(root, 'usr/lib/sysusers.d'), { recursive: true });
  cpSync(join(DEPLOY, 'sysusers.conf'), join(root, 'usr/lib/sysusers.d/zonecast.conf'));
  expect(run('systemd-sysusers', `--root=${root}`, 'zonecast.conf').status).toBe(0);
  const users = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .map((line) => line.split(':')[0]);
  for (const name of SERVICES) {
    const [, user] = /^User=(.+)$/m.exec(readFileSync(join(UNITS, name), 'utf8')) ?? [];
    expect(users).toContain(user);
  }
});

test('sysctl.conf gives workers the socket buffers that they ask for', () => {
  const text = readFileSync(join(DEPLOY, 'sysctl.conf'), 'utf8');
  const values = Object.fromEntries(
    [...text.matchAll(/^([\w.]+) = (\d+)$/gm)].map(([, key, value]) => [key, Number(value)]),
  );
  const engine = readFileSync(join(DEPLOY, '../mmr/engine/packet-engine.ts'), 'utf8');
  const [, mebibytes] = /DEFAULT_SOCKET_BUFFER_BYTES = (\d+) << 20/.exec(engine) ?? [];
  expect(values['net.core.rmem_max']).toBe(Number(mebibytes) << 20);
  expect(values['net.core.wmem_max']).toBe(Number(mebibytes) << 20);
});

test('the configurations in docs/install.md are valid', () => {
  const [router, controller, etcd, withEtcd, withControllers, tunnel, behindTunnel, inFront, oneOfSeveral] =
    yamlBlocks('../docs/install.md');
  for (const config of [router, { ...router, ...withControllers }]) routerConfigSchema.parse(config);
  for (const config of [controller, { ...controller, grpc: {}, ...withEtcd }, { ...controller, ...behindTunnel }]) {
    zoneConfigSchema.parse(config);
  }
  expect(etcd['peer-transport-security']['client-cert-auth']).toBe(true);
  for (const differs of [{}, inFront, oneOfSeveral]) tunnelConfigSchema.parse({ ...tunnel, ...differs });
  expect(inFront.publicUrl).toBe(behindTunnel.http.publicUrl);
});

test('the tunnel that the README describes is valid', () => {
  const [tunnel, ...others] = yamlBlocks('../README.md');
  expect(others).toEqual([]);
  tunnelConfigSchema.parse(tunnel);
});

test('the zone to start by hand is valid', () => {
  const read = (name: string) => parse(readFileSync(join(DEPLOY, 'by-hand', name), 'utf8'));
  for (const i of [1, 2, 3]) routerConfigSchema.parse(read(`router-${i}.yaml`));
  zoneConfigSchema.parse(read('zc-1.yaml'));
  tunnelConfigSchema.parse(read('tunnel-1.yaml'));
});

/** Of a text in Markdown; those in lists are indented. */
function yamlBlocks(path: string) {
  const text = readFileSync(join(DEPLOY, path), 'utf8');
  return [...text.matchAll(/^( *)```yaml\n(.*?)^\1```$/gms)].map(([, , yaml]) => parse(yaml ?? ''));
}
