import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LayerTarget } from '../forward/layers/layer.ts';
import { encoding, SIMULCAST } from './allocator-test-lab.ts';
import { type AllocatedSlot, AllocatorDriver, LOOK_INTERVAL_US } from './driver.ts';
import { type LayerOption, PublishedLayers } from './ladder.ts';
import { SourceLayers } from './source-layers.ts';

class FakeSlot implements AllocatedSlot {
  readonly mid: string;
  layers: SourceLayers | undefined;
  hasDescriptor = true;
  isPinned = false;
  maxHeight = Number.POSITIVE_INFINITY;
  maxFps = Number.POSITIVE_INFINITY;
  importance = 0;
  present: LayerOption | undefined;
  isFresh = true;
  suspended = false;
  /** What was applied, in order. */
  readonly applied: string[] = [];
  reason = '';

  constructor(mid: string, options: readonly LayerOption[] = SIMULCAST, kind = 'camera') {
    this.mid = mid;
    this.layers = new SourceLayers({ isAudio: false, kind, encodings: [] });
    this.publish(options);
  }
  publish(options: readonly LayerOption[]): void {
    if (this.layers === undefined) return;
    this.layers.published = new PublishedLayers(options, this.layers.isScreen);
    this.layers.version++;
    this.layers.rateVersion++;
  }
  apply(_nowUs: number, target: LayerTarget | undefined, reason: string): void {
    this.applied.push(target === undefined ? '-' : `${target.rid}${target.temporal}`);
    this.reason = reason;
  }
  get shown(): string {
    return this.applied.at(-1) ?? '';
  }
}

/** One subscriber on virtual time. */
class Lab {
  readonly slots: FakeSlot[];
  readonly driver: AllocatorDriver;
  estimateBps = Number.POSITIVE_INFINITY;
  lossFraction = 0;
  /** As the estimator does. */
  capsEstimate = false;
  wantedBps = 0;
  allocatedBps = 0;
  plainAudioBps = 0;
  nowUs = 1e9;
  decisions = 0;

  constructor(...slots: FakeSlot[]) {
    this.slots = slots;
    this.driver = new AllocatorDriver(slots, this);
  }
  setDemand(_nowUs: number, wantedBps: number, allocatedBps: number): void {
    this.wantedBps = wantedBps;
    this.allocatedBps = allocatedBps;
    if (this.capsEstimate) this.estimateBps = Math.min(this.estimateBps, wantedBps * 1.25);
  }
  /** Looks every LOOK_INTERVAL_US; returns what each slot was given at the end. */
  run(seconds: number, prepare: (i: number) => void = () => {}): string {
    for (let i = 0; i < (seconds * 1e6) / LOOK_INTERVAL_US; i++) {
      prepare(i);
      if (this.driver.isDue(this.nowUs)) {
        this.decisions++;
        this.driver.decide(this.nowUs, this.plainAudioBps);
      }
      this.nowUs += LOOK_INTERVAL_US;
    }
    return this.slots.map(({ shown }) => shown).join(' ');
  }
}

describe('a subscriber without feedback', () => {
  test('gets all, and costs nothing while nothing changes', () => {
    const lab = new Lab(new FakeSlot('a'), new FakeSlot('b'));
    expect(lab.run(10)).toBe('h2 h2');
    expect(lab.decisions).toBe(1);
    lab.slots[0]?.publish(SIMULCAST.slice(0, 6));
    expect(lab.run(10)).toBe('m2 h2');
    expect(lab.decisions).toBe(2);
  });
});

describe('a limited subscriber', () => {
  test('an estimate that falls takes effect at the next look, the less important first', () => {
    const [small, big] = [new FakeSlot('small'), new FakeSlot('big')];
    small.maxHeight = 360;
    const lab = new Lab(small, big);
    lab.estimateBps = 3e6;
    expect(lab.run(5)).toBe('m2 h2');
    lab.estimateBps = 2e6;
    expect(lab.run(0.1)).toBe('m1 h2');
    lab.estimateBps = 1.1e6;
    expect(lab.run(0.1)).toBe('l1 h1');
    lab.estimateBps = 700e3;
    expect(lab.run(0.1)).toBe('l1 m2');
    lab.estimateBps = 110e3;
    expect(lab.run(0.1)).toBe('- l0');
    expect([small.suspended, big.suspended]).toEqual([true, false]);
    expect(small.reason).toBe('nothing: not enough bandwidth, the next step takes 60 kb/s more');
  });

  test('comes up again some seconds later, not at the first glimpse', () => {
    const lab = new Lab(new FakeSlot('a'));
    lab.estimateBps = 2.5e6;
    lab.run(20);
    lab.estimateBps = 100e3;
    expect(lab.run(1)).toBe('l0');
    lab.estimateBps = 2.5e6;
    expect(lab.run(1)).toBe('l0');
    expect(lab.run(8)).toBe('h2');
  });

  test('comes up as soon as the pause is over, also when the estimate has been good for a while', () => {
    const lab = new Lab(new FakeSlot('a'));
    lab.estimateBps = 2.5e6;
    lab.run(20);
    lab.estimateBps = 500e3;
    expect(lab.run(0.1)).toBe('l2');
    lab.estimateBps = 2.5e6;
    expect(lab.run(1.9)).toBe('l2');
    expect(lab.run(0.2)).toBe('h2');
  });

  test('a dark tile is lit as soon as there is room for its lowest layer', () => {
    const lab = new Lab(new FakeSlot('a'));
    lab.estimateBps = 50e3;
    expect(lab.run(1)).toBe('-');
    lab.estimateBps = 2.5e6;
    lab.run(10);
    lab.estimateBps = 50e3;
    expect(lab.run(0.1)).toBe('-');
    lab.estimateBps = 2.5e6;
    expect(lab.run(0.1)).toBe('l0');
    expect(lab.run(1)).toBe('l0');
  });

  test('an estimate that collapses takes the picture down once, and not step by step', () => {
    const slot = new FakeSlot('a');
    const lab = new Lab(slot);
    lab.estimateBps = 2e6;
    lab.run(5);
    lab.estimateBps = 500e3;
    lab.run(0.1);
    lab.estimateBps = 300e3;
    lab.run(2);
    expect(slot.applied).toEqual(['h2', 'l2']);
    lab.run(5);
    expect(slot.applied).toEqual(['h2', 'l2']);
  });

  test('soon after a rise, less counts as a collapse', () => {
    const slot = new FakeSlot('a');
    const lab = new Lab(slot);
    lab.estimateBps = 600e3;
    expect(lab.run(3)).toBe('m2');
    lab.estimateBps = 2.2e6;
    expect(lab.run(0.5)).toBe('h2');
    lab.estimateBps = 1.4e6;
    expect(lab.run(0.1)).toBe('m2');
    expect(lab.run(7)).toBe('m2');
  });

  test('an estimate that falls because less is wanted has not collapsed', () => {
    const slot = new FakeSlot('a');
    const lab = new Lab(slot);
    lab.capsEstimate = true;
    lab.estimateBps = 2.2e6;
    expect(lab.run(3)).toBe('h2');
    slot.maxHeight = 360;
    slot.isFresh = true;
    lab.driver.invalidate();
    lab.run(0.1, () => slot.layers && slot.layers.version++);
    expect(lab.estimateBps).toBe(625e3);
    expect(lab.run(3)).toBe('m2');
    lab.estimateBps = 560e3;
    expect(lab.run(3)).toBe('m2');
  });

  test('a link that breaks down whenever the picture goes up is tried less and less often', () => {
    const slot = new FakeSlot('a');
    const lab = new Lab(slot);
    const reality = (): void => {
      lab.estimateBps = slot.shown.startsWith('h') ? 600e3 : 1.3e6;
    };
    lab.estimateBps = 600e3;
    lab.run(1);
    lab.run(60, reality);
    const rises = slot.applied.filter((shown) => shown.startsWith('h')).length;
    expect(rises).toBeGreaterThan(2);
    expect(rises).toBeLessThanOrEqual(4);
  });

  test('a new tile, a larger view and who begins to speak need not wait', () => {
    const [a, b] = [new FakeSlot('a'), new FakeSlot('b')];
    b.maxHeight = 180;
    const lab = new Lab(a, b);
    lab.estimateBps = 3e6;
    lab.run(20);
    lab.estimateBps = 1.7e6;
    expect(lab.run(0.1)).toBe('h1 l2');
    lab.estimateBps = 1.2e6;
    expect(lab.run(0.1)).toBe('h1 l2');
    b.maxHeight = 360;
    b.isFresh = true;
    if (a.layers !== undefined && b.layers !== undefined) b.layers.isSpeaking = true;
    lab.driver.invalidate();
    expect(lab.run(0.1)).toBe('m2 m2');
  });

  test('audio and repairs leave less for pictures', () => {
    const lab = new Lab(new FakeSlot('a'));
    lab.estimateBps = 1.2e6;
    expect(lab.run(1)).toBe('h1');
    lab.plainAudioBps = 100e3;
    lab.lossFraction = 0.1;
    expect(lab.run(2)).toBe('m2');
    expect(lab.allocatedBps).toBeCloseTo(660e3 * 1.1);
    expect(lab.wantedBps).toBeCloseTo(1860e3 * 1.1);
  });

  test('an estimate beyond all reason brings no more than is subscribed', () => {
    const slot = new FakeSlot('a');
    slot.maxHeight = 180;
    const lab = new Lab(slot);
    lab.estimateBps = 1e15;
    expect([lab.run(5), lab.allocatedBps, lab.wantedBps]).toEqual(['l2', 150e3, 150e3]);
  });
});

test('a receiver is given no more than he can decode, and what he cannot is not called wanted', () => {
  const [a, b] = [new FakeSlot('a', []), new FakeSlot('b', [])];
  const svc = (spatial: number): number => [200e3, 1000e3][spatial] as number;
  const layers = new SourceLayers({
    isAudio: false,
    kind: 'camera',
    encodings: [
      {
        rid: '',
        codec: { name: 'AV1' },
        active: true,
        spatialLayers: 2,
        temporalLayers: 1,
        bitrateBps: svc,
        framesPerSecond: () => 30,
        height: (spatial) => [360, 720][spatial],
      },
    ],
  });
  for (let i = 0; i < 10; i++) layers.measure(i * 1e6);
  Object.assign(a, { layers, hasDescriptor: false });
  Object.assign(b, { layers });
  const lab = new Lab(a, b);
  lab.estimateBps = 5e6;
  lab.run(1);
  expect([a.present, b.present].map((layer) => layer?.height)).toEqual([360, 720]);
  expect(lab.wantedBps).toBe(1.2e6);
});

describe('a source that has sent nothing yet', () => {
  test('is waited for at its lowest encoding, which is not called suspended, and then judged as new', () => {
    const slot = new FakeSlot('a', []);
    slot.layers = new SourceLayers({
      isAudio: false,
      kind: 'camera',
      encodings: [{ rid: 'x', active: false, codec: undefined, spatialLayers: 1, temporalLayers: 1, ...silent }],
    });
    const lab = new Lab(slot);
    lab.estimateBps = 200e3;
    expect([lab.run(5), slot.suspended]).toEqual(['x7', false]);
    expect(lab.wantedBps).toBe(1e6);
    slot.publish(encoding('x', 720, [1e6]));
    expect([lab.run(0.1), slot.suspended]).toEqual(['-', true]);
    slot.publish([]);
    expect([lab.run(0.1), slot.suspended]).toEqual(['x7', false]);
  });

  test('slots without a source are left alone', () => {
    const slot = new FakeSlot('a');
    slot.layers = undefined;
    expect(new Lab(slot).run(1)).toBe('');
  });
});

const silent = { bitrateBps: () => 0, framesPerSecond: () => 0, height: () => undefined };

describe('noise', () => {
  test('of 5 % on the estimate moves no picture once it has settled', () => {
    const check = (estimateBps: number, heights: number[], shares: number[]): void => {
      const slots = heights.map((height, i) => Object.assign(new FakeSlot(`${i}`), { maxHeight: height }));
      const lab = new Lab(...slots);
      const wavering = (share: number): void => {
        lab.estimateBps = estimateBps * (0.95 + 0.1 * share);
      };
      lab.run(30, (i) => wavering(i % 2));
      const before = slots.map(({ applied }) => applied.length);
      lab.run(shares.length / 10, (i) => wavering(shares[i] ?? 0.5));
      expect(slots.map(({ applied }) => applied.length)).toEqual(before);
    };
    const heights = fc.array(fc.constantFrom(180, 360, 720), { minLength: 1, maxLength: 9 });
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 100, maxLength: 100 });
    fc.assert(fc.property(fc.integer({ min: 30_000, max: 9_000_000 }), heights, shares, check), { numRuns: 60 });
  });
});
