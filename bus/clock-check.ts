/**
 * Whether our wall clock may be signed with. What is kept with a wrong time is believed by nobody until that time has come, or never, and
 * is in the way of what is right. So nothing is kept while the clock has just been set, until somebody is heard whose
 * clock agrees; nor while several who are heard disagree with it, and fewer agree.
 */
import { formatSender, type Sender } from './sender.ts';

/** A clock that is steered gains or loses less in a day; beyond, it was set. */
const STEP_MS = 5_000;
/** What was heard longer ago says nothing of the clock now. */
const HEARD_MS = 5_000;
/** Senders that are remembered, the last ones. */
const MAX_SENDERS = 64;

export class ClockCheck {
  readonly #wallMs: () => number;
  readonly #steadyMs: () => number;
  #offsetMs: number;
  /** By sender, the last that was heard. */
  readonly #heard = new Map<string, { readonly agrees: boolean; readonly atMs: number }>();

  /** `wallMs`: since 1970; `steadyMs`: of a clock that does not jump. */
  constructor(wallMs: () => number, steadyMs: () => number) {
    this.#wallMs = wallMs;
    this.#steadyMs = steadyMs;
    this.#offsetMs = wallMs() - steadyMs();
  }

  /** Something has come whose time is near enough to ours, or is not. */
  heard(sender: Sender, agrees: boolean): void {
    const name = formatSender(sender);
    this.#heard.delete(name);
    this.#heard.set(name, { agrees, atMs: this.#steadyMs() });
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_SENDERS && oldest !== undefined) this.#heard.delete(oldest);
    if (agrees) this.#offsetMs = this.#wallMs() - this.#steadyMs();
  }

  get isTrusted(): boolean {
    const steadyMs = this.#steadyMs();
    if (Math.abs(this.#wallMs() - steadyMs - this.#offsetMs) > STEP_MS) return false;
    const lately = [...this.#heard.values()].filter(({ atMs }) => steadyMs - atMs < HEARD_MS);
    const agreeing = lately.filter(({ agrees }) => agrees).length;
    const disagreeing = lately.length - agreeing;
    // Of two that differ nobody can say which is wrong.
    return disagreeing < 2 || disagreeing <= agreeing;
  }
}
