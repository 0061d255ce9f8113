/** Acts on their way through this router, of one meeting: each gets one outcome, in time. */
import type { RouterId } from '../../../common/ids.ts';
import type { Act, Actor } from './acts.ts';
import { MAX_ACTS_IN_FLIGHT } from './limits.ts';
import { REFUSALS, type Refusal } from './refusal.ts';

/** After this, who wanted it is told to try again. Longer than it takes to find a parent away; sooner than a controller gives up its call. */
export const ACT_TIMEOUT_MS = 4_000;

/** Without refusal: it is done. */
export type Done = (refusal?: Refusal) => void;

/** Who gets the outcome: somebody here, or a child that follows by that link. */
export type Origin = { readonly done: Done } | { readonly child: RouterId; readonly link: number };

export interface PendingAct {
  readonly id: string;
  readonly actor: Actor;
  readonly act: Act;
  readonly origin: Origin;
}

interface Entry extends PendingAct {
  readonly expiresMs: number;
  /** How often it was sent: it may be done by now. */
  sent: number;
}

export class PendingActs {
  readonly #acts = new Map<string, Entry>();

  /**
   * 'known': it is pending already, and comes again by another way, where it gets its outcome; or around by routers that do
   * not agree on the tree for a moment. 'full': too many.
   *
   * @param leftMs of its time, when others have had it before
   */
  add(nowMs: number, act: PendingAct, leftMs = ACT_TIMEOUT_MS): 'new' | 'known' | 'full' {
    const before = this.#acts.get(act.id);
    if (before !== undefined) {
      if ('child' in before.origin) this.#acts.set(act.id, { ...before, origin: act.origin });
      return 'known';
    }
    if (this.#acts.size >= MAX_ACTS_IN_FLIGHT) return 'full';
    this.#acts.set(act.id, { ...act, expiresMs: nowMs + Math.min(leftMs, ACT_TIMEOUT_MS), sent: 0 });
    return 'new';
  }

  /** It may be done from now on. Gives what is left of its time, milliseconds. */
  sent(nowMs: number, id: string): number {
    const entry = this.#acts.get(id);
    if (entry === undefined) return 0;
    entry.sent++;
    return Math.max(0, Math.round(entry.expiresMs - nowMs));
  }

  /**
   * Decided here, or by the router that it was last sent to. A refusal of what was sent before that says little: it may have
   * been done then, by a router that is away now.
   */
  settle(
    id: string,
    wasSent: boolean,
    refusal: Refusal | undefined,
  ): { origin: Origin; refusal?: Refusal } | undefined {
    const entry = this.#acts.get(id);
    if (entry === undefined) return undefined;
    this.#acts.delete(id);
    const { origin, sent } = entry;
    if (refusal === undefined) return { origin };
    return { origin, refusal: sent > (wasSent ? 1 : 0) ? REFUSALS.unknown : refusal };
  }

  /** In the order in which they came. */
  all(): PendingAct[] {
    return [...this.#acts.values()];
  }

  /** About whom a router's acts are on their way. */
  isAbout(isOne: (act: Act) => boolean): boolean {
    for (const { act } of this.#acts.values()) if (isOne(act)) return true;
    return false;
  }

  /** Forgets the others, without an outcome. */
  retain(isWanted: (origin: Origin) => boolean): void {
    for (const [id, { origin }] of this.#acts) if (!isWanted(origin)) this.#acts.delete(id);
  }

  nextTimeoutMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { expiresMs } of this.#acts.values()) next = Math.min(next, expiresMs);
    return next;
  }

  /** Those whose time is over, each with why. `isOver`: all of them. */
  expire(nowMs: number, isOver = false): { readonly act: PendingAct; readonly refusal: Refusal }[] {
    const expired: { act: PendingAct; refusal: Refusal }[] = [];
    for (const [id, entry] of this.#acts) {
      if (entry.expiresMs > nowMs && !isOver) continue;
      this.#acts.delete(id);
      expired.push({ act: entry, refusal: entry.sent > 0 ? REFUSALS.unknown : REFUSALS.away });
    }
    return expired;
  }
}
