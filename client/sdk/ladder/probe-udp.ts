/** Whether UDP reaches the zone: a connectivity check to its routers, as for finding the best zone. */
import type { ZoneList } from '../../../proto/signalling.ts';
import { measureRoundTrip } from '../zone-probes.ts';

const ASK_MS = 2_000;

/** `url`: any address of the zone-controller in use. False also when that could not be found out. */
export async function reachesByUdp(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/v1/zones', url), { signal: AbortSignal.timeout(ASK_MS) });
    // Our own server's answer, typed by contract (proto/signalling.ts): this zone is the first.
    const { zones } = (await response.json()) as ZoneList;
    const probe = zones[0]?.probe;
    let isReached = false;
    if (probe !== undefined) await measureRoundTrip(probe, () => (isReached = true));
    return isReached;
  } catch {
    // Without a network, nothing is reached.
    return false;
  }
}
