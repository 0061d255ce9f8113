/** The meeting service by HTTP. Reads who asks and what, and translates; decides nothing. */
import { ZonecastError } from '../../../common/errors.ts';
import { type ApiAnswer, type ApiRequest, type Route, route } from '../../http/route.ts';
import type { Caller } from '../caller.ts';
import type { Identities } from '../identity/identities.ts';
import type { MeetingCatalog } from '../meeting-catalog.ts';
import {
  createdMeeting,
  listQuery,
  type MeetingResource,
  meetingChange,
  meetingList,
  meetingResource,
  meetingWish,
  newHostKey,
  newPasscode,
  occurrenceList,
  occurrencesQuery,
  passcodeWish,
  roomWish,
} from '../meeting-schemas.ts';
import type { PersonalRooms } from '../personal-rooms.ts';
import { readCount, readInstant } from '../query-values.ts';

/** Header with the host key of the meeting that the request is about. */
const HOST_KEY = 'zonecast-host-key';
const MAX_HOST_KEY = 128;

export interface MeetingRoutesOptions {
  readonly catalog: MeetingCatalog;
  readonly rooms: PersonalRooms;
  /** undefined: no identity provider is trusted. */
  readonly identities: Pick<Identities, 'verify'> | undefined;
}

export function meetingRoutes({ catalog, rooms, identities }: MeetingRoutesOptions): Route[] {
  const callerOf = (request: ApiRequest): Promise<Caller> => readCaller(request, identities);
  return [
    route(
      {
        method: 'POST',
        path: '/v1/meetings',
        operation: 'createMeeting',
        summary: 'Makes a meeting. Passcode and host key are told this once.',
        access: 'anybody',
        body: meetingWish,
        answers: { 201: createdMeeting },
      },
      async ({ request, body }) => created(await catalog.create(await callerOf(request), body)),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/meetings',
        operation: 'listMeetings',
        summary: "The caller's meetings, in order of their beginning.",
        access: 'person',
        query: listQuery,
        answers: { 200: meetingList },
      },
      async ({ request, query }) => {
        const { owner, from, to, pageSize, pageToken = '' } = query;
        const times = { fromMs: readInstant('from', from), toMs: readInstant('to', to) };
        const size = readCount('pageSize', pageSize, 50);
        return ok(await catalog.list(await callerOf(request), { owner, ...times, pageSize: size, pageToken }));
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/meetings/{meeting}',
        operation: 'getMeeting',
        summary: 'One meeting.',
        access: 'meeting',
        answers: { 200: meetingResource },
        hasRevision: true,
      },
      async ({ request }) => tagged(200, await catalog.get(await callerOf(request), idOf(request))),
    ),
    route(
      {
        method: 'PATCH',
        path: '/v1/meetings/{meeting}',
        operation: 'updateMeeting',
        summary: 'Changes what is named (RFC 7396). A meeting that goes on keeps its settings.',
        access: 'meeting',
        body: meetingChange,
        answers: { 200: meetingResource },
        hasRevision: true,
      },
      async ({ request, body }) => {
        const revision = readIfMatch(request);
        return tagged(200, await catalog.update(await callerOf(request), idOf(request), body, revision));
      },
    ),
    route(
      {
        method: 'DELETE',
        path: '/v1/meetings/{meeting}',
        operation: 'deleteMeeting',
        summary: 'Ends a meeting and forgets it.',
        access: 'meeting',
        answers: { 204: undefined },
      },
      async ({ request }) => {
        await catalog.remove(await callerOf(request), idOf(request));
        return { status: 204 };
      },
    ),
    route(
      {
        method: 'POST',
        path: '/v1/meetings/{meeting}/end',
        operation: 'endMeeting',
        summary: 'Everybody has to leave. Nobody comes in again, unless it recurs or is a personal room.',
        access: 'meeting',
        answers: { 200: meetingResource },
      },
      async ({ request }) => tagged(200, await catalog.end(await callerOf(request), idOf(request))),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/meetings/{meeting}/occurrences',
        operation: 'listOccurrences',
        summary: 'When it takes place, in its time zone, for ten years at most.',
        access: 'meeting',
        query: occurrencesQuery,
        answers: { 200: occurrenceList },
      },
      async ({ request, query }) => {
        const fromMs = readInstant('from', query.from) ?? Date.now();
        const wanted = { fromMs, toMs: readInstant('to', query.to), limit: readCount('limit', query.limit, 10) };
        return ok(await catalog.occurrences(await callerOf(request), idOf(request), wanted));
      },
    ),
    route(
      {
        method: 'POST',
        path: '/v1/meetings/{meeting}/passcode',
        operation: 'setPasscode',
        summary: 'Another passcode: the given one, or one that is drawn. It is told this once.',
        access: 'meeting',
        body: passcodeWish,
        answers: { 200: newPasscode },
      },
      async ({ request, body }) => ok(await catalog.setPasscode(await callerOf(request), idOf(request), body.passcode)),
    ),
    route(
      {
        method: 'POST',
        path: '/v1/meetings/{meeting}/host-key',
        operation: 'newHostKey',
        summary: 'Another host key. It is told this once.',
        access: 'meeting',
        answers: { 200: newHostKey },
      },
      async ({ request }) => ok(await catalog.newHostKey(await callerOf(request), idOf(request))),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/me/room',
        operation: 'getRoom',
        summary: "The caller's personal room.",
        access: 'person',
        answers: { 200: meetingResource },
        hasRevision: true,
      },
      async ({ request }) => tagged(200, await rooms.get(await callerOf(request))),
    ),
    route(
      {
        method: 'PUT',
        path: '/v1/me/room',
        operation: 'putRoom',
        summary: 'Makes the personal room (201, with its secrets) or changes it; what is left out is as by default.',
        access: 'person',
        body: roomWish,
        answers: { 200: meetingResource, 201: createdMeeting },
      },
      async ({ request, body }) => {
        const room = await rooms.put(await callerOf(request), body);
        return 'hostKey' in room ? created(room) : tagged(200, room);
      },
    ),
  ];
}

/** @throws ZonecastError `unauthenticated` */
async function readCaller(
  { headers, address }: ApiRequest,
  identities: MeetingRoutesOptions['identities'],
): Promise<Caller> {
  const hostKey = headers[HOST_KEY];
  const key = typeof hostKey === 'string' ? { hostKey: hostKey.slice(0, MAX_HOST_KEY) } : {};
  const { authorization = '' } = headers;
  // Other schemes are for proxies in front of us.
  if (!/^Bearer\b/i.test(authorization)) return { address, ...key };
  // RFC 6750 section 2.1.
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined || identities === undefined) {
    throw new ZonecastError('unauthenticated', 'Your sign-in is not valid here.');
  }
  return { address, ...key, identity: await identities.verify(token) };
}

function idOf({ params }: ApiRequest): string {
  return params.meeting ?? '';
}

/** RFC 9110 section 13.1.1. @throws ZonecastError `outdated` when it is no revision */
function readIfMatch({ headers }: ApiRequest): number | undefined {
  const tag = headers['if-match'];
  if (tag === undefined || tag === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(tag)?.[1];
  if (revision === undefined) throw new ZonecastError('outdated', 'If-Match takes one revision, such as "3".');
  return Number(revision);
}

function ok(body: object): ApiAnswer {
  return { status: 200, body };
}

function tagged(status: number, body: MeetingResource): ApiAnswer {
  return { status, body, headers: { ETag: `"${body.revision}"` } };
}

function created(body: MeetingResource): ApiAnswer {
  const answer = tagged(201, body);
  return { ...answer, headers: { ...answer.headers, Location: `/v1/meetings/${body.meeting}` } };
}
