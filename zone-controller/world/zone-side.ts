/** What of a controller the world has to do with: what it knows of its zone, and what it can tell the zone's routers. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { TrustedZone } from '../../proto/gen/zonecast/router/v1/TrustedZone.ts';
import type { ZoneLink } from '../../proto/gen/zonecast/router/v1/ZoneLink.ts';
import type { MeetingDefinition, MeetingPlacement } from '../registry/records.ts';
import type { RouterView } from '../routers/router-directory.ts';
import type { MeetingAnswer, MeetingRequest } from './meeting-requests.ts';
import type { ZoneFacts } from './status-of-zone.ts';

export interface ZoneSide {
  /** This controller leads the zone, and knows what the registry has. Asked before each act. */
  isLeader(): boolean;
  readonly definitions: ReadonlyMap<MeetingId, MeetingDefinition>;
  /** Blocks of meeting ids, as far as the registry has them. */
  readonly blocks: ReadonlySet<BlockId>;
  readonly placements: ReadonlyMap<MeetingId, MeetingPlacement>;
  /** How many are at all places of it; undefined: not all of its routers have told lately. */
  people(meeting: MeetingId, placement: MeetingPlacement): number | undefined;
  /** This controller has people in the meeting. */
  isLive(meeting: MeetingId): boolean;
  router(router: RouterId): RouterView | undefined;
  /** What the zone's status is made of. */
  facts(): Omit<ZoneFacts, 'strandedFrom'>;
  /** As the registry has it. Throws ZonecastError `registryUnavailable`. */
  definition(meeting: MeetingId): Promise<MeetingDefinition | undefined>;
  /** A host has ended a meeting of this zone in another one. Returns what it is now. Throws as `definition`. */
  endMeeting(meeting: MeetingId): Promise<MeetingDefinition | undefined>;
  /** The zone of a meeting that may be here says what it is now. Throws as `definition`. */
  definitionTold(meeting: MeetingId, definition: MeetingDefinition): Promise<void>;
  /** A caller of another zone asks the meeting service, by what he shows. @throws ZonecastError what it says to anybody */
  answer(request: MeetingRequest): Promise<MeetingAnswer>;
  /** Has the registry keep it. Throws ZonecastError `registryUnavailable`. */
  keepBlock(block: BlockId): Promise<void>;
  /** Has the meeting's routers in this zone do it; nothing when it is not here. @throws ZonecastError what they say, or `noRouter` */
  act(meeting: MeetingId, act: PersonAct): Promise<unknown>;
  // Each of these throws ZonecastError, `noRouter` when no router answers.
  /** Makes a place for a meeting that nobody is in, and has its router open it. */
  place(meeting: MeetingId): Promise<void>;
  setZones(router: RouterId, zones: TrustedZone[]): Promise<void>;
  setTree(router: RouterId, meeting: MeetingId, placement: MeetingPlacement): Promise<void>;
  setZoneLinks(router: RouterId, meeting: MeetingId, version: number, links: ZoneLink[]): Promise<void>;
}
