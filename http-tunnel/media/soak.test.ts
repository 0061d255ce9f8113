/** A short soak; the long one is `node http-tunnel/media/soak.ts`. */
import { expect, test } from 'vitest';
import { soak } from './testing/soak.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

test('stalls, cuts, changes of the carrier, deaths: each text once and in order, memory flat, nothing left', async () => {
  const { faults, texts, packets, acts, left, heapBytes, carriers, sessionEnds, sessionsOpened, ...report } =
    await soak({
      sessions: 12,
      seconds: 12,
      seed: SEED,
    });
  expect(faults, `seed ${SEED}`).toEqual([]);
  expect(left).toEqual({ sessions: 0, connections: 0, signalling: 0 });
  const ends = Object.values(sessionEnds).reduce((sum, count) => sum + count, 0);
  expect([ends, sessionEnds.left + sessionEnds.carrierLost]).toEqual([sessionsOpened, sessionsOpened]);
  expect(heapBytes.late - heapBytes.early).toBeLessThan(16e6);
  expect(report.mostQueuedBytes).toBeLessThan(12 * 600_000);
  // It was no idle time.
  expect(Math.min(...Object.values(carriers), texts, packets, Object.keys(acts).length)).toBeGreaterThan(2);
}, 90_000);
