/** The routers below this one in a meeting's tree: which of them follow its copy, and what they are told. */
import type { RouterId } from '../../../common/ids.ts';
import type { MeetingCopy } from './meeting-copy.ts';
import type { Stamp } from './meeting-state.ts';
import type { DownMessage, Step, UpMessage } from './state-messages.ts';

interface Child {
  /** By which it follows; undefined while it does not. */
  link: number | undefined;
  /** Of its copy, when it began to follow; undefined: it had none. */
  stamp: Stamp | undefined;
  /** It has been told all that there is, and hears of each step. */
  isTold: boolean;
  routers: readonly RouterId[];
}

export class Children {
  readonly #send: (child: RouterId, message: DownMessage) => void;
  readonly #children = new Map<RouterId, Child>();

  constructor(send: (child: RouterId, message: DownMessage) => void) {
    this.#send = send;
  }

  set(children: readonly RouterId[]): void {
    for (const child of [...this.#children.keys()]) if (!children.includes(child)) this.#children.delete(child);
    for (const child of children) {
      if (this.#children.has(child)) continue;
      this.#children.set(child, { link: undefined, stamp: undefined, isTold: false, routers: [] });
      // It may have asked to follow before we knew of it.
      this.#send(child, { type: 'lead' });
    }
  }

  get hasSome(): boolean {
    return this.#children.size > 0;
  }

  /** Each of them has said what it knows. */
  get allFollow(): boolean {
    return [...this.#children.values()].every(({ link }) => link !== undefined);
  }

  /** The one with the latest copy. */
  get best(): { readonly child: RouterId; readonly link: number } | undefined {
    let best: { child: RouterId; link: number; version: number } | undefined;
    for (const [child, { link, stamp }] of this.#children) {
      if (link === undefined || stamp === undefined || stamp.version <= (best?.version ?? -1)) continue;
      best = { child, link, version: stamp.version };
    }
    return best;
  }

  /** They and those below them. */
  get routers(): RouterId[] {
    return [...this.#children.values()].flatMap(({ routers }) => routers);
  }

  /** False: none of ours. */
  follow(router: RouterId, { link, stamp, routers }: Extract<UpMessage, { type: 'follow' }>): boolean {
    const child = this.#children.get(router);
    if (child === undefined) return false;
    this.#children.set(router, { link, stamp, routers, isTold: false });
    return true;
  }

  setRouters(router: RouterId, routers: readonly RouterId[]): void {
    const child = this.#children.get(router);
    if (child !== undefined) child.routers = routers;
  }

  follows(router: RouterId, link: number): boolean {
    return this.#children.get(router)?.link === link;
  }

  /** The stream to it is broken. */
  lose(router: RouterId): void {
    const child = this.#children.get(router);
    if (child !== undefined) Object.assign(child, { link: undefined, isTold: false, routers: [] });
  }

  /** To those who have just begun to follow: what they miss, or everything. */
  catchUp(copy: MeetingCopy): void {
    for (const [router, child] of this.#children) {
      const { link, stamp, isTold } = child;
      if (link === undefined || isTold) continue;
      child.isTold = true;
      const steps = stamp === undefined ? undefined : copy.stepsSince(stamp);
      if (steps === undefined) this.#send(router, { type: 'whole', link, whole: copy.whole() });
      for (const step of steps ?? []) this.#send(router, { type: 'step', link, step });
      this.#send(router, { type: 'synced', link, stamp: copy.stamp });
    }
  }

  step(step: Step): void {
    this.#tell((link) => ({ type: 'step', link, step }));
  }

  /** The copy is another one than before. */
  whole(copy: MeetingCopy): void {
    if (![...this.#children.values()].some(({ isTold }) => isTold)) return;
    const whole = copy.whole();
    this.#tell((link) => ({ type: 'whole', link, whole }));
  }

  #tell(message: (link: number) => DownMessage): void {
    for (const [router, { link, isTold }] of this.#children) {
      if (link !== undefined && isTold) this.#send(router, message(link));
    }
  }
}
