/** IP addresses and ranges of them as numbers. What is none gives undefined. */

/** Bits of an address here: IPv4 stands where IPv6 has it mapped (::ffff:0:0/96), so that there is one kind. */
export const ADDRESS_BITS = 128;
const MAPPED = 0xffffn << 32n;
const IPV4_BITS = 32;

/** The first address of a range, and how many leading bits all its addresses share. */
export interface IpRange {
  readonly first: bigint;
  readonly bits: number;
}

/** `text` as in RFC 4291 (IPv6, without a zone) or four decimal numbers. 0 ≤ result < 2^128. */
export function parseAddress(text: string): bigint | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : MAPPED | value;
}

/** `address/bits`. A range that begins with another address than its first is a mistake: undefined. */
export function parseRange(text: string): IpRange | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const first = parseAddress(address);
  if (first === undefined) return undefined;
  const bits = address.includes(':') ? Number(length) : ADDRESS_BITS - IPV4_BITS + Number(length);
  if (bits > ADDRESS_BITS || firstOf(first, bits) !== first) return undefined;
  return { first, bits };
}

/** The first address of the range of `bits` leading bits that `address` is in. */
export function firstOf(address: bigint, bits: number): bigint {
  const free = BigInt(ADDRESS_BITS - bits);
  return (address >> free) << free;
}

function parseIpv4(text: string): bigint | undefined {
  // No leading zeros: some read 010 as 8.
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  let value = 0;
  for (const byte of text.split('.').map(Number)) {
    if (byte > 255) return undefined;
    value = value * 256 + byte;
  }
  return BigInt(value);
}

function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const headGroups = parseGroups(head, tail === undefined);
  const tailGroups = parseGroups(tail ?? '', true);
  if (headGroups === undefined || tailGroups === undefined) return undefined;
  const missing = 8 - headGroups.length - tailGroups.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...headGroups, ...new Array<number>(missing).fill(0), ...tailGroups];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Groups of 16 bits. Only the end of an address may be written as IPv4. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = isEnd && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    groups.push(Number(ipv4 >> 16n), Number(ipv4 & 0xffffn));
  }
  return groups;
}
