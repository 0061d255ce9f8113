/** What meetings ask of routers, as plain calls. Errors are ZonecastErrors in words for people. */
import { type ErrorCode, ZonecastError } from '../../common/errors.ts';
import type { ParticipantId } from '../../common/ids.ts';
import type { Empty__Output } from '../../proto/gen/zonecast/router/v1/Empty.ts';
import type { JoinReply__Output } from '../../proto/gen/zonecast/router/v1/JoinReply.ts';
import type { RenegotiateReply__Output } from '../../proto/gen/zonecast/router/v1/RenegotiateReply.ts';
import type { ClientMessage, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import type { Placed } from '../placement/placements.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import type { LiveMeeting } from './live-meeting.ts';

type Join = Extract<ClientMessage, { type: 'join' }>;
type Offer = Extract<ClientMessage, { type: 'offer' }>;

/** What routers say is for logs; people read this. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  badMessage: 'The server did not accept this request.',
  badOffer: 'The server does not understand this audio and video.',
  meetingFull: 'This meeting is full.',
  meetingLost: 'The meeting was interrupted. Join again.',
  noRouter: 'The server that carries this meeting does not answer.',
  noSuchParticipant: 'You are not in the meeting any more. Join again.',
  staleEpoch: 'The meeting has moved. Join again.',
};

export class RouterCommands {
  readonly #directory: RouterDirectory;

  constructor(directory: RouterDirectory) {
    this.#directory = directory;
  }

  /** The SDP answer. */
  async join(meeting: LiveMeeting, placed: Placed, participant: ParticipantId, message: Join): Promise<string> {
    const { offer, sources, muted } = message;
    const request = { meeting: meeting.id, epoch: placed.epoch, participant, offer, sources, muted };
    const link = this.#directory.link(placed.router);
    return (await inWords(link.call<JoinReply__Output>((client, options, done) => client.Join(request, options, done))))
      .answer;
  }

  /** The SDP answer to a further offer. */
  async renegotiate(meeting: LiveMeeting, participant: ParticipantId, message: Offer): Promise<string> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, offer: message.offer, sources: message.sources };
    return (
      await inWords(
        link.call<RenegotiateReply__Output>((client, options, done) => client.Renegotiate(request, options, done)),
      )
    ).answer;
  }

  async view(meeting: LiveMeeting, participant: ParticipantId, view: readonly ViewEntry[]): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    const request = { ...target, view: view.map(toWire) };
    await inWords(link.call<Empty__Output>((client, options, done) => client.SetView(request, options, done)));
  }

  async mute(meeting: LiveMeeting, participant: ParticipantId, source: SourceKind, muted: boolean): Promise<void> {
    const { target, link } = this.#target(meeting, participant);
    await inWords(
      link.call<Empty__Output>((client, options, done) => client.SetMute({ ...target, source, muted }, options, done)),
    );
  }

  async leave(meeting: LiveMeeting, placed: Placed, participant: ParticipantId): Promise<void> {
    const request = { meeting: meeting.id, epoch: placed.epoch, participant };
    const link = this.#directory.link(placed.router);
    await inWords(link.call<Empty__Output>((client, options, done) => client.Leave(request, options, done)));
  }

  async closeMeeting(meeting: LiveMeeting, placed: Placed): Promise<void> {
    const request = { meeting: meeting.id, epoch: placed.epoch };
    const link = this.#directory.link(placed.router);
    await inWords(link.call<Empty__Output>((client, options, done) => client.CloseMeeting(request, options, done)));
  }

  #target(meeting: LiveMeeting, participant: ParticipantId) {
    if (meeting.placed === undefined) throw new ZonecastError('meetingLost', WORDS.meetingLost ?? '');
    const { epoch, router } = meeting.placed;
    return { target: { meeting: meeting.id, epoch, participant }, link: this.#directory.link(router) };
  }
}

async function inWords<Reply>(call: Promise<Reply>): Promise<Reply> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ZonecastError)) throw error;
    const { code, retryAfterMs } = error;
    const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
    throw new ZonecastError(code, WORDS[code] ?? 'Something went wrong on the server.', { cause: error, ...retry });
  }
}

function toWire({ mid, source, maxHeight = 0, maxFps = 0 }: ViewEntry) {
  const common = { mid, maxHeight, maxFps };
  if (source === 'auto') return { ...common, auto: true };
  return source === 'off' ? { ...common, off: true } : { ...common, fixed: source };
}
