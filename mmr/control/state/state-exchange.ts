/**
 * The states of all meetings of this router, kept alike with those of its neighbours in each meeting's tree. The control
 * plane carries the messages and acts; docs/meeting-state.md says what they mean. Pure: time is an argument.
 */
import type { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type { Actor, Newcomer, PersonAct } from './acts.ts';
import { type Joined, MeetingNode, type NodeIdentity, type StateChange, type StateTree } from './meeting-node.ts';
import type { MeetingState } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { REFUSALS, toError } from './refusal.ts';
import type { StateMessage } from './state-messages.ts';

export interface StateOut {
  /** Lost when the router is not reachable. */
  send(peer: RouterId, meeting: MeetingId, message: StateMessage): void;
  /** The meeting's state is another one than before, or the first one. The notices follow from it, for those who are here. */
  whole(meeting: MeetingId, state: MeetingState, notices: readonly Notice[]): void;
  changed(meeting: MeetingId, change: StateChange): void;
  toUnixMs(nowMs: number): number;
}

export class StateExchange {
  readonly #identity: NodeIdentity;
  readonly #out: StateOut;
  readonly #nodes = new Map<MeetingId, MeetingNode>();
  readonly #reachable = new Set<RouterId>();
  #number = 0;

  /** `instance`: another one for each process of the router, at most 40 of the characters of ids. */
  constructor(identity: NodeIdentity, out: StateOut) {
    this.#identity = identity;
    this.#out = out;
  }

  /** Where the meeting is from now on. Calls that have been overtaken are kept away before. */
  setTree(nowMs: number, meeting: MeetingId, tree: StateTree): void {
    let node = this.#nodes.get(meeting);
    if (node === undefined) {
      node = this.#newNode(meeting);
      this.#nodes.set(meeting, node);
    }
    node.setTree(nowMs, tree);
  }

  /** The meeting is not on this router any more. */
  drop(nowMs: number, meeting: MeetingId): void {
    const node = this.#nodes.get(meeting);
    this.#nodes.delete(meeting);
    node?.close(nowMs);
  }

  /** The stream to the router stands anew. */
  reachable(nowMs: number, router: RouterId): void {
    this.#reachable.add(router);
    for (const node of this.#nodes.values()) node.reachable(nowMs, router);
  }

  unreachable(nowMs: number, router: RouterId): void {
    this.#reachable.delete(router);
    for (const node of this.#nodes.values()) node.unreachable(nowMs, router);
  }

  /** From another router; if that is no neighbour in the meeting's tree, it is ignored. */
  handle(nowMs: number, router: RouterId, meeting: MeetingId, message: StateMessage): void {
    this.#nodes.get(meeting)?.handle(nowMs, router, message);
  }

  /** Undefined: the meeting is not here, or its state has not come yet. */
  state(meeting: MeetingId): MeetingState | undefined {
    return this.#nodes.get(meeting)?.state;
  }

  /**
   * Of a participant whom this router serves, or of an operator.
   *
   * @param done once, within 4 s: without error when it is done
   */
  act(nowMs: number, meeting: MeetingId, actor: Actor, act: PersonAct, done: (error?: ZonecastError) => void): void {
    const node = this.#nodes.get(meeting);
    if (node === undefined) done(toError(REFUSALS.away));
    else node.act(nowMs, actor, act, (refusal) => done(refusal && toError(refusal)));
  }

  /**
   * Somebody comes by this router. Again for who has waited and is admitted, who has moved here, or whose controller is
   * another one now.
   *
   * @param returning he has been in the meeting before: neither lock nor waiting room concern him
   * @param done once, within 4 s
   */
  join(
    nowMs: number,
    meeting: MeetingId,
    newcomer: Newcomer,
    returning: boolean,
    done: (joined: Joined | ZonecastError) => void,
  ): void {
    const node = this.#nodes.get(meeting);
    if (node === undefined) done(toError(REFUSALS.away));
    else node.join(nowMs, newcomer, returning, (joined) => done(typeof joined === 'string' ? joined : toError(joined)));
  }

  /** He is not with this router any more, in the meeting or waiting. `room`: he goes into it. */
  leave(nowMs: number, meeting: MeetingId, participant: ParticipantId, room?: MeetingId): void {
    this.#nodes.get(meeting)?.leave(nowMs, participant, room);
  }

  nextTimeoutMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const node of this.#nodes.values()) next = Math.min(next, node.nextTimeoutMs());
    return next;
  }

  handleTimeout(nowMs: number): void {
    for (const node of this.#nodes.values()) if (node.nextTimeoutMs() <= nowMs) node.handleTimeout(nowMs);
  }

  #newNode(meeting: MeetingId): MeetingNode {
    return new MeetingNode(this.#identity, {
      send: (peer, message) => this.#out.send(peer, meeting, message),
      whole: (state, notices) => this.#out.whole(meeting, state, notices),
      changed: (change) => this.#out.changed(meeting, change),
      isReachable: (peer) => this.#reachable.has(peer),
      nextNumber: () => ++this.#number,
      toUnixMs: (nowMs) => this.#out.toUnixMs(nowMs),
    });
  }
}
