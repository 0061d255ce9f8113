/**
 * Several addresses, best first, tried side by side: each has a head start before the next (in the spirit of RFC 8305, Happy
 * Eyeballs), and the first wins whose server opens the socket and answers. A worse one waits for the better ones a while
 * longer, so that whoever is well is preferred also when he is farther away. All others are closed before anything was asked on them.
 */

import type { ClientMessage } from '../../proto/signalling.ts';

/** What a race needs of a WebSocket, be it a browser's or Node's. */
export interface RaceSocket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'message' | 'close', listener: () => void): void;
}

/** Milliseconds. */
export interface RaceTimes {
  /** Between two addresses, unless the one before has failed. */
  readonly headStartMs: number;
  /** Before this, since the race began, an address wins only when all better ones have failed. */
  readonly patienceMs: number;
}

export interface RaceOptions<Socket> {
  /** The best one first; at least one. With one alone, an open socket is answer enough: whoever asks on it has a deadline. */
  readonly urls: readonly string[];
  readonly times: RaceTimes;
  /** It is not enough to be open for one alone either: it has been so before, and nothing came by it. */
  readonly isAsked?: boolean;
  /** Tried after all of them. No reason to ask one that is open whether it answers, nor, by being slow, to try better ones again. */
  readonly lastResort?: string | undefined;
  open(url: string): Socket;
  /** The race is over, and the socket the caller's. `tookMs`: from its start to its answer. */
  won(socket: Socket, url: string, tookMs: number): void;
  /** The race is over: no address can be reached. */
  lost(): void;
}

/** RFC 8305 section 8 recommends 250 ms, or more by round trips that were measured, up to 2 s. */
const [HEAD_START_MS, LONGEST_HEAD_START_MS] = [250, 2_000];
/** TCP, TLS 1.3 and the upgrade take one each. */
export const OPEN_ROUND_TRIPS = 3;
/** Twice what opening takes: there is a ping besides, and packets are lost. */
const [PATIENCE_MS, LONGEST_PATIENCE_MS] = [1_000, 4_000];
/** Addresses of which no round trip is known, and which are there as far as is known. */
export const CALM_TIMES: RaceTimes = { headStartMs: 500, patienceMs: 2_000 };
/** For an address to be given up. Until then it costs nobody anything, and networks come back. */
const OPEN_MS = 8_000;
/** What a server answers before it knows who is there. */
const PING = JSON.stringify({ type: 'ping' } satisfies ClientMessage);

/** To go on where one was, or else elsewhere. `roundTripMs`: to where one was. */
export function urgentTimes(roundTripMs: number): RaceTimes {
  return {
    headStartMs: Math.min(LONGEST_HEAD_START_MS, Math.max(HEAD_START_MS, 2 * roundTripMs)),
    patienceMs: Math.min(LONGEST_PATIENCE_MS, Math.max(PATIENCE_MS, 2 * OPEN_ROUND_TRIPS * roundTripMs)),
  };
}

interface Entrant<Socket> {
  readonly url: string;
  state: 'waiting' | 'trying' | 'answered' | 'failed';
  startedMs: number;
  /** From start to answer, once it has answered. */
  tookMs: number;
  socket: Socket | undefined;
}

/** Between two looks at who has had his time. */
const LOOK_MS = 50;

export class SocketRace<Socket extends RaceSocket> {
  readonly #options: RaceOptions<Socket>;
  readonly #entrants: readonly Entrant<Socket>[];
  readonly #timer: ReturnType<typeof setInterval>;
  #isOver = false;
  #isHeld: boolean;
  /** From then on, better ones that have not answered are waited for no longer. */
  #patienceEndMs: number;
  #isRepeated = false;

  /** `isHeld`: nobody wins before `release`. */
  constructor(options: RaceOptions<Socket>, isHeld = false) {
    this.#options = options;
    this.#isHeld = isHeld;
    this.#patienceEndMs = performance.now() + options.times.patienceMs;
    const { urls, lastResort } = options;
    const all = lastResort === undefined ? urls : [...urls, lastResort];
    this.#entrants = all.map((url) => ({ url, state: 'waiting', startedMs: 0, tookMs: 0, socket: undefined }));
    this.#timer = setInterval(() => this.#step(), LOOK_MS);
    this.#step();
  }

  /** From now on somebody may win, or has already. */
  release(): void {
    this.#isHeld = false;
    this.#step();
  }

  /** Gives all of them up. */
  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const { socket } of this.#entrants) socket?.close();
  }

  #step(): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    for (const entrant of this.#entrants) {
      if (entrant.state === 'trying' && nowMs >= entrant.startedMs + OPEN_MS) fail(entrant);
    }
    const first = this.#entrants.find(({ state }) => state === 'answered');
    if (first !== undefined) this.#decide(first, nowMs);
    else if (this.#entrants.every(({ state }) => state === 'failed')) this.#lose();
    else this.#startNext(nowMs);
  }

  #decide(first: Entrant<Socket>, nowMs: number): void {
    const { patienceMs } = this.#options.times;
    const better = this.#entrants.slice(0, this.#entrants.indexOf(first)).filter(({ state }) => state === 'trying');
    const isLastResort = first.url === this.#options.lastResort;
    if (!this.#isRepeated && better.length > 0 && first.tookMs > patienceMs && !isLastResort) {
      // So slow is who is far away, or a packet that was lost: then our network was away, and better ones may be there now, too.
      this.#isRepeated = true;
      this.#patienceEndMs = nowMs + patienceMs;
      for (const entrant of better) this.#start(entrant, nowMs);
    } else if (!this.#isHeld && (better.length === 0 || nowMs >= this.#patienceEndMs)) {
      this.#win(first);
    }
  }

  #win(winner: Entrant<Socket>): void {
    const { socket, url, tookMs } = winner;
    winner.socket = undefined;
    this.close();
    if (socket !== undefined) this.#options.won(socket, url, tookMs);
  }

  #lose(): void {
    this.close();
    this.#options.lost();
  }

  /** The next one, when those before it have had their head start. */
  #startNext(nowMs: number): void {
    for (const entrant of this.#entrants) {
      if (entrant.state === 'waiting') this.#start(entrant, nowMs);
      if (entrant.state === 'trying' && nowMs < entrant.startedMs + this.#options.times.headStartMs) return;
    }
  }

  #start(entrant: Entrant<Socket>, nowMs: number): void {
    entrant.socket?.close();
    const socket = this.#options.open(entrant.url);
    Object.assign(entrant, { socket, state: 'trying', startedMs: nowMs });
    const hear = (type: 'open' | 'message' | 'close', act: () => void) =>
      socket.addEventListener(type, () => {
        if (this.#isOver || entrant.socket !== socket) return;
        act();
        this.#step();
      });
    const answered = () => {
      if (entrant.state !== 'trying') return;
      entrant.state = 'answered';
      entrant.tookMs = performance.now() - entrant.startedMs;
    };
    const { urls, isAsked } = this.#options;
    hear('open', () => (urls.length > 1 || isAsked ? socket.send(PING) : answered()));
    hear('message', answered);
    hear('close', () => fail(entrant));
  }
}

function fail<Socket extends RaceSocket>(entrant: Entrant<Socket>): void {
  entrant.socket?.close();
  entrant.socket = undefined;
  entrant.state = 'failed';
}
