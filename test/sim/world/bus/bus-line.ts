/**
 * A client's connection to the servers of the bus: in order both ways, as TCP makes it. While the way is cut what was sent
 * waits; after some time the client gives the connection up, and all of that is lost. Then it tries again.
 */
import type { Chance } from '../../network/chance.ts';
import type { DaemonProcess } from '../daemon-process.ts';
import type { WideArea } from '../wide-area.ts';

export const BUS_SITE = 'bus';
const LOOK_MS = 250;
/** Without anything from the other end: as pings find it out. */
const GIVE_UP_MS = 3_000;
const AGAIN_MS: readonly [number, number] = [300, 2_000];
const RESEND_MS = 300;

export interface LineListener {
  connected(): void;
  away(): void;
}

interface Direction {
  readonly waiting: (() => void)[];
  isPumping: boolean;
}

export class BusLine {
  readonly #area: WideArea;
  readonly #process: DaemonProcess;
  readonly #chance: Chance;
  readonly #isServing: () => boolean;
  readonly #incarnation: number;
  #listener: LineListener | undefined;
  /** Counts connections; 0: none yet. */
  #session = 0;
  isConnected = false;
  #blockedSinceMs: number | undefined;
  #isClosed = false;
  #up: Direction = { waiting: [], isPumping: false };
  #down: Direction = { waiting: [], isPumping: false };

  constructor(area: WideArea, process: DaemonProcess, chance: Chance, isServing: () => boolean) {
    this.#area = area;
    this.#process = process;
    this.#chance = chance;
    this.#isServing = isServing;
    this.#incarnation = process.host.incarnation;
  }

  open(listener: LineListener): void {
    this.#listener = listener;
    this.#tryAgain();
    this.#process.host.each(LOOK_MS, () => this.#look());
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  /** The connection breaks. */
  break(): void {
    if (this.isConnected) this.#lose();
  }

  /** Runs at the servers, unless the connection breaks before. */
  toServer(run: () => void): void {
    this.#send(this.#up, run);
  }

  /** Runs at the client, unless the connection breaks before. */
  toClient(run: () => void): void {
    this.#send(this.#down, () => this.#process.host.run(run, this.#incarnation));
  }

  get isAlive(): boolean {
    const { host } = this.#process;
    return !this.#isClosed && host.isAlive && host.incarnation === this.#incarnation;
  }

  get site(): string {
    return this.#process.site;
  }

  get #isBlocked(): boolean {
    return !this.#isServing() || this.#area.isCut(this.#process.site, BUS_SITE);
  }

  #send(direction: Direction, run: () => void): void {
    if (!this.isConnected || !this.isAlive) return;
    direction.waiting.push(run);
    if (!direction.isPumping) this.#pump(direction, this.#area.delayMs(this.#process.site, BUS_SITE));
  }

  #pump(direction: Direction, delayMs: number): void {
    direction.isPumping = true;
    const session = this.#session;
    this.#area.clock.after(delayMs, () => {
      if (session !== this.#session || !this.isConnected || !this.isAlive) return;
      if (this.#isBlocked) return this.#pump(direction, RESEND_MS);
      direction.isPumping = false;
      for (const run of direction.waiting.splice(0)) run();
      this.#area.clock.stir();
    });
  }

  #look(): void {
    if (this.#isClosed) return;
    const { nowMs } = this.#area.clock;
    if (!this.#isBlocked) this.#blockedSinceMs = undefined;
    else this.#blockedSinceMs ??= nowMs;
    if (this.isConnected && nowMs - (this.#blockedSinceMs ?? nowMs) >= GIVE_UP_MS) this.#lose();
  }

  #lose(): void {
    this.#end();
    this.#listener?.away();
    this.#tryAgain();
  }

  #end(): void {
    this.isConnected = false;
    this.#session++;
    this.#up = { waiting: [], isPumping: false };
    this.#down = { waiting: [], isPumping: false };
  }

  #tryAgain(): void {
    this.#process.host.after(Math.round(this.#chance.between(...AGAIN_MS)), () => {
      if (this.#isClosed || this.isConnected) return;
      if (this.#isBlocked) return this.#tryAgain();
      this.isConnected = true;
      this.#session++;
      this.#listener?.connected();
    });
  }
}
