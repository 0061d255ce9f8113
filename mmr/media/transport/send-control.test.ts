import { describe, expect, test } from 'vitest';
import { DEFAULT_ESTIMATOR_OPTIONS } from '../congestion/send-side-estimator.ts';
import { EGRESS_WORDS } from '../egress/egress-plan.ts';
import { TransportFeedback } from '../rtp/rtcp/transport-feedback-writer.ts';
import { compound, session } from './rtcp-test-lab.ts';
import { FakeEgressStream, type Lab } from './transport-test-lab.ts';

const VIDEO = 0x2001;

/** Sends one packet of 1000 bytes through the gate; whether it left at once. */
function send(lab: Lab, priority: 0 | 1 | 2 = 2, timestamp = 0): boolean {
  const { out } = lab;
  const at = out.count * EGRESS_WORDS;
  out.rtp(1, 0, 0, 0, 900, 0x90600000, timestamp, VIDEO, 0, out.openBlock(8), 8, 0);
  const admitted = lab.gate.admit(lab.nowUs, 1, out, at, 1000, priority, 5);
  if (!admitted) out.count--;
  return admitted;
}

function feedback(baseSequence: number, arrivalsUs: number[]): Uint8Array {
  const content = new TransportFeedback();
  content.baseSequence = baseSequence;
  content.arrivalsUs = Float64Array.from(arrivalsUs);
  content.count = arrivalsUs.length;
  return compound((writer) => writer.transportFeedback(1000, content));
}

describe('a peer who answers with transport-wide feedback', () => {
  test('is estimated and paced from the start', () => {
    const { lab } = session({ transportFeedback: true });
    expect(lab.transport.estimateBps).toBe(DEFAULT_ESTIMATOR_OPTIONS.startBps);
    const left = Array.from({ length: 50 }, () => send(lab)).filter((admitted) => admitted).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(5);
    expect(lab.transport.queueDelayUs).toBeGreaterThan(100_000);
  });

  test('his feedback reaches the estimator, whose conclusions reach the gate', () => {
    const { lab } = session({ transportFeedback: true });
    let number = 0;
    const before = lab.transport.estimateBps;
    for (let round = 0; round < 100; round++) {
      const arrivals: number[] = [];
      for (let i = 0; i < 5; i++) if (send(lab)) arrivals.push(lab.nowUs + 20_000 + i * 500);
      lab.advance(50);
      if (arrivals.length > 0) expect(lab.rtcp(feedback(number, arrivals))).toBe(true);
      number = (number + arrivals.length) & 0xffff;
      lab.gate.release(lab.nowUs, { plan: lab.out, makeRoom: () => {} });
      lab.out.clear();
    }
    expect(lab.transport.estimateBps).not.toBe(before);
    expect(lab.transport.rtcp.control?.malformed).toBe(0);
  });

  test('feedback that is broken inside is counted and changes nothing', () => {
    const { lab } = session({ transportFeedback: true });
    const good = feedback(0, [1000, 2000, 3000]);
    good[16 + 4] = 0x60; // the reserved symbol
    const before = lab.transport.estimateBps;
    expect(lab.rtcp(good)).toBe(true);
    expect(lab.transport.rtcp.control?.malformed).toBe(1);
    expect(lab.transport.estimateBps).toBe(before);
  });

  test('lies about packets that were never sent do not raise the estimate above its maximum', () => {
    const { lab } = session({ transportFeedback: true });
    for (let i = 0; i < 2000; i++) {
      lab.rtcp(
        feedback(
          (i * 7919) & 0xffff,
          Array.from({ length: 100 }, (_, k) => i * 1000 + k),
        ),
      );
      lab.nowUs += 1000;
    }
    expect(lab.transport.estimateBps).toBeLessThanOrEqual(DEFAULT_ESTIMATOR_OPTIONS.maxBps);
    expect(lab.transport.estimateBps).toBeGreaterThanOrEqual(DEFAULT_ESTIMATOR_OPTIONS.minBps);
  });

  test('what is given up is told to its stream', () => {
    const { lab, slot } = session({ transportFeedback: true });
    for (let i = 0; i < 400; i++) send(lab, 2, i >> 3);
    lab.gate.release(lab.nowUs + 5000, { plan: lab.out, makeRoom: () => {} });
    expect(slot.calls).toContain('pacer drop');
  });

  test('the end of the transport frees what waits', () => {
    const { lab } = session({ transportFeedback: true });
    for (let i = 0; i < 50; i++) send(lab);
    lab.transport.close(undefined);
    expect(lab.gate.queuedBytes(1)).toBe(0);
    expect(lab.transport.estimateBps).toBe(Number.POSITIVE_INFINITY);
  });
});

test('padding goes to the first stream that has RTX', () => {
  const { lab } = session({ transportFeedback: true });
  lab.transport.addEgressStream(new FakeEgressStream(0x2002, 0x3002));
  lab.gate.startProbe(lab.nowUs, 1, 0, 1e6, 2000);
  lab.gate.release(lab.nowUs + 5000, { plan: lab.out, makeRoom: () => {} });
  expect(lab.out.count).toBeGreaterThan(1);
  expect(lab.out.words[7]).toBe(0x3002);
});

test('without feedback a peer is neither numbered nor held back', () => {
  const { lab } = session();
  expect(lab.transport.estimateBps).toBe(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 1000; i++) expect(send(lab)).toBe(true);
  expect((lab.out.words[0] as number) >>> 8).toBe(0);
  expect(lab.rtcp(feedback(0, [1000]))).toBe(true);
});

test('one REMB brings a peer without transport-wide feedback under control; packets stay without numbers', () => {
  const { lab } = session();
  expect(lab.rtcp(remb(200_000))).toBe(true);
  expect(lab.transport.estimateBps).toBe(200_000);
  expect(send(lab)).toBe(true);
  expect((lab.out.words[0] as number) >>> 8).toBe(0);
  for (let i = 0; i < 20; i++) send(lab);
  expect(lab.transport.queueDelayUs).toBeGreaterThan(0);
});

describe('reception reports', () => {
  test('about RTX streams are not foreign; loss is weighed by packets', () => {
    const { lab, slot } = session();
    const losses: number[] = [];
    lab.transport.addEgressStream(new FakeEgressStream(0x2002, 0x3002));
    lab.rtcp(remb(1_000_000));
    const control = lab.transport.rtcp.control;
    if (control !== undefined) control.estimator.handleReceiverLoss = (_nowUs, fraction) => losses.push(fraction);
    const report = (blocks: [number, number, number][]) =>
      lab.rtcp(
        compound((writer) => {
          writer.receiverReport(1);
          for (const [ssrc, lost, highest] of blocks) writer.addReportBlock(ssrc, 0, lost, highest, 0, 0, 0);
        }),
      );
    report([
      [VIDEO, 0, 1000],
      [0x2002, 5, 100],
      [0x3002, 1, 1],
    ]);
    expect(losses).toEqual([]);
    report([
      [VIDEO, 10, 1090],
      [0x2002, 5, 110],
    ]);
    expect(losses).toEqual([0.1]);
    expect(lab.transport.rtcp.foreign).toBe(0);
    expect(slot.calls).toHaveLength(2);
  });
});

/** REMB (draft-alvestrand-rmcat-remb-03 section 2.2) of a multiple of 4 b/s. */
function remb(bitrateBps: number): Uint8Array {
  const mantissa = bitrateBps / 4;
  const head = [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1];
  return Uint8Array.from([...head, (2 << 2) | (mantissa >> 16), (mantissa >> 8) & 255, mantissa & 255, 0, 0, 0x20, 1]);
}
