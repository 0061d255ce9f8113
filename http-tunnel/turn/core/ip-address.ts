/**
 * IP addresses in one notation, so that an address is compared as text: dotted IPv4, or IPv6 as RFC 5952 writes it. An
 * IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is the IPv4 address that it stands for.
 */
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** 4 or 16 bytes of an address in any notation; a zone (`%eth0`) is left out. Undefined when it is none. */
export function parseIp(text: string): Uint8Array | undefined {
  const [withoutZone = ''] = text.split('%', 1);
  const bytes = withoutZone.includes(':') ? parseIpv6(withoutZone) : parseIpv4(withoutZone);
  return bytes === undefined ? undefined : unmapped(bytes);
}

/** The bytes of the IPv4 address where it is mapped into IPv6, else the bytes themselves. */
export function unmapped(bytes: Uint8Array): Uint8Array {
  const isMapped = bytes.length === 16 && MAPPED_PREFIX.every((byte, i) => bytes[i] === byte);
  return isMapped ? bytes.subarray(12) : bytes;
}

/** The one notation of 4 or 16 bytes. */
export function formatIp(bytes: Uint8Array): string {
  const plain = unmapped(bytes);
  return plain.length === 4 ? plain.join('.') : formatIpv6(plain);
}

/** The one notation of an address given in any; undefined when it is none. */
export function canonicalIp(text: string): string | undefined {
  const bytes = parseIp(text);
  return bytes === undefined ? undefined : formatIp(bytes);
}

/** What a client is limited by: its IPv4 address, or the /64 of its IPv6 address, of which one customer has many. */
export function addressGroup(bytes: Uint8Array): string {
  const plain = unmapped(bytes);
  if (plain.length === 4) return plain.join('.');
  const prefix = new Uint8Array(16);
  prefix.set(plain.subarray(0, 8));
  return `${formatIpv6(prefix)}/64`;
}

/** The form that STUN attributes take (RFC 8489 section 14.1). Undefined when `text` is no address. */
export function transportAddress(text: string, port: number): RemoteAddress | undefined {
  const bytes = parseIp(text);
  return bytes === undefined ? undefined : { family: bytes.length === 4 ? 4 : 6, port, bytes };
}

/** Four decimal numbers, none with a leading zero: some readers take those for octal. */
function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => groupBytes(half, i === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const tailBytes = tail ?? [];
  const missing = 16 - head.length - tailBytes.length;
  // "::" stands for one group at least.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tailBytes]);
}

/** The bytes of groups between colons; the last one may be an IPv4 address in dots. */
function groupBytes(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (isLast && i === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes;
}

/** Lower case, no leading zeros, the first longest run of two zero groups or more as "::" (RFC 5952 section 4). */
function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number));
  let run = { start: 8, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > run.length) run = { start, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.start === 8) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}
