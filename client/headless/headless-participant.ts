/**
 * A participant without a screen: joins over WSS as a browser does, sends real RTP and counts what arrives in its
 * slots. For tests and load; several may live in one process.
 */
import type { RosterEntry, SlotEntry, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import { MediaWatch } from '../sdk/media-watch.ts';
import { HeadlessMedia, type HeadlessMediaOptions } from './headless-media.ts';
import { Reception } from './reception.ts';
import { SignallingError, type SignallingNotice, SignallingSocket } from './signalling-socket.ts';

export interface HeadlessOptions extends Omit<HeadlessMediaOptions, 'audioSlots' | 'videoSlots' | 'reception'> {
  /** Of the page or of the socket. */
  readonly url: string;
  readonly meeting: string;
  readonly passcode?: string;
  /** Default 3 and 9, as the page has. */
  readonly audioSlots?: number;
  readonly videoSlots?: number;
  /** Sources that start muted. */
  readonly muted?: readonly SourceKind[];
  /** PEM of a self-signed certificate to trust. */
  readonly trustedPem?: string;
  /** Every message that was not asked for, after the participant has taken note of it. */
  readonly onNotice?: (notice: SignallingNotice) => void;
}

const PING_INTERVAL_MS = 10_000;
const CONNECT_DEADLINE_MS = 15_000;

export class HeadlessParticipant {
  /** Gaps in what arrives, over all connections. */
  readonly reception = new Reception();
  /** Moves to another router that were carried through. */
  moves = 0;
  #media: HeadlessMedia;
  /** To another router, while that move is under way. */
  #next: HeadlessMedia | undefined;
  readonly #options: HeadlessOptions;
  readonly #roster = new Map<string, RosterEntry>();
  readonly #slots = new Map<string, SlotEntry>();
  readonly #stateWaiters = new Set<() => void>();
  /** As the page's: nothing is said of media while a move is under way. */
  readonly #watch = new MediaWatch<HeadlessMedia>(
    () => (this.#next === undefined ? this.#media : undefined),
    () => this.#socket?.send({ type: 'mediaLost' }),
  );
  #socket: SignallingSocket | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #self: { readonly participant: string; readonly session: string } | undefined;
  /** Where the zone is reached; the one in use first. */
  #urls: readonly string[];
  #speakers: readonly string[] = [];
  #end: string | undefined;
  #muted: SourceKind[];
  #view: ViewEntry[] | undefined;

  private constructor(options: HeadlessOptions) {
    this.#options = options;
    this.#urls = [options.url];
    this.#muted = [...(options.muted ?? [])];
    this.#media = this.#newMedia();
  }

  #newMedia(): HeadlessMedia {
    const { audioSlots = 3, videoSlots = 9 } = this.#options;
    return new HeadlessMedia({ ...this.#options, audioSlots, videoSlots, reception: this.reception }, () => {
      for (const waiter of this.#stateWaiters) waiter();
    });
  }

  /**
   * Resolves when the participant is in the meeting and its media is connected. Rejects with SignallingError (the
   * server's code) or with Error when the media does not connect in 15 s.
   */
  static async join(options: HeadlessOptions): Promise<HeadlessParticipant> {
    const participant = new HeadlessParticipant(options);
    try {
      await participant.#join();
      await participant.#connected(participant.#media);
      return participant;
    } catch (error) {
      participant.close();
      throw error;
    }
  }

  /** Another one after a move. */
  get media(): HeadlessMedia {
    return this.#media;
  }

  get id(): string {
    return this.#self?.participant ?? '';
  }

  /** Everyone in the meeting, this participant included if the server says so. */
  get roster(): readonly RosterEntry[] {
    return [...this.#roster.values()];
  }

  /** What each slot carries, as the server says. */
  get slots(): readonly SlotEntry[] {
    return [...this.#slots.values()];
  }

  /** Who speaks now, the dominant speaker first; nobody in silence. */
  get speakers(): readonly string[] {
    return this.#speakers;
  }

  /** Why the server ended it; undefined while it goes on. */
  get end(): string | undefined {
    return this.#end;
  }

  setView(view: ViewEntry[]): void {
    this.#view = view;
    this.#socket?.send({ type: 'view', view });
  }

  setMuted(source: SourceKind, muted: boolean): void {
    this.#muted = muted ? [...new Set([...this.#muted, source])] : this.#muted.filter((each) => each !== source);
    for (const media of [this.#media, this.#next]) media?.setMuted(source, muted);
    this.#socket?.send({ type: 'mute', source, muted });
  }

  /**
   * Cuts the WebSocket as a lost network does, and resumes the session over a new one: with the same controller, or the
   * first of the others that answers. Media goes on all the time.
   */
  async reconnect(): Promise<void> {
    const session = this.#self?.session;
    if (session === undefined) throw new Error('not in a meeting');
    this.#socket?.terminate();
    await this.#openSocket();
    const reply = await this.#socketOrThrow().request({ type: 'resume', session });
    if (reply.type !== 'resumed') throw new Error(`resume was answered by ${reply.type}`);
    this.#takeState(reply);
  }

  /** Leaves in good order: says so, then closes. */
  leave(): void {
    this.#socket?.send({ type: 'leave' });
    this.close();
  }

  /** Ends everything at once. */
  close(): void {
    this.#watch.close();
    clearInterval(this.#pinger);
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#media.close();
    this.#next?.close();
  }

  async #join(): Promise<void> {
    await this.#openSocket();
    const { meeting, passcode, name } = this.#options;
    const { offer, sources } = this.#offer(this.#media);
    const reply = await this.#socketOrThrow().request({
      type: 'join',
      meeting,
      name,
      offer,
      sources,
      muted: this.#muted,
      ...(passcode === undefined ? {} : { passcode }),
    });
    if (reply.type !== 'joined') throw new Error(`join was answered by ${reply.type}`);
    this.#takeState(reply);
    this.#media.acceptAnswer(reply.answer);
  }

  #offer(media: HeadlessMedia): ReturnType<HeadlessMedia['createOffer']> {
    for (const kind of this.#muted) media.setMuted(kind, true);
    return media.createOffer();
  }

  /** The server wants media to go by another router. The old connection goes when the new one is up. */
  async #move(): Promise<void> {
    clearTimeout(this.#retry);
    this.#next?.close();
    const next = this.#newMedia();
    this.#next = next;
    try {
      const reply = await this.#socketOrThrow().request({ type: 'move', ...this.#offer(next), muted: this.#muted });
      if (reply.type !== 'moved') throw new Error(`move was answered by ${reply.type}`);
      if (this.#self !== undefined) this.#self = { ...this.#self, session: reply.session };
      this.#slots.clear();
      for (const slot of reply.slots) this.#slots.set(slot.mid, slot);
      next.acceptAnswer(reply.answer);
      if (this.#view !== undefined) this.setView(this.#view);
      await this.#connected(next);
    } catch (error) {
      next.close();
      if (this.#next === next) this.#next = undefined;
      if (error instanceof SignallingError && error.retryAfterMs !== undefined) {
        this.#retry = setTimeout(() => void this.#move(), error.retryAfterMs);
      }
      return;
    }
    if (this.#next !== next) return;
    this.#next = undefined;
    this.#media.close();
    this.#media = next;
    this.moves++;
    this.#socket?.send({ type: 'moveDone' });
  }

  async #openSocket(): Promise<void> {
    clearInterval(this.#pinger);
    const socket = await this.#openFirst();
    this.#socket = socket;
    this.#pinger = setInterval(() => socket.send({ type: 'ping' }), PING_INTERVAL_MS);
  }

  async #openFirst(): Promise<SignallingSocket> {
    for (const [index, url] of this.#urls.entries()) {
      try {
        const onNotice = (notice: SignallingNotice) => this.#handleNotice(notice);
        const socket = await SignallingSocket.open(url, onNotice, () => {}, this.#options.trustedPem);
        this.#urls = [url, ...this.#urls.filter((each) => each !== url)];
        return socket;
      } catch (error) {
        if (index === this.#urls.length - 1) throw error;
      }
    }
    throw new Error('no address of the zone');
  }

  #socketOrThrow(): SignallingSocket {
    if (this.#socket === undefined) throw new Error('no signalling socket');
    return this.#socket;
  }

  #takeState(state: {
    readonly self: { readonly participant: string; readonly session: string };
    readonly roster: readonly RosterEntry[];
    readonly slots: readonly SlotEntry[];
    readonly speakers: readonly string[];
    readonly controllers: readonly string[];
  }): void {
    this.#self = state.self;
    this.#urls = [...new Set([...this.#urls.slice(0, 1), ...state.controllers])];
    this.#roster.clear();
    for (const entry of state.roster) this.#roster.set(entry.participant, entry);
    this.#slots.clear();
    for (const slot of state.slots) this.#slots.set(slot.mid, slot);
    this.#speakers = state.speakers;
  }

  #handleNotice(notice: SignallingNotice): void {
    switch (notice.type) {
      case 'roster':
        for (const entry of notice.changed) this.#roster.set(entry.participant, entry);
        for (const participant of notice.left) this.#roster.delete(participant);
        break;
      case 'slots':
        for (const slot of notice.slots) this.#slots.set(slot.mid, slot);
        break;
      case 'speakers':
        this.#speakers = notice.speakers;
        break;
      case 'controllers':
        this.#urls = [...new Set([...this.#urls.slice(0, 1), ...notice.controllers])];
        break;
      case 'move':
        void this.#move();
        break;
      case 'left':
        this.#end = notice.reason;
        break;
      case 'error':
        if (notice.code === 'meetingLost' || notice.code === 'sessionExpired') this.#end = notice.code;
        break;
    }
    this.#options.onNotice?.(notice);
  }

  #connected(media: HeadlessMedia): Promise<void> {
    if (media.state === 'connected') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#stateWaiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const waiter = (): void => {
        const { state } = media;
        if (state === 'connected') finish();
        else if (state === 'failed' || state === 'closed') finish(new Error(`media ${state}`));
      };
      const timer = setTimeout(() => finish(new Error('media not connected in time')), CONNECT_DEADLINE_MS);
      this.#stateWaiters.add(waiter);
    });
  }
}
