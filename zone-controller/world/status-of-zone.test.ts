import { describe, expect, test } from 'vitest';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { zoneStatus } from '../../global-controller/zones/zone-status.ts';
import type { Load__Output } from '../../proto/gen/zonecast/router/v1/Load.ts';
import { FakeSide, ROUTER } from './membership-lab.ts';
import { statusOfZone } from './status-of-zone.ts';

type Trunk = readonly [zone: string, rttMs: number, loss: number, up: boolean];

function load(participants: number, ...trunks: Trunk[]): Load__Output {
  const worker = { meetings: 1, cpuUtilization: 0, eventLoopDelayP99Ms: 0 };
  const packets = { ingressPacketsPerSecond: 10, egressPacketsPerSecond: 20 };
  const zoneTrunks = trunks.map(([zone, rttMs, loss, up]) => ({ zone, rttMs, loss, up }));
  return {
    workers: [0, 1].map((index) => ({ index, participants, ...worker, ...packets })),
    workerRestarts: 0,
    zoneTrunks,
  };
}
function statusOf(...loads: Load__Output[]) {
  const side = new FakeSide();
  side.views.length = 0;
  for (const [index, each] of loads.entries())
    side.addRouter(`r-${index}` as RouterId, { release: `1.${index % 2}` }, each);
  const { routers } = side.facts();
  const ready = ['r-0' as RouterId];
  return statusOfZone({ routers, ready, drained: false, probe: undefined, strandedFrom: ['us' as ZoneId] });
}

describe('the status of a zone', () => {
  test('has the people of all routers, and the room of those that take meetings', () => {
    const status = statusOf(load(3), load(4), load(0));
    expect(status).toMatchObject({
      load: { participants: 14, packetsPerSecond: 180, capacity: { participants: 200, packetsPerSecond: 2_000 } },
      routersReady: 1,
      releases: ['1.0', '1.1'],
      strandedFrom: ['us'],
      drained: false,
    });
    expect(zoneStatus.safeParse({ ...status, instance: 'i', seq: 1 }).success).toBe(true);
  });

  test('of a zone that has nothing yet is a status, too', () => {
    expect(zoneStatus.safeParse({ ...statusOf(), instance: 'i', seq: 0 }).success).toBe(true);
    const { routers } = new FakeSide().facts();
    const facts = { routers, ready: [ROUTER], drained: true, probe: undefined, strandedFrom: [] };
    expect(statusOfZone(facts)).toMatchObject({ load: { participants: 0 }, trunks: [], drained: true });
  });

  test('says of each zone how the trunks there fare: by those that work, if any does', () => {
    const { trunks } = statusOf(
      load(0, ['us', 90, 0.01, true], ['us', 0, 0, false], ['ap', 0, 0, false]),
      load(0, ['us', 100, 0.03, true], ['us', 300, 0.02, true], ['no name', 1, 0, true]),
      load(0, ['eu', 70_000, 1.5, true]),
    );
    expect(trunks).toEqual([
      { zone: 'us', rttMs: 100, loss: 0.02, up: true },
      { zone: 'ap', rttMs: 0, loss: 0, up: false },
      { zone: 'eu', rttMs: 60_000, loss: 1, up: true },
    ]);
  });
});
