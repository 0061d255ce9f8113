/**
 * One meeting of this router: who is in it, what its worker last said, and which controller hears of what. A controller
 * hears of the meeting while it is somebody's home: a snapshot first, then every change, in order.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Homed__Output } from '../../proto/gen/zonecast/router/v1/Homed.ts';
import type { ConnectionQuality, SlotAssignment, SourceKind } from '../media/negotiated.ts';
import { LiveState } from './live-state.ts';
import { MeetingMemory } from './meeting-memory.ts';
import {
  type ElsewhereChange,
  type Home,
  type Newcomer,
  Roster,
  type RosterDelta,
  type RosterEntry,
} from './roster.ts';
import {
  type MeetingEvent,
  type ParticipantEvent,
  toEncodings,
  toEvent,
  toQuality,
  toRosterChanged,
  toRosterEntry,
  toSlot,
  toTaken,
  type WireEvent,
} from './to-event.ts';

/** People whose media is lost are shown as away for so long: they come back, here or elsewhere. */
const MISSING_MS = 10_000;

/** Where events go to. */
export interface EventSink {
  /** To one controller; lost when that does not listen, for then it is told everything once it does. */
  send(controller: string, event: WireEvent): void;
}

/** The other routers of a meeting. */
export interface MeetingPeers {
  /** Of these people, as `entriesHere` has them now. */
  changedHere(meeting: MeetingId, participants: readonly ParticipantId[]): void;
  /** It is not on this router any more. */
  forgotten(meeting: MeetingId): void;
}

export class LiveMeeting {
  readonly id: MeetingId;
  readonly state: LiveState;
  #epoch: number;
  /** Nobody may come any more. */
  isOver = false;
  readonly #sink: EventSink;
  readonly #peers: MeetingPeers;
  readonly #roster = new Roster();
  readonly #memory = new MeetingMemory();

  constructor(id: MeetingId, epoch: number, sink: EventSink, peers: MeetingPeers) {
    this.id = id;
    this.#epoch = epoch;
    this.#sink = sink;
    this.#peers = peers;
    this.state = new LiveState(id, sink, () => this.#roster.homes.keys());
  }

  /** Of the meeting's placement. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The meeting has been placed anew, and goes on here with those who are in it. */
  raise(epoch: number): void {
    this.#epoch = epoch;
    this.isOver = false;
    for (const controller of this.#roster.homes.keys()) this.#sink.send(controller, this.#snapshot(controller));
  }

  /** Everybody on all routers of the meeting, those included who are still joining. */
  get size(): number {
    return this.#roster.size;
  }

  /** Whose media is on this router. */
  get participants(): Iterable<ParticipantId> {
    return this.#roster.participants;
  }

  has(participant: ParticipantId): boolean {
    return this.#roster.has(participant);
  }

  hasEntered(participant: ParticipantId): boolean {
    return this.#roster.hasEntered(participant);
  }

  /** Nobody's media is here. */
  get isEmpty(): boolean {
    return this.#roster.isEmpty;
  }

  /** And nobody waits to come in, or asks to. */
  get isUnused(): boolean {
    return this.isEmpty && this.state.guests.isEmpty;
  }

  /** Nobody is in it, on any router, or in a room of it, or asks to come in. */
  get isDeserted(): boolean {
    return this.#roster.isDeserted && this.state.guests.isEmpty && !this.state.hasPeople;
  }

  /** Those whose media is here, or was a moment ago. */
  get entriesHere(): readonly RosterEntry[] {
    return this.#roster.entriesHere();
  }

  /** Who has left the meeting and has not come back, as far as that is remembered. */
  get left(): Iterable<ParticipantId> {
    return this.#roster.left;
  }

  /** Of those whose media is here, as far as anything flows. */
  get qualities(): readonly ConnectionQuality[] {
    return this.#memory.qualities;
  }

  /** The worker is asked to let him in. Counted; `enter` or `remove` follows. */
  add(participant: ParticipantId, newcomer: Newcomer): void {
    this.#roster.add(participant, newcomer);
    this.#memory.add(participant);
  }

  /** He is in: everybody is told. */
  enter(participant: ParticipantId): void {
    const before = new Set(this.#roster.homes.keys());
    this.state.guests.delete(participant);
    this.#tell(this.#roster.enter(participant), before);
    this.#tellHome(participant, before);
  }

  /** He is out, or was never let in. */
  remove(participant: ParticipantId): void {
    const homes = new Set(this.#roster.homes.keys());
    const delta = this.#roster.remove(participant);
    this.#memory.forget(participant);
    this.#tell(delta, homes);
  }

  /** His media is lost with its worker. He is shown as away for a while. */
  lose(participant: ParticipantId, nowMs: number): void {
    const homes = new Set(this.#roster.homes.keys());
    const delta = this.#roster.lose(participant, nowMs + MISSING_MS);
    this.state.guests.lose(participant, nowMs + MISSING_MS);
    this.#memory.forget(participant);
    this.#tell(delta, homes);
  }

  setSources(participant: ParticipantId, sources: readonly SourceKind[]): void {
    this.#tell(this.#roster.setSources(participant, sources));
  }

  rename(participant: ParticipantId, name: string): void {
    this.#tell(this.#roster.rename(participant, name));
  }

  isMuted(participant: ParticipantId, source: SourceKind): boolean {
    return this.#roster.isMuted(participant, source);
  }

  sourcesOf(participant: ParticipantId): ReadonlySet<SourceKind> {
    return this.#roster.sourcesOf(participant);
  }

  homeOf(participant: ParticipantId): Home | undefined {
    return this.#roster.homeOf(participant);
  }

  setMuted(participant: ParticipantId, source: SourceKind, muted: boolean): void {
    this.#tell(this.#roster.setMuted(participant, source, muted));
  }

  /** What has changed among the people of other routers; each entry names his. */
  applyElsewhere(change: ElsewhereChange, nowMs: number): void {
    const before = new Set(this.#roster.entriesHere().map(({ participant }) => participant));
    const delta = this.#roster.applyElsewhere(change, nowMs + MISSING_MS);
    this.#sendRoster(delta);
    // Who was missing here, or is missing now, is told to the others by us.
    const after = new Set(this.#roster.entriesHere().map(({ participant }) => participant));
    const moved = [...before.symmetricDifference(after)];
    if (moved.length > 0) this.#peers.changedHere(this.id, moved);
  }

  /** The participant's client is with this controller now. */
  attach(participant: ParticipantId, home: Home): void {
    const earlier = this.#roster.homeOf(participant)?.controller;
    const before = new Set(this.#roster.homes.keys());
    const delta = this.#roster.attach(participant, home);
    if (earlier !== undefined && earlier !== home.controller) this.#sink.send(earlier, toTaken(this.id, participant));
    this.#tell(delta, new Set([...before].filter((controller) => this.#roster.homes.has(controller))));
    this.#tellHome(participant, before);
  }

  /** That connection of his is lost; unless another comes, he has to leave at `expiresMs`. */
  detach(participant: ParticipantId, home: Home, expiresMs: number): void {
    this.state.guests.detach(participant, home, expiresMs);
    this.#tell(this.#roster.detach(participant, home, expiresMs));
  }

  /** What a worker says. Who has not entered yet is told what was meant for him when he has. */
  apply(event: ParticipantEvent | MeetingEvent): void {
    this.#memory.apply(event);
    const message = toEvent(event);
    if (!('participant' in event)) this.#publish(message);
    else if (this.hasEntered(event.participant)) this.#sendHome(event.participant, message);
  }

  /** His slots and encodings are those of another connection from now on, of which no more is known than `slots`. */
  connectionChanged(participant: ParticipantId, connection: number, slots: readonly SlotAssignment[]): void {
    this.#memory.startAgain(participant, connection, slots);
    const home = this.#roster.homeOf(participant);
    if (this.hasEntered(participant) && home !== undefined)
      this.#sink.send(home.controller, { homed: this.#homed(participant) });
  }

  /** The controller listens from now on: what concerns it. */
  subscribe(controller: string): void {
    this.state.guests.homeFound(controller);
    if (!this.#roster.homes.has(controller)) {
      this.state.subscribe(controller);
      return;
    }
    this.#roster.homeFound(controller);
    this.#sink.send(controller, this.#snapshot(controller));
  }

  unsubscribed(controller: string, nowMs: number): void {
    this.state.guests.homeLost(controller, nowMs);
    if (this.#roster.homes.has(controller)) this.#roster.homeLost(controller, nowMs);
  }

  /** To be called steadily. Returns those who were away for too long. */
  handleTimeout(nowMs: number): ParticipantId[] {
    const { delta, expired } = this.#roster.handleTimeout(nowMs);
    this.#tell(delta);
    return expired;
  }

  /** To controllers and to the other routers of the meeting. */
  #tell(delta: RosterDelta | undefined, controllers?: Iterable<string>): void {
    if (delta === undefined) return;
    this.#sendRoster(delta, controllers);
    this.#peers.changedHere(this.id, [...delta.changed.map(({ participant }) => participant), ...delta.left]);
  }

  #sendRoster(delta: RosterDelta, controllers: Iterable<string> = this.#roster.homes.keys()): void {
    const message = toRosterChanged(this.id, delta);
    for (const controller of controllers) this.#sink.send(controller, message);
  }

  /** A participant has a home that knew nothing of the meeting, or only nothing of what is his. */
  #tellHome(participant: ParticipantId, before: ReadonlySet<string>): void {
    const controller = this.#roster.homeOf(participant)?.controller;
    if (controller === undefined) return;
    this.#sink.send(
      controller,
      before.has(controller) ? { homed: this.#homed(participant) } : this.#snapshot(controller),
    );
  }

  #snapshot(controller: string): WireEvent {
    return {
      snapshot: {
        meeting: this.id,
        epoch: this.#epoch,
        version: this.#roster.version,
        roster: this.#roster.entries().map(toRosterEntry),
        speakers: [...this.#memory.speakers],
        qualities: this.#memory.qualities.map(toQuality),
        homed: this.#roster.homedAt(controller).map((participant) => this.#homed(participant)),
        state: this.state.json,
      },
    };
  }

  #homed(participant: ParticipantId): Homed__Output {
    return {
      meeting: this.id,
      participant,
      attachment: this.#roster.homeOf(participant)?.attachment ?? 0,
      slots: this.#memory.slotsOf(participant).map(toSlot),
      encodings: this.#memory.encodingsOf(participant).map(toEncodings),
      audioOnly: this.#roster.isAudioOnly(participant),
      connection: this.#memory.connectionOf(participant),
    };
  }

  #publish(message: WireEvent): void {
    for (const controller of this.#roster.homes.keys()) this.#sink.send(controller, message);
  }

  #sendHome(participant: ParticipantId, message: WireEvent): void {
    const home = this.#roster.homeOf(participant);
    if (home !== undefined) this.#sink.send(home.controller, message);
  }
}
