/**
 * How far each zone is, measured while the lobby is open: connectivity checks to routers of all zones side by side, by a peer
 * connection each that never gets further than that. Whoever joins tells what is known by then, and waits for nothing.
 */
import type { ZoneList, ZoneProbe } from '../../proto/signalling.ts';
import { probeAnswer } from './probe-description.ts';

/** Those that the server names first are the likeliest. */
const MAX_ZONES = 8;
/** In all, for all zones at once; a round trip around the Earth takes 0.3 s, and a check may get lost. */
const MEASURE_MS = 1_500;
/** Answers of one zone, the smallest of which counts: queues only ever add. */
const ENOUGH = 3;
const LOOK_MS = 50;

export interface ZoneProbes {
  /** Zone → milliseconds: what is known so far. */
  readonly roundTrips: Readonly<Record<string, number>>;
  /** Resolves when nothing more is to come. Never rejects: what could not be measured is left out. */
  readonly done: Promise<void>;
}

/** Begins to measure the zones that a zone-controller names; `url`: any address of it. */
export function measureZones(url: string): ZoneProbes {
  const roundTrips: Record<string, number> = {};
  return { roundTrips, done: measureAll(url, roundTrips).catch(() => undefined) };
}

async function measureAll(url: string, roundTrips: Record<string, number>): Promise<void> {
  const response = await fetch(new URL('/v1/zones', url), { signal: AbortSignal.timeout(MEASURE_MS) });
  if (!response.ok) return;
  // Our own server's answer, typed by contract (proto/signalling.ts).
  const { zones } = (await response.json()) as ZoneList;
  // With one there is nothing to choose.
  if (zones.length < 2) return;
  const measured = zones.slice(0, MAX_ZONES).map(async ({ zone, probe }) => {
    if (probe === undefined) return;
    await measureRoundTrip(probe, (ms) => {
      roundTrips[zone] = Math.min(ms, roundTrips[zone] ?? Number.POSITIVE_INFINITY);
    });
  });
  await Promise.allSettled(measured);
}

/** Tells each round trip in milliseconds, three at most; resolves when there are no more. Leaves nothing open. */
export async function measureRoundTrip(probe: ZoneProbe, heard: (ms: number) => void): Promise<void> {
  const endMs = performance.now() + MEASURE_MS;
  const peer = new RTCPeerConnection();
  try {
    peer.createDataChannel('probe');
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    await peer.setRemoteDescription({ type: 'answer', sdp: probeAnswer(offer.sdp ?? '', probe) });
    let count = 0;
    while (count < ENOUGH && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const { answers, roundTripMs } = await checksOf(peer);
      if (answers > count && roundTripMs !== undefined) heard(roundTripMs);
      count = Math.max(count, answers);
    }
  } finally {
    peer.close();
  }
}

/** How many checks were answered, and how long the last one took. */
async function checksOf(peer: RTCPeerConnection): Promise<{ answers: number; roundTripMs: number | undefined }> {
  let answers = 0;
  let roundTripMs: number | undefined;
  // RTCStatsReport is a map of dictionaries (webrtc-stats); these members are of candidate-pair.
  for (const stats of (await peer.getStats()).values() as Iterable<RTCIceCandidatePairStats>) {
    if (stats.type !== 'candidate-pair' || stats.currentRoundTripTime === undefined) continue;
    answers += stats.responsesReceived ?? 0;
    roundTripMs = Math.min(roundTripMs ?? Number.POSITIVE_INFINITY, stats.currentRoundTripTime * 1_000);
  }
  return { answers, roundTripMs };
}
