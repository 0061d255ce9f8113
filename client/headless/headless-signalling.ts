/**
 * With which controller a headless participant talks: the first of the addresses that answers, as the page does it; another one
 * when that one is gone, or sends it on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { CALM_TIMES, OPEN_ROUND_TRIPS, type RaceTimes, SocketRace, urgentTimes } from '../sdk/socket-race.ts';
import { ZoneDetour } from '../sdk/zone-detour.ts';
import {
  openWebSocket,
  SignallingError,
  type SignallingMessage,
  type SignallingNotice,
  type SignallingReply,
  type SignallingRequest,
  SignallingSocket,
} from './signalling-socket.ts';

export interface HeadlessSignallingOptions {
  /** Of the page or of the socket. */
  readonly url: string;
  /** PEM of a self-signed certificate to trust. */
  readonly trustedPem: string | undefined;
  /** Another socket is wanted as soon as this one is in doubt. */
  readonly resumes: boolean;
  /** What the socket in use says by itself. */
  readonly notice: (notice: SignallingNotice) => void;
  /** The socket in use is gone, and not by our own doing. */
  readonly lost: () => void;
}

type Entry = Extract<SignallingRequest, { type: 'join' | 'resume' }>;

/** A socket that is on its way. */
interface Opening {
  readonly race: SocketRace<WebSocket>;
  readonly done: Promise<void>;
}

const PING_INTERVAL_MS = 10_000;
/** As the page's. */
const DOUBT_MS = 1_000;
const RETRY_MS = 250;
/** While it is not clear which zone goes on with us. */
const MAX_ATTEMPTS = 60;

export class HeadlessSignalling {
  readonly #options: HeadlessSignallingOptions;
  readonly #detour = new ZoneDetour();
  /** Where the zone is reached, and then other zones; the one in use first. */
  #urls: readonly string[];
  #socket: SignallingSocket | undefined;
  #opening: Opening | undefined;
  #isInDoubt = false;
  #pinger: NodeJS.Timeout | undefined;
  #roundTripMs = 0;

  constructor(options: HeadlessSignallingOptions) {
    this.#options = options;
    this.#urls = [options.url];
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** Nothing is sent while there is no socket. */
  send(message: SignallingMessage): void {
    this.#socket?.send(message);
  }

  /** Rejects with SignallingError, or with Error while there is no socket. */
  async request(request: SignallingRequest): Promise<SignallingReply> {
    if (this.#socket === undefined) throw new Error('no signalling socket');
    return this.#socket.request(request);
  }

  /**
   * Opens a socket and asks, at each zone that we are sent to, and again while nobody knows. `unreachable`: a zone from which nothing
   * comes any more.
   */
  async ask(request: Entry, unreachable: () => string | undefined = () => undefined): Promise<SignallingReply> {
    let times = request.type === 'join' ? CALM_TIMES : this.#urgent;
    for (let attempt = 1; ; attempt++) {
      await this.#open(times);
      const isThere = (url: string): boolean => originOf(url) === originOf(this.#urls[0] ?? '');
      try {
        const reply = await this.request({ ...request, ...this.#detour.said(isThere, unreachable()) });
        if (reply.type !== 'redirect') {
          this.#detour.arrived();
          return reply;
        }
        if (!this.#detour.follow(reply)) throw new Error(`sent on too often: ${reply.reason}`);
        this.prefer(reply.urls);
        times = CALM_TIMES;
      } catch (error) {
        const mayHelp = error instanceof SignallingError && error.code === 'tryAgain' && attempt < MAX_ATTEMPTS;
        if (!mayHelp) throw error;
        await pause(error.retryAfterMs ?? RETRY_MS);
      }
      this.#let()?.close();
    }
  }

  /** Cuts the socket in use as a lost network does. */
  cut(): void {
    this.#let()?.terminate();
  }

  /** What the server in use says of where else one can go. */
  learn(urls: readonly string[]): void {
    this.#urls = [...new Set([...this.#urls.slice(0, 1), ...urls])];
  }

  /** These first. */
  prefer(urls: readonly string[]): void {
    this.#urls = [...new Set([...urls, ...this.#urls])];
  }

  /** Goes on by a socket that somebody else has opened. @returns the one before */
  use(socket: SignallingSocket): SignallingSocket | undefined {
    const before = this.#let();
    this.#socket = socket;
    this.#pinger = setInterval(() => socket.send({ type: 'ping' }), PING_INTERVAL_MS);
    return before;
  }

  /** To be told of every socket that closes. */
  closed(socket: SignallingSocket): void {
    if (socket !== this.#socket) return;
    this.#let();
    this.#options.lost();
  }

  /** The server may be gone without a word: others are tried, and if it does not answer soon, the socket is cut. */
  async doubt(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || this.#isInDoubt) return;
    this.#isInDoubt = true;
    const times = this.#urgent;
    const ahead = setTimeout(() => {
      if (this.#options.resumes) this.#opening ??= this.#race(times, true);
    }, times.headStartMs);
    const end = setTimeout(() => socket.terminate(), Math.max(DOUBT_MS, times.headStartMs));
    const isThere = await socket.answers();
    clearTimeout(ahead);
    clearTimeout(end);
    this.#isInDoubt = false;
    if (isThere) this.#giveUpOpening();
  }

  close(): void {
    this.#giveUpOpening();
    this.#let()?.close();
  }

  get #urgent(): RaceTimes {
    return urgentTimes(this.#roundTripMs);
  }

  /** Takes the socket out of use. */
  #let(): SignallingSocket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    clearInterval(this.#pinger);
    return socket;
  }

  async #open(times: RaceTimes): Promise<void> {
    this.#opening ??= this.#race(times, false);
    const { race, done } = this.#opening;
    race.release();
    await done;
  }

  #race(times: RaceTimes, isHeld: boolean): Opening {
    const done = Promise.withResolvers<void>();
    // Of one that is not waited for yet.
    done.promise.catch(() => undefined);
    let failure = new Error('no controller can be reached');
    const { trustedPem } = this.#options;
    const options = {
      urls: this.#urls,
      times,
      open: (url: string) => openWebSocket(url, trustedPem).on('error', (error) => (failure = error)),
      won: (webSocket: WebSocket, url: string, tookMs: number) => {
        this.#opening = undefined;
        this.#roundTripMs = tookMs / OPEN_ROUND_TRIPS;
        this.prefer([url]);
        this.use(this.#signallingBy(webSocket));
        done.resolve();
      },
      lost: () => {
        this.#opening = undefined;
        done.reject(failure);
      },
    };
    return { race: new SocketRace(options, isHeld), done: done.promise };
  }

  #signallingBy(webSocket: WebSocket): SignallingSocket {
    const socket: SignallingSocket = new SignallingSocket(
      webSocket,
      // What one says that is not in use any more is of no interest.
      (notice) => socket === this.#socket && this.#options.notice(notice),
      () => this.closed(socket),
    );
    return socket;
  }

  #giveUpOpening(): void {
    this.#opening?.race.close();
    this.#opening = undefined;
  }
}

/** Of an address of a zone, be it of the page or of the socket. */
function originOf(url: string): string {
  return new URL(url.replace(/^ws/, 'http')).origin;
}
