/**
 * One router's part in one meeting's state. Acts go up to the root of the tree, which decides, and what has changed comes
 * down. While its parent is away, a router decides for the part below it. Pure: time is an argument.
 */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type { Act, Actor, Newcomer, RouterAct } from './acts.ts';
import type { Change } from './changes.ts';
import { Children } from './children.ts';
import { MeetingCopy } from './meeting-copy.ts';
import type { MeetingStart, MeetingState, Stamp } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { type Done, type Origin, type PendingAct, PendingActs } from './pending-acts.ts';
import { REFUSALS, type Refusal } from './refusal.ts';
import type { DownMessage, StateMessage, Step, UpMessage } from './state-messages.ts';
import { Upkeep } from './upkeep.ts';
import { ALONE_AFTER_MS, Upstream } from './upstream.ts';
import type { WholeState } from './whole-state.ts';

/** How often it is looked whether the state is right about those who are here. */
export const CHECK_EVERY_MS = 5_000;

/** The tree of routers, as one of them sees it. */
export interface StateTree {
  /** The next router toward the root; undefined: this one is it. */
  readonly parent: RouterId | undefined;
  readonly children: readonly RouterId[];
  /** With what the meeting begins, if nobody has a state of it; undefined: not known, others below may know. */
  readonly start: MeetingStart | undefined;
}

/** What has become of the state here. */
export interface StateChange {
  readonly before: MeetingState;
  readonly after: MeetingState;
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
}

export interface NodeOut {
  send(peer: RouterId, message: StateMessage): void;
  /** It is another state than before, or the first one. The notices follow from it, for those who are here. */
  whole(state: MeetingState, notices: readonly Notice[]): void;
  changed(change: StateChange): void;
  isReachable(peer: RouterId): boolean;
  /** Another one each time, of all meetings. */
  nextNumber(): number;
  toUnixMs(nowMs: number): number;
}

export interface NodeIdentity {
  readonly router: RouterId;
  /** Of the router's process: other ones have used other ids. */
  readonly instance: string;
}

/** How a join went: he is in the meeting, or in its waiting room. */
export type Joined = 'entered' | 'waiting';

export class MeetingNode {
  readonly #identity: NodeIdentity;
  readonly #out: NodeOut;
  readonly #upstream: Upstream;
  readonly #children: Children;
  readonly #pending = new PendingActs();
  readonly #upkeep: Upkeep;
  #isPlaced = false;
  #start: MeetingStart | undefined;
  #copy: MeetingCopy | undefined;
  /** The versions of the copy are given here: its term is ours. */
  #leads = false;
  /** When we begin a state, if no child tells us its copy before. */
  #beginAtMs = Number.POSITIVE_INFINITY;
  #asked: RouterId | undefined;
  #checkAtMs = Number.POSITIVE_INFINITY;

  constructor(identity: NodeIdentity, out: NodeOut) {
    this.#identity = identity;
    this.#out = out;
    this.#upstream = new Upstream(out);
    this.#children = new Children((child, message) => out.send(child, message));
    this.#upkeep = new Upkeep(identity.router);
  }

  get state(): MeetingState | undefined {
    return this.#copy?.state;
  }

  setTree(nowMs: number, { parent, children, start }: StateTree): void {
    const isFirst = !this.#isPlaced;
    this.#isPlaced = true;
    const isNews = this.#learn(start);
    if (isFirst) this.#checkAtMs = nowMs + CHECK_EVERY_MS;
    this.#children.set(children);
    this.#childrenChanged();
    if (isFirst || parent !== this.#upstream.parent) {
      this.#upstream.set(parent);
      if (parent !== undefined) this.#follow(nowMs);
      else this.#beginAtMs = this.#children.hasSome ? nowMs + ALONE_AFTER_MS : nowMs;
    } else if (isNews) this.#tellStart(nowMs);
    this.#settle(nowMs);
  }

  /** The stream to a neighbour stands anew. */
  reachable(nowMs: number, peer: RouterId): void {
    if (peer === this.#upstream.parent) this.#follow(nowMs);
  }

  unreachable(nowMs: number, peer: RouterId): void {
    this.#children.lose(peer);
    this.#childrenChanged();
    if (peer === this.#upstream.parent) this.#upstream.lose(nowMs);
  }

  /** From a neighbour; from any other router it is ignored. */
  handle(nowMs: number, peer: RouterId, message: StateMessage): void {
    switch (message.type) {
      case 'follow':
      case 'routers':
      case 'act':
      case 'copy':
        this.#handleChild(nowMs, peer, message);
        break;
      default:
        if (peer === this.#upstream.parent) this.#handleParent(nowMs, message);
    }
  }

  act(nowMs: number, actor: Actor, act: Act, done: Done): void {
    this.#take(nowMs, { id: this.#newId(), actor, act, origin: { done } });
  }

  /** Somebody comes by this router, or is already here and says so again. */
  join(nowMs: number, newcomer: Newcomer, returning: boolean, done: (joined: Joined | Refusal) => void): void {
    const { participant, name, role, controller } = newcomer;
    const { router } = this.#identity;
    const act: RouterAct = { type: 'join', participant, name, role, controller, router, returning };
    this.act(nowMs, 'router', act, (refusal) => {
      const { state } = this;
      const isIn = state?.people.has(participant);
      if (refusal !== undefined || state === undefined || !(isIn || state.waiting.has(participant))) {
        done(refusal ?? REFUSALS.unknown);
        return;
      }
      this.#upkeep.joined(participant, controller, state);
      done(isIn ? 'entered' : 'waiting');
    });
  }

  /** He is not with this router any more. `room`: he goes into it and stays a part of the meeting. */
  leave(nowMs: number, participant: ParticipantId, room: MeetingId | undefined): void {
    const { router } = this.#identity;
    this.#upkeep.left(participant);
    this.#say(nowMs, { type: 'leave', router, participants: [participant], room });
  }

  /** The meeting is not on this router any more. */
  close(nowMs: number): void {
    for (const { act, refusal } of this.#pending.expire(nowMs, true)) this.#reply(act.origin, act.id, refusal);
  }

  nextTimeoutMs(): number {
    const isBeginning = this.#upstream.isTop && this.#copy === undefined && this.#start !== undefined;
    const beginAtMs = isBeginning ? this.#beginAtMs : Number.POSITIVE_INFINITY;
    return Math.min(this.#pending.nextTimeoutMs(), this.#upstream.nextTimeoutMs(), beginAtMs, this.#checkAtMs);
  }

  handleTimeout(nowMs: number): void {
    if (this.#upstream.handleTimeout(nowMs)) this.#beginAtMs = nowMs;
    this.#settle(nowMs);
    for (const { act, refusal } of this.#pending.expire(nowMs)) this.#reply(act.origin, act.id, refusal);
    if (this.#checkAtMs <= nowMs) this.#check(nowMs);
  }

  #handleParent(nowMs: number, message: DownMessage): void {
    if (message.type === 'lead') this.#follow(nowMs);
    else if (!this.#upstream.isCurrent(message.link)) return;
    else if (message.type === 'whole') {
      this.#upstream.hear(nowMs);
      this.#adopt(nowMs, message.whole);
    } else if (message.type === 'step') this.#copyStep(nowMs, message.step);
    else if (message.type === 'synced') this.#synced(nowMs, message.stamp);
    else if (message.type === 'outcome') this.#settled(message.id, message.refusal);
    else this.#tellCopy();
  }

  #handleChild(nowMs: number, child: RouterId, message: UpMessage): void {
    if (message.type === 'follow') {
      if (!this.#children.follow(child, message)) return;
      this.#childrenChanged();
      if (this.#learn(message.start)) this.#tellStart(nowMs);
      this.#settle(nowMs);
      if (this.#copy !== undefined) this.#children.catchUp(this.#copy);
      return;
    }
    const { link } = message;
    if (!this.#children.follows(child, link)) return;
    if (message.type === 'act') {
      const { id, actor, act, leftMs } = message;
      this.#take(nowMs, { id, actor, act, origin: { child, link } }, leftMs);
    } else if (message.type === 'routers') {
      this.#children.setRouters(child, message.routers);
      this.#childrenChanged();
    } else if (child === this.#asked && this.#copy === undefined) {
      this.#adopt(nowMs, message.whole);
      this.#settle(nowMs);
    }
  }

  #follow(nowMs: number): void {
    this.#upstream.follow(nowMs, { stamp: this.#copy?.stamp, start: this.#start, routers: this.#attached() });
  }

  /** The first one holds. */
  #learn(start: MeetingStart | undefined): boolean {
    if (start === undefined || this.#start !== undefined) return false;
    this.#start = start;
    return true;
  }

  /** A parent that has no state may have waited for it. */
  #tellStart(nowMs: number): void {
    if (this.#upstream.parent !== undefined && !this.#upstream.isSynced) this.#follow(nowMs);
  }

  /** Does what is to be done as soon as this router decides. */
  #settle(nowMs: number): void {
    if (!this.#upstream.isTop || !this.#isPlaced) return;
    if (this.#copy === undefined && this.#start !== undefined) this.#begin(nowMs, this.#start);
    if (this.#copy === undefined) return;
    for (const pending of this.#pending.all()) this.#decide(nowMs, this.#copy, pending);
  }

  /** Nobody has told us a state: the children are asked, for this router may be new and the meeting old. */
  #begin(nowMs: number, start: MeetingStart): void {
    if (nowMs < this.#beginAtMs && (this.#asked !== undefined || !this.#children.allFollow)) return;
    const { best } = this.#children;
    if (this.#asked === undefined && best !== undefined) {
      this.#asked = best.child;
      this.#beginAtMs = nowMs + ALONE_AFTER_MS;
      this.#out.send(best.child, { type: 'ask', link: best.link });
      return;
    }
    this.#copy = MeetingCopy.begin(start, this.#newId());
    this.#leads = true;
    this.#out.whole(this.#copy.state, []);
    this.#children.catchUp(this.#copy);
  }

  #tellCopy(): void {
    const whole = this.#copy?.whole();
    if (whole !== undefined) this.#upstream.send((link) => ({ type: 'copy', link, whole }));
  }

  #take(nowMs: number, pending: PendingAct, leftMs?: number): void {
    const added = this.#pending.add(nowMs, pending, leftMs);
    if (added === 'full') this.#reply(pending.origin, pending.id, REFUSALS.busy);
    if (added !== 'new') return;
    if (this.#upstream.isTop && this.#copy !== undefined) this.#decide(nowMs, this.#copy, pending);
    else if (this.#upstream.isSynced) this.#pass(nowMs, pending);
  }

  #pass(nowMs: number, { id, actor, act }: PendingAct): void {
    const leftMs = this.#pending.sent(nowMs, id);
    this.#upstream.send((link) => ({ type: 'act', link, id, actor, act, leftMs }));
  }

  #decide(nowMs: number, copy: MeetingCopy, { id, actor, act }: PendingAct): void {
    const before = copy.state;
    const term = this.#leads ? before.term : this.#newId();
    const { step, refusal } = copy.apply(act, { id, actor, unixMs: this.#out.toUnixMs(nowMs) }, term);
    // Before anybody hears of it, for he may close the meeting.
    const settled = this.#pending.settle(id, false, refusal);
    if (step !== undefined) {
      this.#leads = true;
      this.#publish(before, copy.state, step);
    }
    if (settled !== undefined) this.#reply(settled.origin, id, settled.refusal);
  }

  #copyStep(nowMs: number, step: Step): void {
    const before = this.#copy?.state;
    const taken = this.#copy?.take(step) ?? 'gap';
    // Asked again at once, a parent that is wrong would say the same again, and so on.
    if (taken === 'wrong') this.#upstream.lose(nowMs);
    if (taken === 'gap') this.#follow(nowMs);
    if (taken !== 'taken' || before === undefined || this.#copy === undefined) return;
    this.#upstream.hear(nowMs);
    this.#leads = false;
    this.#publish(before, this.#copy.state, step);
  }

  #publish(before: MeetingState, after: MeetingState, step: Step): void {
    const { changes, notices } = step;
    this.#upkeep.changed(changes);
    this.#children.step(step);
    this.#out.changed({ before, after, changes, notices });
  }

  #adopt(nowMs: number, whole: WholeState): void {
    const before = this.#copy;
    if (before?.stamp.term === whole.term && before.stamp.version === whole.version) return;
    const copy = MeetingCopy.of(whole);
    this.#copy = copy;
    this.#leads = false;
    const notices = this.#upkeep.adopted(before?.state, copy);
    this.#children.whole(copy);
    this.#children.catchUp(copy);
    this.#out.whole(copy.state, notices);
    this.#checkAtMs = Math.min(this.#checkAtMs, nowMs);
  }

  #synced(nowMs: number, { term, version }: Stamp): void {
    const stamp = this.#copy?.stamp;
    if (stamp?.term !== term || stamp.version !== version) {
      // We have decided something since we asked to follow.
      this.#follow(nowMs);
      return;
    }
    this.#upstream.synced();
    this.#upkeep.stepBack();
    this.#childrenChanged();
    for (const pending of this.#pending.all()) this.#pass(nowMs, pending);
    this.#check(nowMs);
  }

  #settled(id: string, refusal: Refusal | undefined): void {
    const settled = this.#pending.settle(id, true, refusal);
    if (settled !== undefined) this.#reply(settled.origin, id, settled.refusal);
  }

  #reply(origin: Origin, id: string, refusal?: Refusal): void {
    if ('done' in origin) {
      origin.done(refusal);
      return;
    }
    const { child, link } = origin;
    if (!this.#children.follows(child, link)) return;
    this.#out.send(child, { type: 'outcome', link, id, ...(refusal && { refusal }) });
  }

  /** Sees to it that the state is right about those who are here, and that nothing they said is lost. */
  #check(nowMs: number): void {
    this.#checkAtMs = nowMs + CHECK_EVERY_MS;
    const { isTop, isSynced, parent } = this.#upstream;
    if (parent !== undefined && !isSynced) this.#follow(nowMs);
    const { state } = this;
    if (state === undefined || !(isTop || isSynced)) return;
    const notices = this.#upkeep.outside(state);
    if (notices.length > 0) this.#out.changed({ before: state, after: state, changes: [], notices });
    if (state.ended) return;
    for (const act of this.#upkeep.corrections(state, this.#pending)) this.#say(nowMs, act);
    if (!isTop) return;
    for (const act of this.#upkeep.absent(nowMs, state, this.#attached())) this.#say(nowMs, act);
  }

  /** What gets lost is noticed at the next check. */
  #say(nowMs: number, act: RouterAct): void {
    this.act(nowMs, 'router', act, (refusal) => this.#upkeep.settled(act, refusal));
  }

  /** What children want that do not follow by that link any more, they say again; and the routers below may be others. */
  #childrenChanged(): void {
    this.#pending.retain((origin) => 'done' in origin || this.#children.follows(origin.child, origin.link));
    this.#upstream.tellRouters(this.#attached());
  }

  /** The routers of this part of the tree, this one first. */
  #attached(): RouterId[] {
    return [this.#identity.router, ...this.#children.routers];
  }

  /** Of an act or a term. */
  #newId(): string {
    return `${this.#identity.instance}.${this.#out.nextNumber()}`;
  }
}
