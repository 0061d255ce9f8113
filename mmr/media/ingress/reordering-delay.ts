/**
 * Learns how late packets come that others have overtaken, so that a NACK waits for them and no longer. The answer is the
 * shortest wait by which at most one packet in FALSE_NACK_SHARE is asked for needlessly; a network that keeps the order
 * is asked at once. Memory of a few hundred bytes, made by the first late packet.
 */

/** Share of all packets that may be asked for though they are only late; half of the 1 % that we promise. */
const FALSE_NACK_SHARE = 0.005;
const BUCKET_US = 10_000;
const BUCKETS = 32;
/** Lateness from here on counts as this: who waits longer gains nothing over asking again. */
const MAX_REORDERING_WAIT_US = (BUCKETS - 1) * BUCKET_US;
/** Each so many packets what was learned counts half: 3 to 10 s of a camera. */
const HALF_LIFE_PACKETS = 1000;

export class ReorderingDelay {
  /** How long to wait for a missing packet before it is asked for, 0 to MAX_REORDERING_WAIT_US. */
  waitUs = 0;
  /** Late packets by lateness, fading. */
  #late: Float64Array | undefined;
  /** Packets that the counts are about, fading; those since `#since` come on top. */
  #packets = 0;
  #since = 0;

  /** A packet came by itself `latenessUs` after one with a higher number. `index`: the highest number by then. */
  handleLate(latenessUs: number, index: number): void {
    if (this.#late === undefined) {
      this.#late = new Float64Array(BUCKETS);
      this.#since = index;
    }
    this.#fade(index);
    const bucket = Math.max(0, Math.min(BUCKETS - 1, Math.floor(latenessUs / BUCKET_US)));
    (this.#late[bucket] as number)++;
    this.#learn(index);
  }

  /** A packet is missing at `index`: a good time to forget what is long ago. */
  handleGap(index: number): void {
    if (this.waitUs === 0) return;
    this.#fade(index);
    this.#learn(index);
  }

  #fade(index: number): void {
    const late = this.#late;
    if (late === undefined) return;
    const passed = index - this.#since;
    if (passed < HALF_LIFE_PACKETS) return;
    const rest = 0.5 ** Math.floor(passed / HALF_LIFE_PACKETS);
    for (let i = 0; i < BUCKETS; i++) late[i] = (late[i] as number) * rest;
    this.#packets = (this.#packets + passed) * rest;
    this.#since = index;
  }

  #learn(index: number): void {
    const late = this.#late;
    if (late === undefined) return;
    // The longest lateness that is not to be waited for; from the late end, as the late ones are few.
    let allowed = FALSE_NACK_SHARE * (this.#packets + index - this.#since);
    let bucket = BUCKETS - 1;
    for (; bucket >= 0; bucket--) {
      allowed -= late[bucket] as number;
      if (allowed < 0) break;
    }
    this.waitUs = Math.min(MAX_REORDERING_WAIT_US, (bucket + 1) * BUCKET_US);
  }
}
