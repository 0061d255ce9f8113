/** Turns two consecutive `getStats()` reports into what a person wants to know of each stream. */

export interface StreamStatistics {
  mid: string;
  direction: 'sent' | 'received';
  kind: 'audio' | 'video';
  /** Of a sent encoding; '' for a source that has only one, and for what is received. */
  rid: string;
  /** False for an encoding that is switched off because nobody needs it. */
  active: boolean;
  /** Over the time since the last reading, headers included. */
  bitrateBps: number;
  /** Share of packets lost since the last reading, 0–1. For a sent stream: what the router reports. */
  lostFraction: number;
  /** Between this browser and the router, milliseconds. */
  roundTripMs: number | undefined;
  width: number | undefined;
  height: number | undefined;
  framesPerSecond: number | undefined;
  /** Without the kind: `VP8`, `opus`; `opus + red` when sound is sent redundantly. */
  codec: string | undefined;
  /** The W3C name of the layers that are encoded, for example `L1T3`. */
  scalability: string | undefined;
  /** Why less is sent than could be. */
  limitedBy: 'bandwidth' | 'cpu' | undefined;
  /** Received video: how often it stood still, and for how long in all. */
  freezes: { count: number; seconds: number } | undefined;
}

/** The counters of one stream, as the last reading left them. */
interface Reading {
  timestampMs: number;
  bytes: number;
  packets: number;
  lost: number;
}

/** The members of the W3C dictionaries (webrtc-stats) that are read here; each is absent in the types it is not of. */
interface AnyStats {
  id: string;
  type: string;
  timestamp: number;
  kind?: 'audio' | 'video';
  mid?: string;
  codecId?: string;
  mimeType?: string;
  localId?: string;
  bytesReceived?: number;
  bytesSent?: number;
  headerBytesReceived?: number;
  headerBytesSent?: number;
  packetsReceived?: number;
  packetsSent?: number;
  packetsLost?: number;
  fractionLost?: number;
  roundTripTime?: number;
  currentRoundTripTime?: number;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  rid?: string;
  active?: boolean;
  scalabilityMode?: string;
  qualityLimitationReason?: 'none' | 'bandwidth' | 'cpu' | 'other';
  freezeCount?: number;
  totalFreezesDuration?: number;
  nominated?: boolean;
  state?: string;
}

export class StatisticsReader {
  #readings = new Map<string, Reading>();

  /** @param report What `RTCPeerConnection.getStats()` gave. Single streams that carried nothing yet are left out. */
  read(report: Iterable<[string, unknown]>): StreamStatistics[] {
    const byId = new Map<string, AnyStats>();
    // RTCStatsReport is a map of dictionaries whose members depend on their type; AnyStats names those read here.
    for (const [id, stats] of report) byId.set(id, stats as AnyStats);
    const all = [...byId.values()];
    const pairRoundTripMs = roundTripOfPair(all);
    const readings = new Map<string, Reading>();
    const streams: StreamStatistics[] = [];
    for (const stats of all) {
      const stream =
        stats.type === 'inbound-rtp'
          ? this.#received(stats, byId, pairRoundTripMs, readings)
          : stats.type === 'outbound-rtp'
            ? this.#sent(stats, byId, all, pairRoundTripMs, readings)
            : undefined;
      if (stream !== undefined) streams.push(stream);
    }
    this.#readings = readings;
    return streams;
  }

  #received(
    stats: AnyStats,
    byId: ReadonlyMap<string, AnyStats>,
    roundTripMs: number | undefined,
    readings: Map<string, Reading>,
  ): StreamStatistics | undefined {
    const reading: Reading = {
      timestampMs: stats.timestamp,
      bytes: (stats.bytesReceived ?? 0) + (stats.headerBytesReceived ?? 0),
      packets: stats.packetsReceived ?? 0,
      lost: stats.packetsLost ?? 0,
    };
    if (reading.packets === 0) return undefined;
    const earlier = this.#readings.get(stats.id);
    readings.set(stats.id, reading);
    return { ...describe(stats, byId, 'received'), ...compare(reading, earlier), roundTripMs };
  }

  #sent(
    stats: AnyStats,
    byId: ReadonlyMap<string, AnyStats>,
    all: readonly AnyStats[],
    pairRoundTripMs: number | undefined,
    readings: Map<string, Reading>,
  ): StreamStatistics | undefined {
    const reading: Reading = {
      timestampMs: stats.timestamp,
      bytes: (stats.bytesSent ?? 0) + (stats.headerBytesSent ?? 0),
      packets: stats.packetsSent ?? 0,
      lost: 0,
    };
    // One of several encodings belongs to the picture also while it is switched off.
    if (reading.packets === 0 && stats.rid === undefined) return undefined;
    const earlier = this.#readings.get(stats.id);
    readings.set(stats.id, reading);
    const remote = all.find((each) => each.type === 'remote-inbound-rtp' && each.localId === stats.id);
    const roundTripMs = remote?.roundTripTime === undefined ? pairRoundTripMs : remote.roundTripTime * 1000;
    const lostFraction = Math.max(0, remote?.fractionLost ?? 0);
    return { ...describe(stats, byId, 'sent'), ...compare(reading, earlier), lostFraction, roundTripMs };
  }
}

function describe(stats: AnyStats, byId: ReadonlyMap<string, AnyStats>, direction: 'sent' | 'received') {
  const mimeType = stats.codecId === undefined ? undefined : byId.get(stats.codecId)?.mimeType;
  const reason = stats.qualityLimitationReason;
  return {
    mid: stats.mid ?? '',
    direction,
    kind: stats.kind ?? 'video',
    rid: stats.rid ?? '',
    active: stats.active ?? true,
    width: stats.frameWidth,
    height: stats.frameHeight,
    framesPerSecond: stats.framesPerSecond,
    codec: mimeType === 'audio/red' ? 'opus + red' : mimeType?.replace(/^.*\//, ''),
    scalability: stats.scalabilityMode,
    limitedBy: reason === 'bandwidth' || reason === 'cpu' ? reason : undefined,
    freezes:
      stats.freezeCount === undefined
        ? undefined
        : { count: stats.freezeCount, seconds: stats.totalFreezesDuration ?? 0 },
  };
}

function compare(now: Reading, earlier: Reading | undefined): { bitrateBps: number; lostFraction: number } {
  const seconds = earlier === undefined ? 0 : (now.timestampMs - earlier.timestampMs) / 1000;
  if (earlier === undefined || seconds <= 0) return { bitrateBps: 0, lostFraction: 0 };
  const lost = Math.max(0, now.lost - earlier.lost);
  const expected = Math.max(0, now.packets - earlier.packets) + lost;
  return {
    bitrateBps: Math.max(0, ((now.bytes - earlier.bytes) * 8) / seconds),
    lostFraction: expected === 0 ? 0 : lost / expected,
  };
}

function roundTripOfPair(all: readonly AnyStats[]): number | undefined {
  const pair = all.find((stats) => stats.type === 'candidate-pair' && stats.nominated && stats.state === 'succeeded');
  return pair?.currentRoundTripTime === undefined ? undefined : pair.currentRoundTripTime * 1000;
}
