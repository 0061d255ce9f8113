/** For tests: routers of one meeting on virtual time, with streams between them that are slow, and break. */
import type { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../../proto/meeting-settings.ts';
import type { Actor, PersonAct } from './acts.ts';
import type { Joined, StateChange } from './meeting-node.ts';
import type { MeetingStart, MeetingState, Role } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { StateExchange } from './state-exchange.ts';
import { readStateMessage, type StateMessage } from './state-messages.ts';
import { toWhole, type WholeState } from './whole-state.ts';

export const MEETING = '12345678903' as MeetingId;
/** Unix time at the lab's zero. */
export const LAB_UNIX_MS = 1_700_000_000_000;

interface LabRouter {
  readonly id: RouterId;
  readonly exchange: StateExchange;
  readonly served: Set<ParticipantId>;
  readonly notices: Notice[];
  isDown: boolean;
}

/** One direction between two routers. */
interface Stream {
  isUp: boolean;
  /** Of the stream that stands: what was sent on an earlier one is lost. */
  generation: number;
  arrivesMs: number;
}

interface LabEvent {
  readonly atMs: number;
  readonly run: () => void;
}

/** Outcome of an act: undefined while there is none. */
export interface LabOutcome {
  done: boolean | undefined;
  error: ZonecastError | undefined;
}

export class StateLab {
  nowMs = 0;
  readonly routers = new Map<string, LabRouter>();
  /** Looked at after each change of any copy. */
  onState: (router: string, state: MeetingState, change?: StateChange) => unknown = () => undefined;
  /** Over all streams. */
  messages: { from: string; to: string; message: StateMessage }[] = [];
  readonly start: MeetingStart;
  /** Which routers know it. */
  startOf: (router: string) => MeetingStart | undefined = () => this.start;
  #tree: Readonly<Record<string, string | undefined>> = {};
  readonly #streams = new Map<string, Stream>();
  #events: LabEvent[] = [];
  #processes = 0;
  readonly #random: () => number;
  readonly #maxDelayMs: number;

  /** Messages take up to `maxDelayMs`, each another time; those of one stream keep their order. */
  constructor(names: readonly string[], { seed = 1, maxDelayMs = 10, start = {} as Partial<MeetingStart> } = {}) {
    this.#random = mulberry32(seed);
    this.#maxDelayMs = maxDelayMs;
    this.start = { settings: { ...DEFAULT_SETTINGS, ...start.settings }, main: start.main };
    for (const name of names) this.routers.set(name, this.#newRouter(name));
    for (const one of names) for (const other of names) if (one < other) this.#open(one, other);
    this.advance(maxDelayMs);
  }

  /** Each router's parent; routers that are not in it lose the meeting. They hear of it one after the other. */
  setTree(tree: Readonly<Record<string, string | undefined>>): void {
    this.#tree = tree;
    for (const name of this.routers.keys()) this.#later(() => this.#tellTree(name, tree));
  }

  cut(one: string, other: string): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const stream = this.#stream(from, to);
      if (!stream.isUp) continue;
      stream.isUp = false;
      stream.generation++;
      this.#router(to).exchange.unreachable(this.nowMs, from as RouterId);
    }
  }

  mend(one: string, other: string): void {
    if (!this.#stream(one, other).isUp && !this.#router(one).isDown && !this.#router(other).isDown)
      this.#open(one, other);
  }

  mendAll(): void {
    for (const one of this.routers.keys())
      for (const other of this.routers.keys()) if (one < other) this.mend(one, other);
  }

  /** The process dies, with all it knew and all whom it served. */
  crash(name: string): void {
    for (const other of this.routers.keys()) if (other !== name) this.cut(name, other);
    this.#router(name).isDown = true;
  }

  /** Another process, with the same name. */
  restart(name: string): void {
    if (!this.#router(name).isDown) return;
    this.routers.set(name, this.#newRouter(name));
    this.#tellTree(name, this.#tree);
    for (const other of this.routers.keys()) if (other !== name) this.mend(name, other);
  }

  isDown(name: string): boolean {
    return this.#router(name).isDown;
  }

  act(name: string, actor: string | Actor, act: PersonAct): LabOutcome {
    const outcome: LabOutcome = { done: undefined, error: undefined };
    const by: Actor =
      actor === 'operator' || actor === 'router' || typeof actor === 'object'
        ? actor
        : { participant: actor as ParticipantId };
    this.#router(name).exchange.act(this.nowMs, MEETING, by, act, (error) => {
      if (outcome.done !== undefined) throw new Error('an act has two outcomes');
      outcome.done = error === undefined;
      outcome.error = error;
    });
    return outcome;
  }

  join(
    name: string,
    person: string,
    { role = 'participant' as Role, returning = false, name: shown = person } = {},
  ): { joined: Joined | ZonecastError | undefined } {
    const result: { joined: Joined | ZonecastError | undefined } = { joined: undefined };
    const participant = person as ParticipantId;
    const { exchange, served } = this.#router(name);
    const newcomer = { participant, name: shown, role, controller: `controller-${name}` };
    exchange.join(this.nowMs, MEETING, newcomer, returning, (joined) => {
      result.joined = joined;
      if (typeof joined === 'string') served.add(participant);
    });
    return result;
  }

  leave(name: string, person: string, room?: string): void {
    const { exchange, served } = this.#router(name);
    served.delete(person as ParticipantId);
    exchange.leave(this.nowMs, MEETING, person as ParticipantId, room as MeetingId | undefined);
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      let next: LabEvent | undefined;
      for (const event of this.#events) if (next === undefined || event.atMs < next.atMs) next = event;
      let timeoutMs = Number.POSITIVE_INFINITY;
      for (const { exchange, isDown } of this.routers.values()) {
        if (!isDown) timeoutMs = Math.min(timeoutMs, exchange.nextTimeoutMs());
      }
      const atMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, timeoutMs);
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      if (next !== undefined && next.atMs <= timeoutMs) {
        this.#events = this.#events.filter((event) => event !== next);
        next.run();
      } else {
        for (const { exchange, isDown } of this.routers.values()) if (!isDown) exchange.handleTimeout(this.nowMs);
      }
    }
    this.nowMs = untilMs;
  }

  state(name: string): MeetingState {
    const state = this.#router(name).exchange.state(MEETING);
    if (state === undefined) throw new Error(`${name} has no state`);
    return state;
  }

  hasState(name: string): boolean {
    return this.#router(name).exchange.state(MEETING) !== undefined;
  }

  notices(name: string): Notice[] {
    return this.#router(name).notices;
  }

  /** A copy, so that copies can be compared. */
  picture(name: string): WholeState {
    return toWhole(this.state(name), [], []);
  }

  random(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #tellTree(name: string, tree: Readonly<Record<string, string | undefined>>): void {
    const { exchange, isDown } = this.#router(name);
    if (isDown || tree !== this.#tree) return;
    if (!Object.hasOwn(tree, name)) {
      exchange.drop(this.nowMs, MEETING);
      return;
    }
    const children = Object.keys(tree).filter((child) => tree[child] === name) as RouterId[];
    const start = this.startOf(name);
    exchange.setTree(this.nowMs, MEETING, { parent: tree[name] as RouterId | undefined, children, start });
  }

  #newRouter(name: string): LabRouter {
    const id = name as RouterId;
    const notices: Notice[] = [];
    const note = (state: MeetingState, told: readonly Notice[], change?: StateChange): void => {
      notices.push(...told);
      this.onState(name, state, change);
    };
    const exchange = new StateExchange(
      { router: id, instance: `${name}${++this.#processes}` },
      {
        send: (peer, _, message) => this.#send(name, peer, message),
        whole: (_, state, told) => note(state, told),
        changed: (_, change) => note(change.after, change.notices, change),
        toUnixMs: (nowMs) => LAB_UNIX_MS + Math.round(nowMs),
      },
    );
    return { id, exchange, served: new Set(), notices, isDown: false };
  }

  #send(from: string, to: string, message: StateMessage): void {
    this.messages.push({ from, to, message });
    if (!this.#stream(from, to).isUp) return;
    const json = JSON.stringify(message);
    this.#deliver(from, to, () => {
      const read = readStateMessage(JSON.parse(json));
      if (read === undefined) throw new Error(`not understood: ${json.slice(0, 2000)}`);
      this.#router(to).exchange.handle(this.nowMs, from as RouterId, MEETING, read);
    });
  }

  #open(one: string, other: string): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const stream = this.#stream(from, to);
      stream.isUp = true;
      this.#deliver(from, to, () => this.#router(to).exchange.reachable(this.nowMs, from as RouterId));
    }
  }

  #deliver(from: string, to: string, run: () => void): void {
    const stream = this.#stream(from, to);
    const { generation } = stream;
    stream.arrivesMs = Math.max(stream.arrivesMs, this.nowMs + this.#random() * this.#maxDelayMs);
    this.#events.push({
      atMs: stream.arrivesMs,
      run: () => {
        if (stream.generation === generation) run();
      },
    });
  }

  #later(run: () => void): void {
    this.#events.push({ atMs: this.nowMs + this.#random() * this.#maxDelayMs, run });
  }

  #stream(from: string, to: string): Stream {
    const key = `${from} ${to}`;
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      stream = { isUp: false, generation: 0, arrivesMs: 0 };
      this.#streams.set(key, stream);
    }
    return stream;
  }

  #router(name: string): LabRouter {
    const router = this.routers.get(name);
    if (router === undefined) throw new Error(`no router ${name}`);
    return router;
  }
}

/** Small and good enough for delays: T. Ettinger, mulberry32, public domain. Gives 0 to 1, exclusively. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
