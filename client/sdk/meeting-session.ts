/**
 * Getting into a meeting and staying in: join, resume after a lost WebSocket, a move to another router, a fresh start
 * after lost media, the end. Media and signalling live apart: a lost WebSocket is resumed while the picture goes on, lost
 * media is negotiated afresh. What we tell the server is state, told again whenever it may have been missed.
 */
import type { ClientMessage, MeetingAct, MoveReason, ServerMessage, SourceKind } from '../../proto/signalling.ts';
import type { Emitter } from './emitter.ts';
import type { LocalSources } from './local-sources.ts';
import type { MediaConnectionState } from './media-connection.ts';
import { MediaConnection } from './media-connection.ts';
import { LOST_PICTURE_MS, MediaMove, PICTURE_MS, ZONE_PICTURE_MS } from './media-move.ts';
import { MediaWatch } from './media-watch.ts';
import type { MeetingErrorCode } from './meeting-error.ts';
import { MeetingError } from './meeting-error.ts';
import type { ConnectionState, MeetingEvents, MeetingOptions } from './meeting-events.ts';
import { MeetingState } from './meeting-state.ts';
import { SignallingConnection, type SignallingHandlers } from './signalling-connection.ts';
import { ZoneDetour } from './zone-detour.ts';
import { ZoneTransfer } from './zone-transfer.ts';

export interface SessionOwner {
  readonly local: LocalSources;
  readonly events: Pick<Emitter<MeetingEvents>, 'emit'>;
  /** What the server is to be told again: mute states and the view. */
  state(): Exclude<ClientMessage, { id: number }>[];
  /** A host has turned off a source of ours. */
  muted(source: SourceKind): void;
  /** We are to go to another meeting: a breakout room, or back. */
  goTo(order: Extract<ServerMessage, { type: 'goTo' }>): void;
  /** The stay is over; `wasInside`: it had begun. No error: by our own wish. */
  ended(error: MeetingError | undefined, wasInside: boolean): void;
}

/** New starts without media in between; past this, the network evidently lets no media through. */
const LONGEST_REJOIN_RUN = 4;
const REJOIN_PAUSE_MS = 1000;
/** How long the old connection stays after a move, until everything that showed it shows the new one. */
const LINGER_MS = 1000;
const REJOIN_CODES: ReadonlySet<MeetingErrorCode> = new Set(['sessionExpired', 'notJoined', 'meetingLost']);
/** By which nothing comes any more from where we were. */
const LOST_REASONS: ReadonlySet<MoveReason> = new Set(['routerLost', 'workerLost', 'zoneLost']);
/** What `left` means to a person whose stay is over by it. */
const END_CODES: Readonly<Record<string, MeetingErrorCode>> = {
  meetingClosed: 'closed',
  meetingEnded: 'meetingEnded',
  refused: 'refused',
  removed: 'removed',
  kicked: 'removed',
};
/** Of a join: with these, a pass is of no use any more. */
const PASS_REFUSALS: ReadonlySet<MeetingErrorCode> = new Set(['sessionExpired', 'wrongPasscode']);
const REJOIN_REASONS: ReadonlySet<string> = new Set(['consentExpired', 'neverConnected', 'dtlsFailed', 'dtlsClosed']);

export class MeetingSession {
  readonly state = new MeetingState();
  readonly #options: MeetingOptions;
  readonly #owner: SessionOwner;
  #signalling: SignallingConnection;
  readonly #detour = new ZoneDetour();
  /** To another zone, while it is under way. */
  #transfer: ZoneTransfer | undefined;
  readonly #entered = Promise.withResolvers<void>();
  readonly #onPageHide = () => this.leave();
  readonly #watch: MediaWatch<MediaConnection>;
  /** What is shown and heard. */
  #media: MediaConnection;
  /** To another router, while it is under way. */
  #move: MediaMove | undefined;
  /** It is to be tried again in a moment: what is shown may have been let go already. */
  #isMoveDue = false;
  #isAudioOnly = false;
  #offer: ReturnType<MediaConnection['offer']>;
  #connection: ConnectionState = { signalling: 'away', media: 'connecting' };
  #self: { participant: string; session: string } | undefined;
  #rejoins = 0;
  /** `waiting`: for a host to let us in. */
  #phase: 'entering' | 'waiting' | 'inside' | 'over' = 'entering';
  /** By which we come as who we are, without a passcode. */
  #pass: string | undefined;
  #name: string;
  #title: string | undefined;

  constructor(options: MeetingOptions, owner: SessionOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#pass = options.pass;
    this.#name = options.name;
    this.#media = this.#newMedia();
    this.#offer = this.#newOffer();
    const first = new SignallingConnection(
      signallingUrl(options.url),
      this.#handlersOf(() => first),
    );
    this.#signalling = first;
    window.addEventListener('pagehide', this.#onPageHide);
    this.#watch = new MediaWatch(
      () => (this.#phase === 'inside' && this.#move === undefined ? this.#media : undefined),
      () => {
        this.#signalling.send({ type: 'mediaLost' });
        // If the whole zone is gone, the socket may not know it for long.
        this.#signalling.doubt();
      },
    );
  }

  /** Resolves when the server has let us in. @throws MeetingError why it has not. */
  get entered(): Promise<void> {
    return this.#entered.promise;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  /** Our own participant id; empty while there is none. */
  get self(): string {
    return this.#self?.participant ?? '';
  }

  /** Our own name, as others see it: a host may give us another one. */
  get name(): string {
    return this.#name;
  }

  /** Of the server in use: another one than in the beginning when we have been sent on. */
  get url(): string {
    return this.#signalling.url.replace(/^ws/, 'http');
  }

  /** What the meeting is called; undefined when it has no title. */
  get title(): string | undefined {
    return this.#title;
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  /** The zone has room for sound only: no picture comes or goes. */
  get isAudioOnly(): boolean {
    return this.#isAudioOnly;
  }

  /** What is shown and heard: another one after a move and after a fresh start. */
  get media(): MediaConnection {
    return this.#media;
  }

  /** Sends a track from now on, or nothing. */
  async sendMedia(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await Promise.all([this.#media.send(kind, track), this.#move?.next.send(kind, track)]);
  }

  /** Lost while the socket is away: `resume` is followed by the whole state. */
  send(message: Exclude<ClientMessage, { id: number }>): void {
    this.#signalling.send(message);
    this.#transfer?.send(message);
  }

  /** Changes the meeting for others. `hostKey` belongs to `claimHost`. @throws MeetingError why that was not possible. */
  async act(act: MeetingAct, hostKey?: string): Promise<void> {
    await this.#signalling.request({ type: 'act', act, ...(hostKey === undefined ? {} : { hostKey }) });
  }

  /** Tells the server what it may have missed. */
  tellState(): void {
    for (const message of this.#owner.state()) this.#signalling.send(message);
  }

  leave(): void {
    this.send({ type: 'leave' });
    this.#end(undefined);
  }

  /**
   * Leaves for another meeting. Media stays for a moment: if the router heard by it first that we are gone (DTLS says so
   * when it is closed), it would not know that we are in a room and still part of this meeting.
   */
  goOn(): void {
    this.send({ type: 'leave' });
    this.#end(undefined, LINGER_MS);
  }

  /** What is said on a WebSocket counts only while it is the one in use. */
  #handlersOf(signalling: () => SignallingConnection): SignallingHandlers {
    const isCurrent = () => this.#signalling === signalling();
    return {
      opened: () => isCurrent() && void this.#enter(),
      lost: () => isCurrent() && this.#signallingLost(),
      message: (message) => isCurrent() && this.#receive(message),
    };
  }

  #newMedia(): MediaConnection {
    const { publish, audioSlots, videoSlots } = this.#options;
    const media: MediaConnection = new MediaConnection({
      publish,
      audioSlots,
      videoSlots,
      track: (kind) => this.#owner.local.liveTrack(kind),
      onState: (state) => {
        if (this.#media === media) this.#mediaState(state);
      },
    });
    return media;
  }

  /** Made while the socket is still opening. */
  #newOffer(): ReturnType<MediaConnection['offer']> {
    const offer = this.#media.offer();
    // Its failure is reported where it is awaited; until then it is not an unhandled one.
    offer.catch(() => undefined);
    return offer;
  }

  async #enter(): Promise<void> {
    try {
      if (this.#self === undefined) await this.#join();
      else await this.#resume(this.#self.session);
    } catch (error) {
      this.#enterFailed(asError(error));
    }
  }

  async #join(): Promise<void> {
    const media = this.#media;
    const { offer, sources } = await this.#offer;
    const muted = this.#owner.local.muted();
    const who = { ...this.#credentials(), ...this.#way(), name: this.#name };
    const reply = await this.#signalling.request({ type: 'join', ...who, offer, sources, muted });
    if (this.#media !== media) return;
    if (reply.type === 'redirect') this.#follow(reply);
    else this.#arrived();
    if (reply.type === 'waiting') this.#wait(reply);
    else if (reply.type === 'joined') await this.#joined(reply);
  }

  /** How far zones are, and who has sent us here. */
  #way(): { roundTrips?: Record<string, number>; tried?: string[] } {
    const roundTrips = this.#options.roundTrips?.() ?? {};
    return { ...(Object.keys(roundTrips).length > 0 && { roundTrips }), ...this.#tried() };
  }

  #tried(): { tried?: string[] } {
    return this.#detour.said((url) => signallingUrl(url) === this.#signalling.url);
  }

  #follow(redirect: Extract<ServerMessage, { type: 'redirect' }>): void {
    if (!this.#detour.follow(redirect)) throw new MeetingError('noRouter', redirect.reason);
    this.#signalling.goTo(redirect.urls.map(signallingUrl));
  }

  #arrived(): void {
    this.#detour.arrived();
    this.#signalling.settled();
  }

  #credentials(): { meeting: string; pass?: string; passcode?: string; hostKey?: string } {
    const { meeting, passcode, hostKey } = this.#options;
    if (this.#pass !== undefined) return { meeting, pass: this.#pass };
    return { meeting, passcode, ...(hostKey === undefined ? {} : { hostKey }) };
  }

  /** A host has to let us in, also when we were in a moment ago and have started afresh. */
  #wait({ pass, reason, meeting }: Extract<ServerMessage, { type: 'waiting' }>): void {
    this.#pass = pass;
    this.#title = meeting.title;
    if (this.#phase === 'entering') this.#phase = 'waiting';
    this.#setConnection({ signalling: 'waiting' });
    this.#owner.events.emit('waiting', { reason, title: meeting.title });
  }

  async #joined(joined: Extract<ServerMessage, { type: 'joined' }>): Promise<void> {
    const media = this.#media;
    // Before anything is awaited: what the server says next changes this state.
    this.#self = joined.self;
    this.#title = joined.meeting.title;
    // The pass of who waited; who starts afresh is somebody new.
    this.#pass = this.#options.pass;
    this.#reset(joined);
    await media.accept(joined.answer);
    if (this.isOver || this.#media !== media) return;
    const again = this.#phase === 'inside';
    this.#phase = 'inside';
    this.#setConnection({ signalling: 'open' });
    this.#entered.resolve();
    if (again) this.tellState();
  }

  async #resume(session: string): Promise<void> {
    const resumed = await this.#signalling.request({ type: 'resume', session, ...this.#tried() });
    if (resumed.type === 'redirect') this.#follow(resumed);
    if (resumed.type !== 'resumed') return;
    this.#arrived();
    this.#self = resumed.self;
    this.#reset(resumed);
    this.#setConnection({ signalling: 'open' });
    this.tellState();
  }

  #enterFailed(error: MeetingError): void {
    if (this.#phase === 'over') return;
    if (
      this.#self === undefined &&
      this.#pass !== undefined &&
      PASS_REFUSALS.has(error.code) &&
      this.#options.passcode
    ) {
      this.#pass = undefined;
      this.#signalling.reopen();
      return;
    }
    if (this.#phase === 'entering') {
      this.#end(error);
      return;
    }
    // The socket went away meanwhile; the next one is being opened already.
    if (error.code === 'unreachable') return;
    if (REJOIN_CODES.has(error.code)) {
      if (this.#phase === 'inside') this.#rejoin();
      else this.#end(error);
      return;
    }
    // We were in it a moment ago: a server that was started anew, or gave the meeting up, does not know it any more.
    if (error.code === 'noSuchMeeting' || error.code === 'wrongPasscode') {
      this.#end(new MeetingError('closed', error.detail));
      return;
    }
    // Between zones it is not clear for a moment who goes on with us.
    if (error.code !== 'tryAgain') this.#owner.events.emit('error', error);
    if (error.isFinal) this.#end(error);
    else if (error.retryAfterMs !== undefined) this.#signalling.reopen(error.retryAfterMs);
    else this.#signalling.reopenLater();
  }

  #receive(message: ServerMessage): void {
    const { events } = this.#owner;
    switch (message.type) {
      case 'roster':
        for (const participant of message.left) {
          for (const media of [this.#media, this.#spokenOf]) media.contents.forget(participant);
        }
        events.emit('roster', this.state.applyRoster(message.changed, message.left));
        this.#readName();
        break;
      case 'joined':
        // We have waited for it.
        if (this.#self === undefined)
          this.#joined(message).catch((error: unknown) => this.#enterFailed(asError(error)));
        break;
      case 'state':
        events.emit('state', this.state.applyChanges(message.changes));
        break;
      case 'wholeState':
        events.emit('state', this.state.resetRecord(message.state));
        break;
      case 'reaction':
        events.emit('reaction', { participant: message.participant, emoji: message.emoji });
        break;
      case 'muted':
        this.#owner.muted(message.source);
        break;
      case 'askedToUnmute':
        events.emit('askedToUnmute', message.source);
        break;
      case 'goTo':
        // Perhaps right after `joined`: one can go on only from where one is.
        this.#entered.promise.then(
          () => this.#owner.goTo(message),
          () => undefined,
        );
        break;
      case 'slots':
        this.#spokenOf.contents.apply(message.slots);
        events.emit('slots', undefined);
        break;
      case 'speakers':
        this.state.speakers = message.speakers;
        events.emit('speakers', message.speakers);
        break;
      case 'encodings':
        void this.#spokenOf.setDemand(message.source, message.encodings);
        break;
      case 'move':
        void this.#moveMedia(message.reason);
        break;
      case 'transfer':
        this.#transferTo(this.#signalling.usable(message.urls.map(signallingUrl)));
        break;
      case 'controllers':
        this.#signalling.setOthers(message.controllers.map(signallingUrl));
        break;
      case 'quality':
        this.state.applyQualities(message.qualities);
        events.emit(
          'quality',
          message.qualities.map(({ participant }) => participant),
        );
        break;
      case 'left':
        if (this.#phase === 'inside' && REJOIN_REASONS.has(message.reason)) this.#rejoin();
        else this.#end(new MeetingError(END_CODES[message.reason] ?? 'notJoined', message.reason));
        break;
      case 'error':
        this.#refused(new MeetingError(message.code, message.message, message.retryAfterMs));
        break;
    }
  }

  /** An error that answers no request: of the connection as a whole. */
  #refused(error: MeetingError): void {
    if (this.#phase === 'entering' || this.#phase === 'waiting') {
      this.#enterFailed(error);
      return;
    }
    // What we put right by ourselves, nobody is asked to do.
    if (REJOIN_CODES.has(error.code)) this.#rejoin();
    else this.#owner.events.emit('error', error);
  }

  #signallingLost(): void {
    if (this.#phase === 'entering' && !this.#detour.failed()) this.#end(new MeetingError('unreachable'));
    else this.#setConnection({ signalling: 'away' });
  }

  #mediaState(media: MediaConnectionState): void {
    this.#setConnection({ media });
    if (media === 'connected') this.#rejoins = 0;
    if (media === 'failed' && this.#move === undefined && !this.#isMoveDue) this.#rejoin();
  }

  /** The connection that slots and encodings are said of: during a move, the new one as soon as it was answered. */
  get #spokenOf(): MediaConnection {
    return this.#move?.isAnswered === true ? this.#move.next : this.#media;
  }

  /** The server wants media to go by another router. What is shown stays until the new connection shows it, too. */
  async #moveMedia(reason: MoveReason, transfer?: ZoneTransfer): Promise<void> {
    this.#isMoveDue = false;
    if (this.#phase !== 'inside') return;
    this.#move?.abandon();
    if (this.#transfer !== transfer) this.#dropTransfer();
    const before = this.#media;
    const signalling = transfer?.signalling ?? this.#signalling;
    const move = new MediaMove(before, this.#newMedia(), {
      patienceMs: patienceMs(reason, this.#watch.isSilent),
      isComplete: () => transfer?.knows(this.state.present) ?? true,
      request: (offer) => signalling.request({ type: 'move', ...offer, muted: this.#owner.local.muted() }),
      answered: ({ session, media }) => {
        if (transfer !== undefined) transfer.session = session;
        else if (this.#self !== undefined) this.#self = { ...this.#self, session };
        this.#setAudioOnly(media === 'audio');
        for (const message of this.#owner.state()) signalling.send(message);
      },
    });
    this.#move = move;
    const outcome = await move.done;
    // Abandoned: by a later move, a fresh start or the end.
    if (this.#move !== move) return;
    this.#move = undefined;
    if (outcome instanceof MeetingError) {
      move.next.close();
      if (transfer === undefined) this.#moveFailed(move, outcome, reason);
      else this.#dropTransfer();
      return;
    }
    this.#media = move.next;
    if (transfer !== undefined) this.#settleIn(transfer);
    this.#setConnection({ media: move.next.state });
    this.#owner.events.emit('slots', undefined);
    setTimeout(() => {
      before.close();
      if (this.#media === move.next) this.#signalling.send({ type: 'moveDone' });
    }, LINGER_MS);
  }

  /** The zone is to be empty: the stay goes on in another one, while all here stays as it is until that is so. */
  #transferTo(urls: readonly string[]): void {
    const [url] = urls;
    if (this.#phase !== 'inside' || this.#self === undefined || this.#move !== undefined || url === undefined) return;
    this.#dropTransfer();
    const transfer = new ZoneTransfer(urls, this.#self.session, {
      move: (reason) => void this.#moveMedia(reason, transfer),
      media: (message) => {
        const next = this.#transfer === transfer ? this.#move?.next : undefined;
        if (message.type === 'slots') next?.contents.apply(message.slots);
        else void next?.setDemand(message.source, message.encodings);
      },
      failed: () => {
        if (this.#transfer === transfer) this.#dropTransfer();
      },
    });
    this.#transfer = transfer;
  }

  /** It has come to nothing. The server asks again. */
  #dropTransfer(): void {
    const transfer = this.#transfer;
    this.#transfer = undefined;
    if (transfer === undefined) return;
    transfer.abandon();
    this.#move?.abandon();
    this.#move = undefined;
  }

  /** Media goes by the new zone: from here on that is the one that counts, and the old one is left in a moment. */
  #settleIn(transfer: ZoneTransfer): void {
    const before = this.#signalling;
    const { signalling } = transfer;
    const taken = transfer.handOver(this.#handlersOf(() => signalling));
    this.#transfer = undefined;
    // Lost at the last moment: it is resumed there by the token of before.
    if (taken === undefined) return;
    this.#signalling = signalling;
    this.#self = taken.self;
    this.#resetMeeting(taken.resumed);
    for (const message of taken.noted) this.#receive(message);
    signalling.settled();
    this.#setConnection({ signalling: 'open' });
    setTimeout(() => {
      before.send({ type: 'leave' });
      before.close();
    }, LINGER_MS);
  }

  #moveFailed(move: MediaMove, error: MeetingError, reason: MoveReason): void {
    // The next socket is told again that we should move.
    if (error.code === 'unreachable') return;
    if (error.retryAfterMs !== undefined) {
      this.#isMoveDue = true;
      // Asked again meanwhile, or started afresh: then it is not due any more.
      setTimeout(() => {
        if (this.#isMoveDue) void this.#moveMedia(reason);
      }, error.retryAfterMs);
    } else if (move.isAnswered || this.#media.state === 'failed' || REJOIN_CODES.has(error.code)) this.#rejoin();
  }

  /** Starts afresh, as a new participant on a new transport, in the same meeting. */
  #rejoin(): void {
    if (this.#phase !== 'inside') return;
    if (++this.#rejoins > LONGEST_REJOIN_RUN) {
      this.#end(new MeetingError('noMedia'));
      return;
    }
    // Our former self is none of the others, and for them gone at once, also when its media cannot say so.
    if (this.#self !== undefined) this.#signalling.send({ type: 'leave' });
    this.state.applyRoster([], [this.self]);
    this.#self = undefined;
    this.#dropTransfer();
    this.#move?.abandon();
    this.#move = undefined;
    this.#isMoveDue = false;
    this.#media.close();
    this.#media = this.#newMedia();
    this.#offer = this.#newOffer();
    this.#setConnection({ signalling: 'away', media: 'interrupted' });
    this.#signalling.reopen((this.#rejoins - 1) * REJOIN_PAUSE_MS);
  }

  #reset(message: Extract<ServerMessage, { type: 'joined' | 'resumed' }>): void {
    this.#spokenOf.contents.reset(message.slots);
    this.#setAudioOnly(message.media === 'audio');
    this.#resetMeeting(message);
  }

  /** All but what is said of our own media. */
  #resetMeeting(message: Extract<ServerMessage, { type: 'joined' | 'resumed' }>): void {
    const { events } = this.#owner;
    this.#signalling.setOthers(message.controllers.map(signallingUrl));
    events.emit('roster', this.state.reset(message));
    this.#readName();
    events.emit('state', this.state.resetRecord(message.state));
    events.emit('slots', undefined);
    events.emit('speakers', this.state.speakers);
  }

  #readName(): void {
    this.#name = this.state.roster.get(this.self)?.name ?? this.#name;
  }

  #setAudioOnly(isAudioOnly: boolean): void {
    if (isAudioOnly === this.#isAudioOnly) return;
    this.#isAudioOnly = isAudioOnly;
    this.#owner.events.emit('audioOnly', isAudioOnly);
  }

  #setConnection(change: Partial<ConnectionState>): void {
    const next = { ...this.#connection, ...change };
    if (next.media === this.#connection.media && next.signalling === this.#connection.signalling) return;
    this.#connection = next;
    if (this.#phase === 'inside') this.#owner.events.emit('connection', next);
  }

  #end(error: MeetingError | undefined, lingerMs = 0): void {
    if (this.#phase === 'over') return;
    const wasInside = this.#phase === 'inside';
    this.#phase = 'over';
    window.removeEventListener('pagehide', this.#onPageHide);
    this.#watch.close();
    this.#dropTransfer();
    this.#signalling.close();
    this.#move?.abandon();
    if (lingerMs === 0) this.#media.close();
    else setTimeout(() => this.#media.close(), lingerMs);
    this.#entered.reject(error ?? new MeetingError('givenUp'));
    this.#owner.ended(error, wasInside);
  }
}

/** How long what is shown may stay before the new way shows the same. */
function patienceMs(reason: MoveReason, isSilent: boolean): number {
  // Of a zone that is taken for lost, routers may be there still.
  if (reason === 'zoneDrained' || (reason === 'zoneLost' && !isSilent)) return ZONE_PICTURE_MS;
  return LOST_REASONS.has(reason) ? LOST_PICTURE_MS : PICTURE_MS;
}

function asError(error: unknown): MeetingError {
  return error instanceof MeetingError ? error : new MeetingError('unsupported', String(error));
}

/** Of a zone-controller, by any address of it; only the origin counts. */
function signallingUrl(address: string): string {
  const url = new URL('/v1/signalling', address);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
