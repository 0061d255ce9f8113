/**
 * Who is in a meeting beyond this router, and what its neighbours in the tree are told: to each, everybody whom it has not
 * told itself. Changes are collected for a moment, in large meetings for longer. Pure.
 */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type { ElsewhereChange, RosterEntry } from '../roster.ts';

/** An entry that says which router carries the participant. */
export type ForeignEntry = RosterEntry & { readonly router: RouterId };

export interface RosterUpdate {
  /** Whoever is not in `changed` is gone. */
  readonly whole: boolean;
  readonly changed: readonly ForeignEntry[];
  readonly left: readonly ParticipantId[];
}

export interface ExchangeOut {
  send(peer: RouterId, meeting: MeetingId, update: RosterUpdate): void;
  /** People beyond this router have come, changed, left, or are lost with a neighbour. */
  apply(meeting: MeetingId, change: ElsewhereChange): void;
  /** Everybody whose media is on this router, or was: `apply` of those who are lost may add them. */
  own(meeting: MeetingId): readonly ForeignEntry[];
}

const MIN_DELAY_MS = 20;
const MAX_DELAY_MS = 500;

interface Neighbour {
  /** Told us by this one. */
  readonly people: Map<ParticipantId, ForeignEntry>;
  /** To be told it. */
  readonly pending: Set<ParticipantId>;
  /** Knows nothing of what we know, or nothing any more. */
  isFresh: boolean;
  /** Nothing comes from there: whoever is beyond is shown as away. */
  isAway: boolean;
}

interface Exchange {
  readonly neighbours: Map<RouterId, Neighbour>;
  dueMs: number;
}

export class RosterExchange {
  readonly #out: ExchangeOut;
  readonly #meetings = new Map<MeetingId, Exchange>();

  constructor(out: ExchangeOut) {
    this.#out = out;
  }

  /** The tree's neighbours of this router are these from now on. */
  setNeighbours(nowMs: number, meeting: MeetingId, routers: ReadonlySet<RouterId>): void {
    let exchange = this.#meetings.get(meeting);
    if (exchange === undefined) {
      if (routers.size === 0) return;
      exchange = { neighbours: new Map(), dueMs: Number.POSITIVE_INFINITY };
      this.#meetings.set(meeting, exchange);
    }
    for (const [router, neighbour] of [...exchange.neighbours]) {
      if (routers.has(router)) continue;
      exchange.neighbours.delete(router);
      this.#forget(nowMs, meeting, exchange, [...neighbour.people.keys()]);
    }
    for (const router of routers) {
      if (exchange.neighbours.has(router)) continue;
      exchange.neighbours.set(router, { people: new Map(), pending: new Set(), isFresh: true, isAway: false });
      exchange.dueMs = nowMs;
    }
    if (exchange.neighbours.size === 0) this.#meetings.delete(meeting);
  }

  /** The stream to the router stands anew: it is told everything. */
  reachable(nowMs: number, router: RouterId): void {
    for (const exchange of this.#meetings.values()) {
      const neighbour = exchange.neighbours.get(router);
      if (neighbour === undefined) continue;
      neighbour.isFresh = true;
      exchange.dueMs = nowMs;
    }
  }

  /** Whether neither word nor media comes from the router. Those beyond it stay in the meeting: they may come back with it. */
  setAway(nowMs: number, router: RouterId, isAway: boolean): void {
    for (const [meeting, exchange] of this.#meetings) {
      const neighbour = exchange.neighbours.get(router);
      if (neighbour === undefined || neighbour.isAway === isAway) continue;
      neighbour.isAway = isAway;
      const changed = [...neighbour.people.values()].map((entry) => this.#known(exchange, entry) ?? entry);
      if (changed.length === 0) continue;
      this.#out.apply(meeting, { changed, left: [] });
      this.#mark(nowMs, meeting, exchange, [...neighbour.people.keys()], router);
    }
  }

  /** Somebody of this router has come, changed or left. */
  changedHere(nowMs: number, meeting: MeetingId, participants: readonly ParticipantId[]): void {
    const exchange = this.#meetings.get(meeting);
    if (exchange !== undefined) this.#mark(nowMs, meeting, exchange, participants, undefined);
  }

  /** From a neighbour; from any other router it is ignored. */
  handle(nowMs: number, router: RouterId, meeting: MeetingId, update: RosterUpdate): void {
    const exchange = this.#meetings.get(meeting);
    const neighbour = exchange?.neighbours.get(router);
    if (exchange === undefined || neighbour === undefined) return;
    const { people } = neighbour;
    const named = new Set(update.changed.map(({ participant }) => participant));
    const left = update.whole ? [...people.keys()].filter((participant) => !named.has(participant)) : update.left;
    const spokenFor = this.#out.own(meeting);
    for (const entry of update.changed) people.set(entry.participant, entry);
    for (const participant of left) people.delete(participant);
    // The last word counts, unless it is that he is away and others know better.
    const changed = update.changed.map((told) => (told.connected ? told : (this.#known(exchange, told) ?? told)));
    const elsewhere = left.flatMap((participant) => this.#known(exchange, { participant }) ?? []);
    this.#out.apply(meeting, { changed: [...changed, ...elsewhere], left: this.#gone(exchange, left) });
    this.#mark(nowMs, meeting, exchange, [...named, ...left], router);
    // Who was lost here and is found again is not ours to tell of any more, to him who has found him either.
    const own = new Set(this.#out.own(meeting).map(({ participant }) => participant));
    for (const { participant } of spokenFor) if (!own.has(participant)) neighbour.pending.add(participant);
    if (update.whole) this.#repeat(nowMs, meeting, exchange, router, neighbour);
  }

  nextTimeoutMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#meetings.values()) next = Math.min(next, dueMs);
    return next;
  }

  handleTimeout(nowMs: number): void {
    for (const [meeting, exchange] of this.#meetings) if (exchange.dueMs <= nowMs) this.#tell(meeting, exchange);
  }

  /** Whoever tells everything has just begun, and has ignored what he was told before he knew us for a neighbour. */
  #repeat(nowMs: number, meeting: MeetingId, exchange: Exchange, router: RouterId, neighbour: Neighbour): void {
    if (neighbour.isFresh) return; // told everything anyway
    const known = this.#knownBut(exchange, router, this.#out.own(meeting));
    if (known.size === 0) return;
    for (const participant of known.keys()) neighbour.pending.add(participant);
    exchange.dueMs = Math.min(exchange.dueMs, nowMs + MIN_DELAY_MS);
  }

  #tell(meeting: MeetingId, exchange: Exchange): void {
    exchange.dueMs = Number.POSITIVE_INFINITY;
    const own = this.#out.own(meeting);
    for (const [router, neighbour] of exchange.neighbours) {
      const { pending, isFresh } = neighbour;
      if (!isFresh && pending.size === 0) continue;
      const known = this.#knownBut(exchange, router, own);
      const changed = isFresh ? [...known.values()] : [...pending].flatMap((id) => known.get(id) ?? []);
      const left = isFresh ? [] : [...pending].filter((id) => !known.has(id));
      neighbour.isFresh = false;
      pending.clear();
      this.#out.send(router, meeting, { whole: isFresh, changed, left });
    }
  }

  /** Everybody but those whom the router has told us of. During a move somebody is in two places: ours counts first. */
  #knownBut(exchange: Exchange, router: RouterId, own: readonly ForeignEntry[]): Map<ParticipantId, ForeignEntry> {
    const known = this.#beyond(exchange, router);
    for (const entry of own) known.set(entry.participant, entry);
    return known;
  }

  /** Whom the neighbours have told us of, but for one of them. */
  #beyond({ neighbours }: Exchange, except: RouterId): Map<ParticipantId, ForeignEntry> {
    const known = new Map<ParticipantId, ForeignEntry>();
    for (const [router, neighbour] of neighbours) {
      if (router === except) continue;
      for (const entry of neighbour.people.values()) {
        const seen = asSeen(entry, neighbour);
        if (seen.connected || !known.has(entry.participant)) known.set(entry.participant, seen);
      }
    }
    return known;
  }

  /** What the neighbours say of somebody; undefined: nothing. Who is away may have come by another. */
  #known({ neighbours }: Exchange, { participant }: Pick<ForeignEntry, 'participant'>): ForeignEntry | undefined {
    let known: ForeignEntry | undefined;
    for (const neighbour of neighbours.values()) {
      const entry = neighbour.people.get(participant);
      const seen = entry && asSeen(entry, neighbour);
      if (seen?.connected || known === undefined) known = seen;
    }
    return known;
  }

  #forget(nowMs: number, meeting: MeetingId, exchange: Exchange, people: readonly ParticipantId[]): void {
    if (people.length === 0) return;
    this.#out.apply(meeting, { changed: [], left: [], lost: this.#gone(exchange, people) });
    this.#mark(nowMs, meeting, exchange, people, undefined);
  }

  /** Those whom no other neighbour knows either. */
  #gone({ neighbours }: Exchange, left: readonly ParticipantId[]): ParticipantId[] {
    return left.filter((participant) => ![...neighbours.values()].some(({ people }) => people.has(participant)));
  }

  #mark(
    nowMs: number,
    meeting: MeetingId,
    exchange: Exchange,
    participants: readonly ParticipantId[],
    from: RouterId | undefined,
  ): void {
    let people = 0;
    for (const [router, neighbour] of exchange.neighbours) {
      people += neighbour.people.size;
      if (router === from) continue;
      for (const participant of participants) neighbour.pending.add(participant);
    }
    people += this.#out.own(meeting).length;
    const delayMs = Math.min(MAX_DELAY_MS, Math.max(MIN_DELAY_MS, people / 2));
    exchange.dueMs = Math.min(exchange.dueMs, nowMs + delayMs);
  }
}

/** Of those beyond somebody from whom nothing comes it is known only that they were there. */
function asSeen(entry: ForeignEntry, { isAway }: Neighbour): ForeignEntry {
  return isAway ? { ...entry, connected: false } : entry;
}
