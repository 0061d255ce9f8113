/** How the participants of a worker fare, as a few numbers over all of them. Read when monitoring asks, never per packet. */
import type { EstimateLimit } from '../media/congestion/estimator-snapshot.ts';
import type { MeetingParticipant } from '../media/meeting-participant.ts';
import type { QualityBands, Quantiles, WorkerMeters } from './messages.ts';

type PeopleMeters = Pick<
  WorkerMeters,
  'connected' | 'estimateBps' | 'limits' | 'roundTripMs' | 'pacingDelayMs' | 'wantedBps' | 'allocatedBps' | 'quality'
>;

export function measurePeople(participants: readonly MeetingParticipant[]): PeopleMeters {
  const connected = participants.filter((participant) => participant.connected);
  const snapshots = connected.flatMap(({ transport }) => transport.estimator?.snapshot() ?? []);
  const limits: Partial<Record<EstimateLimit, number>> = {};
  for (const { limit } of snapshots) limits[limit] = (limits[limit] ?? 0) + 1;
  return {
    connected: connected.length,
    estimateBps: quantiles(snapshots.map(({ targetBps }) => targetBps)),
    limits,
    roundTripMs: quantiles(connected.flatMap(({ transport }) => transport.roundTripMs ?? [])),
    pacingDelayMs: quantiles(connected.map(({ transport }) => transport.queueDelayUs / 1000)),
    wantedBps: sum(connected.map(({ allocator }) => allocator.allocation?.wantedBps ?? 0)),
    allocatedBps: sum(connected.map(({ allocator }) => allocator.allocation?.usedBps ?? 0)),
    quality: {
      uplink: bands(connected.flatMap(({ quality }) => quality.uplink.rounded ?? [])),
      downlink: bands(connected.flatMap(({ quality }) => quality.downlink.rounded ?? [])),
    },
  };
}

/** Nearest rank; undefined of nothing. */
export function quantiles(values: readonly number[]): Quantiles | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | undefined => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p10, p50, p90] = [at(0.1), at(0.5), at(0.9)];
  return p10 === undefined || p50 === undefined || p90 === undefined ? undefined : { p10, p50, p90 };
}

/** Bounds as in docs/connection-quality.md. */
export function bands(scores: readonly number[]): QualityBands {
  const counts = { good: 0, fair: 0, poor: 0, lost: 0 };
  for (const score of scores) counts[score >= 80 ? 'good' : score >= 50 ? 'fair' : score >= 1 ? 'poor' : 'lost']++;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
