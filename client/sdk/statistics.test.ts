import { describe, expect, test } from 'vitest';
import { StatisticsReader } from './statistics.ts';

type Stats = { id: string; type: string; timestamp: number } & Record<string, unknown>;

const report = (...stats: Stats[]) => new Map(stats.map((each) => [each.id, each]));

const CODEC: Stats = { id: 'C', type: 'codec', timestamp: 0, mimeType: 'video/VP8' };
const PAIR: Stats = {
  id: 'P',
  type: 'candidate-pair',
  timestamp: 0,
  nominated: true,
  state: 'succeeded',
  currentRoundTripTime: 0.012,
};

function inbound(timestamp: number, bytes: number, packets: number, lost: number): Stats {
  return {
    id: 'I',
    type: 'inbound-rtp',
    timestamp,
    kind: 'video',
    mid: '6',
    codecId: 'C',
    bytesReceived: bytes,
    headerBytesReceived: packets * 12,
    packetsReceived: packets,
    packetsLost: lost,
    frameWidth: 640,
    frameHeight: 360,
    framesPerSecond: 24,
    freezeCount: 2,
    totalFreezesDuration: 0.7,
  };
}

describe('statistics', () => {
  test('a received stream: differences since the last reading', () => {
    const reader = new StatisticsReader();
    reader.read(report(CODEC, PAIR, inbound(1000, 10_000, 100, 0)));
    const [stream] = reader.read(report(CODEC, PAIR, inbound(3000, 258_800, 190, 10)));
    expect(stream).toEqual({
      mid: '6',
      direction: 'received',
      kind: 'video',
      rid: '',
      active: true,
      bitrateBps: ((248_800 + 90 * 12) * 8) / 2,
      lostFraction: 0.1,
      roundTripMs: 12,
      width: 640,
      height: 360,
      framesPerSecond: 24,
      codec: 'VP8',
      scalability: undefined,
      limitedBy: undefined,
      freezes: { count: 2, seconds: 0.7 },
    });
  });

  test('each encoding that is sent is a stream, also one that is switched off', () => {
    const sent = (id: string, more: object): Stats => ({
      id,
      type: 'outbound-rtp',
      timestamp: 1000,
      kind: 'video',
      mid: '1',
      rid: id,
      ...more,
    });
    const streams = new StatisticsReader().read(
      report(
        sent('l', { packetsSent: 9, active: true, scalabilityMode: 'L1T3', qualityLimitationReason: 'none' }),
        sent('h', { packetsSent: 0, active: false, qualityLimitationReason: 'bandwidth' }),
      ),
    );
    expect(streams).toMatchObject([
      { rid: 'l', active: true, scalability: 'L1T3', limitedBy: undefined, freezes: undefined },
      { rid: 'h', active: false, scalability: undefined, limitedBy: 'bandwidth' },
    ]);
  });

  test('the first reading knows no rate', () => {
    const [stream] = new StatisticsReader().read(report(CODEC, inbound(1000, 10_000, 100, 3)));
    expect(stream).toMatchObject({ bitrateBps: 0, lostFraction: 0, roundTripMs: undefined });
  });

  test('a stream that carried nothing is left out', () => {
    expect(new StatisticsReader().read(report(CODEC, inbound(1000, 0, 0, 0)))).toEqual([]);
  });

  test('duplicates, which make the loss count fall, are no negative loss', () => {
    const reader = new StatisticsReader();
    reader.read(report(CODEC, inbound(1000, 10_000, 100, 5)));
    expect(reader.read(report(CODEC, inbound(2000, 20_000, 200, 2)))[0]?.lostFraction).toBe(0);
  });

  test('a sent stream: loss and round trip are what the router reports', () => {
    const sent: Stats = {
      id: 'O',
      type: 'outbound-rtp',
      timestamp: 1000,
      kind: 'audio',
      mid: '0',
      bytesSent: 900,
      packetsSent: 9,
    };
    const remote: Stats = {
      id: 'R',
      type: 'remote-inbound-rtp',
      timestamp: 1000,
      localId: 'O',
      fractionLost: 0.25,
      roundTripTime: 0.03,
    };
    const [stream] = new StatisticsReader().read(report(PAIR, sent, remote));
    expect(stream).toMatchObject({
      mid: '0',
      direction: 'sent',
      lostFraction: 0.25,
      roundTripMs: 30,
      codec: undefined,
    });
  });
});
