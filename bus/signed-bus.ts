/** The bus over any transport: signs what goes out, checks what comes in, and bounds everything that waits. */
import { ZonecastError } from '../common/errors.ts';
import type { Logger } from '../common/log.ts';
import type { Bucket, BucketSpec } from './bucket.ts';
import type {
  Bus,
  BusMessage,
  BusState,
  RequestHandler,
  RequestOptions,
  RespondOptions,
  SubscribeOptions,
  Subscriber,
  Subscription,
} from './bus.ts';
import type { BusObserver } from './bus-observer.ts';
import { ClockCheck } from './clock-check.ts';
import { Arrivals } from './delivery/arrivals.ts';
import { DeliveryQueue } from './delivery/delivery-queue.ts';
import { PendingRequests } from './delivery/pending-requests.ts';
import { Responder } from './delivery/responder.ts';
import { type Identity, Signer } from './envelope/signer.ts';
import { type Unwrapped, Verifier } from './envelope/verifier.ts';
import type { KeyRing } from './key-ring.ts';
import type { Sender } from './sender.ts';
import { SignedBucket } from './signed-bucket.ts';
import { inboxOf, isPattern, isSubject, mayAnswer } from './subjects.ts';
import type { Delivery, Transport } from './transport.ts';

const MAX_WAITING = 1_000;
const MAX_CONCURRENT = 100;
const REQUEST_TIMEOUT_MS = 5_000;
const HANDLER_TIMEOUT_MS = 30_000;

export interface SignedBusOptions {
  readonly transport: Transport;
  readonly identity: Identity;
  readonly keyRing: KeyRing;
  readonly observer: BusObserver;
  readonly log: Logger;
  /** Milliseconds since 1970; for tests. */
  readonly nowMs?: () => number;
}

export class SignedBus implements Bus {
  readonly #transport: Transport;
  readonly #signer: Signer;
  readonly #verifier: Verifier;
  readonly #clock: ClockCheck;
  readonly #observer: BusObserver;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #inbox: string;
  readonly #pending = new PendingRequests();
  readonly #closers = new Set<() => void>();
  readonly #stateListeners = new Set<(state: BusState) => void>();
  #isClosed = false;

  constructor({ transport, identity, keyRing, observer, log, nowMs = Date.now }: SignedBusOptions) {
    this.#transport = transport;
    this.#signer = new Signer(identity, nowMs);
    this.#verifier = new Verifier(keyRing, nowMs);
    this.#clock = new ClockCheck(nowMs, () => performance.now());
    this.#observer = observer;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#inbox = inboxOf(identity.sender);
    transport.attach({
      stateChanged: (isConnected) => this.#stateChanged(isConnected),
      refused: (subject) => {
        observer.unsent('refused');
        log.warn({ subject }, 'the bus refused a message');
        this.#pending.refused(subject);
      },
    });
    const inbox = transport.subscribe(`${this.#inbox}.*`, undefined, {
      receive: (delivery) => this.#takeAnswer(delivery),
    });
    inbox.active.catch((error: unknown) => log.error({ err: error }, 'the bus refuses our inbox: no request works'));
  }

  get sender(): Sender {
    return this.#signer.sender;
  }

  get state(): BusState {
    return this.#transport.isConnected ? 'connected' : 'away';
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  connected(): Promise<void> {
    if (this.#isClosed) return Promise.reject(away());
    if (this.state === 'connected') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.onState((state) => {
        stop();
        if (state === 'connected') resolve();
        else reject(away());
      });
    });
  }

  publish(subject: string, payload: unknown): boolean {
    checkSubject(isSubject(subject), subject);
    // Nobody signs for nothing: this is where a status goes again each second while the bus is away.
    if (!this.#transport.isConnected) {
      this.#observer.unsent('away');
      return false;
    }
    return this.#send(subject, this.#signer.wrap('message', subject, payload));
  }

  subscribe(pattern: string, subscriber: Subscriber, options: SubscribeOptions = {}): Subscription {
    checkSubject(isPattern(pattern), pattern);
    const { queue, maxWaiting = MAX_WAITING } = options;
    const waiting = new DeliveryQueue(subscriber, { maxWaiting, observer: this.#observer, log: this.#log });
    const arrivals = this.#arrivals(pattern, 'message');
    const inner = this.#transport.subscribe(pattern, queue, {
      receive: (delivery) => {
        const message = arrivals.take(delivery);
        if (message !== undefined) waiting.push(toMessage(message));
      },
      resumed: () => waiting.broken(),
    });
    const close = this.#closer(() => {
      inner.close();
      waiting.close();
    });
    return { active: inner.active, close };
  }

  async request(subject: string, payload: unknown, options: RequestOptions = {}): Promise<BusMessage> {
    checkSubject(isSubject(subject), subject);
    if (!this.#transport.isConnected) throw away();
    if (this.#pending.isFull) throw new ZonecastError('busUnavailable', 'Too many requests wait for answers.');
    const id = this.#signer.newId();
    const bytes = this.#signer.wrap('request', subject, payload, id);
    const answer = this.#pending.add(id, subject, options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    if (!this.#send(subject, bytes, `${this.#inbox}.${id}`)) this.#pending.unsent(id);
    return answer;
  }

  respond(pattern: string, handler: RequestHandler, options: RespondOptions = {}): Subscription {
    checkSubject(isPattern(pattern), pattern);
    const { queue = 'responders', maxConcurrent = MAX_CONCURRENT, timeoutMs = HANDLER_TIMEOUT_MS } = options;
    const responder = new Responder(handler, { maxConcurrent, timeoutMs, log: this.#log });
    const arrivals = this.#arrivals(pattern, 'request');
    const inner = this.#transport.subscribe(pattern, queue, {
      receive: (delivery) => {
        const request = arrivals.take(delivery);
        if (request === undefined) return;
        // Derived and not taken from the delivery: nobody can make us sign an answer to anywhere else.
        const reply = `${inboxOf(request.sender)}.${request.id}`;
        void responder.handle(toMessage(request), (kind, answer) => this.#answer(kind, reply, request.id, answer));
      },
    });
    return { active: inner.active, close: this.#closer(() => inner.close()) };
  }

  bucket(spec: BucketSpec): Bucket {
    return new SignedBucket(spec, {
      store: this.#transport.store(spec.name),
      signer: this.#signer,
      clock: this.#clock,
      verifier: this.#verifier,
      observer: this.#observer,
      nowMs: this.#nowMs,
      closer: (close) => this.#closer(close),
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const close of this.#closers) close();
    await this.#transport.close();
    this.#pending.away();
    for (const listener of this.#stateListeners) listener('away');
    this.#stateListeners.clear();
  }

  #stateChanged(isConnected: boolean): void {
    if (this.#isClosed) return;
    if (!isConnected) {
      this.#observer.lost();
      this.#pending.away();
    }
    for (const listener of this.#stateListeners) listener(this.state);
  }

  #send(subject: string, bytes: Uint8Array, reply?: string): boolean {
    const outcome = this.#transport.publish(subject, bytes, reply);
    if (outcome === 'sent') this.#observer.sent();
    else this.#observer.unsent(outcome);
    return outcome === 'sent';
  }

  #arrivals(pattern: string, kind: 'message' | 'request'): Arrivals {
    return new Arrivals({ pattern, kind, verifier: this.#verifier, clock: this.#clock, observer: this.#observer });
  }

  #takeAnswer({ subject, bytes, isNoResponder }: Delivery): void {
    const id = subject.slice(this.#inbox.length + 1);
    const asked = this.#pending.subjectOf(id);
    if (asked === undefined) {
      if (!isNoResponder) this.#observer.dropped('unexpected');
    } else if (isNoResponder) {
      this.#pending.noResponder(id);
    } else {
      const isAllowed = ({ zone }: Sender): boolean => mayAnswer(zone, asked);
      const answer = this.#verifier.unwrap(bytes, { subject, kinds: ['answer', 'failure'], isAllowed, isFresh: true });
      if (typeof answer === 'string') this.#observer.dropped(answer);
      else this.#settle(id, answer);
    }
  }

  #settle(id: string, answer: Unwrapped): void {
    this.#observer.received();
    if (answer.kind === 'answer') this.#pending.answer(id, toMessage(answer));
    else this.#pending.failure(id, answer.sender, answer.value);
  }

  #answer(kind: 'answer' | 'failure', reply: string, id: string, payload: unknown): void {
    this.#send(reply, this.#signer.wrap(kind, reply, payload, id));
  }

  /** A `close` that the bus calls too when it is closed before. */
  #closer(inner: () => void): () => void {
    const close = (): void => {
      this.#closers.delete(close);
      inner();
    };
    this.#closers.add(close);
    return close;
  }
}

function toMessage({ subject, sender, timeMs, value }: Unwrapped): BusMessage {
  return { subject, sender, timeMs, payload: value };
}

function away(): ZonecastError {
  return new ZonecastError('busUnavailable', 'The bus between the zones does not answer.');
}

/** A subject comes from our own code: a wrong one is a broken invariant. */
function checkSubject(isValid: boolean, subject: string): void {
  if (!isValid) throw new RangeError(`"${subject}" is no subject`);
}
