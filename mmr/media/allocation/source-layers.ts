/**
 * What one source offers to its viewers at present, measured for all of them at once: which encodings send, their layers,
 * heights and rates. Rates waver; what is published here changes only when a rate has changed noticeably, so that the
 * allocations of many subscribers need not be made anew for each measurement.
 */

import { decodableLayer } from '../forward/layers/decodable-layer.ts';
import { MAX_SPATIAL_LAYERS, MAX_TEMPORAL_LAYERS } from '../forward/layers/layer.ts';
import type { CodecName } from '../negotiated.ts';
import { type LayerOption, PublishedLayers } from './ladder.ts';

/** How often `measure` is to be called while somebody watches. */
export const MEASURE_INTERVAL_US = 250_000;
/** An encoding is offered when it has sent for so long: before that its rate is that of its first key frame. */
const MEASURED_AFTER_US = 500_000;
/** A published rate is replaced when the smoothed one is so far away from it. */
const NOTICEABLE_CHANGE = 0.1;
/**
 * A rate has risen when it has been higher in so many measurements on end. They are of the last second each, so a single key
 * frame, as every change of encoding costs one, is no rise.
 */
const RISE_MEASUREMENTS = 5;
/**
 * Share of a new measurement in the smoothed rate. More bits are believed quickly, because the link must carry them; fewer
 * slowly, in about 2 s for cameras and 5 s for screens, which stand still between slides.
 */
const GAIN_UP = 0.5;
const GAIN_DOWN_CAMERA = 0.1;
const GAIN_DOWN_SCREEN = 0.05;
/** The first measurements are those of a key frame: they are corrected quickly, for so long. */
const SETTLING_US = 2_000_000;
const GAIN_SETTLING = 0.5;
/** Height of the lowest picture while nothing tells it; the next ones are taken for twice as tall each. */
const ASSUMED_HEIGHT = 180;
const LAYERS = MAX_SPATIAL_LAYERS * MAX_TEMPORAL_LAYERS;

/** What is read of an encoding of the source. */
export interface MeasuredEncoding {
  readonly rid: string;
  /** Undefined before the first packet. */
  readonly codec: { readonly name: CodecName } | undefined;
  /** Packets have come lately. */
  readonly active: boolean;
  readonly spatialLayers: number;
  readonly temporalLayers: number;
  /** Up to and with that layer. */
  bitrateBps(spatial: number, temporal: number): number;
  framesPerSecond(spatial: number, temporal: number): number;
  /** Pixels; undefined while unknown. */
  height(spatial: number): number | undefined;
}

/** What is read of the source; `encodings` from the lowest to the highest picture. */
export interface MeasuredSource {
  readonly isAudio: boolean;
  readonly kind: string;
  readonly encodings: readonly MeasuredEncoding[];
}

/** What is remembered of one encoding between measurements. */
class EncodingRates {
  /** Smoothed, by spatial and temporal layer. */
  readonly ratesBps = new Float64Array(LAYERS);
  activeSinceUs = Number.POSITIVE_INFINITY;
  /** The last measurements, by turn and layer; Infinity where there was none. */
  readonly #recentBps = new Float64Array(RISE_MEASUREMENTS * LAYERS).fill(Number.POSITIVE_INFINITY);
  #turn = 0;

  /** Whether it has been active for long enough to be judged. */
  isMeasured(nowUs: number, active: boolean): boolean {
    if (!active) {
      this.activeSinceUs = Number.POSITIVE_INFINITY;
      this.ratesBps.fill(0);
      this.#recentBps.fill(Number.POSITIVE_INFINITY);
      return false;
    }
    this.#turn = (this.#turn + 1) % RISE_MEASUREMENTS;
    this.activeSinceUs = Math.min(this.activeSinceUs, nowUs);
    return nowUs - this.activeSinceUs >= MEASURED_AFTER_US;
  }

  isSettling(nowUs: number): boolean {
    return nowUs - this.activeSinceUs < SETTLING_US;
  }

  smooth(at: number, measuredBps: number, gainDown: number): number {
    const before = this.ratesBps[at] as number;
    this.#recentBps[this.#turn * LAYERS + at] = measuredBps;
    const lastingBps = this.#lowest(at);
    if (before === 0) this.ratesBps[at] = lastingBps;
    else if (lastingBps > before) this.ratesBps[at] = before + GAIN_UP * (lastingBps - before);
    else if (measuredBps < before) this.ratesBps[at] = before + gainDown * (measuredBps - before);
    return this.ratesBps[at] as number;
  }

  #lowest(at: number): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < RISE_MEASUREMENTS; turn++) {
      lowest = Math.min(lowest, this.#recentBps[turn * LAYERS + at] as number);
    }
    return lowest;
  }
}

/** An encoding with the height of its tallest picture, sent now or before, or assumed. */
export interface EncodingHeight {
  readonly rid: string;
  readonly height: number;
}

export class SourceLayers {
  readonly source: MeasuredSource;
  /** Grows when `published` offers something else; and when it costs noticeably more or less. */
  version = 0;
  rateVersion = 0;
  published = new PublishedLayers([], false);
  /** All encodings, whether they send or not, from the lowest to the highest. */
  heights: readonly EncodingHeight[];
  /** Whether the source's participant speaks now; kept by the meeting. */
  isSpeaking = false;
  /** As `published`, for receivers without dependency descriptors; undefined: the same. */
  #publishedPlain: PublishedLayers | undefined;
  readonly #rates = new Map<string, EncodingRates>();

  constructor(source: MeasuredSource) {
    this.source = source;
    this.heights = heightsOf(source.encodings);
  }

  get isScreen(): boolean {
    return this.source.kind === 'screen';
  }

  /** Sum of what is sent of the source: what an audio slot costs. */
  get bitrateBps(): number {
    return this.published.ladder.at(-1)?.bitrateBps ?? 0;
  }

  /** What a receiver can decode of `published`; `hasDescriptor`: he gets dependency descriptors. */
  publishedFor(hasDescriptor: boolean): PublishedLayers {
    return hasDescriptor ? this.published : (this.#publishedPlain ?? this.published);
  }

  /** Reads the rates; true when `published` changed. */
  measure(nowUs: number): boolean {
    const { encodings } = this.source;
    this.heights = heightsOf(encodings);
    const options: LayerOption[] = [];
    encodings.forEach((encoding, i) => {
      const isMeasured = this.#ratesOf(encoding.rid).isMeasured(nowUs, encoding.active);
      if (isMeasured) this.#add(nowUs, options, encoding, this.heights[i]?.height ?? 0);
    });
    const isOther = !offerSame(this.published.options, options);
    if (!isOther && costSame(this.published.options, options)) return false;
    this.published = new PublishedLayers(options, this.isScreen);
    const plain = options.filter((option) => this.#isPlain(option));
    this.#publishedPlain = plain.length === options.length ? undefined : new PublishedLayers(plain, this.isScreen);
    this.rateVersion++;
    if (isOther) this.version++;
    return true;
  }

  #isPlain(option: LayerOption): boolean {
    const codec = this.source.encodings.find(({ rid }) => rid === option.rid)?.codec;
    return decodableLayer(codec?.name, option, false).spatial === option.spatial;
  }

  #add(nowUs: number, options: LayerOption[], encoding: MeasuredEncoding, tallest: number): void {
    const rates = this.#ratesOf(encoding.rid);
    const { rid } = encoding;
    const spatialLayers = Math.min(encoding.spatialLayers, MAX_SPATIAL_LAYERS);
    const temporalLayers = Math.min(encoding.temporalLayers, MAX_TEMPORAL_LAYERS);
    const gainDown = rates.isSettling(nowUs) ? GAIN_SETTLING : this.isScreen ? GAIN_DOWN_SCREEN : GAIN_DOWN_CAMERA;
    for (let spatial = 0; spatial < spatialLayers; spatial++) {
      const height = encoding.height(spatial) ?? tallest / 2 ** (spatialLayers - 1 - spatial);
      for (let temporal = 0; temporal < temporalLayers; temporal++) {
        const measuredBps = encoding.bitrateBps(spatial, temporal);
        const bitrateBps = rates.smooth(spatial * MAX_TEMPORAL_LAYERS + temporal, measuredBps, gainDown);
        const framesPerSecond = encoding.framesPerSecond(spatial, temporal);
        options.push({ rid, spatial, temporal, temporalLayers, height, framesPerSecond, bitrateBps });
      }
    }
  }

  #ratesOf(rid: string): EncodingRates {
    let rates = this.#rates.get(rid);
    if (rates === undefined) {
      rates = new EncodingRates();
      this.#rates.set(rid, rates);
    }
    return rates;
  }
}

function heightsOf(encodings: readonly MeasuredEncoding[]): EncodingHeight[] {
  let height = 0;
  return encodings.map((encoding) => {
    height = encoding.height(encoding.spatialLayers - 1) ?? (height === 0 ? ASSUMED_HEIGHT : height * 2);
    return { rid: encoding.rid, height };
  });
}

function offerSame(published: readonly LayerOption[], options: readonly LayerOption[]): boolean {
  if (published.length !== options.length) return false;
  return options.every((option, i) => {
    const before = published[i] as LayerOption;
    return (
      before.rid === option.rid &&
      before.spatial === option.spatial &&
      before.temporal === option.temporal &&
      before.temporalLayers === option.temporalLayers &&
      before.height === option.height
    );
  });
}

/** Precondition: the same is offered. */
function costSame(published: readonly LayerOption[], options: readonly LayerOption[]): boolean {
  return options.every(({ bitrateBps }, i) => {
    const before = (published[i] as LayerOption).bitrateBps;
    return Math.abs(bitrateBps - before) <= NOTICEABLE_CHANGE * before;
  });
}
