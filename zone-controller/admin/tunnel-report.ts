/** The zone's HTTP tunnels in the words of `proto/admin.proto`, and what is wrong with them. */
import { ZonecastError } from '../../common/errors.ts';
import type { ListTunnelsReply } from '../../proto/gen/zonecast/admin/v1/ListTunnelsReply.ts';
import type { Tunnel } from '../../proto/gen/zonecast/admin/v1/Tunnel.ts';
import type { OperatorMirror } from '../registry/operator-mirror.ts';
import type { TunnelRecord } from '../registry/records.ts';
import type { TunnelDirectory, TunnelState } from '../tunnels/tunnel-directory.ts';
import { type PageRequest, pageOf } from './paging.ts';

export interface TunnelReportOptions {
  readonly tunnels: Pick<TunnelDirectory, 'all' | 'lost' | 'isOpen'>;
  readonly operators: Pick<OperatorMirror, 'tunnelDrains'>;
}

export class TunnelReport {
  readonly #options: TunnelReportOptions;

  constructor(options: TunnelReportOptions) {
    this.#options = options;
  }

  /** `tunnel`: only this one; empty: all. @throws ZonecastError `noSuchTunnel` */
  list(tunnel: string, request: PageRequest): ListTunnelsReply {
    if (tunnel !== '') {
      this.check(tunnel);
      return { tunnels: [this.#toTunnel(tunnel)], nextPageToken: '' };
    }
    const { items, nextPageToken } = pageOf(this.#names, (name) => name, request);
    return { tunnels: items.map((name) => this.#toTunnel(name)), nextPageToken };
  }

  /** @throws ZonecastError `noSuchTunnel` */
  check(tunnel: string): void {
    if (!this.#names.has(tunnel)) throw new ZonecastError('noSuchTunnel', `There is no tunnel "${tunnel}".`);
  }

  /** How many tunnels are in each state. */
  states(): Record<string, number> {
    const states: Record<string, number> = {};
    for (const name of this.#names) {
      const state = this.#stateOf(name);
      states[state] = (states[state] ?? 0) + 1;
    }
    return states;
  }

  /** What is wrong, in words for operators; empty when all is well, or there are no tunnels. */
  warnings(): string[] {
    const { tunnels, operators } = this.#options;
    const isNoneOpen = tunnels.all.size > 0 && ![...tunnels.all.keys()].some((name) => tunnels.isOpen(name));
    // Whoever takes a tunnel away that he has drained knows what he does.
    const lost = [...tunnels.lost.keys()].filter((name) => !operators.tunnelDrains.has(name)).toSorted();
    return [
      ...lost.map((name) => `the HTTP tunnel ${name} is lost`),
      ...(isNoneOpen ? ['no HTTP tunnel takes people: all are draining'] : []),
    ];
  }

  get #names(): ReadonlySet<string> {
    const { tunnels, operators } = this.#options;
    return new Set([...tunnels.all.keys(), ...tunnels.lost.keys(), ...operators.tunnelDrains.keys()]);
  }

  #stateOf(name: string): TunnelState {
    const { tunnels } = this.#options;
    if (!tunnels.all.has(name)) return 'lost';
    return tunnels.isOpen(name) ? 'open' : 'draining';
  }

  #toTunnel(name: string): Tunnel {
    const { tunnels, operators } = this.#options;
    const record = tunnels.all.get(name);
    const drain = operators.tunnelDrains.get(name);
    return {
      tunnel: name,
      state: this.#stateOf(name),
      controller: record?.controller ?? '',
      ...lastKnown(record ?? tunnels.lost.get(name)),
      ...(record?.left === undefined ? {} : { left: record.left }),
      ...(drain === undefined ? {} : { drain }),
    };
  }
}

function lastKnown(record: TunnelRecord | undefined): Pick<Tunnel, 'urls' | 'turnUrls' | 'load' | 'release'> {
  if (record === undefined) return { urls: [], turnUrls: [], load: 0, release: '' };
  const { urls, turnUrls, load, release } = record;
  return { urls, turnUrls, load, release };
}
