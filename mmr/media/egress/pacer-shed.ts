/**
 * Whose packets are given up when a pacing queue is full. Cutting a picture in two helps nobody, and what depends on a
 * lost picture is worth nothing: so one stream gives up all that waits of it and goes on at its next key frame, and the
 * others stay whole.
 */
import type { GateClient } from './egress-gate.ts';
import type { PacerQueues } from './pacer-queues.ts';

interface Waiting {
  readonly ssrc: number;
  readonly rank: number;
  readonly timestamp: number;
  bytes: number;
  pictures: number;
}

/**
 * The SSRC to give up: the one that its owner ranks first, among equals the one with the most bytes. A stream that has
 * one picture waiting is spared unless `isUrgent`: it may be the key frame that all wait for, too large for the rate.
 * 0: nobody. Rare; may allocate.
 */
export function chooseShed(queues: PacerQueues, handle: number, client: GateClient, isUrgent: boolean): number {
  const streams: Waiting[] = [];
  const { pool } = queues;
  queues.eachMedia(handle, (entry) => {
    const ssrc = pool.ssrc(entry);
    const timestamp = pool.timestamp(entry);
    let stream = streams.find((known) => known.ssrc === ssrc);
    if (stream === undefined) {
      stream = { ssrc, rank: client.shedRank(ssrc), timestamp, bytes: 0, pictures: 1 };
      streams.push(stream);
    }
    if (stream.timestamp !== timestamp) stream.pictures = 2;
    stream.bytes += pool.sizeBytes(entry);
  });
  const candidates = streams.filter(({ pictures }) => isUrgent || pictures > 1);
  candidates.sort((a, b) => b.rank - a.rank || b.bytes - a.bytes);
  return candidates[0]?.ssrc ?? 0;
}
