/**
 * One global controller: keeps the directory of zones and the policies, plans the homes and trees of meetings, and tells all zones how
 * all zones are. Several do the same at the same time; none keeps anything that another could not know, and zones go on
 * without any.
 */
import type { Registry as MetricsRegistry } from 'prom-client';
import type { Bus } from '../bus/bus.ts';
import { type Audit, NO_AUDIT } from '../common/audit/audit.ts';
import { ZonecastError } from '../common/errors.ts';
import type { Logger } from '../common/log.ts';
import type { MutualTls } from '../common/mutual-tls.ts';
import { GlobalOrders } from './admin/global-orders.ts';
import { GlobalServer } from './admin/global-server.ts';
import { allBuckets, DEFAULT_BUCKET_MIB } from './buckets.ts';
import { type Declarations, writeDeclarations } from './daemon/declarations.ts';
import { DeletionPurger } from './daemon/deletion-purger.ts';
import { addGlobalMetrics } from './daemon/global-metrics.ts';
import { Reconciler } from './daemon/reconciler.ts';
import { WorldMirror } from './daemon/world-mirror.ts';
import { DIGEST_SUBJECT, digestOf } from './world/world-digest.ts';
import { TICK_MS } from './zones/zone-directory.ts';
import { STATUS_PERIOD_MS } from './zones/zone-status.ts';

/** Between attempts to provision and declare, while the bus is away or another is doing the same. */
const AGAIN_MS = 1_000;

export interface GlobalControllerOptions {
  readonly bus: Bus;
  readonly declarations: Declarations;
  readonly copies: 1 | 3 | 5;
  /** The most that each bucket may take. */
  readonly bucketMiB?: number;
  /** The gRPC service for operators; undefined: none. */
  readonly operators?: { readonly listen: string; readonly tls: MutualTls };
  /** Where it is recorded what operators order. */
  readonly audit?: Audit;
  readonly metrics: MetricsRegistry;
  readonly log: Logger;
}

export class GlobalController {
  readonly #options: GlobalControllerOptions;
  readonly #mirror: WorldMirror;
  readonly #reconciler: Reconciler;
  readonly #purger: DeletionPurger;
  readonly #server: GlobalServer;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopped = Promise.withResolvers<void>();
  #operatorsPort: number | undefined;
  #isStopped = false;
  #isDeclared = false;

  /** Opens nothing but what the bus has open. */
  constructor(options: GlobalControllerOptions) {
    this.#options = options;
    const { bus, metrics, log } = options;
    const now = (): number => performance.now();
    this.#mirror = new WorldMirror(bus, now, log);
    this.#reconciler = new Reconciler({ bus, mirror: this.#mirror, now, random: Math.random, log });
    this.#server = new GlobalServer(new GlobalOrders(bus, this.#mirror, log), options.audit ?? NO_AUDIT, log);
    const buckets = () => allBuckets(this.#mirror.directory.zones(now()).map(({ zone }) => zone));
    this.#purger = new DeletionPurger({ bus, buckets, random: Math.random, log });
    addGlobalMetrics(metrics, { mirror: this.#mirror, reconciler: this.#reconciler, purger: this.#purger, now });
  }

  /** The bus may come later. Rejects with ZonecastError (`portTaken`, `badConfig`) when operators cannot be served. */
  async start(): Promise<void> {
    const { operators, log } = this.#options;
    if (operators !== undefined) {
      const port = await this.#server.start(operators.listen, operators.tls);
      this.#operatorsPort = port;
      log.info({ port }, 'operators may ask');
    }
    this.#mirror.start();
    this.#reconciler.start();
    this.#purger.start();
    this.#timers.add(setInterval(() => this.#mirror.tick(), TICK_MS));
    this.#timers.add(setInterval(() => this.#tell(), STATUS_PERIOD_MS));
    void this.#declare();
  }

  /** The port that operators connect to, once started, if there is one. */
  get operatorsPort(): number | undefined {
    return this.#operatorsPort;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopped.resolve();
    for (const timer of this.#timers) clearInterval(timer);
    this.#reconciler.stop();
    this.#purger.stop();
    this.#mirror.close();
    await Promise.all([this.#server.stop(), this.#options.bus.close()]);
  }

  /** Why nothing is planned here now, in words for operators; empty when it is. */
  readinessProblems(): string[] {
    const { state } = this.#options.bus;
    return [
      ...(state === 'connected' ? [] : ['the bus is away']),
      ...(this.#mirror.isComplete ? [] : ['not all buckets have been read']),
      ...(this.#isDeclared ? [] : ['zones and policies of the configuration are not written yet']),
    ];
  }

  #tell(): void {
    const { bus } = this.#options;
    // Who has not read the directory yet would say that there are few zones.
    if (bus.state === 'connected' && this.#mirror.isComplete) {
      bus.publish(DIGEST_SUBJECT, digestOf(this.#mirror.planningWorld().zones.values()));
    }
  }

  async #declare(): Promise<void> {
    const { bus, declarations, copies, bucketMiB = DEFAULT_BUCKET_MIB, log } = this.#options;
    const maxBytes = bucketMiB * 1024 * 1024;
    while (!this.#isStopped) {
      try {
        // Those of zones, too: what a zone that has never run would have written is nothing, not unknown.
        for (const bucket of allBuckets([...declarations.zones.keys()])) {
          await bus.bucket(bucket).provision({ replicas: copies, maxBytes });
        }
        await writeDeclarations(bus, declarations, log);
        this.#isDeclared = true;
        log.info({ zones: declarations.zones.size }, 'zones and policies are written');
        return;
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        if (!this.#isStopped) log.warn({ err: error }, 'zones and policies could not be written yet');
        await this.#pause();
      }
    }
  }

  /** Ends at once when the controller is stopped. */
  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, AGAIN_MS * (0.5 + Math.random()));
    await Promise.race([promise, this.#stopped.promise]);
    clearTimeout(timer);
  }
}
