/**
 * How good a connection is for a meeting, as one number: 100 (excellent) to 0 (lost). Not a model of perception, but an
 * agreed way to add up what people notice, with each part's share in sight. docs/connection-quality.md is its description.
 */

/** What was seen of one direction in one interval. */
export interface QualitySample {
  /** Packets that did not arrive when they were first sent, 0–1. */
  readonly lossFraction: number;
  /** Undefined while unknown: not held against anybody. */
  readonly roundTripMs: number | undefined;
  /** Times that the picture had to begin anew with a key frame, because something was missing. */
  readonly freezes: number;
  /** How much of what was wanted was delivered, 0–1; 1 when nothing was wanted. */
  readonly reached: number;
}

/** Points off at 10 % loss and above; below in proportion. Repair hides a few per cent, and costs delay. */
const LOSS_POINTS = 40;
const FULL_LOSS = 0.1;
/** From 150 ms a conversation begins to suffer (ITU-T G.114 says so of one way, and jitter buffers add theirs), at 650 ms it is hard. */
const ROUND_TRIP_POINTS = 30;
const FREE_ROUND_TRIP_MS = 150;
const FULL_ROUND_TRIP_MS = 650;
/** Each freeze of an interval, up to three. */
const FREEZE_POINTS = 20;
const MAX_FREEZES = 3;
/** When nothing of what was wanted came. */
const TARGET_POINTS = 50;

/** 0–100, not rounded. */
export function qualityScore({ lossFraction, roundTripMs = 0, freezes, reached }: QualitySample): number {
  const loss = LOSS_POINTS * share(lossFraction, 0, FULL_LOSS);
  const delay = ROUND_TRIP_POINTS * share(roundTripMs, FREE_ROUND_TRIP_MS, FULL_ROUND_TRIP_MS);
  const freezing = FREEZE_POINTS * Math.min(freezes, MAX_FREEZES);
  const missing = TARGET_POINTS * (1 - share(reached, 0, 1));
  return Math.max(0, 100 - loss - delay - freezing - missing);
}

/** Where `value` is between two ends, 0–1. */
function share(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Worse shows at once, better has to last. */
const GAIN_DOWN = 0.6;
const GAIN_UP = 0.3;
/** A change of so many points is told. */
const NOTICEABLE = 10;

/** The score of one direction over time. */
export class QualityTrack {
  /** 0–100; undefined while nothing is sent in this direction. */
  score: number | undefined;
  #told: number | undefined;

  /** `sample` undefined: nothing was sent in the interval. */
  update(sample: QualitySample | undefined): void {
    if (sample === undefined) {
      this.score = undefined;
      return;
    }
    const now = qualityScore(sample);
    const before = this.score ?? now;
    this.score = before + (now < before ? GAIN_DOWN : GAIN_UP) * (now - before);
  }

  /** Rounded. */
  get rounded(): number | undefined {
    return this.score === undefined ? undefined : Math.round(this.score);
  }

  /** Whether it differs noticeably from what was told last. */
  get isNews(): boolean {
    const { rounded } = this;
    if (rounded === undefined || this.#told === undefined) return rounded !== this.#told;
    // The ends are told exactly: somebody who is well again does not stay at 93 for ever.
    const isEnd = (rounded === 0 || rounded === 100) && rounded !== this.#told;
    return isEnd || Math.abs(rounded - this.#told) >= NOTICEABLE;
  }

  /** It is being told now. */
  takeTold(): number | undefined {
    this.#told = this.rounded;
    return this.#told;
  }
}
