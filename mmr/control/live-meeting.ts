/**
 * One meeting of this router: who is in it, what its worker last said, and which controller hears of what. A controller
 * hears of the meeting while it is somebody's home: a snapshot first, then every change, in order.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Homed__Output } from '../../proto/gen/zonecast/router/v1/Homed.ts';
import type { SourceKind } from '../media/negotiated.ts';
import { MeetingMemory } from './meeting-memory.ts';
import { type Home, type Newcomer, Roster, type RosterDelta } from './roster.ts';
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

/** Where events go to. */
export interface EventSink {
  /** To one controller; lost when that does not listen, for then it is told everything once it does. */
  send(controller: string, event: WireEvent): void;
}

export class LiveMeeting {
  readonly id: MeetingId;
  readonly epoch: number;
  /** Nobody may come any more. */
  isOver = false;
  readonly #sink: EventSink;
  readonly #roster = new Roster();
  readonly #memory = new MeetingMemory();
  /** When the last one left, or it was made. */
  #emptySinceMs: number;

  constructor(id: MeetingId, epoch: number, sink: EventSink, nowMs: number) {
    this.id = id;
    this.epoch = epoch;
    this.#sink = sink;
    this.#emptySinceMs = nowMs;
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

  /** How long nobody has been in it; undefined when somebody is. */
  emptyMs(nowMs: number): number | undefined {
    return this.#roster.isEmpty ? nowMs - this.#emptySinceMs : undefined;
  }

  /** The worker is asked to let him in. Counted; `enter` or `remove` follows. */
  add(participant: ParticipantId, newcomer: Newcomer): void {
    this.#roster.add(participant, newcomer);
    this.#memory.add(participant);
  }

  /** He is in: everybody is told. */
  enter(participant: ParticipantId): void {
    const before = new Set(this.#roster.homes.keys());
    this.#tell(this.#roster.enter(participant), before);
    this.#tellHome(participant, before);
  }

  /** He is out, or was never let in. */
  remove(participant: ParticipantId, nowMs: number): void {
    const homes = new Set(this.#roster.homes.keys());
    const delta = this.#roster.remove(participant);
    this.#memory.forget(participant);
    this.#tell(delta, homes);
    if (this.#roster.isEmpty) this.#emptySinceMs = nowMs;
  }

  setSources(participant: ParticipantId, sources: readonly SourceKind[]): void {
    this.#tell(this.#roster.setSources(participant, sources));
  }

  setMuted(participant: ParticipantId, source: SourceKind, muted: boolean): void {
    this.#tell(this.#roster.setMuted(participant, source, muted));
  }

  /** What has changed among the people of other routers; each entry names his. */
  applyElsewhere(change: Pick<RosterDelta, 'changed' | 'left'>): void {
    this.#tell(this.#roster.applyElsewhere(change));
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
    this.#tell(this.#roster.detach(participant, home, expiresMs));
  }

  /** What a worker says. Who has not entered yet is told what was meant for him when he has. */
  apply(event: ParticipantEvent | MeetingEvent): void {
    this.#memory.apply(event);
    const message = toEvent(event);
    if (!('participant' in event)) this.#publish(message);
    else if (this.hasEntered(event.participant)) this.#sendHome(event.participant, message);
  }

  /** The controller listens from now on: what concerns it. */
  subscribe(controller: string): void {
    if (!this.#roster.homes.has(controller)) return;
    this.#roster.homeFound(controller);
    this.#sink.send(controller, this.#snapshot(controller));
  }

  unsubscribed(controller: string, nowMs: number): void {
    if (this.#roster.homes.has(controller)) this.#roster.homeLost(controller, nowMs);
  }

  /** To be called steadily. Returns those who were away for too long. */
  handleTimeout(nowMs: number): ParticipantId[] {
    const { delta, expired } = this.#roster.handleTimeout(nowMs);
    this.#tell(delta);
    return expired;
  }

  #tell(delta: RosterDelta | undefined, controllers: Iterable<string> = this.#roster.homes.keys()): void {
    if (delta === undefined) return;
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
        epoch: this.epoch,
        version: this.#roster.version,
        roster: this.#roster.entries().map(toRosterEntry),
        speakers: [...this.#memory.speakers],
        qualities: this.#memory.qualities.map(toQuality),
        homed: this.#roster.homedAt(controller).map((participant) => this.#homed(participant)),
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
