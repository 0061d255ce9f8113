/** An operator drains a real tunnel of a real zone: by whichever controller, also after a restart, until he takes it back. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ZoneId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import type { CertificatePair } from '../common/mutual-tls.ts';
import { mintServerCertificate } from '../common/server-certificate.ts';
import { StunAttribute } from '../mmr/media/stun/stun-message.ts';
import type { AccessEntry, VisitorAccess } from '../proto/signalling.ts';
import { TUNNEL_PATH, TunnelClose } from '../proto/tunnel.ts';
import { TestZone } from '../zone-controller/testing/test-zone.ts';
import type { ZoneController } from '../zone-controller/zone-controller.ts';
import { ZoneClient } from '../zonectl/operator/zone-client.ts';
import { wordRecord } from './media/testing/test-carriers.ts';
import { ServerCertificates } from './port/server-certificates.ts';
import { LOOPBACK } from './testing/tunnel-lab.ts';
import { plainMessage, REALM, readAnswer, requestedTransport, signedMessage } from './turn/core/turn-lab.ts';
import { TurnMethod, textOf } from './turn/core/turn-protocol.ts';
import { ZoneTunnel } from './zone-tunnel.ts';

const DRAINED = 'an operator drains this tunnel';
const log = createLogger({ name: 'test', level: 'silent' });
let zone: TestZone;
let web: CertificatePair;
let tunnel: ZoneTunnel;
const operators: ZoneClient[] = [];

beforeEach(async () => {
  // The realm that those who write TURN requests by hand know.
  zone = await TestZone.start({ zone: REALM as ZoneId });
  await (await zone.addController()).whenReady(1);
  web = await mintServerCertificate(['localhost']);
  tunnel = await startTunnel();
});
afterEach(async () => {
  for (const operator of operators.splice(0)) operator.close();
  await tunnel.stop();
  await zone.stop();
});

async function startTunnel(name = 't1'): Promise<ZoneTunnel> {
  const started: ZoneTunnel = new ZoneTunnel({
    tunnel: name,
    zone: REALM,
    zoneControllers: zone.controllers.map(({ grpcPort }) => `localhost:${grpcPort}`),
    tls: await zone.certificates.issue('http-tunnel', name),
    publicUrl: () => `https://localhost:${started.port}`,
    listeners: [{ host: LOOPBACK, port: 0 }],
    certificates: new ServerCertificates([web]),
    turn: { udp: [{ address: LOOPBACK, port: 0 }], tcp: [], relays: [{ address: LOOPBACK }] },
    limits: { connections: 100, connectionsPerAddress: 100 },
    log,
  });
  await started.start();
  return started;
}

async function operatorAt(...controllers: ZoneController[]): Promise<ZoneClient> {
  const addresses = controllers.map(({ grpcPort }) => `localhost:${grpcPort}`);
  const operator = new ZoneClient(addresses, await zone.certificates.issue('operator', 'alice'));
  operators.push(operator);
  return operator;
}

/** Asks again and again: what is told between processes arrives a moment later. */
async function eventually<Answer>(ask: () => Answer, isRight: (answer: Awaited<Answer>) => boolean) {
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const listed = async (operator: ZoneClient) => (await operator.tunnels({})).tunnels[0];
const isState = (state: string) => (found: Awaited<ReturnType<typeof listed>>) => found?.state === state;

/** `origin`: of the page that it is of. */
function dial(path: string, origin?: string): WebSocket {
  const options = { ca: web.certificatePem, perMessageDeflate: false, ...(origin && { origin }) };
  return new WebSocket(`wss://localhost:${tunnel.port}${path}`, options);
}

/** Rejects with the status in words when it is refused. */
async function signalling(): Promise<WebSocket> {
  const socket = dial('/v1/signalling');
  await once(socket, 'open');
  return socket;
}

/** Resolves when the session is there; `moved` when it was asked to go elsewhere. Rejects with the close code when it is refused. */
async function mediaSession(ticket: string, origin?: string): Promise<{ readonly moved: Promise<void> }> {
  const socket = dial(TUNNEL_PATH, origin);
  await once(socket, 'open');
  socket.send(wordRecord({ type: 'open', ticket }));
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve());
    socket.once('close', (code) => reject(new Error(`closed: ${code}`)));
  });
  const moved = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => data.includes('"move"') && resolve());
  });
  return { moved };
}

async function statusOfPage(): Promise<number | undefined> {
  const url = `https://localhost:${tunnel.port}/`;
  const [page] = (await once(get(url, { ca: web.certificatePem, agent: false }), 'response')) as [IncomingMessage];
  page.resume();
  return page.statusCode;
}

/** The error code of an Allocate request of a new client; 0 for success. */
async function allocate({ urls, username, credential }: AccessEntry['turn'][number]): Promise<number> {
  const port = Number(/^turn:[^:]+:(\d+)\?transport=udp$/m.exec(urls.join('\n'))?.[1]);
  const socket = createSocket('udp4');
  const ask = async (request: Uint8Array) => {
    const answered = once(socket, 'message');
    socket.send(request, port, LOOPBACK);
    const [bytes] = (await answered) as [Buffer];
    return readAnswer(bytes);
  };
  const challenge = await ask(plainMessage(TurnMethod.allocate, [requestedTransport]));
  const nonce = textOf(challenge.message, StunAttribute.nonce) ?? '';
  const key = createHash('md5').update(`${username}:${REALM}:${credential}`).digest();
  const proof = { username, nonce, key, algorithm: 'md5' } as const;
  const { code } = await ask(signedMessage(TurnMethod.allocate, [requestedTransport], proof));
  socket.close();
  return code;
}

const tunnelsOfVisitors = async () =>
  ((await (await fetch(`${zone.url}/v1/access`)).json()) as VisitorAccess).tunnels.length;

test('it takes nothing new and sends who is there elsewhere; then it takes people again', async () => {
  const operator = await operatorAt(zone.controller);
  await eventually(() => listed(operator), isState('open'));
  await eventually(
    () => tunnel.readinessProblems().length,
    (problems) => problems === 0,
  );
  const { joined } = await zone.enter(await zone.controller.createMeeting(), 'Ada');
  const {
    turn: [turn],
    ticket,
  } = joined.access as AccessEntry;
  if (turn === undefined) throw new Error('no TURN');
  const [socket, media] = [await signalling(), await mediaSession(ticket)];
  expect(await allocate(turn)).toBe(0);

  const closed = once(socket, 'close');
  const { drain } = await operator.drainTunnel('t1');
  expect(drain).toMatchObject({ by: 'alice' });
  expect((await closed)[0]).toBe(4001);
  await media.moved;
  expect(await allocate(turn)).toBe(508);
  await expect(signalling()).rejects.toThrow('503');
  await expect(mediaSession(ticket)).rejects.toThrow(`closed: ${TunnelClose.draining}`);
  expect([tunnel.readinessProblems(), await statusOfPage()]).toEqual([[DRAINED], 200]);
  // The session of tunnelled media, and the allocation.
  const draining = await eventually(
    () => listed(operator),
    (found) => found?.left !== undefined,
  );
  expect(draining).toMatchObject({ tunnel: 't1', state: 'draining', drain, turnUrls: turn.urls });
  expect(draining?.left).toBeGreaterThanOrEqual(2);
  expect(await tunnelsOfVisitors()).toBe(0);
  const { warnings, totals } = await operator.status();
  expect([warnings, totals?.tunnels]).toEqual([['no HTTP tunnel takes people: all are draining'], { draining: 1 }]);
  // Once more changes nothing.
  expect((await operator.drainTunnel('t1')).drain).toEqual(drain);

  expect(await operator.undrainTunnel('t1')).toEqual({ wasDraining: true });
  const open = await eventually(() => listed(operator), isState('open'));
  expect(open?.drain ?? undefined).toBeUndefined();
  await eventually(
    () => tunnel.readinessProblems().length,
    (problems) => problems === 0,
  );
  await signalling();
  await mediaSession(ticket);
  expect(await allocate(turn)).toBe(0);
  expect([await tunnelsOfVisitors(), (await operator.status()).warnings]).toEqual([1, []]);
  expect(await operator.undrainTunnel('t1')).toEqual({ wasDraining: false });
  await expect(operator.drainTunnel('t2')).rejects.toMatchObject({ exitCode: 4, message: 'There is no tunnel "t2".' });
});

test('it stays drained after a restart and by another controller, and any takes that back', async () => {
  const anyone = await operatorAt(...zone.controllers);
  await eventually(() => listed(anyone), isState('open'));
  await anyone.drainTunnel('t1');
  await eventually(
    () => tunnel.readinessProblems(),
    (problems) => problems.includes(DRAINED),
  );
  await tunnel.stop();
  const away = await eventually(() => listed(anyone), isState('lost'));
  expect([away?.controller, away?.drain?.by, (await anyone.status()).warnings]).toEqual(['', 'alice', []]);

  tunnel = await startTunnel();
  await eventually(
    () => tunnel.readinessProblems(),
    (problems) => problems.includes(DRAINED),
  );
  const again = await eventually(
    () => listed(anyone),
    (found) => found?.left !== undefined,
  );
  const [first, second] = zone.controllers.toSorted(
    (a, b) => Number(nameOf(b) === again?.controller) - Number(nameOf(a) === again?.controller),
  );
  if (first === undefined || second === undefined) throw new Error('no two controllers');
  await first.stop();
  const other = await operatorAt(second);
  await eventually(
    () => listed(other),
    (found) => found?.controller === nameOf(second) && found.state === 'draining',
  );
  expect(tunnel.readinessProblems()).toContain(DRAINED);
  await other.undrainTunnel('t1');
  await eventually(() => listed(other), isState('open'));
  expect(tunnel.readinessProblems()).not.toContain(DRAINED);
});

/** As TestZone names them. */
function nameOf(controller: ZoneController): string {
  return `zc-${zone.controllers.indexOf(controller) + 1}`;
}

test('one that is gone without a word is lost; one that stops is not', async () => {
  const operator = await operatorAt(zone.controller);
  await eventually(() => listed(operator), isState('open'));
  await tunnel.stop();
  const lost = await eventually(() => listed(operator), isState('lost'));
  expect(lost).toMatchObject({ tunnel: 't1', controller: '', release: expect.stringMatching(/^\d/) });
  expect((await operator.status()).warnings).toEqual(['the HTTP tunnel t1 is lost']);

  tunnel = await startTunnel();
  await eventually(() => listed(operator), isState('open'));
  expect((await operator.status()).warnings).toEqual([]);
  const drained = tunnel.drain(10_000);
  await eventually(() => listed(operator), isState('draining'));
  await drained;
  await tunnel.stop();
  expect(
    await eventually(
      () => operator.tunnels({}),
      ({ tunnels }) => tunnels.length === 0,
    ),
  ).toBeDefined();
  expect((await operator.status()).warnings).toEqual([]);
});

test('who is sent to another tunnel goes on there with the page that he has, and no page of strangers does', async () => {
  const operator = await operatorAt(zone.controller);
  const drained = tunnel;
  tunnel = await startTunnel('t2');
  try {
    await eventually(
      () => operator.tunnels({}),
      ({ tunnels }) => tunnels.filter(isState('open')).length === 2,
    );
    await operator.drainTunnel('t1');
    const { joined } = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    const { tunnels, ticket } = joined.access as AccessEntry;
    expect(tunnels).toEqual([`https://localhost:${tunnel.port}`]);
    await mediaSession(ticket, `https://localhost:${drained.port}`);
    await expect(mediaSession(ticket, 'https://evil.example')).rejects.toThrow('403');
    expect((await operator.status()).warnings).toEqual([]);
  } finally {
    await drained.stop();
  }
});
