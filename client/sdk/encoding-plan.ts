/**
 * How a source is encoded: into one picture, into several of different size (simulcast, RFC 8853), or into one stream of
 * spatial layers (SVC). Pure: from what is captured, and from what the meeting wants of it, to the parameters of the
 * sender.
 */
import type { EncodingEntry, SourceKind } from '../../proto/signalling.ts';
import type { VideoCodec } from './video-codec.ts';

export interface PublishOptions {
  codec: VideoCodec;
  /** False: one encoding, whatever the size. */
  simulcast: boolean;
  /** W3C webrtc-svc name, for example `L3T3_KEY`. More than one spatial layer takes the place of simulcast. */
  scalability: string | undefined;
}

export interface EncodingPlan {
  /** Empty: the source has one encoding, which has no name. */
  readonly rid: string;
  readonly active: boolean;
  readonly scaleResolutionDownBy: number;
  readonly maxBitrateBps: number;
  /** Frames per second; undefined: as many as are captured. */
  readonly maxFramerate?: number;
}

/** Capture without a known size: what cameras are asked for. */
const USUAL_HEIGHT = 720;
/** A picture lower than this is none: no encoding is made for it. */
const LOWEST_HEIGHT = 150;
const CAMERA_RIDS = ['l', 'm', 'h'];
const SCREEN_RIDS = ['l', 'h'];
const MICROPHONE_BITRATE_BPS = 40_000;
/** Text stays sharp at it, and a page that stands still takes a fraction. */
const SCREEN_BITRATE_BPS = 2_500_000;
/** Frames per second of a shared screen: scrolling stays calm, and what bits there are make text sharp. */
export const SCREEN_FRAME_RATE = 15;
/** Three temporal layers: every encoding can be thinned to a half and a quarter of its frames without a key frame. */
const USUAL_MODE = 'L1T3';

/** Bitrates at which people's faces look well in VP8 at 30 frames per second; about those of other meeting services. */
const CAMERA_LADDER: readonly { readonly height: number; readonly bitrateBps: number }[] = [
  { height: 180, bitrateBps: 160_000 },
  { height: 270, bitrateBps: 300_000 },
  { height: 360, bitrateBps: 500_000 },
  { height: 540, bitrateBps: 900_000 },
  { height: 720, bitrateBps: 1_600_000 },
  { height: 1080, bitrateBps: 2_800_000 },
];

/** What the same picture costs compared with VP8. */
const RELATIVE_BITRATE: Readonly<Record<VideoCodec, number>> = { vp8: 1, h264: 1, vp9: 0.75, av1: 0.65 };

/** The names of a source's encodings, which the offer fixes for the whole stay. `['']`: one without a name. */
export function ridsFor(kind: SourceKind, height: number | undefined, options: PublishOptions): readonly string[] {
  if (kind === 'microphone' || !options.simulcast) return [''];
  if (kind === 'screen') return SCREEN_RIDS;
  if (spatialLayers(options.scalability) > 1) return [''];
  const count = usefulEncodings(height ?? USUAL_HEIGHT);
  return count === 1 ? [''] : CAMERA_RIDS.slice(0, count);
}

/**
 * What to encode of a source, lowest picture first.
 *
 * @param height Pixels of the shorter side of what is captured; undefined when unknown.
 */
export function planEncodings(
  kind: SourceKind,
  rids: readonly string[],
  height: number | undefined,
  options: PublishOptions,
): EncodingPlan[] {
  if (kind === 'microphone') return rids.map((rid) => plain(rid, MICROPHONE_BITRATE_BPS));
  const captured = height ?? USUAL_HEIGHT;
  // A small picture needs fewer encodings than were offered for a large one: the rest stays silent.
  const count = kind === 'screen' ? rids.length : Math.min(rids.length, usefulEncodings(captured));
  return rids.map((rid, index) => {
    const scale = 2 ** Math.max(0, count - 1 - index);
    const bitrateBps = kind === 'screen' ? SCREEN_BITRATE_BPS / scale ** 2 : cameraBitrateBps(captured / scale);
    const maxBitrateBps = Math.round(bitrateBps * RELATIVE_BITRATE[options.codec]);
    const each = { rid, active: index < count, scaleResolutionDownBy: scale, maxBitrateBps };
    return kind === 'screen' ? { ...each, maxFramerate: SCREEN_FRAME_RATE } : each;
  });
}

/** The plan with what nobody watches taken out, and a single encoding no larger than the largest tile that shows it. */
export function reduceToDemand(
  plan: readonly EncodingPlan[],
  demand: readonly EncodingEntry[],
  height: number | undefined,
): EncodingPlan[] {
  return plan.map((each) => {
    const wanted = demand.find(({ rid }) => rid === each.rid);
    if (wanted === undefined) return each;
    const active = each.active && wanted.active;
    if (each.rid !== '' || wanted.maxHeight === undefined) return { ...each, active };
    const scale = wholeScale((height ?? USUAL_HEIGHT) / wanted.maxHeight);
    return {
      ...each,
      active,
      scaleResolutionDownBy: each.scaleResolutionDownBy * scale,
      maxBitrateBps: Math.round(each.maxBitrateBps / scale ** 1.5),
    };
  });
}

/** The scalability mode of each of a source's encodings; undefined for sound. */
export function scalabilityModeFor(
  kind: SourceKind,
  rids: readonly string[],
  options: PublishOptions,
): string | undefined {
  if (kind === 'microphone') return undefined;
  const { scalability } = options;
  if (scalability === undefined) return USUAL_MODE;
  const isLayered = spatialLayers(scalability) > 1;
  return isLayered && (kind === 'screen' || rids.length > 1) ? USUAL_MODE : scalability;
}

/** Reads a scalability mode as it stands in a link; undefined for anything that is none. */
export function parseScalability(text: string | null | undefined): string | undefined {
  return text && /^(L1T[1-3]|L[23]T[1-3]h?(_KEY)?)$/.test(text) ? text : undefined;
}

function spatialLayers(scalability: string | undefined): number {
  return scalability === undefined ? 1 : Number(scalability[1]);
}

/** Each is half as high as the next; 720 → 3, 360 → 2, 180 → 1. */
function usefulEncodings(height: number): number {
  const halvings = Math.floor(Math.log2(Math.max(1, height / LOWEST_HEIGHT)));
  return Math.min(CAMERA_RIDS.length, 1 + halvings);
}

/** Only halves and quarters, so that a tile that is dragged larger does not cost a key frame for each pixel. */
function wholeScale(ratio: number): number {
  return ratio >= 4 ? 4 : ratio >= 2 ? 2 : 1;
}

function cameraBitrateBps(height: number): number {
  const step = CAMERA_LADDER.find((each) => height <= each.height) ?? CAMERA_LADDER.at(-1);
  return step?.bitrateBps ?? 0;
}

function plain(rid: string, maxBitrateBps: number): EncodingPlan {
  return { rid, active: true, scaleResolutionDownBy: 1, maxBitrateBps };
}
