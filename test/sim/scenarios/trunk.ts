/**
 * Meetings over two routers with a bad line between them: ann, dora and emil publish on one, ben watches on the other over a
 * good line. What he lacks, the trunk lacks.
 */
import { atMost, type Mark, type Scenario } from '../report/scenario.ts';
import { quantile } from '../report/series.ts';
import { Meeting } from '../router/meeting.ts';
import type { ParticipantOptions } from '../router/participant.ts';
import { SIMULCAST } from '../router/publisher.ts';
import type { TrunkPath } from '../router/sim-trunk.ts';
import { audioGapMark, freezeMark, outcome, picture, secondsUntil } from './meeting-marks.ts';

const TOP = 720;
/** Everything has been joined, probed and climbed by then. */
const SETTLED_S = 15;
const BEN: ParticipantOptions = { name: 'ben', isFar: true, audioSlots: 3, videoSlots: 3 };

interface Plan {
  readonly seconds: number;
  readonly publishers: readonly string[];
  readonly path: TrunkPath;
}

function scenario(name: string, title: string, plan: Plan, marks: (meeting: Meeting) => readonly Mark[]): Scenario {
  return {
    name: `trunk-${name}`,
    title,
    seconds: plan.seconds,
    run: (seed) => {
      const publishers = plan.publishers.map((publisher) => ({
        name: publisher,
        publishes: { encodings: SIMULCAST, microphone: true },
      }));
      const meeting = new Meeting(seed, {
        seconds: plan.seconds,
        watched: BEN.name,
        participants: [...publishers, BEN],
        trunk: plan.path,
        storeSlots: 16_384,
      }).run();
      return outcome(meeting, marks(meeting));
    },
  };
}

/** Of everything that ben was sent: what never came. */
function missingMarks(meeting: Meeting, limit: number): Mark[] {
  const { video, audio } = meeting.watched.subscriber;
  const videoLacking = video.reduce((sum, { lacking }) => sum + lacking, 0);
  const videoExpected = video.reduce((sum, { expected }) => sum + expected, 0);
  const audioMissing = audio.reduce((sum, { missing }) => sum + missing, 0);
  const audioExpected = audio.reduce((sum, { expected }) => sum + expected, 0);
  return [
    atMost('video missing after repair, part', limit, videoLacking / videoExpected),
    atMost('audio missing after repair, part', limit, audioMissing / audioExpected),
  ];
}

function topMark(meeting: Meeting, withinS: number, fromS: number): Mark {
  return atMost(
    `the top layer is shown after s, from ${fromS} s on`,
    withinS,
    secondsUntil(meeting, 'height', fromS, (height) => height >= TOP),
  );
}

function trunkQueueMark(meeting: Meeting, limitMs: number): Mark {
  return atMost(
    'queueing delay on the trunk, p95 of packets, ms',
    limitMs,
    quantile(meeting.trunk?.queueDelaysMs ?? [], 0.95),
  );
}

/** The publisher has nothing to do with it. */
function nacksMark(meeting: Meeting): Mark {
  const asked = meeting.participants.reduce((sum, { publisher }) => sum + (publisher?.nackedPackets ?? 0), 0);
  return atMost('packets asked of publishers', 0, asked);
}

const LONG: TrunkPath = {
  out: { delayMs: 150, lossFraction: 0.02 },
  back: { delayMs: 150, lossFraction: 0.02 },
  messageMs: 150,
};

const loss = scenario(
  'loss',
  '150 ms and 2 % loss each way between two routers',
  { seconds: 60, publishers: ['ann'], path: LONG },
  (meeting) => [
    topMark(meeting, SETTLED_S, 0),
    ...missingMarks(meeting, 0.001),
    nacksMark(meeting),
    freezeMark(meeting, 1500, SETTLED_S),
  ],
);

const CLIFF_S = 25;
const OPEN_S = 55;

const cliff = scenario(
  'cliff',
  `three cameras; 20 Mb/s, from ${CLIFF_S} s on 1.2 Mb/s, from ${OPEN_S} s on 20 Mb/s`,
  {
    seconds: 90,
    publishers: ['ann', 'dora', 'emil'],
    path: {
      out: { rateBps: 20e6, queueMs: 300, delayMs: 20 },
      outChanges: [
        { atMs: CLIFF_S * 1000, conditions: { rateBps: 1.2e6 } },
        { atMs: OPEN_S * 1000, conditions: { rateBps: 20e6 } },
      ],
      back: { delayMs: 20 },
      messageMs: 20,
    },
  },
  (meeting) => {
    const { video } = meeting.watched.subscriber;
    const still = video.filter(({ meter }) => meter.longestMs((CLIFF_S + 3) * 1e6, OPEN_S * 1e6) > 1000);
    return [
      topMark(meeting, SETTLED_S, 0),
      audioGapMark(meeting, 250, SETTLED_S),
      atMost('pictures that stand still from 3 s after the cliff on', 0, still.length),
      freezeMark(meeting, 2500, SETTLED_S),
      topMark(meeting, 15, OPEN_S),
      trunkQueueMark(meeting, 150),
      ...missingMarks(meeting, 0.01),
    ];
  },
);

const floor = scenario(
  'floor',
  'three cameras over 300 kb/s: the sound stays whole',
  {
    seconds: 60,
    publishers: ['ann', 'dora', 'emil'],
    path: { out: { rateBps: 300e3, queueMs: 500, delayMs: 20 }, back: { delayMs: 20 }, messageMs: 20 },
  },
  (meeting) => [
    audioGapMark(meeting, 200, SETTLED_S),
    atMost(
      'some picture after s',
      10,
      secondsUntil(meeting, 'height', 0, (height) => height > 0),
    ),
    trunkQueueMark(meeting, 250),
  ],
);

const CUT_S = 25;
const CUT_SECONDS = 6;

const cut = scenario(
  'cut',
  `nothing passes from ${CUT_S} s on, for ${CUT_SECONDS} s`,
  {
    seconds: 60,
    publishers: ['ann'],
    path: {
      out: { delayMs: 20 },
      outChanges: blackout(),
      back: { delayMs: 20 },
      backChanges: blackout(),
      messageMs: 20,
    },
  },
  (meeting) => [
    topMark(meeting, SETTLED_S, 0),
    atMost(
      'the picture moves again after s',
      2,
      secondsUntil(meeting, 'height', CUT_S + CUT_SECONDS, (height) => height > 0),
    ),
    topMark(meeting, 15, CUT_S + CUT_SECONDS),
    audioGapMark(meeting, (CUT_SECONDS + 1.5) * 1000, SETTLED_S),
    atMost('duplicates at the viewer', 0, picture(meeting).duplicates),
  ],
);

function blackout() {
  return [
    { atMs: CUT_S * 1000, conditions: { blackout: true } },
    { atMs: (CUT_S + CUT_SECONDS) * 1000, conditions: { blackout: false } },
  ];
}

export const trunkScenarios: readonly Scenario[] = [loss, cliff, floor, cut];
