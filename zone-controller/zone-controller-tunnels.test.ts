/** HTTP tunnels and the zone's controllers, over real gRPC: what tunnels are told, and what clients are told of them. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RouterId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import { clientCredentials, type DaemonRole } from '../common/mutual-tls.ts';
import type { Peer } from '../http-tunnel/turn/core/allowed-peers.ts';
import { Credentials } from '../http-tunnel/turn/core/credentials.ts';
import { type TunnelDescription, ZoneLink, type ZoneLinkOptions } from '../http-tunnel/zone/zone-link.ts';
import { ZoneService } from '../proto/load.ts';
import type { AccessEntry, VisitorAccess } from '../proto/signalling.ts';
import { ZoneClient } from '../zonectl/operator/zone-client.ts';
import { expectType } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';
import type { ZoneController } from './zone-controller.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const MEDIA = [
  { address: '192.0.2.1', port: 40_000 },
  { address: '2001:db8::1', port: 40_000 },
];

let zone: TestZone;
const links: ZoneLink[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) link.stop();
  await zone.stop();
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What TURN is told. */
class TurnSide {
  secrets: readonly Uint8Array[] = [];
  peers: readonly Peer[] = [];
  setSecrets(secrets: readonly Uint8Array[]): void {
    this.secrets = secrets;
  }
  setPeers(peers: readonly Peer[]): void {
    this.peers = peers;
  }
  /** Whether it takes the credential. */
  takes({ username, credential }: { readonly username: string; readonly credential: string }): boolean {
    const credentials = new Credentials('test', () => Date.now() / 1000);
    credentials.replaceSecrets(this.secrets);
    return credentials.users(username).some(({ password }) => password === credential);
  }
}

async function addTunnel(name: string, more: Partial<ZoneLinkOptions> & { description?: Partial<TunnelDescription> }) {
  const turn = new TurnSide();
  const description = {
    urls: [`https://${name}.example`],
    turnUrls: [`turns:${name}.example:443?transport=tcp`],
    load: 0,
    draining: false,
    ...more.description,
  };
  const link = new ZoneLink({
    tunnel: name,
    zone: 'test',
    zoneControllers: zone.controllers.map(({ grpcPort }) => `localhost:${grpcPort}`),
    tls: await zone.certificates.issue('http-tunnel', name),
    describe: () => description,
    turn,
    log,
    ...more,
  });
  links.push(link);
  link.start();
  return { link, turn, description };
}

async function access(controller: ZoneController = zone.controller): Promise<VisitorAccess> {
  const response = await fetch(`${controller.url}/v1/access`);
  return response.json() as Promise<VisitorAccess>;
}

describe('a tunnel', { timeout: 30_000 }, () => {
  test('is told where routers and controllers are, and by what to check clients', async () => {
    zone = await TestZone.start({}, [{ media: MEDIA }]);
    const { link, turn } = await addTunnel('t1', {});
    await until(() => link.isKnown);
    expect(link.isRouter('192.0.2.1', 40_000)).toBe(true);
    expect(link.isRouter('2001:DB8:0::1', 40_000)).toBe(true);
    expect(link.isRouter('192.0.2.1', 40_001)).toBe(false);
    expect(turn.peers).toEqual(MEDIA);
    expect(turn.secrets).toHaveLength(3);
    expect(link.controllers.urls).toEqual([zone.url]);
  });

  test('is told of the others, whose pages may come to it, as long as they are there', async () => {
    zone = await TestZone.start();
    const { link } = await addTunnel('t1', {});
    const { link: other } = await addTunnel('t2', { description: { draining: true } });
    await until(() => link.isTunnel('https://t2.example') && other.isTunnel('https://t1.example'));
    expect([link.isTunnel('https://t1.example'), link.isTunnel('https://t3.example')]).toEqual([true, false]);
    other.stop();
    await until(() => !link.isTunnel('https://t2.example'));
  });

  test('is told again and again whether an operator wants it drained, and no client hears of it meanwhile', async () => {
    zone = await TestZone.start();
    const orders: boolean[] = [];
    // One that takes no notice, as of a release before there was such an order.
    await addTunnel('t1', { ordered: (drain) => orders.push(drain) });
    await until(async () => orders.length > 0 && (await access()).tunnels.length === 1);
    const tls = await zone.certificates.issue('operator', 'alice');
    const operator = new ZoneClient([`localhost:${zone.controller.grpcPort}`], tls);
    await operator.drainTunnel('t1');
    await until(async () => orders.at(-1) === true && (await access()).tunnels.length === 0);
    const told = orders.length;
    await until(() => orders.length > told);
    expect(orders.at(-1)).toBe(true);
    expect((await operator.tunnels({})).tunnels).toMatchObject([{ tunnel: 't1', state: 'draining' }]);
    await operator.undrainTunnel('t1');
    await until(async () => orders.at(-1) === false && (await access()).tunnels.length === 1);
    operator.close();
  });

  test('is told of routers and controllers that come', async () => {
    zone = await TestZone.start();
    const { link } = await addTunnel('t1', {});
    await until(() => link.isKnown);
    await zone.addRouter({ media: [{ address: '192.0.2.7', port: 40_007 }] });
    await until(() => link.isRouter('192.0.2.7', 40_007));
    const { url } = await zone.addController();
    await until(() => link.controllers.urls.includes(url));
  });

  test('knows the same by whichever controller', async () => {
    zone = await TestZone.start({}, [{ media: MEDIA }]);
    const second = await zone.addController();
    await second.whenReady(1);
    const told = await Promise.all(
      zone.controllers.map(async ({ grpcPort }, index) => {
        const { link, turn } = await addTunnel(`t${index}`, { zoneControllers: [`localhost:${grpcPort}`] });
        await until(() => link.isKnown && link.controllers.urls.length === 2);
        return { peers: turn.peers, secrets: turn.secrets, controllers: link.controllers.urls };
      }),
    );
    expect(told[0]).toEqual(told[1]);
  });

  test('goes over to another controller, is known all the time, and knows what it knew when there is none', async () => {
    zone = await TestZone.start({}, [{ media: MEDIA }]);
    const second = await zone.addController();
    await second.whenReady(1);
    const [first] = zone.controllers;
    // All of them at the second one from the beginning: once in 64.
    const tunnels = await Promise.all(['t1', 't2', 't3', 't4', 't5', 't6'].map((name) => addTunnel(name, {})));
    const all = tunnels.map(({ link }) => link);
    const count = async () =>
      Number(/^zonecast_controller_tunnels\{state="open"\} (\d)$/m.exec(await second.metrics())?.[1]);
    await until(async () => all.every(({ registered }) => registered) && (await count()) === 6);
    const { ticket } = await access(second);
    await first?.stop();
    await until(async () => {
      expect(await count()).toBe(6);
      return all.every(({ registered }) => registered);
    });
    await second.stop();
    await until(() => all.every(({ registered }) => !registered));
    for (const { link, turn } of tunnels) {
      expect([link.isRouter('192.0.2.1', 40_000), turn.peers, turn.secrets.length]).toEqual([true, MEDIA, 3]);
      expect(link.controllers.urls.length).toBeGreaterThan(0);
      expect(await link.verifyTicket(ticket)).toBeDefined();
    }
  });

  test.each<[string, DaemonRole, string]>([
    ['of another name', 'http-tunnel', 't2'],
    ['of a router', 'router', 't1'],
    ['of an operator', 'operator', 't1'],
  ])('with the certificate %s is refused', async (_, role, name) => {
    zone = await TestZone.start({}, []);
    const tls = await zone.certificates.issue(role, name);
    const client = new ZoneService(`localhost:${zone.controller.grpcPort}`, clientCredentials(tls));
    const stream = client.RegisterTunnel();
    let told = 0;
    stream.on('data', () => told++);
    const refused = new Promise<Error>((resolve) => stream.on('error', resolve));
    stream.write({ tunnel: 't1', urls: ['https://t1.example'], load: 0 });
    expect((await refused).message).toContain('certificate');
    expect([told, (await access()).tunnels]).toEqual([0, []]);
    client.close();
  });

  test.each([
    [{ urls: ['http://t1.example'] }],
    [{ urls: [] }],
    [{ turnUrls: ['https://t1.example'] }],
    [{ urls: new Array<string>(9).fill('https://t1.example') }],
  ])('that says %o is refused', async (description) => {
    zone = await TestZone.start({}, []);
    const { link } = await addTunnel('t1', { description });
    const { link: right } = await addTunnel('t2', {});
    await until(() => right.registered);
    await until(async () => (await access()).tunnels.length === 1);
    expect([link.registered, (await access()).tunnels]).toEqual([false, ['https://t2.example']]);
  });
});

describe('clients', { timeout: 30_000 }, () => {
  test('are told of tunnels when they join and resume, at any controller', async () => {
    zone = await TestZone.start({}, [{ media: MEDIA }]);
    const second = await zone.addController();
    await second.whenReady(1);
    const { link, turn } = await addTunnel('t1', { zoneControllers: [`localhost:${zone.controller.grpcPort}`] });
    await until(async () => (await access()).tunnels.length + (await access(second)).tunnels.length === 2);
    const { client, joined, participant } = await zone.enter(await zone.controller.createMeeting(), 'Ada', second);
    const told = joined.access as AccessEntry;
    expect(told.tunnels).toEqual(['https://t1.example']);
    expect(told.turn.map(({ urls }) => urls)).toEqual([['turns:t1.example:443?transport=tcp']]);
    expect(told.turn.every((each) => turn.takes(each))).toBe(true);
    expect(told.turn[0]?.username.endsWith(`:${participant}`)).toBe(true);
    expect(turn.takes({ ...(told.turn[0] as AccessEntry['turn'][number]), credential: 'guess' })).toBe(false);
    expect(await link.verifyTicket(told.ticket)).toEqual({ holder: participant });
    client.close();
    const again = await zone.connect();
    const resumed = expectType(await again.resume(joined.self.session), 'resumed');
    expect(resumed.access?.tunnels).toEqual(['https://t1.example']);
    expect(await link.verifyTicket(resumed.access?.ticket ?? '')).toEqual({ holder: participant });
    // What else the zone signs opens nothing.
    expect(await link.verifyTicket(joined.self.session)).toBeUndefined();
  });

  test('are told of three of many, and of none that is being drained', async () => {
    zone = await TestZone.start();
    for (let count = 1; count <= 4; count++) await addTunnel(`t${count}`, {});
    const { link, description } = await addTunnel('t5', { description: { turnUrls: [] } });
    await until(async () => /^zonecast_controller_tunnels\{state="open"\} 5$/m.test(await zone.controller.metrics()));
    expect((await access()).tunnels).toHaveLength(3);
    description.draining = true;
    link.changed();
    await until(async () =>
      /^zonecast_controller_tunnels\{state="draining"\} 1$/m.test(await zone.controller.metrics()),
    );
    for (let round = 0; round < 20; round++) expect((await access()).tunnels).not.toContain('https://t5.example');
    const page = await fetch(`${zone.url}/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    for (const name of ['t1', 't5']) expect(policy).toMatch(new RegExp(` wss://${name}.example.* https://${name}.ex`));
  });

  test('hear nothing of tunnels where there are none, or not any more', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    expect((await zone.enter(meeting, 'Ada')).joined.access).toBeUndefined();
    const { link } = await addTunnel('t1', {});
    await until(async () => (await access()).tunnels.length === 1);
    link.stop();
    await until(async () => (await access()).tunnels.length === 0);
    expect((await zone.enter(meeting, 'Bob')).joined.access).toBeUndefined();
  });

  test('who are in no meeting get a ticket, each another, and so many from one address', async () => {
    zone = await TestZone.start({ limits: { access: { burst: 3, perSecond: 0.001 } } });
    const { link } = await addTunnel('t1', {});
    await until(() => link.isKnown);
    const [first, second] = [await access(), await access()];
    const holders = await Promise.all([first, second].map(({ ticket }) => link.verifyTicket(ticket)));
    expect(new Set(holders.map((each) => each?.holder)).size).toBe(2);
    expect(Object.keys(first).toSorted()).toEqual(['ticket', 'tunnels']);
    await access();
    const refused = await fetch(`${zone.url}/v1/access`);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('may come from a page that a tunnel has given them', async () => {
    zone = await TestZone.start();
    const ask = (origin: string) => fetch(`${zone.url}/v1/access`, { headers: { origin } });
    expect((await ask('https://t1.example')).status).toBe(403);
    const { link } = await addTunnel('t1', {});
    await until(() => link.isKnown);
    await until(async () => (await ask('https://t1.example')).status === 200);
    expect((await ask('https://t2.example')).status).toBe(403);
  });

  test('say which way their media goes, for the metrics', async () => {
    zone = await TestZone.start();
    const { client } = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    const tried = [
      { rung: 'udp', ms: 700, why: 'no answer' },
      { rung: 'turnUdp', ms: 900, why: 'no answer' },
    ] as const;
    client.send({ type: 'wayIn', rung: 'turnTls', tried: [...tried] });
    client.send({ type: 'ping' });
    await client.next('pong');
    const text = await zone.controller.metrics();
    expect(text).toMatch(/^zonecast_controller_ways_in_total\{rung="turnTls"\} 1$/m);
    for (const rung of ['udp', 'turnUdp'])
      expect(text).toContain(`zonecast_controller_ways_tried_total{rung="${rung}"} 1`);
    for (const wrong of [
      { rung: 'pigeon', tried: [] },
      { rung: 'udp', tried: new Array(17).fill(tried[0]) },
      { rung: 'udp', tried: [{ rung: 'udp', ms: -1, why: '' }] },
      { rung: 'udp', tried: [{ rung: 'udp', ms: 1, why: 'x'.repeat(65) }] },
    ]) {
      client.sendText(JSON.stringify({ type: 'wayIn', ...wrong }));
      expect((await client.next('error')).code).toBe('badMessage');
    }
    expect(await zone.controller.metrics()).not.toContain('zonecast_controller_ways_in_total{rung="udp"}');
  });
});

test('a router whose registration names no place where media could go is refused', async () => {
  zone = await TestZone.start();
  const tls = await zone.certificates.issue('router', 'router-9');
  const client = new ZoneService(`localhost:${zone.controller.grpcPort}`, clientCredentials(tls));
  const stream = client.Register();
  stream.on('data', () => undefined);
  const refused = new Promise<Error>((resolve) => stream.on('error', resolve));
  stream.write({
    router: 'router-9' as RouterId,
    address: 'localhost:1',
    workers: 1,
    workerLimits: { participants: 1, packetsPerSecond: 1 },
    media: [{ address: 'metadata.internal', port: 80 }],
  });
  expect((await refused).message).toContain('media');
  client.close();
});
