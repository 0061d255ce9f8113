/**
 * Keeps this router registered with its zone-controller: one stream, the registration first, then the load every
 * second. When the stream breaks, meetings go on and the router registers again, later each time.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { clientCredentials, type MutualTls } from '../../common/mutual-tls.ts';
import type { RegisterReply__Output } from '../../proto/gen/zonecast/zone/v1/RegisterReply.ts';
import type { RouterReport } from '../../proto/gen/zonecast/zone/v1/RouterReport.ts';
import type { ZoneClient } from '../../proto/gen/zonecast/zone/v1/Zone.ts';
import { ZoneService } from '../../proto/load.ts';
import type { WorkerLoad } from '../worker/messages.ts';

const LOAD_INTERVAL_MS = 1_000;
/** Delay before the n-th new attempt: doubles from the first to the maximum, half of it random. */
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

export interface RegistrationOptions {
  readonly router: RouterId;
  /** host:port of the zone-controller's gRPC service. */
  readonly zoneController: string;
  readonly tls: MutualTls;
  /** host:port at which the controller reaches this router. */
  readonly address: string;
  readonly workers: number;
  readonly maxParticipants: number;
  readonly version: string;
  readonly load: () => { readonly workers: readonly WorkerLoad[]; readonly workerRestarts: number };
  /** Called with true when a controller has accepted the registration, with false when it is lost. */
  readonly onChange: (registered: boolean) => void;
  readonly log: Logger;
}

type ReportStream = ClientDuplexStream<RouterReport, RegisterReply__Output>;

export class Registration {
  readonly #options: RegistrationOptions;
  readonly #client: ZoneClient;
  #stream: ReportStream | undefined;
  #loadTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #registered = false;
  #stopped = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#client = new ZoneService(options.zoneController, clientCredentials(options.tls), {
      // A controller whose machine is gone sends no FIN: pings tell within 8 s.
      'grpc.keepalive_time_ms': 5_000,
      'grpc.keepalive_timeout_ms': 3_000,
      'grpc.initial_reconnect_backoff_ms': FIRST_RETRY_MS,
      'grpc.max_reconnect_backoff_ms': MAX_RETRY_MS,
    });
  }

  get registered(): boolean {
    return this.#registered;
  }

  start(): void {
    this.#connect();
    this.#loadTimer = setInterval(() => this.#sendLoad(), LOAD_INTERVAL_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#loadTimer);
    clearTimeout(this.#retryTimer);
    this.#stream?.end();
    this.#stream = undefined;
    this.#client.close();
  }

  #connect(): void {
    const stream = this.#client.Register();
    this.#stream = stream;
    stream.on('data', (reply: RegisterReply__Output) => this.#handleReply(stream, reply));
    stream.on('error', (error: Error) => this.#lost(stream, error.message));
    stream.on('end', () => this.#lost(stream, 'the controller ended the stream'));
    const { router, address, workers, maxParticipants, version } = this.#options;
    stream.write({ registration: { router, address, workers, maxParticipants, version } });
  }

  #handleReply(stream: ReportStream, reply: RegisterReply__Output): void {
    if (stream !== this.#stream || this.#registered) return;
    this.#registered = true;
    this.#attempts = 0;
    this.#options.log.info({ zone: reply.zone, controller: this.#options.zoneController }, 'registered');
    this.#options.onChange(true);
    this.#sendLoad();
  }

  #sendLoad(): void {
    // A controller that does not read gets the next report, not all of them: writableNeedDrain bounds the stream.
    if (!this.#registered || this.#stream === undefined || this.#stream.writableNeedDrain) return;
    const { workers, workerRestarts } = this.#options.load();
    this.#stream.write({ load: { workers: [...workers], workerRestarts } });
  }

  #lost(stream: ReportStream, reason: string): void {
    if (stream !== this.#stream || this.#stopped) return;
    this.#stream = undefined;
    stream.cancel();
    if (this.#registered) this.#options.onChange(false);
    this.#registered = false;
    const ceilingMs = Math.min(FIRST_RETRY_MS * 2 ** this.#attempts++, MAX_RETRY_MS);
    // Half of it random: 100 routers whose controller died do not come back in one moment.
    const delayMs = ceilingMs / 2 + (Math.random() * ceilingMs) / 2;
    this.#options.log.warn(
      { reason, delayMs, controller: this.#options.zoneController },
      'not registered; trying again',
    );
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }
}
