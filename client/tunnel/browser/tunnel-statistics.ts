/** What a connection by a tunnel counts, in the form of an RTCStatsReport (W3C webrtc-stats), which panels and tests read. */
import type { RtpStream } from '../send/rtp-stream.ts';
import type { IncomingMedia, MediaSlot } from './incoming-media.ts';
import { type OutgoingMedia, SOURCE_MIDS } from './outgoing-media.ts';
import type { VideoEncoding } from './video-encoding.ts';
import type { VideoSource } from './video-source.ts';

interface Stats {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

export function describeConnection(
  incoming: IncomingMedia,
  outgoing: OutgoingMedia,
  roundTripMs: number | undefined,
): Map<string, unknown> {
  const timestamp = performance.timeOrigin + performance.now();
  const { estimate } = outgoing;
  const way = {
    id: 'way',
    type: 'candidate-pair',
    timestamp,
    nominated: true,
    state: 'succeeded',
    availableOutgoingBitrate: estimate.bitrateBps,
    ...(roundTripMs === undefined ? {} : { currentRoundTripTime: roundTripMs / 1000 }),
  };
  const codecs = ['audio/opus', 'video/VP8', 'video/VP9', 'video/AV1'].map((mimeType) => ({
    id: mimeType,
    type: 'codec',
    timestamp,
    mimeType,
  }));
  const all: Stats[] = [
    way,
    ...codecs,
    ...incoming.slots.flatMap((slot) => describeSlot(slot, timestamp)),
    ...describeSource(outgoing.microphone, outgoing, timestamp, {
      kind: 'audio',
      mid: SOURCE_MIDS.microphone,
      codecId: 'audio/opus',
    }),
    ...outgoing.videos.flatMap((video) =>
      video.encodings.flatMap((encoding) =>
        describeSource(encoding.stream, outgoing, timestamp, describeEncoding(video, encoding)),
      ),
    ),
  ];
  return new Map(all.map((stats) => [stats.id, stats]));
}

function describeSlot(slot: MediaSlot, timestamp: number): Stats[] {
  const { reception, mid, kind, track } = slot;
  if (reception === undefined) return [];
  const common = {
    id: `in-${mid}`,
    type: 'inbound-rtp',
    timestamp,
    kind,
    mid,
    trackIdentifier: track.id,
    bytesReceived: reception.bytes,
    packetsReceived: reception.packets,
    packetsLost: reception.lost,
    jitter: reception.jitterMs / 1000,
  };
  if (slot.kind === 'audio') {
    const { levelMs, underruns, removed, missing } = slot.playout;
    const sound = { totalAudioEnergy: slot.energy, concealmentEvents: underruns, concealedSamples: missing };
    const buffer = { removedSamplesForAcceleration: removed, bufferMs: levelMs, targetMs: slot.targetMs };
    return [{ ...common, ...sound, ...buffer, codecId: 'audio/opus' }];
  }
  return [
    {
      ...common,
      codecId: `video/${slot.format?.name ?? ''}`,
      framesDecoded: slot.framesDecoded,
      framesPerSecond: slot.framesDecoded === 0 ? undefined : slot.freezes.framesPerSecond,
      frameWidth: slot.width,
      frameHeight: slot.height,
      freezeCount: slot.freezes.count,
      totalFreezesDuration: slot.freezes.seconds,
      pliCount: slot.keyFrames.asked,
    },
  ];
}

function describeEncoding({ kind }: VideoSource, encoding: VideoEncoding): object {
  const { width, height, framesPerSecond } = encoding.target;
  return {
    kind: 'video',
    mid: SOURCE_MIDS[kind],
    codecId: 'video/VP8',
    ...(encoding.rid === '' ? {} : { rid: encoding.rid }),
    active: encoding.isActive,
    scalabilityMode: encoding.mode,
    framesEncoded: encoding.framesEncoded,
    keyFramesEncoded: encoding.keyFrames,
    ...(encoding.isActive ? { frameWidth: width, frameHeight: height, framesPerSecond } : {}),
  };
}

function describeSource(stream: RtpStream, { reports }: OutgoingMedia, timestamp: number, more: object): Stats[] {
  const id = `out-${stream.ssrc}`;
  const counts = { packetsSent: stream.packets, bytesSent: stream.bytes };
  const sent = { id, type: 'outbound-rtp', timestamp, ...counts, ...more };
  const report = reports.get(stream.ssrc);
  if (report === undefined) return [sent];
  const fractionLost = report.fractionLost / 256;
  return [sent, { id: `${id}-report`, type: 'remote-inbound-rtp', timestamp, localId: id, fractionLost }];
}
