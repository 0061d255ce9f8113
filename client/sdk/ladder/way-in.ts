/** Finds the way by which media gets through, and a better one when there is one again: what the ladder says, done. */
import type { AccessEntry, ClientMessage, Rung, TriedRung } from '../../../proto/signalling.ts';
import { CARRIER_KINDS, type CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import { MediaConnection, type MediaOptions } from '../media-connection.ts';
import type { MoveEnd } from '../media-move.ts';
import type { WayMaker } from '../media-route.ts';
import type { MediaWay } from '../media-way.ts';
import type { MeetingError } from '../meeting-error.ts';
import { isTunnel, Ladder, type LadderAct, type Step } from './ladder.ts';
import { reachesRelay } from './probe-relay.ts';
import { reachesByUdp } from './probe-udp.ts';
import { rungOf, rungsOf, stepOf } from './rung.ts';
import { TunnelEntries } from './tunnel-entries.ts';
import { preloadTunnel, TunnelEntry } from './tunnel-entry.ts';

export interface WayReport {
  /** By which media goes, or went last; undefined until it has come. */
  readonly rung: Rung | undefined;
  readonly tried: readonly TriedRung[];
}

/** Whose media it is. */
export interface WayInOwner {
  /** Of the zone-controller in use. */
  readonly url: string;
  /** What is shown and heard. */
  readonly media: MediaWay;
  /** The server can be asked for something. */
  readonly isReachable: boolean;
  /** The server has a say in where media goes at the moment. */
  readonly isOrdered: boolean;
  /** By which signalling goes, where it does by a tunnel. */
  readonly entry: TunnelEntry | undefined;
  /** Another connection to the same router, made so, in place of one that is under way. */
  detour(make: WayMaker): Promise<MoveEnd>;
  /** Gives up the one that is under way. */
  stay(): void;
  /** Media goes by it from now on. */
  wayIn(report: Omit<Extract<ClientMessage, { type: 'wayIn' }>, 'type'>): void;
  /** There is no media, and no other way to get it. */
  exhausted(): void;
}

/** What is known of where media is to go. */
export interface Elsewhere {
  readonly access: AccessEntry | undefined;
  /** By which signalling goes there, where it does by a tunnel. */
  readonly entry: TunnelEntry | undefined;
}

const LOOK_MS = 100;
const MAX_WHY = 64;
const MAX_MS = 3_600_000;
const NO_ACCESS: AccessEntry = { turn: [], tunnels: [], ticket: '' };
/** Before what the server could not do at the moment is asked for again. */
const PAUSE_MS = 500;

export class WayIn {
  readonly #owner: WayInOwner;
  readonly #ladder: Ladder;
  readonly #entries = new TunnelEntries();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #onNetwork = () => this.#ladder.handleNetworkChange(performance.now());
  #access = NO_ACCESS;
  /** By which each connection was made. */
  readonly #steps = new WeakMap<MediaWay, Step>();
  /** What media tries. */
  #tried: MediaWay | undefined;
  #rung: Rung | undefined;
  /** Of signalling, and of use for the search that is going on. */
  #adopted: TunnelEntry | undefined;
  #wasSearching = false;
  #isOver = false;

  /** `known`: by which media went a moment ago, in another meeting. */
  constructor(owner: WayInOwner, known: Step | undefined) {
    this.#owner = owner;
    this.#ladder = new Ladder(known);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    window.addEventListener('online', this.#onNetwork);
    networkInformation()?.addEventListener('change', this.#onNetwork);
  }

  /** The first connection, and that of a fresh start: by what cannot fail. Where a tunnel is needed, the ladder is there at once. */
  readonly usual: WayMaker = (options) => {
    const { inUse } = this.#ladder;
    return this.#make(inUse === undefined || inUse === 'direct' ? 'direct' : 'relay', options);
  };

  /** As the one in use, to where the server wants media. `there`: in another zone, where its own ways lead. */
  async wayTo(there: Elsewhere | undefined): Promise<WayMaker> {
    const step = this.#ladder.inUse ?? 'direct';
    const access = there?.access ?? this.#access;
    if (!isTunnel(step)) return (options) => this.#make(step, options, access);
    const { inUse } = this.#entries;
    const known = there === undefined && inUse?.isFree ? inUse : there?.entry;
    try {
      const others = CARRIER_KINDS.filter((kind) => kind !== step);
      const entry = known ?? (await TunnelEntry.open(access, [step, ...others]));
      this.#entries.expect(entry);
      await entry.loadMedia();
      return (options) => this.#keep(entry.kind, entry.connect(options), entry);
    } catch {
      // What else there is.
      return (options) => this.#make('relay', options, access);
    }
  }

  /** By which media goes, or went last. */
  get step(): Step | undefined {
    return this.#ladder.inUse;
  }

  /** A way may still be found. */
  get isSearching(): boolean {
    return this.#ladder.isSearching;
  }

  get report(): WayReport {
    return { rung: this.#rung, tried: this.#triedRungs() };
  }

  /** What signalling can go by, too. */
  get known(): { readonly entry: TunnelEntry | undefined; readonly access: AccessEntry } {
    return { entry: this.#entries.inUse, access: this.#access };
  }

  /** As the server says when we are in, and whenever it changes. Until then there is nothing but the straight way. */
  handleAccess(access: AccessEntry): void {
    this.#access = access;
    const relay = this.#access.turn.length > 0 ? (['relay'] as const) : [];
    this.#ladder.offer([...relay, ...(this.#access.tunnels.length > 0 ? CARRIER_KINDS : [])]);
  }

  /** As `handleAccess`, and who is not named any more is about to end. */
  handleOtherAccess(access: AccessEntry): void {
    const urls = new Set(access.turn.flatMap((entry) => entry.urls));
    const isLeft = this.#access.turn.some((entry) => entry.urls.some((url) => !urls.has(url)));
    this.handleAccess(access);
    if (isLeft && this.#rung?.startsWith('turn')) this.#ladder.handleEnding();
  }

  /** The first connection was answered, or that of a fresh start. */
  handleAnswered(): void {
    const { media } = this.#owner;
    this.#ladder.handleAnswered(performance.now(), this.#stepOf(media));
    if (media.state === 'connected') this.handleConnected();
    this.#look();
  }

  /** The connection in use is up, or another one that is. */
  handleConnected(): void {
    const { media } = this.#owner;
    this.#ladder.handleConnected(performance.now(), this.#stepOf(media));
    this.#entries.use(media);
    const entry = this.#entries.inUse;
    if (entry !== undefined) {
      entry.onMove = () => {
        if (this.#entries.inUse === entry) this.#ladder.handleEnding();
      };
    }
    this.#look();
    void this.#tell(media);
  }

  /** The connection in use has failed for good. */
  handleLost(): void {
    this.#ladder.handleLost(performance.now());
    this.#look();
  }

  /** Nothing has come by the connection in use for a moment. */
  handleDoubt(): void {
    this.#ladder.handleDoubt(performance.now());
  }

  /** Nothing comes by the connection in use. */
  handleSilent(): void {
    this.#ladder.handleSilent(performance.now());
  }

  /** Something comes again. */
  handleHeard(): void {
    this.#ladder.handleHeard(performance.now());
  }

  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    window.removeEventListener('online', this.#onNetwork);
    networkInformation()?.removeEventListener('change', this.#onNetwork);
    this.#entries.close();
  }

  #stepOf(media: MediaWay): Step {
    return this.#steps.get(media) ?? 'direct';
  }

  #make(step: Step, options: MediaOptions, access = this.#access): MediaWay {
    const servers = step === 'direct' ? [] : serversOf(access);
    return this.#keep(step, new MediaConnection(options, servers));
  }

  #keep(step: Step, media: MediaWay, entry?: TunnelEntry): MediaWay {
    this.#steps.set(media, step);
    if (entry !== undefined) this.#entries.bind(media, entry);
    return media;
  }

  #look(): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    const { isOrdered, isReachable, entry } = this.#owner;
    if (isOrdered) this.#ladder.handleMoved(nowMs);
    // It may still bring something, and what we send does not arrive: the router does not answer our checks.
    if (this.#owner.media.state === 'interrupted') this.#ladder.handleSilent(nowMs);
    const { inUse } = this.#entries;
    this.#adopt(inUse?.isFree ? inUse : entry);
    if (inUse?.isOpen && this.#rung !== undefined && this.#rung !== inUse.kind) void this.#tell(this.#owner.media);
    if (this.#tried !== undefined) this.#ladder.handleProspect(this.#stepOf(this.#tried), this.#tried.prospect);
    const acts = this.#ladder.poll(nowMs, isReachable && !isOrdered);
    if (acts.length > 0 && this.#ladder.isSearching && this.#access.tunnels.length > 0) preloadTunnel();
    for (const act of acts) this.#do(act);
    this.#entries.keepOnly((kind) => this.#ladder.wants(kind));
    const { isSearching } = this.#ladder;
    if (this.#wasSearching && !isSearching) this.#owner.exhausted();
    this.#wasSearching = isSearching;
  }

  /** What is open already, for signalling or the connection before, is of use for a search. */
  #adopt(entry: TunnelEntry | undefined): void {
    if (!this.#ladder.isSearching) this.#adopted = undefined;
    else if (entry?.isOpen && entry !== this.#adopted && this.#ladder.lacks(entry.kind)) {
      this.#adopted = entry;
      if (!entry.isFree) void this.#enter(entry.kind, entry);
      else if (this.#ladder.handleOpen(performance.now(), entry.kind)) this.#entries.add(entry.kind, entry);
    }
  }

  #do(act: LadderAct): void {
    switch (act.type) {
      case 'enter':
        void this.#enter(act.step);
        break;
      case 'try':
        void this.#try(act.step);
        break;
      case 'stay':
        this.#tried = undefined;
        this.#owner.stay();
        break;
      case 'probe':
        void this.#probe(act.steps);
        break;
    }
  }

  /** `entry`: that is there already. */
  async #enter(kind: CarrierKind, entry?: TunnelEntry): Promise<void> {
    try {
      const open = await this.#open(kind, entry);
      if (!this.#isOver && this.#ladder.handleOpen(performance.now(), kind)) this.#entries.add(kind, open);
      else open.hold()();
    } catch (error) {
      this.#ladder.handleFailed(performance.now(), kind, error instanceof Error ? error.message : String(error));
    }
    this.#look();
  }

  async #open(kind: CarrierKind, there?: TunnelEntry): Promise<TunnelEntry> {
    const entry = there ?? (await TunnelEntry.open(this.#access, [kind]));
    try {
      await entry.loadMedia();
    } catch (error) {
      // Nobody else has it, unless signalling does.
      entry.hold()();
      throw error;
    }
    return entry;
  }

  async #try(step: Step): Promise<void> {
    const end = await this.#attempt(step);
    if (this.#isOver || end === 'abandoned') return;
    this.#tried = undefined;
    const nowMs = performance.now();
    const pauseMs = typeof end === 'string' ? undefined : pauseAfter(end);
    if (pauseMs !== undefined) this.#ladder.handlePutOff(nowMs, step, pauseMs);
    else if (end !== 'arrived')
      this.#ladder.handleFailed(nowMs, step, end === 'lost' ? 'the tunnel was lost' : reasonOf(end));
    this.#look();
  }

  async #attempt(step: Step): Promise<MoveEnd | 'lost'> {
    const entry = isTunnel(step) ? this.#entries.get(step) : undefined;
    if (isTunnel(step) && entry?.isFree !== true) return 'lost';
    return this.#owner.detour((options) => {
      this.#tried = entry === undefined ? this.#make(step, options) : this.#keep(step, entry.connect(options), entry);
      return this.#tried;
    });
  }

  async #probe(steps: readonly Step[]): Promise<void> {
    // It may have found a better way of its own accord.
    await this.#tell(this.#owner.media);
    for (const step of steps) {
      const open = await this.#ask(step);
      if (open === false) continue;
      this.#ladder.handleProbed(performance.now(), step);
      if (open !== true && isTunnel(step) && this.#ladder.wants(step)) this.#entries.add(step, open);
      else if (open !== true) open.hold()();
      this.#look();
      return;
    }
    this.#ladder.handleProbed(performance.now(), undefined);
    this.#look();
  }

  /** Whether it is open, or what stands open now. */
  async #ask(step: Step): Promise<boolean | TunnelEntry> {
    if (step === 'direct') return reachesByUdp(this.#owner.url);
    if (step === 'relay') return reachesRelay(serversOf(this.#access));
    return this.#open(step).catch(() => false);
  }

  /** By which way it goes now, by a closer look. */
  async #tell(media: MediaWay): Promise<void> {
    if (!media.isUp) return;
    const kind = this.#entries.inUse?.kind;
    const rung = kind ?? rungOf(await media.statistics()) ?? 'udp';
    if (this.#isOver || this.#owner.media !== media) return;
    this.#ladder.handleRung(performance.now(), stepOf(rung));
    if (rung === this.#rung) return;
    this.#rung = rung;
    // Of interest where there is more than one.
    if (this.#access !== NO_ACCESS) this.#owner.wayIn({ rung, tried: this.#triedRungs() });
  }

  #triedRungs(): TriedRung[] {
    return this.#ladder.report(performance.now()).flatMap(({ step, ms, why }) => {
      if (why === undefined) return [];
      const told = { ms: Math.min(MAX_MS, Math.max(0, ms)), why: why.slice(0, MAX_WHY) };
      return rungsOf(step, this.#access.turn).map((rung) => ({ rung, ...told }));
    });
  }
}

function serversOf({ turn }: AccessEntry): RTCIceServer[] {
  return turn.map(({ urls, username, credential }) => ({ urls, username, credential }));
}

/** Where the browser has it (W3C Network Information). */
function networkInformation(): EventTarget | undefined {
  return (globalThis.navigator as { connection?: EventTarget } | undefined)?.connection;
}

/** Milliseconds after which it is worth asking again; undefined: it is not. */
function pauseAfter({ code, retryAfterMs }: MeetingError): number | undefined {
  return retryAfterMs ?? (code === 'unreachable' || code === 'tryAgain' ? PAUSE_MS : undefined);
}

function reasonOf({ code }: MeetingError): string {
  if (code === 'noMedia') return 'no answer';
  if (code === 'timeout') return 'the server did not answer';
  return `the server did not allow it (${code})`;
}
