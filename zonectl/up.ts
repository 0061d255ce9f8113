/** What `zonectl up` runs: a zone, or several with a global controller between them, all in this process. */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../common/errors.ts';
import type { ZoneId } from '../common/ids.ts';
import { createLogger, type Logger } from '../common/log.ts';
import type { UpOptions } from './arguments.ts';
import { announceZone } from './operator/running-zones.ts';
import { UpWorld } from './up-world.ts';
import { mediaPortsPerZone, UpZone } from './up-zone.ts';

/** A few seconds, also on a machine that is busy with much else; what takes longer than this has failed. */
const ACQUAINTED_MS = 30_000;

/** A zone that runs, and the link to the first meeting by it. */
export interface ZoneLink {
  readonly zone: ZoneId;
  readonly link: string;
}

export class Up {
  readonly #options: UpOptions;
  readonly #log: Logger;
  readonly #zones: UpZone[] = [];
  #world: UpWorld | undefined;
  #unannounce = (): void => undefined;

  constructor(options: UpOptions) {
    this.#options = options;
    this.#log = createLogger({ name: 'zonecast', level: options.verbose ? 'info' : 'warn' });
  }

  /**
   * Resolves with the invite link of a fresh meeting, by each zone, when browsers can use it. Rejects with ZonecastError
   * whose message says what to change; then nothing is left running.
   */
  async start(): Promise<ZoneLink[]> {
    try {
      const names = zoneNames(this.#options.zones);
      const world = names.length > 1 ? new UpWorld(names, this.#log) : undefined;
      this.#world = world;
      for (const [index, zone] of names.entries()) await this.#startZone(zone, index, world);
      if (world !== undefined) {
        await world.start(this.#zones.map(({ controller, certificates }) => ({ url: controller.url, certificates })));
        await this.#acquainted(names.length);
      }
      const links = await this.#links(names);
      await this.#announce();
      return links;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Closes every socket; safe at any time. */
  async stop(): Promise<void> {
    this.#unannounce();
    await Promise.allSettled([...this.#zones.map((zone) => zone.stop()), this.#world?.stop()]);
  }

  async #startZone(zone: ZoneId, index: number, world: UpWorld | undefined): Promise<void> {
    const { port, tunnelPort, mediaPort } = this.#options;
    const nth = (first: number, portsPerZone = 1): number => (first === 0 ? 0 : first + index * portsPerZone);
    const started = new UpZone({
      ...this.#options,
      zone,
      port: nth(port),
      tunnelPort: tunnelPort === undefined ? undefined : nth(tunnelPort),
      mediaPort: nth(mediaPort, mediaPortsPerZone()),
      ...(world === undefined ? {} : { world: world.optionsOf(zone) }),
    });
    this.#zones.push(started);
    await started.start();
  }

  /** Each zone knows of every other that it takes people. */
  async #acquainted(zones: number): Promise<void> {
    const deadlineMs = performance.now() + ACQUAINTED_MS;
    while (this.#zones.some(({ controller }) => controller.readyZones().length < zones)) {
      if (performance.now() > deadlineMs)
        throw new ZonecastError('noRouter', 'The zones did not find each other in time.');
      await pause(50);
    }
  }

  async #links(names: readonly ZoneId[]): Promise<ZoneLink[]> {
    const [first] = this.#zones;
    if (first === undefined) throw new Error('there is no zone');
    const { link } = await first.controller.createMeeting({ permanent: true });
    const { hash } = new URL(link);
    return names.map((zone, index) => ({ zone, link: `${this.#zones[index]?.controller.url}/${hash}` }));
  }

  /** So that `zonectl status` and the like find it; a zone that they do not find is a zone still. */
  async #announce(): Promise<void> {
    const [first] = this.#zones;
    if (first === undefined) return;
    const tls = await first.certificates.issue('operator', 'zonectl', []);
    const controllers = { controller: `localhost:${first.controller.grpcPort}`, global: this.#world?.address };
    try {
      this.#unannounce = announceZone(controllers, tls, process.env);
    } catch (error) {
      this.#log.warn({ err: error }, 'zonectl will not find this zone by itself');
    }
  }
}

/** The name of one alone is of no interest to anybody. */
function zoneNames(count: number): ZoneId[] {
  if (count === 1) return ['local' as ZoneId];
  return Array.from({ length: count }, (_, index) => `zone-${index + 1}` as ZoneId);
}
