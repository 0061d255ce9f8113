/**
 * What pacing is for, shown on a link: the same meeting's packets, paced and unpaced, through a bottleneck that drops
 * what its buffer cannot hold. docs/pacing.md has the figures.
 */
import { describe, expect, test } from 'vitest';
import { LONG_LEAD_US, SHORT_LEAD_US } from '../congestion/burst-lead.ts';
import { DEFAULT_ESTIMATOR_OPTIONS, SendSideEstimator } from '../congestion/send-side-estimator.ts';
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

/**
 * A receiver that sends feedback each 50 ms behind a link that drops what its buffer cannot hold: how far the gate
 * runs ahead there, and what that costs. Pictures of eight packets, 2.3 Mb/s.
 */
class FedLink {
  readonly estimator = new SendSideEstimator(DEFAULT_ESTIMATOR_OPTIONS, 1_000_000_000);
  sent = 0;
  lost = 0;
  readonly audioMs: number[] = [];
  readonly #lab = new PacerLab();
  readonly #linkBps: number;
  readonly #bufferMs: number;
  #freeUs = 0;
  #ms = 0;
  #base = 0;
  #arrivals: number[] = [];

  constructor(linkBps: number, bufferMs: number) {
    this.#linkBps = linkBps;
    this.#bufferMs = bufferMs;
    this.#lab.gate.open(1, { transportNumbers: true, recorder: this.estimator, client: this.#lab });
    this.estimator.setDemand(this.#lab.nowUs, 2_600_000, 2_600_000);
  }

  run(seconds: number): this {
    this.sent = 0;
    this.lost = 0;
    this.audioMs.length = 0;
    const lab = this.#lab;
    for (const end = this.#ms + seconds * 1000; this.#ms < end; this.#ms++) {
      this.#pace();
      if (this.#ms % 20 === 7) lab.send(1, AUDIO_SSRC, { sizeBytes: AUDIO_BYTES, priority: Priority.audio });
      if (this.#ms % 33 === 0) {
        const options = { sizeBytes: PACKET_BYTES, timestamp: this.#ms / 33 };
        for (let i = 0; i < 8; i++) lab.send(1, VIDEO_SSRC, options);
      }
      lab.flush();
      lab.nowUs += 1000;
      if (this.#ms % 5 === 4) lab.gate.release(lab.nowUs, lab);
      for (const packet of lab.take()) this.#carry(packet);
      if (this.#ms % 50 === 49) this.#feedBack();
    }
    return this;
  }

  #pace(): void {
    const { estimator } = this;
    const { gate, nowUs } = this.#lab;
    gate.setRate(1, estimator.pacingBps, estimator.leadUs);
    const probe = estimator.takeProbe(nowUs);
    if (probe !== undefined) gate.startProbe(nowUs, 1, probe.cluster, probe.bitrateBps, probe.bytes);
  }

  #carry({ nowUs, ssrc }: Left): void {
    const waitUs = Math.max(0, this.#freeUs - nowUs);
    this.sent++;
    if (waitUs > this.#bufferMs * 1000) {
      this.lost++;
      this.#arrivals.push(Number.NaN);
      return;
    }
    this.#freeUs = nowUs + waitUs + ((ssrc === AUDIO_SSRC ? AUDIO_BYTES : PACKET_BYTES) * 8e6) / this.#linkBps;
    if (ssrc === AUDIO_SSRC) this.audioMs.push((this.#freeUs - nowUs) / 1000);
    this.#arrivals.push(this.#freeUs);
  }

  #feedBack(): void {
    const arrivalUs = Float64Array.from(this.#arrivals);
    const count = arrivalUs.length;
    if (count > 0)
      this.estimator.handleFeedback(this.#lab.nowUs, { baseSequence: this.#base & 0xffff, count, arrivalUs });
    this.#base += count;
    this.#arrivals = [];
  }
}

describe('how far the gate runs ahead', () => {
  test.each([
    [5, SHORT_LEAD_US],
    [20, 20_000],
    [50, LONG_LEAD_US],
  ])('a link of %d Mb/s: %d µs, and audio waits for a burst as little as it ever did', (mbps, leadUs) => {
    const link = new FedLink(mbps * 1e6, 1000).run(20).run(20);
    expect(link.lost).toBe(0);
    expect(Math.abs(link.estimator.leadUs - leadUs)).toBeLessThan(1000);
    expect(p99(link.audioMs)).toBeLessThan(5.5);
  });

  test.each([
    [50, 0.5],
    [100, 0.3],
    [20, 2],
  ])(
    'a link of %d Mb/s whose buffer holds %d ms: the first bursts lose some packets, then none does',
    (mbps, bufferMs) => {
      const link = new FedLink(mbps * 1e6, bufferMs).run(10);
      expect(link.lost).toBeGreaterThan(0);
      expect(link.lost / link.sent).toBeLessThan(0.02);
      expect(link.estimator.leadUs).toBe(SHORT_LEAD_US);
      expect(link.run(20).lost).toBe(0);
      // It is tried again, and then left alone for a minute.
      expect(link.run(12).lost).toBeLessThanOrEqual(30);
      expect(link.run(40).lost).toBe(0);
      expect(link.estimator.targetBps).toBeGreaterThan(3e6);
    },
  );
});
