/**
 * Who owns which remote address on this worker. A participant proves to ICE only that he knows his own password, not
 * that the source address of his datagram is his: with a forged one he could draw another participant's traffic
 * to his own transport. So an address in use stays with its owner, and changes hands only when the owner has not
 * been heard from it for ADDRESS_HOLD_US (a NAT may well give a freed port to the next participant).
 */
import type { RemoteAddress } from '../remote-address.ts';
import { addressKey } from './remote-addresses.ts';

/** Two of the longest gaps that RFC 7675 section 5.1 allows between consent checks (6 s), with a margin. */
export const ADDRESS_HOLD_US = 15_000_000;

interface Owner {
  handle: number;
  lastSeenUs: number;
}

export class AddressTable {
  readonly #owners = new Map<string, Owner>();
  /** Claims refused because another transport holds the address. */
  refused = 0;

  /** Number of addresses held: at most MAX_REMOTE_ADDRESSES per transport. */
  get size(): number {
    return this.#owners.size;
  }

  /** Takes or renews `address` for the transport `handle`; false when another transport holds it. */
  claim(nowUs: number, handle: number, address: RemoteAddress): boolean {
    const key = addressKey(address);
    const owner = this.#owners.get(key);
    if (owner === undefined) {
      this.#owners.set(key, { handle, lastSeenUs: nowUs });
      return true;
    }
    if (owner.handle !== handle && nowUs - owner.lastSeenUs < ADDRESS_HOLD_US) {
      this.refused++;
      return false;
    }
    owner.handle = handle;
    owner.lastSeenUs = nowUs;
    return true;
  }

  /** Gives `address` up; false, and nothing done, when `handle` does not own it. */
  release(handle: number, address: RemoteAddress): boolean {
    const key = addressKey(address);
    if (this.#owners.get(key)?.handle !== handle) return false;
    this.#owners.delete(key);
    return true;
  }
}
