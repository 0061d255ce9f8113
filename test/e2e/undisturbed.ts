/** Measurements that a machine which stood still would spoil: it is a bad network of its own, to the router as well. */
import { type Machine, type Stall, stoodStillMs } from './stall-meter.ts';

/** Shorter stalls are discounted from the times that are measured, and change no decision of the router's. */
const BEARABLE_MS = 250;
/** For tests that measure: as long as it takes until the machine has time for them. */
export const MEASURED = { timeout: 300_000 };
const GIVE_UP_MS = 120_000;

/**
 * Measures, and holds the result against its marks. When those do not hold and the machine stood still meanwhile, that says
 * nothing, and is done again; when they do not hold although it ran, it fails.
 */
export async function undisturbed(machine: Machine, measure: () => Promise<void>): Promise<void> {
  for (const giveUpMs = Date.now() + GIVE_UP_MS; ; ) {
    const fromMs = Date.now();
    try {
      return await measure();
    } catch (error) {
      const worstMs = longestStallMs(await machine.stalls(), fromMs, Date.now());
      if (worstMs <= BEARABLE_MS || Date.now() > giveUpMs) throw error;
      const [what] = String(error).split('\n');
      console.info(`the machine stood still for ${Math.round(worstMs)} ms, so it is measured again: ${what}`);
    }
  }
}

function longestStallMs(stalls: readonly Stall[], fromMs: number, toMs: number): number {
  return Math.max(0, ...stalls.map((stall) => stoodStillMs([stall], fromMs, toMs)));
}
