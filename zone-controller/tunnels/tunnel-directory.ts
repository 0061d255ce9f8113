/** The zone's HTTP tunnels, as last seen in the registry: whichever controller they are registered with, all tell clients of them. */
import type { TunnelRecord, ZoneRecords } from '../registry/records.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { LostTunnels } from './lost-tunnels.ts';

/** What a tunnel can be for those who come. */
export type TunnelState = 'open' | 'draining' | 'lost';

/** A tunnel that is full by its own word is drawn seldom, and not never: what it said is some seconds old. */
const LEAST_WEIGHT = 0.05;

export interface TunnelDirectoryOptions {
  readonly records: Pick<ZoneRecords, 'viewTunnels'>;
  /** A tunnel has come, gone or changed. */
  readonly changed: () => void;
  /** The registry has no record of it (any more). */
  readonly unrecorded: (tunnel: string) => void;
  /** Whether operators want it drained. */
  readonly isDrained?: (tunnel: string) => boolean;
  /** Monotonic, milliseconds. */
  readonly now?: () => number;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export class TunnelDirectory {
  readonly #options: TunnelDirectoryOptions;
  readonly #tunnels = new Map<string, TunnelRecord>();
  readonly #lost = new LostTunnels();
  #view: RegistryView | undefined;
  #version = 0;
  /** What the version is of. */
  #taking = '';

  constructor(options: TunnelDirectoryOptions) {
    this.#options = options;
  }

  start(): void {
    const { records, changed, unrecorded } = this.#options;
    this.#view = records.viewTunnels((tunnel, record) => {
      this.#recorded(tunnel, record);
      if (record === undefined) unrecorded(tunnel);
      this.#note();
      changed();
    });
  }

  /** Operators want a tunnel drained, or do not any more. */
  drainChanged(): void {
    this.#note();
    this.#options.changed();
  }

  close(): void {
    this.#view?.close();
  }

  /** By name. */
  get all(): ReadonlyMap<string, TunnelRecord> {
    return this.#tunnels;
  }

  /** By name: of those that have gone without a word, in the last minutes, what they were. */
  get lost(): ReadonlyMap<string, TunnelRecord> {
    return this.#lost.at(this.#nowMs);
  }

  /** Whether people are sent there. */
  isOpen(tunnel: string): boolean {
    const record = this.#tunnels.get(tunnel);
    return record !== undefined && !record.draining && this.#options.isDrained?.(tunnel) !== true;
  }

  /** Where clients reach them, those that are being drained too. */
  get urls(): string[] {
    return [...this.#tunnels.values()].flatMap(({ urls }) => urls);
  }

  /** Another one when other tunnels take people than before, or those elsewhere. */
  get version(): number {
    return this.#version;
  }

  /**
   * At most so many that take people, by name, for one client: those that he was told of `before`, as far as they do; then, the more
   * room one has, the likelier it is there, and first.
   */
  draw(most: number, before: readonly string[] = []): Map<string, TunnelRecord> {
    const { random = Math.random } = this.#options;
    const left = new Map([...this.#tunnels].filter(([name]) => this.isOpen(name)));
    const drawn = new Map<string, TunnelRecord>();
    const take = (name: string): void => {
      const record = left.get(name);
      if (record !== undefined && left.delete(name)) drawn.set(name, record);
    };
    for (const name of before.slice(0, most)) take(name);
    while (drawn.size < most && left.size > 0) {
      const at = drawOne([...left.values()].map(weightOf), random());
      take([...left.keys()][at] ?? '');
    }
    return drawn;
  }

  /** How many, by state. */
  get counts(): Readonly<Record<TunnelState, number>> {
    const open = [...this.#tunnels.keys()].filter((name) => this.isOpen(name)).length;
    return { open, draining: this.#tunnels.size - open, lost: this.lost.size };
  }

  get #nowMs(): number {
    return this.#options.now?.() ?? performance.now();
  }

  #recorded(tunnel: string, record: TunnelRecord | undefined): void {
    const before = this.#tunnels.get(tunnel);
    if (record !== undefined) {
      this.#tunnels.set(tunnel, record);
      this.#lost.forget(tunnel);
    } else if (before !== undefined) {
      this.#tunnels.delete(tunnel);
      // One that stops has said so before.
      if (!before.draining) this.#lost.note(tunnel, before, this.#nowMs);
    }
  }

  #note(): void {
    const open = [...this.#tunnels].filter(([name]) => this.isOpen(name));
    const taking = JSON.stringify(open.map(([name, { urls, turnUrls }]) => [name, urls, turnUrls]).toSorted());
    if (taking === this.#taking) return;
    this.#taking = taking;
    this.#version++;
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
