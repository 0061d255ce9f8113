/** The daemon as operators start it: a process of its own with its file. */
import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mintZoneCertificates } from '../common/mutual-tls.ts';
import { mintServerCertificate } from '../common/server-certificate.ts';
import { DaemonProcess } from '../common/testing/daemon-process.ts';
import { FakeController, LOOPBACK, readAll } from './testing/tunnel-lab.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const GET = 'GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n';

let directory: string;
let controller: FakeController;
const started: DaemonProcess[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-ht-'));
  controller = await FakeController.start();
  await writeCertificate();
  const { caPem, certificatePem, privateKeyPem } = await (await mintZoneCertificates()).issue('http-tunnel', 't1');
  for (const [name, pem] of Object.entries({ 'ca.pem': caPem, 't1.pem': certificatePem, 't1.key': privateKeyPem })) {
    writeFileSync(file(name), pem);
  }
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  controller.stop();
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string): string => join(directory, name);

/** A new one where the configuration names it. Returns it. */
async function writeCertificate(): Promise<string> {
  const { certificatePem, privateKeyPem } = await mintServerCertificate(['localhost']);
  writeFileSync(file('web.pem'), certificatePem);
  writeFileSync(file('web.key'), privateKeyPem);
  return certificatePem;
}

function configuration(extra = ''): string {
  const lines = [
    'tunnel: t1',
    'zone: z1',
    `listen: [{ address: '${LOOPBACK}:0' }]`,
    `certificates: [{ certificate: ${file('web.pem')}, privateKey: ${file('web.key')} }]`,
    'publicUrl: https://localhost',
    // Nobody is there: what is known is what is written here.
    `zoneControllers: ['${LOOPBACK}:1']`,
    `tls: { ca: ${file('ca.pem')}, certificate: ${file('t1.pem')}, privateKey: ${file('t1.key')} }`,
    `controllers: { urls: ['${controller.url}'] }`,
    `admin: { listen: '${LOOPBACK}:0' }`,
    'stop: { drainSeconds: 20 }',
    extra,
  ];
  writeFileSync(file('tunnel.yaml'), lines.join('\n'));
  return file('tunnel.yaml');
}

function start(...args: readonly string[]): DaemonProcess {
  const daemon = new DaemonProcess(MAIN, args);
  started.push(daemon);
  return daemon;
}

/** Starts it and waits until it serves. */
async function serve(): Promise<{ daemon: DaemonProcess; port: number; operators: string }> {
  const daemon = start('--config', configuration());
  const [{ ports }, { port }] = await Promise.all([
    daemon.logged('people may come in'),
    daemon.logged('operators are served'),
  ]);
  return { daemon, port: (ports as number[])[0] ?? 0, operators: `http://${LOOPBACK}:${port}` };
}

async function visit(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: LOOPBACK, servername: 'localhost', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

test('serves clients and operators, takes a renewed certificate, and stops when its people have gone', async () => {
  const { daemon, port, operators } = await serve();
  const early = await visit(port);
  early.write(GET);
  expect(String((await once(early, 'data'))[0])).toMatch(/^HTTP\/1.1 200 OK/);
  const ready = await fetch(`${operators}/readyz`);
  const problems = ['no zone-controller has said where routers are'];
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, problems }]);
  const metrics = await (await fetch(`${operators}/metrics`)).text();
  expect(metrics).toContain('zonecast_tunnel_connections{protocol="http1"} 1');
  expect(metrics).toContain('zonecast_tunnel_requests_total{status="2xx"} 1');
  expect(metrics).toMatch(/zonecast_tunnel_certificate_expiry_seconds\{name="localhost"\} \d{10}/);

  const renewed = new X509Certificate(await writeCertificate()).fingerprint256;
  daemon.child.kill('SIGHUP');
  await daemon.logged('configuration read again');
  const late = await visit(port);
  expect(late.getPeerCertificate().fingerprint256).toBe(renewed);
  late.destroy();
  early.write(GET);
  expect(String((await once(early, 'data'))[0])).toMatch(/^HTTP\/1.1 200 OK/);

  daemon.child.kill('SIGTERM');
  await readAll(early);
  expect((await daemon.ended).code).toBe(0);
});

test('with TURN, which clients reach by UDP, too', async () => {
  const relays = `relays: [{ address: ${LOOPBACK} }]`;
  const daemon = start('--config', configuration(`turn: { udp: ['${LOOPBACK}:0'], ${relays} }`));
  const { turn } = await daemon.logged('people may come in');
  const [{ port }] = (turn as { udp: [{ port: number }] }).udp;
  const socket = createSocket('udp4');
  socket.send(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'), port, LOOPBACK);
  const [answer] = await once(socket, 'message');
  socket.close();
  const { port: operators } = await daemon.logged('operators are served');
  const metrics = await (await fetch(`http://${LOOPBACK}:${operators}/metrics`)).text();
  expect(metrics).toContain('zonecast_tunnel_turn_allocations 0');
  expect(metrics).toContain('zonecast_tunnel_sessions 0');
  // A Binding success response of the same transaction.
  expect(answer.subarray(0, 2).toString('hex')).toBe('0101');
  expect(answer.subarray(8, 20).toString('hex')).toBe('000102030405060708090a0b');
});

test.each([
  ['limits: { conections: 1 }', 'limits.conections: unknown key'],
  ['turn: { relays: [{ address: 0.0.0.0 }] }', 'turn: '],
])('the file with %j is refused by name', async (extra, message) => {
  const { code, stderr } = await start('--config', configuration(extra)).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

test('a certificate that is none is refused by name', async () => {
  const path = configuration();
  writeFileSync(file('web.key'), 'nonsense');
  const { code, stderr } = await start('--config', path, '--check-config').ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining(file('web.key'))]);
  await writeCertificate();
  expect(await start('--config', path, '--check-config').ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is well'),
  });
});
