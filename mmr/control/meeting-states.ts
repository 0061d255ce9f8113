/**
 * The states of this router's meetings (docs/meeting-state.md) among its other parts: where the pure exchange gets its trees,
 * time and neighbours from, and to whom it tells what has changed.
 */
import { randomBytes } from 'node:crypto';
import type { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { CascadeStates } from './cascade/cascade.ts';
import type { Actor, ActType, Newcomer, PersonAct } from './state/acts.ts';
import type { Joined, StateChange } from './state/meeting-node.ts';
import type { MeetingStart, MeetingState } from './state/meeting-state.ts';
import type { Notice } from './state/notices.ts';
import type { RefusalCode } from './state/refusal.ts';
import type { RouterTree } from './state/router-tree.ts';
import { StateExchange } from './state/state-exchange.ts';
import { readStateMessage } from './state/state-messages.ts';
import { parse } from './state/state-wire.ts';

export interface StateListener {
  /** It is another one than before, or the first one. The notices follow from it, for those who are here. */
  whole(meeting: MeetingId, state: MeetingState, notices: readonly Notice[]): void;
  changed(meeting: MeetingId, change: StateChange): void;
}

export interface MeetingStatesOptions {
  readonly router: RouterId;
  /** To a neighbour; lost when it is not reachable. */
  readonly send: (router: RouterId, meeting: MeetingId, json: string) => void;
  /** Told after what has led to it is done: it may call. */
  readonly listener: StateListener;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** What became of acts and joins of this router. */
export type ActOutcome = 'done' | 'waiting' | RefusalCode;
export interface ActCount {
  readonly type: ActType;
  readonly outcome: ActOutcome;
  readonly count: number;
}

/** Of messages of other routers: `unknown` are those of meetings that are not here. */
export type MessageOutcome = 'taken' | 'notUnderstood' | 'unknown';

const ALONE: RouterTree = { parent: undefined, children: [] };

interface Place {
  start: MeetingStart | undefined;
  tree: RouterTree;
}

export class MeetingStates implements CascadeStates {
  /**
   * As states name this router: with its process, for another zone may have one of the same name, and what it serves ends
   * with it.
   */
  readonly router: RouterId;
  readonly #options: MeetingStatesOptions;
  readonly #exchange: StateExchange;
  readonly #places = new Map<MeetingId, Place>();
  /** What the listener is to be told. */
  readonly #news: (() => void)[] = [];
  #isTelling = false;
  readonly #acts = new Map<string, { type: ActType; outcome: ActOutcome; count: number }>();
  readonly #messages: Record<MessageOutcome, number> = { taken: 0, notUnderstood: 0, unknown: 0 };

  constructor(options: MeetingStatesOptions) {
    this.#options = options;
    const instance = randomBytes(12).toString('hex');
    this.router = `${options.router}/${instance}` as RouterId; // of the same kind, but known in states alone
    const { listener } = options;
    this.#exchange = new StateExchange(
      { router: this.router, instance },
      {
        send: (peer, meeting, message) => options.send(peer, meeting, JSON.stringify(message)),
        whole: (meeting, state, notices) => this.#news.push(() => listener.whole(meeting, state, notices)),
        changed: (meeting, change) => this.#news.push(() => listener.changed(meeting, change)),
        toUnixMs: (nowMs) => Math.round(Date.now() - (options.now() - nowMs)),
      },
    );
  }

  /** Somebody comes to the meeting by this router. `start`: with what it begins, if nobody else has begun it. */
  open(meeting: MeetingId, start: MeetingStart): void {
    const place = this.#places.get(meeting);
    if (place?.start !== undefined) return;
    this.#set(meeting, { start, tree: place?.tree ?? ALONE });
  }

  setTree(meeting: MeetingId, tree: RouterTree): void {
    this.#set(meeting, { start: this.#places.get(meeting)?.start, tree });
  }

  /** The meeting is not on this router any more. */
  drop(meeting: MeetingId): void {
    if (this.#places.delete(meeting)) this.#run((nowMs) => this.#exchange.drop(nowMs, meeting));
  }

  reachable(router: RouterId): void {
    this.#run((nowMs) => this.#exchange.reachable(nowMs, router));
  }

  unreachable(router: RouterId): void {
    this.#run((nowMs) => this.#exchange.unreachable(nowMs, router));
  }

  handle(router: RouterId, meeting: MeetingId, json: string): void {
    const message = readStateMessage(parse(json));
    if (message === undefined) this.#messages.notUnderstood++;
    else if (!this.#places.has(meeting)) this.#messages.unknown++;
    else {
      this.#messages.taken++;
      this.#run((nowMs) => this.#exchange.handle(nowMs, router, meeting, message));
    }
  }

  /** Undefined: the meeting is not here, or its state has not come yet. */
  state(meeting: MeetingId): MeetingState | undefined {
    return this.#exchange.state(meeting);
  }

  /** Resolves when it is done. Rejects with ZonecastError: refused, or no answer within 4 s (`tryAgain`). */
  act(meeting: MeetingId, actor: Actor, act: PersonAct): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#run((nowMs) =>
      this.#exchange.act(nowMs, meeting, actor, act, (error) => {
        this.#count(act.type, error ?? 'done');
        if (error === undefined) resolve();
        else reject(error);
      }),
    );
    return promise;
  }

  /** As `act`. Somebody who comes, or is here and the state is to know it. */
  join(meeting: MeetingId, newcomer: Newcomer, returning: boolean): Promise<Joined> {
    const { promise, resolve, reject } = Promise.withResolvers<Joined>();
    this.#run((nowMs) =>
      this.#exchange.join(nowMs, meeting, newcomer, returning, (joined) => {
        this.#count('join', joined === 'entered' ? 'done' : joined);
        if (typeof joined === 'string') resolve(joined);
        else reject(joined);
      }),
    );
    return promise;
  }

  /** He is not with this router any more. `room`: he goes into it and stays a part of the meeting. */
  leave(meeting: MeetingId, participant: ParticipantId, room?: MeetingId): void {
    this.#run((nowMs) => this.#exchange.leave(nowMs, meeting, participant, room));
  }

  /** Time passes, to be called steadily. */
  handleTimeout(): void {
    this.#run((nowMs) => this.#exchange.handleTimeout(nowMs));
  }

  /** Since the start. */
  get counts(): { readonly acts: readonly ActCount[]; readonly messages: Readonly<Record<MessageOutcome, number>> } {
    return { acts: [...this.#acts.values()], messages: this.#messages };
  }

  #set(meeting: MeetingId, place: Place): void {
    this.#places.set(meeting, place);
    this.#run((nowMs) => this.#exchange.setTree(nowMs, meeting, { ...place.tree, start: place.start }));
  }

  #run(work: (nowMs: number) => void): void {
    work(this.#options.now());
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let tell = this.#news.shift(); tell !== undefined; tell = this.#news.shift()) tell();
    } finally {
      this.#isTelling = false;
    }
  }

  #count(type: ActType, result: 'done' | 'waiting' | ZonecastError): void {
    // Refusals have no other codes.
    const outcome = typeof result === 'string' ? result : (result.code as RefusalCode);
    const key = `${type} ${outcome}`;
    const known = this.#acts.get(key);
    if (known === undefined) this.#acts.set(key, { type, outcome, count: 1 });
    else known.count++;
  }
}
