/** What a TURN service is made with. */
import { isIP } from 'node:net';
import type { Family } from './core/allocation.ts';
import type { TurnLimits } from './core/allocations.ts';
import { parseIp } from './core/ip-address.ts';
import type { PortRange, RelayAddress } from './relay-sockets.ts';
import type { StreamLimits } from './turn-stream.ts';
import type { Endpoint } from './udp-listener.ts';

export interface TurnServiceLimits extends TurnLimits, StreamLimits {
  /** Connections by TCP and TLS. */
  readonly streams: number;
  /** By IPv4 address, or /64 of IPv6. */
  readonly streamsPerAddress: number;
  /** Requests of an address (likewise) that has no allocation. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

export const TURN_LIMITS: TurnServiceLimits = {
  allocations: 10_000,
  // A browser makes one for each URL (UDP, TCP, TLS) and each of its networks (two interfaces with IPv4 and IPv6) and each transport, of which
  // there are two during a move: 24. And half as many that were left without a word, and live for 10 minutes more.
  allocationsPerUser: 36,
  // 400 people behind one address at 12 each; half of what there is.
  allocationsPerAddress: 5_000,
  peers: 64,
  channels: 64,
  // 24 Mb/s: more than anybody publishes.
  bytesPerSecond: 3_000_000,
  streams: 10_000,
  streamsPerAddress: 2000,
  requestsPerSecond: 200,
  requestBurst: 2000,
  queueBytes: 512 * 1024,
  queueDeadlineMs: 500,
  idleMs: 10_000,
  stalledMs: 30_000,
};

export interface TurnServiceOptions {
  /** At most 127 bytes; the zone's name. */
  readonly realm: string;
  readonly udp: readonly Endpoint[];
  readonly tcp: readonly Endpoint[];
  /** One for each address family that relays can have; at least one. */
  readonly relays: readonly RelayAddress[];
  /** Ports of relays, both included; undefined: those that the kernel chooses. */
  readonly relayPorts?: PortRange;
  /** What differs from TURN_LIMITS. */
  readonly limits?: Partial<TurnServiceLimits>;
}

/** Throws a RangeError for what cannot be relayed from. */
export function relayAddresses(relays: readonly RelayAddress[]): ReadonlyMap<Family, RelayAddress> {
  const addresses = new Map<Family, RelayAddress>();
  for (const relay of relays) {
    const [family, announced] = [isIP(relay.address), isIP(relay.announced ?? relay.address)];
    if ((family !== 4 && family !== 6) || announced !== family) {
      throw new RangeError(`no relay address: ${relay.address}, announced as ${relay.announced ?? 'the same'}`);
    }
    const isAny = parseIp(relay.announced ?? relay.address)?.every((byte) => byte === 0) ?? true;
    if (isAny) throw new RangeError(`peers cannot send to ${relay.address}: it needs an announced address`);
    if (addresses.has(family)) throw new RangeError(`two relay addresses of IPv${family}`);
    addresses.set(family, relay);
  }
  if (addresses.size === 0) throw new RangeError('no relay address');
  return addresses;
}
