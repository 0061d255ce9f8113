/** Keeps the zone's routers answering probes, and says where they do: docs/zones.md. */
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ZoneProbe } from '../../global-controller/zones/zone-status.ts';
import type { SetProbesReply__Output } from '../../proto/gen/zonecast/router/v1/SetProbesReply.ts';
import { answeredProbes, currentProbe, PROBE_PERIOD_MS } from './probe-credential.ts';
import type { RouterDirectory } from './router-directory.ts';

/** Routers that clients are told of. */
const TOLD_ROUTERS = 2;
/** Of one router: an address of each family. */
const MAX_TARGETS = 2;

export interface ZoneProbesOptions {
  readonly directory: Pick<RouterDirectory, 'link' | 'ready'>;
  /** Unix time, milliseconds. */
  readonly unixMs: () => number;
  readonly log: Logger;
}

type Targets = ZoneProbe['targets'];

export class ZoneProbes {
  readonly #options: ZoneProbesOptions;
  /** Where each router answers. */
  readonly #targets = new Map<RouterId, Targets>();
  #seed: Uint8Array | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ZoneProbesOptions) {
    this.#options = options;
  }

  /** What all controllers of the zone have, and nobody else. */
  useSeed(seed: Uint8Array): void {
    this.#seed = seed;
    for (const router of this.#options.directory.ready()) void this.#tell(router);
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const router of this.#options.directory.ready()) void this.#tell(router);
    }, PROBE_PERIOD_MS / 2);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A router is there (again). */
  subscribed(router: RouterId): void {
    void this.#tell(router);
  }

  lost(router: RouterId): void {
    this.#targets.delete(router);
  }

  /** For whoever measures now; undefined while no router would answer. */
  get current(): ZoneProbe | undefined {
    const { directory, unixMs } = this.#options;
    if (this.#seed === undefined) return undefined;
    const routers = directory.ready().filter((router) => this.#targets.has(router));
    const told = routers.toSorted().slice(0, TOLD_ROUTERS);
    const targets = told.flatMap((router) => this.#targets.get(router) ?? []);
    return targets.length === 0 ? undefined : { ...currentProbe(this.#seed, unixMs()), targets };
  }

  /** Level-triggered: said again in time, and whenever the router may not know it. */
  async #tell(router: RouterId): Promise<void> {
    const { directory, unixMs, log } = this.#options;
    if (this.#seed === undefined) return;
    const credentials = answeredProbes(this.#seed, unixMs());
    try {
      const link = directory.link(router);
      const reply = await link.call<SetProbesReply__Output>((client, options, done) =>
        client.SetProbes({ credentials }, options, done),
      );
      this.#targets.set(router, reply.targets.slice(0, MAX_TARGETS));
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      log.warn({ router, err: error }, 'a router was not told how clients measure the way to it');
    }
  }
}
