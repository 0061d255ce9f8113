/** Where and when a daemon runs: its process, its site, its two clocks. */
import type { SimClock } from '../common/sim-clock.ts';
import { SimHost } from '../common/sim-host.ts';

/** 22 November 2026; the simulation begins then. */
const EPOCH_MS = Date.UTC(2026, 10, 22);

export class DaemonProcess {
  readonly name: string;
  readonly site: string;
  readonly host: SimHost;
  readonly #clock: SimClock;
  /** Of a clock that began at some other time; it never jumps. */
  readonly #bootMs: number;
  /** What an operator or a time server has made of the wall clock. */
  wallOffsetMs = 0;

  constructor(name: string, site: string, clock: SimClock, bootMs: number) {
    this.name = name;
    this.site = site;
    this.#clock = clock;
    this.#bootMs = bootMs;
    this.host = new SimHost(name, clock);
  }

  /** Milliseconds, by a clock that does not jump. */
  readonly now = (): number => this.#bootMs + this.#clock.nowMs;

  /** Milliseconds since 1970, as far as it knows. */
  readonly wallMs = (): number => EPOCH_MS + this.#clock.nowMs + this.wallOffsetMs;
}
