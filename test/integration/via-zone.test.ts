/**
 * A meeting whose people are in two zones that reach each other only through a third: a company, whose people stay inside and whose
 * one way out is `cloud-a`, and `cloud-b`. All real but the bus, which is in memory.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import type { ZoneId } from '../../common/ids.ts';
import { packetsOf, picturesOf } from './zone-of-controllers.ts';
import { ZonesOfWorld } from './zones-of-world.ts';

const patience = { timeout: 20_000, interval: 50 };
const ZONES = ['cloud-a', 'cloud-b', 'company'];
let world: ZonesOfWorld;

beforeEach(async () => {
  world = await ZonesOfWorld.start([
    { zone: 'cloud-a', listens: true },
    { zone: 'cloud-b', listens: true },
    { zone: 'company', listens: false, policy: { residency: 'local', guests: { via: 'cloud-a' as ZoneId } } },
  ]);
});
afterEach(() => world.stop());

const names = ({ roster }: HeadlessParticipant): string[] =>
  roster.map(({ name, connected }) => (connected ? name : `${name} (away)`)).sort();
/** The zone knows all others, and has its blocks of ids. */
const isAcquainted = async (zone: string): Promise<boolean> => {
  const text = await world.zone(zone).controller.metrics();
  return (
    text.includes('zonecast_controller_world_zones{standing="well"} 3') &&
    text.includes('zonecast_controller_world_blocks 2')
  );
};

test('people hear and see each other through a zone in which nobody of the meeting is', {
  timeout: 90_000,
}, async () => {
  for (const zone of ZONES) await expect.poll(() => isAcquainted(zone), patience).toBe(true);
  const meeting = await world.zone('cloud-b').controller.createMeeting();
  const roundTrips = { 'cloud-a': 90, 'cloud-b': 3 };
  const gus = await world.join('cloud-b', meeting, 'gus', { roundTrips });
  const eve = await world.join('company', meeting, 'eve', { hostKey: meeting.hostKey });
  await expect.poll(() => [gus, eve].map(picturesOf), patience).toEqual([1, 1]);
  for (const each of [gus, eve]) {
    await expect.poll(() => names(each), patience).toEqual(['eve', 'gus']);
    const before = packetsOf(each);
    await expect.poll(() => packetsOf(each), patience).toBeGreaterThan(before + 100);
  }

  // The router on the way is lost: the zone makes another place for them.
  const [first] = world.zone('cloud-a').routers;
  await world.zone('cloud-a').addRouter('r-2');
  await world.zone('cloud-a').controller.whenReady(2);
  await first?.stop();
  for (const each of [gus, eve]) {
    const before = packetsOf(each);
    await expect.poll(() => packetsOf(each), patience).toBeGreaterThan(before + 200);
  }
  expect([gus, eve].map(({ moves, end }) => [moves, end])).toEqual([
    [0, undefined],
    [0, undefined],
  ]);

  // The host is not in the meeting's own zone; it is ended there all the same.
  await eve.act({ type: 'endMeeting' });
  await expect.poll(() => gus.end, patience).toBe('meetingEnded');
  await expect(world.join('cloud-b', meeting, 'late', { roundTrips })).rejects.toThrow('has ended');
});
