/**
 * The HTTP tunnels that are registered with this controller. It records them for the whole zone, as long as they are, and tells them
 * what they need to know of it: all of it each time, at once, at each change, and again soon.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { TunnelOrders } from '../../proto/gen/zonecast/zone/v1/TunnelOrders.ts';
import type { TunnelRegistration__Output } from '../../proto/gen/zonecast/zone/v1/TunnelRegistration.ts';
import type { LeasedKeys } from '../registry/leased-keys.ts';
import { type TunnelRecord, tunnelRecord, type ZoneRecords } from '../registry/records.ts';
import type { TunnelListener, TunnelSession } from '../routers/zone-server.ts';

const MAX_TUNNELS = 1_000;
const AGAIN_MS = 2_000;
/** Loads change all the time; the registry is written for whole steps. */
const LOAD_STEPS = 10;

export interface RegisteredTunnelsOptions {
  readonly records: ZoneRecords;
  readonly keys: LeasedKeys;
  /** Name of this one. */
  readonly controller: string;
  /** undefined: this controller does not know all of it yet. */
  readonly orders: () => TunnelOrders | undefined;
  /** Whether operators want it drained. */
  readonly isDrained?: (tunnel: string) => boolean;
}

export class RegisteredTunnels implements TunnelListener {
  readonly #options: RegisteredTunnelsOptions;
  /** The stream that each is registered by. */
  readonly #sessions = new Map<string, TunnelSession>();
  #again: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: RegisteredTunnelsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#again = setInterval(() => this.#tell(this.#sessions), AGAIN_MS);
  }

  close(): void {
    clearInterval(this.#again);
    clearImmediate(this.#soon);
  }

  registered(session: TunnelSession, tunnel: string, registration: TunnelRegistration__Output): void {
    const { records, keys, controller } = this.#options;
    if (!this.#sessions.has(tunnel) && this.#sessions.size >= MAX_TUNNELS) {
      throw new ZonecastError('rateLimited', `more than ${MAX_TUNNELS} tunnels`);
    }
    const { key, value } = records.tunnelEntry(tunnel, toRecord(registration, controller));
    const isNew = this.#sessions.get(tunnel) !== session;
    this.#sessions.set(tunnel, session);
    keys.want(key, value);
    if (isNew) this.#tell([[tunnel, session]]);
  }

  gone(session: TunnelSession, tunnel: string): void {
    if (this.#sessions.get(tunnel) !== session) return;
    this.#sessions.delete(tunnel);
    this.#options.keys.drop(this.#options.records.tunnelKey(tunnel));
  }

  /** The registry has no record of it; whoever has it registered puts that right. */
  unrecorded(tunnel: string): void {
    if (this.#sessions.has(tunnel)) this.#options.keys.deleted(this.#options.records.tunnelKey(tunnel));
  }

  /** Something that tunnels are told is another thing now; of many changes at once they are told once. */
  changed(): void {
    if (this.#sessions.size === 0) return;
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#tell(this.#sessions);
    });
  }

  #tell(sessions: Iterable<readonly [tunnel: string, session: TunnelSession]>): void {
    const orders = this.#sessions.size === 0 ? undefined : this.#options.orders();
    if (orders === undefined) return;
    for (const [tunnel, session] of sessions) {
      session.tell({ ...orders, drain: this.#options.isDrained?.(tunnel) ?? false });
    }
  }
}

function toRecord(registration: TunnelRegistration__Output, controller: string): TunnelRecord {
  const { urls, turnUrls, load, draining, version, left } = registration;
  const steps = Math.ceil(Math.min(Math.max(load, 0), 1) * LOAD_STEPS);
  const record = tunnelRecord.safeParse({
    urls,
    turnUrls,
    load: steps / LOAD_STEPS,
    draining,
    left,
    release: version,
    controller,
  });
  if (record.success) return record.data;
  const [issue] = record.error.issues;
  const words = `the registration makes no sense: ${issue?.path.join('.')} ${issue?.message}`;
  throw new ZonecastError('badMessage', words);
}
