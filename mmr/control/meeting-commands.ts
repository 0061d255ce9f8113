/**
 * What a zone-controller can have done with this router's meetings, as plain calls: epoch check, state, worker, roster. The
 * gRPC server above it only translates. Every method throws ZonecastError.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { LeaveOrder } from '../media/meeting-registry.ts';
import type { SourceKind, ViewEntry } from '../media/negotiated.ts';
import { checkRenegotiation } from '../sdp/check-renegotiation.ts';
import type { Cascade } from './cascade/cascade.ts';
import type { MeetingPlace } from './cascade/meeting-places.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import { type ConnectionCommand, MeetingConnections } from './meeting-connections.ts';
import { type JoinCommand, type JoinReply, MeetingJoins } from './meeting-joins.ts';
import type { MeetingStates } from './meeting-states.ts';
import {
  kindsOf,
  negotiateOrThrow,
  type OfferCommand,
  type ParticipantMedia,
  type RouterIdentity,
  ssrcsOf,
  type Target,
} from './participant-media.ts';
import type { Home } from './roster.ts';
import { fromPoolError, offerError } from './router-errors.ts';
import type { Actor, PersonAct } from './state/acts.ts';
import { REFUSALS, type Refusal, toError } from './state/refusal.ts';
import { forbidsTurningOn } from './state/rights.ts';
import type { StateOrders } from './state-orders.ts';
import type { WorkerEvent, WorkerPool } from './worker-pool.ts';

export interface TreeCommand extends Omit<Target, 'participant'> {
  /** Grows with each change of the tree within the epoch. */
  readonly version: number;
  readonly places: readonly MeetingPlace[];
}

export interface ActCommand extends Omit<Target, 'participant'> {
  /** Who wants it; undefined: an operator, or the zone. */
  readonly participant: ParticipantId | undefined;
  readonly act: PersonAct;
}

export interface MeetingCommandsOptions {
  readonly pool: WorkerPool;
  readonly identity: RouterIdentity;
  readonly meetings: LiveMeetings;
  readonly cascade: Pick<Cascade, 'setTree' | 'drop'>;
  readonly states: MeetingStates;
  readonly orders: StateOrders;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class MeetingCommands {
  readonly #pool: WorkerPool;
  readonly #meetings: LiveMeetings;
  readonly #cascade: Pick<Cascade, 'setTree' | 'drop'>;
  readonly #states: MeetingStates;
  readonly #orders: StateOrders;
  readonly #joins: MeetingJoins;
  readonly #connections: MeetingConnections;
  readonly #now: () => number;

  constructor({ pool, identity, meetings, cascade, states, orders, now }: MeetingCommandsOptions) {
    this.#pool = pool;
    this.#meetings = meetings;
    this.#cascade = cascade;
    this.#states = states;
    this.#orders = orders;
    this.#joins = new MeetingJoins({ pool, identity, meetings, states, orders });
    this.#connections = new MeetingConnections({ pool, identity, media: this.#joins.participants });
    this.#now = now;
  }

  /** Adds the participant to the meeting, which is made when it is not there; or has him wait. */
  join(command: JoinCommand): Promise<JoinReply> {
    return this.#joins.join(command);
  }

  /** Changes the state of the meeting, as far as the actor may. Resolves when it is done. */
  act({ meeting, epoch, participant, act }: ActCommand): Promise<void> {
    this.#meetings.checkEpoch(meeting, epoch);
    const live = this.#meetings.get(meeting);
    if (live === undefined) throw new ZonecastError('noSuchMeeting', 'The meeting is not here.');
    const isHere = participant === undefined || live.hasEntered(participant) || live.state.guests.isLost(participant);
    if (!isHere) throw toError(REFUSALS.notHere);
    const actor: Actor = participant === undefined ? 'operator' : { participant };
    return this.#states.act(meeting, actor, act);
  }

  /** The participant's client is with another controller, or back. Who waits is not in the meeting: he joins again. */
  attach(target: Target, home: Home): void {
    this.#find(target);
    this.#meetings.get(target.meeting)?.attach(target.participant, home);
  }

  /** His client is away: he leaves after `keepMs` unless he is attached again. Whoever is not there has left: no error. */
  detach(target: Target, home: Home, keepMs: number): void {
    this.#meetings.checkEpoch(target.meeting, target.epoch);
    this.#meetings.get(target.meeting)?.detach(target.participant, home, this.#now() + keepMs);
  }

  /** A further offer; returns the answer. m-lines that were there keep their place and their SSRC. */
  async renegotiate(command: OfferCommand): Promise<string> {
    const { live, media: participant } = this.#find(command);
    if (participant.isNegotiating) throw new ZonecastError('badMessage', 'the offer before is not answered yet');
    const { negotiated: previous, audioOnly } = participant;
    const ssrcs = new Map(participant.ssrcs);
    const origin = { ...participant.local.origin, version: participant.local.origin.version + 1 };
    const local = { ...participant.local, origin };
    const { transportFeedback } = previous.transport;
    // What is new and may not be turned on.
    const muted = kindsOf(command).filter(
      (source) => !live.sourcesOf(command.participant).has(source) && this.#forbids(command, source),
    );
    const next = negotiateOrThrow(command, { ...local, ...ssrcsOf(ssrcs), muted, transportFeedback, audioOnly });
    const wrong = checkRenegotiation(previous, next);
    if (wrong !== undefined) throw offerError(wrong);
    participant.isNegotiating = true;
    try {
      await this.#pool.update(command.participant, next.media);
      Object.assign(participant, { local, ssrcs, negotiated: next });
      this.#keepMuted(live, command.participant, muted);
      live.setSources(command.participant, kindsOf(command));
    } catch (error) {
      throw fromPoolError(error);
    } finally {
      participant.isNegotiating = false;
    }
    return next.answer;
  }

  /**
   * A second connection, to the same worker: for a while he has two, and what follows concerns the second one. Returns the
   * answer.
   */
  async openConnection(command: ConnectionCommand): Promise<string> {
    const { live } = this.#find(command);
    const { participant, muted } = command;
    const forbidden = kindsOf(command).filter((kind) => !muted.includes(kind) && this.#isKeptOff(live, command, kind));
    const answer = await this.#connections.open(command, [...muted, ...forbidden]);
    live.setSources(participant, kindsOf(command));
    for (const kind of kindsOf(command)) {
      const isOff = muted.includes(kind) || forbidden.includes(kind);
      if (live.isMuted(participant, kind) === isOff) continue;
      this.#pool.mute(participant, kind, isOff);
      live.setMuted(participant, kind, isOff);
    }
    return answer;
  }

  /** Of two, one is not needed any more: the first, if the second stands; or the second. Who is not there has left already: no error. */
  settleConnection(target: Target, isGivenUp: boolean): void {
    this.#meetings.checkEpoch(target.meeting, target.epoch);
    if (this.#meetings.get(target.meeting)?.has(target.participant))
      this.#pool.settleConnection(target.participant, isGivenUp);
  }

  setView(target: Target, view: readonly ViewEntry[]): void {
    this.#find(target);
    this.#pool.view(target.participant, view);
  }

  /** @throws ZonecastError `notAllowed` when a host keeps it off */
  setMute(target: Target, source: SourceKind, muted: boolean): void {
    const { live } = this.#find(target);
    if (!muted && live.isMuted(target.participant, source)) {
      const refusal = this.#forbids(target, source);
      if (refusal !== undefined) throw toError(refusal);
    }
    this.#pool.mute(target.participant, source, muted);
    live.setMuted(target.participant, source, muted);
  }

  /** Someone who is not there has left already: no error. `room`: he goes into it and stays a part of the meeting. */
  leave({ meeting, epoch, participant }: Target, cause: LeaveOrder = 'left', room?: MeetingId): void {
    this.#meetings.checkEpoch(meeting, epoch);
    const live = this.#meetings.get(meeting);
    if (live === undefined) return;
    const guest = live.state.guests.get(participant);
    if (guest?.isAsking) guest.isGone = true;
    if (live.has(participant)) {
      const media = this.#joins.participants.get(participant);
      if (media !== undefined) media.room = room;
      this.#pool.leave(participant, cause);
    } else if (guest?.isAsking === false || live.state.guests.isLost(participant)) {
      live.state.guests.delete(participant);
      this.#states.leave(meeting, participant, room);
      this.#meetings.settle(live);
    }
  }

  /**
   * Ends the epoch and those before: nobody can join under them any more, also when the meeting is not here. With
   * `onlyIfEmpty` throws `revisionConflict` when somebody is in the meeting on this router, joining, or waiting.
   */
  closeMeeting({ meeting, epoch }: Omit<Target, 'participant'>, onlyIfEmpty: boolean): void {
    this.#meetings.checkEpoch(meeting, epoch);
    const live = this.#meetings.get(meeting);
    if (onlyIfEmpty && live?.isUnused === false)
      throw new ZonecastError('revisionConflict', 'somebody is in the meeting');
    live?.state.sendGuestsAway('meetingClosed');
    this.#pool.closeMeeting(meeting);
    this.#cascade.drop(meeting);
    this.#states.drop(meeting);
    this.#meetings.end(meeting, epoch);
  }

  /** Where the meeting is from now on, with those who are in it here: it is joined with its neighbours. */
  setTree({ meeting, epoch, version, places }: TreeCommand): void {
    this.#meetings.checkEpoch(meeting, epoch);
    this.#meetings.under(meeting, epoch);
    this.#cascade.setTree(meeting, epoch, version, places);
  }

  /** Keeps meetings in step with the workers; give it every event of the pool. */
  handleWorkerEvent(event: WorkerEvent): void {
    if (event.type === 'load' || event.type === 'workerDied') return;
    const live = this.#meetings.get(event.meeting);
    if (live === undefined) return;
    if (event.type === 'connection') {
      const { participant, ufrag, slots } = event;
      const connection = this.#connections.changed(participant, ufrag);
      if (connection !== undefined) live.connectionChanged(participant, connection, slots);
      return;
    }
    live.apply(event);
    if (event.type !== 'left') return;
    const { meeting, participant, reason } = event;
    if (reason === 'workerLost') {
      this.#joins.participants.delete(participant);
      // The state keeps him for as long as he is shown as away.
      live.lose(participant, this.#now());
      return;
    }
    const room = this.#joins.participants.get(participant)?.room;
    // Who could not be let in was never here, or is looked after by his join.
    if (live.hasEntered(participant)) this.#states.leave(meeting, participant, room);
    this.#joins.forget(live, participant);
  }

  /** Time passes, to be called steadily: those who were away for too long leave. */
  handleTimeout(): void {
    const nowMs = this.#now();
    for (const live of this.#meetings.all) {
      for (const participant of live.handleTimeout(nowMs)) this.#pool.leave(participant);
      for (const participant of live.state.guests.handleTimeout(nowMs, (each) => live.has(each))) {
        this.#states.leave(live.id, participant);
        this.#meetings.settle(live);
      }
    }
    this.#states.handleTimeout();
  }

  #find(target: Target): { readonly live: LiveMeeting; readonly media: ParticipantMedia } {
    this.#meetings.checkEpoch(target.meeting, target.epoch);
    const live = this.#meetings.get(target.meeting);
    const media = this.#joins.participants.get(target.participant);
    if (live?.hasEntered(target.participant) !== true || media?.meeting !== target.meeting)
      throw new ZonecastError('noSuchParticipant', 'the participant is not in the meeting');
    return { live, media };
  }

  /** Muted, and he may not turn it on. */
  #isKeptOff(live: LiveMeeting, target: Target, source: SourceKind): boolean {
    const isOn = live.sourcesOf(target.participant).has(source) && !live.isMuted(target.participant, source);
    return !isOn && this.#forbids(target, source) !== undefined;
  }

  #forbids({ meeting, participant }: Target, source: SourceKind): Refusal | undefined {
    const state = this.#states.state(meeting);
    return state === undefined ? REFUSALS.away : forbidsTurningOn(state, participant, source);
  }

  /** His home is told why. */
  #keepMuted(live: LiveMeeting, participant: ParticipantId, sources: readonly SourceKind[]): void {
    for (const source of sources) this.#orders.mute(live, participant, source);
    const notices = sources.map((source) => ({ type: 'mute' as const, participant, source }));
    live.state.tell(live.homeOf(participant)?.controller ?? '', notices);
  }
}
