/**
 * A meeting in two zones that find each other by themselves: the cloud, and a company whose people stay inside, whose router has no
 * listener for others. All real but the bus, which is in memory.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import { packetsOf, picturesOf } from './zone-of-controllers.ts';
import { ZonesOfWorld } from './zones-of-world.ts';

const patience = { timeout: 20_000, interval: 50 };
let world: ZonesOfWorld;

beforeEach(async () => {
  world = await ZonesOfWorld.start([
    { zone: 'cloud', listens: true },
    { zone: 'company', listens: false, policy: { residency: 'local', guests: { via: 'cloud' as never } } },
  ]);
});
afterEach(() => world.stop());

const names = ({ roster }: HeadlessParticipant): string[] =>
  roster.map(({ name, connected }) => (connected ? name : `${name} (away)`)).sort();
const metric = async (zone: string, name: string): Promise<number> => {
  const text = await world.zone(zone).controller.metrics();
  return Number(text.match(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm'))?.[1] ?? Number.NaN);
};
/** The zone knows all others, and has its blocks of ids. */
const isAcquainted = async (zone: string): Promise<boolean> =>
  (await metric(zone, 'zonecast_controller_world_zones{standing="well"}')) === 2 &&
  (await metric(zone, 'zonecast_controller_world_blocks')) === 2;

describe('a meeting in two zones', { timeout: 90_000 }, () => {
  test('people of both hear and see each other; the bus and the link break and heal', async () => {
    for (const zone of ['cloud', 'company']) await expect.poll(() => isAcquainted(zone), patience).toBe(true);
    const { controller } = world.zone('cloud');
    const meeting = await controller.createMeeting();
    const ann = await world.join('cloud', meeting, 'ann');
    const ben = await world.join('company', meeting, 'ben');
    await expect.poll(() => [ann, ben].map(picturesOf), patience).toEqual([1, 1]);
    for (const each of [ann, ben]) await expect.poll(() => names(each), patience).toEqual(['ann', 'ben']);

    // Cut off from the bus, the company's people go on, and one more comes by what is known of the meeting there.
    world.zone('company').line.cut();
    const cid = await world.join('company', meeting, 'cid');
    await expect.poll(() => picturesOf(cid), patience).toBe(2);
    await expect.poll(() => names(ann), patience).toEqual(['ann', 'ben', 'cid']);
    world.zone('company').line.heal();

    // The router of the cloud is lost, another carries the meeting on: the link is made anew.
    const [first] = world.zone('cloud').routers;
    await world.zone('cloud').addRouter('r-2');
    await controller.whenReady(2);
    await first?.stop();
    await expect.poll(() => ann.moves, patience).toBe(1);
    await expect.poll(() => names(ben), patience).toEqual(['ann', 'ben', 'cid']);
    const before = packetsOf(ben);
    await expect.poll(() => packetsOf(ben), patience).toBeGreaterThan(before + 50);
    await expect.poll(() => picturesOf(ann), patience).toBe(2);
  });
});
