/** The meeting service over gRPC with mTLS, as an operator's program sees it. */
import { type Client, Server, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen, shutDown } from '../../../common/grpc-server.ts';
import { createLogger } from '../../../common/log.ts';
import { clientCredentials, type MutualTls, mintZoneCertificates } from '../../../common/mutual-tls.ts';
import { MeetingsService } from '../../../proto/load.ts';
import { ServiceLab } from '../testing/service-lab.ts';
import { meetingHandlers } from './meeting-handlers.ts';

let lab: ServiceLab;
let server: Server;
let port: number;
let client: InstanceType<typeof MeetingsService>;
let router: InstanceType<typeof MeetingsService>;

beforeAll(async () => {
  lab = await ServiceLab.start();
  const certificates = await mintZoneCertificates();
  server = new Server();
  server.addService(
    MeetingsService.service,
    meetingHandlers(lab.catalog, createLogger({ name: 'test', level: 'silent' })),
  );
  port = await listen(server, 'localhost:0', await certificates.issue('zone-controller', 'zc-1'));
  const connect = (tls: MutualTls) => new MeetingsService(`localhost:${port}`, clientCredentials(tls));
  client = connect(await certificates.issue('operator', 'ada', []));
  router = connect(await certificates.issue('router', 'router-1'));
});
afterAll(async () => {
  for (const each of [client, router] as Client[]) each.close();
  await shutDown(server, 100);
  await lab.stop();
});

type Method = 'Create' | 'Get' | 'List' | 'Update' | 'End' | 'Delete' | 'Occurrences';

/** What is answered, without the library's marks of optional fields. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect to be there
function call(method: Method, request: object, from = client): Promise<any> {
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, reply: unknown): void => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(JSON.stringify(reply, (key, value) => (key.startsWith('_') ? undefined : value))));
    };
    // The cast: the methods differ in their messages only.
    (from[method] as (request: object, done: (error: ServiceError | null, reply: unknown) => void) => void).call(
      from,
      request,
      done,
    );
  });
}

const SCHEDULE = {
  start: '2030-03-25T09:30',
  durationMinutes: 45,
  timeZone: 'Europe/Berlin',
  recurrence: 'FREQ=WEEKLY',
};

test('a meeting from its making to its end', async () => {
  const made = await call('Create', {
    title: 'Stand-up',
    schedule: SCHEDULE,
    settings: { waitingRoom: true, chat: 'host' },
    limits: { participants: 12 },
    account: 'acme',
    policy: { residency: 'local', guests: 'hub', overflow: 'never' },
  });
  const { meeting: id } = made.meeting;
  expect(made).toMatchObject({
    hostKey: expect.stringMatching(/^.{16}$/),
    link: `https://meet.example/#meeting=${id}&passcode=${made.passcode}`,
    meeting: {
      title: 'Stand-up',
      schedule: { ...SCHEDULE, start: '2030-03-25T09:30:00+01:00' },
      next: { start: '2030-03-25T09:30:00+01:00', end: '2030-03-25T10:15:00+01:00' },
      settings: { waitingRoom: true, chat: 'host', joinBeforeHost: true, locked: false },
      limits: { participants: 12 },
      account: 'acme',
      policy: { residency: 'local', guests: 'hub', overflow: 'never' },
      revision: 1,
    },
  });
  expect(await call('Get', { meeting: id })).toEqual(made.meeting);
  const changed = await call('Update', {
    meeting: id,
    revision: 1,
    limits: { minutes: 5 },
    clear: ['title', 'policy'],
  });
  expect(changed).toMatchObject({ limits: { minutes: 5 }, settings: { chat: 'host' }, revision: 2 });
  expect([changed.title, changed.policy, changed.limits.participants]).toEqual([undefined, undefined, undefined]);
  await expect(call('Update', { meeting: id, revision: 1, title: 'x' })).rejects.toMatchObject({
    code: status.ABORTED,
  });
  const { occurrences } = await call('Occurrences', { meeting: id, limit: 2 });
  expect(occurrences.map(({ start }: { start: string }) => start)).toEqual([
    '2030-03-25T09:30:00+01:00',
    '2030-04-01T09:30:00+02:00',
  ]);
  expect((await call('List', {})).meetings).toEqual([changed]);
  expect((await call('List', { from: '2030-03-26T00:00Z', to: '2030-03-27T00:00Z' })).meetings).toEqual([]);
  await call('End', { meeting: id });
  expect(lab.ended).toEqual([id]);
  await call('Delete', { meeting: id });
  await expect(call('Get', { meeting: id })).rejects.toMatchObject({ code: status.NOT_FOUND });
  expect(lab.audit.map(({ what, who, outcome }) => [what, who.operator, outcome])).toEqual([
    ['meetings.create', 'ada', 'done'],
    ['meetings.update', 'ada', 'done'],
    ['meetings.update', 'ada', 'outdated'],
    ['meetings.end', 'ada', 'done'],
    ['meetings.delete', 'ada', 'done'],
  ]);
});

test('single dates of a series are left out and added', async () => {
  const dates = { exclude: ['2030-04-01T09:30:00+02:00'], include: ['2030-04-02T15:00:00+02:00'] };
  const { meeting } = (await call('Create', { schedule: { ...SCHEDULE, ...dates } })).meeting;
  expect((await call('Get', { meeting })).schedule).toMatchObject(dates);
  const times = async () =>
    (await call('Occurrences', { meeting, limit: 3 })).occurrences.map(({ start }: { start: string }) =>
      start.slice(5, 16),
    );
  expect(await times()).toEqual(['03-25T09:30', '04-02T15:00', '04-08T09:30']);
  await call('Update', { meeting, schedule: SCHEDULE });
  expect(await times()).toEqual(['03-25T09:30', '04-01T09:30', '04-08T09:30']);
});

test('an ended meeting is opened again', async () => {
  const { meeting } = (await call('Create', {})).meeting;
  expect((await call('End', { meeting })).ended).toBe(true);
  expect((await call('Update', { meeting, reopen: true })).ended).toBe(false);
});

test.each<[Method, object, RegExp]>([
  ['Create', { title: '' }, /title/],
  ['Create', { schedule: { ...SCHEDULE, recurrence: 'FREQ=HOURLY' } }, /no FREQ/],
  ['Create', { settings: { chat: 'loud' } }, /settings.chat/],
  ['Update', { clear: ['everything'] }, /everything/],
  ['Update', { clear: ['__proto__'] }, /proto/],
  ['List', { pageSize: 101 }, /page_size/],
  ['Occurrences', { from: 'now' }, /from/],
])('%s %j is refused in clear words', async (method, request, words) => {
  const { meeting } = (await call('Create', {})).meeting;
  const error = await call(method, { meeting, ...request }).catch((each: ServiceError) => each);
  expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(words) });
});

test('nobody else than operators is served', async () => {
  for (const method of ['Create', 'Get', 'List', 'Update', 'End', 'Delete', 'Occurrences'] as const) {
    await expect(call(method, {}, router)).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  }
});
