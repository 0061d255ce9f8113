import { describe, expect, test } from 'vitest';
import { RtcpRrPacket, RtcpSourceDescriptionPacket, RtcpSrPacket } from 'werift-rtp';
import { IngressStream } from '../ingress/ingress-stream.ts';
import { MAX_RTCP_BYTES } from './rtcp-reporter.ts';
import { compound, parsed, pass, session } from './rtcp-test-lab.ts';
import { MAX_EGRESS_STREAMS, MAX_INGRESS_STREAMS } from './transport.ts';
import { CAMERA, FakeEgressStream, HOME, Lab, MICROPHONE, NEGOTIATED, START_US } from './transport-test-lab.ts';

describe('reports', () => {
  test('scenario: we send two streams and receive two', () => {
    const { lab, camera, slot } = session();
    const second = new FakeEgressStream(0x2002);
    lab.transport.addEgressStream(second);
    const microphone = lab.publish(MICROPHONE);
    slot.send(10);
    second.send(3);
    camera.receive(lab.nowUs, 65_535, 0, 1000);
    camera.receive(lab.nowUs, 65_538, 0, 1000);
    microphone.receive(lab.nowUs, 1, 0, 100);
    // The two packets missing are asked for beside.
    const [report, ...more] = pass(lab, 1000).filter((bytes) => bytes[1] !== 205);
    expect(more).toEqual([]);

    const [first, sdes, other, otherSdes] = parsed(report as Uint8Array);
    expect(first).toBeInstanceOf(RtcpSrPacket);
    expect(first).toMatchObject({
      ssrc: 0x2001,
      senderInfo: { packetCount: 10, octetCount: 1000 },
      reports: [
        { ssrc: 0x1001, fractionLost: 128, packetsLost: 2, highestSequence: 0x10002, lsr: 0, dlsr: 0 },
        { ssrc: 0x1000, fractionLost: 0, packetsLost: 0, highestSequence: 1 },
      ],
    });
    expect(sdes).toBeInstanceOf(RtcpSourceDescriptionPacket);
    expect(sdes).toMatchObject({ chunks: [{ source: 0x2001, items: [{ type: 1, text: 'cname' }] }] });
    expect(other).toMatchObject({ ssrc: 0x2002, senderInfo: { packetCount: 3, octetCount: 300 }, reports: [] });
    expect(otherSdes).toMatchObject({ chunks: [{ source: 0x2002, items: [{ type: 1, text: 'cname' }] }] });
  });

  test('NTP and RTP time of a sender report belong together, from report to report', () => {
    const { lab, slot } = session();
    const pairs = Array.from({ length: 4 }, () => {
      slot.send(1);
      const [sr] = parsed(pass(lab, 1000)[0] as Uint8Array);
      if (!(sr instanceof RtcpSrPacket)) throw new Error('no sender report');
      const { ntpTimestamp, rtpTimestamp } = sr.senderInfo;
      return { ntpUs: Number(ntpTimestamp) / 2 ** 32 / 1e-6, rtpTimestamp };
    });
    for (const { ntpUs, rtpTimestamp } of pairs) {
      expect(rtpTimestamp).toBeCloseTo(5000 + (ntpUs - START_US) * 0.09, -1);
    }
  });

  test('each second; a stream that sends nothing more gets no sender report, one that hears nothing more no block', () => {
    const { lab, camera, slot } = session();
    slot.send(1);
    camera.receive(lab.nowUs, 1, 0, 1000);
    const packets = pass(lab, 5000).map(parsed);
    expect(packets).toHaveLength(5);
    expect(packets[0]?.[0]).toBeInstanceOf(RtcpSrPacket);
    for (const packet of packets.slice(1)) {
      expect(packet[0]).toBeInstanceOf(RtcpRrPacket);
      expect(packet[0]).toMatchObject({ ssrc: 0x2001, reports: [] });
      expect(packet[1]).toBeInstanceOf(RtcpSourceDescriptionPacket);
    }
  });

  test('a participant that only publishes is reported to as well', () => {
    const lab = new Lab().connect();
    lab.publish(CAMERA).receive(lab.nowUs, 1, 0, 1000);
    const [rr] = parsed(pass(lab, 1000)[0] as Uint8Array);
    expect(rr).toBeInstanceOf(RtcpRrPacket);
    expect(rr).toMatchObject({ reports: [{ ssrc: 0x1001 }] });
  });

  test('LSR and DLSR answer the publisher: middle of his NTP time, and the time since in 1/65536 s', () => {
    const { lab, camera } = session();
    pass(lab, 1000);
    camera.receive(lab.nowUs, 1, 0, 1000);
    const arrivedUs = lab.nowUs;
    expect(lab.rtcp(compound((writer) => writer.senderReport(0x1001, 0x11112222, 0x33334444, 7, 1, 1)))).toBe(true);
    const [rr] = parsed(pass(lab, 1000)[0] as Uint8Array);
    if (!(rr instanceof RtcpRrPacket)) throw new Error('no receiver report');
    expect(rr.reports[0]?.lsr).toBe(0x22223333);
    // The report went out where the phase of this handle lies, not at the end of the second.
    const delayUs = ((rr.reports[0]?.dlsr ?? 0) / 65_536) * 1e6;
    expect(delayUs).toBeGreaterThan(0);
    expect(delayUs).toBeLessThanOrEqual(lab.nowUs - arrivedUs);
  });

  test('transports report at different times', () => {
    const times = Array.from({ length: 50 }, (_, i) => {
      const lab = new Lab(NEGOTIATED, undefined, i + 1).connect();
      return lab.transport.nextTimeoutUs() - START_US;
    });
    expect(new Set(times).size).toBe(50);
    for (const time of times) expect(time).toBeLessThan(1_000_000);
  });

  test('as many streams as are allowed: several packets, each within the MTU, everything in exactly once', () => {
    const lab = new Lab().connect();
    for (let i = 0; i < MAX_EGRESS_STREAMS + 10; i++) {
      const slot = new FakeEgressStream(0x2000 + i);
      slot.send(1);
      expect(lab.transport.addEgressStream(slot)).toBe(i < MAX_EGRESS_STREAMS);
    }
    for (let i = 0; i < MAX_INGRESS_STREAMS + 10; i++) {
      const stream = new IngressStream(0x1000 + i, CAMERA);
      expect(lab.transport.addIngressStream(stream)).toBe(i < MAX_INGRESS_STREAMS);
      stream.receive(lab.nowUs, 1, 0, 100);
    }
    const packets = pass(lab, 1000);
    const senders: number[] = [];
    const blocks: number[] = [];
    const named: number[] = [];
    for (const bytes of packets) {
      expect(bytes.length).toBeLessThanOrEqual(MAX_RTCP_BYTES);
      const list = parsed(bytes);
      // RFC 3550 section 6.1: a report comes first.
      expect(list[0] instanceof RtcpSrPacket || list[0] instanceof RtcpRrPacket).toBe(true);
      // And the CNAME of who reports is in the same packet.
      const reporters = list.flatMap((packet) =>
        packet instanceof RtcpSrPacket || packet instanceof RtcpRrPacket ? [packet.ssrc] : [],
      );
      const described = list.flatMap((packet) =>
        packet instanceof RtcpSourceDescriptionPacket ? packet.chunks.map(({ source }) => source) : [],
      );
      expect(described).toEqual([...new Set(reporters)]);
      for (const packet of list) {
        if (packet instanceof RtcpSrPacket) senders.push(packet.ssrc);
        if (packet instanceof RtcpSrPacket || packet instanceof RtcpRrPacket) {
          expect(packet.reports.length).toBeLessThanOrEqual(31);
          blocks.push(...packet.reports.map(({ ssrc }) => ssrc));
        }
        if (packet instanceof RtcpSourceDescriptionPacket) named.push(...packet.chunks.map(({ source }) => source));
      }
    }
    expect(senders).toEqual(Array.from({ length: MAX_EGRESS_STREAMS }, (_, i) => 0x2000 + i));
    expect(blocks).toEqual(Array.from({ length: MAX_INGRESS_STREAMS }, (_, i) => 0x1000 + i));
    expect(new Set(named)).toEqual(new Set(senders));
  });

  test('nothing before the keys are there', () => {
    const lab = new Lab();
    lab.check(HOME);
    lab.out.clear();
    lab.advance(5000);
    expect(lab.sent()).toEqual([]);
  });

  test('no room in the plan: nothing is written, and time goes on', () => {
    const { lab } = session();
    lab.out.sideSize = lab.out.side.length - 100;
    lab.advance(3000);
    expect(lab.out.count).toBe(0);
  });
});

describe('round-trip time', () => {
  test.each([0, 1, 20, 350, 29_000])('%i ms, from a report about our sender report', (rttMs) => {
    const { lab, slot } = session();
    slot.send(1);
    const [sr] = parsed(pass(lab, 1000)[0] as Uint8Array);
    if (!(sr instanceof RtcpSrPacket)) throw new Error('no sender report');
    // Time of the report as the receiver reads it, then a delay of its own of 100 ms.
    const sentUs = (Number(sr.senderInfo.ntpTimestamp) / 2 ** 32) * 1e6;
    const lsr = Number((sr.senderInfo.ntpTimestamp >> 16n) & 0xffffffffn);
    lab.nowUs = sentUs + 100_000 + rttMs * 1000;
    lab.rtcp(
      compound((writer) => {
        writer.receiverReport(1);
        writer.addReportBlock(0x2001, 5, 6, 7, 8, lsr, 6554);
      }),
    );
    expect(lab.transport.roundTripMs).toBeGreaterThanOrEqual(Math.max(0, rttMs - 0.1));
    expect(lab.transport.roundTripMs).toBeLessThan(rttMs + 0.1);
    expect(slot.calls).toEqual(['report 5 6 8']);
  });

  test.each([
    ['no report of ours seen yet', 0, 0],
    ['a report from the future', 0x7fff0000, 0],
    ['a delay longer than the time since', -65_536, 10 * 65_536],
    ['a round trip of hours', -100 * 65_536, 0],
  ])('is not learned from %s', (_, lsrOffset, dlsr) => {
    const { lab } = session();
    const now = Math.floor((lab.nowUs * 65_536) / 1e6);
    const lsr = lsrOffset === 0 ? 0 : (now + lsrOffset) >>> 0;
    lab.rtcp(
      compound((writer) => {
        writer.receiverReport(1);
        writer.addReportBlock(0x2001, 0, 0, 0, 0, lsr, dlsr);
      }),
    );
    expect(lab.transport.roundTripMs).toBeUndefined();
  });
});
