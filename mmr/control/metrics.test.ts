/** A router with a call on it, as Prometheus sees it. */
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RouterLab } from '../router-test-lab.ts';
import { RouterMetrics } from './metrics.ts';

let lab: RouterLab;
let metrics: RouterMetrics;
beforeEach(async () => {
  lab = await RouterLab.start({ workers: 2 });
  metrics = new RouterMetrics(new Registry());
});
afterEach(() => lab.stop());

/** By series, as it stands in the text. */
async function scrape(): Promise<Map<string, number>> {
  const text = await metrics.text(await lab.router.meters());
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

async function scrapeUntilConnected(people: number): Promise<Map<string, number>> {
  for (;;) {
    const samples = await scrape();
    if (sumOf(samples, 'zonecast_router_connected_participants') === people) return samples;
  }
}

function sumOf(samples: ReadonlyMap<string, number>, name: string, label = ''): number {
  const matching = [...samples].filter(([series]) => series.startsWith(`${name}{`) && series.includes(label));
  return matching.reduce((sum, [, value]) => sum + value, 0);
}

test('people, packets and drops of a call; no name of anybody', async () => {
  await lab.join('62440573646', 'ada');
  await lab.join('62440573646', 'grace');
  const before = await scrapeUntilConnected(2);
  expect(before.get('zonecast_router_workers')).toBe(2);
  expect(sumOf(before, 'zonecast_router_participants')).toBe(2);
  expect(sumOf(before, 'zonecast_router_meetings')).toBe(1);
  expect(sumOf(before, 'zonecast_router_drops_total', 'reason="srtpReplay"')).toBe(0);
  let samples = before;
  // Until more media has come in and gone out again.
  const forwarded = () => sumOf(samples, 'zonecast_router_packets_forwarded_total');
  for (const earlier = forwarded(); forwarded() === earlier; ) samples = await scrape();
  const [received, sent] = ['in', 'out'].map((direction) =>
    sumOf(samples, 'zonecast_router_packets_total', `direction="${direction}"`),
  );
  expect(received).toBeGreaterThan(sumOf(before, 'zonecast_router_packets_total', 'direction="in"'));
  expect(sent).toBeGreaterThan(0);
  expect(sumOf(samples, 'zonecast_router_connected_participants')).toBe(2);
  expect(samples.get('zonecast_router_acts_total{type="join",outcome="done"}')).toBe(2);
  expect(samples.get('zonecast_router_state_messages_total{outcome="notUnderstood"}')).toBe(0);
  expect(samples.get('zonecast_router_waiting_people')).toBe(0);
  for (const series of samples.keys()) expect(series).not.toMatch(/ada|grace|62440573646/);
});

test('the number of series depends on nothing but the workers', async () => {
  const empty = (await scrape()).size;
  for (const [index, name] of ['ada', 'grace', 'alan'].entries()) await lab.join(`1000000000${index}`, name);
  // What limits estimates (a closed list of six) and three quantiles come with the first people of a worker.
  expect((await scrapeUntilConnected(3)).size).toBeLessThanOrEqual(empty + 2 * (6 + 3 * 3));
});

test('a worker that dies is counted, and missing while it is', async () => {
  lab.router.killWorker(1, 'test');
  let samples = await scrape();
  while (samples.get('zonecast_router_worker_restarts_total') !== 1) samples = await scrape();
  await lab.router.ping();
  while (samples.get('zonecast_router_workers') !== 2) samples = await scrape();
});
