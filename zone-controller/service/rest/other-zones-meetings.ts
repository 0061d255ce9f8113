/** Requests about one meeting: answered here, or by the zone that keeps it; and what other zones hand on to this one. */
import { ZonecastError } from '../../../common/errors.ts';
import type { ZoneId } from '../../../common/ids.ts';
import type { ApiAnswer, ApiRequest, Route } from '../../http/route.ts';
import { parseMeetingId } from '../../meeting/meeting-id.ts';
import type { ZoneRecords } from '../../registry/records.ts';
import type { MeetingAnswer, MeetingRequest } from '../../world/meeting-requests.ts';
import { isShared } from '../../world/shared-meetings.ts';
import type { World } from '../../world/world.ts';

const PART = '{meeting}';

export interface OtherZonesMeetingsOptions {
  readonly routes: readonly Route[];
  readonly records: Pick<ZoneRecords, 'definition'>;
  readonly world: Pick<World, 'own' | 'blockZone' | 'policyIn' | 'handOn'>;
}

export class OtherZonesMeetings {
  readonly #options: OtherZonesMeetingsOptions;
  /** As given, but that what is about a meeting of another zone goes there. */
  readonly routes: readonly Route[];

  constructor(options: OtherZonesMeetingsOptions) {
    this.#options = options;
    this.routes = options.routes.map((route) => {
      if (!route.path.includes(PART)) return route;
      return { ...route, handle: (request) => this.#handle(route, request) };
    });
  }

  /** Of a caller of another zone. It is answered here or not at all: nothing is handed on twice. @throws ZonecastError */
  async answer({ operation, meeting: text, query, body, headers, address }: MeetingRequest): Promise<MeetingAnswer> {
    const { routes, records, world } = this.#options;
    const route = routes.find((each) => each.operation === operation && each.path.includes(PART));
    if (route === undefined) throw new ZonecastError('badMessage', 'This zone does not know that request.');
    const meeting = parseMeetingId(text);
    const value = meeting && (await records.definition(meeting)).value;
    // What others may not know of is not there for them.
    if (meeting !== undefined && value !== undefined && !isShared(world, meeting, value)) {
      throw new ZonecastError('noSuchMeeting', 'There is no meeting with this ID.');
    }
    const answer = await route.handle({ params: { meeting: text }, query, body, headers, address });
    return { ...answer, headers: { ...answer.headers } };
  }

  async #handle(route: Route, request: ApiRequest): Promise<ApiAnswer> {
    const { authorization = '', 'zonecast-host-key': key, 'if-match': tag } = request.headers;
    const isBearer = /^Bearer\b/i.test(authorization);
    // Who shows nothing is told so here.
    const keeper = isBearer || key !== undefined ? await this.#keeperOf(request.params.meeting ?? '') : undefined;
    if (keeper === undefined) return route.handle(request);
    const { params, query, body, address } = request;
    return this.#options.world.handOn(keeper, {
      operation: route.operation,
      meeting: params.meeting ?? '',
      query: { ...query },
      body,
      headers: {
        ...(isBearer ? { authorization } : {}),
        ...(typeof key === 'string' ? { 'zonecast-host-key': key } : {}),
        ...(tag === undefined ? {} : { 'if-match': tag }),
      },
      address,
    });
  }

  /** undefined: this zone, or nobody knows. */
  async #keeperOf(text: string): Promise<ZoneId | undefined> {
    const { records, world } = this.#options;
    const meeting = parseMeetingId(text);
    if (meeting === undefined) return undefined;
    const { value } = await records.definition(meeting);
    if (value !== undefined && value.home === undefined) return undefined;
    // The cast: only names of zones are written there.
    const keeper = (value?.home as ZoneId | undefined) ?? world.blockZone(meeting);
    return keeper === world.own ? undefined : keeper;
  }
}
