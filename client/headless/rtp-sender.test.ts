import { describe, expect, test } from 'vitest';
import { RtpPacket } from 'werift-rtp';
import { type FrameSource, OpusSilenceSource, Vp8StillSource } from './frame-sources.ts';
import { RtpSender } from './rtp-sender.ts';

function makeSender(source: FrameSource, audioLevelId?: number) {
  const packets: RtpPacket[] = [];
  const sender = new RtpSender({
    source,
    payloadType: 96,
    ssrc: 0xfedcba98,
    mid: { id: 4, value: 'm7' },
    audioLevelId,
    // Read back by werift: another implementation.
    send: (packet) => packets.push(RtpPacket.deSerialize(packet)) > 0,
  });
  return { sender, packets };
}

describe('RtpSender', () => {
  test('audio: 50 packets a second, timestamps and sequence numbers one after the other, mid and level in each, with pauses', () => {
    const { sender, packets } = makeSender(new OpusSilenceSource(), 1);
    sender.audioLevel = 33;
    for (let nowMs = 0; nowMs < 1000; nowMs += 10) sender.handleTick(nowMs);
    expect(packets).toHaveLength(50);
    for (const [i, { header, payload }] of packets.entries()) {
      const before = packets[i - 1]?.header;
      if (before) {
        expect((header.sequenceNumber - before.sequenceNumber) & 0xffff).toBe(1);
        expect((header.timestamp - before.timestamp) >>> 0).toBe(960);
      }
      expect(header).toMatchObject({ payloadType: 96, ssrc: 0xfedcba98, marker: false });
      expect(header.extensions).toEqual([
        { id: 4, payload: Buffer.from('m7') },
        { id: 1, payload: Buffer.of((i + 1) % 15 === 0 ? 127 : 0x80 | 33) },
      ]);
      expect(payload).toHaveLength(3);
    }
  });

  test('video: the marker ends each frame, whose packets share a timestamp', () => {
    const { sender, packets } = makeSender(new Vp8StillSource(3000));
    sender.handleTick(0);
    sender.handleTick(34);
    expect(packets.map(({ header }) => header.marker)).toEqual([false, false, true, false, false, true]);
    const [first, , third, fourth] = packets.map(({ header }) => header.timestamp);
    expect(third).toBe(first);
    expect(((fourth ?? 0) - (first ?? 0)) >>> 0).toBe(3000);
  });

  test('muted: time passes, nothing is sent', () => {
    const { sender, packets } = makeSender(new OpusSilenceSource());
    sender.handleTick(0);
    sender.muted = true;
    sender.handleTick(100);
    sender.muted = false;
    sender.handleTick(120);
    expect(packets).toHaveLength(2);
    const [first, second] = packets.map(({ header }) => header);
    expect(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0).toBe(6 * 960);
    expect(((second?.sequenceNumber ?? 0) - (first?.sequenceNumber ?? 0)) & 0xffff).toBe(1);
  });

  test('after a stall it goes on at the present, with no burst', () => {
    const { sender, packets } = makeSender(new OpusSilenceSource());
    sender.handleTick(0);
    sender.handleTick(10_000);
    expect(packets.length).toBeLessThan(10);
    expect(((packets.at(-1)?.header.timestamp ?? 0) - (packets[0]?.header.timestamp ?? 0)) >>> 0).toBe(500 * 960);
  });

  test('packets that the stack refuses are counted', () => {
    const sender = new RtpSender({
      source: new OpusSilenceSource(),
      payloadType: 111,
      ssrc: 1,
      mid: undefined,
      audioLevelId: undefined,
      send: () => false,
    });
    sender.handleTick(0);
    expect([sender.packets, sender.refused]).toEqual([0, 1]);
  });
});
