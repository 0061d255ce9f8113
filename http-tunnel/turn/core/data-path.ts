/** Data on its way through a relay (RFC 8656 sections 11 and 12.5 to 12.7). */
import { readUint16 } from '../../../mmr/media/rtp/bytes.ts';
import { findAttribute, type StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import type { Allocation, FiveTuple, PermittedPeer, Relay } from './allocation.ts';
import type { Allocations } from './allocations.ts';
import type { PeerPolicy } from './allowed-peers.ts';
import { peerAddress } from './peer-requests.ts';
import { dataIndication } from './turn-answers.ts';
import type { TurnCounters, TurnDrop } from './turn-counters.ts';
import type { TurnOut } from './turn-out.ts';
import { CHANNEL_HEADER_BYTES, peerAddressesOf, TurnAttribute, unknownAttributes } from './turn-protocol.ts';

/** A router takes no packet that is longer than its path's MTU, and no network here has jumbo frames end to end. */
export const MAX_DATA_BYTES = 2048;

/** Each packet's outcome is the caller's to count. */
export class DataPath<Client extends FiveTuple> {
  readonly #allocations: Allocations<Client>;
  readonly #policy: PeerPolicy;
  readonly #counters: TurnCounters;
  readonly #random: (size: number) => Uint8Array;
  readonly #out: TurnOut<Client>;

  constructor(
    allocations: Allocations<Client>,
    policy: PeerPolicy,
    counters: TurnCounters,
    random: (size: number) => Uint8Array,
    out: TurnOut<Client>,
  ) {
    this.#allocations = allocations;
    this.#policy = policy;
    this.#counters = counters;
    this.#random = random;
    this.#out = out;
  }

  /** From the client, section 12.6. Padding may follow (section 12.5), and is not looked at. */
  handleChannelData(
    nowMs: number,
    client: Client,
    bytes: Uint8Array,
    offset: number,
    size: number,
  ): TurnDrop | 'relayed' {
    if (size < CHANNEL_HEADER_BYTES) return 'malformed';
    const dataSize = readUint16(bytes, offset + 2);
    if (dataSize > size - CHANNEL_HEADER_BYTES) return 'malformed';
    const allocation = this.#allocations.find(nowMs, client.key);
    if (allocation === undefined) return 'noAllocation';
    const channel = allocation.channels.get(readUint16(bytes, offset));
    if (channel === undefined || channel.expiresMs <= nowMs) return 'unboundChannel';
    return this.#toPeer(nowMs, allocation, channel.peer, channel.port, bytes, offset + CHANNEL_HEADER_BYTES, dataSize);
  }

  /** From the client, section 11.2. The indication is not authenticated: the permission is what allows it. */
  handleSend(nowMs: number, client: Client, message: StunMessage): TurnDrop | 'relayed' {
    if (unknownAttributes(message).length > 0) return 'unknownAttribute';
    const found = peerAddressesOf(message);
    const data = findAttribute(message, TurnAttribute.data);
    if (found === 'malformed' || found[0] === undefined || data < 0) return 'malformed';
    const allocation = this.#allocations.find(nowMs, client.key);
    if (allocation === undefined) return 'noAllocation';
    const { address, port } = peerAddress(found[0]);
    const peer = allocation.peers.get(address);
    if (peer === undefined) return 'noPermission';
    if (!this.#policy.allows(address, port)) return 'peerNotAllowed';
    return this.#toPeer(nowMs, allocation, peer, port, message.bytes, data + 4, readUint16(message.bytes, data + 2));
  }

  #toPeer(
    nowMs: number,
    allocation: Allocation<Client>,
    peer: PermittedPeer,
    port: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
  ): TurnDrop | 'relayed' {
    if (size > MAX_DATA_BYTES) return 'tooLarge';
    if (peer.expiresMs <= nowMs) return 'noPermission';
    const relay = allocation.relayOf(peer.family);
    if (relay === undefined) return 'noAllocation';
    if (allocation.dataBytes?.take(nowMs * 1000, size) === false) return 'policed';
    this.#counters.bytesToPeers += size;
    this.#out.toPeer(relay, bytes, offset, size, peer.address, port);
    return 'relayed';
  }

  /** From a peer, sections 11.3 and 12.7. `address` in the one notation. */
  handlePeer(
    nowMs: number,
    relay: Relay<Client>,
    address: string,
    port: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
  ): TurnDrop | 'relayed' {
    if (relay.state !== 'open' || relay.expiresMs <= nowMs) return 'noAllocation';
    const { allocation } = relay;
    const peer = allocation.peers.get(address);
    if (peer === undefined || peer.expiresMs <= nowMs) return 'noPermission';
    if (size > MAX_DATA_BYTES) return 'tooLarge';
    const channel = peer.channels.get(port);
    if (channel !== undefined && channel.expiresMs > nowMs) {
      this.#out.channelData(allocation.client, channel.number, bytes, offset, size);
    } else {
      if (!this.#policy.allows(address, port)) return 'peerNotAllowed';
      const from = { family: peer.family, port, bytes: peer.bytes };
      const data = bytes.subarray(offset, offset + size);
      this.#out.dataIndication(allocation.client, dataIndication(this.#random(12), from, data));
    }
    this.#counters.bytesToClients += size;
    return 'relayed';
  }
}
