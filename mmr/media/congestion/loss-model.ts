/**
 * Tells loss that comes from sending too much from loss that is there anyway. The path is taken to lose every packet with
 * an inherent probability p, and besides whatever exceeds a capacity B: at send rate S the loss is p + (1 − p)(1 − B/S)
 * for S > B (the model of libwebrtc's loss_based_bwe_v2). Given B, the likeliest p is found by expectation
 * maximisation, and candidates for B are compared by the likelihood of what was observed.
 */
import type { LossObservations } from './loss-observations.ts';

/** Weight of a stretch relative to the next newer one (TemporalWeightFactor). */
const AGEING = 0.9;
/** Bounds of p (InherentLossLowerBound; half of everything lost at any rate is no path). */
const MIN_INHERENT = 1e-3;
const MAX_INHERENT = 0.5;
/** Rounds of the maximisation: the change after four is below the noise of a stretch. */
const ROUNDS = 4;
/** Inherent loss beyond the usual is less credible than congestion: each 1 % costs 0.4 of log-likelihood. */
const UNUSUAL_COST = 40;
const MIN_PROBABILITY = 1e-6;

export interface LossFit {
  /** Log-likelihood of the observations, with the prior. */
  score: number;
  /** p. */
  inherent: number;
}

/** Loss over all stretches, newer ones counting for more; 0..1. */
export function averageLoss(observations: LossObservations): number {
  let lost = 0;
  let packets = 0;
  let weight = 1;
  for (let i = 0; i < observations.count; i++) {
    lost += weight * (observations.lost[i] as number);
    packets += weight * (observations.packets[i] as number);
    weight *= AGEING;
  }
  return packets > 0 ? lost / packets : 0;
}

/** Standard deviation of that average where each packet is lost with `probability`: what chance alone makes of it. */
export function lossDeviation(observations: LossObservations, probability: number): number {
  let packets = 0;
  let weight = 1;
  for (let i = 0; i < observations.count; i++) {
    packets += weight * (observations.packets[i] as number);
    weight *= AGEING;
  }
  return Math.sqrt((probability * (1 - probability)) / packets);
}

/**
 * Fits p to a path of capacity `capacityBps` (Infinity: none in sight) into `fit`. `usual`: inherent loss up to which
 * nothing speaks against it.
 */
export function fitLoss(observations: LossObservations, capacityBps: number, usual: number, fit: LossFit): void {
  let inherent = Math.min(MAX_INHERENT, Math.max(MIN_INHERENT, averageLoss(observations)));
  for (let round = 0; round < ROUNDS; round++) inherent = improve(observations, capacityBps, inherent);
  fit.inherent = inherent;
  fit.score = logLikelihood(observations, capacityBps, inherent) - UNUSUAL_COST * Math.max(0, inherent - usual);
}

/** One round: p becomes the part of packets whose loss is ascribed to p. */
function improve(observations: LossObservations, capacityBps: number, inherent: number): number {
  let ascribed = 0;
  let packets = 0;
  let weight = 1;
  for (let i = 0; i < observations.count; i++) {
    const excess = excessPart(observations.rateBps[i] as number, capacityBps);
    const share = inherent / (inherent + (1 - inherent) * excess);
    ascribed += weight * (observations.lost[i] as number) * share;
    packets += weight * (observations.packets[i] as number);
    weight *= AGEING;
  }
  return Math.min(MAX_INHERENT, Math.max(MIN_INHERENT, ascribed / packets));
}

function logLikelihood(observations: LossObservations, capacityBps: number, inherent: number): number {
  let sum = 0;
  let weight = 1;
  for (let i = 0; i < observations.count; i++) {
    const excess = excessPart(observations.rateBps[i] as number, capacityBps);
    const loss = Math.min(1 - MIN_PROBABILITY, Math.max(MIN_PROBABILITY, inherent + (1 - inherent) * excess));
    const lost = observations.lost[i] as number;
    sum += weight * (lost * Math.log(loss) + ((observations.packets[i] as number) - lost) * Math.log(1 - loss));
    weight *= AGEING;
  }
  return sum;
}

function excessPart(rateBps: number, capacityBps: number): number {
  return rateBps > capacityBps ? 1 - capacityBps / rateBps : 0;
}
