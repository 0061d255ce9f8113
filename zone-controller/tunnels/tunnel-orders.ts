/** What HTTP tunnels need to know of the zone, as this controller knows it. Pure. */
import type { KeyObject } from 'node:crypto';
import { publicBytes } from '../../common/ed25519.ts';
import type { ZoneId } from '../../common/ids.ts';
import type { TunnelOrders } from '../../proto/gen/zonecast/zone/v1/TunnelOrders.ts';
import type { RouterView } from '../routers/router-directory.ts';
import { turnSecrets } from './turn-secrets.ts';

/** What all controllers of the zone have, and nobody else. */
export interface ZoneKeys {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Ed25519, private: signs tickets. */
  readonly signing: KeyObject;
}

export interface KnownZone {
  readonly zone: ZoneId;
  readonly keys: ZoneKeys;
  readonly routers: readonly Pick<RouterView, 'record' | 'isLost'>[];
  /** URLs of the zone's controllers. */
  readonly controllers: readonly string[];
  /** URLs of its tunnels. */
  readonly tunnels: readonly string[];
}

/** `unixMs`: Unix time. */
export function tunnelOrders({ zone, keys, routers, controllers, tunnels }: KnownZone, unixMs: number): TunnelOrders {
  const origins = new Set(tunnels.map(originOf));
  return {
    zone,
    realm: zone,
    media: routers.flatMap(({ record, isLost }) => (isLost ? [] : (record.media ?? []))),
    turnSecrets: turnSecrets(keys.seed, unixMs),
    ticketKeys: [publicBytes(keys.signing)],
    // A controller whose people come by a tunnel only is said to be there; from a tunnel, that is a circle.
    tunnels: [...tunnels],
    controllers: controllers.filter((url) => !origins.has(originOf(url))),
  };
}

function originOf(url: string): string {
  return new URL(url).origin;
}
