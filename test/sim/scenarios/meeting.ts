/**
 * The whole router on bad networks: ann publishes a camera in three encodings and a microphone, ben watches over the path that
 * is impaired. Marks that are not asserted by number elsewhere are what a person would call a good call.
 */
import type { LinkChange, LinkConditions } from '../network/link-conditions.ts';
import { feedbackIntervalUs } from '../network/transport-feedback-recorder.ts';
import { atLeast, atMost, type Mark, type Scenario } from '../report/scenario.ts';
import { Meeting } from '../router/meeting.ts';
import { type ParticipantOptions, VIEWER_SENDS_BPS } from '../router/participant.ts';
import { SIMULCAST } from '../router/publisher.ts';
import {
  audioGapMark,
  freezeMark,
  heightChanges,
  outcome,
  picture,
  queueMark,
  secondsUntil,
  sentAudioGapMark,
  shareAtHeight,
} from './meeting-marks.ts';

const TOP = 720;
/** Until then everything has settled: joined, probed, climbed. */
const SETTLED_S = 10;
const ANN: ParticipantOptions = { name: 'ann', publishes: { encodings: SIMULCAST, microphone: true } };
const BEN: ParticipantOptions = { name: 'ben', audioSlots: 2, videoSlots: 1 };
const LINE: Partial<LinkConditions> = { rateBps: 5e6, queueMs: 300, delayMs: 25, jitterMs: 10 };

interface Plan {
  readonly seconds: number;
  readonly down?: Partial<LinkConditions>;
  readonly downChanges?: readonly LinkChange[];
  readonly up?: Partial<LinkConditions>;
  readonly upChanges?: readonly LinkChange[];
  /** ann's way to the router. */
  readonly published?: Partial<LinkConditions>;
  readonly roundTripMs?: number;
}

function scenario(name: string, title: string, plan: Plan, marks: (meeting: Meeting) => readonly Mark[]): Scenario {
  return {
    name: `meeting-${name}`,
    title,
    seconds: plan.seconds,
    run: (seed) => {
      const meeting = new Meeting(seed, {
        seconds: plan.seconds,
        watched: 'ben',
        participants: [
          {
            ...ANN,
            up: { ...ANN.up, ...plan.published },
            down: { ...(plan.published?.delayMs === undefined ? {} : { delayMs: plan.published.delayMs }) },
          },
          {
            ...BEN,
            down: { ...LINE, ...plan.down },
            downChanges: plan.downChanges ?? [],
            up: { delayMs: 25, ...plan.up },
            upChanges: plan.upChanges ?? [],
            ...(plan.roundTripMs === undefined ? {} : { roundTripMs: plan.roundTripMs }),
          },
        ],
      }).run();
      return outcome(meeting, marks(meeting));
    },
  };
}

function settledMarks(meeting: Meeting): Mark[] {
  return [
    atMost(
      'the top layer is shown after s',
      SETTLED_S,
      secondsUntil(meeting, 'height', 0, (height) => height >= TOP),
    ),
  ];
}

const steady = scenario('steady', '5 Mb/s, nothing wrong', { seconds: 30 }, (meeting) => [
  ...settledMarks(meeting),
  freezeMark(meeting, 300, 1),
  audioGapMark(meeting, 100, 1),
  queueMark(meeting, 150),
  atMost('changes of layer after that', 0, heightChanges(meeting, SETTLED_S)),
  atMost(
    'first picture after s',
    1,
    secondsUntil(meeting, 'height', 0, (height) => height > 0),
  ),
]);

const variable = scenario(
  'variable',
  'capacity as in RFC 8867 section 5.1: 1, 2.5, 0.6, 1 Mb/s',
  {
    seconds: 100,
    down: { rateBps: 1e6, delayMs: 50, jitterMs: 30 },
    downChanges: [
      { atMs: 40_000, conditions: { rateBps: 2.5e6 } },
      { atMs: 60_000, conditions: { rateBps: 600e3 } },
      { atMs: 80_000, conditions: { rateBps: 1e6 } },
    ],
  },
  (meeting) => [
    atMost(
      '360p at 1 Mb/s after s',
      10,
      secondsUntil(meeting, 'height', 0, (height) => height >= 360),
    ),
    atMost(
      '720p at 2.5 Mb/s after s',
      10,
      secondsUntil(meeting, 'height', 40, (height) => height >= TOP),
    ),
    atMost(
      'down from 720p at 600 kb/s after s',
      2,
      secondsUntil(meeting, 'height', 60, (height) => height > 0 && height < TOP),
    ),
    atMost(
      '360p at 1 Mb/s again after s',
      10,
      secondsUntil(meeting, 'height', 80, (height) => height >= 360),
    ),
    queueMark(meeting, 150),
    freezeMark(meeting, 1000, 1),
    audioGapMark(meeting, 400, 1),
    atMost('changes of layer', 12, heightChanges(meeting, 0)),
  ],
);

function randomLoss(percent: number, longestFreezeMs: number): Scenario {
  return scenario(
    `loss-${percent}`,
    `${percent} % random loss on 5 Mb/s`,
    { seconds: 40, down: { lossFraction: percent / 100 } },
    (meeting) => [
      ...settledMarks(meeting),
      atLeast('at the top from then on, part of the time', 0.9, shareAtHeight(meeting, TOP, SETTLED_S)),
      freezeMark(meeting, longestFreezeMs, SETTLED_S),
      atMost(
        'video missing after repair, part',
        percent > 5 ? 0.005 : 0.001,
        picture(meeting).lacking / picture(meeting).expected,
      ),
    ],
  );
}

const bursts = scenario(
  'bursts',
  'all is lost for 50 to 300 ms, every 5 s',
  { seconds: 60, down: { outages: { everyMs: 5000, fromMs: 50, toMs: 300 } } },
  (meeting) => [
    ...settledMarks(meeting),
    freezeMark(meeting, 800, SETTLED_S),
    audioGapMark(meeting, 400, SETTLED_S),
    atLeast('at the top from then on, part of the time', 0.75, shareAtHeight(meeting, TOP, SETTLED_S)),
  ],
);

function blackout(seconds: number, pictureLimitS: number): Scenario {
  const endS = 20 + seconds;
  const changes = [
    { atMs: 20_000, conditions: { blackout: true } },
    { atMs: endS * 1000, conditions: { blackout: false } },
  ];
  return scenario(
    `blackout-${seconds}`,
    `nothing passes for ${seconds} s, either way`,
    { seconds: 60, downChanges: changes, upChanges: changes },
    (meeting) => [
      ...settledMarks(meeting),
      atMost(
        'picture moves again, s after the end',
        pictureLimitS,
        secondsUntil(meeting, 'frames', endS, (frames) => frames > 0),
      ),
      atMost(
        'top layer again, s after the end',
        10,
        secondsUntil(meeting, 'height', endS, (height) => height >= TOP),
      ),
      audioGapMark(meeting, seconds * 1000 + 200, 19, endS + 2),
      freezeMark(meeting, 1000, endS + 3),
    ],
  );
}

const CLIFF_BPS = 300e3;
/**
 * Before this, no feedback can tell of the cliff: a packet has to pass the bottleneck and reach the viewer, whose next feedback
 * is up to an interval away and takes the way back. What had left by then lies in the queue, and its audio behind its
 * pictures: eight packets of 1150 bytes, a picture, are 245 ms at the new rate.
 */
const CLIFF_KNOWN_S = 20 + (1200 * 8) / CLIFF_BPS + 0.025 + feedbackIntervalUs(VIEWER_SENDS_BPS) / 1e6 + 0.025;
/** That queue holds 300 ms, and audio comes each 20 ms: a longer gap means that audio was lost. */
const CLIFF_QUEUED_GAP_MS = 320;

const cliff = scenario(
  'cliff',
  '5 Mb/s → 300 kb/s at 20 s',
  { seconds: 50, downChanges: [{ atMs: 20_000, conditions: { rateBps: CLIFF_BPS } }] },
  (meeting) => [
    ...settledMarks(meeting),
    atMost(
      'lowest layer shown after s',
      1,
      secondsUntil(meeting, 'height', 20, (height) => height === 180),
    ),
    audioGapMark(meeting, CLIFF_QUEUED_GAP_MS, 19),
    sentAudioGapMark(meeting, 100, CLIFF_KNOWN_S),
    queueMark(meeting, 150),
    freezeMark(meeting, 1500, 20),
  ],
);

const floor = scenario(
  'floor',
  '60 kb/s from 10 s on: audio only',
  { seconds: 50, downChanges: [{ atMs: 10_000, conditions: { rateBps: 60e3 } }] },
  (meeting) => {
    const [audio] = meeting.watched.subscriber.audio;
    return [
      atMost(
        'video paused after s',
        5,
        secondsUntil(meeting, 'height', 10, (height) => height === 0),
      ),
      atMost('pictures shown from 20 s on, part of the time', 0, shareAtHeight(meeting, 1, 20)),
      audioGapMark(meeting, 200, 15),
      atMost('audio missing in all, part', 0.02, (audio?.missing ?? Number.NaN) / (audio?.expected ?? 1)),
    ];
  },
);

const policer = scenario(
  'policer',
  'a policer of 1 Mb/s with 20 kB of burst and no queue',
  { seconds: 60, down: { rateBps: 100e6, policer: { rateBps: 1e6, burstBytes: 20_000 } } },
  (meeting) => [
    atLeast('360p or more from 10 s on, part of the time', 0.9, shareAtHeight(meeting, 360, SETTLED_S)),
    freezeMark(meeting, 1000, SETTLED_S),
    atMost('video missing after repair, part', 0.005, picture(meeting).lacking / picture(meeting).expected),
  ],
);

const bufferbloat = scenario(
  'bufferbloat',
  '1 Mb/s with 2 s of buffer',
  { seconds: 60, down: { rateBps: 1e6, queueMs: 2000 } },
  (meeting) => [
    atMost(
      '360p after s',
      10,
      secondsUntil(meeting, 'height', 0, (height) => height >= 360),
    ),
    queueMark(meeting, 250),
    freezeMark(meeting, 1000, SETTLED_S),
  ],
);

/** Jitter on the way to the router: what it asks for again that was only late. */
const jitter = scenario(
  'jitter',
  'jitter 0 to 200 ms with reordering on the publisher’s way to the router',
  {
    seconds: 40,
    published: {
      rateBps: Number.POSITIVE_INFINITY,
      delayMs: 20,
      jitterMs: 200,
      jitterShape: 'uniform',
      reorders: true,
    },
  },
  (meeting) => {
    const publisher = meeting.participant('ann').publisher;
    const sent = publisher?.encodings.reduce((sum, { packetsSent }) => sum + packetsSent, 0) ?? 0;
    return [
      atMost(
        'asked for although it was only late, part of all packets',
        0.01,
        (publisher?.nackedPackets ?? Number.NaN) / sent,
      ),
      freezeMark(meeting, 1000, SETTLED_S),
    ];
  },
);

const trunk = scenario(
  'trunk',
  '150 ms and 2 % loss on the publisher’s way to the router',
  { seconds: 60, published: { delayMs: 150, lossFraction: 0.02 } },
  (meeting) => [
    atMost('missing after repair, part', 0.001, picture(meeting).lacking / picture(meeting).expected),
    freezeMark(meeting, 1500, SETTLED_S),
  ],
);

const longPath = scenario(
  'long-path',
  '150 ms and 2 % loss on the way to the viewer',
  { seconds: 60, down: { delayMs: 150, lossFraction: 0.02 }, up: { delayMs: 150 }, roundTripMs: 300 },
  (meeting) => [
    ...settledMarks(meeting),
    atMost('missing after repair, part', 0.001, picture(meeting).lacking / picture(meeting).expected),
    freezeMark(meeting, 1500, SETTLED_S),
  ],
);

/** IPv6: 1280 bytes leave 1232 to a datagram, and sizes here count 28 bytes of headers. */
const mtu = scenario(
  'mtu',
  'MTU 1280 (IPv6), with 2 % loss so that packets are repeated',
  { seconds: 30, down: { mtuBytes: 1260, lossFraction: 0.02 } },
  (meeting) => [
    ...settledMarks(meeting),
    atMost('packets too big', 0, meeting.watched.down.link.tooBig),
    freezeMark(meeting, 1000, SETTLED_S),
  ],
);

export const meetingScenarios: readonly Scenario[] = [
  steady,
  variable,
  randomLoss(2, 500),
  randomLoss(5, 800),
  randomLoss(10, 1500),
  bursts,
  blackout(1, 1),
  blackout(3, 1),
  blackout(10, 2),
  cliff,
  floor,
  policer,
  bufferbloat,
  jitter,
  trunk,
  longPath,
  mtu,
];
