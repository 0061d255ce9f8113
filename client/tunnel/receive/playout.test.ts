/** When what has arrived is heard and seen. */
import { describe, expect, test } from 'vitest';
import { toNtp } from '../rtp/ntp-time.ts';
import { ArrivalSpread } from './arrival-spread.ts';
import { MediaClock } from './media-clock.ts';
import { PlayoutBuffer } from './playout-buffer.ts';
import { VideoQueue } from './video-queue.ts';

/** 20 ms of a voice of 200 Hz, or of silence, that begins at `mediaMs`. */
function piece(mediaMs: number, amplitude = 0.5): Float32Array {
  return Float32Array.from(
    { length: 960 },
    (_, i) => amplitude * Math.sin(2 * Math.PI * 200 * (mediaMs / 1000 + i / 48_000)),
  );
}

/** Plays arrivals (time → media times that come then) for a while, in steps of 2.67 ms as a worklet has them. */
function play(
  buffer: PlayoutBuffer,
  untilMs: number,
  arrivals: (step: number) => readonly Float32Array[] | undefined,
  startMs = 0,
) {
  const heard: number[] = [];
  const levels: number[] = [];
  const out = new Float32Array(128);
  let mediaMs = startMs;
  for (let step = 0; (step * 128) / 48 < untilMs; step++) {
    for (const samples of arrivals(step) ?? []) {
      buffer.push(samples, mediaMs);
      mediaMs += 20;
    }
    buffer.read(out);
    heard.push(...out);
    levels.push(buffer.levelMs);
  }
  return { heard, levels };
}
const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);
/** 20 ms are seven and a half steps of 128 samples. */
const isDue = (step: number) => Math.floor((step + 1) / 7.5) > Math.floor(step / 7.5);

describe('sound', () => {
  test('begins when the target is there, and goes on without a hole', () => {
    const buffer = new PlayoutBuffer(60);
    let next = 0;
    const { heard } = play(buffer, 1_000, (step) => (isDue(step) ? [piece(20 * next++)] : undefined));
    const first = heard.findIndex((sample) => sample !== 0);
    expect(first / 48).toBeGreaterThanOrEqual(40);
    expect(first / 48).toBeLessThanOrEqual(65);
    expect(buffer.underruns).toBe(0);
    expect(buffer.removed).toBe(0);
    const steps = heard.slice(first + 200).map((sample, i, all) => Math.abs(sample - (all[i - 1] ?? sample)));
    // A sine of 200 Hz changes by 0.0131 a sample at most.
    expect(largest(steps)).toBeLessThan(0.014);
  });

  test('tells what is heard by its time in the stream', () => {
    const buffer = new PlayoutBuffer(40);
    buffer.push(piece(1_000), 1_000);
    expect(buffer.mediaMs).toBeUndefined();
    buffer.push(piece(1_020), 1_020);
    buffer.read(new Float32Array(480));
    expect(buffer.mediaMs).toBeCloseTo(1_010, 6);
    buffer.read(new Float32Array(960));
    expect(buffer.mediaMs).toBeCloseTo(1_030, 6);
  });

  test('after a stall of 3 s it is silent, then back at its target at once', () => {
    const buffer = new PlayoutBuffer(60);
    let next = 0;
    const stallFrom = Math.floor(500 / 2.667);
    const stallTo = Math.floor(3_500 / 2.667);
    let owed = 0;
    const { levels } = play(buffer, 6_000, (step) => {
      if (isDue(step)) owed++;
      if ((step > stallFrom && step < stallTo) || owed === 0) return undefined;
      const pieces = Array.from({ length: owed }, () => piece(20 * next++));
      owed = 0;
      return pieces;
    });
    expect(buffer.underruns).toBe(1);
    expect(largest(levels.slice(stallTo + 1))).toBeLessThan(62);
    expect(buffer.removed / 48).toBeGreaterThan(1_800);
  });

  test('a voice that is 150 ms late is caught up with by whole periods, without a click', () => {
    const buffer = new PlayoutBuffer(60);
    let next = 0;
    // All of the first 210 ms at once, then evenly.
    const { heard, levels } = play(buffer, 3_000, (step) => {
      if (step === 0) return Array.from({ length: 11 }, () => piece(20 * next++));
      return isDue(step) ? [piece(20 * next++)] : undefined;
    });
    expect(levels.at(-1)).toBeLessThan(85);
    expect(buffer.underruns).toBe(0);
    expect(buffer.removed / 48).toBeGreaterThan(100);
    const steps = heard.slice(500).map((sample, i, all) => Math.abs(sample - (all[i - 1] ?? sample)));
    expect(largest(steps)).toBeLessThan(0.03);
    // Of the pitch nothing changes: 200 Hz cross zero 400 times a second.
    const crossings = heard
      .slice(2_400, 2_400 + 48_000)
      .filter((sample, i, all) => sample * (all[i - 1] ?? sample) < 0).length;
    expect(crossings).toBeGreaterThan(390);
    expect(crossings).toBeLessThan(410);
  });

  test('of silence all that is too much goes at the first look', () => {
    const buffer = new PlayoutBuffer(60);
    let next = 0;
    const { levels } = play(buffer, 700, (step) => {
      if (step === 0) return Array.from({ length: 15 }, () => piece(20 * next++, 0));
      return isDue(step) ? [piece(20 * next++, 0)] : undefined;
    });
    expect(levels.at(-1)).toBeLessThan(85);
  });

  test('what nobody reads does not pile up', () => {
    const buffer = new PlayoutBuffer(60);
    for (let i = 0; i < 500; i++) buffer.push(piece(20 * i), 20 * i);
    expect(buffer.levelMs).toBe(2_000);
    buffer.read(new Float32Array(128));
    expect(buffer.mediaMs).toBeGreaterThan(9_900);
  });
});

describe('how long to wait', () => {
  const BOUNDS = { leastMs: 60, mostMs: 300 };

  test('the least for an even stream', () => {
    const spread = new ArrivalSpread(BOUNDS);
    for (let ms = 0; ms < 5_000; ms += 20) spread.handleArrival(ms + 33, ms);
    expect([spread.delayMs, spread.baseMs]).toEqual([60, 33]);
  });

  test('as long as bursts are apart', () => {
    const spread = new ArrivalSpread(BOUNDS);
    for (let ms = 0; ms < 5_000; ms += 20) spread.handleArrival(Math.ceil(ms / 120) * 120, ms);
    expect(spread.delayMs).toBe(100);
  });

  test('an outage is no reason to wait from then on', () => {
    const spread = new ArrivalSpread(BOUNDS);
    for (let ms = 0; ms < 8_000; ms += 20) spread.handleArrival(ms >= 3_000 && ms < 6_000 ? 6_000 : ms, ms);
    expect(spread.delayMs).toBe(60);
  });

  test('a longer way is the new base when the old one is forgotten', () => {
    const spread = new ArrivalSpread(BOUNDS);
    for (let ms = 0; ms < 25_000; ms += 20) spread.handleArrival(ms + (ms < 5_000 ? 0 : 200), ms);
    expect([spread.baseMs, spread.delayMs]).toEqual([200, 60]);
  });
});

describe('pictures', () => {
  test('are shown in their turn', () => {
    const queue = new VideoQueue<string>();
    queue.push('a', 0);
    queue.push('b', 40);
    expect(queue.due(1_000)).toEqual({ show: undefined, skipped: [] });
    queue.steer(1_000, 1_020, undefined);
    expect(queue.nextMs).toBe(1_020);
    expect(queue.due(1_019).show).toBeUndefined();
    expect(queue.due(1_020).show?.picture).toBe('a');
    expect(queue.due(1_060).show?.picture).toBe('b');
  });

  test('of several that are due only the newest is shown', () => {
    const queue = new VideoQueue<string>();
    queue.steer(0, 0, undefined);
    for (const [i, picture] of ['a', 'b', 'c', 'd'].entries()) queue.push(picture, 10 * i);
    const { show, skipped } = queue.due(25);
    expect([show?.picture, skipped.map(({ picture }) => picture)]).toEqual(['c', ['a', 'b']]);
  });

  test('beyond what decoders can spare they are shown before their turn', () => {
    const queue = new VideoQueue<number>();
    queue.steer(0, 1_000_000, undefined);
    const shown = Array.from({ length: 15 }, (_, i) => {
      queue.push(i, i);
      return queue.due(0).show?.picture;
    });
    expect(shown.filter((each) => each !== undefined)).toEqual([0, 1, 2]);
    expect(queue.length).toBe(12);
  });

  test('wait for a later sound, a little more each time, and never for an earlier one', () => {
    const queue = new VideoQueue<number>();
    queue.steer(0, 100, undefined);
    queue.steer(1_000, 100, 300);
    expect(queue.offsetMs).toBeCloseTo(200, 6);
    for (let ms = 1_000; ms <= 5_000; ms += 50) queue.steer(ms, 100, 300);
    expect(queue.offsetMs).toBeCloseTo(300, 6);
    for (let ms = 5_000; ms <= 9_000; ms += 50) queue.steer(ms, 100, 20);
    expect(queue.offsetMs).toBeCloseTo(100, 6);
    // Sound that is seconds late is not waited for beyond the bound.
    for (let ms = 9_000; ms <= 20_000; ms += 50) queue.steer(ms, 100, 5_000);
    expect(queue.offsetMs).toBeCloseTo(500, 6);
  });
});

test('two streams are compared by the sender reports of both', () => {
  const [sound, picture] = [new MediaClock(48_000), new MediaClock(90_000)];
  expect(sound.distanceTo(picture)).toBeUndefined();
  // The same instant has 2 s of sound, and 10 s of pictures.
  sound.handleSenderReport(toNtp(1_795_321_980_000), 96_000);
  picture.handleSenderReport(toNtp(1_795_321_980_000), 900_000);
  expect(sound.distanceTo(picture)).toBeCloseTo(8_000, 3);
});
