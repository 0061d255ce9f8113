/**
 * What pacing is for, shown on a link: the same meeting's packets, paced and unpaced, through a bottleneck that drops
 * what its buffer cannot hold. docs/rtcp.md has the figures.
 */
import { describe, expect, test } from 'vitest';
import { Priority } from './egress-gate.ts';
import { type Left, PacerLab } from './pacer-test-lab.ts';

const VIDEO_SSRC = 7;
const AUDIO_SSRC = 8;
const PACKET_BYTES = 1200;
const AUDIO_BYTES = 160;
const SECONDS = 12;
/** 30 pictures a second of 1 Mb/s with a key frame of eight times the size every third second, and audio. */
const PICTURE_PACKETS = 4;
const KEYFRAME_PACKETS = 32;

interface Outcome {
  readonly lossPercent: number;
  readonly videoP99Ms: number;
  readonly audioP99Ms: number;
  /** From the first packet of a key frame at our end to the last at the other. */
  readonly keyframeMs: number;
}

/** Sends through a link of `linkBps` whose buffer holds `bufferMs`; packets that find it full are lost. */
function run(pacingBps: number, linkBps: number, bufferMs: number): Outcome {
  const lab = new PacerLab().open(1, pacingBps);
  const born = new Map<string, number>();
  const sequences = new Map<number, number>();
  const startUs = lab.nowUs;
  const left: Left[] = [];
  const send = (ssrc: number, sizeBytes: number, picture: number, priority: Priority) => {
    const sequence = sequences.get(ssrc) ?? 0;
    sequences.set(ssrc, sequence + 1);
    born.set(`${ssrc}/${sequence}`, lab.nowUs);
    lab.send(1, ssrc, { sizeBytes, timestamp: picture, priority });
  };
  for (let ms = 0; ms < SECONDS * 1000; ms++) {
    if (ms % 20 === 7) send(AUDIO_SSRC, AUDIO_BYTES, 0, Priority.audio);
    if (ms % 33 === 0) {
      const picture = ms / 33;
      const packets = picture % 90 === 0 ? KEYFRAME_PACKETS : PICTURE_PACKETS;
      for (let i = 0; i < packets; i++) send(VIDEO_SSRC, PACKET_BYTES, picture, Priority.video);
    }
    lab.flush();
    lab.nowUs += 1000;
    if (ms % 5 === 4) lab.gate.release(lab.nowUs, lab);
    left.push(...lab.take());
  }
  return through(left, born, linkBps, bufferMs, startUs);
}

function through(
  left: readonly Left[],
  born: ReadonlyMap<string, number>,
  linkBps: number,
  bufferMs: number,
  startUs: number,
): Outcome {
  let freeUs = 0;
  let lost = 0;
  const delaysMs: Record<number, number[]> = { [VIDEO_SSRC]: [], [AUDIO_SSRC]: [] };
  let keyframeMs = 0;
  for (const { nowUs, ssrc, sequence, timestamp } of left) {
    const sizeBytes = ssrc === AUDIO_SSRC ? AUDIO_BYTES : PACKET_BYTES;
    const waitUs = Math.max(0, freeUs - nowUs);
    if (waitUs > bufferMs * 1000) {
      lost++;
      continue;
    }
    freeUs = nowUs + waitUs + (sizeBytes * 8e6) / linkBps;
    const delayMs = (freeUs - (born.get(`${ssrc}/${sequence}`) ?? startUs)) / 1000;
    delaysMs[ssrc]?.push(delayMs);
    if (ssrc === VIDEO_SSRC && timestamp % 90 === 0) keyframeMs = Math.max(keyframeMs, delayMs);
  }
  return {
    lossPercent: (100 * lost) / left.length,
    videoP99Ms: p99(delaysMs[VIDEO_SSRC] ?? []),
    audioP99Ms: p99(delaysMs[AUDIO_SSRC] ?? []),
    keyframeMs,
  };
}

function p99(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}

const UNPACED = Number.POSITIVE_INFINITY;
const LINK_BPS = 2_500_000;
/** What an estimate of 1.6 Mb/s paces at. */
const PACED = 2_400_000;

describe('paced and unpaced egress of 1.1 Mb/s through 2.5 Mb/s', () => {
  test('a buffer of 10 ms: unpaced loses packets of every picture, paced none', () => {
    const unpaced = run(UNPACED, LINK_BPS, 10);
    const paced = run(PACED, LINK_BPS, 10);
    expect(unpaced.lossPercent).toBeGreaterThan(10);
    expect(paced.lossPercent).toBe(0);
    expect(paced.audioP99Ms).toBeLessThanOrEqual(12);
  });

  test('a deep buffer: audio does not stand behind a key frame, which takes as long as before', () => {
    const unpaced = run(UNPACED, LINK_BPS, 1000);
    const paced = run(PACED, LINK_BPS, 1000);
    expect([unpaced.lossPercent, paced.lossPercent]).toEqual([0, 0]);
    expect(unpaced.audioP99Ms).toBeGreaterThan(80);
    expect(paced.audioP99Ms).toBeLessThan(15);
    expect(paced.keyframeMs).toBeLessThan(unpaced.keyframeMs * 1.15);
  });
});
