/** What is watched beyond a trunk, from the statistics of the workers: pure. Rates in bits per second, as the workers measure them. */
import type { EncodingStatistics, WorkerStatistics } from '../../mmr/worker/messages.ts';

export interface Demand {
  /** Each layer that somebody watches, once. */
  readonly demandedBps: number;
  /** The same with the smaller encodings of those sources. */
  readonly withSmallerBps: number;
  /** What everybody watches, once for each of them. */
  readonly starBps: number;
  readonly viewers: number;
}

/** @param beyond The workers beyond the trunk. @param all Those where the publishers are among them. */
export function demandOf(beyond: readonly WorkerStatistics[], all: readonly WorkerStatistics[]): Demand {
  const published = encodingsBySource(all);
  const watched = new Map<string, Set<number>>();
  let starBps = 0;
  for (const { source, layer } of beyond.flatMap(({ participants }) => participants.flatMap(({ slots }) => slots))) {
    const encodings = published.get(source ?? '');
    if (source === undefined || layer === undefined || encodings === undefined) continue;
    // `m 360p15 310 kb/s`; an encoding that is alone has no rid.
    const rank = Math.max(
      0,
      encodings.findIndex(({ rid }) => layer.startsWith(`${rid} `)),
    );
    watched.set(source, (watched.get(source) ?? new Set()).add(rank));
    starBps += encodings[rank]?.bitrateBps ?? 0;
  }
  let demandedBps = 0;
  let withSmallerBps = 0;
  for (const [source, ranks] of watched) {
    const highest = Math.max(...ranks);
    published.get(source)?.forEach(({ bitrateBps }, rank) => {
      if (ranks.has(rank)) demandedBps += bitrateBps;
      if (rank <= highest) withSmallerBps += bitrateBps;
    });
  }
  const viewers = beyond.reduce((sum, { participants }) => sum + participants.length, 0);
  return { demandedBps, withSmallerBps, starBps, viewers };
}

/** Of each video source, from the smallest picture up, as offered. */
function encodingsBySource(workers: readonly WorkerStatistics[]): Map<string, readonly EncodingStatistics[]> {
  const sources = workers.flatMap(({ participants }) =>
    participants.flatMap(({ participant, sources }) => sources.map((source) => ({ participant, source }))),
  );
  return new Map(
    sources.map(({ participant, source: { kind, encodings } }) => [
      `${participant}/${kind}`,
      encodings.toSorted((a, b) => (a.height ?? 0) - (b.height ?? 0)),
    ]),
  );
}
