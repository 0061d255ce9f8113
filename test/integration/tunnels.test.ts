/** HTTP tunnels of a zone with two controllers and a real etcd: what one controller knows of them, the other knows, and people of both. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { clientCredentials } from '../../common/mutual-tls.ts';
import { type TunnelDescription, ZoneLink } from '../../http-tunnel/zone/zone-link.ts';
import { ZoneService } from '../../proto/load.ts';
import type { VisitorAccess } from '../../proto/signalling.ts';
import { EtcdRegistry } from '../../zone-controller/registry/etcd-registry.ts';
import { TestZone } from '../../zone-controller/testing/test-zone.ts';
import type { ZoneController } from '../../zone-controller/zone-controller.ts';
import { TestEtcd } from '../etcd/test-etcd.ts';

const log = createLogger({ name: 'test', level: 'silent' });
/** Short, so that leases end while a test waits. */
const TIMES = { leaseMs: 2_000 };
/** The tests ask all the time. */
const LIMITS = { access: { burst: 10_000, perSecond: 1_000 }, request: { burst: 10_000, perSecond: 1_000 } };
const LOOK_MS = 20;
const MEDIA = [{ address: '192.0.2.1', port: 40_000 }];

let etcd: TestEtcd;
let zone: TestZone;
let a: ZoneController;
let b: ZoneController;
const links: ZoneLink[] = [];

beforeEach(async () => {
  etcd = await TestEtcd.start();
  const registry = () => new EtcdRegistry(etcd.settings(), log);
  zone = await TestZone.start({ registry: registry(), times: TIMES, limits: LIMITS }, [{ media: MEDIA }]);
  await zone.addController({ registry: registry() });
  [a, b] = zone.controllers as [ZoneController, ZoneController];
  await b.whenReady(1);
});

afterEach(async () => {
  for (const link of links.splice(0)) link.stop();
  await zone.stop();
  await etcd.stop();
});

/** At those controllers; what it says of itself can be changed. */
async function addTunnel(name: string, controllers: readonly ZoneController[], said: Partial<TunnelDescription> = {}) {
  const turnUrls = [`turns:${name}.example:443?transport=tcp`];
  const description = { urls: [urlOf(name)], turnUrls, load: 0, draining: false, ...said };
  const link = new ZoneLink({
    tunnel: name,
    zone: 'test',
    zoneControllers: controllers.map(({ grpcPort }) => `localhost:${grpcPort}`),
    tls: await zone.certificates.issue('http-tunnel', name),
    describe: () => description,
    log,
  });
  links.push(link);
  link.start();
  const change = (next: Partial<TunnelDescription>) => {
    Object.assign(description, next);
    link.changed();
  };
  return { link, change };
}

const urlOf = (name: string): string => `https://${name}.example`;

async function accessAt(controller: ZoneController): Promise<VisitorAccess> {
  const response = await fetch(`${controller.url}/v1/access`);
  return (await response.json()) as VisitorAccess;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** Those that visitors are told of, by both controllers, are these. */
function knowTunnels(...names: string[]): Promise<void> {
  const wanted = JSON.stringify(names.map(urlOf).toSorted());
  return until(async () => {
    const told = await Promise.all([a, b].map(async (each) => (await accessAt(each)).tunnels.toSorted()));
    return told.every((each) => JSON.stringify(each) === wanted);
  });
}

describe('a tunnel that is registered at one controller', { timeout: 60_000 }, () => {
  test('is known at the other, with all that clients need, and opens to tickets of both', async () => {
    const { link } = await addTunnel('t1', [a]);
    await knowTunnels('t1');
    const { joined, participant } = await zone.enter(await a.createMeeting(), 'Ada', b);
    expect(joined.access).toMatchObject({
      tunnels: [urlOf('t1')],
      turn: [{ urls: ['turns:t1.example:443?transport=tcp'] }],
    });
    expect(await link.verifyTicket(joined.access?.ticket ?? '')).toEqual({ holder: participant });
    for (const controller of [a, b]) expect(await link.verifyTicket((await accessAt(controller)).ticket)).toBeDefined();
  });

  test('is gone at both when its connection breaks', async () => {
    const tls = await zone.certificates.issue('http-tunnel', 't1');
    const client = new ZoneService(`localhost:${a.grpcPort}`, clientCredentials(tls));
    const stream = client.RegisterTunnel();
    stream.on('data', () => undefined);
    stream.on('error', () => undefined);
    stream.write({ tunnel: 't1', urls: [urlOf('t1')], load: 0 });
    await knowTunnels('t1');
    stream.cancel();
    await knowTunnels();
    client.close();
  });

  test('is gone with its controller, unless there is another that it can go to', async () => {
    await addTunnel('t1', [a]);
    await addTunnel('t2', [a, b]);
    await knowTunnels('t1', 't2');
    const { client, joined } = await zone.enter(await a.createMeeting(), 'Ada', b);
    expect(joined.access?.tunnels.toSorted()).toEqual([urlOf('t1'), urlOf('t2')]);
    await a.stop();
    const { access } = await client.next('access', ({ access: { tunnels } }) => !tunnels.includes(urlOf('t1')));
    expect(access.tunnels).toEqual([urlOf('t2')]);
  });

  test('comes back when etcd has lost all that was in it', async () => {
    await addTunnel('t1', [a, b]);
    await knowTunnels('t1');
    const client = etcd.client();
    await client.delete().prefix('/zonecast/zones/test/tunnels/');
    await knowTunnels('t1');
  });
});

describe('people', { timeout: 60_000 }, () => {
  test('who are in a meeting hear of the first tunnel, and of others in place of one that is being drained', async () => {
    const meeting = await a.createMeeting();
    const people = await Promise.all([a, b].map((each, index) => zone.enter(meeting, `P${index}`, each)));
    expect(people.map(({ joined }) => joined.access)).toEqual([undefined, undefined]);
    const t1 = await addTunnel('t1', [a]);
    const told = (names: readonly string[]) =>
      Promise.all(
        people.map(({ client }) =>
          client.next('access', ({ access: { tunnels } }) => tunnels.join() === names.map(urlOf).join()),
        ),
      );
    await told(['t1']);
    const t2 = await addTunnel('t2', [b]);
    // The one that they know comes first still: nobody has to change.
    await told(['t1', 't2']);
    t1.change({ draining: true });
    for (const [index, { access }] of (await told(['t2'])).entries()) {
      expect(await t2.link.verifyTicket(access.ticket)).toEqual({ holder: people[index]?.participant });
    }
    // A page may go on at both for as long as they are there.
    const policy = (await fetch(`${b.url}/`)).headers.get('content-security-policy');
    for (const name of ['t1', 't2']) expect(policy).toContain(` wss://${name}.example`);
  });

  test('are spread over tunnels, most to those with room', async () => {
    await Promise.all(['t1', 't2', 't3'].map((name, index) => addTunnel(name, [index === 0 ? a : b])));
    const full = await addTunnel('t4', [b], { load: 0.95 });
    const known = async (controller: ZoneController) =>
      /^zonecast_controller_tunnels\{state="open"\} 4$/m.test(await controller.metrics());
    await until(async () => (await known(a)) && (await known(b)));
    const firsts = new Map<string, number>();
    for (let round = 0; round < 45; round++) {
      for (const controller of [a, b]) {
        const [first = ''] = (await accessAt(controller)).tunnels;
        firsts.set(first, (firsts.get(first) ?? 0) + 1);
      }
    }
    // Binomial, 90 times about 1/3: less than 10 once in 10 million.
    for (const name of ['t1', 't2', 't3']) expect(firsts.get(urlOf(name))).toBeGreaterThan(10);
    expect(firsts.get(urlOf('t4')) ?? 0).toBeLessThan(20);
    expect(full.link.registered).toBe(true);
  });
});
