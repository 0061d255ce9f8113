/** What a worker reports about one participant. */
import type { MeetingParticipant } from '../media/meeting-participant.ts';
import type { ParticipantStatistics } from './messages.ts';

export function participantStatistics(participant: MeetingParticipant): ParticipantStatistics {
  return {
    participant: participant.id,
    meeting: participant.meeting,
    state: participant.connected ? 'connected' : 'connecting',
    roundTripMs: participant.transport.roundTripMs,
    sources: participant.sources.map(({ kind, stream }) => ({
      kind,
      ssrc: stream?.ssrc,
      packets: stream?.packets ?? 0,
      lost: stream?.lost ?? 0,
      jitterMs: stream?.jitterMs ?? 0,
      keyframes: stream?.keyframes ?? 0,
    })),
    slots: participant.slots.map(({ slot }) => ({
      mid: slot.mid,
      ssrc: slot.ssrc,
      packets: slot.packetsSent,
      fractionLost: slot.fractionLost,
      source: slot.source === undefined ? undefined : `${slot.source.participant}/${slot.source.kind}`,
    })),
  };
}
