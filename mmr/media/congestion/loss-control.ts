/**
 * Bounds the rate where loss shows a limit that delay does not: a policer, or a queue too short to be felt. Loss
 * that does not depend on the rate bounds nothing (radio, a bad cable). When the two cannot be told apart, less is sent for
 * a moment: loss that stays is inherent. The role of libwebrtc's loss_based_bwe_v2, with fewer rules.
 */
import { HiddenLimit } from './hidden-limit.ts';
import { LossExperiment } from './loss-experiment.ts';
import { averageLoss, fitLoss, type LossFit, lossDeviation } from './loss-model.ts';
import { LossObservations } from './loss-observations.ts';

const UNLIMITED = Number.POSITIVE_INFINITY;
/** Below this average nothing is to be explained (draft-ietf-rmcat-gcc-02 section 6: 2 %). */
const NOTABLE_LOSS = 0.02;
/**
 * A capacity has to explain the observations better by this much of log-likelihood than none (measured: by 2, chance alone
 * finds one at times in meeting-loss-10; by 4, one freeze in meeting-cliff was longer).
 */
const PREFER_UNLIMITED = 3;
/**
 * A stretch that loses by this much more, or less, than the one before, and by this many standard deviations: the path has
 * changed, what was is no guide.
 */
const CHANGE = 0.08;
const CHANGE_DEVIATIONS = 3.5;
/** Inherent loss beyond the credible by this much is put to the test. */
const DOUBT = 0.03;
/** And by this many standard deviations, unless a queue stands (measured in meeting-loss-10: without, 20 packets sufficed). */
const DOUBT_DEVIATIONS = 2;
/** Of a capacity that was found, so much is used. */
const UTILISATION = 0.97;
/**
 * Of what arrives, while a queue stands: as at an overuse (draft section 5.5: beta; measured in rfc8867-5.7 with 0.5, 0.85
 * and 0.97: the more is left to TCP, the less remains of media).
 */
const BACK_OFF = 0.85;
/** Candidates for the capacity around the present limit (CandidateFactors 1.02, 1.0, 0.95). */
const FACTORS = [0.95, 1, 1.02, 1.05] as const;
/** A limit is held this long before more is tried; twice as long each time it is found again (HoldDurationFactor). */
const FIRST_HOLD_US = 1_000_000;
const MAX_HOLD_US = 8_000_000;
/** A limit below this factor of the last one is the same. */
const SAME_FACTOR = 1.3;
/** Stretches with loss that make it more than an outage of the path (measured in meeting-bursts: without it, an outage hid the top layer). */
const LASTING = 2;
/** Stretches without loss that show a limit to have worked. */
const CLEAN = 4;
/** A limit that was not needed for this long is forgotten, with its hold. */
const FORGET_US = 20_000_000;
/**
 * Inherent loss that is credible while a queue stands, which more likely overflows, and beyond a limit that was found (measured in
 * rfc8867-5.7: with the usual 10 %, TCP was left with less than a quarter of its half in 2 runs of 20).
 */
const DOUBTFUL = 0.05;
/** Loss is judged, and gathered into stretches, for up to this long after it happened (chosen). */
const QUEUE_MEMORY_US = 2_000_000;

export class LossControl {
  readonly observations = new LossObservations();
  /** Bits per second; Infinity when loss shows no limit. */
  limitBps = UNLIMITED;
  readonly hidden = new HiddenLimit();
  /** Loss that is there at any rate, 0..1, as last fitted. */
  inherent = 0;
  #seen = 0;
  /** Stretches with loss, up to the latest, without one between. */
  #lossy = 0;
  #foundBps = UNLIMITED;
  #foundUs = Number.NEGATIVE_INFINITY;
  #queuedUs = Number.NEGATIVE_INFINITY;
  #holdUs = FIRST_HOLD_US;
  readonly #minBps: number;
  readonly #experiment: LossExperiment;
  /** Inherent loss that is credible now. */
  #credible = 0;
  readonly #fit: LossFit = { score: 0, inherent: 0 };
  #changed = false;
  #bestBps = UNLIMITED;
  #bestScore = 0;

  /** `minBps`: nothing goes below. */
  constructor(minBps: number) {
    this.#minBps = minBps;
    this.#experiment = new LossExperiment(minBps);
  }

  /**
   * To be called after each feedback. `ackedBps`: what arrives now, which no limit goes below, NaN while unknown: then
   * nothing is judged; `queued`: whether a queue stands on the path.
   */
  update(nowUs: number, ackedBps: number, queued: boolean): void {
    if (queued) this.#handleQueue(nowUs);
    if (this.observations.completed === this.#seen || Number.isNaN(ackedBps)) return;
    this.#seen = this.observations.completed;
    if (nowUs - this.#foundUs > FORGET_US) this.#holdUs = FIRST_HOLD_US;
    const arrivingBps = Math.max(this.#minBps, ackedBps);
    this.#changed = this.#noticeChange();
    const rateBps = this.observations.rateBps[0] as number;
    this.#lossy = lossOf(this.observations, 0) > NOTABLE_LOSS ? this.#lossy + 1 : 0;
    this.#credible = this.#isDoubtful(nowUs, rateBps) ? DOUBTFUL : this.#experiment.usual;
    const proved = this.#experiment.observe(nowUs, rateBps, lossOf(this.observations, 0));
    if (averageLoss(this.observations) < NOTABLE_LOSS) this.#explainNothing();
    else this.#search();
    if (proved) {
      this.hidden.forget();
      this.#lift();
    } else if (this.#isClean()) this.#release(nowUs, rateBps);
    else if (this.#bestBps !== UNLIMITED) this.#restrict(nowUs, Math.max(arrivingBps, this.#bestBps) * UTILISATION);
    else if (this.inherent <= this.#credible + this.#doubt(nowUs)) this.#lift();
    else if (this.#experiment.running) this.#restrict(nowUs, this.#experiment.goalBps * UTILISATION);
    else this.#restrict(nowUs, arrivingBps * (this.#isQueued(nowUs) ? BACK_OFF : UTILISATION));
  }

  #doubt(nowUs: number): number {
    if (this.#isQueued(nowUs)) return DOUBT;
    return Math.max(DOUBT, DOUBT_DEVIATIONS * lossDeviation(this.observations, this.#credible));
  }

  /** While a queue stands, what we leave is taken by others: that loss stays then proves nothing. */
  #handleQueue(nowUs: number): void {
    this.#queuedUs = nowUs;
    this.#experiment.abandon();
  }

  #isQueued(nowUs: number): boolean {
    return nowUs - this.#queuedUs < QUEUE_MEMORY_US;
  }

  /** Whether loss at this rate is more likely the path's limit than its nature. */
  #isDoubtful(nowUs: number, rateBps: number): boolean {
    if (this.#experiment.proved) return false;
    return this.#isQueued(nowUs) || rateBps > this.hidden.knownBps(nowUs);
  }

  #noticeChange(): boolean {
    const { observations } = this;
    if (observations.count < 2) return true;
    const newest = lossOf(observations, 0);
    const before = lossOf(observations, 1);
    const slower = (observations.rateBps[0] as number) < 0.9 * (observations.rateBps[1] as number);
    const part = averageLoss(observations);
    const variance =
      part * (1 - part) * (1 / (observations.packets[0] as number) + 1 / (observations.packets[1] as number));
    const change = Math.max(CHANGE, CHANGE_DEVIATIONS * Math.sqrt(variance));
    const worse = newest > before + change;
    const better = newest < before - change && !slower;
    if (worse) this.#experiment.forget();
    if (worse || better) observations.keepLatest(1);
    return worse || better;
  }

  #explainNothing(): void {
    this.#bestBps = UNLIMITED;
    this.inherent = 0;
  }

  /** The likeliest capacity into `#bestBps`. */
  #search(): void {
    this.#bestBps = UNLIMITED;
    fitLoss(this.observations, UNLIMITED, this.#credible, this.#fit);
    this.#bestScore = this.#fit.score + PREFER_UNLIMITED;
    this.inherent = this.#fit.inherent;
    if (this.limitBps !== UNLIMITED) {
      for (const factor of FACTORS) this.#try(this.limitBps * factor);
    }
    for (let i = 0; i < this.observations.count; i++) {
      const loss = lossOf(this.observations, i);
      if (loss > NOTABLE_LOSS) this.#try((this.observations.rateBps[i] as number) * (1 - loss));
    }
  }

  #try(capacityBps: number): void {
    fitLoss(this.observations, capacityBps, this.#credible, this.#fit);
    if (this.#fit.score <= this.#bestScore) return;
    this.#bestScore = this.#fit.score;
    this.#bestBps = capacityBps;
    this.inherent = this.#fit.inherent;
  }

  #restrict(nowUs: number, limitBps: number): void {
    const loss = lossOf(this.observations, 0);
    // What arrives without loss is what was sent: a pause, not a path that carries less.
    if (loss <= NOTABLE_LOSS && limitBps < this.limitBps) return;
    if (this.limitBps === UNLIMITED) {
      const again = nowUs - this.#foundUs < FORGET_US && limitBps < this.#foundBps * SAME_FACTOR;
      this.#holdUs = again ? Math.min(MAX_HOLD_US, this.#holdUs * 2) : FIRST_HOLD_US;
      this.#foundUs = nowUs;
    }
    // A queue that overflows shows in the delay as well, which then tells when there is room again.
    const rateBps = this.observations.rateBps[0] as number;
    // A stretch in which the path changed is part of before and after: nothing can be compared with it.
    if (loss > NOTABLE_LOSS && !this.#changed && !this.#isQueued(nowUs)) this.#experiment.begin(rateBps, loss);
    if (this.#lossy >= LASTING && !this.#isQueued(nowUs)) this.hidden.suspect(rateBps * (1 - loss));
    this.limitBps = limitBps;
    this.#foundBps = limitBps;
  }

  /** Whether nothing was lost for a second: whatever the limit was, it is time to try more. */
  #isClean(): boolean {
    const { observations } = this;
    for (let i = 0; i < CLEAN; i++) {
      if (i >= observations.count || lossOf(observations, i) > NOTABLE_LOSS / 2) return false;
    }
    return true;
  }

  /** Loss has stopped, which does not say that all is well. */
  #release(nowUs: number, rateBps: number): void {
    this.hidden.handleClean(nowUs, rateBps);
    if (this.limitBps === UNLIMITED || nowUs - this.#foundUs < this.#holdUs) return;
    // What was lost before the limit would bring it back at once.
    this.observations.keepLatest(CLEAN);
    this.#open();
  }

  /** The loss is inherent: no rate avoids it. */
  #lift(): void {
    if (lossOf(this.observations, 0) > NOTABLE_LOSS) this.hidden.acquit();
    if (this.limitBps === UNLIMITED) return;
    this.#open();
    this.#foundUs = Number.NEGATIVE_INFINITY;
  }

  #open(): void {
    this.limitBps = UNLIMITED;
    this.#experiment.abandon();
  }
}

function lossOf(observations: LossObservations, index: number): number {
  return (observations.lost[index] as number) / (observations.packets[index] as number);
}
