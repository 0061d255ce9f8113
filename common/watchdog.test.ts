import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LivenessCheck } from './liveness.ts';
import { createLogger } from './log.ts';
import { Watchdog } from './watchdog.ts';

const log = createLogger({ name: 'test', level: 'silent' });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(watchdogMs: number | undefined, problems: () => string[]) {
  const beats: number[] = [];
  const manager = {
    watchdogMs,
    close: () => undefined,
    notify: async (state: string) => void (state === 'WATCHDOG=1' && beats.push(Date.now())),
  };
  const watchdog = new Watchdog(manager, new LivenessCheck(async () => problems(), 1_000), log);
  vi.setSystemTime(0);
  watchdog.start();
  return { beats, watchdog };
}

describe('watchdog', () => {
  test('a sign of life at once and at every interval, none after the stop', async () => {
    const { beats, watchdog } = start(10_000, () => []);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(beats).toEqual([0, 10_000, 20_000]);
    watchdog.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beats).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('none while something is wrong; soon again when it is over', async () => {
    const { beats, watchdog } = start(10_000, () => (Date.now() >= 9_000 && Date.now() < 12_500 ? ['a worker'] : []));
    await vi.advanceTimersByTimeAsync(24_000);
    expect(beats).toEqual([0, 13_000, 23_000]);
    watchdog.stop();
  });

  test('nothing when nobody waits', async () => {
    const { beats } = start(undefined, () => []);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([beats, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
