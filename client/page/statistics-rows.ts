/** Statistics in words: one row per tile, its picture and its sound together, and one more for each size that we send. */
import type { SourceStatistics } from '../sdk/meeting-events.ts';

export interface StatisticsRow {
  tile: string;
  /** One of the sizes of the tile's row above. */
  isPart: boolean;
  bitrate: string;
  loss: string;
  roundTrip: string;
  resolution: string;
  framesPerSecond: string;
  codec: string;
  freezes: string;
  connection: string;
  remarks: string;
}

const NOTHING = '–';

/**
 * @param streams Those of one tile; none gives a row of dashes.
 * @param connection What is known of the participant's connection, in words.
 */
export function statisticsRow(tile: string, streams: readonly SourceStatistics[], connection = ''): StatisticsRow {
  const video = tallest(streams.filter((stream) => stream.kind === 'video'));
  const audio = streams.find((stream) => stream.kind === 'audio');
  const bitrateBps = streams.reduce((sum, stream) => sum + stream.bitrateBps, 0);
  const worstLoss = streams.reduce((worst, stream) => Math.max(worst, stream.lostFraction), 0);
  const roundTripMs = (video ?? audio)?.roundTripMs;
  return {
    tile,
    isPart: false,
    bitrate: streams.length === 0 ? NOTHING : formatBitrate(bitrateBps),
    loss: streams.length === 0 ? NOTHING : `${(worstLoss * 100).toFixed(1)} %`,
    roundTrip: roundTripMs === undefined ? NOTHING : formatMs(roundTripMs),
    resolution: video?.width && video.height ? `${video.width} × ${video.height}` : NOTHING,
    framesPerSecond: video?.framesPerSecond === undefined ? NOTHING : String(Math.round(video.framesPerSecond)),
    codec: [video?.codec, audio?.codec].filter((codec) => codec !== undefined).join(', ') || NOTHING,
    freezes: formatFreezes(video),
    connection: connection === '' ? NOTHING : connection,
    remarks: video === undefined ? NOTHING : remarks(video),
  };
}

/** What is sent of a source with several encodings, the tallest first; nothing for one that has only one. */
export function encodingRows(streams: readonly SourceStatistics[]): StatisticsRow[] {
  const encodings = streams.filter(({ direction, kind }) => direction === 'sent' && kind === 'video');
  if (encodings.length < 2) return [];
  const tallestFirst = encodings.toSorted((a, b) => (b.height ?? 0) - (a.height ?? 0));
  return tallestFirst.map((each) => ({ ...statisticsRow(`${each.source} ${each.rid}`, [each]), isPart: true }));
}

export function formatBitrate(bitrateBps: number): string {
  if (bitrateBps >= 999_500) return `${(bitrateBps / 1_000_000).toFixed(1)} Mb/s`;
  return `${Math.round(bitrateBps / 1000)} kb/s`;
}

function remarks(video: SourceStatistics): string {
  const said: string[] = [];
  if (video.suspended) said.push('paused: our connection is weak');
  if (!video.active) said.push('off: nobody watches it');
  else if (video.limitedBy !== undefined) said.push(`limited by ${video.limitedBy}`);
  if (video.scalability !== undefined && video.active) said.push(video.scalability);
  if (video.askedHeight !== undefined) said.push(`${video.askedHeight} lines asked for`);
  return said.join(', ') || NOTHING;
}

function tallest(videos: readonly SourceStatistics[]): SourceStatistics | undefined {
  const size = ({ active, height }: SourceStatistics) => (active ? (height ?? 0) : -1);
  return videos.toSorted((a, b) => size(b) - size(a))[0];
}

function formatFreezes(video: SourceStatistics | undefined): string {
  const { freezes } = video ?? {};
  if (freezes === undefined) return NOTHING;
  return freezes.count === 0 ? '0' : `${freezes.count} (${freezes.seconds.toFixed(1)} s)`;
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
