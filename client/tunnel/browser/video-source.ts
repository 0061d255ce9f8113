/** Camera or screen: what is captured of it, and its encodings as far as anybody needs them. */
import type { EncodingEntry } from '../../../proto/signalling.ts';
import {
  type EncodingPlan,
  type PublishOptions,
  planEncodings,
  reduceToDemand,
  ridsFor,
} from '../../sdk/encoding-plan.ts';
import type { PlannedEncoding } from '../send/bitrate-plan.ts';
import { type FramePump, pumpFrames } from './frame-pump.ts';
import type { VideoEncoding } from './video-encoding.ts';

const USUAL_FRAME_RATE = 30;

export class VideoSource {
  readonly kind: 'camera' | 'screen';
  readonly rids: readonly string[];
  encodings: readonly VideoEncoding[] = [];
  readonly #options: PublishOptions;
  /** Whether a picture would only wait if it were encoded now. */
  readonly #isFull: () => boolean;
  #demand: readonly EncodingEntry[] = [];
  #track: MediaStreamTrack | undefined;
  #pump: FramePump | undefined;
  #size: { readonly width: number; readonly height: number } | undefined;
  /** Pictures that were not encoded because the way was full. */
  skipped = 0;

  constructor(
    kind: 'camera' | 'screen',
    track: MediaStreamTrack | undefined,
    publish: PublishOptions,
    isFull: () => boolean,
  ) {
    this.kind = kind;
    this.#isFull = isFull;
    // What is sent by a tunnel is VP8.
    this.#options = { ...publish, codec: 'vp8', scalability: undefined };
    const { width, height } = track?.getSettings() ?? {};
    this.rids = ridsFor(
      kind,
      width === undefined || height === undefined ? undefined : Math.min(width, height),
      this.#options,
    );
  }

  use(track: MediaStreamTrack | undefined): void {
    if (track === this.#track) return;
    this.#pump?.stop();
    this.#track = track;
    this.#size = undefined;
    this.#pump = track && pumpFrames(track, (frame) => this.#handleFrame(frame));
  }

  set demand(demand: readonly EncodingEntry[]) {
    this.#demand = demand;
  }

  demandOf(rid: string): EncodingEntry | undefined {
    return this.#demand.find((each) => each.rid === rid);
  }

  /** What each encoding could use, lowest first. */
  plan(): PlannedEncoding[] {
    return this.#plan().map(({ active, maxBitrateBps }) => ({
      isActive: active && this.#size !== undefined,
      mostBps: maxBitrateBps,
    }));
  }

  /** @param bitratesBps By index of the encodings. */
  apply(bitratesBps: readonly number[]): void {
    const { width, height } = this.#size ?? { width: 0, height: 0 };
    for (const [i, plan] of this.#plan().entries()) {
      const encoding = this.encodings[i];
      if (encoding === undefined) continue;
      encoding.target = {
        bitrateBps: this.#size === undefined ? 0 : (bitratesBps[i] ?? 0),
        // Encoders of 4:2:0 take even sizes.
        width: Math.max(2, 2 * Math.round(width / plan.scaleResolutionDownBy / 2)),
        height: Math.max(2, 2 * Math.round(height / plan.scaleResolutionDownBy / 2)),
        framesPerSecond: plan.maxFramerate ?? USUAL_FRAME_RATE,
      };
    }
  }

  close(): void {
    this.use(undefined);
    for (const encoding of this.encodings) encoding.close();
  }

  #plan(): EncodingPlan[] {
    const height = this.#size && Math.min(this.#size.width, this.#size.height);
    const rids = this.encodings.map(({ rid }) => rid);
    return reduceToDemand(planEncodings(this.kind, rids, height, this.#options), this.#demand, height);
  }

  #handleFrame(frame: VideoFrame): void {
    this.#size = { width: frame.displayWidth, height: frame.displayHeight };
    if (this.#isFull()) {
      this.skipped++;
      return;
    }
    const capturedMs = performance.now();
    for (const encoding of this.encodings) encoding.encode(frame, capturedMs);
  }
}
