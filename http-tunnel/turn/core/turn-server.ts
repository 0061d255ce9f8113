/**
 * A TURN server (RFC 8656) as a state machine: requests of clients, data of clients and peers, sockets that were opened
 * and time go in; what is to be done goes into `out`. Relays by UDP, and only to the peers of its policy.
 *
 * Not served: TCP relays (RFC 6062), port reservation (EVEN-PORT with R, RESERVATION-TOKEN: 508), DONT-FRAGMENT (420),
 * ICMP, and a client whose address changes (RFC 8016): its 5-tuple has no allocation.
 */
import { verifyFingerprint } from '../../../mmr/media/stun/stun-integrity.ts';
import { parseStun } from '../../../mmr/media/stun/stun-message.ts';
import type { Allocation, FiveTuple, Relay } from './allocation.ts';
import { Allocations, type TurnLimits } from './allocations.ts';
import { DataPath } from './data-path.ts';
import { TurnCounters, type TurnOutcome } from './turn-counters.ts';
import type { TurnOut } from './turn-out.ts';
import { MAX_CHANNEL, MIN_CHANNEL, TurnMethod } from './turn-protocol.ts';
import { type RequestOptions, TurnRequests } from './turn-requests.ts';

export interface TurnServerOptions extends RequestOptions {
  readonly limits: TurnLimits;
}

/** How often `handleTimeout` is due. Nothing outlives its time by this: times are looked at when things are used. */
export const TURN_TIMEOUT_INTERVAL_MS = 1000;

/** The realm stands in every challenge (RFC 8489 section 14.9 allows more). */
const MAX_REALM_BYTES = 127;
/** All times are of a clock that never steps. */
export class TurnServer<Client extends FiveTuple> {
  readonly counters = new TurnCounters();
  readonly allocations: Allocations<Client>;
  readonly #requests: TurnRequests<Client>;
  readonly #dataPath: DataPath<Client>;

  /** Throws a RangeError for a realm of more than 127 bytes. */
  constructor(options: TurnServerOptions, out: TurnOut<Client>) {
    const { credentials, limits, peers, random } = options;
    if (new TextEncoder().encode(credentials.realm).length > MAX_REALM_BYTES) {
      throw new RangeError('the realm is too long');
    }
    this.allocations = new Allocations(limits, (relay) => out.closeRelay(relay));
    this.#requests = new TurnRequests(options, this.allocations, out);
    this.#dataPath = new DataPath(this.allocations, peers, this.counters, random, out);
  }

  /** From now on new allocations are refused (508), or no longer; what is there goes on. */
  setDraining(draining: boolean): void {
    this.#requests.draining = draining;
  }

  /** Addresses without an allocation that are remembered, for what they may ask: bounded. */
  get strangers(): number {
    return this.#requests.strangers;
  }

  /** A datagram, or one frame of a stream (section 3.1): `size` bytes at `offset`. */
  handleClient(nowMs: number, client: Client, bytes: Uint8Array, offset: number, size: number): void {
    this.counters.fromClients++;
    this.counters.countClient(this.#outcome(nowMs, client, bytes, offset, size));
  }

  #outcome(nowMs: number, client: Client, bytes: Uint8Array, offset: number, size: number): TurnOutcome {
    if (size === 0) return 'unknownProtocol';
    const first = bytes[offset] as number;
    if (first >= MIN_CHANNEL >>> 8 && first <= MAX_CHANNEL >>> 8) {
      return this.#dataPath.handleChannelData(nowMs, client, bytes, offset, size);
    }
    return first <= 0x03 ? this.#handleStun(nowMs, client, bytes, offset, size) : 'unknownProtocol';
  }

  /** A datagram that came to a relay; `address` as Node writes it. */
  handlePeer(nowMs: number, relay: Relay<Client>, address: string, port: number, bytes: Uint8Array): void {
    this.counters.countPeer(this.#dataPath.handlePeer(nowMs, relay, address, port, bytes, 0, bytes.length));
  }

  /** The relay's socket is there: `address` and `port` are where peers send to. */
  handleRelayOpened(nowMs: number, relay: Relay<Client>, address: string, port: number): void {
    if (relay.state !== 'opening') return;
    relay.state = 'open';
    relay.address = address;
    relay.port = port;
    relay.expiresMs = nowMs + relay.allocation.origin.wish.lifetimeMs;
    this.#settle(nowMs, relay.allocation);
  }

  handleRelayFailed(nowMs: number, relay: Relay<Client>): void {
    if (relay.state !== 'opening') return;
    this.allocations.close(relay);
    this.#settle(nowMs, relay.allocation);
  }

  /** The client's connection is closed: its allocation goes with it. */
  handleClientGone(nowMs: number, client: Client): void {
    const allocation = this.allocations.find(nowMs, client.key);
    if (allocation === undefined) return;
    if (allocation.isOpening) this.counters.countClient('clientGone');
    this.allocations.remove(allocation);
  }

  /** Every TURN_TIMEOUT_INTERVAL_MS: frees what is over. */
  handleTimeout(nowMs: number): void {
    this.allocations.expire(nowMs);
  }

  /** Answers when all relays of an allocation are open or have failed. */
  #settle(nowMs: number, allocation: Allocation<Client>): void {
    if (allocation.isOpening) return;
    const outcome = this.#requests.settle(nowMs, allocation);
    if (outcome === 'answered') this.counters.allocationsMade++;
    this.counters.countClient(outcome);
  }

  #handleStun(nowMs: number, client: Client, bytes: Uint8Array, offset: number, size: number): TurnOutcome {
    const message = parseStun(bytes, offset, size);
    if (message === undefined) return 'malformed';
    if (message.fingerprintOffset >= 0 && !verifyFingerprint(message)) return 'malformed';
    if (message.class === 'request') return this.#requests.handle(nowMs, client, message);
    if (message.class === 'indication' && message.method === TurnMethod.send) {
      return this.#dataPath.handleSend(nowMs, client, message);
    }
    if (message.class === 'indication' && message.method === TurnMethod.binding) {
      return 'keepalive';
    }
    return 'unexpected';
  }
}
