/** All sessions of the tunnel: who may open one, and how many. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { addressKey } from '../../../common/client-address.ts';
import type { SessionKey } from '../../../proto/tunnel.ts';
import { Quota } from '../../turn/core/quotas.ts';
import { RequestLimit } from '../../turn/core/request-limit.ts';
import type { SessionEnd, SessionRefusal } from '../media-counters.ts';
import type { MediaLimits, TunnelClient, TunnelMediaOptions } from '../media-options.ts';
import { type SessionEnvironment, TunnelSession } from './tunnel-session.ts';

const SESSION_BYTES = 16;
const SECRET_BYTES = 32;

export class SessionTable {
  isDraining = false;
  readonly #limits: MediaLimits;
  readonly #verify: TunnelMediaOptions['verifyTicket'];
  readonly #environment: SessionEnvironment;
  readonly #sessions = new Map<string, TunnelSession>();
  /** Tickets that are being looked at count as sessions. */
  #opening = 0;
  readonly #ofAddress: Quota;
  readonly #strangersOfAddress: Quota;
  readonly #ofHolder: Quota;
  /** Looking at a ticket costs more than a refusal. */
  readonly #openings: RequestLimit;

  constructor(
    limits: MediaLimits,
    verify: TunnelMediaOptions['verifyTicket'],
    environment: Omit<SessionEnvironment, 'handleEnded'>,
  ) {
    this.#limits = limits;
    this.#verify = verify;
    this.#environment = { ...environment, handleEnded: (session, why) => this.#handleEnded(session, why) };
    this.#ofAddress = new Quota(limits.sessionsPerAddress);
    this.#strangersOfAddress = new Quota(limits.strangersPerAddress);
    this.#ofHolder = new Quota(limits.sessionsPerHolder);
    this.#openings = new RequestLimit(limits.openingsPerSecond, limits.openingBurst);
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): Iterator<TunnelSession> {
    return this.#sessions.values();
  }

  /** A fresh session, still without a carrier. */
  async open(client: TunnelClient, ticket: string | undefined): Promise<TunnelSession | SessionRefusal> {
    const group = addressKey(client.address);
    const ofAddress = ticket === undefined ? this.#strangersOfAddress : this.#ofAddress;
    if (this.isDraining) return 'draining';
    if (!this.#openings.take(this.#environment.nowMs(), group)) return 'tooOftenOfAddress';
    if (this.#sessions.size + this.#opening >= this.#limits.sessions) return 'tooManySessions';
    if (ofAddress.isUsedUp(group)) return 'tooManyOfAddress';
    ofAddress.take(group);
    this.#opening++;
    const holder = ticket === undefined ? undefined : await this.#holder(ticket);
    this.#opening--;
    const refusal = this.#refusal(ticket, holder);
    if (refusal !== undefined) {
      ofAddress.give(group);
      return refusal;
    }
    if (holder !== undefined) this.#ofHolder.take(holder);
    const key = { session: draw(SESSION_BYTES), secret: draw(SECRET_BYTES) };
    const session = new TunnelSession(key, client, holder, this.#environment);
    this.#sessions.set(key.session, session);
    this.#environment.counters.sessionsOpened++;
    return session;
  }

  find({ session, secret }: SessionKey): TunnelSession | undefined {
    const found = this.#sessions.get(session);
    return found !== undefined && isSame(found.key.secret, secret) ? found : undefined;
  }

  async #holder(ticket: string): Promise<string | undefined> {
    try {
      return (await this.#verify(ticket))?.holder;
    } catch {
      // Whatever is wrong with it: it lets nobody in.
      return undefined;
    }
  }

  #refusal(ticket: string | undefined, holder: string | undefined): SessionRefusal | undefined {
    if (this.isDraining) return 'draining';
    if (ticket === undefined) return undefined;
    if (holder === undefined) return 'badTicket';
    return this.#ofHolder.isUsedUp(holder) ? 'tooManyOfHolder' : undefined;
  }

  #handleEnded(session: TunnelSession, why: SessionEnd): void {
    const { counters } = this.#environment;
    counters.sessionEnds[why]++;
    for (const kind of ['rtcp', 'audio', 'video'] as const)
      counters.packetsDropped[kind] += session.queue.dropped[kind];
    this.#sessions.delete(session.key.session);
    const ofAddress = session.holder === undefined ? this.#strangersOfAddress : this.#ofAddress;
    ofAddress.give(addressKey(session.client.address));
    if (session.holder !== undefined) this.#ofHolder.give(session.holder);
  }
}

function draw(sizeBytes: number): string {
  return randomBytes(sizeBytes).toString('base64url');
}

function isSame(secret: string, given: string): boolean {
  const [a, b] = [Buffer.from(secret), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
