/**
 * The test cases of RFC 8867 sections 5.1 to 5.8, each with the router's send-side estimator as the congestion control
 * under test. Paths as in section 4.2: 50 ms one way, jitter up to 30 ms without reordering, drop tail of 300 ms.
 */
import { Dumbbell, type DumbbellPlan } from '../plain/dumbbell.ts';
import {
  adaptationMarks,
  capacityMoments,
  LEAST_UTILISATION,
  lossFraction,
  meanRate,
  megabits,
  QUEUE_LIMIT_MS,
  queueMark,
  secondsUntil,
  UP_LIMIT_S,
  utilisation,
  utilisationMark,
} from '../plain/measure.ts';
import { atLeast, atMost, type Mark, type Outcome, type Scenario } from '../report/scenario.ts';
import { quantile } from '../report/series.ts';

const PATH = { delayMs: 50, jitterMs: 30, queueMs: 300 } as const;
/** No flow may be left with less than this part of an even share. */
const LEAST_SHARE = 0.25;
/**
 * Of the packets of media flows. Ten TCP flows that share half of 2 Mb/s at 400 ms lose some 13 % (RFC 5348’s equation);
 * a media flow that loses more than that is pushing its rivals aside, and neither repair nor concealment helps it.
 */
const MOST_LOSS = 0.15;

function steps(...changes: readonly (readonly [number, number])[]) {
  return changes.map(([atS, rateBps]) => ({ atMs: atS * 1000, conditions: { rateBps } }));
}

function outcome(dumbbell: Dumbbell, marks: readonly Mark[]): Outcome {
  const { forward, backward } = dumbbell;
  const directions = backward.flows.length > 0 ? [forward, backward] : [forward];
  return {
    marks,
    figures: directions.flatMap((direction) => [
      ['loss', `${(100 * lossFraction(direction)).toFixed(2)} %`] as const,
      ...direction.flows.map(
        (flow) => [flow.name, megabits(meanRate(direction.series, flow.name, 0, dumbbell.seconds))] as const,
      ),
    ]),
    panels: directions.flatMap((direction, i) => [
      {
        title: i === 0 ? 'Rates' : 'Rates, the other way',
        unit: 'Mb/s',
        series: direction.series,
        columns: [
          'capacity',
          'estimate',
          'sent',
          'received',
          ...(direction.flows.length > 1 ? names(direction) : []),
          'tcp',
        ],
      },
      { title: 'Queueing delay', unit: 'ms', series: direction.series, columns: ['queue'] },
    ]),
    moments: capacityMoments(forward),
  };
}

function names({ flows }: Dumbbell['forward']): string[] {
  return flows.map(({ name }) => name);
}

function scenario(
  name: string,
  title: string,
  plan: DumbbellPlan,
  marks: (run: Dumbbell) => readonly Mark[],
): Scenario {
  return {
    name,
    title,
    seconds: plan.seconds,
    run: (seed) => {
      const dumbbell = new Dumbbell(seed, plan).run();
      return outcome(dumbbell, marks(dumbbell));
    },
  };
}

/** Least mean rate of the flows from `fromS` to `toS`, as a part of an even share of the capacity. */
function leastShare({ forward }: Dumbbell, fromS: number, toS: number, competitors = forward.flows.length): number {
  const capacity = meanRate(forward.series, 'capacity', fromS, toS);
  const rates = forward.flows.map(({ name }) => meanRate(forward.series, name, fromS, toS));
  return (Math.min(...rates) * competitors) / capacity;
}

function plainMarks({ forward }: Dumbbell): Mark[] {
  return [...adaptationMarks(forward), utilisationMark(forward), queueMark(forward)];
}

const singleFlow = scenario(
  'rfc8867-5.1',
  'variable capacity, one flow',
  {
    seconds: 100,
    forward: { ...PATH, rateBps: 1e6 },
    forwardChanges: steps([40, 2.5e6], [60, 600e3], [80, 1e6]),
    flows: [{}],
  },
  plainMarks,
);

const twoFlows = scenario(
  'rfc8867-5.2',
  'variable capacity, two flows',
  {
    seconds: 125,
    forward: { ...PATH, rateBps: 4e6 },
    forwardChanges: steps([25, 2e6], [50, 3.5e6], [75, 1e6], [100, 2e6]),
    flows: [{}, {}],
  },
  (run) => [
    ...plainMarks(run),
    atLeast('share of the lesser flow, of an even one', LEAST_SHARE, leastShare(run, 0, 125)),
  ],
);

const congestedFeedback = scenario(
  'rfc8867-5.3',
  'congested feedback link, media both ways',
  {
    seconds: 100,
    forward: { ...PATH, rateBps: 2e6 },
    forwardChanges: steps([20, 1e6], [40, 500e3], [60, 2e6]),
    backward: { ...PATH, rateBps: 2e6 },
    backwardChanges: steps([35, 800e3], [70, 2e6]),
    flows: [{}],
    backwardFlows: [{}],
  },
  ({ forward, backward }) =>
    [forward, backward].flatMap((direction) => [
      ...adaptationMarks(direction),
      utilisationMark(direction),
      queueMark(direction),
    ]),
);

const sameAlgorithm = scenario(
  'rfc8867-5.4',
  'three flows of the same kind, one after the other',
  {
    seconds: 120,
    forward: { ...PATH, rateBps: 3.5e6 },
    flows: [{}, { startS: 20 }, { startS: 40 }],
  },
  (run) => [
    ...plainMarks(run),
    atLeast('least share from 60 s on, of an even one', LEAST_SHARE, leastShare(run, 60, 120)),
  ],
);

const roundTripFairness = scenario(
  'rfc8867-5.5',
  'five flows with 10, 25, 50, 100 and 150 ms one way',
  {
    seconds: 150,
    forward: { ...PATH, delayMs: 0, rateBps: 4e6 },
    flows: [10, 25, 50, 100, 150].map((accessDelayMs, i) => ({ accessDelayMs, startS: i * 10 })),
  },
  (run) => [
    ...plainMarks(run),
    atLeast('least share from 70 s on, of an even one', LEAST_SHARE, leastShare(run, 70, 150)),
  ],
);

/** While TCP fills the queue, its length is TCP's doing: the queue is asserted for the time without it. */
const longTcp = scenario(
  'rfc8867-5.6',
  'against one long TCP flow (CUBIC)',
  {
    seconds: 120,
    forward: { ...PATH, rateBps: 2e6 },
    flows: [{}],
    tcp: [{ startS: 30, stopS: 80 }],
  },
  (run) => {
    const { series } = run.forward;
    const quiet = series.timesS.flatMap((timeS, i) =>
      timeS <= 30 || timeS > 82 ? [series.column('queue')[i] as number] : [],
    );
    const back = secondsUntil(series, 80, (i) => (series.column('received')[i] as number) >= LEAST_UTILISATION * 2e6);
    return [
      utilisationMark(run.forward),
      atLeast('share against TCP, of an even one', LEAST_SHARE, leastShare(run, 35, 80, 2)),
      atLeast('share of TCP, of an even one', LEAST_SHARE, (2 * meanRate(series, 'tcp', 35, 80)) / 2e6),
      atMost('loss', MOST_LOSS, lossFraction(run.forward)),
      atMost('75 % of the link again after TCP’s end, s', UP_LIMIT_S, back),
      atMost('queueing delay without TCP, p95 of 100 ms maxima, ms', QUEUE_LIMIT_MS, quantile(quiet, 0.95)),
    ];
  },
);

const shortTcp = scenario(
  'rfc8867-5.7',
  'two flows against ten short TCP flows (100 kB to 1 MB, 10 s apart)',
  {
    seconds: 120,
    forward: { ...PATH, rateBps: 2e6 },
    flows: [{}, {}],
    tcp: Array.from({ length: 10 }, () => ({
      startS: 0,
      stopS: 120,
      short: { fromBytes: 100e3, toBytes: 1e6, meanPauseS: 10 },
    })),
  },
  (run) => [
    utilisationMark(run.forward),
    // Of a share as if two of the ten TCP flows were always there.
    atLeast('least share against TCP, of one in four', LEAST_SHARE, leastShare(run, 10, 120, 4)),
    atLeast('share of TCP, of half the link', LEAST_SHARE, (2 * meanRate(run.forward.series, 'tcp', 10, 120)) / 2e6),
    atMost('sent by the media flows, of the link', 1.1, meanRate(run.forward.series, 'sent', 10, 120) / 2e6),
    atMost('loss', MOST_LOSS, lossFraction(run.forward)),
  ],
);

const pauseAndResume = scenario(
  'rfc8867-5.8',
  'three flows, one pauses from 40 s to 60 s',
  {
    seconds: 120,
    forward: { ...PATH, rateBps: 3.5e6 },
    flows: [{ pause: [40, 60] }, {}, {}],
  },
  (run) => {
    const { series } = run.forward;
    const third = (3.5e6 / 3) * LEAST_SHARE;
    const resumed = secondsUntil(series, 60, (i) => (series.column('flow 1')[i] as number) >= third);
    return [
      ...plainMarks(run),
      atLeast('utilisation while one pauses', LEAST_UTILISATION, utilisation(series, 50, 60)),
      atMost('the one that resumed has a share after s', UP_LIMIT_S, resumed),
      atLeast('least share from 80 s on, of an even one', LEAST_SHARE, leastShare(run, 80, 120)),
    ];
  },
);

export const rfc8867Scenarios: readonly Scenario[] = [
  singleFlow,
  twoFlows,
  congestedFeedback,
  sameAlgorithm,
  roundTripFairness,
  longTcp,
  shortTcp,
  pauseAndResume,
];
