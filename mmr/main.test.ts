/** The daemon as operators start it: a process of its own with its file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MutualTls, mintZoneCertificates } from '../common/mutual-tls.ts';
import { DaemonProcess } from '../common/testing/daemon-process.ts';
import { NotifySocket } from '../common/testing/notify-socket.ts';
import { TestZone } from './router-test-lab.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

let directory: string;
let notify: NotifySocket | undefined;
const started: DaemonProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-mmr-'));
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await notify?.close();
  notify = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): DaemonProcess {
  const daemon = new DaemonProcess(MAIN, args, env);
  started.push(daemon);
  return daemon;
}

/** Writes the identity and a configuration, and returns the configuration's path. */
function configure(tls: MutualTls, zonePort: number, extra: object = {}): string {
  const pems = { ca: tls.caPem, certificate: tls.certificatePem, privateKey: tls.privateKeyPem };
  const files = Object.entries(pems).map(([name, pem]) => {
    writeFileSync(join(directory, name), pem);
    return [name, join(directory, name)];
  });
  const config = {
    router: 'router-1',
    zoneControllers: `localhost:${zonePort}`,
    grpc: { listen: 'localhost:0' },
    tls: Object.fromEntries(files),
    media: { address: '127.0.0.1', port: 0, announce: ['127.0.0.1'], workers: 1 },
    admin: { listen: '127.0.0.1:0' },
    ...extra,
  };
  const path = join(directory, 'router.yaml');
  writeFileSync(path, JSON.stringify(config)); // JSON is YAML.
  return path;
}

describe('the router daemon', () => {
  test('--help, --version, wrong usage', async () => {
    const [help, version, wrong] = await Promise.all([
      start(['--help']).ended,
      start(['--version']).ended,
      start([]).ended,
    ]);
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/^Usage: node mmr\/main\.ts --config FILE\n/)]);
    expect([version.code, version.stdout]).toEqual([0, expect.stringMatching(/^mmr \d+\.\d+\.\d+\n$/)]);
    expect([wrong.code, wrong.stderr]).toEqual([2, 'mmr: --config FILE is missing. --help shows what there is.\n']);
  });

  test('--check-config tells a good file from a wrong one, in one clear line', async () => {
    const authority = await mintZoneCertificates();
    const path = configure(await authority.issue('router', 'router-1'), 1);
    const well = await start(['--check-config', '--config', path]).ended;
    expect(well).toEqual({ code: 0, stdout: `mmr: ${path} is well.\n`, stderr: '' });

    writeFileSync(join(directory, 'privateKey'), (await authority.issue('router', 'router-2')).privateKeyPem);
    const otherKey = await start(['--check-config', '--config', path]).ended;
    expect([otherKey.code, otherKey.stderr]).toEqual([
      1,
      expect.stringMatching(/^mmr: .* is not the private key of .*\n$/),
    ]);

    writeFileSync(path, 'router: r1\nport: 1\nmedia: { prot: 1 }\n');
    const { code, stderr } = await start(['--config', path]).ended;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^mmr: .*router\.yaml: .*zoneControllers: .*media\.prot: unknown key; port: unknown key/);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('registers, and %s ends it cleanly', async (signal) => {
    const authority = await mintZoneCertificates();
    const zone = new TestZone();
    await zone.start(await authority.issue('zone-controller', 'zc-1'));
    const router = start(['--config', configure(await authority.issue('router', 'router-1'), zone.port)]);
    await router.logged('registered');
    router.child.kill(signal);
    expect((await router.ended).code).toBe(0);
    zone.kill();
  });

  test('systemd hears of its life, operators whether it is live and ready', async () => {
    notify = await NotifySocket.open();
    const authority = await mintZoneCertificates();
    const zone = new TestZone();
    await zone.start(await authority.issue('zone-controller', 'zc-1'));
    const config = configure(await authority.issue('router', 'router-1'), zone.port);
    const router = start(['--config', config], { NOTIFY_SOCKET: notify.path, WATCHDOG_USEC: '400000' });
    const { port } = await router.logged('operators are served');
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;

    await notify.until((states) => states.includes('READY=1') && states.includes('STATUS=ready'));
    await notify.until((states) => states.filter((state) => state === 'WATCHDOG=1').length >= 3);
    expect([await status('/livez'), await status('/readyz')]).toEqual([200, 200]);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^zonecast_router_registered 1$/m);
    expect(metrics).toMatch(/^zonecast_router_packets_total\{worker="0",direction="in"\} 0$/m);
    expect(metrics).toMatch(/^process_cpu_seconds_total \d/m);

    // Without a controller it lives on, but gets nothing new.
    zone.kill();
    await notify.until((states) => states.includes('STATUS=not ready: not registered with a zone-controller'));
    expect([await status('/livez'), await status('/readyz')]).toEqual([200, 503]);

    router.child.kill('SIGTERM');
    expect((await router.ended).code).toBe(0);
    await notify.until((states) => states.includes('STOPPING=1'));
    expect(notify.states.indexOf('READY=1')).toBeLessThan(notify.states.indexOf('WATCHDOG=1'));
    expect(notify.states.filter((state) => state === 'READY=1')).toHaveLength(1);
  });

  test('SIGHUP: the log level and a new certificate at once, the rest after a restart; systemd hears of it', async () => {
    notify = await NotifySocket.open();
    const authority = await mintZoneCertificates();
    const tls = await authority.issue('router', 'router-1');
    const path = configure(tls, 1, { log: { level: 'info' } });
    const router = start(['--config', path], { NOTIFY_SOCKET: notify.path });
    await router.logged('router started');
    await notify.until((states) => states.includes('READY=1'));

    configure(await authority.issue('router', 'router-1'), 1, { log: { level: 'warn' }, stop: { drainSeconds: 7 } });
    router.child.kill('SIGHUP');
    expect(await router.logged('configuration read again')).toMatchObject({
      reloaded: ['log.level', 'the files of tls'],
      needsRestart: ['stop.drainSeconds'],
    });
    await notify.until((states) => states.filter((state) => state === 'READY=1').length === 2);
    const from = notify.states.indexOf('RELOADING=1');
    expect(notify.states[from + 1]).toMatch(/^MONOTONIC_USEC=\d+$/);
    expect(from).toBeLessThan(notify.states.lastIndexOf('READY=1'));

    writeFileSync(path, 'router: [');
    router.child.kill('SIGHUP');
    expect(await router.logged('the configuration is wrong; everything stays as it was')).toMatchObject({
      err: { message: expect.stringContaining('is not valid YAML') },
    });
    router.child.kill('SIGTERM');
    const { code, stderr } = await router.ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain('"msg":"stopping"'); // which is only info
  });
});
