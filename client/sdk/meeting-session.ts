/**
 * Getting into a meeting and staying in: join, wait, resume after a lost WebSocket, a fresh start after lost media, the end.
 * Media and signalling live apart: a lost WebSocket is resumed while the picture goes on, lost media is negotiated afresh.
 * What we tell the server is state, told again whenever it may have been missed.
 */
import type { ClientMessage, MeetingAct, ServerMessage, SourceKind } from '../../proto/signalling.ts';
import type { Emitter } from './emitter.ts';
import { Entrance } from './entrance.ts';
import type { Step } from './ladder/ladder.ts';
import type { WayReport } from './ladder/way-in.ts';
import type { LocalSources } from './local-sources.ts';
import type { MediaWay } from './media-way.ts';
import { MeetingError } from './meeting-error.ts';
import type { ConnectionState, MeetingEvents, MeetingOptions } from './meeting-events.ts';
import { MeetingMedia } from './meeting-media.ts';
import { takeNews, takeWhole } from './meeting-news.ts';
import { MeetingState } from './meeting-state.ts';
import { LINGER_MS } from './relocation.ts';
import { SignallingConnection, type SignallingHandlers } from './signalling-connection.ts';
import { signallingUrl, signallingUrls } from './signalling-url.ts';
import { afterLeft, afterRefusal, type NextStep, type Phase, REJOIN_CODES } from './stay-end.ts';
import type { Self, ZoneTransfer } from './zone-transfer.ts';

type Stay = Extract<ServerMessage, { type: 'joined' | 'resumed' }>;

export interface SessionOwner {
  /** By which way media went a moment ago, in another meeting. */
  readonly knownStep?: Step | undefined;
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

/** New starts of who never had media; past this, the network evidently lets none through. Who had some waits for five minutes. */
const [LONGEST_REJOIN_RUN, LONGEST_PATIENT_RUN] = [4, 30];
/** Between new starts without media in between: by so much longer each time, up to the other. */
const [REJOIN_PAUSE_MS, LONGEST_REJOIN_PAUSE_MS] = [1_000, 10_000];

export class MeetingSession {
  readonly state = new MeetingState();
  readonly #owner: SessionOwner;
  readonly #entrance: Entrance;
  readonly #media: MeetingMedia;
  readonly #entered = Promise.withResolvers<void>();
  readonly #onPageHide = () => this.leave();
  #signalling: SignallingConnection;
  #phase: Phase = 'entering';
  #connection: ConnectionState = { signalling: 'away', media: 'connecting' };
  #self: Self | undefined;
  /** As it was said last: who starts afresh is in no roster for a moment. */
  #name: string;
  #title: string | undefined;
  #isAudioOnly = false;
  /** New starts since media was there last. */
  #rejoins = 0;
  #hadMedia = false;

  constructor(options: MeetingOptions, owner: SessionOwner) {
    const url = signallingUrl(options.url);
    this.#owner = owner;
    this.#name = options.name;
    this.#entrance = new Entrance(options);
    this.#media = this.#newMedia(options);
    const first = new SignallingConnection(
      [url],
      this.#handlersOf(() => first),
      (urls) => this.#media.openOtherDoor(urls),
    );
    this.#signalling = first;
    window.addEventListener('pagehide', this.#onPageHide);
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
    return this.state.roster.get(this.self)?.name ?? this.#name;
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
  get media(): MediaWay {
    return this.#media.current;
  }

  /** The way by which media goes, or went last. */
  get step(): Step | undefined {
    return this.#media.step;
  }

  /** By which way media goes, and what was tried before. */
  get wayIn(): WayReport {
    return this.#media.wayIn;
  }

  /** Sends a track from now on, or nothing. */
  async sendMedia(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#media.send(kind, track);
  }

  /** Lost while the socket is away: `resume` is followed by the whole state. */
  send(message: Exclude<ClientMessage, { id: number }>): void {
    this.#signalling.send(message);
    this.#media.tell(message);
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

  #newMedia({ publish, audioSlots, videoSlots }: MeetingOptions): MeetingMedia {
    const session = this;
    const { local } = this.#owner;
    const options = { publish, audioSlots, videoSlots, track: (kind: SourceKind) => local.liveTrack(kind) };
    return new MeetingMedia(
      options,
      {
        get session() {
          return session.#phase === 'inside' ? session.#self?.session : undefined;
        },
        get signalling() {
          return session.#signalling;
        },
        get url() {
          return session.url;
        },
        get isReachable() {
          return session.#connection.signalling === 'open';
        },
        get present() {
          return session.state.present;
        },
        muted: () => local.muted(),
        state: () => this.#owner.state(),
        resumedBy: (token) => {
          if (this.#self !== undefined) this.#self = { ...this.#self, session: token };
        },
        setAudioOnly: (isAudioOnly) => this.#setAudioOnly(isAudioOnly),
        handleMedia: (media) => {
          this.#setConnection({ media });
          if (media !== 'connected') return;
          this.#rejoins = 0;
          this.#hadMedia = true;
        },
        handleSlots: () => this.#owner.events.emit('slots', undefined),
        settleIn: (transfer) => this.#settleIn(transfer),
        startAfresh: () => this.#rejoin(),
      },
      this.#owner.knownStep,
    );
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
    const { media } = this;
    const { offer, sources } = await this.#media.offer;
    const muted = this.#owner.local.muted();
    const answer = await this.#entrance.join(this.#signalling, { name: this.#name, offer, sources, muted });
    if (this.media !== media) return;
    if (answer?.type === 'waiting') this.#wait(answer);
    else if (answer?.type === 'joined') await this.#joined(answer);
  }

  /** A host has to let us in, also when we were in a moment ago and have started afresh. */
  #wait({ pass, reason, meeting }: Extract<ServerMessage, { type: 'waiting' }>): void {
    this.#entrance.waitBy(pass);
    this.#title = meeting.title;
    if (this.#phase === 'entering') this.#phase = 'waiting';
    this.#setConnection({ signalling: 'waiting' });
    if (this.#phase === 'waiting') this.#owner.events.emit('waiting', { reason, title: meeting.title });
  }

  async #joined(joined: Extract<ServerMessage, { type: 'joined' }>): Promise<void> {
    const { media } = this;
    // Before anything is awaited: what the server says next changes this state.
    this.#self = joined.self;
    this.#title = joined.meeting.title;
    this.#entrance.entered();
    this.#reset(joined);
    await media.accept(joined.answer);
    if (this.isOver || this.media !== media) return;
    const again = this.#phase === 'inside';
    this.#phase = 'inside';
    this.#setConnection({ signalling: 'open' });
    this.#media.handleAnswered();
    this.#entered.resolve();
    if (again) this.tellState();
  }

  async #resume(session: string): Promise<void> {
    const resumed = await this.#entrance.resume(this.#signalling, session, this.#media.isSilent);
    if (resumed === undefined) return;
    this.#self = resumed.self;
    this.#reset(resumed);
    this.#setConnection({ signalling: 'open' });
    this.tellState();
  }

  #enterFailed(error: MeetingError): void {
    // The socket has let nothing through, and another one is tried.
    if (error.code === 'unreachable' && this.#phase === 'entering' && this.#signalling.isTrying) return;
    const canComeOtherwise = this.#phase !== 'over' && this.#self === undefined;
    if (canComeOtherwise && this.#entrance.isOpenAnotherWay(error.code)) this.#signalling.reopen();
    else this.#take(afterRefusal(error, this.#phase));
  }

  #take(next: NextStep): void {
    if ('isTold' in next && next.isTold) this.#owner.events.emit('error', next.error);
    if (next.type === 'startAfresh') this.#rejoin();
    else if (next.type === 'end') this.#end(next.error);
    else if (next.type === 'tryAgain') this.#signalling.tryAgain(next.error.retryAfterMs);
  }

  #receive(message: ServerMessage): void {
    const { events } = this.#owner;
    switch (message.type) {
      case 'waiting':
        // Still: with a fresh pass.
        this.#entrance.waitBy(message.pass);
        break;
      case 'joined':
        // We have waited for it.
        if (this.#self === undefined)
          this.#joined(message).catch((error: unknown) => this.#enterFailed(asError(error)));
        break;
      case 'roster':
        this.#media.forget(message.left);
        takeNews(message, this.state, events);
        this.#keepName();
        break;
      case 'state':
      case 'wholeState':
      case 'reaction':
      case 'speakers':
      case 'quality':
        takeNews(message, this.state, events);
        break;
      case 'muted':
        this.#owner.muted(message.source);
        break;
      case 'askedToUnmute':
        events.emit('askedToUnmute', message.source);
        break;
      case 'endsSoon':
        events.emit('notice', `This meeting will end in ${minutes(message.leftMs)}: it may last no longer.`);
        break;
      case 'goTo':
        this.#onceInside(() => this.#owner.goTo(message));
        break;
      case 'slots':
      case 'encodings':
      case 'moveUndone':
      case 'access':
        this.#media.receive(message);
        break;
      case 'move':
      case 'transfer':
        this.#onceInside(() => this.#media.receive(message));
        break;
      case 'controllers':
        this.#signalling.setOthers(signallingUrls(message.controllers));
        break;
      case 'left':
        this.#take(afterLeft(message.reason, this.#phase));
        break;
      case 'error':
        this.#refused(new MeetingError(message.code, message.message, message.retryAfterMs));
        break;
    }
  }

  /** What is said right after `joined`: one can go on only from where one is. */
  #onceInside(act: () => void): void {
    this.#entered.promise.then(act, () => undefined);
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
    const isStuck = this.#phase === 'entering' && !this.#signalling.isTrying;
    if (isStuck && !this.#entrance.hasAnotherWay()) this.#end(new MeetingError('unreachable'));
    else this.#setConnection({ signalling: 'away' });
  }

  /** In another zone: from here on that is the one that counts, and the old one is left in a moment. */
  #settleIn(transfer: ZoneTransfer): void {
    const before = this.#signalling;
    const { signalling } = transfer;
    const taken = transfer.handOver(this.#handlersOf(() => signalling));
    // Lost at the last moment: it is resumed there by the token of before.
    if (taken === undefined) return;
    this.#signalling = signalling;
    this.#self = taken.self;
    this.#resetMeeting(taken.resumed);
    for (const message of taken.noted) this.#receive(message);
    this.#setConnection({ signalling: 'open' });
    setTimeout(() => {
      before.send({ type: 'leave' });
      before.close();
    }, LINGER_MS);
  }

  /** Starts afresh, as a new participant on a new transport, in the same meeting. */
  #rejoin(): void {
    if (this.#phase !== 'inside') return;
    if (++this.#rejoins > (this.#hadMedia ? LONGEST_PATIENT_RUN : LONGEST_REJOIN_RUN)) {
      this.#end(new MeetingError('noMedia'));
      return;
    }
    // Our former self is none of the others, and for them gone at once, also when its media cannot say so.
    if (this.#self !== undefined) this.#signalling.send({ type: 'leave' });
    this.state.applyRoster([], [this.self]);
    this.#self = undefined;
    this.#media.startAfresh();
    this.#setConnection({ signalling: 'away', media: 'interrupted' });
    this.#signalling.reopen(Math.min(LONGEST_REJOIN_PAUSE_MS, (this.#rejoins - 1) * REJOIN_PAUSE_MS));
  }

  #reset(message: Stay): void {
    this.#media.reset(message.slots);
    this.#setAudioOnly(message.media === 'audio');
    this.#resetMeeting(message);
  }

  /** All but what is said of our own media. */
  #resetMeeting(message: Stay): void {
    this.#signalling.setOthers(signallingUrls(message.controllers));
    if (message.access !== undefined) this.#media.handleAccess(message.access);
    takeWhole(message, this.state, this.#owner.events);
    this.#keepName();
  }

  #keepName(): void {
    this.#name = this.name;
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
    this.#signalling.close();
    this.#media.close(lingerMs);
    this.#entered.reject(error ?? new MeetingError('givenUp'));
    this.#owner.ended(error, wasInside);
  }
}

function asError(error: unknown): MeetingError {
  return error instanceof MeetingError ? error : new MeetingError('unsupported', String(error));
}

function minutes(ms: number): string {
  const count = Math.max(1, Math.round(ms / 60_000));
  return count === 1 ? '1 minute' : `${count} minutes`;
}
