/**
 * The benchmark in small: that the floors and the real worker carry each workload without loss and that the figures
 * add up. It asserts no times, because the machine that runs the tests is shared.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { buildPrograms } from './build.ts';
import { type FloorResult, runFloor } from './floor.ts';
import { type Plan, runForwarding } from './forwarding.ts';
import { runIceTcp } from './ice-tcp.ts';
import { runJoin } from './join.ts';
import { LineProgram } from './lines.ts';
import { messagesFor, runPadding } from './padding.ts';
import { loopback } from './place.ts';
import { forwardingTable, iceTcpTable, joinTable, rounded, turnTable } from './report.ts';
import type { ForwardingReport } from './summary.ts';
import { median, percentile } from './sums.ts';
import { runTurn } from './turn.ts';
import { receiverCount, WORKLOADS, type Workload } from './workloads.ts';

const SECONDS = 1;
/** By layer selection, pacing, and the limits of repair. */
const INTENDED_DROPS = [
  'layerUnwatched',
  'awaitingKeyframe',
  'noReceiver',
  'tooOld',
  'pacerQueueFull',
  'retransmissionRefused',
];
/** Of participant 0, as in c/preset.h. */
const HELLO = Uint8Array.of(0, 0xff, 0xbe, 0x4c, 0, 0, 0, 0);
const programs = buildPrograms();
const place = loopback();

/** A third of the rate: a machine that stops everything for seconds does not overflow a socket then. */
const CALM_WORKLOADS: readonly Workload[] = WORKLOADS.map((workload) => ({
  ...workload,
  traffic: { ...workload.traffic, framesPerSecond: 10 },
}));

function expectedPackets(workload: Workload): number {
  const { framesPerSecond, packetsPerFrame } = workload.traffic;
  return workload.publishers * framesPerSecond * packetsPerFrame * SECONDS * (workload.participants - 1);
}

const PLAN: Plan = {
  rounds: 1,
  seconds: SECONDS,
  warmUpSeconds: 0.5,
  riseSeconds: 2,
  memorySubscribers: 0,
  profile: undefined,
};

describe.each(CALM_WORKLOADS.map((workload) => [workload.name, workload] as const))('%s', (_, workload) => {
  test.each(['sendto', 'gso', 'gso-feedback'] as const)('the %s floor delivers every packet once', async (kind) => {
    const result = await runFloor(programs, place, kind, workload, SECONDS);
    expect(result).toMatchObject({ gaps: 0, refused: 0, reordered: 0 });
    expect(result.received).toBe(result.sent * receiverCount(workload));
    expect(result.cpuUs).toBeGreaterThan(0);
    expectFeedback(result, kind === 'gso-feedback');
  });

  test('the worker delivers every packet once, and with features leaves no hole in any slot', async () => {
    const reports = await runForwarding(programs, place, workload, PLAN);
    expect(reports.map(({ features }) => features)).toEqual(workload.modes);
    for (const report of reports) {
      expect(report.workload).toBe(workload.name);
      // A machine that stood still for long made the pacer give up; what holds then is for the pacer's own tests.
      if (report.drops.pacerQueueFull === undefined) expect(report.lost).toBe(0);
      // A generator that the machine held up sends less, never more.
      expect(report.forwarded).toBeGreaterThan(0);
      expect(report.forwarded).toBeLessThanOrEqual(expectedPackets(workload) * 1.05);
      expect(report.cpuUsPerForward).toBeGreaterThan(0);
      expect(report.latencyUs.p50).toBeLessThanOrEqual(report.latencyUs.p999);
      if (report.features === 'off')
        expect(report).toMatchObject({ drops: {}, repairs: undefined, feedbackFloor: undefined });
      else expectFeatures(report);
    }
    const table = forwardingTable(reports);
    for (const mode of workload.modes) expect(table).toContain(`features ${mode}`);
  });
});

/** That a floor read every RTCP packet that was sent until the result, and sinks decrypted what it sent again. */
function expectFeedback({ feedback, rtcpSent, asked, repaired }: FloorResult, isWanted: boolean): void {
  if (!isWanted) {
    expect(feedback).toEqual({ authenticated: 0, asked: 0, resent: 0 });
    expect({ rtcpSent, asked, repaired }).toEqual({ rtcpSent: 0, asked: 0, repaired: 0 });
    return;
  }
  expect(rtcpSent).toBeGreaterThan(0);
  expect(feedback.authenticated).toBeGreaterThanOrEqual(rtcpSent);
  expect(asked).toBeGreaterThan(0);
  expect(feedback.asked).toBeGreaterThanOrEqual(asked);
  expect(repaired).toBeGreaterThan(0);
  expect(feedback.resent).toBeGreaterThanOrEqual(repaired);
}

function expectFeatures({ repairs, drops, feedbackFloor, ratioToFeedbackFloor }: ForwardingReport): void {
  expect(ratioToFeedbackFloor).toBeGreaterThan(0);
  expect(feedbackFloor?.authenticated).toBeGreaterThan(0);
  expect(feedbackFloor?.resent).toBeGreaterThan(0);
  expect(repairs?.asked).toBeGreaterThan(0);
  expect(repairs?.repaired).toBeGreaterThan(0);
  // Not each packet of each encoding is for somebody, and what is held back is so on purpose.
  for (const reason of Object.keys(drops)) expect(INTENDED_DROPS).toContain(reason);
}

test('a floor ends with an error when feedback does not authenticate', async () => {
  const floor = new LineProgram([programs.floor, 'gso-feedback', '127.0.0.1', '1', '1']);
  const { port } = await floor.next('its start', (message) => message.port !== undefined);
  const ended = expect(floor.next('its end', () => true)).rejects.toThrow('exit code 1');
  const participant = createSocket('udp4');
  participant.connect(Number(port), '127.0.0.1');
  await once(participant, 'connect');
  participant.send(HELLO);
  participant.send(Uint8Array.from({ length: 40 }, (_, i) => [0x81, 205][i] ?? 0x80));
  await ended;
  participant.close();
});

test('every join gets its picture', async () => {
  const report = await runJoin(programs, place, { singleJoins: 10, stormJoins: 50, stormSeconds: 0.5 });
  expect(report).toMatchObject({ joins: 10, failed: 0, storm: { joins: 50, failed: 0 } });
  expect(report.connectedMs.p50).toBeLessThanOrEqual(report.firstPictureMs.max);
  expect(joinTable(report)).toContain('request to first picture p95');
});

test('padding joins what differs by a byte, and nothing else', async () => {
  const { shapes } = await runPadding(1);
  const times = shapes.map(({ asIs, padded }) => padded.packetsPerMessage / asIs.packetsPerMessage);
  expect(times[0]).toBe(1);
  expect(times[1]).toBeGreaterThan(1.5);
  expect(shapes.every(({ ratio, paddingPercent }) => ratio > 0 && paddingPercent < 1)).toBe(true);
});

test.each([
  { sizes: [700, 700, 700, 300], asIs: 1, padded: 1 },
  { sizes: [700, 701, 701], asIs: 2, padded: 1 },
  { sizes: [708, 700, 708], asIs: 2, padded: 1 },
  { sizes: [700, 709], asIs: 2, padded: 2 },
  { sizes: [400, 300, 200], asIs: 2, padded: 2 },
])('packets of $sizes bytes leave in $asIs messages, padded in $padded', ({ sizes, asIs, padded }) => {
  expect(messagesFor(sizes, 0).messages).toBe(asIs);
  expect(messagesFor(sizes, 8).messages).toBe(padded);
});

test.each([
  { values: [3, 1, 2], fraction: 0.5, expected: 2 },
  { values: [1, 2, 3, 4], fraction: 0.95, expected: 4 },
  { values: [7], fraction: 0, expected: 7 },
])('percentile $fraction of $values is $expected', ({ values, fraction, expected }) => {
  expect(percentile(values, fraction)).toBe(expected);
});

test('the median of nothing is NaN', () => {
  expect(median([])).toBeNaN();
});

test('figures keep three digits, counts all of theirs', () => {
  const report: Partial<ForwardingReport> = { workload: 'gallery', cpuUsPerForward: 2.34567, forwarded: 123_456 };
  expect(rounded(report)).toEqual({ workload: 'gallery', cpuUsPerForward: 2.35, forwarded: 123_456 });
});

test('the TURN service relays every packet there and back', async () => {
  const report = await runTurn(1, 500);
  expect(report).toMatchObject({ workload: 'turn', udp: { lost: 0 }, tcp: { lost: 0 } });
  for (const { cpuUsPerPacket, packetsPerSecondPerCore } of [report.udp, report.tcp]) {
    expect(cpuUsPerPacket * packetsPerSecondPerCore).toBeCloseTo(1e6);
    expect(cpuUsPerPacket).toBeGreaterThan(0);
  }
  expect(turnTable(report)).toMatch(/CPU per relayed packet +[\d.]+ µs +[\d.]+ µs/);
});

test('a TCP port relays every packet there and back', async () => {
  const report = await runIceTcp(1, 500);
  expect(report).toMatchObject({ workload: 'ice-tcp', tcp: { lost: 0 } });
  expect(iceTcpTable(report)).toMatch(/CPU per relayed packet +[\d.]+ µs/);
});
