import { isIP } from 'node:net';
import type { RemoteAddress } from '../../media/remote-address.ts';

/** An IP literal and a port as bytes; undefined for anything else, names included: nothing is ever resolved. */
export function parseAddress(text: string, port: number): RemoteAddress | undefined {
  if (!(port > 0 && port < 65_536)) return undefined;
  const family = isIP(text);
  if (family === 4) return { family, port, bytes: Uint8Array.from(text.split('.'), Number) };
  return family === 6 && !text.includes('%') ? { family, port, bytes: ipv6Bytes(text) } : undefined;
}

function ipv6Bytes(text: string): Uint8Array {
  // The URL parser writes every form, also one with an IPv4 address at its end, as eight or fewer groups of hex digits.
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), tail === undefined ? [] : groups(tail)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
