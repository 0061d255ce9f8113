/** What happens in meetings, in the words of `proto/router.proto`. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { ConnectionQuality__Output } from '../../proto/gen/zonecast/router/v1/ConnectionQuality.ts';
import type { EncodingsChanged__Output } from '../../proto/gen/zonecast/router/v1/EncodingsChanged.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { RosterEntry__Output } from '../../proto/gen/zonecast/router/v1/RosterEntry.ts';
import type { SlotAssignment__Output } from '../../proto/gen/zonecast/router/v1/SlotAssignment.ts';
import type { ConnectionQuality, SlotAssignment } from '../media/negotiated.ts';
import type { RosterDelta, RosterEntry } from './roster.ts';
import type { WorkerEvent } from './worker-pool.ts';

/** A message with the one field that says what it is. */
export type WireEvent = Omit<Event__Output, 'event'>;

type EventOf<Type extends WorkerEvent['type']> = Extract<WorkerEvent, { readonly type: Type }>;

/** Those about one participant are for his home, the others for everybody's. */
export type ParticipantEvent = EventOf<'connected' | 'left' | 'slots' | 'encodings'>;
export type MeetingEvent = EventOf<'speakers' | 'quality'>;

export function toEvent(event: ParticipantEvent | MeetingEvent): WireEvent {
  switch (event.type) {
    case 'connected':
      return { connected: { meeting: event.meeting, participant: event.participant } };
    case 'left':
      return { left: { meeting: event.meeting, participant: event.participant, reason: event.reason } };
    case 'slots': {
      const { meeting, participant, slots } = event;
      return { slots: { meeting, participant, slots: slots.map(toSlot) } };
    }
    case 'speakers':
      return { speakers: { meeting: event.meeting, participants: [...event.speakers] } };
    case 'encodings':
      return { encodings: toEncodings(event) };
    case 'quality':
      return { quality: { meeting: event.meeting, qualities: event.qualities.map(toQuality) } };
  }
}

export function toRosterChanged(meeting: MeetingId, { version, changed, left }: RosterDelta): WireEvent {
  return { roster: { meeting, version, changed: changed.map(toRosterEntry), left: [...left] } };
}

export function toRosterEntry({ participant, name, live, connected, router }: RosterEntry): RosterEntry__Output {
  return { participant, name, live: [...live], connected, router: router ?? '' };
}

/** A slot that carries nothing has empty strings. */
export function toSlot({ mid, participant, kind, suspended }: SlotAssignment): SlotAssignment__Output {
  return { mid, participant: participant ?? '', kind: kind ?? '', suspended: suspended ?? false };
}

export function toEncodings({
  meeting,
  participant,
  source,
  encodings,
}: EventOf<'encodings'>): EncodingsChanged__Output {
  return {
    meeting,
    participant,
    source,
    encodings: encodings.map(({ rid, active, maxHeight = 0 }) => ({ rid, active, maxHeight })),
  };
}

/** A direction that is not known is absent on the wire. */
export function toQuality({ participant, uplink, downlink }: ConnectionQuality): ConnectionQuality__Output {
  return { participant, ...(uplink === undefined ? {} : { uplink }), ...(downlink === undefined ? {} : { downlink }) };
}

export function toTaken(meeting: MeetingId, participant: ParticipantId): WireEvent {
  return { taken: { meeting, participant } };
}
