/**
 * Getting into a meeting and staying in: join, resume after a lost WebSocket, a move to another router, a fresh start
 * after lost media, the end. Media and signalling live apart: a lost WebSocket is resumed while the picture goes on, lost
 * media is negotiated afresh. What we tell the server is state, told again whenever it may have been missed.
 */
import type { ClientMessage, MoveReason, ServerMessage, SourceKind } from '../../proto/signalling.ts';
import type { Emitter } from './emitter.ts';
import type { LocalSources } from './local-sources.ts';
import type { MediaConnectionState } from './media-connection.ts';
import { MediaConnection } from './media-connection.ts';
import { MediaMove } from './media-move.ts';
import { MediaWatch } from './media-watch.ts';
import type { MeetingErrorCode } from './meeting-error.ts';
import { MeetingError } from './meeting-error.ts';
import type { ConnectionState, MeetingEvents, MeetingOptions } from './meeting-events.ts';
import { MeetingState } from './meeting-state.ts';
import { SignallingConnection } from './signalling-connection.ts';

export interface SessionOwner {
  readonly local: LocalSources;
  readonly events: Emitter<MeetingEvents>;
  /** What the server is to be told again: mute states and the view. */
  state(): Exclude<ClientMessage, { id: number }>[];
}

/** New starts without media in between; past this, the network evidently lets no media through. */
const LONGEST_REJOIN_RUN = 4;
const REJOIN_PAUSE_MS = 1000;
/** How long the old connection stays after a move, until everything that showed it shows the new one. */
const LINGER_MS = 1000;
const REJOIN_CODES: ReadonlySet<MeetingErrorCode> = new Set(['sessionExpired', 'notJoined', 'meetingLost']);
/** By which nothing comes any more from where we were. */
const LOST_REASONS: ReadonlySet<MoveReason> = new Set(['routerLost', 'workerLost']);
/** What `left` means to a person whose stay is over by it. */
const END_CODES: Readonly<Record<string, MeetingErrorCode>> = { meetingClosed: 'closed', kicked: 'removed' };
const REJOIN_REASONS: ReadonlySet<string> = new Set(['consentExpired', 'neverConnected', 'dtlsFailed', 'dtlsClosed']);

export class MeetingSession {
  readonly state = new MeetingState();
  readonly #options: MeetingOptions;
  readonly #owner: SessionOwner;
  readonly #signalling: SignallingConnection;
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
  #phase: 'entering' | 'inside' | 'over' = 'entering';

  constructor(options: MeetingOptions, owner: SessionOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#media = this.#newMedia();
    this.#offer = this.#newOffer();
    this.#signalling = new SignallingConnection(signallingUrl(options.url), {
      opened: () => void this.#enter(),
      lost: () => this.#signallingLost(),
      message: (message) => this.#receive(message),
    });
    window.addEventListener('pagehide', this.#onPageHide);
    this.#watch = new MediaWatch(
      () => (this.#phase === 'inside' && this.#move === undefined ? this.#media : undefined),
      () => this.#signalling.send({ type: 'mediaLost' }),
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
  }

  leave(): void {
    this.#signalling.send({ type: 'leave' });
    this.#end(undefined);
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
      this.#signalling.settled();
      this.#setConnection({ signalling: 'open' });
    } catch (error) {
      this.#enterFailed(error instanceof MeetingError ? error : new MeetingError('unsupported', String(error)));
    }
  }

  async #join(): Promise<void> {
    const { meeting, passcode, name } = this.#options;
    const media = this.#media;
    const { offer, sources } = await this.#offer;
    const muted = this.#owner.local.muted();
    const joined = await this.#signalling.request({ type: 'join', meeting, passcode, name, offer, sources, muted });
    if (joined.type !== 'joined' || this.#media !== media) return;
    // Before anything is awaited: what the server says next changes this state.
    this.#self = joined.self;
    this.#reset(joined);
    await media.accept(joined.answer);
    const again = this.#phase === 'inside';
    this.#phase = 'inside';
    this.#entered.resolve();
    if (again) this.#tellState();
  }

  async #resume(session: string): Promise<void> {
    const resumed = await this.#signalling.request({ type: 'resume', session });
    if (resumed.type !== 'resumed') return;
    this.#self = resumed.self;
    this.#reset(resumed);
    this.#tellState();
  }

  #enterFailed(error: MeetingError): void {
    if (this.#phase === 'over') return;
    if (this.#phase === 'entering') {
      this.#end(error);
      return;
    }
    // The socket went away meanwhile; the next one is being opened already.
    if (error.code === 'unreachable') return;
    if (REJOIN_CODES.has(error.code)) {
      this.#rejoin();
      return;
    }
    // We were in it a moment ago: a server that was started anew, or gave the meeting up, does not know it any more.
    if (error.code === 'noSuchMeeting' || error.code === 'wrongPasscode') {
      this.#end(new MeetingError('closed', error.detail));
      return;
    }
    this.#owner.events.emit('error', error);
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
        if (REJOIN_REASONS.has(message.reason)) this.#rejoin();
        else this.#end(new MeetingError(END_CODES[message.reason] ?? 'notJoined', message.reason));
        break;
      case 'error':
        this.#refused(new MeetingError(message.code, message.message, message.retryAfterMs));
        break;
    }
  }

  /** An error that answers no request: of the connection as a whole. */
  #refused(error: MeetingError): void {
    if (this.#phase === 'entering') {
      this.#end(error);
      return;
    }
    // What we put right by ourselves, nobody is asked to do.
    if (REJOIN_CODES.has(error.code)) this.#rejoin();
    else this.#owner.events.emit('error', error);
  }

  #signallingLost(): void {
    if (this.#phase === 'entering') this.#end(new MeetingError('unreachable'));
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
  async #moveMedia(reason: MoveReason): Promise<void> {
    this.#isMoveDue = false;
    if (this.#phase !== 'inside') return;
    this.#move?.abandon();
    const before = this.#media;
    const move = new MediaMove(before, this.#newMedia(), {
      isLost: LOST_REASONS.has(reason),
      request: (offer) => this.#signalling.request({ type: 'move', ...offer, muted: this.#owner.local.muted() }),
      answered: ({ session, media }) => {
        if (this.#self !== undefined) this.#self = { ...this.#self, session };
        this.#setAudioOnly(media === 'audio');
        this.#tellState();
      },
    });
    this.#move = move;
    const outcome = await move.done;
    // Abandoned: by a later move, a fresh start or the end.
    if (this.#move !== move) return;
    this.#move = undefined;
    if (outcome instanceof MeetingError) {
      move.next.close();
      this.#moveFailed(move, outcome, reason);
      return;
    }
    this.#media = move.next;
    this.#setConnection({ media: move.next.state });
    this.#owner.events.emit('slots', undefined);
    setTimeout(() => {
      before.close();
      if (this.#media === move.next) this.#signalling.send({ type: 'moveDone' });
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
    const { events } = this.#owner;
    this.#signalling.setOthers(message.controllers.map(signallingUrl));
    this.#spokenOf.contents.reset(message.slots);
    this.#setAudioOnly(message.media === 'audio');
    events.emit('roster', this.state.reset(message));
    events.emit('slots', undefined);
    events.emit('speakers', this.state.speakers);
  }

  #tellState(): void {
    for (const message of this.#owner.state()) this.#signalling.send(message);
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

  #end(error: MeetingError | undefined): void {
    if (this.#phase === 'over') return;
    const wasInside = this.#phase === 'inside';
    this.#phase = 'over';
    window.removeEventListener('pagehide', this.#onPageHide);
    this.#watch.close();
    this.#signalling.close();
    this.#move?.abandon();
    this.#media.close();
    this.#entered.reject(error ?? new MeetingError('closed'));
    if (!wasInside) {
      // The devices still belong to whoever asked us in: another attempt may follow.
      this.#owner.local.release();
      return;
    }
    this.#owner.events.emit('left', { error });
    this.#owner.local.close();
  }
}

/** Of a zone-controller, by any address of it; only the origin counts. */
function signallingUrl(address: string): string {
  const url = new URL('/v1/signalling', address);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
