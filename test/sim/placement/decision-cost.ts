/** What one decision costs in a zone of so many routers, loaded at random: to see that it does not depend on their number. */
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import { commit } from '../../../zone-controller/placement/decision.ts';
import { placeMeeting } from '../../../zone-controller/placement/place-meeting.ts';
import { ZoneCapacity } from '../../../zone-controller/placement/zone-capacity.ts';
import { Chance } from '../network/chance.ts';
import { LIMITS } from './real-zone.ts';

/** Virtual time: a hundred decisions a second, and a report of each router every four seconds. */
const DECISION_MS = 10;
const DECISIONS_BETWEEN_REPORTS = 400;

export interface DecisionCost {
  readonly decisions: number;
  /** Microseconds each, with the promise and the join that follow. */
  readonly decisionUs: number;
  /** Bands and routers looked at, on average and at most. */
  readonly steps: number;
  readonly maxSteps: number;
  readonly reportUs: number;
}

export function decisionCost(routers: number, decisions: number, seed: number, nowUs: () => number): DecisionCost {
  const chance = new Chance(seed, 'decision cost');
  const capacity = new ZoneCapacity();
  const known = Array.from({ length: routers }, (_, index) => ({
    id: `router-${index}` as RouterId,
    labels: { rack: `${Math.floor(index / 40)}`, part: `${Math.floor(index / 1_000)}` },
    loads: [0, 1, 2].map((worker) => ({
      index: worker,
      participants: 9,
      packetsPerSecond: chance.between(0, 250_000),
    })),
  }));
  for (const { id, labels } of known)
    capacity.put(0, id, { ready: true, labels, taints: [], workers: 3, limits: LIMITS });
  const steps: number[] = [];
  const cost = { decisionUs: 0, reportUs: 0, reports: 0 };
  while (steps.length < decisions) {
    // Batches, because reading the clock takes as long as what is to be measured.
    const startUs = nowUs();
    for (const { id, loads } of known) capacity.report(steps.length * DECISION_MS, id, loads);
    const reportedUs = nowUs();
    for (let count = 0; count < DECISIONS_BETWEEN_REPORTS; count++) {
      const nowMs = steps.length * DECISION_MS;
      const decision = placeMeeting(capacity, { meeting: `${seed}-${steps.length}` as MeetingId, nowMs });
      if (decision.outcome === 'placed') commit(capacity, nowMs, decision);
      steps.push(decision.explanation.steps);
    }
    cost.reportUs += reportedUs - startUs;
    cost.decisionUs += nowUs() - reportedUs;
    cost.reports += known.length;
  }
  return {
    decisions: steps.length,
    decisionUs: cost.decisionUs / steps.length,
    steps: steps.reduce((sum, each) => sum + each, 0) / steps.length,
    maxSteps: Math.max(...steps),
    reportUs: cost.reportUs / cost.reports,
  };
}
