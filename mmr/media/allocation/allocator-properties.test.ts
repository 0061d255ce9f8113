import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AllocatableSlot, type Allocation, allocate, stepOrder, wantedRungs } from './allocator.ts';
import { encoding, labInput, labSlot } from './allocator-test-lab.ts';
import { compareWorth, type LayerOption, makeLadder } from './ladder.ts';

/** fast-check prints the seed of a failure; any seed can be given here to repeat it. */
const RUNS = { numRuns: 300 };
/** As the driver has it. */
const RISE_MARGIN = 1.15;

const options = fc
  .array(
    fc.record({
      height: fc.constantFrom(90, 180, 270, 360, 720, 1080),
      bitratesBps: fc.array(fc.integer({ min: 5_000, max: 2_000_000 }), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 4 },
  )
  .map((encodings) =>
    encodings.flatMap(({ height, bitratesBps }, i) => encoding(`e${i}`, height, accumulate(bitratesBps))),
  );

const slotFields = fc.record({
  importance: fc.integer({ min: 0, max: 7 }),
  maxHeight: fc.constantFrom(0, 90, 180, 360, 720, 4320, Number.POSITIVE_INFINITY),
  maxFps: fc.constantFrom(0, 10, 15, 60, Number.POSITIVE_INFINITY),
  isScreen: fc.boolean(),
  mayRise: fc.boolean(),
  options,
  present: fc.option(fc.nat(20), { nil: undefined }),
});

const slots = fc
  .array(slotFields, { maxLength: 12 })
  .map((all) =>
    all.map(({ present, ...fields }, i) =>
      labSlot(`${i}`, { ...fields, present: present === undefined ? undefined : fields.options[present] }),
    ),
  );

const bitrate = fc.integer({ min: 0, max: 8_000_000 });

function accumulate(bitratesBps: readonly number[]): number[] {
  let sum = 0;
  return bitratesBps.map((bitrateBps) => {
    sum += bitrateBps;
    return sum;
  });
}

const sumBps = (allocation: Allocation): number =>
  allocation.slots.reduce((sum, { layer }) => sum + (layer?.bitrateBps ?? 0), 0);

const rising = (all: readonly AllocatableSlot[]): AllocatableSlot[] =>
  all.map((slot) => ({ ...slot, mayRise: true, present: undefined }));

describe('an allocation', () => {
  test('never takes more than there is, but for audio', () => {
    const check = (all: AllocatableSlot[], budgetBps: number, audioBps: number, margin: number): void => {
      const allocation = allocate(labInput(budgetBps, all, { audioBps, riseBudgetBps: budgetBps / margin }));
      expect(allocation.usedBps).toBe(audioBps + sumBps(allocation));
      expect(allocation.usedBps).toBeLessThanOrEqual(Math.max(audioBps, budgetBps));
    };
    fc.assert(fc.property(slots, bitrate, fc.nat(200_000), fc.constantFrom(1, RISE_MARGIN), check), RUNS);
  });

  test('gives only what is published and asked for, and all of it when nothing is in the way', () => {
    const check = (all: AllocatableSlot[], budgetBps: number): void => {
      const wanted = all.map(wantedRungs);
      allocate(labInput(budgetBps, all)).slots.forEach(({ layer }, i) => {
        if (layer !== undefined) expect(wanted[i]).toContain(layer);
      });
      const unlimited = allocate(labInput(Number.POSITIVE_INFINITY, rising(all)));
      expect(unlimited.slots.map(({ layer }) => layer)).toEqual(wanted.map((rungs) => rungs.at(-1)));
      expect(unlimited.usedBps).toBe(unlimited.wantedBps);
    };
    fc.assert(fc.property(slots, bitrate, check), RUNS);
  });

  test('gives, of unlimited bandwidth, the best that the view allows, at what it costs least', () => {
    const check = (slot: AllocatableSlot): void => {
      const { published, maxHeight, maxFps, isScreen } = slot;
      const inTime = ({ temporal, framesPerSecond }: LayerOption) => temporal === 0 || framesPerSecond <= maxFps * 1.1;
      const covering = published.options.filter(({ height }) => height * 1.25 >= maxHeight).map(({ height }) => height);
      const tallest = Math.min(...covering, Number.POSITIVE_INFINITY);
      const allowed = published.options.filter((option) => option.height <= tallest && inTime(option));
      const best = allowed.toSorted((a, b) => compareWorth(b, a, isScreen) || a.bitrateBps - b.bitrateBps)[0];
      const given = allocate(labInput(Number.POSITIVE_INFINITY, rising([slot]))).slots[0]?.layer;
      expect(given === undefined).toBe(best === undefined);
      if (given === undefined || best === undefined) return;
      expect([compareWorth(given, best, isScreen), given.bitrateBps]).toEqual([0, best.bitrateBps]);
    };
    fc.assert(
      fc.property(
        slotFields.map((fields) => labSlot('v', { ...fields, present: undefined })),
        check,
      ),
      RUNS,
    );
  });

  test('says for each slot why it gets no more', () => {
    const check = (all: AllocatableSlot[], budgetBps: number): void => {
      const wanted = all.map(wantedRungs);
      allocate(labInput(budgetBps, all)).slots.forEach(({ layer, limit, nextStepBps }, i) => {
        const rungs = wanted[i] as readonly LayerOption[];
        const isTop = layer === rungs.at(-1);
        expect(limit === 'noVideo').toBe(rungs.length === 0);
        expect(limit === 'view' || limit === 'source').toBe(isTop && rungs.length > 0);
        expect(nextStepBps > 0).toBe(limit === 'bandwidth' || limit === 'margin');
      });
    };
    fc.assert(fc.property(slots, bitrate, check), RUNS);
  });
});

describe('of two bandwidths', () => {
  /** The step at which the greater goes on and the smaller does not, or the other way round. */
  function firstDifference(all: AllocatableSlot[], less: Allocation, more: Allocation): number {
    const rungs = all.map(wantedRungs);
    const reached = (allocation: Allocation, slot: number): number =>
      (rungs[slot] as readonly LayerOption[]).indexOf(allocation.slots[slot]?.layer as LayerOption);
    for (const { slot, rung } of stepOrder(all, rungs)) {
      const difference = Number(reached(more, slot) >= rung) - Number(reached(less, slot) >= rung);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  test('the greater takes every step, in their order, that the smaller takes, until it takes one more', () => {
    const check = (all: AllocatableSlot[], a: number, b: number): void => {
      const free = rising(all);
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map((budgetBps) => allocate(labInput(budgetBps, free)));
      expect(firstDifference(free, less as Allocation, more as Allocation)).toBeGreaterThanOrEqual(0);
    };
    fc.assert(fc.property(slots, bitrate, bitrate, check), RUNS);
  });

  test('a single slot never gets less of the greater', () => {
    const check = ([slot]: AllocatableSlot[], a: number, b: number): void => {
      if (slot === undefined) return;
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map(
        (budgetBps) => allocate(labInput(budgetBps, rising([slot]))).slots[0]?.layer,
      );
      if (less === undefined) return;
      expect(more && compareWorth(more, less, slot.isScreen)).toBeGreaterThanOrEqual(0);
    };
    fc.assert(fc.property(slots, bitrate, bitrate, check), RUNS);
  });
});

describe('importance', () => {
  test('of two slots that could show the same, the more important never gets less', () => {
    const check = (published: LayerOption[], others: AllocatableSlot[], isScreen: boolean, budgetBps: number): void => {
      const [low, high] = [1, 2].map((importance) =>
        labSlot(`${importance}`, { options: published, importance, isScreen }),
      ) as [AllocatableSlot, AllocatableSlot];
      const { slots: given } = allocate(labInput(budgetBps, [low, ...rising(others), high]));
      const [less, more] = [given[0]?.layer, given.at(-1)?.layer];
      if (less === undefined) return;
      expect(more && compareWorth(more, less, isScreen)).toBeGreaterThanOrEqual(0);
    };
    fc.assert(fc.property(options, slots, fc.boolean(), bitrate, check), RUNS);
  });

  // Beyond that, the steps of others that no longer fit, or do now, decide what is left for it.
  test('raising the importance of a slot never costs it a picture in which one can recognise somebody', () => {
    const check = (all: AllocatableSlot[], budgetBps: number): void => {
      const [first, ...others] = rising(all);
      if (first === undefined) return;
      const before = allocate(labInput(budgetBps, [first, ...others])).slots[0]?.layer;
      const after = allocate(labInput(budgetBps, [{ ...first, importance: 100 }, ...others])).slots[0]?.layer;
      if (before === undefined) return;
      const rungs = wantedRungs(first);
      const had = rungs.slice(0, rungs.indexOf(before) + 1);
      const kept = had.filter(({ height }, i) => i === 0 || height <= 360).at(-1) as LayerOption;
      expect(after && compareWorth(after, kept, first.isScreen)).toBeGreaterThanOrEqual(0);
    };
    fc.assert(fc.property(slots, bitrate, check), RUNS);
  });
});

describe('an estimate that wavers by 5 %', () => {
  test('does not pump the picture', () => {
    const check = (all: AllocatableSlot[], estimateBps: number, noise: readonly number[]): void => {
      let now: AllocatableSlot[] = rising(all);
      const decide = (budgetBps: number): string => {
        const { slots: given } = allocate(labInput(budgetBps, now, { riseBudgetBps: budgetBps / RISE_MARGIN }));
        now = now.map((slot, i) => ({ ...slot, present: given[i]?.layer }));
        return given.map(({ layer }) => `${layer?.rid}${layer?.temporal}`).join(' ');
      };
      // Both ends of the range, until all that can rise has risen.
      for (let i = 0; i < 100; i++) decide(estimateBps * (i % 2 === 0 ? 1.05 : 0.95));
      const settled = decide(estimateBps);
      for (const share of noise) expect(decide(estimateBps * (0.95 + 0.1 * share))).toBe(settled);
    };
    const noise = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 50, maxLength: 50 });
    fc.assert(fc.property(slots, bitrate, noise, check), { numRuns: 100 });
  });
});

describe('size', () => {
  test('128 slots with all the layers there can be take a bounded number of steps', () => {
    const heights = [180, 360, 720, 1080];
    const everything = heights.flatMap((height, e) =>
      [0, 1, 2, 3].flatMap((spatial) =>
        encoding(
          `e${e}`,
          height + spatial,
          [1e3, 2e3, 3e3, 4e3].map((b) => b * height + spatial * 100),
        ).map((option) => ({
          ...option,
          spatial,
        })),
      ),
    );
    expect(makeLadder([...everything, ...everything], false).length).toBeLessThanOrEqual(64);
    const all = Array.from({ length: 128 }, (_, i) => labSlot(`${i}`, { options: everything, importance: i % 8 }));
    const steps = stepOrder(all, all.map(wantedRungs));
    expect(steps.length).toBeLessThanOrEqual(128 * 64);
  });
});
