/** What a peer is limited by: its IPv4 address, or the /64 of its IPv6 address, of which one customer has many. */
import { isIPv6 } from 'node:net';

/** `address` as Node gives it (`socket.remoteAddress`); undefined, when the peer is gone, is a key of its own. */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return 'gone';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(address) ? `${firstGroups(address).join(':')}::/64` : address;
}

/** The first four of the eight groups, in their shortest form. */
function firstGroups(address: string): string[] {
  const [withoutZone = ''] = address.split('%');
  const [head = '', tail] = withoutZone.split('::');
  const groups = head === '' ? [] : head.split(':');
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tailGroups.length;
  const all = [...groups, ...new Array<string>(Math.max(0, missing)).fill('0'), ...tailGroups];
  return all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
}
