/** Whatever a peer does, in whatever order and at whatever time: the invariants of a transport. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EgressPlan } from '../egress/egress-plan.ts';
import { RtcpWriter } from '../rtp/rtcp/rtcp-writer.ts';
import { MAX_REMOTE_ADDRESSES } from './ice-lite.ts';
import { addressKey } from './remote-addresses.ts';
import { CAMERA, type CheckOptions, FakeEgressStream, Lab, NEGOTIATED, v4 } from './transport-test-lab.ts';

/** One for all runs: making one costs more than a run. */
const out = new EgressPlan();

type Step =
  | { what: 'check'; from: number; options: CheckOptions }
  | { what: 'dtls'; from: number; text: string }
  | { what: 'rtcp'; bytes: Uint8Array }
  | { what: 'media'; sequence: number; count: number }
  | { what: 'keyframe' }
  | { what: 'pass'; ms: number };

const from = fc.integer({ min: 0, max: 40 });
const options = fc.record({
  useCandidate: fc.boolean(),
  role: fc.constantFrom('controlling', 'controlling', 'controlled', 'none'),
  password: fc.constantFrom('a-password-of-24-letters', 'a-password-of-24-letters', 'guess', undefined),
}) as fc.Arbitrary<CheckOptions>; // fc.record cannot tell the exact type of `role`
const text = fc.constantFrom('hello', 'hello', 'finished', 'finished', 'fatal', 'goodbye', 'noise');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('check' as const), from, options }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('dtls' as const), from, text }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('rtcp' as const), bytes: rtcp() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('media' as const),
      sequence: fc.integer({ min: 0, max: 65_535 }),
      count: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('keyframe' as const) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 8000 }) }) },
);

/** Well-formed messages about our SSRCs, or noise. */
function rtcp(): fc.Arbitrary<Uint8Array> {
  const ssrc = fc.constantFrom(0x1001, 0x2001, 0x9999);
  const number = fc.integer({ min: 0, max: 0xffffffff });
  const wellFormed = fc.tuple(ssrc, number, number).map(([about, a, b]) => {
    const bytes = new Uint8Array(256);
    const writer = new RtcpWriter();
    writer.begin(bytes, 0);
    writer.senderReport(about, a, b, a, b, a);
    writer.addReportBlock(about, a & 255, 1, b, a, b, a);
    if ((a & 1) === 1) writer.bye(about);
    writer.nack(1, about, a & 0xffff, b & 0xffff);
    writer.fullIntraRequest(1, about, a & 255);
    return bytes.slice(0, writer.end());
  });
  return fc.oneof(wellFormed, fc.uint8Array({ maxLength: 120 }));
}

function play(lab: Lab, steps: Step[]): void {
  const camera = lab.publish(CAMERA);
  const slot = new FakeEgressStream(0x2001);
  lab.transport.addEgressStream(slot);
  let index = 0;
  for (const now of steps) {
    switch (now.what) {
      case 'check':
        lab.check(v4('192.0.2.1', 4000 + now.from), now.options);
        break;
      case 'dtls':
        lab.dtls(now.text, v4('192.0.2.1', 4000 + now.from));
        break;
      case 'rtcp':
        lab.rtcp(now.bytes);
        break;
      case 'media':
        for (let i = 0; i < now.count; i++) {
          camera.receive(lab.nowUs, index++, index, 1000);
          lab.transport.recordTransportSequence(lab.nowUs, (now.sequence + i) & 0xffff);
        }
        slot.send(now.count);
        break;
      case 'keyframe':
        camera.requestKeyframe(lab.nowUs);
        break;
      case 'pass':
        lab.advance(now.ms);
        break;
    }
    checkInvariants(lab);
  }
}

function checkInvariants(lab: Lab): void {
  const { transport, log } = lab;
  const sent = lab.sent();
  // A call asks for a bounded number of packets, and none above the MTU.
  expect(sent.length).toBeLessThan(400);
  for (const { bytes } of sent) expect(bytes.length).toBeLessThanOrEqual(1280);
  // Media only between keys and end.
  const keys = log.filter((entry) => entry === 'keys').length;
  expect(keys).toBe(log.filter((entry) => entry === 'connected').length);
  expect(keys).toBeLessThanOrEqual(1);
  if (transport.state === 'connected') expect(keys).toBe(1);
  if (keys === 0) expect(sent.filter(({ kind }) => kind === 'rtcp')).toEqual([]);
  // The engine knows exactly the addresses that this transport owns, and the destination is one of them.
  expect(lab.remotes.size).toBeLessThanOrEqual(MAX_REMOTE_ADDRESSES);
  expect(lab.remotes.size).toBe(lab.addresses.size);
  const { selected } = transport.ice;
  if (selected !== undefined && transport.state !== 'closed') {
    expect(lab.destination).toBe(addressKey(selected));
    expect(lab.remotes.has(addressKey(selected))).toBe(true);
  }
  // Closed means: said once, everything given back, silent for ever.
  const closed = log.filter((entry) => entry.startsWith('closed')).length;
  expect(closed).toBe(transport.state === 'closed' ? 1 : 0);
  if (transport.state === 'closed') {
    expect(lab.remotes.size).toBe(0);
    expect(transport.nextTimeoutUs()).toBe(Number.POSITIVE_INFINITY);
  } else {
    // The shell knows of the next time-out, which is never further away than consent allows.
    expect(lab.timeoutUs).toBeLessThanOrEqual(transport.nextTimeoutUs());
    expect(transport.nextTimeoutUs()).toBeLessThanOrEqual(lab.nowUs + 30_000_000);
  }
}

test('property: any sequence of datagrams and times keeps the invariants', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      play(new Lab(NEGOTIATED, undefined, 1, out), steps);
    }),
    { seed: 8445, numRuns: 400 },
  );
});

test('property: the same from a connected session on', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      play(new Lab(NEGOTIATED, undefined, 1, out).connect(), steps);
    }),
    { seed: 5764, numRuns: 400 },
  );
});

test('after handleTimeout the next one lies ahead, however late or early it was called', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: -1000, max: 5_000_000 }), (steps, lateUs) => {
      const lab = new Lab(NEGOTIATED, undefined, 1, out).connect();
      play(lab, steps);
      const nowUs = Math.max(lab.nowUs, lab.transport.nextTimeoutUs()) + lateUs;
      if (!Number.isFinite(nowUs)) return;
      lab.transport.handleTimeout(nowUs, lab.out);
      expect(lab.transport.nextTimeoutUs()).toBeGreaterThan(nowUs);
    }),
    { seed: 7675, numRuns: 300 },
  );
});
