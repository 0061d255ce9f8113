/**
 * How somebody comes into a meeting on this router: into its state, which may have him wait, and with his media. Every
 * method throws ZonecastError.
 */
import { type ErrorCode, ZonecastError } from '../../common/errors.ts';
import type { ParticipantId } from '../../common/ids.ts';
import type { LeaveOrder } from '../media/meeting-registry.ts';
import type { SourceKind } from '../media/negotiated.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { MeetingStates } from './meeting-states.ts';
import {
  kindsOf,
  makeTransport,
  negotiateOrThrow,
  type OfferCommand,
  type ParticipantMedia,
  type RouterIdentity,
  ssrcsOf,
} from './participant-media.ts';
import type { Home } from './roster.ts';
import { fromPoolError } from './router-errors.ts';
import type { Joined } from './state/meeting-node.ts';
import { type MeetingStart, type MeetingState, type Role, remembered } from './state/meeting-state.ts';
import { REFUSALS, toError } from './state/refusal.ts';
import { forbidsTurningOn } from './state/rights.ts';
import type { StateOrders } from './state-orders.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Until the state is told again of who is in already. */
const TELL_AGAIN_MS = 1_000;
/** What becomes of him if it does not let him in. */
const ENDS: Partial<Record<ErrorCode, LeaveOrder>> = { notAllowed: 'removed', noSuchMeeting: 'meetingEnded' };

/** How he comes into the meeting's state. */
export interface Entry {
  readonly role: Role;
  /** He has been in the meeting before. */
  readonly returning: boolean;
  readonly start: MeetingStart;
  /** Process of his controller. */
  readonly controller: string;
}

export interface JoinCommand extends OfferCommand {
  readonly name: string;
  readonly muted: readonly SourceKind[];
  readonly home: Home;
  readonly entry: Entry;
  /** Where the meeting is to be if it is not here yet. */
  readonly worker: number | undefined;
  /** 0: no limit. */
  readonly maxParticipants: number;
  /** No pictures, neither from him nor to him, as long as he stays. */
  readonly audioOnly: boolean;
}

export type JoinReply = { readonly answer: string } | { readonly waiting: true };

export interface MeetingJoinsOptions {
  readonly pool: WorkerPool;
  readonly identity: RouterIdentity;
  readonly meetings: LiveMeetings;
  readonly states: Pick<MeetingStates, 'open' | 'state' | 'join' | 'leave'>;
  readonly orders: Pick<StateOrders, 'mute'>;
}

export class MeetingJoins {
  readonly #options: MeetingJoinsOptions;
  /** Whose media is here, or comes. */
  readonly participants = new Map<ParticipantId, ParticipantMedia>();

  constructor(options: MeetingJoinsOptions) {
    this.#options = options;
  }

  /**
   * Adds the participant to the meeting, which is made when it is not there. Who is new comes into the state first, and
   * nothing of his media is here while he waits. Who has been in it before has media first: when that fails, the state has
   * not changed. If what is known here has him in the meeting, he does not wait for the state: it may be that of a router
   * that hangs.
   */
  async join(command: JoinCommand): Promise<JoinReply> {
    const { meetings, states } = this.#options;
    const { meeting, epoch, participant, entry } = command;
    meetings.checkEpoch(meeting, epoch);
    const live = meetings.under(meeting, epoch);
    const isComing = live.has(participant) || live.state.guests.get(participant)?.isAsking;
    if (isComing) throw new ZonecastError('badMessage', 'the participant is in the meeting already');
    checkRoom(live, command);
    states.open(meeting, entry.start);
    if (entry.returning && this.#stateWith(command) !== undefined) {
      const answer = await this.#bringMedia(live, command, () => Promise.resolve());
      void this.#tellState(live, command);
      return { answer };
    }
    const isKnown = entry.returning || states.state(meeting)?.people.has(participant) === true;
    if (isKnown) return { answer: await this.#bringMedia(live, command, () => this.#return(live, command)) };
    if ((await this.#askIn(live, command)) === 'waiting') return { waiting: true };
    try {
      return { answer: await this.#bringMedia(live, command, () => Promise.resolve()) };
    } catch (error) {
      states.leave(meeting, participant);
      throw error;
    }
  }

  /** His media is not here any more, or never came. */
  forget(live: LiveMeeting, participant: ParticipantId): void {
    if (this.participants.get(participant)?.meeting === live.id) this.participants.delete(participant);
    live.remove(participant);
    this.#options.meetings.settle(live);
  }

  /** Who is not in afterwards, and does not wait, has left the state. */
  async #askIn(live: LiveMeeting, command: JoinCommand): Promise<Joined> {
    const { meetings, states } = this.#options;
    const { meeting, participant } = command;
    const { guests } = live.state;
    const guest = guests.ask(participant, command.home);
    try {
      const joined = await states.join(meeting, newcomerOf(command), false);
      if (guest.isGone || meetings.get(meeting) !== live || guests.get(participant) !== guest) throw overMeanwhile();
      if (guest.verdict === 'refused') throw toError(REFUSALS.outside);
      if (joined === 'waiting' && guest.verdict === undefined) {
        live.state.wait(participant);
        return 'waiting';
      }
      guests.delete(participant);
      return 'entered';
    } catch (error) {
      if (guests.get(participant) === guest) guests.delete(participant);
      states.leave(meeting, participant);
      meetings.settle(live);
      throw error;
    }
  }

  /** The state knows him, here or elsewhere, or is to know him again. */
  async #return(live: LiveMeeting, command: JoinCommand): Promise<void> {
    const { states } = this.#options;
    const { meeting, participant, entry } = command;
    const joined = await states.join(meeting, newcomerOf(command), entry.returning);
    if (joined === 'entered' && this.#isStillComing(live, participant)) return;
    states.leave(meeting, participant);
    // He was in it by our copy, and is not any more.
    if (joined === 'waiting') throw toError(REFUSALS.away);
  }

  /** He is in, and the state follows. It may know meanwhile that he may not be. `media`: of this stay of his. */
  async #tellState(
    live: LiveMeeting,
    command: JoinCommand,
    media = this.participants.get(command.participant),
  ): Promise<void> {
    const { pool, meetings, states } = this.#options;
    const { meeting, participant } = command;
    const isStaying = () => meetings.get(meeting) === live && this.participants.get(participant) === media;
    if (media === undefined || !isStaying()) return;
    try {
      await states.join(meeting, newcomerOf(command), true);
      if (!isHere(live, participant)) states.leave(meeting, participant);
    } catch (error) {
      const cause = ENDS[(error as ZonecastError).code];
      if (cause === undefined) setTimeout(() => void this.#tellState(live, command, media), TELL_AGAIN_MS).unref();
      else if (isStaying()) pool.leave(participant, cause);
    }
  }

  /**
   * The state with him in it, as far as it is known here: our copy, or what is left of the state that his controller was told
   * last. Undefined: he is not in it, or nothing is known.
   */
  #stateWith({ meeting, participant, name, entry }: JoinCommand): MeetingState | undefined {
    const copy = this.#options.states.state(meeting);
    if (copy === undefined) return remembered(entry.start, participant, name);
    return copy.ended || !copy.people.has(participant) ? undefined : copy;
  }

  async #bringMedia(live: LiveMeeting, command: JoinCommand, enterState: () => Promise<void>): Promise<string> {
    const { pool, meetings, identity } = this.#options;
    const { meeting, participant, name, muted, home, audioOnly } = command;
    // He may be on his way out of another meeting: out of a room, or into one. That one's record is none of ours.
    if (this.participants.has(participant)) throw new ZonecastError('badMessage', 'the participant is here already');
    checkRoom(live, command);
    live.add(participant, { name, sources: kindsOf(command), muted, home, audioOnly });
    try {
      const worker = pool.workerFor(meeting, command.worker);
      const local = makeTransport(identity, pool.ports[worker] ?? 0);
      const ssrcs = new Map<string, number>();
      const negotiated = negotiateOrThrow(command, { ...local, ...ssrcsOf(ssrcs), muted, audioOnly });
      const what = { meeting, connection: 0, local, ssrcs, negotiated, audioOnly };
      const media = { ...what, isNegotiating: false, room: undefined };
      this.participants.set(participant, media);
      await pool.join(meeting, participant, negotiated.transport, negotiated.media, worker);
      await this.#whileThere(live, participant, enterState);
      this.#enter(live, command);
      return negotiated.answer;
    } catch (error) {
      this.forget(live, participant);
      // workerFor has pinned the meeting; nobody is in it to unpin it by leaving.
      if (meetings.get(meeting) === live && live.isEmpty) pool.closeMeeting(meeting);
      throw fromPoolError(error);
    }
  }

  /** From when the worker has let him in until everybody is told. */
  async #whileThere(live: LiveMeeting, participant: ParticipantId, enterState: () => Promise<void>): Promise<void> {
    const { pool } = this.#options;
    try {
      if (this.#isStillComing(live, participant)) await enterState();
      if (!this.#isStillComing(live, participant)) throw overMeanwhile();
    } catch (error) {
      pool.leave(participant);
      throw error;
    }
  }

  #isStillComing(live: LiveMeeting, participant: ParticipantId): boolean {
    return this.#options.meetings.get(live.id) === live && live.has(participant);
  }

  /** As the state says: under that name, and with what he may turn on. */
  #enter(live: LiveMeeting, command: JoinCommand): void {
    const { orders } = this.#options;
    const { participant, home, muted, sources } = command;
    const state = this.#stateWith(command);
    const name = state?.people.get(participant)?.name;
    if (name !== undefined) live.rename(participant, name);
    const kept = new Set(Object.values(sources)).difference(new Set(muted)).values();
    const forbidden = [...kept].filter((source) => state && forbidsTurningOn(state, participant, source));
    for (const source of forbidden) orders.mute(live, participant, source);
    live.enter(participant);
    live.state.tell(
      home.controller,
      forbidden.map((source) => ({ type: 'mute', participant, source })),
    );
  }
}

/** With media or without. */
function isHere(live: LiveMeeting, participant: ParticipantId): boolean {
  const { guests } = live.state;
  return live.has(participant) || guests.get(participant) !== undefined || guests.isLost(participant);
}

function newcomerOf({ participant, name, entry }: JoinCommand): Parameters<MeetingStates['join']>[1] {
  return { participant, name, role: entry.role, controller: entry.controller };
}

function checkRoom(live: LiveMeeting, { maxParticipants }: JoinCommand): void {
  if (maxParticipants === 0 || live.size < maxParticipants) return;
  throw new ZonecastError('meetingFull', `${live.size} people are in the meeting already`);
}

function overMeanwhile(): ZonecastError {
  return new ZonecastError('meetingLost', 'the meeting has ended meanwhile');
}
