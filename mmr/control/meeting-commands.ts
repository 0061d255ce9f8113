/**
 * What a zone-controller can have done with this router's meetings, as plain calls: epoch check, negotiation, worker,
 * roster. The gRPC server above it only translates. Every method throws ZonecastError.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { SourceKind, ViewEntry } from '../media/negotiated.ts';
import { checkRenegotiation } from '../sdp/check-renegotiation.ts';
import type { LocalMedia, LocalTransport } from '../sdp/local-transport.ts';
import { type Negotiated, negotiate } from '../sdp/negotiate.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { Cascade } from './cascade/cascade.ts';
import type { MeetingPlace } from './cascade/meeting-places.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Home } from './roster.ts';
import { fromPoolError, offerError } from './router-errors.ts';
import type { WorkerEvent, WorkerPool } from './worker-pool.ts';

/** Names the participant and the placement that a command is about. */
export interface Target {
  readonly meeting: MeetingId;
  readonly epoch: number;
  readonly participant: ParticipantId;
}

/** An offer, and what its send-only m-lines carry. */
export interface OfferCommand extends Target {
  readonly offer: string;
  readonly sources: Readonly<Record<string, SourceKind>>;
}

export interface JoinCommand extends OfferCommand {
  readonly name: string;
  readonly muted: readonly SourceKind[];
  readonly home: Home;
  /** Where the meeting is to be if it is not here yet. */
  readonly worker: number | undefined;
  /** 0: no limit. */
  readonly maxParticipants: number;
  /** No pictures, neither from him nor to him, as long as he stays. */
  readonly audioOnly: boolean;
}

export interface TreeCommand extends Omit<Target, 'participant'> {
  /** Grows with each change of the tree within the epoch. */
  readonly version: number;
  readonly places: readonly MeetingPlace[];
}

export interface RouterIdentity {
  /** SHA-256 of the DTLS certificate that all workers present. */
  readonly fingerprintSha256: Uint8Array;
  /** IP literals that candidates name, best first. */
  readonly announce: readonly string[];
}

interface Participant {
  /** Grows by one version with every answer. */
  local: LocalTransport;
  /** SSRC of each slot of the last answer and those before, by mid and stream. An offer that is refused leaves nothing here. */
  ssrcs: ReadonlyMap<string, number>;
  negotiated: Negotiated;
  readonly audioOnly: boolean;
  /** A further offer is with the worker; one at a time. */
  isNegotiating: boolean;
}

export interface MeetingCommandsOptions {
  readonly pool: WorkerPool;
  readonly identity: RouterIdentity;
  readonly meetings: LiveMeetings;
  readonly cascade: Pick<Cascade, 'setTree' | 'drop'>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class MeetingCommands {
  readonly #pool: WorkerPool;
  readonly #identity: RouterIdentity;
  readonly #meetings: LiveMeetings;
  readonly #cascade: Pick<Cascade, 'setTree' | 'drop'>;
  readonly #now: () => number;
  readonly #participants = new Map<ParticipantId, Participant>();

  constructor({ pool, identity, meetings, cascade, now }: MeetingCommandsOptions) {
    this.#pool = pool;
    this.#identity = identity;
    this.#meetings = meetings;
    this.#cascade = cascade;
    this.#now = now;
  }

  /** Adds the participant to the meeting, which is made when it is not there; returns the SDP answer. */
  async join(command: JoinCommand): Promise<string> {
    this.#meetings.checkEpoch(command.meeting, command.epoch);
    const { meeting, participant, name, muted, home, maxParticipants, audioOnly } = command;
    const live = this.#meetingFor(command);
    if (live.has(participant)) throw new ZonecastError('badMessage', 'the participant is in the meeting already');
    if (maxParticipants > 0 && live.size >= maxParticipants) {
      throw new ZonecastError('meetingFull', `${live.size} people are in the meeting already`);
    }
    live.add(participant, { name, sources: kindsOf(command), muted, home, audioOnly });
    try {
      const worker = this.#pool.workerFor(meeting, command.worker);
      const local = this.#makeTransport(worker);
      const ssrcs = new Map<string, number>();
      const negotiated = negotiateOrThrow(command, { ...local, ...ssrcsOf(ssrcs), muted, audioOnly });
      this.#participants.set(participant, { local, ssrcs, negotiated, audioOnly, isNegotiating: false });
      await this.#pool.join(meeting, participant, negotiated.transport, negotiated.media, worker);
      if (this.#meetings.get(meeting) !== live || !live.has(participant)) {
        this.#pool.leave(participant);
        throw new ZonecastError('meetingLost', 'the meeting has ended meanwhile');
      }
      live.enter(participant);
      return negotiated.answer;
    } catch (error) {
      this.#forget(live, participant);
      // workerFor has pinned the meeting; nobody is in it to unpin it by leaving.
      if (this.#meetings.get(meeting) === live && live.isEmpty) this.#pool.closeMeeting(meeting);
      throw fromPoolError(error);
    }
  }

  /** The participant's client is with another controller, or back. */
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
    const participant = this.#find(command);
    if (participant.isNegotiating) throw new ZonecastError('badMessage', 'the offer before is not answered yet');
    const { negotiated: previous, audioOnly } = participant;
    const ssrcs = new Map(participant.ssrcs);
    const origin = { ...participant.local.origin, version: participant.local.origin.version + 1 };
    const local = { ...participant.local, origin };
    const { transportFeedback } = previous.transport;
    const media = { ...ssrcsOf(ssrcs), muted: [], transportFeedback, audioOnly };
    const next = negotiateOrThrow(command, { ...local, ...media });
    const wrong = checkRenegotiation(previous, next);
    if (wrong !== undefined) throw offerError(wrong);
    participant.isNegotiating = true;
    try {
      await this.#pool.update(command.participant, next.media);
      Object.assign(participant, { local, ssrcs, negotiated: next });
      this.#meetings.get(command.meeting)?.setSources(command.participant, kindsOf(command));
    } catch (error) {
      throw fromPoolError(error);
    } finally {
      participant.isNegotiating = false;
    }
    return next.answer;
  }

  setView(target: Target, view: readonly ViewEntry[]): void {
    this.#find(target);
    this.#pool.view(target.participant, view);
  }

  setMute(target: Target, source: SourceKind, muted: boolean): void {
    this.#find(target);
    this.#pool.mute(target.participant, source, muted);
    this.#meetings.get(target.meeting)?.setMuted(target.participant, source, muted);
  }

  /** Someone who is not there has left already: no error. */
  leave(target: Target, kicked = false): void {
    this.#meetings.checkEpoch(target.meeting, target.epoch);
    if (this.#meetings.get(target.meeting)?.has(target.participant)) this.#pool.leave(target.participant, kicked);
  }

  /**
   * Ends the epoch and those before: nobody can join under them any more, also when the meeting is not here. With
   * `onlyIfEmpty` throws `revisionConflict` when somebody is in the meeting on this router, or joining.
   */
  closeMeeting({ meeting, epoch }: Omit<Target, 'participant'>, onlyIfEmpty: boolean): void {
    this.#meetings.checkEpoch(meeting, epoch);
    const isEmpty = this.#meetings.get(meeting)?.isEmpty ?? true;
    if (onlyIfEmpty && !isEmpty) throw new ZonecastError('revisionConflict', 'somebody is in the meeting');
    this.#pool.closeMeeting(meeting);
    this.#cascade.drop(meeting);
    this.#meetings.end(meeting, epoch);
  }

  /** Where the meeting is from now on, with those who are in it here: it is joined with its neighbours. */
  setTree(command: TreeCommand): void {
    this.#meetings.checkEpoch(command.meeting, command.epoch);
    const { meeting, epoch, version, places } = command;
    this.#meetingFor(command);
    this.#cascade.setTree(meeting, epoch, version, places);
  }

  /** Keeps meetings in step with the workers; give it every event of the pool. */
  handleWorkerEvent(event: WorkerEvent): void {
    if (event.type === 'load' || event.type === 'workerDied') return;
    const live = this.#meetings.get(event.meeting);
    if (live === undefined) return;
    live.apply(event);
    if (event.type !== 'left') return;
    if (event.reason !== 'workerLost') this.#forget(live, event.participant);
    else {
      this.#participants.delete(event.participant);
      live.lose(event.participant, this.#now());
    }
  }

  /** Time passes, to be called steadily: those who were away for too long leave. */
  handleTimeout(): void {
    const nowMs = this.#now();
    for (const live of this.#meetings.all) {
      for (const participant of live.handleTimeout(nowMs)) this.#pool.leave(participant);
    }
  }

  /**
   * The meeting under an epoch that has been checked. After a higher one it goes on with those who are here: either they
   * are still meant to be, or they have gone elsewhere, and the checks of their connections tell soon.
   */
  #meetingFor({ meeting, epoch }: Omit<Target, 'participant'>): LiveMeeting {
    const present = this.#meetings.get(meeting);
    if (present === undefined) return this.#meetings.open(meeting, epoch);
    if (present.epoch < epoch) present.raise(epoch);
    return present;
  }

  #find(target: Target): Participant {
    this.#meetings.checkEpoch(target.meeting, target.epoch);
    const isIn = this.#meetings.get(target.meeting)?.hasEntered(target.participant);
    const participant = isIn ? this.#participants.get(target.participant) : undefined;
    if (participant === undefined)
      throw new ZonecastError('noSuchParticipant', 'the participant is not in the meeting');
    return participant;
  }

  #forget(live: LiveMeeting, participant: ParticipantId): void {
    this.#participants.delete(participant);
    live.remove(participant);
    this.#meetings.settle(live);
  }

  #makeTransport(worker: number): LocalTransport {
    const port = this.#pool.ports[worker] ?? 0;
    return {
      // RFC 8445 section 5.3: at least 24 and 128 bits; 16 and 32 characters of base64 are 96 and 192.
      ufrag: randomBytes(12).toString('base64'),
      password: randomBytes(24).toString('base64'),
      fingerprintSha256: this.#identity.fingerprintSha256,
      candidates: this.#identity.announce.map((address) => ({ address, port })),
      // RFC 7022 section 4.2: 96 random bits.
      cname: randomBytes(12).toString('base64url'),
      origin: { sessionId: String(randomBytes(8).readBigUInt64BE() >> 1n), version: 1 },
    };
  }
}

function negotiateOrThrow(
  command: Pick<JoinCommand, 'offer' | 'sources'>,
  local: Parameters<typeof negotiate>[2],
): Negotiated {
  const result = negotiate(command.offer, command.sources, local);
  if (result instanceof SdpError) throw offerError(result);
  return result;
}

function kindsOf({ sources }: OfferCommand): SourceKind[] {
  return [...new Set(Object.values(sources))];
}

function ssrcsOf(ssrcs: Map<string, number>): Pick<LocalMedia, 'ssrcFor'> {
  // No mid has a space in it.
  return { ssrcFor: (mid, stream) => ssrcFor(ssrcs, `${mid} ${stream}`) };
}

/** RFC 3550 section 8.1: random, and no two alike in one session. */
function ssrcFor(ssrcs: Map<string, number>, key: string): number {
  const known = ssrcs.get(key);
  if (known !== undefined) return known;
  const taken = new Set(ssrcs.values());
  let ssrc: number;
  do ssrc = randomInt(1, 2 ** 32);
  while (taken.has(ssrc));
  ssrcs.set(key, ssrc);
  return ssrc;
}
