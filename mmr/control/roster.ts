/**
 * Who is in one meeting, as this router keeps it for the controllers: name, sources, whether his client is connected and
 * to which controller. Each change that others see gives a delta under the next version. Pure: time is an argument.
 */
import type { ParticipantId, RouterId } from '../../common/ids.ts';
import { RecentSet } from '../../common/recent-set.ts';
import type { SourceKind } from '../media/negotiated.ts';

/** People of a controller that is lost are shown as away after this; most are with another one by then. */
const HOMELESS_GRACE_MS = 2_000;
/** Of those who have left, so many are remembered. */
const MAX_LEFT = 1_000;

/** The controller that a participant's client is connected to. */
export interface Home {
  /** Certificate name and process of the controller. */
  readonly controller: string;
  /** Counted by that process. */
  readonly attachment: number;
}

export interface RosterEntry {
  readonly participant: ParticipantId;
  readonly name: string;
  /** Sources that exist and are not muted. */
  readonly live: readonly SourceKind[];
  readonly connected: boolean;
  /** That carries his media; undefined: this one. */
  readonly router: RouterId | undefined;
}

export interface RosterDelta {
  readonly version: number;
  readonly changed: readonly RosterEntry[];
  readonly left: readonly ParticipantId[];
}

/** Of the people of other routers. */
export interface ElsewhereChange {
  readonly changed: readonly RosterEntry[];
  readonly left: readonly ParticipantId[];
  /** Those who went with their router. */
  readonly lost?: readonly ParticipantId[];
}

export interface Newcomer {
  readonly name: string;
  readonly sources: readonly SourceKind[];
  readonly muted: readonly SourceKind[];
  readonly home: Home;
  /** Whatever he has, nobody sees it. Default false. */
  readonly audioOnly?: boolean;
}

/** A participant whose media is here. */
interface Member {
  name: string;
  sources: ReadonlySet<SourceKind>;
  readonly muted: Set<SourceKind>;
  readonly audioOnly: boolean;
  home: Home;
  /** False while the worker is still asked to let him in: counted, but not told. */
  entered: boolean;
  connected: boolean;
  /** When he is shown as away, and when he has to leave. */
  awayAtMs: number;
  expiresMs: number;
}

export class Roster {
  readonly #members = new Map<ParticipantId, Member>();
  /** Those whose media is on other routers of the meeting. During a move somebody is here, too. */
  readonly #elsewhere = new Map<ParticipantId, RosterEntry>();
  /** Those whose media was lost with a worker or a router: shown as away for a while, for they come back. */
  readonly #missing = new Map<ParticipantId, { readonly entry: RosterEntry; readonly expiresMs: number }>();
  readonly #left = new RecentSet<ParticipantId>(MAX_LEFT);
  /** Controllers that are the home of somebody who has entered, with how many. */
  readonly #homes = new Map<string, number>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  /** Everybody, also those whom the worker has not let in yet. */
  get size(): number {
    let size = this.#members.size;
    for (const others of [this.#elsewhere, this.#missing]) {
      for (const participant of others.keys()) if (!this.#members.has(participant)) size++;
    }
    return size;
  }

  /** Nobody's media is here. */
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Nobody is in the meeting, on any router. */
  get isDeserted(): boolean {
    return this.isEmpty && this.#elsewhere.size === 0 && this.#missing.size === 0;
  }

  get participants(): Iterable<ParticipantId> {
    return this.#members.keys();
  }

  /** Controllers that are somebody's home. */
  get homes(): ReadonlyMap<string, number> {
    return this.#homes;
  }

  has(participant: ParticipantId): boolean {
    return this.#members.has(participant);
  }

  hasEntered(participant: ParticipantId): boolean {
    return this.#members.get(participant)?.entered ?? false;
  }

  isAudioOnly(participant: ParticipantId): boolean {
    return this.#members.get(participant)?.audioOnly ?? false;
  }

  homeOf(participant: ParticipantId): Home | undefined {
    return this.#members.get(participant)?.home;
  }

  /** Those who have entered and whose home the controller is. */
  homedAt(controller: string): ParticipantId[] {
    return [...this.#members].flatMap(([id, { entered, home }]) =>
      entered && home.controller === controller ? [id] : [],
    );
  }

  /** Who has left the meeting, here or elsewhere, and has not come back; not those who were lost. */
  get left(): Iterable<ParticipantId> {
    return this.#left;
  }

  /** In the order of arrival; those of other routers last. */
  entries(): RosterEntry[] {
    const beyond = [...this.#elsewhere.values()].filter(({ participant }) => !this.hasEntered(participant));
    return [...this.entriesHere(), ...beyond];
  }

  /** Those whose media is here, or was: what other routers of the meeting are told. */
  entriesHere(): RosterEntry[] {
    const here = [...this.#members].flatMap(([id, member]) => (member.entered ? [entryOf(id, member)] : []));
    return [...here, ...[...this.#missing.values()].map(({ entry }) => entry)];
  }

  /** Asked for; `enter` or `remove` follows. */
  add(participant: ParticipantId, { name, sources, muted, home, audioOnly = false }: Newcomer): void {
    this.#members.set(participant, {
      name,
      sources: new Set(sources),
      muted: new Set(muted),
      audioOnly,
      home,
      entered: false,
      connected: true,
      awayAtMs: Number.POSITIVE_INFINITY,
      expiresMs: Number.POSITIVE_INFINITY,
    });
  }

  /** The worker has let him in. */
  enter(participant: ParticipantId): RosterDelta | undefined {
    const member = this.#members.get(participant);
    if (member === undefined || member.entered) return undefined;
    member.entered = true;
    this.#missing.delete(participant);
    this.#left.delete(participant);
    this.#count(member.home.controller, 1);
    return this.#changed(participant, member);
  }

  remove(participant: ParticipantId): RosterDelta | undefined {
    if (this.#take(participant) === undefined) return undefined;
    if (!this.#elsewhere.has(participant)) this.#left.add(participant);
    return this.#told([participant]);
  }

  /** His media is lost, not he: he is shown as away until he is back, or `expiresMs`. */
  lose(participant: ParticipantId, expiresMs: number): RosterDelta | undefined {
    const member = this.#take(participant);
    if (member === undefined) return undefined;
    const entry = { ...entryOf(participant, member), connected: false };
    if (!this.#elsewhere.has(participant)) this.#missing.set(participant, { entry, expiresMs });
    return this.#told([participant]);
  }

  setSources(participant: ParticipantId, sources: readonly SourceKind[]): RosterDelta | undefined {
    return this.#change(participant, (member) => {
      const before = member.sources;
      member.sources = new Set(sources);
      return before.symmetricDifference(member.sources).size > 0;
    });
  }

  /** It is off, if he has such a source. */
  isMuted(participant: ParticipantId, source: SourceKind): boolean {
    return this.#members.get(participant)?.muted.has(source) ?? false;
  }

  /** The sources of somebody whose media is here, or comes. */
  sourcesOf(participant: ParticipantId): ReadonlySet<SourceKind> {
    return this.#members.get(participant)?.sources ?? new Set();
  }

  rename(participant: ParticipantId, name: string): RosterDelta | undefined {
    return this.#change(participant, (member) => {
      if (member.name === name) return false;
      member.name = name;
      return true;
    });
  }

  setMuted(participant: ParticipantId, source: SourceKind, muted: boolean): RosterDelta | undefined {
    return this.#change(participant, (member) => {
      if (member.muted.has(source) === muted) return false;
      if (muted) member.muted.add(source);
      else member.muted.delete(source);
      return true;
    });
  }

  /** His client is with this controller now. Of somebody who has not entered: nothing. */
  attach(participant: ParticipantId, home: Home): RosterDelta | undefined {
    return this.#change(participant, (member) => {
      if (!member.entered) return false;
      this.#count(member.home.controller, -1);
      this.#count(home.controller, 1);
      const isSame = member.home.controller === home.controller;
      // Two attachments of one controller may overtake each other on the way.
      member.home = isSame && member.home.attachment > home.attachment ? member.home : home;
      member.awayAtMs = Number.POSITIVE_INFINITY;
      member.expiresMs = Number.POSITIVE_INFINITY;
      return setConnected(member, true);
    });
  }

  /** His client's connection is lost. Nothing happens when that is of an earlier home or attachment. */
  detach(participant: ParticipantId, home: Home, expiresMs: number): RosterDelta | undefined {
    return this.#change(participant, (member) => {
      const { controller, attachment } = member.home;
      if (controller !== home.controller || attachment !== home.attachment) return false;
      member.expiresMs = expiresMs;
      return setConnected(member, false);
    });
  }

  /** The controller does not hear events any more. Its people stay for as long as their media lives. */
  homeLost(controller: string, nowMs: number): void {
    for (const member of this.#members.values()) {
      if (member.home.controller === controller && member.connected) member.awayAtMs = nowMs + HOMELESS_GRACE_MS;
    }
  }

  homeFound(controller: string): void {
    for (const member of this.#members.values()) {
      if (member.home.controller === controller) member.awayAtMs = Number.POSITIVE_INFINITY;
    }
  }

  /** Who is shown as away from now on, and who has to leave. */
  handleTimeout(nowMs: number): { readonly delta: RosterDelta | undefined; readonly expired: ParticipantId[] } {
    const changed: RosterEntry[] = [];
    const expired: ParticipantId[] = [];
    for (const [id, member] of this.#members) {
      if (member.awayAtMs <= nowMs && setConnected(member, false) && member.entered) changed.push(entryOf(id, member));
      if (member.expiresMs > nowMs) continue;
      // Once: leaving takes the worker a moment.
      member.expiresMs = Number.POSITIVE_INFINITY;
      expired.push(id);
    }
    const left: ParticipantId[] = [];
    for (const [id, { expiresMs }] of this.#missing) {
      if (expiresMs > nowMs) continue;
      this.#missing.delete(id);
      left.push(id);
    }
    const isSame = changed.length === 0 && left.length === 0;
    return { delta: isSame ? undefined : { version: ++this.#version, changed, left }, expired };
  }

  /**
   * What has changed among the people of other routers; each entry names his. `lost` are those who went with their router:
   * they are shown as away until they are back, or `expiresMs`.
   */
  applyElsewhere({ changed, left, lost = [] }: ElsewhereChange, expiresMs: number): RosterDelta {
    for (const entry of changed) {
      this.#elsewhere.set(entry.participant, entry);
      this.#missing.delete(entry.participant);
      this.#left.delete(entry.participant);
    }
    for (const participant of lost) {
      const entry = this.#elsewhere.get(participant);
      if (entry === undefined || this.#members.has(participant)) continue;
      this.#missing.set(participant, { entry: { ...entry, connected: false }, expiresMs });
    }
    for (const participant of left) {
      // Of one who was away it is not known whether he has left, or was lost and nobody waits for him any more.
      const wasConnected = this.#elsewhere.get(participant)?.connected ?? false;
      if (wasConnected && !this.#members.has(participant)) this.#left.add(participant);
    }
    for (const participant of [...left, ...lost]) this.#elsewhere.delete(participant);
    return this.#told([...changed.map(({ participant }) => participant), ...left, ...lost]);
  }

  /** Takes out somebody whose media is here; undefined when he had not entered. */
  #take(participant: ParticipantId): Member | undefined {
    const member = this.#members.get(participant);
    if (member === undefined) return undefined;
    this.#members.delete(participant);
    if (!member.entered) return undefined;
    this.#count(member.home.controller, -1);
    return member;
  }

  /** How these people are to be seen now. */
  #told(participants: readonly ParticipantId[]): RosterDelta {
    const changed: RosterEntry[] = [];
    const left: ParticipantId[] = [];
    for (const participant of participants) {
      const member = this.#members.get(participant);
      const entry = member?.entered
        ? entryOf(participant, member)
        : (this.#elsewhere.get(participant) ?? this.#missing.get(participant)?.entry);
      if (entry === undefined) left.push(participant);
      else changed.push(entry);
    }
    return { version: ++this.#version, changed, left };
  }

  #change(participant: ParticipantId, change: (member: Member) => boolean): RosterDelta | undefined {
    const member = this.#members.get(participant);
    if (member === undefined || !change(member) || !member.entered) return undefined;
    return this.#changed(participant, member);
  }

  #changed(participant: ParticipantId, member: Member): RosterDelta {
    return { version: ++this.#version, changed: [entryOf(participant, member)], left: [] };
  }

  #count(controller: string, change: 1 | -1): void {
    const count = (this.#homes.get(controller) ?? 0) + change;
    if (count > 0) this.#homes.set(controller, count);
    else this.#homes.delete(controller);
  }
}

/** False when he was that already. */
function setConnected(member: Member, connected: boolean): boolean {
  if (!connected) member.awayAtMs = Number.POSITIVE_INFINITY;
  if (member.connected === connected) return false;
  member.connected = connected;
  return true;
}

function entryOf(participant: ParticipantId, { name, sources, muted, connected, audioOnly }: Member): RosterEntry {
  const live = [...sources].filter((source) => !muted.has(source) && (source === 'microphone' || !audioOnly));
  return { participant, name, live, connected, router: undefined };
}
