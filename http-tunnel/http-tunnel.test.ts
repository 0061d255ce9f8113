/** A real zone behind a tunnel: people come in through HTTPS, also while others do all they can to be in the way. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HeadlessParticipant } from '../client/headless/headless-participant.ts';
import type { RouterId, ZoneId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import { mintZoneCertificates } from '../common/mutual-tls.ts';
import { mintServerCertificate } from '../common/server-certificate.ts';
import { until } from '../mmr/control/worker-pool-test-lab.ts';
import { Router } from '../mmr/router.ts';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { ZoneController } from '../zone-controller/zone-controller.ts';
import { LOOPBACK, readAll, TunnelLab, type TunnelLabOptions } from './testing/tunnel-lab.ts';

/** That an address may make. */
const MEETINGS = 3;
const log = createLogger({ name: 'test', level: 'silent' });
let controller: ZoneController;
let router: Router;
let controllersCaPem: string;
let lab: TunnelLab;
const people: HeadlessParticipant[] = [];

/** With TLS of its own, as across a data centre. */
beforeAll(async () => {
  const certificates = await mintZoneCertificates();
  const tls = await mintServerCertificate(['localhost', LOOPBACK]);
  controllersCaPem = tls.certificatePem;
  controller = new ZoneController({
    zone: 'test' as ZoneId,
    http: { host: LOOPBACK, port: 0, tls },
    trustedProxies: [LOOPBACK],
    grpcAddress: 'localhost:0',
    tls: await certificates.issue('zone-controller', 'zc-1'),
    limits: { createMeeting: { burst: MEETINGS, perSecond: 0.001 } },
    log,
  });
  await controller.start();
  router = new Router({
    router: 'router-1' as RouterId,
    grpcAddress: 'localhost:0',
    zoneControllers: [`localhost:${controller.grpcPort}`],
    tls: await certificates.issue('router', 'router-1'),
    mediaAddress: LOOPBACK,
    mediaPort: 0,
    announce: [LOOPBACK],
    workers: 1,
    maxParticipantsPerWorker: 50,
    log,
  });
  await router.start();
  await controller.whenReady(1);
});
afterEach(async () => {
  for (const person of people.splice(0)) person.close();
  await lab.stop();
});
afterAll(async () => {
  await router.stop();
  await controller.stop();
});

async function start(options: TunnelLabOptions = {}): Promise<void> {
  lab = await TunnelLab.start({ controllers: [controller.url], controllersCaPem, ...options });
}

/** A request by HTTP/2, as browsers make them. */
async function ask(path: string, method = 'GET', origin?: string): Promise<{ status: number; text: string }> {
  const socket = await lab.tls({ alpn: ['h2'] });
  const session = connectHttp2(lab.url, { createConnection: () => socket });
  const stream = session.request({ ':path': path, ':method': method, ...(origin && { origin }) }, { endStream: true });
  const [headers] = await once(stream, 'response');
  let text = '';
  for await (const chunk of stream) text += chunk;
  session.close();
  return { status: headers[':status'], text };
}

async function join({ meeting, passcode }: CreatedMeeting, name: string): Promise<HeadlessParticipant> {
  const trustedPem = lab.certificate.certificatePem;
  const person = await HeadlessParticipant.join({ url: lab.url, meeting, passcode, name, trustedPem });
  people.push(person);
  return person;
}

const pictures = ({ media }: HeadlessParticipant) => media.slots().filter((slot) => slot.keyframes > 0).length;

test('the page, the API and a meeting', async () => {
  await start();
  const index = readFileSync(new URL('../client/page/index.html', import.meta.url), 'utf8');
  expect(await ask('/')).toEqual({ status: 200, text: index });
  expect((await ask('/sdk/../../../etc/passwd')).status).toBe(404);
  const { status, text } = await ask('/v1/meetings', 'POST', lab.url);
  expect(status).toBe(201);
  const meeting = JSON.parse(text) as CreatedMeeting;
  const [ada, bob] = [await join(meeting, 'Ada'), await join(meeting, 'Bob')];
  await until('they see each other', () => pictures(ada) === 1 && pictures(bob) === 1);
  expect(lab.tunnel.proxyCounters).toMatchObject({ upgrades: 2, upgradesOpen: 2 });
});

test('a page of another origin may do nothing', async () => {
  await start();
  expect((await ask('/v1/meetings', 'POST', 'https://evil.example')).status).toBe(403);
  const socket = new WebSocket(`wss://localhost:${lab.port}/v1/signalling`, {
    ca: lab.certificate.certificatePem,
    origin: 'https://evil.example',
  });
  await expect(once(socket, 'message')).rejects.toThrow('403');
});

test('limits are of the client, not of the tunnel, and a client cannot say that it is another', async () => {
  await start();
  /** How a client at this address is answered that wants a meeting, whatever it says of itself. */
  const create = async (address: string): Promise<string> => {
    const raw = await lab.tcp(lab.proxyPort);
    raw.write(`PROXY TCP4 ${address} 192.0.2.8 4321 443\r\n`);
    const socket = await lab.tls({ raw });
    const said = `X-Forwarded-For: 10.0.0.${left--}, 127.0.0.1\r\n`;
    socket.write(
      `POST /v1/meetings HTTP/1.1\r\nHost: localhost\r\n${said}Connection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    return (await readAll(socket)).slice('HTTP/1.1 '.length, 'HTTP/1.1 201'.length);
  };
  let left = 200;
  const statuses = [];
  for (let turn = 0; turn < MEETINGS + 1; turn++) statuses.push(await create('203.0.113.1'));
  expect(statuses).toEqual([...Array<string>(MEETINGS).fill('201'), '429']);
  expect(await create('203.0.113.2')).toBe('201');
});

test('2000 connections that do not get on are closed in time, and a meeting goes on meanwhile', async () => {
  await start({ times: { handshakeMs: 3_000, firstByteMs: 2_000, headersMs: 2_000, proxyHeaderMs: 3_000 } });
  const { text } = await ask('/v1/meetings', 'POST', lab.url);
  const slow: Socket[] = [];
  const SLOW = 2_000;
  const closed = new Promise<void>((resolve) => {
    let left = SLOW;
    for (let index = 0; index < SLOW; index++) {
      const socket = connectTcp(index % 4 === 0 ? lab.proxyPort : lab.port, LOOPBACK);
      slow.push(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => --left === 0 && resolve());
      // Half of a PROXY header, the start of a ClientHello, or nothing.
      if (index % 4 === 0) socket.write('PROXY TCP4 ');
      else if (index % 4 === 1) socket.write(Buffer.from('16030102', 'hex'));
    }
  });
  await until('all are there', () => lab.tunnel.port.counters.accepted > SLOW, 30_000);
  // And some that come further, at some cost for us.
  for (let index = 0; index < 40; index++) {
    const socket = await lab.tls();
    if (index % 2 === 0) socket.write('GET / HTTP/1.1\r\nHost: local');
    slow.push(socket);
  }
  const meeting = JSON.parse(text) as CreatedMeeting;
  const [ada, bob] = [await join(meeting, 'Ada'), await join(meeting, 'Bob')];
  await until('they see each other', () => pictures(ada) === 1 && pictures(bob) === 1);
  await closed;
  await until('only they are left', () => lab.tunnel.port.size === 2);
  const { accepted, taken, refused } = lab.tunnel.port.counters;
  expect(accepted).toBeGreaterThanOrEqual(SLOW + 40);
  expect([...Object.values(taken), ...Object.values(refused)].reduce((sum, count) => sum + count)).toBe(accepted);
  expect(refused).toMatchObject({ proxyHeaderLate: SLOW / 4, silent: 20 });
}, 60_000);
