/** Tells every router of the zone which other zones there are, and by which authority their routers are known. */
import { X509Certificate } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ZoneRecord } from '../../global-controller/zones/zone-record.ts';
import type { TrustedZone__Output as TrustedZone } from '../../proto/gen/zonecast/router/v1/TrustedZone.ts';
import type { ZoneSide } from './zone-side.ts';

export interface TrustSenderOptions {
  readonly own: ZoneId;
  readonly zone: Pick<ZoneSide, 'setZones'>;
  readonly log: Logger;
}

export class TrustSender {
  readonly #options: TrustSenderOptions;
  /** undefined: not known yet; what routers were told before stays. */
  #zones: TrustedZone[] | undefined;
  /** Those to be told; the others have taken `zones`. */
  readonly #routers = new Map<RouterId, 'toTell' | 'telling' | 'told'>();

  constructor(options: TrustSenderOptions) {
    this.#options = options;
  }

  /** The directory is this now. */
  set(records: ReadonlyMap<ZoneId, { readonly record: ZoneRecord }>): void {
    const { own } = this.#options;
    const zones = [...records].flatMap(([zone, { record }]) =>
      zone !== own && this.#isCertificate(zone, record.caPem) ? [{ zone, caPem: record.caPem }] : [],
    );
    zones.sort((a, b) => (a.zone < b.zone ? -1 : 1));
    if (JSON.stringify(zones) === JSON.stringify(this.#zones)) return;
    this.#zones = zones;
    for (const router of this.#routers.keys()) this.#routers.set(router, 'toTell');
    this.run();
  }

  /** It listens, perhaps as another process than before. */
  subscribed(router: RouterId): void {
    this.#routers.set(router, 'toTell');
    this.run();
  }

  lost(router: RouterId): void {
    this.#routers.delete(router);
  }

  /** Those who have not taken it are told (again). */
  run(): void {
    for (const [router, state] of this.#routers) if (state === 'toTell') void this.#tell(router);
  }

  async #tell(router: RouterId): Promise<void> {
    const zones = this.#zones;
    if (zones === undefined) return;
    this.#routers.set(router, 'telling');
    let next: 'toTell' | 'told' = 'told';
    try {
      await this.#options.zone.setZones(router, zones);
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      this.#options.log.warn({ router, err: error }, 'a router could not be told of other zones');
      next = 'toTell';
    }
    // Of another state it is to be told anew, or lost.
    if (this.#routers.get(router) === 'telling') this.#routers.set(router, next);
    else if (this.#routers.has(router)) this.run();
  }

  /** One wrong certificate must not keep routers from hearing of all others. */
  #isCertificate(zone: ZoneId, caPem: string): boolean {
    try {
      new X509Certificate(caPem);
      return true;
    } catch (error) {
      this.#options.log.error({ zone, err: error }, 'the authority of a zone is no certificate');
      return false;
    }
  }
}
