/** When an order is due. */

/** Share of its life that a certificate has left when the next one is ordered; what Let's Encrypt asks for. */
const LEFT_SHARE = 1 / 3;
/** Earlier by up to this share of its life, so that tunnels that were set up together do not come together. */
const JITTER_SHARE = 1 / 30;
/** Let's Encrypt counts failures to prove a name, five an hour: these waits leave room for one more by hand. */
const FIRST_RETRY_MS = 2 * 60_000;
const RETRY_FACTOR = 3;
const LONGEST_RETRY_MS = 60 * 60_000;
/** However long the directory asks for. */
const LONGEST_ASKED_MS = 24 * 60 * 60_000;

/** Unix time. `random`: 0 to 1. */
export function renewalMs(startMs: number, endMs: number, random: number): number {
  const lifeMs = endMs - startMs;
  return endMs - lifeMs * (LEFT_SHARE + JITTER_SHARE * random);
}

/** From the end of the last of so many attempts in a row that failed to the next one; `askedMs`: what the directory asks for. */
export function retryDelayMs(failures: number, random: number, askedMs = 0): number {
  const backOffMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * RETRY_FACTOR ** (failures - 1));
  return Math.max(backOffMs * (0.9 + 0.2 * random), Math.min(askedMs, LONGEST_ASKED_MS));
}
