import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chance } from './chance.ts';
import { Link } from './link.ts';
import type { LinkConditions } from './link-conditions.ts';

interface Arrived {
  readonly item: number;
  readonly atUs: number;
  readonly queuedUs: number;
}

/** Runs a link until it is empty. */
function drain(link: Link<number>, untilUs = Number.POSITIVE_INFINITY): Arrived[] {
  const arrived: Arrived[] = [];
  for (let dueUs = link.nextTimeoutUs(); dueUs <= untilUs && dueUs < 1e15; dueUs = link.nextTimeoutUs()) {
    link.handleTimeout(dueUs, ({ item, queuedUs }) => arrived.push({ item, atUs: dueUs, queuedUs }));
  }
  return arrived;
}

function link(conditions: Partial<LinkConditions>, seed = 1): Link<number> {
  return new Link<number>(conditions, new Chance(seed, 'test'));
}

/** `count` packets of 1250 bytes, `gapUs` apart. */
function feed(made: Link<number>, count: number, gapUs: number): Arrived[] {
  const arrived: Arrived[] = [];
  for (let i = 0; i < count; i++) {
    arrived.push(...drain(made, i * gapUs));
    made.send(i * gapUs, i, 1250);
  }
  return [...arrived, ...drain(made)];
}

describe('bottleneck', () => {
  test('packets leave one after the other at its rate, and arrive after the delay', () => {
    const made = link({ rateBps: 1e6, delayMs: 20 });
    for (let i = 0; i < 3; i++) made.send(0, i, 1250);
    expect(drain(made)).toEqual([
      { item: 0, atUs: 30_000, queuedUs: 0 },
      { item: 1, atUs: 40_000, queuedUs: 10_000 },
      { item: 2, atUs: 50_000, queuedUs: 20_000 },
    ]);
  });

  test('a change of rate counts from its instant, in the middle of a packet too', () => {
    const made = link({ rateBps: 1e6 });
    made.send(0, 0, 1250);
    made.change(5_000, { rateBps: 0.1e6 });
    expect(drain(made)).toEqual([{ item: 0, atUs: 55_000, queuedUs: 0 }]);
  });

  test('what would wait longer than the queue is dropped', () => {
    const made = link({ rateBps: 1e6, queueMs: 50 });
    for (let i = 0; i < 10; i++) made.send(0, i, 1250);
    expect(made.overflowed).toBe(5);
    expect(drain(made).map(({ item }) => item)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a rate of 0 holds everything until it rises', () => {
    const made = link({ rateBps: 0 });
    made.send(0, 7, 1250);
    expect(made.nextTimeoutUs()).toBe(Number.POSITIVE_INFINITY);
    made.change(1_000_000, { rateBps: 1e6 });
    expect(drain(made)).toEqual([{ item: 7, atUs: 1_010_000, queuedUs: 0 }]);
  });

  test('for any rate and load: no faster than the rate, in order, and every packet is counted once', () => {
    const run = fc.record({
      rateBps: fc.integer({ min: 50_000, max: 5_000_000 }),
      queueMs: fc.integer({ min: 10, max: 500 }),
      jitterMs: fc.constantFrom(0, 30),
      gapUs: fc.integer({ min: 500, max: 20_000 }),
      seed: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(run, ({ rateBps, queueMs, jitterMs, gapUs, seed }) => {
        const made = link({ rateBps, queueMs, jitterMs }, seed);
        const arrived = feed(made, 60, gapUs);
        expect(made.sent).toBe(made.delivered + made.overflowed);
        const items = arrived.map(({ item }) => item);
        expect(items).toEqual([...items].sort((a, b) => a - b));
        const last = arrived.at(-1)?.atUs ?? 0;
        expect(last).toBeGreaterThanOrEqual((arrived.length * 1250 * 8e6) / rateBps - 1);
        for (const { queuedUs } of arrived)
          expect(queuedUs).toBeLessThanOrEqual(Math.max(queueMs, 24e6 / rateBps) * 1000 + 1);
      }),
      { seed: 8867, numRuns: 200 },
    );
  });
});

describe('what a link does to packets', () => {
  test.each([
    ['independent', { lossFraction: 0.05 }, 1.05],
    ['runs of four', { lossFraction: 0.05, lossRunPackets: 4 }, 4],
  ])('loss, %s: the share and the length of runs hold', (_name, conditions, runLength) => {
    const made = link(conditions);
    const arrived = new Set(feed(made, 40_000, 1000).map(({ item }) => item));
    expect(made.lost / made.sent).toBeGreaterThan(0.04);
    expect(made.lost / made.sent).toBeLessThan(0.06);
    let runs = 0;
    for (let i = 1; i < 40_000; i++) if (!arrived.has(i) && arrived.has(i - 1)) runs++;
    expect(made.lost / runs).toBeGreaterThan(runLength * 0.85);
    expect(made.lost / runs).toBeLessThan(runLength * 1.15);
  });

  test('outages: as long and as often as asked', () => {
    const made = link({ outages: { everyMs: 1000, fromMs: 50, toMs: 150 } });
    feed(made, 100_000, 1000);
    expect(made.lost / made.sent).toBeGreaterThan(0.06);
    expect(made.lost / made.sent).toBeLessThan(0.13);
  });

  test('jitter keeps the order unless it may reorder', () => {
    const inOrder = feed(link({ jitterMs: 50, jitterShape: 'uniform' }), 1000, 5000).map(({ item }) => item);
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    const free = feed(link({ jitterMs: 50, jitterShape: 'uniform', reorders: true }), 1000, 5000);
    const items = free.map(({ item }) => item);
    expect(items).not.toEqual([...items].sort((a, b) => a - b));
    for (const { item, atUs } of free) {
      expect(atUs - item * 5000).toBeGreaterThanOrEqual(0);
      expect(atUs - item * 5000).toBeLessThanOrEqual(50_000);
    }
  });

  test('a policer passes its rate and its burst, and delays nothing', () => {
    const made = link({ policer: { rateBps: 1e6, burstBytes: 12_500 } });
    const arrived = feed(made, 1000, 5000);
    // 2 Mb/s for 5 s against 1 Mb/s: half of it and the burst.
    expect(arrived.length).toBeGreaterThanOrEqual(500);
    expect(arrived.length).toBeLessThanOrEqual(511);
    expect(made.policed).toBe(1000 - arrived.length);
    for (const { item, atUs } of arrived) expect(atUs).toBe(item * 5000);
  });

  test('packets above the MTU are lost, a blackout loses all', () => {
    const made = link({ mtuBytes: 1249 });
    made.send(0, 0, 1250);
    made.send(0, 1, 1249);
    made.change(0, { blackout: true });
    made.send(0, 2, 100);
    expect(drain(made).map(({ item }) => item)).toEqual([1]);
    expect([made.tooBig, made.lost]).toEqual([1, 1]);
  });

  test('the same seed gives the same run, another one another', () => {
    const run = (seed: number) => feed(link({ lossFraction: 0.1, jitterMs: 30, reorders: true }, seed), 500, 3000);
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });
});
