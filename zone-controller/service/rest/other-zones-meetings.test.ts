/** Which requests go to which zone, with what; both zones' entries are the same few. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import { effectivePolicy } from '../../../global-controller/policies/effective-policy.ts';
import type { ApiRequest, Route } from '../../http/route.ts';
import { randomMeetingId } from '../../meeting/meeting-id.ts';
import type { MeetingDefinition } from '../../registry/records.ts';
import type { MeetingRequest } from '../../world/meeting-requests.ts';
import { definitionOf } from '../../world/membership-lab.ts';
import { OtherZonesMeetings } from './other-zones-meetings.ts';

const [OURS, THEIRS, UNKNOWN] = Array.from({ length: 3 }, randomMeetingId) as [MeetingId, MeetingId, MeetingId];
const [US, EU] = ['us', 'eu'] as ZoneId[] as [ZoneId, ZoneId];
const KEY = { 'zonecast-host-key': 'key' };

let kept: Map<string, MeetingDefinition>;
let done: ApiRequest[];
let handedOn: { readonly zone: ZoneId; readonly request: MeetingRequest }[];
let meetings: OtherZonesMeetings;

beforeEach(() => {
  kept = new Map([[OURS, definitionOf()]]);
  [done, handedOn] = [[], []];
  const handle: Route['handle'] = async (request) => {
    done.push(request);
    return { status: 200, body: 'here' };
  };
  const common = { method: 'GET', summary: '', access: 'meeting', answers: {}, handle } as const;
  const one = { ...common, path: '/v1/meetings/{meeting}', operation: 'getMeeting' };
  const all = { ...common, path: '/v1/meetings', operation: 'listMeetings' };
  meetings = new OtherZonesMeetings({
    routes: [one, all],
    records: { definition: async (meeting) => ({ value: kept.get(meeting), revision: 1 }) },
    world: {
      own: US,
      blockZone: (meeting) => ({ [OURS]: US, [THEIRS]: EU })[meeting],
      policyIn: (_zone, { policy } = {}) =>
        effectivePolicy({ zone: undefined, account: undefined, meeting: policy, default: undefined }),
      handOn: async (zone, request) => {
        handedOn.push({ zone, request });
        return { status: 200, body: 'there', headers: {} };
      },
    },
  });
});

const request = (meeting: string, headers: ApiRequest['headers'] = KEY): ApiRequest => ({
  params: { meeting },
  query: { limit: '3' },
  body: { title: 'Plans' },
  headers,
  address: '192.0.2.1',
});
const ask = async (...asked: Parameters<typeof request>) => (await meetings.routes[0]?.handle(request(...asked)))?.body;
const answer = (meeting: string, operation = 'getMeeting') =>
  meetings.answer({ operation, meeting, query: {}, body: undefined, headers: KEY, address: '192.0.2.1 via eu' });

describe('who asks here', () => {
  test('is answered here about a meeting of this zone, and of one that no zone is known to keep', async () => {
    for (const meeting of [OURS, UNKNOWN, 'no id']) expect(await ask(meeting)).toBe('here');
    expect(handedOn).toEqual([]);
  });

  test('is answered by the zone of the meeting, with nothing else of his headers than concerns it', async () => {
    const headers = { authorization: 'Bearer abc', ...KEY, 'if-match': '"3"', cookie: 'secret' };
    expect(await ask(THEIRS, headers)).toBe('there');
    const { cookie: _cookie, ...told } = headers;
    const { params: _params, ...rest } = request(THEIRS);
    expect(handedOn).toEqual([
      { zone: EU, request: { ...rest, operation: 'getMeeting', meeting: THEIRS, headers: told } },
    ]);
    // What a proxy in front of us was shown is for nobody else.
    await ask(THEIRS, { authorization: 'Basic abc', ...KEY });
    expect(handedOn.at(-1)?.request.headers).toEqual(KEY);
  });

  test('is answered by its zone also about a copy; here, when he shows nothing', async () => {
    kept.set(THEIRS, definitionOf({ home: EU }));
    expect(await ask(THEIRS)).toBe('there');
    for (const headers of [{}, { authorization: 'Basic abc' }]) expect(await ask(THEIRS, headers)).toBe('here');
  });

  test('is answered here about what is not one meeting', async () => {
    expect((await meetings.routes[1]?.handle(request(THEIRS)))?.body).toBe('here');
  });
});

describe('who asks in another zone', () => {
  test('is answered here, whosever meeting it is: nothing goes round', async () => {
    kept.set(THEIRS, definitionOf({ home: EU }));
    for (const meeting of [OURS, THEIRS, UNKNOWN]) expect((await answer(meeting)).body).toBe('here');
    expect(handedOn).toEqual([]);
    expect(done[0]).toMatchObject({ params: { meeting: OURS }, address: '192.0.2.1 via eu' });
  });

  test('hears nothing of what stays in this zone, and can ask nothing but about one meeting', async () => {
    kept.set(OURS, definitionOf({ policy: { residency: 'local', guests: 'none' } }));
    await expect(answer(OURS)).rejects.toMatchObject({ code: 'noSuchMeeting' });
    for (const operation of ['listMeetings', 'other']) {
      await expect(answer(OURS, operation)).rejects.toMatchObject({ code: 'badMessage' });
    }
    expect(done).toEqual([]);
  });
});
