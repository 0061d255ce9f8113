/** What is measured of a meeting's watched viewer. */
import { atMost, type Mark, type Outcome } from '../report/scenario.ts';
import { quantile } from '../report/series.ts';
import type { Meeting } from '../router/meeting.ts';
import type { VideoReceiver } from '../router/video-receiver.ts';

export function picture(meeting: Meeting): VideoReceiver {
  const [slot] = meeting.watched.subscriber.video;
  if (slot === undefined) throw new Error('the watched viewer has no video slot');
  return slot;
}

/** Frames that do not fit together at any receiver: always 0, whatever the network does. */
export function faultMark(meeting: Meeting): Mark {
  const faults = meeting.participants.flatMap(({ name, subscriber }) =>
    subscriber.video.flatMap((slot) => slot.faults.map((fault) => `${name} ${fault}`)),
  );
  const first = faults[0] === undefined ? '' : ` (first: ${faults[0]})`;
  return atMost(`frames that do not fit together${first}`, 0, faults.length);
}

export function queueMark(meeting: Meeting, limitMs: number): Mark {
  return atMost('queueing delay, p95 of packets, ms', limitMs, quantile(meeting.watched.queueDelaysMs, 0.95));
}

export function freezeMark(meeting: Meeting, limitMs: number, fromS: number, toS = Number.POSITIVE_INFINITY): Mark {
  return atMost(
    `longest freeze from ${fromS} s on, ms`,
    limitMs,
    picture(meeting).meter.longestMs(fromS * 1e6, toS * 1e6),
  );
}

export function audioGapMark(meeting: Meeting, limitMs: number, fromS: number, toS = Number.POSITIVE_INFINITY): Mark {
  const [audio] = meeting.watched.subscriber.audio;
  const gapMs = audio?.longestGapMs(fromS * 1e6, toS * 1e6) ?? Number.NaN;
  return atMost(`longest gap in the audio from ${fromS} s on, ms`, limitMs, gapMs);
}

/** As `audioGapMark`, of the audio that left the router from `fromS` on: not what it had sent before it could know better. */
export function sentAudioGapMark(meeting: Meeting, limitMs: number, fromS: number): Mark {
  const gapMs = meeting.watched.subscriber.audio[0]?.longestGapSentMs(fromS * 1e6) ?? Number.NaN;
  return atMost(`longest gap in the audio sent from ${fromS.toFixed(3)} s on, ms`, limitMs, gapMs);
}

/** Part of the samples from `fromS` to `toS` in which the picture moved with at least `height` lines. */
export function shareAtHeight(
  { series }: Meeting,
  height: number,
  fromS: number,
  toS = Number.POSITIVE_INFINITY,
): number {
  const heights = series.column('height').filter((_, i) => {
    const timeS = series.timesS[i] as number;
    return timeS > fromS && timeS <= toS;
  });
  return heights.filter((value) => value >= height).length / heights.length;
}

/** Seconds from `fromS` until a sample fits; NaN: never. */
export function secondsUntil(
  meeting: Meeting,
  column: string,
  fromS: number,
  fits: (value: number) => boolean,
): number {
  const { series } = meeting;
  const values = series.column(column);
  for (const [i, timeS] of series.timesS.entries()) {
    if (timeS > fromS + 1e-9 && fits(values[i] as number)) return timeS - fromS;
  }
  return Number.NaN;
}

/** Changes of the picture's height from `fromS` on. */
export function heightChanges(meeting: Meeting, fromS: number): number {
  return picture(meeting).heights.filter(({ atUs }) => atUs > fromS * 1e6).length;
}

export function outcome(meeting: Meeting, marks: readonly Mark[]): Outcome {
  const { watched } = meeting;
  const { subscriber } = watched;
  const slot = picture(meeting);
  const [audio] = subscriber.audio;
  const publisher = meeting.participants.find((each) => each.publisher !== undefined)?.publisher;
  const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`;
  return {
    marks: [...marks, faultMark(meeting)],
    figures: [
      ['heights', slot.heights.map(({ atUs, height }) => `${height}p at ${(atUs / 1e6).toFixed(1)} s`).join(' ')],
      ['frames', String(slot.meter.frames)],
      ['freezes', `${slot.meter.freezes.length} (${Math.round(slot.meter.totalMs())} ms)`],
      ['video missing', percent(slot.lacking, slot.expected)],
      ['audio missing', percent(audio?.missing ?? 0, audio?.expected ?? 0)],
      ['asked again', String(slot.nack.asked)],
      ['rtx', String(subscriber.rtxPackets)],
      ['PLI', String(subscriber.pictureLossIndications)],
      ['key frames sent', publisher?.encodings.map(({ keyFramesSent }) => keyFramesSent).join('+') ?? ''],
      ['queue p95', `${quantile(watched.queueDelaysMs, 0.95).toFixed(0)} ms`],
    ],
    panels: meeting.panels,
    moments: meeting.moments,
  };
}
