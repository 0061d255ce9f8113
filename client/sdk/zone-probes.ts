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
  const [reached] = zones;
  if (reached === undefined || zones.length < 2) return;
  const known: Record<string, number> = {};
  const tell = () => Object.assign(roundTrips, known);
  const measured = zones.slice(0, MAX_ZONES).map(async ({ zone, probe }) => {
    if (probe === undefined) return;
    await measureRoundTrip(probe, (ms) => {
      known[zone] = Math.min(ms, known[zone] ?? Number.POSITIVE_INFINITY);
      // Others alone would look nearer than the one that just has not been heard yet.
      if (reached.zone in known) tell();
    });
  });
  await Promise.allSettled(measured);
  tell();
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

interface Checks {
  /** Of all so far. */
  readonly answers: number;
  /** Of the last answer. */
  readonly roundTripMs: number | undefined;
}

async function checksOf(peer: RTCPeerConnection): Promise<Checks> {
  // RTCStatsReport is a map of dictionaries (webrtc-stats); these members are of candidate-pair.
  return checksIn((await peer.getStats()).values() as Iterable<RTCIceCandidatePairStats>);
}

/** How many checks were answered, and how long the last one took. */
export function checksIn(
  report: Iterable<Pick<RTCIceCandidatePairStats, 'type' | 'currentRoundTripTime' | 'responsesReceived'>>,
): Checks {
  let answers = 0;
  let roundTripMs: number | undefined;
  for (const { type, currentRoundTripTime, responsesReceived = 0 } of report) {
    // Without an answer, Firefox says 0 of the round trip, and thinks of pairs that nothing was sent by.
    if (type !== 'candidate-pair' || responsesReceived === 0 || currentRoundTripTime === undefined) continue;
    answers += responsesReceived;
    roundTripMs = Math.min(roundTripMs ?? Number.POSITIVE_INFINITY, currentRoundTripTime * 1_000);
  }
  return { answers, roundTripMs };
}
