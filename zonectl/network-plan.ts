/** From `--host` to what is listened at, what links say and what media announces. Pure: the interfaces are an argument. */
import { isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

export interface NetworkPlan {
  /** For page and signalling. */
  readonly listenHost: string;
  readonly linkHost: string;
  /** What the media workers bind. */
  readonly mediaAddress: string;
  /** IP addresses in candidates, best first. */
  readonly announce: readonly string[];
  /** Addresses that TURN listens at. */
  readonly turnHosts: readonly string[];
  /** What TURN relays from, towards the routers: one address of each family. */
  readonly relayAddresses: readonly string[];
  /** Where this machine's own connections come from. */
  readonly ownAddresses: readonly string[];
  /** Browsers give camera and microphone to pages of localhost and to HTTPS only (W3C Secure Contexts section 3.1). */
  readonly needsTls: boolean;
  /** What a certificate for this host has to name. */
  readonly certificateHosts: readonly string[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'];
const WILDCARDS = new Set(['0.0.0.0', '::']);

/**
 * Loopback is this machine only, so media binds to the loopback address too: a reply that leaves from another address
 * than the one it was sent to is none for ICE.
 */
export function planNetwork(
  host: string,
  announce: readonly string[],
  interfaces: readonly NetworkInterfaceInfo[],
  hostname: string,
): NetworkPlan {
  // A machine without IPv6 cannot bind the address that takes both families.
  const everywhere = interfaces.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
  if (LOOPBACK.test(host)) {
    const address = host === '::1' ? '::1' : '127.0.0.1';
    return {
      listenHost: address,
      linkHost: host,
      mediaAddress: announce.length > 0 ? everywhere : address,
      announce: announce.length > 0 ? announce : [address],
      turnHosts: [address],
      relayAddresses: [address],
      ownAddresses: LOOPBACK_ADDRESSES,
      needsTls: false,
      certificateHosts: unique([host, 'localhost', ...LOOPBACK_ADDRESSES]),
    };
  }
  const own = ownAddresses(interfaces);
  const linkHost = WILDCARDS.has(host) ? (own[0] ?? 'localhost') : host;
  // A name may belong to a proxy or a NAT in front of us, so only addresses that are ours are bound.
  const listenHost = own.includes(host) || host === '0.0.0.0' ? host : everywhere;
  return {
    listenHost,
    linkHost,
    mediaAddress: everywhere,
    announce: announce.length > 0 ? announce : isIP(host) !== 0 && own.includes(host) ? unique([host, ...own]) : own,
    turnHosts: listenHost === '::' ? ['0.0.0.0', '::'] : [listenHost],
    relayAddresses: oneOfEachFamily(own),
    ownAddresses: unique([...own, ...LOOPBACK_ADDRESSES]),
    needsTls: true,
    certificateHosts: unique([linkHost, hostname, 'localhost', ...own, ...LOOPBACK_ADDRESSES]),
  };
}

/** Addresses that others can reach, IPv4 first: more networks carry it. Loopback when there is no other. */
function ownAddresses(interfaces: readonly NetworkInterfaceInfo[]): string[] {
  const reachable = interfaces.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  const addresses = reachable.toSorted((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
  return addresses.length > 0 ? addresses : ['127.0.0.1'];
}

function oneOfEachFamily(addresses: readonly string[]): string[] {
  return [4, 6].flatMap((family) => addresses.find((address) => isIP(address) === family) ?? []);
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
