/**
 * Has trunks opened where meetings need them, and keeps them open: the end that calls offers, the other one opens its end
 * and answers, the first one opens its own. A trunk that is lost is offered again, later each time. Pure: time is
 * an argument, credentials come from outside.
 */
import type { RouterId } from '../../../common/ids.ts';
import type { TrunkId } from '../../media/trunk/trunk-messages.ts';
import type { Seat } from './meeting-places.ts';
import { trunkIdOf } from './trunk-pair.ts';

export interface TrunkOffer {
  readonly ufrag: string;
  readonly fingerprint: Uint8Array;
}

export interface TrunkAnswer {
  readonly offeredUfrag: string;
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprint: Uint8Array;
  /** IP literals, best first. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Of one end of a trunk. */
export interface Credentials {
  readonly ufrag: string;
  readonly password: string;
}

export interface BrokerOut {
  /** Fresh and random. */
  makeCredentials(): Credentials;
  offer(own: Seat, peer: Seat, ufrag: string): void;
  /** `undefined`: refused. */
  answer(own: Seat, peer: Seat, offeredUfrag: string, credentials: Credentials | undefined): void;
  /** Opens our end as the one that waits; `opened` tells how it went. */
  accept(own: Seat, peer: Seat, trunk: TrunkId, credentials: Credentials, offer: TrunkOffer): void;
  /** Opens our end as the one that begins. */
  initiate(own: Seat, peer: Seat, trunk: TrunkId, credentials: Credentials, answer: TrunkAnswer): void;
  close(own: Seat, trunk: TrunkId): void;
  /** Whether messages reach the other end. */
  setStream(own: Seat, trunk: TrunkId, up: boolean): void;
}

/** An unused trunk stays for meetings that come soon. */
const LINGER_MS = 10_000;
/** An offer without an answer is made again. */
const ANSWER_MS = 3_000;
/** Doubles with each failure, up to the second. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 3_000;

type Phase =
  | { readonly name: 'idle'; readonly offerMs: number }
  | { readonly name: 'offered'; readonly credentials: Credentials; readonly untilMs: number }
  /** Our end is being opened for an offer. */
  | { readonly name: 'accepting'; readonly credentials: Credentials; readonly offeredUfrag: string }
  | { readonly name: 'open'; readonly offeredUfrag: string };

interface End {
  readonly own: Seat;
  readonly peer: Seat;
  readonly trunk: TrunkId;
  /** We offer; else the other end does. */
  calls: boolean;
  phase: Phase;
  /** Media flows. */
  isUp: boolean;
  /** Since the last time it was up. */
  failures: number;
  isWanted: boolean;
  /** When it is closed for not being wanted. */
  closesMs: number;
}

export class TrunkBroker {
  readonly #out: BrokerOut;
  readonly #ends = new Map<string, End>();
  /** Routers that can be told something now. */
  readonly #reachable = new Set<RouterId>();

  constructor(out: BrokerOut) {
    this.#out = out;
  }

  /** Both ends of the trunk that a worker of ours has or is to have; undefined when no meeting has needed it lately. */
  find(worker: number, trunk: TrunkId): { readonly own: Seat; readonly peer: Seat } | undefined {
    return this.#ends.get(keyOf(worker, trunk));
  }

  /** A meeting needs the trunk from now on. Harmless when it is there. */
  want(nowMs: number, own: Seat, peer: Seat, calls: boolean): void {
    const trunk = trunkIdOf(own, peer);
    const key = keyOf(own.worker, trunk);
    let end = this.#ends.get(key);
    if (end === undefined) {
      const phase: Phase = { name: 'idle', offerMs: nowMs };
      end = {
        own,
        peer,
        trunk,
        calls,
        phase,
        isUp: false,
        failures: 0,
        isWanted: true,
        closesMs: Number.POSITIVE_INFINITY,
      };
      this.#ends.set(key, end);
    }
    end.calls = calls;
    end.isWanted = true;
    end.closesMs = Number.POSITIVE_INFINITY;
    this.#tryOffer(nowMs, end);
  }

  /** No meeting needs it any more. */
  release(nowMs: number, own: Seat, peer: Seat): void {
    const end = this.#end(own, peer);
    if (end === undefined) return;
    end.isWanted = false;
    end.closesMs = nowMs + LINGER_MS;
  }

  /** A stream to the router stands. `isNew`: it is another process than before, and has no trunk with us. */
  reachable(nowMs: number, router: RouterId, isNew: boolean): void {
    this.#reachable.add(router);
    for (const end of this.#endsTo(router)) {
      if (isNew && end.phase.name === 'open') this.#reset(nowMs, end, 0);
      if (end.phase.name === 'open') this.#out.setStream(end.own, end.trunk, true);
      else this.#tryOffer(nowMs, end);
    }
  }

  /** The stream is broken: open trunks go on. */
  unreachable(nowMs: number, router: RouterId): void {
    this.#reachable.delete(router);
    for (const end of this.#endsTo(router)) {
      if (end.phase.name === 'open') this.#out.setStream(end.own, end.trunk, false);
      else end.phase = { name: 'idle', offerMs: nowMs };
    }
  }

  handleOffer(own: Seat, peer: Seat, offer: TrunkOffer): void {
    const end = this.#end(own, peer);
    if (end === undefined || !end.isWanted || end.calls) {
      this.#out.answer(own, peer, offer.ufrag, undefined);
      return;
    }
    const credentials = this.#out.makeCredentials();
    end.phase = { name: 'accepting', credentials, offeredUfrag: offer.ufrag };
    this.#out.accept(own, peer, end.trunk, credentials, offer);
  }

  handleAnswer(own: Seat, peer: Seat, answer: TrunkAnswer): void {
    const end = this.#end(own, peer);
    if (end?.phase.name !== 'offered' || end.phase.credentials.ufrag !== answer.offeredUfrag) return;
    const { credentials } = end.phase;
    end.phase = { name: 'open', offeredUfrag: credentials.ufrag };
    this.#out.initiate(own, peer, end.trunk, credentials, answer);
  }

  /** The other end does not open for this offer, or has lost what it had opened. */
  handleRefusal(nowMs: number, own: Seat, peer: Seat, offeredUfrag: string): void {
    const end = this.#end(own, peer);
    const isOffered = end?.phase.name === 'offered' && end.phase.credentials.ufrag === offeredUfrag;
    const isOpen = end?.phase.name === 'open' && end.phase.offeredUfrag === offeredUfrag;
    if (end !== undefined && (isOffered || isOpen)) this.#retry(nowMs, end);
  }

  /** The worker has opened our end, or could not. */
  opened(nowMs: number, own: Seat, peer: Seat, ok: boolean): void {
    const end = this.#end(own, peer);
    if (end === undefined) return;
    const { phase } = end;
    if (phase.name === 'accepting') {
      this.#out.answer(own, peer, phase.offeredUfrag, ok ? phase.credentials : undefined);
      const { offeredUfrag } = phase;
      end.phase = ok ? { name: 'open', offeredUfrag } : { name: 'idle', offerMs: nowMs };
    }
    if (!ok) this.#retry(nowMs, end);
    else if (end.phase.name === 'open' && this.#reachable.has(peer.router)) {
      this.#out.setStream(own, end.trunk, true);
    }
  }

  /** Whether media flows. */
  setUp(own: Seat, peer: Seat, isUp: boolean): void {
    const end = this.#end(own, peer);
    if (end === undefined) return;
    end.isUp = isUp;
    if (isUp) end.failures = 0;
  }

  /** Something comes from that router: word, or media. */
  hears(router: RouterId): boolean {
    return this.#reachable.has(router) || [...this.#endsTo(router)].some(({ isUp }) => isUp);
  }

  /** Our end is gone: the media path is lost, or the worker. */
  closed(nowMs: number, own: Seat, peer: Seat): void {
    const end = this.#end(own, peer);
    if (end?.phase.name !== 'open') return;
    const { offeredUfrag } = end.phase;
    this.#retry(nowMs, end);
    // The one that offers would find out by itself, but later.
    if (!end.calls) this.#out.answer(own, peer, offeredUfrag, undefined);
  }

  /** A worker died, and its ends of trunks with it. Another takes its place. */
  workerLost(nowMs: number, worker: number): void {
    for (const { own, peer } of this.#ends.values()) if (own.worker === worker) this.closed(nowMs, own, peer);
  }

  nextTimeoutMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const end of this.#ends.values()) next = Math.min(next, end.closesMs, this.#dueMs(end));
    return next;
  }

  handleTimeout(nowMs: number): void {
    for (const [key, end] of this.#ends) {
      if (end.closesMs <= nowMs) {
        this.#ends.delete(key);
        if (end.phase.name === 'open') this.#out.close(end.own, end.trunk);
      } else if (this.#dueMs(end) <= nowMs) {
        if (end.phase.name === 'offered') this.#retry(nowMs, end);
        this.#tryOffer(nowMs, end);
      }
    }
  }

  #dueMs({ phase, peer, calls }: End): number {
    if (phase.name === 'offered') return phase.untilMs;
    const offers = phase.name === 'idle' && calls && this.#reachable.has(peer.router);
    return offers ? phase.offerMs : Number.POSITIVE_INFINITY;
  }

  #tryOffer(nowMs: number, end: End): void {
    if (end.phase.name !== 'idle' || !end.isWanted || this.#dueMs(end) > nowMs) return;
    const credentials = this.#out.makeCredentials();
    end.phase = { name: 'offered', credentials, untilMs: nowMs + ANSWER_MS };
    this.#out.offer(end.own, end.peer, credentials.ufrag);
  }

  #retry(nowMs: number, end: End): void {
    this.#reset(nowMs, end, Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** end.failures++));
  }

  #reset(nowMs: number, end: End, delayMs: number): void {
    if (end.phase.name === 'open') this.#out.close(end.own, end.trunk);
    end.isUp = false;
    end.phase = { name: 'idle', offerMs: nowMs + delayMs };
  }

  #end(own: Seat, peer: Seat): End | undefined {
    return this.#ends.get(keyOf(own.worker, trunkIdOf(own, peer)));
  }

  *#endsTo(router: RouterId): Iterable<End> {
    for (const end of this.#ends.values()) if (end.peer.router === router) yield end;
  }
}

/** Two workers of one router are each other's peers: a trunk has two ends here then. */
function keyOf(worker: number, trunk: TrunkId): string {
  return `${worker} ${trunk}`;
}
