/**
 * Media of one stay: the connection that is shown and heard, and how it gets to its router: where the server wants it, by the best way that there
 * is, and by another one when nothing comes any more.
 */
import type { AccessEntry, ClientMessage, ServerMessage, SlotEntry, SourceKind } from '../../proto/signalling.ts';
import { HttpSocket } from './ladder/http-socket.ts';
import type { Step } from './ladder/ladder.ts';
import { type Elsewhere, WayIn, type WayReport } from './ladder/way-in.ts';
import type { MediaConnectionState, MediaOptions } from './media-connection.ts';
import { MediaRoute } from './media-route.ts';
import { MediaWatch } from './media-watch.ts';
import type { MediaWay } from './media-way.ts';
import { type Mover, Relocation } from './relocation.ts';
import type { SignallingConnection, SignallingSocket } from './signalling-connection.ts';
import { signallingUrls } from './signalling-url.ts';
import type { ZoneTransfer } from './zone-transfer.ts';

/** Whose media it is. */
export interface MediaStay extends Omit<Mover, 'isSilent' | 'shown' | 'wayTo' | 'handleAccess'> {
  /** Of the server in use, http. */
  readonly url: string;
  /** The server knows us on the socket that is open. */
  readonly isReachable: boolean;
  /** Of the connection in use, which may be another one. */
  handleMedia(state: MediaConnectionState): void;
  /** What slots carry, or which tracks they have. */
  handleSlots(): void;
}

/** What a server says of it. */
export type MediaNews = Extract<
  ServerMessage,
  { type: 'slots' | 'encodings' | 'move' | 'moveUndone' | 'transfer' | 'access' }
>;

export class MeetingMedia {
  readonly #stay: MediaStay;
  readonly #route: MediaRoute;
  readonly #relocation: Relocation;
  readonly #wayIn: WayIn;
  readonly #watch: MediaWatch<MediaWay>;

  /** `known`: by which way media went a moment ago, in another meeting. */
  constructor(options: Omit<MediaOptions, 'onState'>, stay: MediaStay, known: Step | undefined) {
    this.#stay = stay;
    this.#wayIn = this.#newWayIn(known);
    this.#route = new MediaRoute({ ...options, onState: (state) => this.#handleState(state) }, this.#wayIn.usual);
    this.#relocation = this.#newRelocation();
    this.#watch = new MediaWatch(() => this.#watched, {
      // If the whole zone is gone, the socket may not know it for long.
      doubtful: () => {
        stay.signalling.doubt();
        this.#wayIn.handleDoubt();
      },
      silent: () => {
        stay.signalling.send({ type: 'mediaLost' });
        this.#wayIn.handleSilent();
      },
      heard: () => this.#wayIn.handleHeard(),
    });
  }

  /** What is shown and heard: another one after a move and after a fresh start. */
  get current(): MediaWay {
    return this.#route.current;
  }

  /** Of the first connection, and of that of a fresh start: made while the socket is still opening. */
  get offer(): ReturnType<MediaWay['offer']> {
    return this.#route.offer;
  }

  /** By which way media goes, and what was tried before. */
  get wayIn(): WayReport {
    return this.#wayIn.report;
  }

  /** The way by which media goes, or went last. */
  get step(): Step | undefined {
    return this.#wayIn.step;
  }

  /** Nothing comes. */
  get isSilent(): boolean {
    return this.#watch.isSilent;
  }

  /** It has failed, and nothing is under way that may bring another one. */
  get isLost(): boolean {
    return this.current.state === 'failed' && !this.#relocation.isUnderWay && !this.#wayIn.isSearching;
  }

  /** Opens signalling where no WebSocket does; `urls` are those of WebSockets. */
  openOtherDoor(urls: readonly string[]): SignallingSocket {
    return new HttpSocket(urls, this.#wayIn.known);
  }

  /** The first connection, or that of a fresh start, knows where to go. */
  handleAnswered(): void {
    this.#wayIn.handleAnswered();
  }

  /** As the server says when we are in. Until then there is nothing but the straight way. */
  handleAccess(access: AccessEntry): void {
    this.#wayIn.handleAccess(access);
  }

  receive(message: MediaNews): void {
    switch (message.type) {
      case 'slots':
        this.#route.spokenOf.contents.apply(message.slots);
        this.#stay.handleSlots();
        break;
      case 'encodings':
        void this.#route.spokenOf.setDemand(message.source, message.encodings);
        break;
      case 'move':
        void this.#relocation.move(message.reason);
        break;
      case 'moveUndone':
        this.#relocation.undo(message.slots);
        this.#stay.handleSlots();
        break;
      case 'transfer':
        this.#relocation.transfer(this.#stay.signalling.usable(signallingUrls(message.urls)));
        break;
      case 'access':
        this.#wayIn.handleOtherAccess(message.access);
        break;
    }
  }

  /** All slots, said anew. */
  reset(slots: readonly SlotEntry[]): void {
    this.#route.spokenOf.contents.reset(slots);
  }

  /** They have left the meeting. */
  forget(participants: readonly string[]): void {
    this.#route.forget(participants);
  }

  /** Sends a track from now on, or nothing. */
  async send(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#route.send(kind, track);
  }

  /** What a zone that we are about to go to is to know as well. */
  tell(message: Exclude<ClientMessage, { id: number }>): void {
    this.#relocation.send(message);
  }

  /** On a new transport, of which no router knows yet. */
  startAfresh(): void {
    this.#relocation.abandon();
    this.#route.startAfresh();
  }

  /** `lingerMs`: for how long connections stay. */
  close(lingerMs: number): void {
    this.#watch.close();
    this.#wayIn.close();
    this.#relocation.abandon(lingerMs);
    this.#route.close(lingerMs);
  }

  /** While the server has it go elsewhere, nothing needs to be said of it. */
  get #watched(): MediaWay | undefined {
    return this.#stay.session === undefined || this.#relocation.isMoving ? undefined : this.current;
  }

  #handleState(state: MediaConnectionState): void {
    this.#stay.handleMedia(state);
    if (state === 'connected') this.#wayIn.handleConnected();
    if (state === 'failed') this.#wayIn.handleLost();
    if (this.isLost) this.#stay.startAfresh();
  }

  #newRelocation(): Relocation {
    const media = this;
    const stay = this.#stay;
    return new Relocation(this.#route, {
      get session() {
        return stay.session;
      },
      get signalling() {
        return stay.signalling;
      },
      get isSilent() {
        return media.isSilent;
      },
      get present() {
        return stay.present;
      },
      muted: () => stay.muted(),
      state: () => stay.state(),
      wayTo: (transfer) => this.#wayIn.wayTo(transfer && elsewhere(transfer)),
      handleAccess: (access) => this.#wayIn.handleAccess(access),
      resumedBy: (session) => stay.resumedBy(session),
      setAudioOnly: (isAudioOnly) => stay.setAudioOnly(isAudioOnly),
      shown: () => {
        stay.handleMedia(this.current.state);
        this.#wayIn.handleConnected();
        stay.handleSlots();
      },
      settleIn: (transfer) => stay.settleIn(transfer),
      startAfresh: () => stay.startAfresh(),
    });
  }

  #newWayIn(known: Step | undefined): WayIn {
    const media = this;
    const stay = this.#stay;
    return new WayIn(
      {
        get url() {
          return stay.url;
        },
        get media() {
          return media.current;
        },
        get isReachable() {
          return stay.isReachable;
        },
        get isOrdered() {
          return media.#relocation.isOrdered;
        },
        get entry() {
          return entryOf(stay.signalling);
        },
        detour: (make) => this.#relocation.detour(make),
        stay: () => this.#relocation.stay(),
        wayIn: (report) => stay.signalling.send({ type: 'wayIn', ...report }),
        exhausted: () => {
          if (this.isLost) stay.startAfresh();
        },
      },
      known,
    );
  }
}

function entryOf({ socket }: SignallingConnection): HttpSocket['entry'] {
  return socket instanceof HttpSocket ? socket.entry : undefined;
}

function elsewhere({ access, signalling }: ZoneTransfer): Elsewhere {
  return { access, entry: entryOf(signalling) };
}
