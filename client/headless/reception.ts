/** How long a participant was without media, whatever connection it came by: what a person would see and hear of a move. */
export class Reception {
  readonly #lastMs = new Map<'audio' | 'video', number>();
  readonly #longestGapMs = new Map<'audio' | 'video', number>();

  handlePacket(nowMs: number, kind: 'audio' | 'video'): void {
    this.#longestGapMs.set(kind, this.longestGapMs(nowMs, kind));
    this.#lastMs.set(kind, nowMs);
  }

  /** Milliseconds between two packets, or since the last one, since `reset`; 0 before the first. */
  longestGapMs(nowMs: number, kind: 'audio' | 'video'): number {
    const lastMs = this.#lastMs.get(kind);
    return lastMs === undefined ? 0 : Math.max(this.#longestGapMs.get(kind) ?? 0, nowMs - lastMs);
  }

  /** When the last packet came, by the clock that was given with it. */
  lastMs(kind: 'audio' | 'video'): number | undefined {
    return this.#lastMs.get(kind);
  }

  /** Gaps that end from now on count. */
  reset(): void {
    this.#longestGapMs.clear();
  }
}
