/** The meeting service over real sockets, as its people see it. Every answer is checked against the OpenAPI document. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../../common/log.ts';
import { findRoutes } from '../../http/route.ts';
import { parseMeetingId } from '../../meeting/meeting-id.ts';
import { Identities } from '../identity/identities.ts';
import { identityConfig } from '../identity/identity-config.ts';
import { errorAnswer } from '../meeting-schemas.ts';
import { type Asking, type Reply, ServiceLab, type ServiceLabOptions } from '../testing/service-lab.ts';
import { TestProvider } from '../testing/test-provider.ts';

const SEED = 5_120;
const DAY = 24 * 3_600_000;

let provider: TestProvider;
let lab: ServiceLab;
let ada: string;
let bob: string;
let admin: string;

async function start(options: ServiceLabOptions = {}): Promise<void> {
  const issuers = [
    {
      issuer: provider.issuer,
      audience: ['zonecast'],
      jwksUri: provider.jwksUri,
      claims: { account: 'org' },
      roles: { admin: ['admin'] },
    },
  ];
  const identities = new Identities(identityConfig.parse({ issuers }), createLogger({ name: 'test', level: 'silent' }));
  lab = await ServiceLab.start({ identities, ...options });
}

beforeEach(async () => {
  provider = await TestProvider.start();
  await start();
  [ada, bob, admin] = await Promise.all([
    provider.sign('ada', { org: 'acme' }),
    provider.sign('bob'),
    provider.sign('root', { roles: ['admin'] }),
  ]);
});
afterEach(async () => {
  await lab.stop();
  await provider.stop();
});

/** Asks, and checks that the answer is one of those that the route's entry has. */
async function ask(path: string, asking: Asking = {}): Promise<Reply> {
  const reply = await lab.ask(path, asking);
  const { pathname } = new URL(path, lab.url);
  const found = findRoutes(lab.routes, pathname).find(({ route }) => route.method === (asking.method ?? 'GET'));
  if (reply.status >= 400) errorAnswer.parse(reply.body);
  else {
    const answers = found?.route.answers ?? {};
    expect(Object.keys(answers)).toContain(String(reply.status));
    const schema = answers[reply.status];
    if (schema === undefined) expect(reply.body).toBe('');
    else schema.parse(reply.body);
  }
  return reply;
}

const post = (path: string, asking: Asking = {}) => ask(path, { method: 'POST', ...asking });
const patch = (path: string, body: unknown, asking: Asking = {}) => ask(path, { method: 'PATCH', body, ...asking });
const statusOf = async (reply: Promise<Reply>) => (await reply).status;

async function made(token: string | undefined, body: object = {}): Promise<Reply['body']> {
  const reply = await post('/v1/meetings', { body, ...(token === undefined ? {} : { token }) });
  expect(reply.status).toBe(201);
  return reply.body;
}

const WEEKLY = {
  start: '2030-03-25T09:30',
  durationMinutes: 45,
  timeZone: 'Europe/Berlin',
  recurrence: 'FREQ=WEEKLY;BYDAY=MO',
};

describe('making a meeting', () => {
  test('without a word: as ever, with its secrets', async () => {
    const { status, headers, body } = await post('/v1/meetings');
    expect(status).toBe(201);
    expect(parseMeetingId(body.meeting)).toBe(body.meeting);
    expect(headers.get('location')).toBe(`/v1/meetings/${body.meeting}`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.link).toBe(`https://meet.example/#meeting=${body.meeting}&passcode=${body.passcode}`);
    expect(body.url).toBe(`https://meet.example/#meeting=${body.meeting}`);
    expect(body).toMatchObject({ personal: false, running: false, ended: false, limits: {}, revision: 1 });
    expect(body.settings).toMatchObject({ locked: false, chat: 'all' });
    expect(body.owner).toBeUndefined();
  });

  test('with all that it can have', async () => {
    const body = await made(ada, {
      title: 'Stand-up',
      schedule: WEEKLY,
      settings: { waitingRoom: true, chat: 'host' },
      limits: { participants: 10, minutes: 60 },
      passcode: 'open-sesame',
      policy: { residency: 'local', guests: { via: 'hub' } },
    });
    expect(body).toMatchObject({
      title: 'Stand-up',
      passcode: 'open-sesame',
      owner: { issuer: provider.issuer, subject: 'ada' },
      account: 'acme',
      schedule: { ...WEEKLY, start: '2030-03-25T09:30:00+01:00' },
      next: { start: '2030-03-25T09:30:00+01:00', end: '2030-03-25T10:15:00+01:00' },
      limits: { participants: 10, minutes: 60 },
      policy: { residency: 'local', guests: { via: 'hub' } },
    });
    expect(body.settings).toMatchObject({ waitingRoom: true, chat: 'host', joinBeforeHost: true });
    const again = await ask(`/v1/meetings/${body.meeting}`, { token: ada });
    const { passcode: _passcode, hostKey: _key, link: _link, ...rest } = body;
    expect(again.body).toEqual(rest);
  });

  test.each([
    [{ title: '' }, /title/],
    [{ title: 'a\u202Eb' }, /title/],
    [{ title: ' ' }, /title/],
    [{ titel: 'x' }, /titel/],
    [{ passcode: '12345' }, /passcode/],
    [{ passcode: 'with space' }, /passcode/],
    [{ limits: { participants: 0 } }, /limits.participants/],
    [{ settings: { locked: 1 } }, /settings.locked/],
    [{ policy: { residency: 'mars' } }, /policy.residency/],
    [{ schedule: { ...WEEKLY, durationMinutes: 0 } }, /schedule.durationMinutes/],
    [{ schedule: { ...WEEKLY, recurrence: 'FREQ=SECONDLY' } }, /FREQ=SECONDLY/],
    [{ schedule: { ...WEEKLY, start: '2030-03-26T09:30' } }, /none of the times/],
    ['[]', /expected object/],
    ['{', /no JSON/],
    ['null', /^$|expected object/],
  ])('%j is refused in clear words', async (body, words) => {
    const reply = await post('/v1/meetings', { body, token: ada });
    if (body === 'null') return expect(reply.status).toBe(201); // nothing is wished for
    expect(reply).toMatchObject({ status: 400, body: { error: { code: 'badMessage' } } });
    expect(reply.body.error.message).toMatch(words);
  });

  test('nobody plans, names an account or a policy without saying who he is', async () => {
    expect(await statusOf(post('/v1/meetings', { body: { title: 'x', settings: { locked: true } } }))).toBe(201);
    for (const body of [{ schedule: WEEKLY }, { policy: { residency: 'local' } }]) {
      const { status, headers } = await post('/v1/meetings', { body });
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect(await statusOf(post('/v1/meetings', { body: { account: 'acme' } }))).toBe(403);
    expect(await statusOf(post('/v1/meetings', { body: { account: 'acme' }, token: bob }))).toBe(403);
    expect(await made(admin, { account: 'other' })).toMatchObject({ account: 'other' });
  });

  test('where everybody signs in, nobody makes one without', async () => {
    await lab.stop();
    await start({ anonymous: false });
    expect(await statusOf(post('/v1/meetings'))).toBe(401);
    await made(ada);
  });

  test('has limits by person and in number', async () => {
    await lab.stop();
    await start({ limits: { createMeeting: { burst: 3, perSecond: 0.01 }, meetingsPerPerson: 2 } });
    await made(ada);
    await made(ada);
    expect(await post('/v1/meetings', { token: ada })).toMatchObject({ status: 409 });
    // Bob’s count is his own, although he sits in the same place.
    await made(bob);
    const limited = await post('/v1/meetings', { token: ada });
    expect([limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });
});

describe('whose a meeting is', () => {
  test.each(['GET', 'PATCH', 'DELETE'])(
    '%s is for its owner, administrators, and who has its host key',
    async (method) => {
      const body = method === 'PATCH' ? { title: 'New' } : undefined;
      const outcomes: number[] = [];
      for (const who of ['nobody', 'bob', 'wrong key', 'key of another', 'ada', 'admin', 'key']) {
        const { meeting, hostKey } = await made(ada);
        const other = await made(bob);
        const shown: Record<string, Asking> = {
          bob: { token: bob },
          'wrong key': { key: 'x'.repeat(300) },
          'key of another': { key: other.hostKey, token: bob },
          ada: { token: ada },
          admin: { token: admin },
          key: { key: hostKey },
        };
        const asking = { method, ...(body === undefined ? {} : { body }), ...shown[who] };
        outcomes.push(await statusOf(ask(`/v1/meetings/${meeting}`, asking)));
      }
      const well = method === 'DELETE' ? 204 : 200;
      expect(outcomes).toEqual([401, 403, 403, 403, well, well, well]);
    },
  );

  test('who looks for meetings of others is stopped as a guesser is', async () => {
    const { meeting } = await made(ada);
    const statuses: number[] = [];
    for (let count = 0; count < 12; count++)
      statuses.push(await statusOf(ask(`/v1/meetings/${meeting}`, { token: bob })));
    expect(statuses).toEqual([...Array(10).fill(403), 429, 429]);
    expect(await statusOf(ask(`/v1/meetings/${meeting}`, { token: ada }))).toBe(200);
  });

  test('a token that is not valid is no anonymous request; another scheme is not ours to read', async () => {
    expect(await statusOf(post('/v1/meetings', { token: 'e30.e30.e30' }))).toBe(401);
    expect(await statusOf(post('/v1/meetings', { headers: { authorization: 'Basic YTpi' } }))).toBe(201);
    const late = await provider.sign('ada', { exp: 1 });
    expect((await ask('/v1/meetings', { token: late })).body.error.message).toMatch(/expired/);
  });
});

describe('changing a meeting', () => {
  test('takes what is named, takes away what is null, and leaves the rest', async () => {
    const { meeting } = await made(ada, { title: 'Old', settings: { locked: true }, limits: { minutes: 5 } });
    const path = `/v1/meetings/${meeting}`;
    const first = await patch(path, { settings: { chat: 'off' }, limits: null, schedule: WEEKLY }, { token: ada });
    expect(first.headers.get('etag')).toBe('"2"');
    expect(first.body).toMatchObject({
      title: 'Old',
      limits: {},
      settings: { locked: true, chat: 'off' },
      revision: 2,
    });
    const second = await patch(path, { title: null, settings: null, schedule: null }, { token: ada });
    expect(second.body).toMatchObject({ settings: { locked: false, chat: 'all' }, revision: 3 });
    expect([second.body.title, second.body.schedule]).toEqual([undefined, undefined]);
    expect(Date.parse(first.body.expires)).toBeGreaterThan(Date.now() + 300 * DAY);
    expect(Date.parse(second.body.expires)).toBeLessThan(Date.now() + 2 * DAY);
  });

  test('is not lost where two change it', async () => {
    const { meeting } = await made(ada);
    const path = `/v1/meetings/${meeting}`;
    const asSeen = { token: ada, headers: { 'if-match': '"1"' } };
    expect(await statusOf(patch(path, { title: 'First' }, asSeen))).toBe(200);
    expect(await patch(path, { title: 'Second' }, asSeen)).toMatchObject({
      status: 412,
      body: { error: { code: 'outdated' } },
    });
    expect(await statusOf(patch(path, { title: 'x' }, { token: ada, headers: { 'if-match': 'W/"2"' } }))).toBe(412);
    expect((await ask(path, { token: ada })).body.title).toBe('First');
    expect(await statusOf(patch(path, { title: 'Third' }, { token: ada, headers: { 'if-match': '*' } }))).toBe(200);
  });

  test('a new passcode opens, the old one does not; so with host keys', async () => {
    const { meeting, hostKey } = await made(ada);
    const drawn = await post(`/v1/meetings/${meeting}/passcode`, { token: ada });
    expect(drawn.body.link).toContain(`passcode=${drawn.body.passcode}`);
    const given = await post(`/v1/meetings/${meeting}/passcode`, { token: ada, body: { passcode: 'abc123' } });
    expect(given.body).toMatchObject({ meeting, passcode: 'abc123' });
    const key = await post(`/v1/meetings/${meeting}/host-key`, { key: hostKey });
    expect(await statusOf(ask(`/v1/meetings/${meeting}`, { key: hostKey }))).toBe(403);
    expect(await statusOf(ask(`/v1/meetings/${meeting}`, { key: key.body.hostKey }))).toBe(200);
  });
});

describe('ending and forgetting', () => {
  test('a meeting that is ended stays, ended, and can be opened again', async () => {
    const { meeting } = await made(ada);
    await lab.place(meeting);
    expect((await ask(`/v1/meetings/${meeting}`, { token: ada })).body.running).toBe(true);
    expect((await post(`/v1/meetings/${meeting}/end`, { token: ada })).body.ended).toBe(true);
    expect(lab.ended).toEqual([meeting]);
    expect((await patch(`/v1/meetings/${meeting}`, { ended: false }, { token: ada })).body.ended).toBe(false);
  });

  test('one that comes again is only over for this time', async () => {
    const { meeting } = await made(ada, { schedule: WEEKLY });
    expect((await post(`/v1/meetings/${meeting}/end`, { token: ada })).body.ended).toBe(false);
    expect(lab.ended).toEqual([meeting]);
  });

  test('a meeting that is deleted is gone, also while its people are still on their way out', async () => {
    for (const isRunning of [false, true]) {
      const { meeting } = await made(ada);
      if (isRunning) await lab.place(meeting);
      const path = `/v1/meetings/${meeting}`;
      expect(await statusOf(ask(path, { method: 'DELETE', token: ada }))).toBe(204);
      expect(lab.ended).toContain(meeting);
      expect(await statusOf(ask(path, { token: ada }))).toBe(404);
      expect((await ask('/v1/meetings', { token: ada })).body.meetings).toEqual([]);
      expect(await lab.definitions.find(meeting)).toBeUndefined();
    }
  });
});

describe('lists', () => {
  test('are of one’s own, in order of their beginning, in pages that miss nothing', async () => {
    const at = (month: number) => ({ ...WEEKLY, start: `2030-0${month}-07T10:00`, recurrence: undefined });
    const meetings: string[] = [];
    for (const month of [5, 3, 4, 2])
      meetings.push((await made(ada, { title: `${month}`, schedule: at(month) })).meeting);
    await made(bob, { title: 'of Bob' });
    const titles: string[] = [];
    let pageToken: string | undefined;
    do {
      const token = pageToken === undefined ? '' : `&pageToken=${pageToken}`;
      const { body } = await ask(`/v1/meetings?pageSize=1${token}`, { token: ada });
      titles.push(...body.meetings.map(({ title }: { title: string }) => title));
      pageToken = body.nextPageToken;
    } while (pageToken !== undefined);
    expect(titles).toEqual(['2', '3', '4', '5']);
    const spring = await ask('/v1/meetings?from=2030-02-07T11:00Z&to=2030-04-07T08:00Z', { token: ada });
    expect(spring.body.meetings.map(({ title }: { title: string }) => title)).toEqual(['3']);
  });

  test('by time find what recurs, page after page', async () => {
    for (let count = 0; count < 5; count++) await made(ada, { title: `${count}`, schedule: WEEKLY });
    const seen: string[] = [];
    let path = '/v1/meetings?pageSize=2&from=2031-01-06T00:00:00Z&to=2031-01-07T00:00:00Z';
    for (;;) {
      const { body } = await ask(path, { token: ada });
      for (const { title, next } of body.meetings) seen.push(`${title} ${next.start}`);
      if (body.nextPageToken === undefined) break;
      path = path.replace(/(&pageToken=.*)?$/, `&pageToken=${body.nextPageToken}`);
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4].map((count) => `${count} 2031-01-06T09:30:00+01:00`));
    const tuesday = await ask('/v1/meetings?from=2031-01-07T00:00Z&to=2031-01-08T00:00Z', { token: ada });
    expect(tuesday.body.meetings).toEqual([]);
  });

  test('of others are for administrators', async () => {
    await made(ada, { title: 'of Ada' });
    const owner = encodeURIComponent(`${provider.issuer} ada`);
    expect(await statusOf(ask(`/v1/meetings?owner=${owner}`, { token: bob }))).toBe(403);
    for (const whose of [owner, '*']) {
      expect((await ask(`/v1/meetings?owner=${whose}`, { token: admin })).body.meetings).toHaveLength(1);
    }
    expect((await ask('/v1/meetings', { token: admin })).body.meetings).toEqual([]);
    expect(await statusOf(ask('/v1/meetings'))).toBe(401);
  });

  test.each(['pageSize=0', 'pageSize=101', 'pageSize=x', 'from=yesterday', 'colour=red'])(
    '?%s is refused',
    async (query) => {
      expect(await statusOf(ask(`/v1/meetings?${query}`, { token: ada }))).toBe(400);
    },
  );

  test('of occurrences keep the time of day', async () => {
    const { meeting } = await made(ada, { schedule: WEEKLY });
    const { body } = await ask(`/v1/meetings/${meeting}/occurrences?limit=2`, { token: ada });
    expect(body.occurrences).toEqual([
      { start: '2030-03-25T09:30:00+01:00', end: '2030-03-25T10:15:00+01:00' },
      { start: '2030-04-01T09:30:00+02:00', end: '2030-04-01T10:15:00+02:00' },
    ]);
    // The one of the first of April is moved to the day after.
    const schedule = { ...WEEKLY, exclude: ['2030-04-01T09:30'], include: ['2030-04-02T15:00'] };
    const moved = (await patch(`/v1/meetings/${meeting}`, { schedule }, { token: ada })).body.schedule;
    expect([moved.exclude, moved.include]).toEqual([['2030-04-01T09:30:00+02:00'], ['2030-04-02T15:00:00+02:00']]);
    const after = await ask(`/v1/meetings/${meeting}/occurrences?limit=2`, { token: ada });
    expect(after.body.occurrences[1]).toEqual({ start: '2030-04-02T15:00:00+02:00', end: '2030-04-02T15:45:00+02:00' });
    const wrong = { schedule: { ...WEEKLY, exclude: ['2030-04-02T09:30'] } };
    const refused = await patch(`/v1/meetings/${meeting}`, wrong, { token: ada });
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      expect.stringContaining('nothing to leave out'),
    ]);
    const unplanned = await made(ada);
    const none = await ask(`/v1/meetings/${unplanned.meeting}/occurrences`, { token: ada });
    expect(none.body.occurrences).toEqual([]);
  });
});

describe('personal rooms', () => {
  const put = (body: object, token?: string) =>
    ask('/v1/me/room', { method: 'PUT', body, ...(token === undefined ? {} : { token }) });

  test('are made once, and stay the same', async () => {
    expect(await statusOf(ask('/v1/me/room', { token: ada }))).toBe(404);
    const first = await put({ title: 'Ada', settings: { waitingRoom: true } }, ada);
    expect(first).toMatchObject({ status: 201, body: { personal: true, title: 'Ada', account: 'acme' } });
    expect(first.body.expires).toBeUndefined();
    const second = await put({ passcode: 'sesame1' }, ada);
    expect(second).toMatchObject({
      status: 200,
      body: { meeting: first.body.meeting, settings: { waitingRoom: false } },
    });
    expect([second.body.title, second.body.passcode]).toEqual([undefined, undefined]);
    expect((await ask('/v1/me/room', { token: ada })).body.meeting).toBe(first.body.meeting);
    expect((await put({}, bob)).body.meeting).not.toBe(first.body.meeting);
    expect(await statusOf(put({}))).toBe(401);
  });

  test('asked for twice at once are one', async () => {
    const replies = await Promise.all([put({}, ada), put({}, ada), put({}, ada)]);
    expect(replies.map(({ status }) => status).sort()).toContain(201);
    for (const { status } of replies) expect([200, 201, 409]).toContain(status);
    expect((await ask('/v1/meetings', { token: ada })).body.meetings).toHaveLength(1);
  });

  test('that were deleted are made anew, as another', async () => {
    const { body } = await put({}, ada);
    await ask(`/v1/meetings/${body.meeting}`, { method: 'DELETE', token: ada });
    expect(await statusOf(ask('/v1/me/room', { token: ada }))).toBe(404);
    const again = await put({}, ada);
    expect(again.status).toBe(201);
    expect(again.body.meeting).not.toBe(body.meeting);
  });
});

describe('the audit log', () => {
  test('has every change, by whom, how it ended, and no secret', async () => {
    const { meeting, passcode, hostKey } = await made(ada, { title: 'Secret plans', passcode: 'open-sesame' });
    await patch(`/v1/meetings/${meeting}`, { title: 'Very secret plans' }, { token: bob });
    await patch(`/v1/meetings/${meeting}`, { title: 'Very secret plans' }, { key: hostKey });
    await post(`/v1/meetings/${meeting}/end`, { token: admin });
    const identity = (subject: string) => ({ identity: `${provider.issuer} ${subject}`, address: '127.0.0.1' });
    expect(lab.audit).toEqual([
      {
        what: 'meetings.create',
        who: identity('ada'),
        meeting,
        details: { keys: ['title', 'passcode'] },
        outcome: 'done',
      },
      { what: 'meetings.update', who: identity('bob'), meeting, details: { keys: ['title'] }, outcome: 'notAllowed' },
      {
        what: 'meetings.update',
        who: { hostKey: true, address: '127.0.0.1' },
        meeting,
        details: { keys: ['title'] },
        outcome: 'done',
      },
      { what: 'meetings.end', who: identity('root'), meeting, details: {}, outcome: 'done' },
    ]);
    const text = JSON.stringify(lab.audit);
    for (const secret of [passcode, hostKey, 'plans', ada]) expect(text).not.toContain(secret);
  });
});

describe('requests', () => {
  test.each([
    [
      'a body of another type',
      { body: 'title=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
    ],
    ['a body that is too large', { body: JSON.stringify({ title: 'x'.repeat(20_000) }) }, 413],
    ['another method', { method: 'DELETE' }, 405],
    ['a page of another site', { headers: { origin: 'https://evil.example' } }, 403],
  ])('%s is refused', async (_, asking, status) => {
    expect(await statusOf(post('/v1/meetings', asking))).toBe(status);
  });

  test('what there is not is not found', async () => {
    for (const path of ['/v1', '/v1/', '/v1/meetings/', '/v1/meetings/1/2/3', '/v1/me', '/v2/meetings']) {
      expect([path, (await lab.ask(path)).status]).toEqual([path, 404]);
    }
    for (const id of ['1', 'x', '62476282954', '0'.repeat(500)]) {
      expect([id, await statusOf(ask(`/v1/meetings/${id}`, { token: admin }))]).toEqual([id, 404]);
    }
  });

  test('of one address are limited', async () => {
    await lab.stop();
    await start({ limits: { request: { burst: 2, perSecond: 0.01 } } });
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push(await statusOf(ask('/v1/openapi.json')));
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('of pages of origins that are allowed are answered so that these can read it', async () => {
    await lab.stop();
    const origin = 'https://intranet.example';
    await start({ allowedOrigins: [origin] });
    const preflight = await lab.ask('/v1/meetings', { method: 'OPTIONS', headers: { origin } });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'POST, GET']);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    const { headers } = await post('/v1/meetings', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    const foreign = await lab.ask('/v1/meetings', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });

  test('with any body are answered, by what the document says, and nothing breaks', async () => {
    const { meeting } = await made(ada);
    const value = fc.jsonValue({ maxDepth: 3 });
    const keys = fc.constantFrom(
      'title',
      'schedule',
      'settings',
      'limits',
      'passcode',
      'account',
      'policy',
      'ended',
      '__proto__',
      'x',
    );
    const body = fc.oneof(
      fc
        .array(fc.tuple(keys, value), { maxLength: 4 })
        .map((entries) => `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`).join()}}`),
      value.map((each) => JSON.stringify(each)),
      fc.string({ maxLength: 200 }),
    );
    const target = fc.constantFrom(
      ['POST', '/v1/meetings'],
      ['PATCH', `/v1/meetings/${meeting}`],
      ['PUT', '/v1/me/room'],
      ['POST', `/v1/meetings/${meeting}/passcode`],
    );
    await fc.assert(
      fc.asyncProperty(target, body, async ([method = '', path = ''], text) => {
        const { status } = await ask(path, { method, body: text, token: admin });
        expect([200, 201, 400, 404, 409, 429]).toContain(status);
      }),
      { seed: SEED, numRuns: 100 },
    );
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('the OpenAPI document', () => {
  test('has every route, and describes what it takes and answers', async () => {
    const { body } = await ask('/v1/openapi.json');
    expect(body.info.version).toBe('1.2.3');
    const listed = Object.entries<object>(body.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.sort()).toEqual(lab.routes.map(({ method, path }) => `${method} ${path}`).sort());
    const operations = Object.values<Record<string, { operationId: string }>>(body.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(operations).size).toBe(listed.length);
    const text = JSON.stringify(body);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(body.components.schemas)).toContain(name);
    }
    expect(text.match(/"\$ref":"(?!#\/components)/)).toBeNull();
    expect(text).not.toContain('"$schema"');
  });

  test('as JSON Schema takes what is answered, and refuses what is not', async () => {
    const { body } = await ask('/v1/openapi.json');
    // The library knows references of JSON Schema only.
    const $defs = JSON.parse(JSON.stringify(body.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'));
    const schemaOf = (name: string) => z.fromJSONSchema({ ...$defs[name], $defs });
    const meeting = await made(ada, { title: 'Stand-up', schedule: WEEKLY, policy: { overflow: 'never' } });
    const { passcode: _passcode, hostKey: _key, link: _link, ...resource } = meeting;
    expect(schemaOf('CreatedMeeting').safeParse(meeting).success).toBe(true);
    expect(schemaOf('Meeting').safeParse(resource).success).toBe(true);
    expect(schemaOf('Meeting').safeParse(meeting).success).toBe(false);
    expect(schemaOf('MeetingWish').safeParse({ title: 'x', schedule: WEEKLY }).success).toBe(true);
    expect(schemaOf('MeetingWish').safeParse({ titel: 'x' }).success).toBe(false);
    expect(schemaOf('MeetingWish').safeParse({ passcode: '12345' }).success).toBe(false);
  });
});
