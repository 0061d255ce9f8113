/** The zone's HTTP tunnels, as last seen in the registry: whichever controller they are registered with, all tell clients of them. */
import type { TunnelRecord, ZoneRecords } from '../registry/records.ts';
import type { RegistryView } from '../registry/registry-view.ts';

/** A tunnel that is full by its own word is drawn seldom, and not never: what it said is some seconds old. */
const LEAST_WEIGHT = 0.05;

export interface TunnelDirectoryOptions {
  readonly records: Pick<ZoneRecords, 'viewTunnels'>;
  /** A tunnel has come, gone or changed. */
  readonly changed: () => void;
  /** The registry has no record of it (any more). */
  readonly unrecorded: (tunnel: string) => void;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export class TunnelDirectory {
  readonly #options: TunnelDirectoryOptions;
  readonly #tunnels = new Map<string, TunnelRecord>();
  #view: RegistryView | undefined;

  constructor(options: TunnelDirectoryOptions) {
    this.#options = options;
  }

  start(): void {
    const { records, changed, unrecorded } = this.#options;
    this.#view = records.viewTunnels((tunnel, record) => {
      if (record === undefined) this.#tunnels.delete(tunnel);
      else this.#tunnels.set(tunnel, record);
      if (record === undefined) unrecorded(tunnel);
      changed();
    });
  }

  close(): void {
    this.#view?.close();
  }

  /** By name. */
  get all(): ReadonlyMap<string, TunnelRecord> {
    return this.#tunnels;
  }

  /** Where clients reach them, those that are being drained too. */
  get urls(): string[] {
    return [...this.#tunnels.values()].flatMap(({ urls }) => urls);
  }

  /** At most so many that take people, for one client; the more room one has, the likelier it is there, and first. */
  draw(most: number): TunnelRecord[] {
    const { random = Math.random } = this.#options;
    const left = [...this.#tunnels.values()].filter(({ draining }) => !draining);
    const drawn: TunnelRecord[] = [];
    while (drawn.length < most && left.length > 0) {
      const at = drawOne(left.map(weightOf), random());
      drawn.push(...left.splice(at, 1));
    }
    return drawn;
  }

  /** How many, by state. */
  get counts(): { readonly open: number; readonly draining: number } {
    const draining = [...this.#tunnels.values()].filter((each) => each.draining).length;
    return { open: this.#tunnels.size - draining, draining };
  }
}

function weightOf({ load }: TunnelRecord): number {
  return Math.max(1 - load, LEAST_WEIGHT);
}

/** An index of `weights`, each as likely as its share; `random` from 0 to below 1. */
function drawOne(weights: readonly number[], random: number): number {
  let rest = random * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  // Rounding may leave a little.
  return found === -1 ? weights.length - 1 : found;
}
