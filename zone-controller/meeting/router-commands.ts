/** What meetings ask of routers, as plain calls. Errors are ZonecastErrors in words for people. */
import { type ErrorCode, ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { MeetingStart, Role } from '../../mmr/control/state/meeting-state.ts';
import { writeStart } from '../../mmr/control/state/state-wire.ts';
import type { DescribeReply__Output } from '../../proto/gen/zonecast/router/v1/DescribeReply.ts';
import type { Empty__Output } from '../../proto/gen/zonecast/router/v1/Empty.ts';
import type { JoinReply__Output } from '../../proto/gen/zonecast/router/v1/JoinReply.ts';
import type { OpenConnectionReply__Output } from '../../proto/gen/zonecast/router/v1/OpenConnectionReply.ts';
import type { RenegotiateReply__Output } from '../../proto/gen/zonecast/router/v1/RenegotiateReply.ts';
import type { ClientMessage, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import { placesOf } from '../placement/placement-tree.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { toCarried } from './from-event.ts';
import type { Carried } from './meeting-roster.ts';

/** A meeting on one router. */
export interface MeetingAt {
  readonly meeting: MeetingId;
  readonly epoch: number;
  readonly router: RouterId;
}

/** As what somebody comes into the state of a meeting. */
export interface Arrival {
  readonly role: Role;
  /** He has been in the meeting before: neither lock nor waiting room concern him. */
  readonly returning: boolean;
  /** For whoever is the first. */
  readonly start: MeetingStart;
  /** People whom the meeting may have at most; undefined: as many as any. */
  readonly maxParticipants?: number | undefined;
}

/** Who joins, as what, and what he offers. */
export interface Newcomer extends Pick<Extract<ClientMessage, { type: 'join' }>, 'offer' | 'sources' | 'muted'> {
  readonly name: string;
  readonly arrival: Arrival;
}

/** On what terms he is let in. */
export interface JoinTerms {
  /** He is in the meeting already. */
  readonly isMove: boolean;
  /** There is no room for pictures. */
  readonly audioOnly: boolean;
}

/** What one router knows of who is in a meeting. */
export interface PeopleAt {
  readonly people: readonly Carried[];
  /** Ids of participants. */
  readonly left: readonly string[];
}

/** Of another connection. */
export type PathOffer = Pick<Extract<ClientMessage, { type: 'move' }>, 'offer' | 'sources' | 'muted'>;
type Offer = Extract<ClientMessage, { type: 'offer' }>;

const RETRY_MS = 2_000;

/** What routers say is for logs; people read this. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  badMessage: 'The server did not accept this request.',
  badOffer: 'The server does not understand this audio and video.',
  meetingFull: 'This meeting is full.',
  meetingLost: 'The meeting was interrupted. Join again.',
  noRouter: 'The server that carries this meeting does not answer.',
  noSuchParticipant: 'You are not in the meeting any more. Join again.',
  staleEpoch: 'The meeting has moved. Join again.',
  workerFull: 'There is no room for this meeting at the moment.',
};
/** Refusals of acts are in words for people already (mmr/control/state/refusal.ts). */
const IN_WORDS: readonly ErrorCode[] = ['notAllowed', 'notPossible', 'noSuchMeeting', 'tryAgain'];

export class RouterCommands {
  readonly #directory: RouterDirectory;
  /** Of this controller's process. */
  readonly #instance: string;
  readonly #maxParticipants: number;

  constructor(directory: RouterDirectory, instance: string, maxParticipants: number) {
    this.#directory = directory;
    this.#instance = instance;
    this.#maxParticipants = maxParticipants;
  }

  /** The SDP answer; undefined: he is to wait. This controller is the participant's home from then on. */
  async join(
    meeting: MeetingAt,
    worker: number,
    participant: ParticipantId,
    attachment: number,
    { name, offer, sources, muted, arrival }: Newcomer,
    { isMove, audioOnly }: JoinTerms,
  ): Promise<string | undefined> {
    const { target, link } = this.#target(meeting, participant);
    const request = {
      ...target,
      name,
      offer,
      sources,
      muted,
      home: this.#home(attachment),
      // Who moves is counted already.
      maxParticipants: isMove ? 0 : Math.min(this.#maxParticipants, arrival.maxParticipants ?? this.#maxParticipants),
      worker,
      audioOnly,
      entry: { role: arrival.role, returning: arrival.returning, start: writeStart(arrival.start) },
    };
    const { answer, waiting } = await inWords(
      link.call<JoinReply__Output>((client, options, done) => client.Join(request, options, done)),
    );
    return waiting ? undefined : answer;
  }

  /** This controller is the home from then on of a participant who is there. */
  async attach(meeting: MeetingAt, participant: ParticipantId, attachment: number): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, home: this.#home(attachment) };
    await inWords(link.call<Empty__Output>((client, options, done) => client.Attach(request, options, done)));
  }

  /** His client is away; without another attachment he leaves after `keepMs`. */
  async detach(meeting: MeetingAt, participant: ParticipantId, attachment: number, keepMs: number): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, home: this.#home(attachment), keepMs };
    await inWords(link.call<Empty__Output>((client, options, done) => client.Detach(request, options, done)));
  }

  /** The SDP answer to a further offer. */
  async renegotiate(meeting: MeetingAt, participant: ParticipantId, message: Offer): Promise<string> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, offer: message.offer, sources: message.sources };
    return (
      await inWords(
        link.call<RenegotiateReply__Output>((client, options, done) => client.Renegotiate(request, options, done)),
      )
    ).answer;
  }

  /** The SDP answer to the offer of a second connection to the same place. */
  async openConnection(
    meeting: MeetingAt,
    participant: ParticipantId,
    { offer, sources, muted, connection }: PathOffer & { readonly connection: number },
  ): Promise<string> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, offer, sources, muted, connection };
    const { answer } = await inWords(
      link.call<OpenConnectionReply__Output>((client, options, done) => client.OpenConnection(request, options, done)),
    );
    return answer;
  }

  /** The second one is in use, or given up. */
  async settleConnection(meeting: MeetingAt, participant: ParticipantId, givenUp: boolean): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, givenUp };
    await inWords(link.call<Empty__Output>((client, options, done) => client.SettleConnection(request, options, done)));
  }

  async view(meeting: MeetingAt, participant: ParticipantId, view: readonly ViewEntry[]): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, view: view.map(toWire) };
    await inWords(link.call<Empty__Output>((client, options, done) => client.SetView(request, options, done)));
  }

  async mute(meeting: MeetingAt, participant: ParticipantId, source: SourceKind, muted: boolean): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    await inWords(
      link.call<Empty__Output>((client, options, done) => client.SetMute({ ...target, source, muted }, options, done)),
    );
  }

  /** `room`: he goes there and stays a part of the meeting. */
  async leave(meeting: MeetingAt, participant: ParticipantId, room?: MeetingId): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, room: room ?? '' };
    await inWords(link.call<Empty__Output>((client, options, done) => client.Leave(request, options, done)));
  }

  /** Resolves when it is done. `actor`: who wants it; undefined: an operator, or the zone. */
  async act(meeting: MeetingAt, actor: ParticipantId | undefined, act: PersonAct): Promise<void> {
    const link = this.#directory.link(meeting.router);
    const request = {
      meeting: meeting.meeting,
      epoch: meeting.epoch,
      participant: actor ?? '',
      act: JSON.stringify(act),
    };
    await inWords(link.call<Empty__Output>((client, options, done) => client.Act(request, options, done)));
  }

  /** Who is in the meeting on that router, or was a moment ago; and who has left it, as far as the router remembers. */
  async people(router: RouterId, meeting: MeetingId): Promise<PeopleAt> {
    const link = this.#directory.link(router);
    const request = { meetings: [meeting], people: true };
    const { meetings } = await link.call<DescribeReply__Output>((client, options, done) =>
      client.Describe(request, options, done),
    );
    return {
      people: meetings.flatMap(({ roster }) => roster.map((entry) => toCarried(entry, router))),
      left: meetings.flatMap(({ left }) => left),
    };
  }

  /** Ends an epoch that nobody is in. Throws ZonecastError `revisionConflict` when somebody is. */
  async closeIfEmpty(router: RouterId, meeting: MeetingId, epoch: number): Promise<void> {
    const link = this.#directory.link(router);
    const request = { meeting, epoch, onlyIfEmpty: true };
    await link.call<Empty__Output>((client, options, done) => client.CloseMeeting(request, options, done));
  }

  /** Ends what the router has of a meeting that is not there. */
  async close(router: RouterId, meeting: MeetingId, epoch: number): Promise<void> {
    const link = this.#directory.link(router);
    const request = { meeting, epoch, onlyIfEmpty: false };
    await link.call<Empty__Output>((client, options, done) => client.CloseMeeting(request, options, done));
  }

  /** Throws ZonecastError `noRouter` also as long as a router of the tree is not known here. */
  async setTree(router: RouterId, meeting: MeetingId, placement: MeetingPlacement): Promise<void> {
    const link = this.#directory.link(router);
    const places = placesOf(placement).map(({ router: at, worker, parent }) => {
      const address = this.#directory.get(at)?.record.address;
      if (address === undefined) throw new ZonecastError('noRouter', `the address of ${at} is not known`);
      return { router: at, address, worker, ...(parent === undefined ? {} : { parent }) };
    });
    const { epoch, version } = placement;
    const request = { meeting, epoch, version, places };
    await link.call<Empty__Output>((client, options, done) => client.SetTree(request, options, done));
  }

  #home(attachment: number) {
    return { instance: this.#instance, attachment };
  }

  #target({ meeting, epoch, router }: MeetingAt, participant: ParticipantId) {
    return { target: { meeting, epoch, participant }, link: this.#directory.link(router) };
  }
}

async function inWords<Reply>(call: Promise<Reply>): Promise<Reply> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ZonecastError)) throw error;
    const { code } = error;
    if (IN_WORDS.includes(code)) throw error;
    // A router that cannot be reached cannot say when to come back.
    const retryAfterMs = error.retryAfterMs ?? (code === 'noRouter' ? RETRY_MS : undefined);
    const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
    throw new ZonecastError(code, WORDS[code] ?? 'Something went wrong on the server.', { cause: error, ...retry });
  }
}

function toWire({ mid, source, maxHeight = 0, maxFps = 0 }: ViewEntry) {
  const common = { mid, maxHeight, maxFps };
  if (source === 'auto') return { ...common, auto: true };
  return source === 'off' ? { ...common, off: true } : { ...common, fixed: source };
}
