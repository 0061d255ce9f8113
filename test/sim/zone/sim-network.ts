/** Between processes: delays, cuts, calls with a deadline, and streams that arrive in order or break. */
import { ZonecastError } from '../../../common/errors.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { Chance } from '../network/chance.ts';

const MIN_DELAY_MS = 1;
const MAX_DELAY_MS = 15;
/** As keepalives find it out. */
const BREAK_MS = 15_000;
const RESEND_MS = 300;

export class SimNetwork {
  readonly clock: SimClock;
  readonly #chance: Chance;
  readonly #cuts = new Set<string>();
  /** Added to each delay of what goes to or comes from these. */
  readonly slow = new Map<SimHost, number>();

  constructor(clock: SimClock, chance: Chance) {
    this.clock = clock;
    this.#chance = chance;
  }

  cut(a: SimHost, b: SimHost): void {
    this.#cuts.add(pairOf(a, b));
  }

  heal(a: SimHost, b: SimHost): void {
    this.#cuts.delete(pairOf(a, b));
  }

  healAll(): void {
    this.#cuts.clear();
    this.slow.clear();
  }

  isCut(a: SimHost, b: SimHost): boolean {
    return this.#cuts.has(pairOf(a, b));
  }

  delayMs(a: SimHost, b: SimHost): number {
    const slowMs = (this.slow.get(a) ?? 0) + (this.slow.get(b) ?? 0);
    return Math.round(this.#chance.between(MIN_DELAY_MS, MAX_DELAY_MS + slowMs));
  }

  /** Runs `handle` over there. Throws `unanswered`: after the deadline, or soon when nobody listens there. */
  call<Reply>(
    from: SimHost,
    to: SimHost,
    deadlineMs: number,
    unanswered: (isRefused: boolean) => ZonecastError,
    handle: () => Reply | Promise<Reply>,
  ): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const caller = from.incarnation;
    const callee = to.incarnation;
    let isSettled = false;
    from.after(deadlineMs, () => {
      if (!isSettled) reject(unanswered(false));
    });
    const answer = (settle: () => void): void => {
      if (this.isCut(from, to)) return;
      this.clock.after(this.delayMs(from, to), () =>
        from.run(() => {
          isSettled = true;
          settle();
        }, caller),
      );
    };
    const fail = (error: unknown): void => answer(() => reject(error));
    this.clock.after(this.delayMs(from, to), () => {
      if (this.isCut(from, to)) return;
      if (!to.isAlive || to.incarnation !== callee) fail(unanswered(true));
      else to.run(() => this.#serve(to, handle, (reply) => answer(() => resolve(reply)), fail));
    });
    return promise;
  }

  #serve<Reply>(
    to: SimHost,
    handle: () => Reply | Promise<Reply>,
    done: (reply: Reply) => void,
    fail: (error: unknown) => void,
  ): void {
    const { incarnation } = to;
    try {
      const reply = handle();
      if (!(reply instanceof Promise)) {
        done(reply);
        return;
      }
      reply.then(
        (value) => to.run(() => done(value), incarnation),
        (error: unknown) => to.run(() => fail(error), incarnation),
      );
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      fail(error);
    }
  }

  /** `broken`: at the other end, after a time without anything. */
  stream<Message>(
    from: SimHost,
    to: SimHost,
    receive: (message: Message) => void,
    broken: () => void,
  ): SimStream<Message> {
    return new SimStream(this, from, to, receive, broken);
  }
}

export class SimStream<Message> {
  readonly #network: SimNetwork;
  readonly #from: SimHost;
  readonly #to: SimHost;
  readonly #fromIncarnation: number;
  readonly #toIncarnation: number;
  readonly #receive: (message: Message) => void;
  readonly #broken: () => void;
  readonly #queue: Message[] = [];
  #isPumping = false;
  #stalledMs = 0;
  isBroken = false;

  constructor(
    network: SimNetwork,
    from: SimHost,
    to: SimHost,
    receive: (message: Message) => void,
    broken: () => void,
  ) {
    this.#network = network;
    this.#from = from;
    this.#to = to;
    this.#fromIncarnation = from.incarnation;
    this.#toIncarnation = to.incarnation;
    this.#receive = receive;
    this.#broken = broken;
  }

  send(message: Message): void {
    if (this.isBroken) return;
    this.#queue.push(message);
    if (!this.#isPumping) this.#pump(this.#network.delayMs(this.#from, this.#to));
  }

  #pump(delayMs: number): void {
    this.#isPumping = true;
    this.#network.clock.after(delayMs, () => {
      if (this.isBroken) return;
      const isGone = !this.#to.isAlive || this.#to.incarnation !== this.#toIncarnation;
      const isLost = !this.#from.isAlive || this.#from.incarnation !== this.#fromIncarnation;
      if (isGone || isLost) return this.end();
      if (this.#network.isCut(this.#from, this.#to) || this.#to.isFrozen) {
        this.#stalledMs += RESEND_MS;
        if (this.#stalledMs >= BREAK_MS) return this.end();
        return this.#pump(RESEND_MS);
      }
      this.#stalledMs = 0;
      this.#isPumping = false;
      for (const message of this.#queue.splice(0)) this.#to.run(() => this.#receive(message));
    });
  }

  end(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.#to.run(this.#broken, this.#toIncarnation);
  }
}

function pairOf(a: SimHost, b: SimHost): string {
  return a.name < b.name ? `${a.name} ${b.name}` : `${b.name} ${a.name}`;
}
