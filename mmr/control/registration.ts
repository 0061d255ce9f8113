/**
 * Keeps this router registered with one of its zone's controllers: one stream, which stays open. When it breaks,
 * meetings go on and the router registers with the next controller at once; when all have failed, later each round.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { clientCredentials, type MutualTls } from '../../common/mutual-tls.ts';
import type { RegisterReply__Output } from '../../proto/gen/zonecast/zone/v1/RegisterReply.ts';
import type { Registration as RegistrationMessage } from '../../proto/gen/zonecast/zone/v1/Registration.ts';
import type { ZoneClient } from '../../proto/gen/zonecast/zone/v1/Zone.ts';
import { ZoneService } from '../../proto/load.ts';

/** Before a new attempt: doubles with each round through all controllers, half of it random. */
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A controller that says nothing for so long is left for the next. */
const REPLY_MS = 3_000;

export interface RegistrationOptions {
  readonly router: RouterId;
  /** host:port of the gRPC service of each zone-controller; any of them will do. */
  readonly zoneControllers: readonly string[];
  readonly tls: MutualTls;
  /** host:port at which controllers reach this router. */
  readonly address: string;
  /** host:port at which routers of other zones reach it; undefined: it does not listen to them. */
  readonly zonesAddress: string | undefined;
  readonly workers: number;
  /** Of each worker. */
  readonly limits: { readonly participants: number; readonly packetsPerSecond: number };
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly version: string;
  /** Called with true when a controller has accepted the registration, with false when it is lost. */
  readonly onChange: (registered: boolean) => void;
  readonly log: Logger;
}

type RegisterStream = ClientDuplexStream<RegistrationMessage, RegisterReply__Output>;

/** One attempt, and what comes of it. */
interface Attempt {
  readonly controller: string;
  readonly client: ZoneClient;
  readonly stream: RegisterStream;
  readonly overdue: NodeJS.Timeout;
}

export class Registration {
  readonly #options: RegistrationOptions;
  /** In random order: routers that lose their controller spread over the others. */
  readonly #controllers: readonly string[];
  #next = 0;
  #failures = 0;
  #isDraining = false;
  #attempt: Attempt | undefined;
  #retry: NodeJS.Timeout | undefined;
  #registered = false;

  constructor(options: RegistrationOptions) {
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
    const stream = client.Register();
    const lost = (reason: string): void => this.#lost(attempt, reason);
    const overdue = setTimeout(() => lost('the controller does not answer'), REPLY_MS);
    const attempt: Attempt = { controller, client, stream, overdue };
    this.#attempt = attempt;
    stream.on('data', ({ zone }: RegisterReply__Output) => this.#accepted(attempt, zone));
    stream.on('error', (error: Error) => lost(error.message));
    stream.on('end', () => lost('the controller ended the stream'));
    stream.write(this.#message());
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

  /** From now on the zone moves everybody away from this router. */
  drain(): void {
    this.#isDraining = true;
    this.#attempt?.stream.write(this.#message());
  }

  #message(): RegistrationMessage {
    const { router, address, zonesAddress = '', workers, limits, labels, version } = this.#options;
    const taints = [...this.#options.taints, ...(this.#isDraining ? ['draining'] : [])];
    return { router, address, workers, workerLimits: limits, labels, taints, version, zonesAddress };
  }

  #accepted(attempt: Attempt, zone: string): void {
    if (attempt !== this.#attempt || this.#registered) return;
    clearTimeout(attempt.overdue);
    this.#registered = true;
    this.#failures = 0;
    this.#options.log.info({ zone, controller: attempt.controller }, 'registered');
    this.#options.onChange(true);
  }

  #lost(attempt: Attempt, reason: string): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    clearTimeout(attempt.overdue);
    attempt.stream.cancel();
    attempt.client.close();
    if (this.#registered) this.#options.onChange(false);
    this.#registered = false;
    const delayMs = this.#retryDelayMs();
    this.#options.log.warn({ reason, delayMs, controller: attempt.controller }, 'not registered; trying the next');
    this.#retry = setTimeout(() => this.start(), delayMs);
  }

  /** Half of it random: 100 routers whose controller died do not come to the next in one moment. */
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
