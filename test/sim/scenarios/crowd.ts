/** One bad viewer of 500: what his path does must not be seen by anybody else. */
import { atLeast, atMost, type Mark, type Scenario } from '../report/scenario.ts';
import { quantile } from '../report/series.ts';
import { Meeting } from '../router/meeting.ts';
import type { Participant } from '../router/participant.ts';
import { faultMark } from './meeting-marks.ts';

const VIEWERS = 500;
const SECONDS = 14;
/** The bad viewer's path breaks here, when everybody has settled. */
const BREAKS_S = 8;
/** Small pictures, so that 500 viewers can be computed; no microphone for the same reason. */
const ENCODINGS = [
  { rid: 'l', width: 320, height: 180, bitrateBps: 60_000 },
  { rid: 'm', width: 640, height: 360, bitrateBps: 160_000 },
];
/** Same links, same draws of jitter: what is left of differences between windows is frame sizes. */
const TOLERANCE = 0.05;

interface Snapshot {
  readonly frames: number;
  readonly bytes: number;
}

function snapshot({ subscriber }: Participant): Snapshot {
  return { frames: subscriber.video[0]?.meter.frames ?? 0, bytes: subscriber.mediaBytes };
}

function run(seed: number) {
  const before = new Map<string, Snapshot>();
  const during = new Map<string, Snapshot>();
  let keyFramesBefore = 0;
  const keyFrames = (meeting: Meeting) =>
    meeting.participant('ann').publisher?.encodings.reduce((sum, { keyFramesSent }) => sum + keyFramesSent, 0) ?? 0;
  const meeting = new Meeting(seed, {
    seconds: SECONDS,
    watched: 'bad',
    storeSlots: 2048,
    participants: [
      { name: 'ann', publishes: { encodings: ENCODINGS, microphone: false } },
      {
        name: 'bad',
        videoSlots: 1,
        down: { rateBps: 3e6, queueMs: 300, delayMs: 30 },
        downChanges: [
          { atMs: BREAKS_S * 1000, conditions: { rateBps: 100e3, lossFraction: 0.2, jitterMs: 100, reorders: true } },
        ],
      },
      ...Array.from({ length: VIEWERS - 1 }, (_, i) => ({
        name: `v${i}`,
        videoSlots: 1,
        down: { rateBps: 3e6, queueMs: 300, delayMs: 10 + (i % 40), jitterMs: 0 },
      })),
    ],
    script: [
      [
        2 * BREAKS_S - SECONDS,
        (each) => {
          for (const viewer of others(each)) before.set(viewer.name, snapshot(viewer));
        },
      ],
      [
        BREAKS_S,
        (each) => {
          keyFramesBefore = keyFrames(each);
          for (const viewer of others(each)) during.set(viewer.name, snapshot(viewer));
        },
      ],
    ],
  }).run();
  return { meeting, before, during, keyFrames: keyFrames(meeting) - keyFramesBefore };
}

function others(meeting: Meeting): Participant[] {
  return meeting.participants.filter(({ name }) => name.startsWith('v'));
}

/** How much less (0..1) each of the others got in the second window than in the first; the worst of them. */
function worstDrop(
  meeting: Meeting,
  before: ReadonlyMap<string, Snapshot>,
  during: ReadonlyMap<string, Snapshot>,
  of: keyof Snapshot,
): number {
  const drops = others(meeting).map((viewer) => {
    const [start, middle, end] = [before.get(viewer.name), during.get(viewer.name), snapshot(viewer)];
    if (start === undefined || middle === undefined) return 1;
    const first = middle[of] - start[of];
    return first <= 0 ? 1 : 1 - (end[of] - middle[of]) / first;
  });
  return Math.max(...drops);
}

export const crowd: Scenario = {
  name: 'crowd-one-bad-viewer',
  title: `one of ${VIEWERS} viewers falls to 100 kb/s, 20 % loss and reordering at ${BREAKS_S} s`,
  seconds: SECONDS,
  run: (seed) => {
    const { meeting, before, during, keyFrames } = run(seed);
    const rest = others(meeting);
    const pictures = rest.flatMap(({ subscriber }) => subscriber.video);
    const freezes = pictures.reduce((sum, { meter }) => sum + (meter.longestMs(BREAKS_S * 1e6) > 0 ? 1 : 0), 0);
    const changes = pictures.reduce(
      (sum, { heights }) => sum + heights.filter(({ atUs }) => atUs > BREAKS_S * 1e6).length,
      0,
    );
    const missing = pictures.reduce((sum, slot) => sum + slot.missing, 0);
    const top = pictures.filter(({ height }) => height === 360).length;
    const marks: Mark[] = [
      atLeast('others at the top layer, of 499', VIEWERS - 1, top),
      atMost('others whose picture froze', 0, freezes),
      atMost('changes of layer at others', 0, changes),
      atMost('packets missing at others', 0, missing),
      atMost('fewer frames at the worst-off of them, part', TOLERANCE, worstDrop(meeting, before, during, 'frames')),
      atMost('fewer bytes at the worst-off of them, part', 2 * TOLERANCE, worstDrop(meeting, before, during, 'bytes')),
      atMost(
        'key frames asked of the publisher, a second and encoding',
        1,
        keyFrames / (SECONDS - BREAKS_S) / ENCODINGS.length,
      ),
      faultMark(meeting),
    ];
    const bad = meeting.watched.subscriber;
    return {
      marks,
      figures: [
        [
          'frames at others',
          `${quantile(
            pictures.map(({ meter }) => meter.frames),
            0,
          )} and more`,
        ],
        ['bad viewer: frames', String(bad.video[0]?.meter.frames ?? 0)],
        ['PLI of the bad viewer', String(bad.pictureLossIndications)],
        ['key frames after the break', String(keyFrames)],
      ],
      panels: meeting.panels,
      moments: meeting.moments,
    };
  },
};
