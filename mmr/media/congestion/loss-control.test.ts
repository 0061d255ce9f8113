import { describe, expect, test } from 'vitest';
import { LossControl } from './loss-control.ts';

const PACKET_BYTES = 1000;

interface Phase {
  readonly seconds: number;
  readonly queued?: boolean;
}

/** A sender that follows the limit from `fromBps` on, over a path that loses packets by `isLost(bps, chance)`. */
class Path {
  readonly control = new LossControl(60_000);
  rateBps: number;
  nowUs = 0;
  #fromBps: number;
  readonly #lossAt: (bps: number) => number;
  #chance = 7;

  constructor(fromBps: number, lossAt: (bps: number) => number) {
    this.rateBps = fromBps;
    this.#fromBps = fromBps;
    this.#lossAt = lossAt;
  }

  /** From now on no more than this is sent. */
  offer(bps: number): this {
    this.#fromBps = bps;
    return this;
  }

  run({ seconds, queued = false }: Phase): this {
    const endUs = this.nowUs + seconds * 1e6;
    while (this.nowUs < endUs) {
      this.rateBps = Math.min(this.#fromBps, this.control.limitBps);
      const loss = this.#lossAt(this.rateBps);
      const untilUs = this.nowUs + 50_000;
      for (; this.nowUs < untilUs; this.nowUs += (PACKET_BYTES * 8e6) / this.rateBps) {
        this.control.observations.add(this.nowUs, PACKET_BYTES, this.#draw() < loss);
      }
      this.control.update(this.nowUs, this.rateBps * (1 - loss), queued);
    }
    return this;
  }

  #draw(): number {
    this.#chance = (this.#chance * 48_271) % 2_147_483_647;
    return this.#chance / 2_147_483_647;
  }
}

function policer(capacityBps: number): (bps: number) => number {
  return (bps) => Math.max(0, 1 - capacityBps / bps);
}

describe('loss that does not depend on the rate', () => {
  test.each([0.01, 0.02, 0.05, 0.1])('of %f sets no limit', (loss) => {
    const path = new Path(2e6, () => loss);
    let limited = 0;
    for (let second = 0; second < 30; second++) {
      path.run({ seconds: 1 });
      if (path.control.limitBps < 1.6e6) limited++;
    }
    expect(limited).toBeLessThanOrEqual(2);
    expect(path.control.hidden.remembers(path.nowUs)).toBe(false);
  });

  test('of 20 % is put to the test, and then left', () => {
    const path = new Path(2e6, () => 0.2).run({ seconds: 10 });
    let limited = 0;
    for (let second = 0; second < 15; second++) {
      path.run({ seconds: 1 });
      if (path.control.limitBps < 1e6) limited++;
    }
    expect(limited).toBeLessThanOrEqual(5);
    expect(path.control.inherent).toBeCloseTo(0.2, 1);
  });
});

test.each([
  [20, Number.POSITIVE_INFINITY],
  [400, 0.97e6],
])('of %d packets 15 % are lost: the limit is %d, since few packets say little', (packets, limitBps) => {
  const control = new LossControl(60_000);
  const intervalUs = 260_000 / packets;
  // The last packet ends the stretch.
  for (let i = 0; i <= packets; i++) control.observations.add(i * intervalUs, PACKET_BYTES, i % 20 < 3);
  control.update(260_000, 1e6, false);
  control.observations.add(261_000, PACKET_BYTES, false);
  control.update(261_000, 1e6, false);
  expect(control.limitBps).toBe(limitBps);
});

describe('a policer', () => {
  test('is found within two seconds, and used nearly to its limit', () => {
    const path = new Path(2e6, policer(1e6)).run({ seconds: 2 });
    expect(path.rateBps).toBeLessThan(1.1e6);
    expect(path.rateBps).toBeGreaterThan(0.8e6);
  });

  test('is remembered once loss has stopped, with a rate near its own', () => {
    const path = new Path(2e6, policer(1e6)).run({ seconds: 10 });
    const knownBps = path.control.hidden.knownBps(path.nowUs);
    expect(knownBps).toBeGreaterThan(0.8e6);
    expect(knownBps).toBeLessThan(1.2e6);
  });
});

describe('loss with a standing queue', () => {
  test('of 10 % is taken for congestion: less is sent as long as it stands', () => {
    const path = new Path(2e6, () => 0.1).run({ seconds: 5, queued: true });
    expect(path.rateBps).toBeLessThan(1e6);
    expect(path.run({ seconds: 5 }).rateBps).toBeGreaterThan(1.9e6);
  });

  test('makes us send 85 % of what arrives, as at an overuse', () => {
    const path = new Path(2e6, () => 0.1);
    const parts = Array.from({ length: 40 }, () => {
      path.run({ seconds: 0.05, queued: true });
      return path.control.limitBps / (0.9 * path.rateBps);
    });
    expect(parts).toContainEqual(expect.closeTo(0.85));
  });

  test('proves nothing by staying: others fill what we leave', () => {
    const path = new Path(2e6, () => 0.2).run({ seconds: 3, queued: true });
    for (let i = 0; i < 20; i++) expect(path.run({ seconds: 0.25, queued: true }).rateBps).toBeLessThan(1.3e6);
  });

  test('does not tell of a hidden limit: the delay shows it', () => {
    const path = new Path(2e6, policer(1e6)).run({ seconds: 10, queued: true });
    expect(path.control.hidden.remembers(path.nowUs)).toBe(false);
  });
});

test('a pause after a queue overflowed lowers nothing: what arrives without loss is what was sent', () => {
  const path = new Path(2e6, (bps) => (bps > 1.8e6 ? 0.3 : 0)).run({ seconds: 0.6, queued: true });
  expect(path.control.limitBps).toBeLessThan(2e6);
  const limitBps = path.control.limitBps;
  path.offer(150_000).run({ seconds: 0.9 });
  expect(path.control.limitBps).toBeGreaterThanOrEqual(limitBps);
});

test('a test ends with its limit: what was sent when it began is no guide for the next', () => {
  let loss = 0.2;
  const path = new Path(500_000, () => loss);
  const limited = () => path.control.limitBps < Number.POSITIVE_INFINITY;
  for (let i = 0; i < 60 && !limited(); i++) path.run({ seconds: 0.05 });
  path.run({ seconds: 0.3 });
  loss = 0.05;
  for (let i = 0; i < 100 && limited(); i++) path.run({ seconds: 0.05 });
  path.offer(4e6).run({ seconds: 2 });
  expect(path.rateBps).toBe(4e6);
  loss = 0.17;
  const rates = Array.from({ length: 40 }, () => path.run({ seconds: 0.05 }).rateBps);
  expect(Math.min(...rates)).toBeLessThan(4e6);
  expect(Math.min(...rates)).toBeGreaterThan(2e6);
});

test('nothing is judged while what arrives is unknown', () => {
  const { control } = new Path(2e6, () => 0.5);
  for (let us = 0; us < 3e6; us += 4000) {
    control.observations.add(us, PACKET_BYTES, (us / 4000) % 2 === 0);
    control.update(us, Number.NaN, false);
  }
  expect(control.limitBps).toBe(Number.POSITIVE_INFINITY);
});
