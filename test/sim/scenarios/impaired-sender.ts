/** The estimator alone on bad paths: what the network does to one sender whose encoder follows the estimate exactly. */
import type { LinkConditions } from '../network/link-conditions.ts';
import { Dumbbell, type DumbbellPlan } from '../plain/dumbbell.ts';
import {
  adaptationMarks,
  capacityMoments,
  DOWN_LIMIT_S,
  LEAST_UTILISATION,
  lossFraction,
  meanRate,
  megabits,
  queueMark,
  secondsUntil,
  UP_LIMIT_S,
  utilisation,
  utilisationMark,
} from '../plain/measure.ts';
import { atLeast, atMost, type Mark, type Scenario } from '../report/scenario.ts';

const PATH = { delayMs: 40, jitterMs: 10, queueMs: 300 } as const;

function scenario(
  name: string,
  title: string,
  plan: Omit<DumbbellPlan, 'flows'> & { readonly maxBps?: number },
  marks: (run: Dumbbell) => readonly Mark[],
): Scenario {
  return {
    name: `sender-${name}`,
    title,
    seconds: plan.seconds,
    run: (seed) => {
      const run = new Dumbbell(seed, { ...plan, flows: [{ maxBps: plan.maxBps ?? 6e6 }] }).run();
      const { series } = run.forward;
      return {
        marks: marks(run),
        figures: [
          ['loss', `${(100 * lossFraction(run.forward)).toFixed(2)} %`],
          ['received', megabits(meanRate(series, 'received', 0, plan.seconds))],
        ],
        panels: [
          { title: 'Rates', unit: 'Mb/s', series, columns: ['capacity', 'estimate', 'sent', 'received'] },
          { title: 'Queueing delay', unit: 'ms', series, columns: ['queue'] },
        ],
        moments: capacityMoments(run.forward),
      };
    },
  };
}

/** Random loss that says nothing about congestion: the link must still be used. */
function randomLoss(percent: number): Scenario {
  return scenario(
    `loss-${percent}`,
    `${percent} % random loss on 2 Mb/s`,
    { seconds: 60, forward: { ...PATH, rateBps: 2e6, lossFraction: percent / 100 }, backward: PATH },
    ({ forward }) => [
      // What the loss takes cannot arrive: the mark is of what is left.
      atLeast(
        'utilisation from 10 s on, of what loss leaves',
        LEAST_UTILISATION,
        utilisation(forward.series, 10) / (1 - percent / 100),
      ),
      queueMark(forward),
    ],
  );
}

function blackout(seconds: number): Scenario {
  const fromMs = 20_000;
  const toMs = fromMs + seconds * 1000;
  const back: Partial<LinkConditions> = { blackout: true };
  return scenario(
    `blackout-${seconds}`,
    `nothing passes for ${seconds} s, either way`,
    {
      seconds: 60,
      forward: { ...PATH, rateBps: 2e6 },
      forwardChanges: [
        { atMs: fromMs, conditions: back },
        { atMs: toMs, conditions: { blackout: false } },
      ],
      backward: PATH,
      backwardChanges: [
        { atMs: fromMs, conditions: back },
        { atMs: toMs, conditions: { blackout: false } },
      ],
    },
    ({ forward }) => {
      const { series } = forward;
      const anything = secondsUntil(series, toMs / 1000, (i) => (series.column('received')[i] as number) > 0);
      const most = secondsUntil(
        series,
        toMs / 1000,
        (i) => (series.column('received')[i] as number) >= LEAST_UTILISATION * 2e6,
      );
      return [
        atMost('first packet after the end, s', 0.5, anything),
        atMost('75 % of the link again, s after the end', UP_LIMIT_S, most),
        queueMark(forward),
      ];
    },
  );
}

const bursts = scenario(
  'bursts',
  'all is lost for 50 to 300 ms, every 5 s',
  {
    seconds: 60,
    forward: { ...PATH, rateBps: 2e6, outages: { everyMs: 5000, fromMs: 50, toMs: 300 } },
    backward: PATH,
  },
  ({ forward }) => [utilisationMark(forward), queueMark(forward)],
);

const cliff = scenario(
  'cliff',
  '5 Mb/s → 300 kb/s',
  {
    seconds: 60,
    forward: { ...PATH, rateBps: 5e6 },
    forwardChanges: [{ atMs: 30_000, conditions: { rateBps: 300e3 } }],
    backward: PATH,
  },
  ({ forward }) => [...adaptationMarks(forward), queueMark(forward)],
);

const policer = scenario(
  'policer',
  'a policer of 1 Mb/s with 20 kB of burst and no queue on a 100 Mb/s line',
  {
    seconds: 60,
    forward: { ...PATH, rateBps: 100e6, policer: { rateBps: 1e6, burstBytes: 20_000 } },
    backward: PATH,
  },
  ({ forward }) => [
    atLeast(
      'received of what the policer allows, from 10 s on',
      LEAST_UTILISATION,
      meanRate(forward.series, 'received', 10, 60) / 1e6,
    ),
    atMost('sent of what the policer allows, from 10 s on', 1.1, meanRate(forward.series, 'sent', 10, 60) / 1e6),
  ],
);

const bufferbloat = scenario(
  'bufferbloat',
  '1 Mb/s with 2 s of buffer',
  { seconds: 80, forward: { ...PATH, queueMs: 2000, rateBps: 1e6 }, backward: PATH },
  ({ forward }) => [...adaptationMarks(forward), utilisationMark(forward), queueMark(forward, 250)],
);

const jitter = scenario(
  'jitter',
  'jitter 0 to 200 ms with reordering on 2 Mb/s',
  {
    seconds: 60,
    forward: { rateBps: 2e6, queueMs: 300, delayMs: 40, jitterMs: 200, jitterShape: 'uniform', reorders: true },
    backward: PATH,
  },
  ({ forward }) => [
    atLeast('utilisation from 10 s on', LEAST_UTILISATION, utilisation(forward.series, 10)),
    queueMark(forward),
  ],
);

const longPath = scenario(
  'long-path',
  '150 ms one way and 2 % loss on 5 Mb/s',
  {
    seconds: 60,
    forward: { rateBps: 5e6, queueMs: 300, delayMs: 150, lossFraction: 0.02 },
    backward: { delayMs: 150, lossFraction: 0.02 },
  },
  ({ forward }) => [...adaptationMarks(forward), utilisationMark(forward), queueMark(forward)],
);

const floor = scenario(
  'floor',
  '60 kb/s',
  { seconds: 60, forward: { ...PATH, rateBps: 60e3 }, backward: PATH },
  ({ forward }) => [
    atMost(
      'estimate at or under the capacity after s',
      DOWN_LIMIT_S,
      secondsUntil(forward.series, 0, (i) => (forward.series.column('estimate')[i] as number) <= 61e3),
    ),
  ],
);

export const impairedSenderScenarios: readonly Scenario[] = [
  randomLoss(2),
  randomLoss(5),
  randomLoss(10),
  bursts,
  blackout(1),
  blackout(3),
  blackout(10),
  cliff,
  floor,
  policer,
  bufferbloat,
  jitter,
  longPath,
];
