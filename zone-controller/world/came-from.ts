/** Zones whose clients have come here lately because they could not reach theirs. Pure: time is an argument. */
import type { ZoneId } from '../../common/ids.ts';

/** For how long one client's coming counts. */
const LATELY_MS = 10_000;
/** Between two that the leader is told of. */
const TELL_MS = 1_000;

export class CameFrom {
  readonly #lastMs = new Map<ZoneId, number>();
  readonly #toldMs = new Map<ZoneId, number>();

  /** `zone` is one of the directory, so there are not many. */
  note(zone: ZoneId, nowMs: number): void {
    this.#lastMs.set(zone, nowMs);
  }

  /** Whether the controller that speaks for the zone is to be told, too; then it counts as told. */
  shouldTell(zone: ZoneId, nowMs: number): boolean {
    if (nowMs - (this.#toldMs.get(zone) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return false;
    this.#toldMs.set(zone, nowMs);
    return true;
  }

  lately(nowMs: number): ZoneId[] {
    for (const [zone, lastMs] of this.#lastMs) if (nowMs - lastMs >= LATELY_MS) this.#lastMs.delete(zone);
    return [...this.#lastMs.keys()];
  }
}
