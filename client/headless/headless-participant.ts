/**
 * A participant without a screen: joins over WSS as a browser does, sends real RTP and counts what arrives in its
 * slots. For tests and load; several may live in one process.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { MeetingAct, RosterEntry, SlotEntry, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import { backOffMs } from '../sdk/back-off.ts';
import { MediaWatch } from '../sdk/media-watch.ts';
import { zoneOfSession } from '../sdk/zone-of-session.ts';
import { HeadlessMedia, type HeadlessMediaOptions } from './headless-media.ts';
import { HeadlessSignalling } from './headless-signalling.ts';
import { transfer } from './headless-transfer.ts';
import { Reception } from './reception.ts';
import { SignallingError, type SignallingNotice } from './signalling-socket.ts';

export interface HeadlessOptions extends Omit<HeadlessMediaOptions, 'audioSlots' | 'videoSlots' | 'reception'> {
  /** Of the page or of the socket. */
  readonly url: string;
  readonly meeting: string;
  readonly passcode?: string;
  /** Makes the participant a host. */
  readonly hostKey?: string;
  /** Default 3 and 9, as the page has. */
  readonly audioSlots?: number;
  readonly videoSlots?: number;
  /** Round trips to zones, milliseconds. */
  readonly roundTrips?: Readonly<Record<string, number>>;
  /** Comes back by itself when the socket is lost, as the page does. */
  readonly resumes?: boolean;
  /** Sources that start muted. */
  readonly muted?: readonly SourceKind[];
  /** PEM of a self-signed certificate to trust. */
  readonly trustedPem?: string;
  /** Every message that was not asked for, after the participant has taken note of it. */
  readonly onNotice?: (notice: SignallingNotice) => void;
}

const CONNECT_DEADLINE_MS = 15_000;

export class HeadlessParticipant {
  /** Gaps in what arrives, over all connections. */
  readonly reception = new Reception();
  /** Moves to another router that were carried through. */
  moves = 0;
  /** Of them, those to another zone while the one before went on. */
  transfers = 0;
  #isClosed = false;
  #isTransferring = false;
  #media: HeadlessMedia;
  /** To another router, while that move is under way. */
  #next: HeadlessMedia | undefined;
  readonly #options: HeadlessOptions;
  readonly #roster = new Map<string, RosterEntry>();
  readonly #slots = new Map<string, SlotEntry>();
  readonly #stateWaiters = new Set<() => void>();
  /** As the page's: nothing is said of media while a move is under way. */
  readonly #watch = new MediaWatch<HeadlessMedia>(() => (this.#next === undefined ? this.#media : undefined), {
    doubtful: () => void this.#signalling.doubt(),
    silent: () => this.#signalling.send({ type: 'mediaLost' }),
  });
  readonly #signalling: HeadlessSignalling;
  #retry: NodeJS.Timeout | undefined;
  #self: { readonly participant: string; readonly session: string } | undefined;
  #speakers: readonly string[] = [];
  #end: string | undefined;
  #muted: SourceKind[];
  #view: ViewEntry[] | undefined;

  private constructor(options: HeadlessOptions) {
    this.#options = options;
    this.#signalling = new HeadlessSignalling({
      url: options.url,
      trustedPem: options.trustedPem,
      resumes: options.resumes === true,
      notice: (notice) => this.#handleNotice(notice),
      lost: () => this.#signallingLost(),
    });
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
   * Resolves when the participant is in the meeting and its media is connected; one who waits, when a host has let him
   * in. Rejects with SignallingError (the
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
    this.#signalling.send({ type: 'view', view });
  }

  setMuted(source: SourceKind, muted: boolean): void {
    this.#muted = muted ? [...new Set([...this.#muted, source])] : this.#muted.filter((each) => each !== source);
    for (const media of [this.#media, this.#next]) media?.setMuted(source, muted);
    this.#signalling.send({ type: 'mute', source, muted });
  }

  /** Changes the meeting for others, as far as the participant may. Rejects with SignallingError. */
  async act(act: MeetingAct): Promise<void> {
    await this.#signalling.request({ type: 'act', act });
  }

  /**
   * Cuts the WebSocket as a lost network does, and resumes the session over a new one: with the same controller, or the
   * first of the others that answers, also of other zones. Media goes on all the time.
   */
  async reconnect(): Promise<void> {
    const session = this.#self?.session;
    if (session === undefined) throw new Error('not in a meeting');
    this.#signalling.cut();
    const lostZone = () => (this.#watch.isSilent ? zoneOfSession(session) : undefined);
    const reply = await this.#signalling.ask({ type: 'resume', session }, lostZone);
    if (reply.type !== 'resumed') throw new Error(`resume was answered by ${reply.type}`);
    this.#takeState(reply);
  }

  /** Leaves in good order: says so, then closes. */
  leave(): void {
    this.#signalling.send({ type: 'leave' });
    this.close();
  }

  /** Ends everything at once. */
  close(): void {
    this.#isClosed = true;
    this.#watch.close();
    clearTimeout(this.#retry);
    this.#signalling.close();
    this.#media.close();
    this.#next?.close();
  }

  async #join(): Promise<void> {
    const { meeting, passcode, hostKey, name, roundTrips } = this.#options;
    const { offer, sources } = this.#offer(this.#media);
    const reply = await this.#signalling.ask({
      type: 'join',
      meeting,
      name,
      offer,
      sources,
      muted: this.#muted,
      ...(passcode === undefined ? {} : { passcode }),
      ...(hostKey === undefined ? {} : { hostKey }),
      ...(roundTrips === undefined ? {} : { roundTrips }),
    });
    if (reply.type !== 'joined') throw new Error(`join was answered by ${reply.type}`);
    this.#takeState(reply);
    this.#media.acceptAnswer(reply.answer);
  }

  /** The socket is gone: until another one goes on with the stay. */
  async #comeBack(): Promise<void> {
    for (let attempt = 0; !this.#isClosed && this.#end === undefined && !this.#signalling.isOpen; attempt++) {
      try {
        await this.reconnect();
        if (this.#view !== undefined) this.setView(this.#view);
        for (const source of this.#muted) this.#signalling.send({ type: 'mute', source, muted: true });
      } catch (error) {
        const isOver = error instanceof SignallingError && error.code === 'sessionExpired';
        if (isOver) this.#end = error.code;
        else await pause(backOffMs(attempt, Math.random()));
      }
    }
  }

  #signallingLost(): void {
    if (!this.#isClosed && this.#options.resumes === true) void this.#comeBack();
  }

  /** The zone wants to be empty. When it comes to nothing, it asks again. */
  async #transfer(urls: readonly string[]): Promise<void> {
    const session = this.#self?.session;
    if (session === undefined || this.#isTransferring || this.#next !== undefined) return;
    this.#isTransferring = true;
    const next = this.#newMedia();
    this.#next = next;
    try {
      const { socket, resumed, moved, take } = await transfer({
        urls,
        session,
        trustedPem: this.#options.trustedPem,
        before: this.#media,
        next,
        move: async (by) => {
          const reply = await by.request({ type: 'move', ...this.#offer(next), muted: this.#muted });
          if (reply.type !== 'moved') throw new Error(`move was answered by ${reply.type}`);
          if (this.#view !== undefined) by.send({ type: 'view', view: this.#view });
          return reply;
        },
        connected: () => this.#connected(next),
        present: () => this.roster.filter(({ connected }) => connected).map(({ participant }) => participant),
        notice: (notice) => this.#handleNotice(notice),
        closed: (by) => this.#signalling.closed(by),
      });
      const before = this.#signalling.use(socket);
      this.#takeState({ ...resumed, self: { ...resumed.self, session: moved.session }, slots: moved.slots });
      this.#signalling.prefer(urls);
      take();
      this.#media.close();
      this.#media = next;
      this.moves++;
      this.transfers++;
      socket.send({ type: 'moveDone' });
      before?.send({ type: 'leave' });
      before?.close();
    } catch {
      // As before.
    } finally {
      if (this.#next === next) this.#next = undefined;
      this.#isTransferring = false;
    }
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
      const reply = await this.#signalling.request({ type: 'move', ...this.#offer(next), muted: this.#muted });
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
    this.#signalling.send({ type: 'moveDone' });
  }

  #takeState(state: {
    readonly self: { readonly participant: string; readonly session: string };
    readonly roster: readonly RosterEntry[];
    readonly slots: readonly SlotEntry[];
    readonly speakers: readonly string[];
    readonly controllers: readonly string[];
  }): void {
    this.#self = state.self;
    this.#signalling.learn(state.controllers);
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
        this.#signalling.learn(notice.controllers);
        break;
      case 'move':
        void this.#move();
        break;
      case 'transfer':
        void this.#transfer(notice.urls);
        break;
      case 'muted':
        this.setMuted(notice.source, true);
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
