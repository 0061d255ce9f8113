/** All allocations of a server, by 5-tuple, and who has how many. */
import { Allocation, type AllocationLimits, type FiveTuple, type Origin, type Relay } from './allocation.ts';
import type { TurnUser } from './credentials.ts';
import { Quota } from './quotas.ts';

export interface TurnLimits extends AllocationLimits {
  readonly allocations: number;
  readonly allocationsPerUser: number;
  /** By IPv4 address, or /64 of IPv6: a company behind one NAT has one. */
  readonly allocationsPerAddress: number;
}

/** An allocation of both address families has two sockets, and counts once. */
export class Allocations<Client extends FiveTuple> {
  readonly limits: TurnLimits;
  readonly users: Quota;
  readonly addresses: Quota;
  readonly #byClient = new Map<string, Allocation<Client>>();
  readonly #closeRelay: (relay: Relay<Client>) => void;

  /** `closeRelay` is told of every relay that is no more. */
  constructor(limits: TurnLimits, closeRelay: (relay: Relay<Client>) => void) {
    this.limits = limits;
    this.#closeRelay = closeRelay;
    this.users = new Quota(limits.allocationsPerUser);
    this.addresses = new Quota(limits.allocationsPerAddress);
  }

  get size(): number {
    return this.#byClient.size;
  }

  [Symbol.iterator](): Iterator<Allocation<Client>> {
    return this.#byClient.values();
  }

  /** What lives: relays whose time is over are closed first. */
  find(nowMs: number, client: string): Allocation<Client> | undefined {
    const allocation = this.#byClient.get(client);
    if (allocation === undefined) return undefined;
    for (const relay of allocation.relays) {
      if (relay.state === 'open' && relay.expiresMs <= nowMs) this.close(relay);
    }
    return this.#byClient.has(client) ? allocation : undefined;
  }

  /** The code to refuse by; undefined when there is room. */
  refusal(user: TurnUser, addressGroup: string): 486 | 508 | undefined {
    if (this.users.isUsedUp(user.participant) || this.addresses.isUsedUp(addressGroup)) return 486;
    return this.size >= this.limits.allocations ? 508 : undefined;
  }

  /** The 5-tuple has none yet. */
  make(client: Client, origin: Origin, addressGroup: string): Allocation<Client> {
    const allocation = new Allocation(client, origin, addressGroup, this.limits.bytesPerSecond);
    this.#byClient.set(client.key, allocation);
    this.users.take(allocation.user.participant);
    this.addresses.take(addressGroup);
    return allocation;
  }

  /** The last relay takes the allocation along. */
  close(relay: Relay<Client>): void {
    if (relay.state === 'closed') return;
    relay.state = 'closed';
    this.#closeRelay(relay);
    const { allocation } = relay;
    if (allocation.relays.some(({ state }) => state !== 'closed')) return;
    this.#byClient.delete(allocation.client.key);
    this.users.give(allocation.user.participant);
    this.addresses.give(allocation.addressGroup);
  }

  remove(allocation: Allocation<Client>): void {
    for (const relay of allocation.relays) this.close(relay);
  }

  expire(nowMs: number): void {
    for (const [client, allocation] of this.#byClient) {
      this.find(nowMs, client);
      allocation.expirePeers(nowMs);
    }
  }
}
