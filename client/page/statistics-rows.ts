/** Statistics in words: one row per tile, its picture and its sound together, and one more for each size that we send. */
import type { SourceStatistics } from '../sdk/meeting-events.ts';
import { type Path, whyReceived, whySent } from './picture-reason.ts';

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
  /** The tallest picture that anybody has a use for: we of what arrives, the others of what we send. */
  wanted: string;
  /** Why the picture is as it is. */
  reason: string;
}

export const NOTHING = '–';
/** Of a source with several encodings, the largest picture first, as the SDK names them. */
const SIZES = ['h', 'm', 'l'];
const SIZE_NAMES: Readonly<Record<string, string>> = { h: 'large', m: 'medium', l: 'small' };

/** @param streams Those of one tile; none gives a row of dashes. */
export function statisticsRow(tile: string, streams: readonly SourceStatistics[], path: Path): StatisticsRow {
  const videos = streams.filter((stream) => stream.kind === 'video');
  const video = tallest(videos);
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
    codec: [...new Set([codecOf(video), codecOf(audio)])].filter((codec) => codec !== '').join(', ') || NOTHING,
    freezes: formatFreezes(video),
    wanted: formatLines(video?.askedHeight),
    reason: reasonOf(videos, video, path),
  };
}

/** What is sent of a source with several encodings, the largest first; nothing for one that has only one. */
export function encodingRows(streams: readonly SourceStatistics[], path: Path): StatisticsRow[] {
  const encodings = streams.filter(({ direction, kind }) => direction === 'sent' && kind === 'video');
  if (encodings.length < 2) return [];
  const largestFirst = encodings.toSorted((a, b) => SIZES.indexOf(a.rid) - SIZES.indexOf(b.rid));
  return largestFirst.map((each) => ({
    ...statisticsRow(`${each.source}, ${SIZE_NAMES[each.rid] ?? each.rid}`, [each], path),
    isPart: true,
    wanted: each.demand?.active === false ? 'by nobody' : formatLines(each.demand?.maxHeight),
  }));
}

export function formatBitrate(bitrateBps: number): string {
  if (bitrateBps >= 999_500) return `${(bitrateBps / 1_000_000).toFixed(1)} Mb/s`;
  return `${Math.round(bitrateBps / 1000)} kb/s`;
}

function reasonOf(videos: readonly SourceStatistics[], video: SourceStatistics | undefined, path: Path): string {
  if (video === undefined) return NOTHING;
  if (video.direction === 'received') return whyReceived(video, path);
  if (videos.length === 1) return whySent(video);
  const on = videos.filter(({ active, demand }) => active && demand?.active !== false);
  return on.length === 0 ? 'Off: nobody watches' : `Sends ${on.length} of ${videos.length} sizes`;
}

/** With the layers that it is sent in, as far as they are known. */
function codecOf(stream: SourceStatistics | undefined): string {
  return [stream?.codec, stream?.scalability].filter((part) => part !== undefined).join(' ');
}

function tallest(videos: readonly SourceStatistics[]): SourceStatistics | undefined {
  const size = ({ active, height }: SourceStatistics) => (active ? (height ?? 0) : -1);
  return videos.toSorted((a, b) => size(b) - size(a))[0];
}

function formatLines(height: number | undefined): string {
  return height === undefined ? NOTHING : `${height} lines`;
}

function formatFreezes(video: SourceStatistics | undefined): string {
  const { freezes } = video ?? {};
  if (freezes === undefined) return NOTHING;
  return freezes.count === 0 ? '0' : `${freezes.count} (${freezes.seconds.toFixed(1)} s)`;
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
