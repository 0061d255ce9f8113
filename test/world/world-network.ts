/**
 * Several places on one machine: a network namespace for each zone and one for what stands between zones, joined by a bridge
 * that plays the wide area. Every zone has two addresses: one in its own network, where its people are (and this process), and one
 * towards the world. Its link to the world can be cut, and a firewall let nothing in that was not asked for from inside.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { Host } from '../processes/host.ts';

const PREFIX = 'zonecast-w';
const NAMESPACES = '/run/netns';
/** Of private use, and not what the benchmark takes. */
const NET = '10.88';

export interface ZoneHost extends Host {
  /** Towards the other zones. */
  readonly wanAddress: string;
}

export class WorldNetwork {
  /** Where NATS and the global controllers are. */
  readonly hub: Host;
  readonly zones: readonly ZoneHost[];

  /** Needs root and iproute2. */
  constructor(zones: number) {
    removeStale();
    this.hub = { address: `${NET}.0.1`, run: inNamespace(nameOf('hub')) };
    this.zones = Array.from({ length: zones }, (_, index) => ({
      address: `${NET}.${index + 1}.1`,
      wanAddress: `${NET}.0.${10 + index}`,
      run: inNamespace(nameOf(index)),
    }));
    try {
      this.#make();
    } catch (error) {
      this.close();
      throw new Error('no network namespaces: that needs root and the package iproute2', { cause: error });
    }
  }

  /** Nothing goes between the zone and the rest of the world; within the zone all goes on. */
  cut(zone: number): void {
    // At the far end: nobody in the zone is told.
    ip('-n', nameOf('hub'), 'link', 'set', `zone-${zone}`, 'down');
  }

  heal(zone: number): void {
    ip('-n', nameOf('hub'), 'link', 'set', `zone-${zone}`, 'up');
  }

  /** From the world only answers come in. */
  fireWall(zone: number): void {
    const rules = `table inet wall {
      chain input {
        type filter hook input priority 0; policy accept;
        iifname "wan" ct state established,related accept
        iifname "wan" icmp type echo-request accept
        iifname "wan" drop
      }
    }`;
    const [command = '', ...args] = inNamespace(nameOf(zone))(['nft', '-f', '-']);
    execFileSync(command, args, { input: rules, stdio: ['pipe', 'ignore', 'pipe'] });
  }

  /** Everything that still runs there has to be ended before. */
  close(): void {
    for (const name of [nameOf('hub'), ...this.zones.map((_, index) => nameOf(index))]) remove(name);
  }

  #make(): void {
    const hub = nameOf('hub');
    ip('netns', 'add', hub);
    ip('-n', hub, 'link', 'set', 'lo', 'up');
    ip('-n', hub, 'link', 'add', 'world', 'type', 'bridge');
    ip('-n', hub, 'address', 'add', `${this.hub.address}/24`, 'dev', 'world');
    ip('-n', hub, 'link', 'set', 'world', 'up');
    for (const [index, { address, wanAddress }] of this.zones.entries()) {
      const zone = nameOf(index);
      ip('netns', 'add', zone);
      ip('-n', zone, 'link', 'set', 'lo', 'up');
      ip('-n', zone, 'link', 'add', 'wan', 'type', 'veth', 'peer', 'name', `zone-${index}`, 'netns', hub);
      ip('-n', zone, 'address', 'add', `${wanAddress}/24`, 'dev', 'wan');
      ip('-n', zone, 'link', 'set', 'wan', 'up');
      ip('-n', hub, 'link', 'set', `zone-${index}`, 'master', 'world');
      ip('-n', hub, 'link', 'set', `zone-${index}`, 'up');
      const people = `zw${index}-${process.pid}`;
      ip('-n', zone, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', people, 'netns', String(process.pid));
      ip('-n', zone, 'address', 'add', `${address}/24`, 'dev', 'lan');
      ip('-n', zone, 'link', 'set', 'lan', 'up');
      ip('address', 'add', `${NET}.${index + 1}.2/24`, 'dev', people);
      ip('link', 'set', people, 'up');
    }
  }
}

function nameOf(place: number | 'hub'): string {
  return `${PREFIX}${process.pid}-${place}`;
}

function inNamespace(name: string): Host['run'] {
  return (command) => ['ip', 'netns', 'exec', name, ...command];
}

/** Of runs that were killed. */
function removeStale(): void {
  const processes = new Set(readdirSync('/proc'));
  for (const name of namespaces()) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !processes.has(pid)) remove(name);
  }
}

function namespaces(): string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return []; // none was ever made
  }
}

/** Its interfaces go with it. */
function remove(name: string): void {
  if (namespaces().includes(name)) ip('netns', 'delete', name);
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
