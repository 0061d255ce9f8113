import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_AGE_US, MAX_MISSING, MAX_TRIES, NackGenerator } from './nack-generator.ts';

const SEED = 20_261_123;
const scratch = new Uint16Array(MAX_MISSING);

function asked(nack: NackGenerator, ms: number, roundTripMs?: number): number[] {
  return [...scratch.subarray(0, nack.take(ms * 1000, roundTripMs, scratch))];
}

/** Receives `indexes` at once. */
function receive(nack: NackGenerator, ms: number, ...indexes: number[]): void {
  for (const index of indexes) nack.receive(ms * 1000, index);
}

/** A generator that has received `from` to `to` at time 0. */
function started(to = 100, from = to - 10, usesRtx = true): NackGenerator {
  const nack = new NackGenerator(usesRtx);
  for (let index = from; index <= to; index++) nack.receive(0, index);
  return nack;
}

describe('what is asked for', () => {
  test.each<[string, number[], number[]]>([
    ['nothing in order', [101, 102], []],
    ['one', [102], [101]],
    ['several', [103, 106], [101, 102, 104, 105]],
    ['not what came late', [103, 102], [101]],
    ['not what came twice', [101, 101, 103, 103], [102]],
    ['over a wrap', [65_540], []],
  ])('%s', (_name, indexes, expected) => {
    const nack = started();
    receive(nack, 1, ...indexes);
    expect(asked(nack, 400)).toEqual(expected);
  });

  test('numbers are those of the packets, ascending, also over a wrap', () => {
    const nack = started(65_534);
    receive(nack, 1, 65_539);
    expect(asked(nack, 1)).toEqual([65_535, 0, 1, 2]);
  });

  test('nothing is missing before the first packet', () => {
    const nack = new NackGenerator(true);
    receive(nack, 0, 5000, 5001);
    expect([nack.missing, nack.dueUs]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test('a short array takes the newest, the rest stays due', () => {
    const nack = started();
    receive(nack, 1, 105);
    const two = new Uint16Array(2);
    expect(nack.take(1000, 50, two)).toBe(2);
    expect([...two]).toEqual([103, 104]);
    expect(nack.dueUs).toBe(1000);
    expect(nack.take(1000, 50, two)).toBe(2);
    expect([...two]).toEqual([101, 102]);
  });
});

describe('when', () => {
  /** Times (ms) at which packet 101 is asked for until `untilMs`; `roundTripMs` as the transport knows it. */
  function times(untilMs: number, roundTripMs: number | undefined): number[] {
    const nack = started();
    receive(nack, 0, 102);
    const sent: number[] = [];
    for (let ms = 0; ms <= untilMs; ms += 10) if (asked(nack, ms, roundTripMs).length > 0) sent.push(ms);
    return sent;
  }

  test('at once, then each round trip and 20 ms', () => {
    expect(times(400, 80)).toEqual([0, 100, 200, 300, 400]);
    expect(times(300, 20)).toEqual([0, 40, 80, 120, 160, 200, 240, 280]);
  });

  test('with a round trip that is not known: 100 ms', () => {
    expect(times(300, undefined)).toEqual([0, 120, 240]);
  });

  test('given up after MAX_TRIES, or when too old', () => {
    expect(times(3000, 20)).toHaveLength(MAX_TRIES);
    const slow = times(3000, 400);
    expect(slow).toEqual([0, 420, 840, 1260]);
    expect(slow.at(-1)).toBeLessThanOrEqual(MAX_AGE_US / 1000);
  });

  test('the time that repetitions take is learned', () => {
    const nack = started();
    receive(nack, 0, 102);
    expect(asked(nack, 0)).toEqual([101]);
    expect(nack.handleRepair(300_000, 101)).toBe(true);
    receive(nack, 1000, 104);
    expect(asked(nack, 1000)).toEqual([103]);
    expect(nack.dueUs).toBe(1_320_000);
  });

  test('nothing is due once all is here', () => {
    const nack = started();
    receive(nack, 1, 104);
    asked(nack, 1);
    for (const index of [101, 102, 103]) expect(nack.handleRepair(50_000, index)).toBe(true);
    expect([nack.missing, nack.dueUs, nack.repaired]).toEqual([0, Number.POSITIVE_INFINITY, 3]);
    expect(nack.handleRepair(60_000, 102)).toBe(false);
  });
});

describe('what is given up', () => {
  test('everything before a key frame', () => {
    const nack = started();
    receive(nack, 1, 104, 108);
    nack.handleKeyframe(104);
    expect(asked(nack, 1)).toEqual([105, 106, 107]);
    expect(nack.abandoned).toBe(3);
    nack.handleKeyframe(108);
    expect([nack.missing, nack.dueUs]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test('more than MAX_MISSING at once: all of it, for a key frame', () => {
    const nack = started();
    receive(nack, 1, 102);
    expect(nack.receive(2000, 102 + MAX_MISSING + 1)).toBe(false);
    expect([nack.missing, nack.overflows, nack.takeOverflow(), nack.takeOverflow()]).toEqual([0, 1, true, false]);
    expect(asked(nack, 3)).toEqual([]);
    receive(nack, 4, 105 + MAX_MISSING);
    expect(asked(nack, 4)).toHaveLength(1);
  });

  test('MAX_MISSING are still asked for', () => {
    const nack = started();
    receive(nack, 1, 101 + MAX_MISSING);
    expect(asked(nack, 1)).toHaveLength(MAX_MISSING);
    receive(nack, 2, 103 + MAX_MISSING);
    expect([nack.missing, nack.takeOverflow()]).toEqual([0, true]);
  });
});

/** Plays a stream of 250 packets a second with `delayMs` per packet; returns the generator after all have come. */
function played(packets: number, delayMs: (index: number) => number | undefined, usesRtx = true): NackGenerator {
  const nack = new NackGenerator(usesRtx);
  const arrivals = Array.from({ length: packets }, (_, index) => ({ index, ms: delayMs(index) }))
    .flatMap(({ index, ms }) => (ms === undefined ? [] : [{ index, ms: index * 4 + ms }]))
    .toSorted((a, b) => a.ms - b.ms);
  let next = 0;
  for (let ms = 0; ms < packets * 4 + 2000; ms += 5) {
    for (let arrival = arrivals[next]; arrival !== undefined && arrival.ms <= ms; arrival = arrivals[++next]) {
      nack.receive(arrival.ms * 1000, arrival.index);
    }
    asked(nack, ms, 60);
  }
  return nack;
}

/** Deterministic noise, 0 to 1. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('reordering', () => {
  test.each([20, 50, 100, 200])('jitter of 0 to %i ms per packet: needless requests stay below 1 %%', (jitterMs) => {
    const random = noise(SEED + jitterMs);
    const nack = played(15_000, () => random() * jitterMs);
    expect(nack.needless).toBeLessThan(150);
    expect(nack.reorderingWaitUs).toBeLessThanOrEqual(jitterMs * 1000 + 10_000);
  });

  test('a network that keeps the order is asked at once, though one packet in a thousand is late', () => {
    const random = noise(SEED);
    const nack = played(20_000, () => (random() < 0.001 ? 50 : 0));
    expect(nack.reorderingWaitUs).toBe(0);
    expect(nack.needless).toBeLessThan(40);
  });

  test('what was learned is forgotten when the order returns', () => {
    const random = noise(SEED);
    const nack = played(40_000, (index) => {
      if (index < 5000) return random() * 100;
      return random() < 0.01 ? undefined : 100;
    });
    expect(nack.reorderingWaitUs).toBe(0);
  });

  test('random loss teaches no waiting', () => {
    const random = noise(SEED);
    const nack = played(10_000, () => (random() < 0.1 ? undefined : 30));
    expect(nack.reorderingWaitUs).toBe(0);
    expect(nack.needless).toBe(0);
  });

  test('without RTX a packet that comes a round trip after its request was repeated, not late', () => {
    const nack = started(100, 90, false);
    receive(nack, 0, 102);
    asked(nack, 0, 80);
    receive(nack, 85, 101);
    expect([nack.repaired, nack.needless, nack.reorderingWaitUs]).toEqual([1, 0, 0]);
    receive(nack, 100, 104);
    asked(nack, 100, 80);
    receive(nack, 110, 103);
    expect([nack.repaired, nack.needless]).toEqual([1, 1]);
  });
});

test('whatever comes: bounded, never asked for what is here, never more than MAX_TRIES, due when something is missing', () => {
  const event = fc.oneof(
    { weight: 8, arbitrary: fc.record({ what: fc.constant('receive'), by: fc.integer({ min: -30, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('receive'), by: fc.integer({ min: -400, max: 400 }) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('repair'), by: fc.integer({ min: -40, max: 0 }) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('key'), by: fc.integer({ min: -40, max: 0 }) }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('take'), by: fc.integer({ min: 0, max: 300 }) }) },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), fc.boolean(), (events, usesRtx) => {
      const nack = new NackGenerator(usesRtx);
      const here = new Set<number>();
      const tries = new Map<number, number>();
      let highest = 70_000;
      let nowUs = 0;
      for (const { what, by } of events) {
        nowUs += 1000;
        const index = highest + by;
        if (what === 'receive') {
          nack.receive(nowUs, index);
          here.add(index);
          highest = Math.max(highest, index);
        } else if (what === 'repair') {
          if (nack.handleRepair(nowUs, index)) expect(here.has(index)).toBe(false);
          here.add(index);
        } else if (what === 'key') {
          nack.handleKeyframe(index);
        } else {
          nowUs += by * 1000;
          for (const sequenceNumber of asked(nack, nowUs / 1000, 50)) {
            const missing = highest - ((highest - sequenceNumber) & 0xffff);
            expect(here.has(missing)).toBe(false);
            tries.set(missing, (tries.get(missing) ?? 0) + 1);
            expect(tries.get(missing)).toBeLessThanOrEqual(MAX_TRIES);
          }
          expect(nack.dueUs).toBeGreaterThan(nowUs);
        }
        expect(nack.missing).toBeLessThanOrEqual(MAX_MISSING);
        expect(nack.dueUs === Number.POSITIVE_INFINITY).toBe(nack.missing === 0);
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});
