/** What a world of three zones does for the people in its meetings when something happens to it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiving } from '../processes/people.ts';
import { joinFromAll, measureWorldFault, WORLD_FAULTS, type WorldGaps } from './world-faults.ts';
import { WorldProcesses } from './world-processes.ts';

/** Times are of the measurement (`node test/world/main.ts`); here other tests have the cores, too. */
const UNTOUCHED_MS = 1_000;
const FAILOVER_MS = 15_000;

let world: WorldProcesses;
beforeAll(async () => {
  world = await WorldProcesses.start({ zones: ['eu-1', 'us-1', 'clinic'], company: 'clinic' });
}, 120_000);
afterAll(() => world.stop());

function measure(name: string): Promise<WorldGaps> {
  const fault = WORLD_FAULTS[name];
  if (fault === undefined) throw new Error(`no fault ${name}`);
  return measureWorldFault(world, fault, 1);
}

const longest = ({ video, audio }: WorldGaps['hit']): number => Math.max(0, ...video, ...audio);

describe('a meeting in three zones', { timeout: 180_000 }, () => {
  test.each(['nats-server-killed', 'nats-gone', 'global-controllers-killed'])(
    'knows nothing of it: %s',
    async (fault) => {
      expect(longest((await measure(fault)).others)).toBeLessThan(UNTOUCHED_MS);
    },
  );

  test('people of a zone that is drained go over without a gap', async () => {
    const { hit } = await measure('zone-drained');
    expect(longest(hit)).toBeLessThan(UNTOUCHED_MS);
  });

  test("a company's zone that is cut off goes on, and is part of the meeting again afterwards", async () => {
    const meeting = await world.createMeeting();
    const people = await joinFromAll(world, meeting, 2);
    const everybody = [...people.values()].flat();
    const inside = people.get('clinic') ?? [];
    const outside = everybody.filter((each) => !inside.includes(each));
    const connected = (some: typeof everybody) =>
      some.map(({ roster }) => roster.filter((each) => each.connected).length);
    const all = everybody.map(() => everybody.length);
    try {
      await expect.poll(() => connected(everybody), { timeout: 30_000 }).toEqual(all);
      world.cut('clinic');
      const cutMs = performance.now();
      const seen = async (some: typeof everybody, counts: number[]): Promise<string> => {
        await expect.poll(() => connected(some), { timeout: 30_000 }).toEqual(counts);
        return `${Math.round(performance.now() - cutMs)} ms`;
      };
      const [away, gone] = await Promise.all([seen(inside, [2, 2]), seen(outside, [4, 4, 4, 4])]);
      await receiving(everybody);
      // Nobody inside is taken for gone: who is cut off cannot know that.
      expect(inside.map(({ roster }) => roster.length)).toEqual([6, 6]);
      world.heal('clinic');
      const healedMs = performance.now();
      await expect.poll(() => connected(everybody), { timeout: 60_000 }).toEqual(all);
      const together = `${Math.round(performance.now() - healedMs)} ms`;
      console.info(
        `cut off: seen inside after ${away}, outside after ${gone}; together again ${together} after the end of the cut`,
      );
    } finally {
      for (const each of everybody) each.leave();
    }
  });

  test('people of a zone that is lost are in another, and the others hear and see each other on', async () => {
    const { hit, others } = await measure('zone-killed');
    expect(longest(hit)).toBeLessThan(FAILOVER_MS);
    expect(longest(others)).toBeLessThan(FAILOVER_MS);
  });
});
