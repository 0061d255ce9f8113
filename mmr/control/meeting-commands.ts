/**
 * What a zone-controller can have done with this router's meetings, as plain calls: epoch check, negotiation, worker.
 * The gRPC server above it only translates. Every method throws ZonecastError.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { SourceKind, ViewEntry } from '../media/negotiated.ts';
import { checkRenegotiation } from '../sdp/check-renegotiation.ts';
import type { LocalMedia, LocalTransport } from '../sdp/local-transport.ts';
import { type Negotiated, negotiate } from '../sdp/negotiate.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { EpochTable } from './epoch-table.ts';
import { fromPoolError, offerError } from './router-errors.ts';
import type { WorkerEvent, WorkerPool } from './worker-pool.ts';

/** Names the participant and the placement that a command is about. */
export interface Target {
  readonly meeting: MeetingId;
  readonly epoch: number;
  readonly participant: ParticipantId;
}

export interface JoinCommand extends Target {
  readonly offer: string;
  readonly sources: Readonly<Record<string, SourceKind>>;
  readonly muted: readonly SourceKind[];
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
  /** A further offer is with the worker; one at a time. */
  isNegotiating: boolean;
}

interface Placement {
  readonly epoch: number;
  readonly members: Map<ParticipantId, Participant>;
}

export class MeetingCommands {
  readonly #pool: WorkerPool;
  readonly #identity: RouterIdentity;
  readonly #epochs = new EpochTable();
  /** Meetings that somebody is in. */
  readonly #meetings = new Map<MeetingId, Placement>();

  constructor(pool: WorkerPool, identity: RouterIdentity) {
    this.#pool = pool;
    this.#identity = identity;
  }

  /** Adds the participant to the meeting, which is made when it is not there; returns the SDP answer. */
  async join(command: JoinCommand): Promise<string> {
    this.#checkEpoch(command);
    const { meeting, participant, muted } = command;
    const placement = this.#placementFor(command);
    const { members } = placement;
    if (members.has(participant)) throw new ZonecastError('badMessage', 'the participant is in the meeting already');
    try {
      const local = this.#makeTransport(this.#pool.workerFor(meeting));
      const ssrcs = new Map<string, number>();
      const negotiated = negotiateOrThrow(command, { ...local, ...ssrcsOf(ssrcs), muted });
      members.set(participant, { local, ssrcs, negotiated, isNegotiating: false });
      this.#meetings.set(meeting, placement);
      await this.#pool.join(meeting, participant, negotiated.transport, negotiated.media);
      return negotiated.answer;
    } catch (error) {
      this.#forget(meeting, participant);
      // workerFor has pinned the meeting; nobody is in it to unpin it by leaving.
      if (!this.#meetings.has(meeting)) this.#pool.closeMeeting(meeting);
      throw fromPoolError(error);
    }
  }

  /** A further offer; returns the answer. m-lines that were there keep their place and their SSRC. */
  async renegotiate(command: Omit<JoinCommand, 'muted'>): Promise<string> {
    const participant = this.#find(command);
    if (participant.isNegotiating) throw new ZonecastError('badMessage', 'the offer before is not answered yet');
    const { negotiated: previous } = participant;
    const ssrcs = new Map(participant.ssrcs);
    const origin = { ...participant.local.origin, version: participant.local.origin.version + 1 };
    const local = { ...participant.local, origin };
    const { transportFeedback } = previous.transport;
    const next = negotiateOrThrow(command, { ...local, ...ssrcsOf(ssrcs), muted: [], transportFeedback });
    const wrong = checkRenegotiation(previous, next);
    if (wrong !== undefined) throw offerError(wrong);
    participant.isNegotiating = true;
    try {
      await this.#pool.update(command.participant, next.media);
      Object.assign(participant, { local, ssrcs, negotiated: next });
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
  }

  /** Someone who is not there has left already: no error. */
  leave(target: Target): void {
    this.#checkEpoch(target);
    if (this.#meetings.get(target.meeting)?.members.has(target.participant)) this.#pool.leave(target.participant);
  }

  /** A meeting that is not there is closed already: no error. */
  closeMeeting(target: Omit<Target, 'participant'>): void {
    this.#checkEpoch(target);
    if (this.#meetings.has(target.meeting)) this.#pool.closeMeeting(target.meeting);
  }

  /** Keeps the table in step with the workers; give it every event of the pool. */
  handleWorkerEvent(event: WorkerEvent): void {
    if (event.type === 'left') this.#forget(event.meeting, event.participant);
    else if (event.type === 'meetingLost') this.#meetings.delete(event.meeting);
  }

  #checkEpoch({ meeting, epoch }: Omit<Target, 'participant'>): void {
    const seen = this.#epochs.check(meeting, epoch);
    if (seen !== undefined) {
      throw new ZonecastError('staleEpoch', `epoch ${epoch} of meeting ${meeting} is over: ${seen} has begun`);
    }
  }

  /**
   * A meeting is placed when nobody is in it, so far as the zone knows: who is still here is of an earlier epoch, and no
   * controller could have him leave.
   */
  #placementFor({ meeting, epoch }: Omit<Target, 'participant'>): Placement {
    const present = this.#meetings.get(meeting);
    if (present?.epoch === epoch) return present;
    if (present !== undefined) {
      this.#pool.closeMeeting(meeting);
      this.#meetings.delete(meeting);
    }
    return { epoch, members: new Map() };
  }

  #find(target: Target): Participant {
    this.#checkEpoch(target);
    const participant = this.#meetings.get(target.meeting)?.members.get(target.participant);
    if (participant === undefined)
      throw new ZonecastError('noSuchParticipant', 'the participant is not in the meeting');
    return participant;
  }

  #forget(meeting: MeetingId, participant: ParticipantId): void {
    const members = this.#meetings.get(meeting)?.members;
    members?.delete(participant);
    if (members?.size === 0) this.#meetings.delete(meeting);
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
