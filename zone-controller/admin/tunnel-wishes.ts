/** What operators order of HTTP tunnels: wishes in the registry, which whichever controller has the tunnel registered tells it. */
import type { Logger } from '../../common/log.ts';
import type { TunnelDrainRecord, ZoneRecords } from '../registry/records.ts';
import type { TunnelReport } from './tunnel-report.ts';

export interface TunnelWishesOptions {
  readonly records: Pick<ZoneRecords, 'tunnelDrain' | 'putTunnelDrain' | 'deleteTunnelDrain'>;
  readonly report: Pick<TunnelReport, 'check'>;
  readonly log: Logger;
}

export class TunnelWishes {
  readonly #options: TunnelWishesOptions;

  constructor(options: TunnelWishesOptions) {
    this.#options = options;
  }

  /** A drain from before goes on as it is. @throws ZonecastError `noSuchTunnel` */
  async drain(tunnel: string, by: string): Promise<TunnelDrainRecord> {
    const { records, report, log } = this.#options;
    report.check(tunnel);
    const before = await records.tunnelDrain(tunnel);
    if (before.value !== undefined) return before.value;
    const record = { startedMs: Date.now(), by };
    await records.putTunnelDrain(tunnel, record);
    log.info({ tunnel, by }, 'an operator drains an HTTP tunnel');
    return record;
  }

  /** False when it was not being drained. The tunnel need not be there. */
  async undrain(tunnel: string, by: string): Promise<boolean> {
    const { records, log } = this.#options;
    const wasDraining = await records.deleteTunnelDrain(tunnel);
    log.info({ tunnel, by, wasDraining }, 'an operator ends the drain of an HTTP tunnel');
    return wasDraining;
  }
}
