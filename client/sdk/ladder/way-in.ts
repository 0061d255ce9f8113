/** Finds the way by which media gets through, and a better one when there is one again: what the ladder says, done. */
import type { AccessEntry, ClientMessage, TriedRung, VisitorAccess } from '../../../proto/signalling.ts';
import { CARRIER_KINDS, type CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import { MediaConnection, type MediaOptions } from '../media-connection.ts';
import type { WayMaker } from '../media-route.ts';
import type { MediaWay } from '../media-way.ts';
import type { DetourEnd } from '../relocation.ts';
import { Ladder, type Step } from './ladder.ts';
import { reachesByUdp } from './probe-udp.ts';
import { rungOf, rungsOf, stepOf } from './rung.ts';
import { TunnelEntry } from './tunnel-entry.ts';

export type WayReport = Omit<Extract<ClientMessage, { type: 'wayIn' }>, 'type'>;

/** Whose media it is. */
export interface WayInOwner {
  /** Of the zone-controller in use. */
  readonly url: string;
  /** What is shown and heard. */
  readonly media: MediaWay;
  /** The server has a say in where media goes at the moment. */
  readonly isOrdered: boolean;
  /** Another connection to the same router, made so. */
  detour(make: WayMaker): Promise<DetourEnd>;
  /** Media goes by it from now on. */
  wayIn(report: WayReport): void;
  /** There is no media, and no other way to get it. */
  exhausted(): void;
}

const LOOK_MS = 100;
/** Of a ticket, with a minute to spare (`AccessEntry`). */
const TICKET_MS = 9 * 60_000;
const ASK_MS = 2_000;
/** After a way was left: connections by it stay for a moment (LINGER_MS of relocation.ts). */
const LEAVE_MS = 2_000;
const MAX_WHY = 64;
const MAX_MS = 3_600_000;

export class WayIn {
  readonly #owner: WayInOwner;
  readonly #ladder = new Ladder();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #onNetwork = () => this.#ladder.handleNetworkChange(performance.now());
  #access: AccessEntry = { turn: [], tunnels: [], ticket: '' };
  #accessMs = 0;
  #tunnel: TunnelEntry | undefined;
  /** By which each connection was made. */
  readonly #steps = new WeakMap<MediaWay, Step>();
  #report: WayReport | undefined;
  #isOver = false;

  constructor(owner: WayInOwner) {
    this.#owner = owner;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    window.addEventListener('online', this.#onNetwork);
    networkInformation()?.addEventListener('change', this.#onNetwork);
  }

  /** How connections are made of which nothing else is said: as the one in use. */
  readonly usual: WayMaker = (options) => {
    const step = this.#ladder.inUse ?? 'direct';
    const isTunnel = step !== 'direct' && step !== 'relay';
    if (isTunnel && this.#tunnel?.isOpen !== true) return this.#make('direct')(options);
    return this.#make(step)(options);
  };

  /** A way may still be found. */
  get isSearching(): boolean {
    return this.#ladder.isSearching;
  }

  /** By what media goes, and what was tried before; undefined until media has come. */
  get report(): WayReport | undefined {
    return this.#report;
  }

  /** As the server says when we are in. Absent: there is nothing but the straight way. */
  handleAccess(access: AccessEntry | undefined): void {
    this.#access = access ?? { turn: [], tunnels: [], ticket: '' };
    this.#accessMs = performance.now();
    this.#offer();
  }

  /** The first connection was answered, or that of a fresh start. */
  handleAnswered(): void {
    const { media } = this.#owner;
    this.#ladder.handleAnswered(performance.now(), this.#steps.get(media) ?? 'direct');
    if (media.state === 'connected') this.handleConnected();
  }

  /** The connection in use is up, or another one that is. */
  handleConnected(): void {
    void this.#settle(this.#owner.media);
  }

  /** Nothing comes by the connection in use. */
  handleSilent(): void {
    this.#ladder.handleSilent(performance.now());
  }

  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    window.removeEventListener('online', this.#onNetwork);
    networkInformation()?.removeEventListener('change', this.#onNetwork);
    this.#leave(this.#tunnel);
  }

  #make(step: Step): WayMaker {
    return (options) => {
      const media = this.#connect(step, options);
      this.#steps.set(media, step);
      return media;
    };
  }

  #connect(step: Step, options: MediaOptions): MediaWay {
    if (step === 'direct') return new MediaConnection(options);
    if (step === 'relay') return new MediaConnection(options, this.#turn());
    if (this.#tunnel === undefined) throw new Error('there is no tunnel');
    return this.#tunnel.connect(options);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const act of this.#ladder.poll(nowMs)) {
      if (act.type === 'begin') void this.#begin(act.step);
      else void this.#probe();
    }
  }

  async #probe(): Promise<void> {
    const isOpen = await reachesByUdp(this.#owner.url);
    this.#offer();
    this.#ladder.handleProbed(performance.now(), isOpen);
  }

  async #begin(step: Step): Promise<void> {
    if (step === 'direct' || step === 'relay') await this.#go(step, this.#make(step));
    else await this.#enterTunnel(step);
  }

  async #enterTunnel(kind: CarrierKind): Promise<void> {
    let entry: TunnelEntry;
    try {
      const { tunnels, ticket } = await this.#ticket();
      entry = await TunnelEntry.open(tunnels, ticket, kind);
    } catch (error) {
      this.#failed(kind, error instanceof Error ? error.message : String(error));
      return;
    }
    // Another way was faster.
    if (this.#isOver || !this.#isWanted(kind)) {
      entry.close();
      return;
    }
    const before = this.#tunnel;
    entry.onMove = () => void this.#enterTunnel(entry.kind);
    this.#tunnel = entry;
    const isTaken = await this.#go(kind, this.#make(kind));
    if (isTaken) this.#leave(before);
    else {
      if (this.#tunnel === entry) this.#tunnel = before;
      this.#leave(entry);
    }
  }

  #isWanted(step: Step): boolean {
    const attempt = this.#ladder.report(performance.now()).find((each) => each.step === step);
    return attempt !== undefined && attempt.why === undefined;
  }

  /** Whether media goes by it from now on. */
  async #go(step: Step, make: WayMaker): Promise<boolean> {
    const end = await this.#owner.detour(make);
    if (this.#isOver) return false;
    if (end === 'arrived') return true;
    if (end === 'superseded' && this.#owner.isOrdered) this.#ladder.handleMoved(performance.now());
    else this.#failed(step, end === 'superseded' ? 'another way was faster' : reasonOf(end.why));
    return false;
  }

  async #settle(media: MediaWay): Promise<void> {
    const made = this.#steps.get(media) ?? 'direct';
    const isTunnel = made !== 'direct' && made !== 'relay';
    const rung = isTunnel ? made : (rungOf(await media.statistics()) ?? 'udp');
    if (this.#isOver || this.#owner.media !== media) return;
    const nowMs = performance.now();
    this.#ladder.handleConnected(nowMs, stepOf(rung));
    if (!isTunnel) {
      this.#leave(this.#tunnel);
      this.#tunnel = undefined;
    }
    const tried = this.#ladder.report(nowMs).flatMap(({ step, ms, why }): TriedRung[] => {
      if (why === undefined) return [];
      const told = { ms: Math.min(MAX_MS, Math.max(0, ms)), why: why.slice(0, MAX_WHY) };
      return rungsOf(step, this.#access.turn).map((each) => ({ rung: each, ...told }));
    });
    this.#report = { rung, tried };
    this.#owner.wayIn(this.#report);
  }

  #failed(step: Step, why: string): void {
    if (this.#isOver) return;
    this.#ladder.handleFailed(performance.now(), step, why);
    this.#look();
    if (!this.#ladder.isSearching) this.#owner.exhausted();
  }

  #leave(entry: TunnelEntry | undefined): void {
    if (entry !== undefined) setTimeout(() => entry.close(), LEAVE_MS);
  }

  #offer(): void {
    const { tunnels } = this.#access;
    const relay = this.#turn().length > 0 ? (['relay'] as const) : [];
    this.#ladder.offer([...relay, ...(tunnels.length > 0 ? CARRIER_KINDS : [])]);
  }

  #turn(): RTCIceServer[] {
    const usable = this.#access.turn.filter(({ expiresMs }) => expiresMs > Date.now());
    return usable.map(({ urls, username, credential }) => ({ urls, username, credential }));
  }

  /** What opens a session. One that is too old is exchanged; where that fails, perhaps it is accepted nevertheless. */
  async #ticket(): Promise<VisitorAccess> {
    if (performance.now() - this.#accessMs < TICKET_MS) return this.#access;
    try {
      const url = new URL('/v1/access', this.#owner.url);
      const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
      // Our own server's answer, typed by contract (proto/signalling.ts).
      if (response.ok) return (await response.json()) as VisitorAccess;
    } catch {
      // Below.
    }
    return this.#access;
  }
}

/** Where the browser has it (W3C Network Information). */
function networkInformation(): EventTarget | undefined {
  return (globalThis.navigator as { connection?: EventTarget } | undefined)?.connection;
}

function reasonOf(code: Exclude<DetourEnd, string>['why']): string {
  if (code === 'noMedia') return 'media did not get through';
  if (code === 'timeout' || code === 'unreachable') return 'the server did not answer';
  return `the server did not allow it (${code})`;
}
