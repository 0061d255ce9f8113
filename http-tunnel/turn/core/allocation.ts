/** What a 5-tuple has allocated (RFC 8656 section 3.2): relayed transport addresses, permissions, channels. */
import { TokenBucket } from '../../../mmr/media/token-bucket.ts';
import type { AllocateWish } from './allocate-wish.ts';
import type { Proof } from './authentication.ts';
import type { TurnUser } from './credentials.ts';
import type { Question } from './turn-answers.ts';

/** The client's side of a 5-tuple. The shell's own class, with whatever it needs to send there. */
export interface FiveTuple {
  /** Tells it from all others: transport, both addresses and ports; another one for each TCP connection. */
  readonly key: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Where the client comes from, as the server sees it. */
  readonly address: string;
  readonly port: number;
}

export type Family = 4 | 6;

/** One relayed transport address, and the socket there. */
export class Relay<Client extends FiveTuple> {
  readonly allocation: Allocation<Client>;
  readonly family: Family;
  state: 'opening' | 'open' | 'closed' = 'opening';
  expiresMs = 0;
  /** Where peers see the client; set when open. */
  address = '';
  port = 0;

  constructor(allocation: Allocation<Client>, family: Family) {
    this.allocation = allocation;
    this.family = family;
  }
}

/** An IP address that the client may exchange data with (section 9), and the channels to its ports (section 12). */
export interface PermittedPeer {
  readonly address: string;
  readonly bytes: Uint8Array;
  readonly family: Family;
  expiresMs: number;
  readonly channels: Map<number, Channel>;
}

export interface Channel {
  readonly number: number;
  readonly peer: PermittedPeer;
  readonly port: number;
  expiresMs: number;
}

export interface AllocationLimits {
  /** IP addresses that one allocation has permissions for. */
  readonly peers: number;
  readonly channels: number;
  /** Bytes of data a second that a client may send, and as many at once; Infinity: no limit. */
  readonly bytesPerSecond: number;
}

/** The Allocate request that an allocation was made by: it is answered later, and again when it comes again. */
export interface Origin {
  readonly question: Question;
  readonly proof: Proof;
  readonly wish: AllocateWish;
}

/** A client needs a request every four minutes for each permission; what is above this is nobody's client. */
const REQUESTS_PER_SECOND = 20;
const REQUEST_BURST = 200;

export class Allocation<Client extends FiveTuple> {
  readonly client: Client;
  readonly origin: Origin;
  /** What the quota of the client's address counts by. */
  readonly addressGroup: string;
  readonly relays: Relay<Client>[] = [];
  readonly peers = new Map<string, PermittedPeer>();
  readonly channels = new Map<number, Channel>();
  readonly requests = new TokenBucket(REQUESTS_PER_SECOND, REQUEST_BURST);
  readonly dataBytes: TokenBucket | undefined;

  /** Its relays are still to be opened. */
  constructor(client: Client, origin: Origin, addressGroup: string, bytesPerSecond: number) {
    this.client = client;
    this.origin = origin;
    this.addressGroup = addressGroup;
    for (const family of origin.wish.families) this.relays.push(new Relay(this, family));
    this.dataBytes =
      bytesPerSecond === Number.POSITIVE_INFINITY ? undefined : new TokenBucket(bytesPerSecond, bytesPerSecond);
  }

  get user(): TurnUser {
    return this.origin.proof.user;
  }

  /** The Allocate request has not been answered yet. */
  get isOpening(): boolean {
    return this.relays.some(({ state }) => state === 'opening');
  }

  /** The open relay of a family. */
  relayOf(family: Family): Relay<Client> | undefined {
    for (const relay of this.relays) if (relay.family === family && relay.state === 'open') return relay;
    return undefined;
  }

  /** Forgets permissions and channels that are over. */
  expirePeers(nowMs: number): void {
    for (const channel of this.channels.values()) {
      if (channel.expiresMs > nowMs) continue;
      this.channels.delete(channel.number);
      channel.peer.channels.delete(channel.port);
    }
    for (const peer of this.peers.values()) {
      if (peer.expiresMs <= nowMs && peer.channels.size === 0) this.peers.delete(peer.address);
    }
  }
}
