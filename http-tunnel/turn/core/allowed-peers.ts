/** The peers that may be relayed to: the media addresses of the zone's registered routers, and nothing else. */
import { canonicalIp } from './ip-address.ts';

/** Addresses are in the notation of `ip-address.ts`. */
export interface PeerPolicy {
  /** Whether any port there is a peer: permissions know no port (RFC 8656 section 9). */
  allowsAddress(address: string): boolean;
  allows(address: string, port: number): boolean;
}

export interface Peer {
  /** IPv4 or IPv6, in any notation. */
  readonly address: string;
  /** 1..65535. */
  readonly port: number;
}

export class AllowedPeers implements PeerPolicy {
  #ports: ReadonlyMap<string, ReadonlySet<number>> = new Map();

  /** From now on these and no others. What is no address or port is left out; returns how many were. */
  replace(peers: Iterable<Peer>): number {
    const ports = new Map<string, Set<number>>();
    let unusable = 0;
    for (const { address, port } of peers) {
      const canonical = canonicalIp(address);
      if (canonical === undefined || !Number.isInteger(port) || port < 1 || port > 65535) {
        unusable++;
        continue;
      }
      const known = ports.get(canonical);
      if (known === undefined) ports.set(canonical, new Set([port]));
      else known.add(port);
    }
    this.#ports = ports;
    return unusable;
  }

  allowsAddress(address: string): boolean {
    return this.#ports.has(address);
  }

  allows(address: string, port: number): boolean {
    return this.#ports.get(address)?.has(port) ?? false;
  }
}
