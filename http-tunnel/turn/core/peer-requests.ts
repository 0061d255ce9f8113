/** CreatePermission and ChannelBind (RFC 8656 sections 10 and 12): all of a request holds, or nothing of it. */
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import type { StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import type { Allocation, AllocationLimits, Family, FiveTuple, PermittedPeer } from './allocation.ts';
import type { PeerPolicy } from './allowed-peers.ts';
import { formatIp, unmapped } from './ip-address.ts';
import type { TurnRefusal } from './turn-counters.ts';
import {
  CHANNEL_LIFETIME_MS,
  channelNumberOf,
  MAX_CHANNEL,
  MIN_CHANNEL,
  PERMISSION_LIFETIME_MS,
  peerAddressesOf,
} from './turn-protocol.ts';

interface PeerAddress {
  readonly address: string;
  readonly bytes: Uint8Array;
  readonly family: Family;
  readonly port: number;
}

/** In the one notation: an IPv4-mapped IPv6 address is IPv4, whatever family the attribute says. */
export function peerAddress({ bytes, port }: RemoteAddress): PeerAddress {
  const plain = unmapped(bytes);
  return { address: formatIp(plain), bytes: plain, family: plain.length === 4 ? 4 : 6, port };
}

/** Section 10.2. Undefined: done. */
export function createPermission<Client extends FiveTuple>(
  nowMs: number,
  allocation: Allocation<Client>,
  message: StunMessage,
  policy: PeerPolicy,
  limits: AllocationLimits,
): TurnRefusal | undefined {
  const found = peerAddressesOf(message);
  if (found === 'malformed' || found.length === 0) return 400;
  const peers = new Map(found.map(peerAddress).map((peer) => [peer.address, peer]));
  for (const { family } of peers.values()) if (allocation.relayOf(family) === undefined) return 443;
  for (const { address } of peers.values()) if (!policy.allowsAddress(address)) return 403;
  allocation.expirePeers(nowMs);
  const added = [...peers.keys()].filter((address) => !allocation.peers.has(address)).length;
  if (allocation.peers.size + added > limits.peers) return 508;
  for (const peer of peers.values()) permit(nowMs, allocation, peer);
  return undefined;
}

/** Section 12.2. Undefined: done. */
export function bindChannel<Client extends FiveTuple>(
  nowMs: number,
  allocation: Allocation<Client>,
  message: StunMessage,
  policy: PeerPolicy,
  limits: AllocationLimits,
): TurnRefusal | undefined {
  const number = channelNumberOf(message);
  const found = peerAddressesOf(message);
  if (number === undefined || number === 'malformed' || number < MIN_CHANNEL || number > MAX_CHANNEL) return 400;
  if (found === 'malformed' || found[0] === undefined) return 400;
  const wanted = peerAddress(found[0]);
  allocation.expirePeers(nowMs);
  const bound = allocation.channels.get(number);
  const known = allocation.peers.get(wanted.address);
  const boundToPeer = known?.channels.get(wanted.port);
  // Neither may the number have another peer, nor the peer another number.
  if (bound !== boundToPeer) return 400;
  if (allocation.relayOf(wanted.family) === undefined) return 443;
  if (!policy.allows(wanted.address, wanted.port)) return 403;
  if (bound === undefined && allocation.channels.size >= limits.channels) return 508;
  if (known === undefined && allocation.peers.size >= limits.peers) return 508;

  const peer = permit(nowMs, allocation, wanted);
  const expiresMs = nowMs + CHANNEL_LIFETIME_MS;
  if (bound !== undefined) {
    bound.expiresMs = expiresMs;
  } else {
    const channel = { number, peer, port: wanted.port, expiresMs };
    allocation.channels.set(number, channel);
    peer.channels.set(wanted.port, channel);
  }
  return undefined;
}

/** Installs a permission, or lets it begin anew (section 9). */
function permit<Client extends FiveTuple>(
  nowMs: number,
  allocation: Allocation<Client>,
  { address, bytes, family }: PeerAddress,
): PermittedPeer {
  let peer = allocation.peers.get(address);
  if (peer === undefined) {
    peer = { address, bytes, family, expiresMs: 0, channels: new Map() };
    allocation.peers.set(address, peer);
  }
  peer.expiresMs = nowMs + PERMISSION_LIFETIME_MS;
  return peer;
}
