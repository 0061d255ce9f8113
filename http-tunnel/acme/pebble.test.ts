/** A tunnel that has its certificate of a real ACME directory, by real sockets. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
import { DaemonProcess } from '../../common/testing/daemon-process.ts';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { ServerCertificates } from '../port/server-certificates.ts';
import { FakeController, LOOPBACK, TunnelLab } from '../testing/tunnel-lab.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { CertificateStore } from './certificate-store.ts';
import { ChallengeCertificates } from './challenge-certificates.ts';
import { orderCertificate } from './order-certificate.ts';
import { Pebble } from './testing/pebble.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const DOMAINS = ['tunnel.example.test', 'www.example.test'];
const [DOMAIN = ''] = DOMAINS;
const GET = `GET /x HTTP/1.1\r\nHost: ${DOMAIN}\r\n\r\n`;
const log = createLogger({ name: 'test', level: process.env.TEST_LOG === undefined ? 'silent' : 'info' });

let pebble: Pebble;
let stateDirectory: string;
let controller: FakeController;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'zonecast-acme-'));
  controller = await FakeController.start();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await pebble.close();
  controller.stop();
  rmSync(stateDirectory, { recursive: true });
});

interface Served {
  readonly keeper: CertificateKeeper;
  readonly lab: TunnelLab;
  /** What each failure in a row was called. */
  readonly failures: number[];
}

/** A tunnel whose keeper is not started yet. */
async function serve(): Promise<Served> {
  const challenges = new ChallengeCertificates();
  const failures: number[] = [];
  const { directory, caPem } = pebble;
  const keeper = new CertificateKeeper({
    store: new CertificateStore(stateDirectory, directory),
    domains: DOMAINS,
    order: (accountKeyPem) =>
      orderCertificate({ directory, caPem, accountKeyPem, contacts: [], domains: DOMAINS, challenges, pollMs: 50 }),
    retryDelayMs: (count) => {
      failures.push(count);
      return 100;
    },
    log,
  });
  const lab = await TunnelLab.start({
    listeners: [{ host: LOOPBACK, port: pebble.challengePort }],
    controllers: [controller.url],
    certificates: new ServerCertificates([keeper]),
    challenges,
  });
  ends.push(
    () => keeper.stop(),
    () => lab.stop(),
  );
  return { keeper, lab, failures };
}

const changed = (keeper: CertificateKeeper): Promise<void> => new Promise((resolve) => keeper.onChange(resolve));

/** A client that trusts the directory's authority and nothing else. */
async function visit(rootPem?: string): Promise<TLSSocket> {
  const ca = rootPem ?? (await pebble.rootPem());
  const socket = connectTls({ port: pebble.challengePort, host: LOOPBACK, servername: DOMAIN, ca });
  ends.push(() => socket.destroy());
  await once(socket, 'secureConnect');
  // Its tunnel may be killed.
  socket.on('error', () => undefined);
  return socket;
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write(GET);
  return String((await once(socket, 'data'))[0]);
}

test('from nothing: no handshake before, then one certificate of all names; files are for us alone', async () => {
  pebble = await Pebble.open();
  const { keeper, lab } = await serve();
  await expect(visit()).rejects.toThrow(/handshake failure/);
  expect(lab.tunnel.readinessProblems()).toContain('no certificate has been issued yet');
  keeper.start();
  await changed(keeper);
  const socket = await visit();
  expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:tunnel.example.test, DNS:www.example.test');
  expect(await ask(socket)).toMatch(/^HTTP\/1.1 200 OK/);
  expect(lab.tunnel.readinessProblems().join()).not.toContain('certificate');
  expect(lab.tunnel.port.counters.refused.acmeCheck).toBeGreaterThanOrEqual(DOMAINS.length);
  expect(keeper.counters).toEqual({ issued: 1, failed: 0 });
  const [folder = ''] = readdirSync(stateDirectory);
  const modes = readdirSync(join(stateDirectory, folder)).map((name) => [
    name,
    (statSync(join(stateDirectory, folder, name)).mode & 0o777).toString(8),
  ]);
  expect(modes).toEqual([
    ['account.key', '600'],
    ['certificate.pem', '600'],
    ['last-attempt', '600'],
  ]);
});

test('renewed before it ends, and a connection from before stays', async () => {
  pebble = await Pebble.open(15);
  const { keeper } = await serve();
  keeper.start();
  await changed(keeper);
  const early = await visit();
  expect(await ask(early)).toContain('200 OK');
  const end = Date.parse(early.getPeerCertificate().valid_to);
  await changed(keeper);
  expect(Date.now()).toBeLessThan(end);
  const late = await visit();
  expect(late.getPeerCertificate().serialNumber).not.toBe(early.getPeerCertificate().serialNumber);
  expect(await ask(early)).toContain('200 OK');
  expect(await ask(late)).toContain('200 OK');
  expect(keeper.counters).toEqual({ issued: 2, failed: 0 });
}, 30_000);

test('a directory that is away, and then there again, which has forgotten the account', async () => {
  pebble = await Pebble.open();
  const first = await serve();
  first.keeper.start();
  await changed(first.keeper);
  await pebble.stop();
  first.keeper.stop();
  await first.lab.stop();
  rmSync(join(stateDirectory, readdirSync(stateDirectory)[0] ?? '', 'certificate.pem'));
  rmSync(join(stateDirectory, readdirSync(stateDirectory)[0] ?? '', 'last-attempt'));

  const { keeper, failures } = await serve();
  keeper.start();
  await until('it has been tried twice', () => keeper.counters.failed >= 2);
  await pebble.start();
  await changed(keeper);
  expect(await ask(await visit())).toContain('200 OK');
  expect(failures).toEqual(Array.from({ length: keeper.counters.failed }, (_, index) => index + 1));
});

test('a name that is not ours yet: refused, tried again, and issued when it is', async () => {
  pebble = await Pebble.open();
  await pebble.setAway('www.example.test', true);
  const { keeper, lab } = await serve();
  keeper.start();
  await until('it has been refused twice', () => keeper.counters.failed >= 2);
  expect(lab.tunnel.readinessProblems()).toContain('no certificate has been issued yet');
  await pebble.setAway('www.example.test', false);
  await changed(keeper);
  expect(await ask(await visit())).toContain('200 OK');
});

test('the daemon: issues, is started again while the directory is away, and shows the same', async () => {
  pebble = await Pebble.open();
  const file = (name: string): string => join(stateDirectory, name);
  const { caPem, certificatePem, privateKeyPem } = await (await mintZoneCertificates()).issue('http-tunnel', 't1');
  for (const [name, pem] of Object.entries({ 'ca.pem': caPem, 't1.pem': certificatePem, 't1.key': privateKeyPem })) {
    writeFileSync(file(name), pem);
  }
  const acme = {
    directory: pebble.directory,
    ca: pebble.caFile,
    agreeToTerms: true,
    contacts: ['admin@example.test'],
    domains: DOMAINS,
    stateDirectory: file('acme'),
  };
  const config = {
    tunnel: 't1',
    zone: 'z1',
    publicUrl: `https://${DOMAIN}`,
    zoneControllers: [`${LOOPBACK}:1`],
    tls: { ca: file('ca.pem'), certificate: file('t1.pem'), privateKey: file('t1.key') },
    listen: [{ address: `${LOOPBACK}:${pebble.challengePort}` }],
    admin: { listen: `${LOOPBACK}:0` },
    acme,
  };
  // JSON is YAML.
  writeFileSync(file('tunnel.yaml'), JSON.stringify(config));
  const start = (): DaemonProcess => {
    const daemon = new DaemonProcess(MAIN, ['--config', file('tunnel.yaml')]);
    ends.push(async () => {
      daemon.child.kill('SIGKILL');
      await daemon.ended;
    });
    return daemon;
  };

  const first = start();
  await first.logged('a certificate has been issued');
  const { serialNumber } = (await visit()).getPeerCertificate();
  const { port: operators } = await first.logged('operators are served');
  const metrics = await (await fetch(`http://${LOOPBACK}:${operators}/metrics`)).text();
  expect(metrics).toContain('zonecast_tunnel_acme_orders_total{result="issued"} 1');
  expect(metrics).toContain('zonecast_tunnel_acme_orders_total{result="failed"} 0');
  expect(metrics).toMatch(/zonecast_tunnel_certificate_expiry_seconds\{name="tunnel.example.test"\} \d{10}/);
  const rootPem = await pebble.rootPem();
  first.child.kill('SIGKILL');
  await first.ended;
  await pebble.stop();

  await start().logged('people may come in');
  expect((await visit(rootPem)).getPeerCertificate().serialNumber).toBe(serialNumber);
}, 60_000);
