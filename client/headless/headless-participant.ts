/**
 * A participant without a screen: joins over WSS as a browser does, sends real RTP and counts what arrives in its
 * slots. For tests and load; several may live in one process.
 */
import type { RosterEntry, SlotEntry, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import { HeadlessMedia, type HeadlessMediaOptions, type MediaState } from './headless-media.ts';
import { type SignallingNotice, SignallingSocket } from './signalling-socket.ts';

export interface HeadlessOptions extends Omit<HeadlessMediaOptions, 'audioSlots' | 'videoSlots'> {
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
  readonly media: HeadlessMedia;
  readonly #options: HeadlessOptions;
  readonly #roster = new Map<string, RosterEntry>();
  readonly #slots = new Map<string, SlotEntry>();
  readonly #stateWaiters = new Set<(state: MediaState) => void>();
  #socket: SignallingSocket | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #self: { readonly participant: string; readonly session: string } | undefined;
  #speakers: readonly string[] = [];
  #end: string | undefined;

  private constructor(options: HeadlessOptions) {
    this.#options = options;
    this.media = new HeadlessMedia(
      { ...options, audioSlots: options.audioSlots ?? 3, videoSlots: options.videoSlots ?? 9 },
      (state) => {
        for (const waiter of this.#stateWaiters) waiter(state);
      },
    );
  }

  /**
   * Resolves when the participant is in the meeting and its media is connected. Rejects with SignallingError (the
   * server's code) or with Error when the media does not connect in 15 s.
   */
  static async join(options: HeadlessOptions): Promise<HeadlessParticipant> {
    const participant = new HeadlessParticipant(options);
    try {
      await participant.#join();
      await participant.#connected();
      return participant;
    } catch (error) {
      participant.close();
      throw error;
    }
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
    this.#socket?.send({ type: 'view', view });
  }

  setMuted(source: SourceKind, muted: boolean): void {
    this.media.setMuted(source, muted);
    this.#socket?.send({ type: 'mute', source, muted });
  }

  /** Cuts the WebSocket as a lost network does, and resumes the session over a new one. Media goes on all the time. */
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
    clearInterval(this.#pinger);
    this.#socket?.close();
    this.media.close();
  }

  async #join(): Promise<void> {
    await this.#openSocket();
    const { meeting, passcode, name, muted = [] } = this.#options;
    const { offer, sources } = this.media.createOffer();
    for (const kind of muted) this.media.setMuted(kind, true);
    const reply = await this.#socketOrThrow().request({
      type: 'join',
      meeting,
      name,
      offer,
      sources,
      muted: [...muted],
      ...(passcode === undefined ? {} : { passcode }),
    });
    if (reply.type !== 'joined') throw new Error(`join was answered by ${reply.type}`);
    this.#takeState(reply);
    this.media.acceptAnswer(reply.answer);
  }

  async #openSocket(): Promise<void> {
    const { url, trustedPem } = this.#options;
    clearInterval(this.#pinger);
    this.#socket = await SignallingSocket.open(
      url,
      (notice) => this.#handleNotice(notice),
      () => {},
      trustedPem,
    );
    const socket = this.#socket;
    this.#pinger = setInterval(() => socket.send({ type: 'ping' }), PING_INTERVAL_MS);
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
  }): void {
    this.#self = state.self;
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
      case 'left':
        this.#end = notice.reason;
        break;
      case 'error':
        if (notice.code === 'meetingLost' || notice.code === 'sessionExpired') this.#end = notice.code;
        break;
    }
    this.#options.onNotice?.(notice);
  }

  #connected(): Promise<void> {
    if (this.media.state === 'connected') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#stateWaiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const waiter = (state: MediaState): void => {
        if (state === 'connected') finish();
        else if (state === 'failed' || state === 'closed') finish(new Error(`media ${state}`));
      };
      const timer = setTimeout(() => finish(new Error('media not connected in time')), CONNECT_DEADLINE_MS);
      this.#stateWaiters.add(waiter);
    });
  }
}
