/** How long a participant was without media, whatever connection it came by: what a person would see and hear of a move. */

/** Gaps from this on are remembered one by one, milliseconds. */
const LONG_GAP_MS = 100;
/** And so many of them. */
const MAX_GAPS = 1_000;

/** Without a packet, by the clock that was given with packets. */
export interface Gap {
  readonly fromMs: number;
  readonly untilMs: number;
}

export class Reception {
  readonly #gaps = new Map<'audio' | 'video', Gap[]>();
  readonly #lastMs = new Map<'audio' | 'video', number>();
  readonly #longestGapMs = new Map<'audio' | 'video', number>();

  handlePacket(nowMs: number, kind: 'audio' | 'video'): void {
    this.#longestGapMs.set(kind, this.longestGapMs(nowMs, kind));
    this.#gaps.set(kind, this.gaps(nowMs, kind));
    this.#lastMs.set(kind, nowMs);
  }

  /** Milliseconds between two packets, or since the last one, since `reset`; 0 before the first. */
  longestGapMs(nowMs: number, kind: 'audio' | 'video'): number {
    const lastMs = this.#lastMs.get(kind);
    return lastMs === undefined ? 0 : Math.max(this.#longestGapMs.get(kind) ?? 0, nowMs - lastMs);
  }

  /** Those of at least 100 ms since `reset`, the last ones if there were very many. */
  gaps(nowMs: number, kind: 'audio' | 'video'): Gap[] {
    const known = this.#gaps.get(kind) ?? [];
    const fromMs = this.#lastMs.get(kind);
    if (fromMs === undefined || nowMs - fromMs < LONG_GAP_MS) return known;
    return [...known.slice(1 - MAX_GAPS), { fromMs, untilMs: nowMs }];
  }

  /** When the last packet came, by the clock that was given with it. */
  lastMs(kind: 'audio' | 'video'): number | undefined {
    return this.#lastMs.get(kind);
  }

  /** Gaps that end from now on count. */
  reset(): void {
    this.#longestGapMs.clear();
    this.#gaps.clear();
  }
}
