import { describe, expect, test } from 'vitest';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
  RunLengthChunk,
  TransportWideCC,
} from 'werift-rtp';
import { MAX_RTCP_BYTES } from './rtcp-reporter.ts';
import { parsed, pass, session } from './rtcp-test-lab.ts';
import { CAMERA, HOME, MICROPHONE } from './transport-test-lab.ts';

describe('key-frame requests', () => {
  function plis(packets: Uint8Array[]): number[] {
    return packets.flatMap((bytes) =>
      parsed(bytes).flatMap((packet) =>
        packet instanceof RtcpPayloadSpecificFeedback && packet.feedback instanceof PictureLossIndication
          ? [packet.feedback.mediaSsrc]
          : [],
      ),
    );
  }

  test('the first goes out at once', () => {
    const { lab, camera } = session();
    camera.requestKeyframe(lab.nowUs);
    expect(lab.timeoutUs).toBe(lab.nowUs);
    lab.advance(0);
    expect(plis(lab.sentRtcp())).toEqual([0x1001]);
  });

  test('a storm from thousands of viewers for 10 s: the publisher sees one a second', () => {
    const { lab, camera } = session();
    const seen: number[] = [];
    for (let i = 0; i < 999; i++) {
      for (let viewer = 0; viewer < 20; viewer++) camera.requestKeyframe(lab.nowUs);
      lab.advance(10);
      if (i % 7 === 0) camera.handleKeyframe();
      seen.push(...plis(lab.sentRtcp()));
    }
    expect(seen).toHaveLength(10);
  });

  test('a removed stream asks no more', () => {
    const { lab, camera } = session();
    lab.transport.removeIngressStream(0x1001);
    camera.requestKeyframe(lab.nowUs);
    expect(plis(pass(lab, 3000))).toEqual([]);
    expect(lab.transport.ingressStream(0x1001)).toBeUndefined();
  });
});

describe('transport-wide feedback to the publisher', () => {
  function feedbacks(packets: Uint8Array[]): TransportWideCC[] {
    return packets.flatMap((bytes) =>
      parsed(bytes).flatMap((packet) =>
        packet instanceof RtcpTransportLayerFeedback && packet.feedback instanceof TransportWideCC
          ? [packet.feedback]
          : [],
      ),
    );
  }

  /** Arrival per number in ms, counted from the first; undefined for lost ones. */
  function arrivalsMs(feedback: TransportWideCC | undefined): (number | undefined)[] {
    const symbols = (feedback?.packetChunks ?? []).flatMap((chunk) =>
      chunk instanceof RunLengthChunk ? Array<number>(chunk.runLength).fill(chunk.packetStatus) : chunk.symbolList,
    );
    let next = 0;
    let timeMs = 0;
    return symbols.slice(0, feedback?.packetStatusCount).map((symbol) => {
      if (symbol === 0) return undefined;
      if (next > 0) timeMs += (feedback?.recvDeltas[next]?.delta ?? Number.NaN) / 1000;
      next++;
      return timeMs;
    });
  }

  test('100 ms after the first arrival; losses and times as they were', () => {
    const { lab, camera } = session();
    camera.receive(lab.nowUs, 1, 0, 100);
    lab.transport.recordTransportSequence(lab.nowUs, 65_534);
    lab.transport.recordTransportSequence(lab.nowUs + 5000, 65_535);
    lab.transport.recordTransportSequence(lab.nowUs + 30_000, 2);
    lab.advance(99);
    expect(feedbacks(lab.sentRtcp())).toEqual([]);
    lab.advance(1);
    const [feedback, ...more] = feedbacks(lab.sentRtcp());
    expect(more).toEqual([]);
    expect(feedback).toMatchObject({ mediaSourceSsrc: 0x1001, baseSequenceNumber: 65_534, packetStatusCount: 5 });
    expect(arrivalsMs(feedback)).toEqual([0, 5, undefined, undefined, 30]);
  });

  test('as soon as 64 are pending', () => {
    const { lab } = session();
    for (let i = 0; i < 63; i++) lab.transport.recordTransportSequence(lab.nowUs, i);
    lab.advance(0);
    expect(lab.sentRtcp()).toEqual([]);
    lab.transport.recordTransportSequence(lab.nowUs, 63);
    lab.advance(0);
    expect(feedbacks(lab.sentRtcp())[0]?.packetStatusCount).toBe(64);
  });

  test('every number in exactly one feedback, counted through, over three wrap-arounds', () => {
    const { lab } = session();
    const told: number[] = [];
    const counts: number[] = [];
    const collect = () => {
      for (const feedback of feedbacks(lab.sentRtcp())) {
        counts.push(feedback.fbPktCount);
        arrivalsMs(feedback).forEach((arrival, i) => {
          if (arrival !== undefined) told.push((feedback.baseSequenceNumber + i) & 0xffff);
        });
      }
    };
    let sequence = 0;
    for (let burst = 0; burst < 3000; burst++) {
      for (let i = 0; i < 70; i++) lab.transport.recordTransportSequence(lab.nowUs, sequence++ & 0xffff);
      lab.advance(10);
      if (burst % 100 === 0) lab.check(HOME);
      collect();
    }
    lab.advance(100);
    collect();
    expect(told).toEqual(Array.from({ length: sequence }, (_, i) => i & 0xffff));
    expect(counts).toEqual(Array.from({ length: counts.length }, (_, i) => i & 0xff));
  });

  test('however hostile the numbers, feedback stays within the MTU and bounded in number', () => {
    const { lab } = session();
    let packets = 0;
    for (let i = 0; i < 2000; i++) {
      lab.transport.recordTransportSequence(lab.nowUs + ((i * 7919) % 60_000_000), (i * 1021) & 0xffff);
      lab.advance(1);
      for (const bytes of lab.sentRtcp()) {
        packets++;
        expect(bytes.length).toBeLessThanOrEqual(MAX_RTCP_BYTES);
      }
    }
    expect(packets).toBeLessThan(2100);
  });

  test('reduced size only when negotiated (RFC 5506); else a report and SDES come first', () => {
    for (const reducedSizeRtcp of [true, false]) {
      const { lab, camera } = session({ reducedSizeRtcp });
      // Just after a report, so that none comes in between.
      pass(lab, 500);
      camera.requestKeyframe(lab.nowUs);
      lab.transport.recordTransportSequence(lab.nowUs, 1);
      lab.advance(100);
      const packets = lab.sentRtcp().map((bytes) => parsed(bytes).map((packet) => packet.type));
      const head = reducedSizeRtcp ? [] : [201, 202];
      expect(packets).toEqual([
        [...head, 206],
        [...head, 205],
      ]);
    }
  });
});

describe('NACK to the publisher', () => {
  /** Sequence numbers that the NACKs among `packets` ask for. */
  function asked(packets: readonly Uint8Array[]): number[] {
    const numbers: number[] = [];
    for (const bytes of packets) {
      for (let at = 0; at < bytes.length; at += 4 * (1 + (bytes[at + 2] as number) * 256 + (bytes[at + 3] as number))) {
        if (bytes[at] !== 0x81 || bytes[at + 1] !== 205) continue;
        const [packet] = RtcpPacketConverter.deSerialize(Buffer.from(bytes.slice(at)));
        const nack = packet instanceof RtcpTransportLayerFeedback ? packet.feedback : undefined;
        if (nack instanceof GenericNack) numbers.push(...nack.lost.map((number) => number & 0xffff));
      }
    }
    return numbers;
  }

  test('for what is missing, over wrap-around, soon after it is noticed', () => {
    const { lab, camera } = session();
    camera.receive(lab.nowUs, 65_530, 0, 100);
    camera.receive(lab.nowUs, 65_575, 0, 100);
    lab.advance(150);
    const expected = Array.from({ length: 44 }, (_, i) => (65_531 + i) & 0xffff);
    expect(asked(lab.sentRtcp()).slice(0, 44)).toEqual(expected);
  });

  test.each([true, false])(
    'many holes: each number once, in packets within the MTU (reduced size: %s)',
    (reducedSizeRtcp) => {
      const { lab, camera } = session({ reducedSizeRtcp });
      // Holes too far apart for one bitmask: an entry each.
      for (let i = 0; i < 18 * 250; i++) if (i % 18 !== 5) camera.receive(lab.nowUs, i, 0, 100);
      lab.advance(100);
      const packets = lab.sentRtcp();
      for (const bytes of packets) expect(bytes.length).toBeLessThanOrEqual(MAX_RTCP_BYTES);
      expect(new Set(asked(packets))).toEqual(new Set(Array.from({ length: 250 }, (_, i) => 18 * i + 5)));
    },
  );

  test('nothing for audio', () => {
    const { lab } = session();
    const microphone = lab.publish(MICROPHONE);
    microphone.receive(lab.nowUs, 1, 0, 100);
    microphone.receive(lab.nowUs, 9, 0, 100);
    lab.advance(200);
    expect(asked(lab.sentRtcp())).toEqual([]);
  });
});

test('the hot lookup gives what was added last under an SSRC', () => {
  const { lab, camera } = session();
  expect(lab.transport.ingressStream(0x1001)).toBe(camera);
  expect(lab.transport.ingressStream(0x1001)).toBe(camera);
  const replacement = lab.publish(CAMERA);
  expect(lab.transport.ingressStream(0x1001)).toBe(replacement);
  lab.transport.close(undefined);
  expect(lab.transport.ingressStream(0x1001)).toBeUndefined();
});

test('a stream that left its transport wakes nobody', () => {
  const { lab, camera } = session();
  const microphone = lab.publish({ ...MICROPHONE, kind: 'screen' });
  const before = lab.timeoutUs;
  lab.transport.removeIngressStream(camera.ssrc);
  camera.requestKeyframe(lab.nowUs);
  expect(lab.timeoutUs).toBe(before);
  expect(camera.waker).toBeUndefined();
  lab.transport.close(undefined);
  expect(microphone.waker).toBeUndefined();
});
