/**
 * The bus of one daemon on virtual time, behind a connection that breaks: messages are lost, repeated and overtaken, calls stay
 * without an answer and may have been carried out, watches begin anew. What bus/bus.ts promises holds, and no more.
 */
import type { Bucket, BucketSpec } from '../../../../bus/bucket.ts';
import type {
  Bus,
  BusMessage,
  BusState,
  RequestHandler,
  RequestOptions,
  Subscriber,
  Subscription,
} from '../../../../bus/bus.ts';
import { BusCounters } from '../../../../bus/bus-observer.ts';
import { ClockCheck } from '../../../../bus/clock-check.ts';
import { ReplayWindow } from '../../../../bus/envelope/replay-window.ts';
import type { Sender } from '../../../../bus/sender.ts';
import { maySpeak } from '../../../../bus/subjects.ts';
import type { FollowReceiver } from '../../../../bus/transport.ts';
import { ZonecastError } from '../../../../common/errors.ts';
import type { Chance } from '../../network/chance.ts';
import type { DaemonProcess } from '../daemon-process.ts';
import type { WideArea } from '../wide-area.ts';
import { BUS_SITE, BusLine } from './bus-line.ts';
import type { BusServers } from './bus-servers.ts';
import { type Seal, seal, unseal } from './sealed.ts';
import { type BucketClient, VirtualBucket } from './virtual-bucket.ts';

/** Of a call to a bucket. */
const CALL_MS = 2_000;
const REQUEST_MS = 5_000;
/** What is repeated comes so much later, at most. */
const REPEAT_MS = 4_000;

export interface VirtualBusOptions {
  readonly servers: BusServers;
  readonly area: WideArea;
  readonly process: DaemonProcess;
  readonly sender: Sender;
  readonly chance: Chance;
  /** A planted bug: nothing is heard of these buckets after what was there at the beginning. */
  readonly deafTo?: ReadonlySet<string>;
}

type Spoken = 'message' | 'request' | 'answer';

interface Followed {
  readonly bucket: string;
  readonly receiver: FollowReceiver;
  stop: () => void;
}

export class VirtualBus implements Bus, BucketClient {
  readonly sender: Sender;
  readonly observer = new BusCounters();
  readonly clock: ClockCheck;
  readonly #options: VirtualBusOptions;
  readonly #line: BusLine;
  readonly #followed = new Set<Followed>();
  readonly #stateListeners = new Set<(state: BusState) => void>();
  /** Told when the connection breaks. */
  readonly #waiting = new Set<() => void>();
  readonly #gapTellers = new Set<() => void>();
  #sent = 0;

  constructor(options: VirtualBusOptions) {
    this.#options = options;
    this.sender = options.sender;
    this.clock = new ClockCheck(options.process.wallMs, options.process.now);
    this.#line = new BusLine(options.area, options.process, options.chance, () => options.servers.isUp);
    this.#line.open({ connected: () => this.#connected(), away: () => this.#away() });
  }

  get state(): BusState {
    return this.#line.isConnected ? 'connected' : 'away';
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  async connected(): Promise<void> {
    if (this.#line.isConnected) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.onState((state) => state === 'connected' && resolve());
    await promise;
    stop();
  }

  /** The connection breaks, and is made again. */
  break(): void {
    this.#line.break();
  }

  wallMs(): number {
    return this.#options.process.wallMs();
  }

  each(everyMs: number, run: () => void): () => void {
    let isOver = false;
    this.#options.process.host.each(everyMs, () => {
      if (!isOver) run();
    });
    return () => {
      isOver = true;
    };
  }

  publish(subject: string, payload: unknown): boolean {
    if (this.state === 'away') return false;
    this.#send('message', subject, payload, () => undefined);
    return true;
  }

  subscribe(pattern: string, subscriber: Subscriber): Subscription {
    const window = new ReplayWindow();
    const receive = (subject: string, text: string): void => {
      const message = this.#open('message', subject, text, window);
      if (message !== undefined) void subscriber.message(message);
    };
    const tellGap = (): void => subscriber.gap?.(undefined);
    this.#gapTellers.add(tellGap);
    const close = this.#listen(pattern, receive);
    return {
      active: Promise.resolve(),
      close: () => {
        close();
        this.#gapTellers.delete(tellGap);
      },
    };
  }

  request(subject: string, payload: unknown, { timeoutMs = REQUEST_MS }: RequestOptions = {}): Promise<BusMessage> {
    if (this.state === 'away') return Promise.reject(unavailable());
    const { process } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<BusMessage>();
    const inbox = `inbox.${this.#newId()}`;
    const breaks = (): void => settle(() => reject(unavailable()));
    const stop = this.#listen(inbox, (_, text) => {
      if (text === '') return settle(() => reject(new ZonecastError('noResponder', 'Nobody answers.')));
      const answer = this.#open('answer', inbox, text);
      if (answer !== undefined) settle(() => resolve(answer));
    });
    const settle = (how: () => void): void => {
      stop();
      this.#waiting.delete(breaks);
      how();
    };
    this.#waiting.add(breaks);
    process.host.after(timeoutMs, () => settle(() => reject(new ZonecastError('requestTimedOut', 'No answer.'))));
    this.#send('request', subject, { inbox, payload }, () => this.#tell(inbox, ''));
    return promise;
  }

  respond(pattern: string, handler: RequestHandler): Subscription {
    const window = new ReplayWindow();
    const close = this.#listen(pattern, (subject, text) => {
      const request = this.#open('request', subject, text, window);
      if (request === undefined) return;
      // What we have sealed as a request ourselves.
      const { inbox, payload } = request.payload as { inbox: string; payload: unknown };
      void Promise.resolve(handler({ ...request, payload })).then((answer) =>
        this.#send('answer', inbox, answer, () => undefined),
      );
    });
    return { active: Promise.resolve(), close };
  }

  bucket(spec: BucketSpec): Bucket {
    return new VirtualBucket(spec, this);
  }

  call<Reply>(run: (servers: BusServers) => Reply): Promise<Reply> {
    if (this.state === 'away') return Promise.reject(unavailable());
    const { servers, process } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const fail = (): void => {
      this.#waiting.delete(fail);
      reject(unavailable());
    };
    const answer = (settle: () => void): void =>
      this.#line.toClient(() => {
        this.#waiting.delete(fail);
        settle();
      });
    this.#waiting.add(fail);
    process.host.after(CALL_MS, fail);
    this.#line.toServer(() => {
      try {
        const reply = run(servers);
        answer(() => resolve(reply));
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        answer(() => reject(error));
      }
    });
    return promise;
  }

  follow(bucket: string, receiver: FollowReceiver): () => void {
    const isDeaf = this.#options.deafTo?.has(bucket) === true;
    const followed: Followed = { bucket, receiver: isDeaf ? deafened(receiver) : receiver, stop: () => undefined };
    this.#followed.add(followed);
    if (this.#line.isConnected) this.#begin(followed);
    return () => {
      followed.stop();
      this.#followed.delete(followed);
    };
  }

  async close(): Promise<void> {
    for (const followed of this.#followed) followed.stop();
    this.#line.close();
  }

  #begin(followed: Followed): void {
    followed.stop();
    followed.stop = this.#options.servers.follow(followed.bucket, this.#line, followed.receiver);
  }

  #connected(): void {
    for (const followed of this.#followed) this.#begin(followed);
    for (const tell of this.#gapTellers) tell();
    for (const listener of this.#stateListeners) listener('connected');
  }

  #away(): void {
    for (const fail of [...this.#waiting]) fail();
    for (const listener of this.#stateListeners) listener('away');
  }

  #listen(pattern: string, receive: (subject: string, text: string) => void): () => void {
    return this.#options.servers.listen({ pattern, line: this.#line, receive });
  }

  #send(kind: Spoken, subject: string, value: unknown, nobody: () => void): void {
    const text = seal({ kind, timeMs: this.wallMs(), id: this.#newId(), sender: this.sender, subject, value });
    this.#line.toServer(() => {
      const { servers } = this.#options;
      const listeners = servers.listeners(subject);
      if (listeners.length === 0) nobody();
      for (const { line, receive } of kind === 'request' ? listeners.slice(0, 1) : listeners) {
        this.#deliver(line, () => receive(subject, text));
      }
    });
  }

  /** At most once, as the bus promises; or twice, which everybody has to bear. */
  #deliver(line: BusLine, run: () => void): void {
    const { area, chance } = this.#options;
    if (area.isLost(this.#line.site, BUS_SITE) || area.isLost(line.site, BUS_SITE)) return;
    line.toClient(run);
    if (!area.isRepeated(line.site, BUS_SITE)) return;
    area.clock.after(Math.round(chance.between(1, REPEAT_MS)), () => line.toClient(run));
  }

  /** From the servers to oneself. */
  #tell(subject: string, text: string): void {
    for (const { line, receive } of this.#options.servers.listeners(subject))
      line.toClient(() => receive(subject, text));
  }

  #newId(): string {
    const { name, host } = this.#options.process;
    return `${name}#${host.incarnation}.${++this.#sent}`;
  }

  #open(kind: Spoken, subject: string, text: string, window?: ReplayWindow): BusMessage | undefined {
    const isAllowed = ({ zone }: Sender): boolean => kind === 'answer' || maySpeak(zone, subject);
    const opened = unseal(text, this.wallMs(), true, isAllowed);
    if (kind !== 'answer' && (typeof opened !== 'string' || opened === 'stale'))
      this.clock.heard((JSON.parse(text) as Seal).sender, opened !== 'stale');
    const dropped =
      typeof opened === 'string' ? opened : window?.check(opened.sender.zone, opened.id, this.#options.process.now());
    if (dropped !== undefined || typeof opened === 'string') {
      this.observer.dropped(dropped ?? 'malformed');
      return undefined;
    }
    this.observer.received();
    return { subject, sender: opened.sender, timeMs: opened.timeMs, payload: opened.value };
  }
}

function unavailable(): ZonecastError {
  return new ZonecastError('busUnavailable', 'The bus between the zones does not answer.');
}

function deafened(receiver: FollowReceiver): FollowReceiver {
  let isComplete = false;
  return {
    begin: (isContinued) => void (!isComplete && receiver.begin(isContinued)),
    value: (value) => void (!isComplete && receiver.value(value)),
    complete: () => {
      if (!isComplete) receiver.complete();
      isComplete = true;
    },
  };
}
