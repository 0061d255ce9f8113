/**
 * Where the zone's routers receive media: whereto anything may be sent at all. A router that is not told of any more stays for a
 * while, because after all controllers were away the routers register one by one, and media goes on meanwhile.
 */
import type { Peer } from '../turn/core/allowed-peers.ts';
import { canonicalIp } from '../turn/core/ip-address.ts';

/** A controller that starts waits for routers half as long. */
export const KEPT_MS = 30_000;

export class ToldRouters {
  /** By address and port: until when, monotonic. */
  readonly #endsMs = new Map<string, { readonly peer: Peer; readonly endMs: number }>();

  /** These are there now. What is no address is passed over. */
  tell(peers: readonly Peer[], nowMs: number): void {
    for (const { address, port } of peers) {
      const key = keyOf(address, port);
      if (key !== undefined) this.#endsMs.set(key, { peer: { address, port }, endMs: nowMs + KEPT_MS });
    }
    for (const [key, { endMs }] of this.#endsMs) if (endMs <= nowMs) this.#endsMs.delete(key);
  }

  /** `address` in any notation. */
  has(address: string, port: number): boolean {
    const key = keyOf(address, port);
    return key !== undefined && this.#endsMs.has(key);
  }

  get all(): Peer[] {
    return [...this.#endsMs.values()].map(({ peer }) => peer);
  }
}

function keyOf(address: string, port: number): string | undefined {
  const canonical = canonicalIp(address);
  return canonical === undefined ? undefined : `${canonical} ${port}`;
}
