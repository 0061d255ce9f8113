/** What a worker reports about one participant. Read when somebody asks, never per packet. */
import { describeLayer } from '../media/allocation/description.ts';
import type { MeetingAllocation } from '../media/allocation/meeting-allocation.ts';
import type { Encoding } from '../media/forward/encoding.ts';
import type { Source } from '../media/forward/source.ts';
import type { MeetingParticipant } from '../media/meeting-participant.ts';
import type { ViewedSlot } from '../media/viewed-slot.ts';
import type {
  BandwidthStatistics,
  EncodingStatistics,
  ParticipantStatistics,
  SlotStatistics,
  SourceStatistics,
} from './messages.ts';

/** `allocation` of the participant's meeting: it knows what publishers were told. */
export function participantStatistics(
  participant: MeetingParticipant,
  allocation: MeetingAllocation | undefined,
): ParticipantStatistics {
  const { uplink, downlink } = participant.quality;
  return {
    participant: participant.id,
    meeting: participant.meeting,
    state: participant.connected ? 'connected' : 'connecting',
    roundTripMs: participant.transport.roundTripMs,
    speaking: participant.speaker.speaking,
    sources: participant.sources.map((source) => sourceStatistics(source, allocation)),
    slots: participant.slots.map(slotStatistics),
    bandwidth: bandwidthStatistics(participant),
    quality: { uplink: uplink.rounded, downlink: downlink.rounded },
  };
}

function sourceStatistics(source: Source, allocation: MeetingAllocation | undefined): SourceStatistics {
  const streams = source.encodings.flatMap(({ stream }) => (stream === undefined ? [] : [stream]));
  return {
    kind: source.kind,
    muted: source.muted,
    ssrc: streams[0]?.ssrc,
    codec: source.codec?.name,
    packets: streams.reduce((sum, { packets }) => sum + packets, 0),
    lost: streams.reduce((sum, { lost }) => sum + lost, 0),
    jitterMs: streams.reduce((most, { jitterMs }) => Math.max(most, jitterMs), 0),
    keyframes: streams.reduce((sum, { keyframes }) => sum + keyframes, 0),
    encodings: source.encodings.map((encoding) => encodingStatistics(encoding, source, allocation)),
  };
}

function encodingStatistics(
  encoding: Encoding,
  source: Source,
  allocation: MeetingAllocation | undefined,
): EncodingStatistics {
  const { rid, stream, active } = encoding;
  const spatial = encoding.spatialLayers - 1;
  const temporal = encoding.temporalLayers - 1;
  const demand = allocation?.demandOf(source, rid);
  return {
    rid,
    ssrc: stream?.ssrc,
    active,
    wanted: demand?.active ?? true,
    maxHeight: demand?.maxHeight,
    height: encoding.height(spatial),
    framesPerSecond: Math.round(encoding.framesPerSecond(spatial, temporal)),
    bitrateBps: Math.round(encoding.bitrateBps(spatial, temporal)),
    packets: stream?.packets ?? 0,
    lost: stream?.lost ?? 0,
    nacks: stream?.nack?.requested ?? 0,
    repaired: stream?.nack?.repaired ?? 0,
    keyframes: stream?.keyframes ?? 0,
    keyframesRequested: stream?.keyframeRequest.sent ?? 0,
    viewers: encoding.live,
  };
}

function slotStatistics({ slot, present, suspended }: ViewedSlot): SlotStatistics {
  const { mid, ssrc, packetsSent, fractionLost, source, reason } = slot;
  return {
    mid,
    ssrc,
    packets: packetsSent,
    fractionLost,
    source: source === undefined ? undefined : `${source.participant}/${source.kind}`,
    suspended,
    layer: present === undefined ? undefined : describeLayer(present),
    reason,
  };
}

function bandwidthStatistics({ transport, allocator, lossFraction }: MeetingParticipant): BandwidthStatistics {
  const { estimator } = transport;
  const snapshot = estimator?.snapshot();
  return {
    estimateBps: snapshot === undefined ? undefined : Math.round(snapshot.targetBps),
    limit: snapshot?.limit,
    wantedBps: Math.round(allocator.allocation?.wantedBps ?? 0),
    allocatedBps: Math.round(allocator.allocation?.usedBps ?? 0),
    lossFraction,
    queueDelayMs: snapshot?.queueDelayMs,
    pacingDelayMs: transport.queueDelayUs / 1000,
    keyframesAsked: transport.rtcp.keyframesAsked,
    decisions: allocator.decisions,
    layerChanges: allocator.changes,
  };
}
