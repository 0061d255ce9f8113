/** Rosters as routers tell each other, and as they are kept. */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type {
  RosterUpdate__Output,
  RosterUpdate as Wire,
} from '../../../proto/gen/zonecast/cascade/v1/RosterUpdate.ts';
import type { SourceKind } from '../../media/negotiated.ts';
import type { RosterUpdate } from './roster-exchange.ts';

const KINDS: ReadonlySet<string> = new Set<SourceKind>(['microphone', 'camera', 'screen']);

export function toRosterUpdate(meeting: MeetingId, { whole, changed, left }: RosterUpdate): Wire {
  return {
    meeting,
    whole,
    changed: changed.map((entry) => ({ ...entry, live: [...entry.live] })),
    left: [...left],
  };
}

/** The casts: peers are routers of the zone, which have the ids from its controllers. */
export function fromRosterUpdate(wire: RosterUpdate__Output): { meeting: MeetingId; update: RosterUpdate } {
  const changed = wire.changed.map(({ participant, name, live, connected, router }) => ({
    participant: participant as ParticipantId,
    name,
    live: live.filter((kind) => KINDS.has(kind)) as SourceKind[],
    connected,
    router: router as RouterId,
  }));
  const update = { whole: wire.whole, changed, left: wire.left as ParticipantId[] };
  return { meeting: wire.meeting as MeetingId, update };
}
