/**
 * Several places on one machine: a network namespace for each zone and one for what stands between zones, joined by a bridge
 * that plays the wide area. Every zone has two addresses: one in its own network, where its people are (and this process), and one
 * towards the world. Its link to the world can be cut, and a firewall let nothing in that was not asked for from inside.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Host } from '../processes/host.ts';

const PREFIX = 'zonecast-w';
const NAMESPACES = '/run/netns';
/** Each world has a /16 of these, of private use and not what the benchmark takes: 10.88 to 10.127. */
const NETS = Array.from({ length: 40 }, (_, index) => 88 + index);

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
    try {
      const net = claimNet();
      this.hub = { address: `10.${net}.0.1`, run: inNamespace(nameOf('hub')) };
      this.zones = Array.from({ length: zones }, (_, index) => ({
        address: `10.${net}.${index + 1}.1`,
        wanAddress: `10.${net}.0.${10 + index}`,
        run: inNamespace(nameOf(index)),
      }));
      this.#make(net);
    } catch (error) {
      removeAll(process.pid);
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
    nft(zone, rules);
  }

  /** Neither its people nor the world hear of the zone any more, and nobody is told: what is sent there is never answered. */
  darken(zone: number): void {
    const rules = `table inet dark {
      chain in {
        type filter hook input priority 0; policy accept;
        iifname { "lan", "wan" } drop
      }
      chain out {
        type filter hook output priority 0; policy accept;
        oifname { "lan", "wan" } drop
      }
    }`;
    nft(zone, rules);
  }

  lighten(zone: number): void {
    nft(zone, 'delete table inet dark');
  }

  /** Who is in `from` reaches what is inside of `to`. */
  route(from: number, to: number): void {
    const { address, wanAddress } = this.zones[to] as ZoneHost;
    ip('-n', nameOf(from), 'route', 'add', `${address}/32`, 'via', wanAddress, 'dev', 'wan');
  }

  /**
   * Nothing leaves the zone but what one of these rules of nft matches, and nothing comes in but what answers that; nobody is told of what
   * does not. In place of earlier rules.
   */
  enclose(zone: number, rules: readonly string[]): void {
    const out = ['oifname "lo"', ...rules].map((rule) => `${rule} accept`);
    const back = out.map((rule) => rule.replace('oif', 'iif').replace('dport', 'sport').replace('daddr', 'saddr'));
    nft(
      zone,
      `table inet walls
      delete table inet walls
      table inet walls {
        chain out {
          type filter hook output priority 0; policy drop;
          ${out.join('\n')}
        }
        chain back {
          type filter hook input priority 0; policy drop;
          ${back.join('\n')}
        }
      }`,
    );
  }

  /** Everything that still runs there has to be ended before. */
  close(): void {
    removeAll(process.pid);
  }

  #make(net: number): void {
    const hub = nameOf('hub');
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
      const people = `${interfaceOf(net)}-${index}`;
      ip('-n', zone, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', people, 'netns', String(process.pid));
      ip('-n', zone, 'address', 'add', `${address}/24`, 'dev', 'lan');
      ip('-n', zone, 'link', 'set', 'lan', 'up');
      ip('address', 'add', `10.${net}.${index + 1}.2/24`, 'dev', people);
      ip('link', 'set', people, 'up');
    }
  }
}

/**
 * Makes the hub, and takes a /16 that nothing on this machine has yet. Whoever has an interface of that name has it, so that two
 * that begin at once do not take the same.
 */
function claimNet(): number {
  const hub = nameOf('hub');
  ip('netns', 'add', hub);
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const free = NETS.filter((net) => !addresses.some(({ address }) => address.startsWith(`10.${net}.`)));
  let refusal: unknown;
  for (const net of free) {
    const name = interfaceOf(net);
    try {
      ip('-n', hub, 'link', 'add', 'claim', 'type', 'veth', 'peer', 'name', name, 'netns', String(process.pid));
    } catch (error) {
      refusal = error;
      continue;
    }
    // What people here send to addresses between the zones goes no further than that.
    ip('link', 'set', name, 'up');
    ip('route', 'add', `10.${net}.0.0/16`, 'dev', name);
    return net;
  }
  throw new Error('no /16 is free', { cause: refusal });
}

function interfaceOf(net: number): string {
  return `zw${net}`;
}

function nameOf(place: number | 'hub'): string {
  return `${PREFIX}${process.pid}-${place}`;
}

function nft(zone: number, rules: string): void {
  const [command = '', ...args] = inNamespace(nameOf(zone))(['nft', '-f', '-']);
  execFileSync(command, args, { input: rules, stdio: ['pipe', 'ignore', 'pipe'] });
}

function inNamespace(name: string): Host['run'] {
  return (command) => ['ip', 'netns', 'exec', name, ...command];
}

/** Of runs that were killed. */
function removeStale(): void {
  const processes = new Set(readdirSync('/proc'));
  const owners = namespaces().flatMap((name) => new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? []);
  for (const pid of new Set(owners)) if (!processes.has(pid)) removeAll(pid);
}

/** All namespaces of a process; their interfaces go with them. */
function removeAll(pid: number | string): void {
  for (const name of namespaces().filter((each) => each.startsWith(`${PREFIX}${pid}-`))) {
    try {
      ip('netns', 'delete', name);
    } catch (error) {
      // Another run may have removed it meanwhile.
      if (namespaces().includes(name)) throw error;
    }
  }
}

function namespaces(): string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return []; // none was ever made
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
