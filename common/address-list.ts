/** Addresses that an operator names: networks in CIDR notation, and single addresses. */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** In a configuration: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1`. */
export const network = z.string().refine((text) => parseNetwork(text) !== undefined, 'must be as 10.0.0.0/8');

export class AddressList {
  readonly #list = new BlockList();

  /** `networks`: as `network` takes them; throws a RangeError for others. */
  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const parsed = parseNetwork(text);
      if (parsed === undefined) throw new RangeError(`no network: ${text}`);
      this.#list.addSubnet(parsed.address, parsed.bits, parsed.family);
    }
  }

  /** `address` as Node gives it; an IPv4 address mapped into IPv6 is the IPv4 address. False for what is none. */
  has(address: string | undefined): boolean {
    const family = isIP(address ?? '');
    return family !== 0 && this.#list.check(address ?? '', family === 4 ? 'ipv4' : 'ipv6');
  }
}

function parseNetwork(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', length] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  return bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}
