/**
 * Keeps a daemon registered with one of its zone's controllers: one stream, which stays open. When it breaks, the daemon goes on and
 * registers with the next controller at once; when all have failed, later each round.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { Logger } from '../common/log.ts';
import { clientCredentials, type MutualTls } from '../common/mutual-tls.ts';
import type { ZoneClient } from './gen/zonecast/zone/v1/Zone.ts';
import { ZoneService } from './load.ts';

/** Before a new attempt: doubles with each round through all controllers, half of it random. */
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A controller that says nothing for so long is left for the next. */
const REPLY_MS = 3_000;

export interface ZoneStreamOptions<Message, Reply> {
  /** host:port of the gRPC service of each zone-controller; any of them will do. */
  readonly zoneControllers: readonly string[];
  readonly tls: MutualTls;
  readonly open: (client: ZoneClient) => ClientDuplexStream<Message, Reply>;
  /** What is to be said now. */
  readonly message: () => Message;
  /** The first of a stream means that the registration is taken. */
  readonly onReply: (reply: Reply, isFirst: boolean, controller: string) => void;
  /** It was taken, and is lost. */
  readonly onLost: () => void;
  readonly log: Logger;
}

/** One attempt, and what comes of it. */
interface Attempt<Message, Reply> {
  readonly controller: string;
  readonly client: ZoneClient;
  readonly stream: ClientDuplexStream<Message, Reply>;
  readonly overdue: NodeJS.Timeout;
}

export class ZoneStream<Message, Reply> {
  readonly #options: ZoneStreamOptions<Message, Reply>;
  /** In random order: daemons that lose their controller spread over the others. */
  readonly #controllers: readonly string[];
  #next = 0;
  #failures = 0;
  #attempt: Attempt<Message, Reply> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #registered = false;

  constructor(options: ZoneStreamOptions<Message, Reply>) {
    this.#options = options;
    this.#controllers = shuffled(options.zoneControllers);
  }

  get registered(): boolean {
    return this.#registered;
  }

  start(): void {
    const controller = this.#controllers[this.#next++ % this.#controllers.length] ?? '';
    const client = new ZoneService(controller, clientCredentials(this.#options.tls), {
      // A controller whose machine is gone sends no FIN: pings tell within 8 s.
      'grpc.keepalive_time_ms': 5_000,
      'grpc.keepalive_timeout_ms': 3_000,
      // Each attempt is one of ours, not of a connection that is in back-off.
      'grpc.use_local_subchannel_pool': 1,
    });
    const stream = this.#options.open(client);
    const lost = (reason: string): void => this.#lost(attempt, reason);
    const overdue = setTimeout(() => lost('the controller does not answer'), REPLY_MS);
    const attempt: Attempt<Message, Reply> = { controller, client, stream, overdue };
    this.#attempt = attempt;
    stream.on('data', (reply: Reply) => this.#replied(attempt, reply));
    stream.on('error', (error: Error) => lost(error.message));
    stream.on('end', () => lost('the controller ended the stream'));
    stream.write(this.#options.message());
  }

  stop(): void {
    clearTimeout(this.#retry);
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt === undefined) return;
    clearTimeout(attempt.overdue);
    attempt.stream.end();
    attempt.client.close();
  }

  /** There is something else to be said. */
  changed(): void {
    this.#attempt?.stream.write(this.#options.message());
  }

  #replied(attempt: Attempt<Message, Reply>, reply: Reply): void {
    if (attempt !== this.#attempt) return;
    const isFirst = !this.#registered;
    clearTimeout(attempt.overdue);
    this.#registered = true;
    this.#failures = 0;
    this.#options.onReply(reply, isFirst, attempt.controller);
  }

  #lost(attempt: Attempt<Message, Reply>, reason: string): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    clearTimeout(attempt.overdue);
    attempt.stream.cancel();
    attempt.client.close();
    if (this.#registered) this.#options.onLost();
    this.#registered = false;
    const delayMs = this.#retryDelayMs();
    this.#options.log.warn({ reason, delayMs, controller: attempt.controller }, 'not registered; trying the next');
    this.#retry = setTimeout(() => this.start(), delayMs);
  }

  /** Half of it random: 100 daemons whose controller died do not come to the next in one moment. */
  #retryDelayMs(): number {
    const rounds = Math.floor(this.#failures++ / this.#controllers.length);
    const ceilingMs = Math.min(FIRST_RETRY_MS * 2 ** rounds, MAX_RETRY_MS);
    return ceilingMs / 2 + (Math.random() * ceilingMs) / 2;
  }
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const result = [...items];
  for (let end = result.length - 1; end > 0; end--) {
    const index = Math.floor(Math.random() * (end + 1));
    [result[end], result[index]] = [result[index] as Item, result[end] as Item]; // both are within
  }
  return result;
}
