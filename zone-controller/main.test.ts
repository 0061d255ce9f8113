/** The daemon as operators start it: a process of its own with its file. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CertificatePair, mintZoneCertificates, type ZoneCertificates } from '../common/mutual-tls.ts';
import { DaemonProcess } from '../common/testing/daemon-process.ts';
import { NotifySocket } from '../common/testing/notify-socket.ts';
import { TestProvider } from './service/testing/test-provider.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
let directory: string;
let certificates: ZoneCertificates;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-zc-'));
  certificates = await mintZoneCertificates();
  const { caPem, certificatePem, privateKeyPem } = await certificates.issue('zone-controller', 'zc-1');
  for (const [name, text] of Object.entries({ ca: caPem, certificate: certificatePem, key: privateKeyPem })) {
    writeFileSync(join(directory, `${name}.pem`), text);
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function configuration(extra = ''): string {
  const path = join(directory, 'zone.yaml');
  const file = (name: string): string => join(directory, `${name}.pem`);
  const tls = `{ ca: ${file('ca')}, certificate: ${file('certificate')}, privateKey: ${file('key')} }`;
  writeFileSync(
    path,
    `zone: z1\nhttp: { host: 127.0.0.1, port: 0 }\ngrpc: { listen: localhost:0 }\ntls: ${tls}\n${extra}`,
  );
  return path;
}

const started: DaemonProcess[] = [];
let notify: NotifySocket | undefined;
afterEach(async () => {
  await notify?.close();
  notify = undefined;
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): DaemonProcess {
  const daemon = new DaemonProcess(MAIN, args, env);
  started.push(daemon);
  return daemon;
}
const run = (...args: string[]) => start(args).ended;

test.each([
  ['limits: { joins: { burst: 1, perSecond: 1 } }', 'limits.joins: unknown key'],
  ['log: { level: loud }', 'log.level'],
])('the file with %j is refused by name', async (extra, message) => {
  const { code, stderr } = await run('--config', configuration(extra));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^zone-controller: .*zone\.yaml: /);
  expect(stderr).toContain(message);
});

test('help ends with 0, no file and unknown options with 2, a file that is not there with 1', async () => {
  const runs = await Promise.all([
    run('--help'),
    run(),
    run('--config', '/nowhere.yaml'),
    run('--fast'),
    run('a.yaml'),
  ]);
  expect(runs.map(({ code }) => code)).toEqual([0, 2, 1, 2, 2]);
  expect(runs[0]?.stdout).toMatch(/^Usage: /);
  for (const index of [1, 3, 4])
    expect(runs[index]?.stderr).toMatch(/^zone-controller: .*--help shows what there is\.\n$/);
  expect(runs[2]?.stderr).toBe('zone-controller: The configuration file /nowhere.yaml cannot be read.\n');
});

test('--check-config: 0 when all is well, 1 when a file is missing', async () => {
  const path = configuration();
  expect(await run('--check-config', '--config', path)).toMatchObject({ code: 0, stderr: '' });
  rmSync(join(directory, 'key.pem'));
  const { code, stderr } = await run('--check-config', '--config', path);
  expect([code, stderr]).toEqual([1, `zone-controller: The file ${join(directory, 'key.pem')} cannot be read.\n`]);
});

test('starts from its file, serves, and ends cleanly on SIGTERM; systemd hears of it all', async () => {
  notify = await NotifySocket.open();
  const config = configuration('admin: { listen: 127.0.0.1:0 }');
  const daemon = start(['--config', config], { NOTIFY_SOCKET: notify.path, WATCHDOG_USEC: '400000' });
  const { url } = await daemon.logged('zone-controller started');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  const { port } = await daemon.logged('operators are served');
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toMatch(/^zonecast_controller_routers\{state="open"\} 0$/m);
  expect(metrics).toMatch(/^process_cpu_seconds_total \d/m);
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, problems: [expect.any(String)] }]);
  await notify.until((states) => states.includes('READY=1') && states.filter((s) => s === 'WATCHDOG=1').length >= 2);
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).code).toBe(0);
  await notify.until((states) => states.includes('STOPPING=1'));
});

test('SIGHUP: browsers see the renewed certificate without a restart; placement goes by what the file says now', async () => {
  const web = await certificates.issue('zone-controller', 'web');
  const [certificate, privateKey] = [join(directory, 'web.pem'), join(directory, 'web.key')];
  const write = (pair: CertificatePair): void => {
    writeFileSync(certificate, pair.certificatePem);
    writeFileSync(privateKey, pair.privateKeyPem);
  };
  write(web);
  const path = configuration();
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('port: 0 }', `port: 0, certificate: ${certificate}, privateKey: ${privateKey} }`));
  const daemon = start(['--config', path]);
  const { url } = await daemon.logged('zone-controller started');
  const { port } = new URL(String(url));
  expect(await shown(Number(port))).toBe(serial(web));
  const renewed = await certificates.issue('zone-controller', 'web');
  write(renewed);
  const extra = '\nplacement: { whenFull: audioOnly, joinRate: { burst: 7, perSecond: 1 } }\n';
  writeFileSync(path, `${readFileSync(path, 'utf8')}${extra}`);
  daemon.child.kill('SIGHUP');
  const { reloaded, needsRestart } = await daemon.logged('configuration read again');
  const placement = ['placement.whenFull', 'placement.joinRate.burst', 'placement.joinRate.perSecond'];
  // The cast: keys of the configuration.
  expect([(reloaded as string[]).toSorted(), needsRestart]).toEqual([
    [...placement, 'the files of http'].toSorted(),
    [],
  ]);
  expect(await shown(Number(port))).toBe(serial(renewed));
});

test('people sign in, their meetings are in the audit log, and SIGHUP opens that anew and reads keys again', async () => {
  const provider = await TestProvider.start();
  const [keys, log, old] = [join(directory, 'jwks.json'), join(directory, 'audit.log'), join(directory, 'audit.log.1')];
  const publish = (): void => writeFileSync(keys, JSON.stringify(provider.jwks));
  try {
    publish();
    const identity = `identity: { issuers: [{ issuer: ${provider.issuer}, audience: [zonecast], jwksFile: ${keys} }] }`;
    const path = configuration(`meetings: { anonymous: false }\naudit: { file: ${log} }\n${identity}`);
    const daemon = start(['--config', path]);
    const { url } = await daemon.logged('zone-controller started');
    const make = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${url}/v1/meetings`, { method: 'POST', headers })).status;
    };
    expect(await make(await provider.sign('ada'))).toBe(201);
    expect(await make('')).toBe(401);
    renameSync(log, old);
    await provider.rotate();
    expect(await make(await provider.sign('bob'))).toBe(401);
    publish();
    daemon.child.kill('SIGHUP');
    await daemon.logged('configuration read again');
    expect(await make(await provider.sign('bob'))).toBe(201);
    const people = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/"identity":"(\S+) (\w+)"/g)].map(([, , who]) => who);
    await expect.poll(() => [people(old), people(log)]).toEqual([['ada'], ['bob']]);
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  } finally {
    await provider.stop();
  }
});

const serial = (pair: CertificatePair): string => new X509Certificate(pair.certificatePem).serialNumber;

/** Serial number of the certificate that a server shows. */
async function shown(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}
