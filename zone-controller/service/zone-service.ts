/** The meeting service of a zone-controller, put together: what it offers by HTTP and by gRPC. */

import type { Audit } from '../../common/audit/audit.ts';
import type { Logger } from '../../common/log.ts';
import { VERSION } from '../../common/version.ts';
import type { MeetingsHandlers } from '../../proto/gen/zonecast/meetings/v1/Meetings.ts';
import type { Route } from '../http/route.ts';
import type { ZoneLimits, ZoneTimes } from '../limits/zone-limits.ts';
import type { ZoneMeetings } from '../meeting/zone-meetings.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { MeetingAnswer, MeetingRequest } from '../world/meeting-requests.ts';
import type { World } from '../world/world.ts';
import { meetingHandlers } from './grpc/meeting-handlers.ts';
import type { Identities } from './identity/identities.ts';
import { MeetingCatalog } from './meeting-catalog.ts';
import { MeetingRights } from './meeting-rights.ts';
import { PersonalRooms } from './personal-rooms.ts';
import { meetingRoutes } from './rest/meeting-routes.ts';
import { openApiRoute } from './rest/openapi.ts';
import { OtherZonesMeetings } from './rest/other-zones-meetings.ts';
import { TimeLimits, type TimeLimitsOptions } from './time-limits.ts';

export interface ZoneServiceOptions {
  readonly registry: ControllerRegistry;
  readonly meetings: Pick<ZoneMeetings, 'definitions' | 'admission' | 'service'>;
  readonly world: World;
  readonly identities: Identities | undefined;
  /** Whether anybody may make meetings, without saying who he is. */
  readonly anonymous: boolean;
  /** Other entries of the HTTP API. */
  readonly routes?: readonly Route[];
  /** Where people reach the zone, without a slash at the end. */
  readonly url: () => string;
  readonly limits: ZoneLimits;
  readonly times: Pick<ZoneTimes, 'definitionMs'>;
  readonly audit: Audit;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class ZoneService {
  /** The HTTP API. */
  readonly routes: readonly Route[];
  /** For operators, as `proto/meetings.proto` says it. */
  readonly handlers: MeetingsHandlers;
  readonly #timeLimits: TimeLimits;
  readonly #otherZones: OtherZonesMeetings;

  constructor(options: ZoneServiceOptions) {
    const { registry, meetings, world, identities, anonymous, url, limits, times, audit, now, log } = options;
    const { records, mirror } = registry;
    const { definitions, admission, service } = meetings;
    const endRunning = (meeting: Parameters<typeof service.end>[0]): Promise<void> => service.end(meeting);
    const keeperOf: World['blockZone'] = (meeting) => world.blockZone(meeting);
    const warn: TimeLimitsOptions['warn'] = (meeting, leftMs) => service.announceEnd(meeting, leftMs);
    const rights = new MeetingRights({ records, admission, keeperOf, own: world.own });
    const lifeMs = times.definitionMs;
    const common = { definitions, records, mirror, endRunning, audit, now };
    const catalog = new MeetingCatalog({ ...common, rights, limits, lifeMs, anonymous, url });
    const rooms = new PersonalRooms({ catalog, definitions, records, audit });
    this.handlers = meetingHandlers(catalog, log);
    const ownRoutes = meetingRoutes({ catalog, rooms, identities });
    this.#otherZones = new OtherZonesMeetings({ routes: ownRoutes, records, world });
    const routes = [...this.#otherZones.routes, ...(options.routes ?? [])];
    this.routes = [...routes, openApiRoute(routes, VERSION)];
    this.#timeLimits = new TimeLimits({ ...common, isLeader: () => registry.isLeader, warn, log });
  }

  /** A request that another zone hands on. @throws ZonecastError */
  answer(request: MeetingRequest): Promise<MeetingAnswer> {
    return this.#otherZones.answer(request);
  }

  start(): void {
    this.#timeLimits.start();
  }

  close(): void {
    this.#timeLimits.close();
  }
}
