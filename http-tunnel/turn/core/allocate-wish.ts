/** What an Allocate request asks for (RFC 8656 section 7.2, steps 3 to 9), before anybody looks at capacity. */
import type { StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import type { Family } from './allocation.ts';
import type { TurnRefusal } from './turn-counters.ts';
import {
  attributeValue,
  byteOf,
  DEFAULT_LIFETIME_MS,
  lifetimeOf,
  MAX_LIFETIME_MS,
  TurnAttribute,
  UDP_PROTOCOL,
} from './turn-protocol.ts';

export interface AllocateWish {
  readonly families: readonly Family[];
  /** Families that were asked for beside the first and are not served: told in the success response. */
  readonly unservedFamily: Family | undefined;
  readonly evenPort: boolean;
  readonly lifetimeMs: number;
}

const IPV4 = 1;
const IPV6 = 2;
const RESERVE_NEXT_PORT = 0x80;

/** `served`: the families that relays can have here. */
export function readAllocate(message: StunMessage, served: ReadonlySet<Family>): AllocateWish | TurnRefusal {
  const transport = byteOf(message, TurnAttribute.requestedTransport, 4);
  if (transport === undefined || transport === 'malformed') return 400;
  if (transport !== UDP_PROTOCOL) return 442;

  const evenPort = byteOf(message, TurnAttribute.evenPort, 1);
  const seconds = lifetimeOf(message);
  if (evenPort === 'malformed' || seconds === 'malformed') return 400;
  const reservesNext = evenPort !== undefined && (evenPort & RESERVE_NEXT_PORT) !== 0;
  const hasToken = attributeValue(message, TurnAttribute.reservationToken) !== undefined;

  const requested = byteOf(message, TurnAttribute.requestedAddressFamily, 4);
  const additional = byteOf(message, TurnAttribute.additionalAddressFamily, 4);
  if (requested === 'malformed' || additional === 'malformed') return 400;
  const namesFamily = requested !== undefined || additional !== undefined;
  if (hasToken && (evenPort !== undefined || namesFamily)) return 400;
  if (additional !== undefined && (requested !== undefined || reservesNext || additional !== IPV6)) return 400;
  // No port is ever reserved, so that no token is valid.
  if (hasToken || reservesNext) return 508;

  const first = familyOf(requested ?? IPV4);
  if (first === undefined || !served.has(first)) return 440;
  const both = additional !== undefined;
  return {
    families: both && served.has(6) ? [first, 6] : [first],
    unservedFamily: both && !served.has(6) ? 6 : undefined,
    evenPort: evenPort !== undefined,
    lifetimeMs: grantedLifetimeMs(seconds),
  };
}

/** Section 7.2: no less than the default, no more than the maximum. */
export function grantedLifetimeMs(askedSeconds: number | undefined): number {
  return Math.max(DEFAULT_LIFETIME_MS, Math.min((askedSeconds ?? 0) * 1000, MAX_LIFETIME_MS));
}

/** The value of an address-family attribute (section 18.6). */
export function familyOf(value: number): Family | undefined {
  if (value === IPV4) return 4;
  return value === IPV6 ? 6 : undefined;
}
