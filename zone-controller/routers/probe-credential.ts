/**
 * The credentials by which clients measure their round trip to the zone. They are made from the zone's secret and the time alone,
 * so that all controllers have the same and none is kept. They are no secret: everybody is told the one of the moment. They only
 * keep away who has not asked lately.
 */
import { hkdfSync } from 'node:crypto';
import type { ProbeCredential } from '../../mmr/media/transport/probe-responder.ts';

/** Each is told for so long, and answered for as long before and after. */
export const PROBE_PERIOD_MS = 10 * 60_000;
/** 192 bits, as base64 without padding: RFC 8839 section 5.4 wants 128. */
const PASSWORD_BYTES = 24;

/** The one that clients are told now; `unixMs`: Unix time. */
export function currentProbe(seed: Uint8Array, unixMs: number): ProbeCredential {
  return probeOf(seed, periodOf(unixMs));
}

/** Those that routers answer now: clocks of controllers differ, and who has been told may ask a little later. */
export function answeredProbes(seed: Uint8Array, unixMs: number): ProbeCredential[] {
  return [-1, 0, 1].map((step) => probeOf(seed, periodOf(unixMs) + step));
}

function periodOf(unixMs: number): number {
  return Math.floor(unixMs / PROBE_PERIOD_MS);
}

function probeOf(seed: Uint8Array, period: number): ProbeCredential {
  const ufrag = `probe/${period.toString(36)}`;
  const key = hkdfSync('sha256', seed, '', `zonecast ${ufrag}`, PASSWORD_BYTES);
  return { ufrag, password: Buffer.from(key).toString('base64') };
}
