/** Measurements that a machine which stood still would spoil: it is a bad network of its own, to the router as well. */
import { type Machine, type Stall, stoodStillMs } from './stall-meter.ts';

/** Shorter stalls are discounted from the times that are measured, and change no decision of the router's. */
const BEARABLE_MS = 250;
/** For tests that measure: as long as it takes until the machine has time for them. */
export const MEASURED = { timeout: 300_000 };
const GIVE_UP_MS = 120_000;

/**
 * Measures, and holds the result against its marks. When those do not hold and the machine stood still meanwhile, that says nothing,
 * and is done again. When they do not hold although it ran, a second measurement has to say the same: what the product does wrong it
 * does each time, and an encoder that waited for a core is seen by no timer.
 */
export async function undisturbed(machine: Machine, measure: () => Promise<void>): Promise<void> {
  let misses = 0;
  for (const giveUpMs = Date.now() + GIVE_UP_MS; ; ) {
    const fromMs = Date.now();
    try {
      return await measure();
    } catch (error) {
      const worstMs = longestStallMs(await machine.stalls(), fromMs, Date.now());
      if (worstMs <= BEARABLE_MS) misses++;
      if (misses === 2 || Date.now() > giveUpMs) throw error;
      const [what] = String(error).split('\n');
      console.info(`measured again, after a stall of ${Math.round(worstMs)} ms: ${what}`);
    }
  }
}

function longestStallMs(stalls: readonly Stall[], fromMs: number, toMs: number): number {
  return Math.max(0, ...stalls.map((stall) => stoodStillMs([stall], fromMs, toMs)));
}
