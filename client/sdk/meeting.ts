/** A person's stay in a meeting, as a page sees it: who is there, what arrives, what we send, and what can be done. */
import type { ClientMessage, MeetingAct, Role, RosterEntry, SourceKind, ViewEntry } from '../../proto/signalling.ts';
import { Emitter } from './emitter.ts';
import { SCREEN_FRAME_RATE } from './encoding-plan.ts';
import { Journey } from './journey.ts';
import type { WayReport } from './ladder/way-in.ts';
import { LocalSources } from './local-sources.ts';
import type { Slot } from './media-connection.ts';
import type { ConnectionState, MeetingEvents, MeetingOptions, SourceStatistics } from './meeting-events.ts';
import type { MeetingRecord } from './meeting-record.ts';
import type { MeetingSession } from './meeting-session.ts';
import type { Quality } from './meeting-state.ts';
import { forbidsTurningOn, isHost, roleOf } from './own-rights.ts';
import type { SlotContent } from './slot-contents.ts';
import { StatisticsReader } from './statistics.ts';

const SOURCES = ['microphone', 'camera', 'screen'] as const;

type StateMessage = Exclude<ClientMessage, { id: number }>;

export class Meeting {
  readonly #options: MeetingOptions;
  readonly #events = new Emitter<MeetingEvents>();
  readonly #local: LocalSources;
  readonly #journey: Journey;
  readonly #statistics = new StatisticsReader();
  #view: ViewEntry[] = [];

  /** Use `joinMeeting`, which waits until the server has let us in. */
  constructor(options: MeetingOptions) {
    this.#options = options;
    this.#local = new LocalSources((kind) => this.#sourceEnded(kind));
    if (options.microphone !== undefined) this.#local.start('microphone', options.microphone);
    if (options.camera !== undefined) this.#local.start('camera', options.camera);
    this.#journey = new Journey(options, {
      local: this.#local,
      events: this.#events,
      state: () => [...SOURCES.map((source) => this.#muteMessage(source)), ...this.#viewMessages()],
      muted: (source) => this.#mutedByHost(source),
      arrived: () => {
        this.#view = [];
      },
    });
  }

  get #session(): MeetingSession {
    return this.#journey.session;
  }

  /** Resolves when the server has let us in. @throws MeetingError why it has not. */
  get entered(): Promise<void> {
    return this.#session.entered;
  }

  /** Of the meeting that was joined, also while we are in a breakout room of it. */
  get id(): string {
    return this.#options.meeting;
  }

  get passcode(): string {
    return this.#options.passcode;
  }

  /** What the meeting is called, also while we are in a breakout room of it; undefined when it has no title. */
  get title(): string | undefined {
    return this.#journey.title;
  }

  /** What the breakout room is called in which we are; undefined in the meeting itself. */
  get room(): string | undefined {
    return this.#journey.room;
  }

  /** Our own name, as others see it. */
  get name(): string {
    return this.#session.name;
  }

  /** Roles, hands, settings, chat, rooms, who waits. */
  get record(): MeetingRecord {
    return this.#session.state.record;
  }

  get role(): Role {
    return roleOf(this.record, this.self);
  }

  /** Co-hosts too. */
  get isHost(): boolean {
    return isHost(this.record, this.self);
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

  /** By which way media goes, and what was tried in vain before. */
  get wayIn(): WayReport {
    return this.#session.wayIn;
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

  /**
   * Changes the meeting for others; docs/meeting-state.md says who may do what. Resolves when it is done.
   *
   * @param hostKey Belongs to `claimHost`.
   * @throws MeetingError with words for people: `notAllowed`, `notPossible`, `tryAgain`, `unreachable` and so on.
   */
  async act(act: MeetingAct, hostKey?: string): Promise<void> {
    await this.#session.act(act, hostKey);
  }

  /** From a breakout room back to the meeting. */
  async goBack(): Promise<void> {
    await this.#journey.goBack();
  }

  /** Mutes, or opens the device if need be and unmutes. A device that cannot, or may not, be opened is a `notice`. */
  async setMuted(kind: 'microphone' | 'camera', muted: boolean): Promise<void> {
    if (muted) {
      this.#local.stop(kind);
    } else if (this.#isForbidden(kind)) {
      return;
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
    if (this.#isForbidden('screen')) return;
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
    const streams = this.#statistics.read(await this.#session.media.statistics());
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
    this.#journey.leave();
  }

  /** Media first: by the time the server forwards the source, packets of it are on their way. */
  async #sourceChanged(kind: SourceKind): Promise<void> {
    // Something may have been opened while we left.
    if (this.#journey.isOver) {
      this.#local.close();
      return;
    }
    this.#events.emit('local', kind);
    await Promise.all(this.#journey.sessions.map((session) => session.sendMedia(kind, this.#local.liveTrack(kind))));
    for (const session of this.#journey.sessions) session.send(this.#muteMessage(kind));
  }

  /** The others do not get it any more; here it is really off. */
  #mutedByHost(kind: SourceKind): void {
    if (!this.#local.isLive(kind)) return;
    this.#local.stop(kind);
    this.#events.emit('mutedByHost', kind);
    void this.#sourceChanged(kind);
  }

  /** Says why, too. */
  #isForbidden(kind: SourceKind): boolean {
    const why = forbidsTurningOn(this.record, this.self, kind);
    if (why !== undefined) this.#events.emit('notice', why);
    return why !== undefined;
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
