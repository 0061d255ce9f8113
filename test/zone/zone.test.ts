/** What a zone of real processes does for the people in its meetings when something happens to it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureCrowd } from './crowd.ts';
import { FAULTS, measureFault } from './faults.ts';
import { ZoneProcesses } from './zone-processes.ts';

/**
 * Times are of the benchmark (`node test/zone/main.ts`), where a killed router costs 0.2 s, a dead worker 1.1 s and a drained
 * router 0.07 s; here other tests have the cores, too, and only what would be another order of things fails.
 */
const UNTOUCHED_MS = 500;
const FAILOVER_MS = 5_000;

let zone: ZoneProcesses;
beforeAll(async () => {
  zone = await ZoneProcesses.start({ controllers: 2, routers: 3, etcdMembers: 3, participantsPerWorker: 400 });
});
afterAll(() => zone.stop());

async function longestGapMs(fault: string, people = 2): Promise<number> {
  const measure = FAULTS[fault];
  if (measure === undefined) throw new Error(`no fault ${fault}`);
  const { video, audio } = await measureFault(zone, measure, people);
  return Math.max(...video, ...audio);
}

describe('the media of a meeting', { timeout: 180_000 }, () => {
  test.each(['controller-killed', 'controllers-killed', 'etcd-leader-killed', 'etcd-gone'])(
    'knows nothing of it: %s',
    async (fault) => {
      expect(await longestGapMs(fault)).toBeLessThan(UNTOUCHED_MS);
    },
  );

  test('is back at once on another router when its own is killed', async () => {
    expect(await longestGapMs('router-killed', 3)).toBeLessThan(FAILOVER_MS);
  });

  test('is back on the next worker when the thread that it is on dies', async () => {
    expect(await longestGapMs('worker-killed', 3)).toBeLessThan(FAILOVER_MS);
  });

  test('goes over to another router without a gap when its own is drained', async () => {
    expect(await longestGapMs('router-drained', 3)).toBeLessThan(UNTOUCHED_MS);
  });

  test('goes over likewise when the router is told to stop', async () => {
    expect(await longestGapMs('router-stopped', 3)).toBeLessThan(UNTOUCHED_MS);
  });

  test('goes on while every router of the zone is restarted', async () => {
    expect(await longestGapMs('rolling-restart', 3)).toBeLessThan(UNTOUCHED_MS);
  });
});

test('a meeting of a thousand is on three routers, and everybody sees who speaks', { timeout: 300_000 }, async () => {
  const crowd = await measureCrowd(zone, 1_000, { joinsPerSecond: 200, atOnce: 24 });
  expect(crowd).toMatchObject({ joined: 999, seeing: 999, broken: 0 });
  expect(crowd.places).toBeGreaterThanOrEqual(3);
});
