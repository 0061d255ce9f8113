/** Tunnels that have gone without a word: what they were, for operators who wonder, for a while. */
import type { TunnelRecord } from '../registry/records.ts';

const REMEMBERED_MS = 600_000;
const MAX_REMEMBERED = 1_000;

interface LostTunnel {
  readonly record: TunnelRecord;
  readonly atMs: number;
}

export class LostTunnels {
  /** The one lost last comes last. */
  readonly #lost = new Map<string, LostTunnel>();

  note(tunnel: string, record: TunnelRecord, nowMs: number): void {
    this.#lost.delete(tunnel);
    this.#lost.set(tunnel, { record, atMs: nowMs });
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > MAX_REMEMBERED && oldest !== undefined) this.#lost.delete(oldest);
  }

  /** It is there again. */
  forget(tunnel: string): void {
    this.#lost.delete(tunnel);
  }

  /** By name. */
  at(nowMs: number): ReadonlyMap<string, TunnelRecord> {
    for (const [tunnel, { atMs }] of this.#lost) if (nowMs - atMs >= REMEMBERED_MS) this.#lost.delete(tunnel);
    return new Map([...this.#lost].map(([tunnel, { record }]) => [tunnel, record]));
  }
}
