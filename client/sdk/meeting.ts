/** A person's stay in a meeting, as a page sees it: who is there, what arrives, what we send, and what can be done. */
import type { ClientMessage, RosterEntry, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import { Emitter } from './emitter.ts';
import { SCREEN_FRAME_RATE } from './encoding-plan.ts';
import { LocalSources } from './local-sources.ts';
import type { Slot } from './media-connection.ts';
import type { ConnectionState, MeetingEvents, MeetingOptions, SourceStatistics } from './meeting-events.ts';
import { MeetingSession } from './meeting-session.ts';
import type { Quality } from './meeting-state.ts';
import type { SlotContent } from './slot-contents.ts';
import { StatisticsReader } from './statistics.ts';

const SOURCES = ['microphone', 'camera', 'screen'] as const;

type StateMessage = Exclude<ClientMessage, { id: number }>;

export class Meeting {
  readonly #options: MeetingOptions;
  readonly #events = new Emitter<MeetingEvents>();
  readonly #local: LocalSources;
  readonly #session: MeetingSession;
  readonly #statistics = new StatisticsReader();
  #view: ViewEntry[] = [];

  /** Use `joinMeeting`, which waits until the server has let us in. */
  constructor(options: MeetingOptions) {
    this.#options = options;
    this.#local = new LocalSources((kind) => this.#sourceEnded(kind));
    if (options.microphone !== undefined) this.#local.start('microphone', options.microphone);
    if (options.camera !== undefined) this.#local.start('camera', options.camera);
    this.#session = new MeetingSession(options, {
      local: this.#local,
      events: this.#events,
      state: () => [...SOURCES.map((source) => this.#muteMessage(source)), ...this.#viewMessages()],
    });
  }

  /** Resolves when the server has let us in. @throws MeetingError why it has not. */
  get entered(): Promise<void> {
    return this.#session.entered;
  }

  get id(): string {
    return this.#options.meeting;
  }

  get passcode(): string {
    return this.#options.passcode;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Devices that could not be opened when we joined, one plain sentence each. */
  get notices(): readonly string[] {
    return this.#options.notices;
  }

  /** Our own participant id. Another one after media was lost and everything started afresh. */
  get self(): string {
    return this.#session.self;
  }

  /** The others, in the order of their arrival. */
  get others(): RosterEntry[] {
    return [...this.#session.state.roster.values()].filter((entry) => entry.participant !== this.self);
  }

  /** Who speaks now, oneself too; the dominant speaker first, nobody in silence. */
  get speakers(): readonly string[] {
    return this.#session.state.speakers;
  }

  /** How good somebody's connection is, ours too; undefined while that is not known. */
  qualityOf(participant: string): Quality | undefined {
    return this.#session.state.qualities.get(participant);
  }

  get connection(): ConnectionState {
    return this.#session.connection;
  }

  /** The zone has room for sound only: no picture comes or goes, until there is room. */
  get isAudioOnly(): boolean {
    return this.#session.isAudioOnly;
  }

  /** All slots by mid, with the track that each of them keeps until media goes another way or starts afresh. */
  get slots(): Map<string, Slot> {
    return this.#session.media.slots();
  }

  /** What a slot carries now. */
  slotContent(mid: string): SlotContent | undefined {
    return this.#session.media.contents.get(mid);
  }

  /** The track in which somebody else's source arrives at the moment; undefined when no slot carries it. */
  trackOf(participant: string, kind: SourceKind): MediaStreamTrack | undefined {
    const mid = this.#session.media.contents.slotOf(participant, kind);
    return mid === undefined ? undefined : this.slots.get(mid)?.track;
  }

  /** Whether somebody else's picture stands still because our bandwidth does not allow it. */
  isSuspended(participant: string, kind: SourceKind): boolean {
    const mid = this.#session.media.contents.slotOf(participant, kind);
    return mid !== undefined && this.slotContent(mid)?.suspended === true;
  }

  /** Our own live track; undefined while muted, stopped or not sharing. */
  localTrack(kind: SourceKind): MediaStreamTrack | undefined {
    return this.#local.liveTrack(kind);
  }

  isLive(kind: SourceKind): boolean {
    return this.#local.isLive(kind);
  }

  /** Returns the function that takes the listener away again. */
  on<Name extends keyof MeetingEvents>(name: Name, listener: (event: MeetingEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /** Mutes, or opens the device if need be and unmutes. A device that cannot be opened is a `notice`. */
  async setMuted(kind: 'microphone' | 'camera', muted: boolean): Promise<void> {
    if (muted) {
      this.#local.stop(kind);
    } else {
      const problem = await this.#local.resume(kind);
      if (problem !== undefined) this.#events.emit('notice', problem);
    }
    await this.#sourceChanged(kind);
  }

  /** Takes a device that was opened elsewhere, for example one whose permission came after joining. */
  async useDevice(kind: 'microphone' | 'camera', track: MediaStreamTrack): Promise<void> {
    this.#local.start(kind, track);
    await this.#sourceChanged(kind);
  }

  /** Asks which screen to share and shares it. Changing one's mind in the browser's dialogue is no error. */
  async shareScreen(): Promise<void> {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: SCREEN_FRAME_RATE } });
    } catch (error) {
      const declined = error instanceof DOMException && error.name === 'NotAllowedError';
      if (!declined) this.#events.emit('notice', 'The screen could not be shared.');
      return;
    }
    const [track] = stream.getVideoTracks();
    if (track === undefined) return;
    track.contentHint = 'detail';
    this.#local.start('screen', track);
    await this.#sourceChanged('screen');
  }

  async stopSharing(): Promise<void> {
    this.#local.stop('screen');
    await this.#sourceChanged('screen');
  }

  /** What to see in which video slot. Slots not named stay as they are. */
  view(entries: ViewEntry[]): void {
    const named = new Set(entries.map(({ mid }) => mid));
    this.#view = [...this.#view.filter(({ mid }) => !named.has(mid)), ...entries];
    this.#session.send({ type: 'view', view: entries });
  }

  /** Of every stream that carries something, ours and others', since the last call. */
  async statistics(): Promise<SourceStatistics[]> {
    const streams = this.#statistics.read(await this.#session.media.peer.getStats());
    return streams.flatMap((stream) => {
      const owner = stream.direction === 'sent' ? this.#ownSource(stream.mid) : this.slotContent(stream.mid);
      if (owner === undefined) return [];
      const { participant, kind: source, suspended } = owner;
      const isOurs = stream.direction === 'sent';
      const demand = isOurs ? this.#session.media.demandOf(source, stream.rid) : undefined;
      const asked = isOurs ? undefined : this.#view.find(({ mid }) => mid === stream.mid);
      return [{ ...stream, participant, source, suspended, demand, askedHeight: asked?.maxHeight }];
    });
  }

  /** Leaves the meeting and gives all devices back. */
  leave(): void {
    this.#session.leave();
  }

  /** Media first: by the time the server forwards the source, packets of it are on their way. */
  async #sourceChanged(kind: SourceKind): Promise<void> {
    // Something may have been opened while we left.
    if (this.#session.isOver) {
      this.#local.close();
      return;
    }
    this.#events.emit('local', kind);
    await this.#session.sendMedia(kind, this.#local.liveTrack(kind));
    this.#session.send(this.#muteMessage(kind));
  }

  #sourceEnded(kind: SourceKind): void {
    this.#local.stop(kind);
    if (kind !== 'screen') this.#events.emit('notice', `Your ${kind} was disconnected.`);
    void this.#sourceChanged(kind);
  }

  #muteMessage(source: SourceKind): StateMessage {
    return { type: 'mute', source, muted: !this.#local.isLive(source) };
  }

  #viewMessages(): StateMessage[] {
    return this.#view.length === 0 ? [] : [{ type: 'view', view: this.#view }];
  }

  #ownSource(mid: string): SlotContent | undefined {
    const kind = SOURCES.find((each) => this.#session.media.sourceMid(each) === mid);
    return kind === undefined ? undefined : { participant: this.self, kind, suspended: false };
  }
}
