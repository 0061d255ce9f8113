/** What routers report, in the words of `proto/signalling.ts`. The casts of ids and kinds: routers have them from us. */

import type { ParticipantId, RouterId } from '../../common/ids.ts';
import type { ConnectionQuality__Output } from '../../proto/gen/zonecast/router/v1/ConnectionQuality.ts';
import type { EncodingsChanged__Output } from '../../proto/gen/zonecast/router/v1/EncodingsChanged.ts';
import type { Homed__Output } from '../../proto/gen/zonecast/router/v1/Homed.ts';
import type { RosterEntry__Output } from '../../proto/gen/zonecast/router/v1/RosterEntry.ts';
import type { SlotAssignment__Output } from '../../proto/gen/zonecast/router/v1/SlotAssignment.ts';
import type { QualityEntry, SlotEntry, SourceKind } from '../../proto/signalling.ts';
import type { Carried } from './meeting-roster.ts';
import type { HomedParticipant, SourceEncodings } from './place-mirror.ts';

export function toHomed(homed: Homed__Output): HomedParticipant {
  const { participant, attachment, connection, slots, encodings, audioOnly } = homed;
  return {
    participant: participant as ParticipantId,
    attachment,
    connection,
    slots: slots.map(toSlotEntry),
    encodings: encodings.map(toEncodings),
    audioOnly,
  };
}

/** `by`: the router that says so, of its own people without naming itself. */
export function toCarried({ participant, name, live, connected, router }: RosterEntry__Output, by: RouterId): Carried {
  return {
    entry: { participant, name, live: live as SourceKind[], connected },
    router: router === '' ? by : (router as RouterId),
  };
}

/** Without `participant` a slot is empty. */
export function toSlotEntry({ mid, participant, kind, suspended }: SlotAssignment__Output): SlotEntry {
  if (participant === '') return { mid };
  return { mid, participant, kind: kind as SourceKind, ...(suspended ? { suspended } : {}) };
}

export function toEncodings({ source, encodings }: EncodingsChanged__Output): SourceEncodings {
  return {
    source: source as SourceKind,
    encodings: encodings.map(({ rid, active, maxHeight }) =>
      maxHeight === 0 ? { rid, active } : { rid, active, maxHeight },
    ),
  };
}

export function toQualityEntry({ participant, uplink, downlink }: ConnectionQuality__Output): QualityEntry {
  // Absent optional fields are undefined or, by the loader's defaults, null.
  return {
    participant,
    ...(typeof uplink === 'number' ? { uplink } : {}),
    ...(typeof downlink === 'number' ? { downlink } : {}),
  };
}
