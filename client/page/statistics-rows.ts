/** Statistics in words: one row per tile, its picture and its sound together. */
import type { SourceStatistics } from '../sdk/meeting-events.ts';

export interface StatisticsRow {
  tile: string;
  bitrate: string;
  loss: string;
  roundTrip: string;
  resolution: string;
  framesPerSecond: string;
  codec: string;
}

const NOTHING = '–';

/** @param streams Those of one tile; none gives a row of dashes. */
export function statisticsRow(tile: string, streams: readonly SourceStatistics[]): StatisticsRow {
  const video = streams.find((stream) => stream.kind === 'video');
  const audio = streams.find((stream) => stream.kind === 'audio');
  const bitrateBps = streams.reduce((sum, stream) => sum + stream.bitrateBps, 0);
  const worstLoss = streams.reduce((worst, stream) => Math.max(worst, stream.lostFraction), 0);
  const roundTripMs = (video ?? audio)?.roundTripMs;
  return {
    tile,
    bitrate: streams.length === 0 ? NOTHING : formatBitrate(bitrateBps),
    loss: streams.length === 0 ? NOTHING : `${(worstLoss * 100).toFixed(1)} %`,
    roundTrip: roundTripMs === undefined ? NOTHING : formatMs(roundTripMs),
    resolution: video?.width && video.height ? `${video.width} × ${video.height}` : NOTHING,
    framesPerSecond: video?.framesPerSecond === undefined ? NOTHING : String(Math.round(video.framesPerSecond)),
    codec: [video?.codec, audio?.codec].filter((codec) => codec !== undefined).join(', ') || NOTHING,
  };
}

export function formatBitrate(bitrateBps: number): string {
  if (bitrateBps >= 999_500) return `${(bitrateBps / 1_000_000).toFixed(1)} Mb/s`;
  return `${Math.round(bitrateBps / 1000)} kb/s`;
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
