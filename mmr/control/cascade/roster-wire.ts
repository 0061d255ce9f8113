/** Rosters as routers tell each other, and as they are kept. */
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../../common/ids.ts';
import type {
  RosterUpdate__Output,
  RosterUpdate as Wire,
} from '../../../proto/gen/zonecast/cascade/v1/RosterUpdate.ts';
import type { SourceKind } from '../../media/negotiated.ts';
import { routerOfZone, zoneOf } from './meeting-places.ts';
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

/**
 * The casts: peers are routers, which have the ids from controllers. `zone`: of a peer that is in another, whose own routers
 * are named with it here.
 */
export function fromRosterUpdate(
  wire: RosterUpdate__Output,
  zone: ZoneId | undefined,
): { meeting: MeetingId; update: RosterUpdate } {
  const named = (router: RouterId): RouterId =>
    zone === undefined || zoneOf(router) !== undefined ? router : routerOfZone(zone, router);
  const changed = wire.changed.map(({ participant, name, live, connected, router }) => ({
    participant: participant as ParticipantId,
    name,
    live: live.filter((kind) => KINDS.has(kind)) as SourceKind[],
    connected,
    router: named(router as RouterId),
  }));
  const update = { whole: wire.whole, changed, left: wire.left as ParticipantId[] };
  return { meeting: wire.meeting as MeetingId, update };
}
