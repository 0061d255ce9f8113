/** The way to the parent: whether this router follows it, knows all that it knows, or has to do without it. */
import type { RouterId } from '../../../common/ids.ts';
import type { Follow, UpMessage } from './state-messages.ts';

/** A stream that breaks is mostly there again sooner: then nobody notices. */
export const ALONE_AFTER_MS = 1_500;

export interface UpstreamOut {
  send(parent: RouterId, message: UpMessage): void;
  isReachable(parent: RouterId): boolean;
  /** Another one each time. */
  nextNumber(): number;
}

export class Upstream {
  readonly #out: UpstreamOut;
  #parent: RouterId | undefined;
  /** By which we follow the parent. */
  #link = -1;
  #isSynced = false;
  #isAlone = false;
  #aloneAtMs = Number.POSITIVE_INFINITY;
  #toldRouters = '';

  constructor(out: UpstreamOut) {
    this.#out = out;
  }

  get parent(): RouterId | undefined {
    return this.#parent;
  }

  /** This router decides: it is the root, or its parent has been away for long. */
  get isTop(): boolean {
    return this.#parent === undefined || this.#isAlone;
  }

  /** We know all that the parent knows. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  set(parent: RouterId | undefined): void {
    this.#parent = parent;
    this.#link = -1;
    this.#isSynced = false;
    if (parent !== undefined) return;
    this.#isAlone = false;
    this.#aloneAtMs = Number.POSITIVE_INFINITY;
  }

  /** Begins to follow, or begins anew. */
  follow(nowMs: number, { stamp, start, routers }: Follow): void {
    this.lose(nowMs);
    if (this.#parent === undefined || !this.#out.isReachable(this.#parent)) return;
    this.#link = this.#out.nextNumber();
    this.#toldRouters = routers.join();
    const told = { routers, ...(stamp && { stamp }), ...(start && !stamp && { start }) };
    this.#out.send(this.#parent, { type: 'follow', link: this.#link, ...told });
  }

  /** We miss something of what the parent knows. */
  lose(nowMs: number): void {
    if (this.#isSynced || this.#aloneAtMs === Number.POSITIVE_INFINITY) this.#aloneAtMs = nowMs + ALONE_AFTER_MS;
    this.#isSynced = false;
  }

  /** The parent tells us what we miss: it decides. */
  hear(nowMs: number): void {
    if (!this.#isAlone) return;
    this.#isAlone = false;
    this.#aloneAtMs = nowMs + ALONE_AFTER_MS;
  }

  isCurrent(link: number): boolean {
    return link === this.#link;
  }

  synced(): void {
    this.#isSynced = true;
    this.#isAlone = false;
    this.#aloneAtMs = Number.POSITIVE_INFINITY;
  }

  tellRouters(routers: readonly RouterId[]): void {
    if (!this.#isSynced || routers.join() === this.#toldRouters) return;
    this.#toldRouters = routers.join();
    this.send((link) => ({ type: 'routers', link, routers }));
  }

  send(message: (link: number) => UpMessage): void {
    if (this.#parent !== undefined) this.#out.send(this.#parent, message(this.#link));
  }

  nextTimeoutMs(): number {
    return this.isTop ? Number.POSITIVE_INFINITY : this.#aloneAtMs;
  }

  /** True: from now on this router decides. */
  handleTimeout(nowMs: number): boolean {
    if (this.isTop || this.#aloneAtMs > nowMs) return false;
    this.#isAlone = true;
    return true;
  }
}
