/** The same on a real server, with the permissions that zones have there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NatsTransport } from '../../bus/nats/nats-transport.ts';
import { natsPermissions } from '../../bus/nats/permissions.ts';
import { GLOBAL_ZONE } from '../../bus/sender.ts';
import { TestOperator } from '../../bus/testing/nats-jwt.ts';
import { NatsLab } from '../../bus/testing/nats-lab.ts';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { accessOfGlobal, accessOfZone } from '../../global-controller/bucket-access.ts';
import { begin, MembershipLab } from './membership-lab.ts';

const ZONES = ['eu', 'us'] as ZoneId[];
const log = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 20_000, interval: 50 };
const operator = new TestOperator();
let nats: NatsLab;
let lab: MembershipLab;

beforeAll(async () => {
  nats = await NatsLab.start({ config: operator.config });
  lab = await MembershipLab.open(ZONES, (zone) => {
    const access = zone === GLOBAL_ZONE ? accessOfGlobal(ZONES) : accessOfZone(zone as ZoneId, ZONES);
    const credentials = { credentials: operator.credentials(natsPermissions(access)) };
    return new NatsTransport(nats.settings({ credentials }), zone, log);
  });
});
afterAll(async () => {
  await lab.close();
  await nats.stop();
});

test('two zones on NATS: blocks, definitions, presence, a tree, and links; a server that ends and comes back', {
  timeout: 90_000,
}, async () => {
  const [eu, us] = [lab.addController('eu', 'zc-1'), lab.addController('us', 'zc-1')];
  await lab.startGlobal();
  const worlds = [eu, us].map(({ membership }) => membership.world);
  for (const world of worlds) {
    await expect.poll(() => world.zones().map(({ standing }) => standing), patience).toEqual(['well', 'well']);
    await expect.poll(() => world.ids.counts, patience).toEqual({ held: 2, needed: 0 });
  }
  const meeting = eu.membership.world.drawId();
  begin(eu, meeting, { title: 'weekly' });
  const found = () => us.membership.world.definitionOf(meeting);
  await expect.poll(found, patience).toMatchObject({ title: 'weekly', home: 'eu' });
  begin(us, meeting, { home: 'eu' });
  const links = ({ side }: typeof eu) => side.told.at(-1)?.what;
  await expect.poll(() => links(eu), patience).toBe(`links ${meeting} v us!`);
  await expect.poll(() => links(us), patience).toBe(`links ${meeting} v eu^`);
  us.membership.world.cameFrom('eu' as ZoneId);
  await expect.poll(() => us.membership.world.strandedFrom(), patience).toEqual(['eu']);

  for (const server of nats.servers) await server.kill();
  await expect.poll(() => worlds.map(({ isConnected }) => isConnected), patience).toEqual([false, false]);
  await expect(found()).rejects.toMatchObject({ code: 'busUnavailable' });
  expect(us.membership.world.homeOf(meeting)).toBe('eu');
  us.side.placements.delete(meeting);
  for (const server of nats.servers) await server.start();
  await expect.poll(() => links(eu), patience).toBe(`links ${meeting} v`);
  // Nothing was asked for that a zone may not.
  for (const { counters } of worlds) expect(counters.unsentByReason.get('refused')).toBeUndefined();
  for (const { counters } of worlds) expect(counters.droppedByReason.size).toBe(0);
});
