import { describe, expect, test } from 'vitest';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { DEFAULT_LIMITS } from '../limits/zone-limits.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { ZoneRecords } from '../registry/records.ts';
import { ZoneMirror } from '../registry/zone-mirror.ts';
import type { Identity } from '../service/identity/identity.ts';
import { LonelyWorld } from '../world/lonely-world.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { Definitions } from './definitions.ts';
import { LiveMeetings } from './live-meetings.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const ADDRESS = '192.0.2.1';

/** A token is the name of whom it is of. */
const PEOPLE: Readonly<Record<string, Partial<Identity>>> = {
  owner: { id: 'i owner' },
  admin: { isAdmin: true },
  stranger: {},
  guest: { opens: 'all' },
  appointed: { opens: 'all', isHost: true },
};
const verify = async (token: string): Promise<Identity> => {
  const nobody = { issuer: 'i', subject: token, isAdmin: false, isHost: false, opens: new Set<string>() };
  return { id: `i ${token}`, ...nobody, ...PEOPLE[token] };
};

async function start(burst: number, identities?: AdmissionOptions['identities']) {
  const zone = 'test' as ZoneId;
  const records = new ZoneRecords(new MemoryRegistry(), zone, log);
  const mirror = new ZoneMirror(records, () => undefined);
  mirror.start();
  const live = new LiveMeetings(
    () => false,
    () => 0,
  );
  const world = new LonelyWorld(zone);
  const copies = { find: async () => undefined, end: async () => undefined };
  const definitions = new Definitions({ records, mirror, capacity: 100, lifeMs: 60_000, live, world, copies });
  const limits = { ...DEFAULT_LIMITS, wrongGuess: { burst, perSecond: 0.001 } };
  return { definitions, admission: new Admission({ definitions, limits, identities, now: () => 0 }) };
}

test('guesses sent all at once tell no more than the same ones after each other', async () => {
  const { definitions, admission } = await start(3);
  const { meeting, passcode } = await definitions.create({});
  const guesses = ['a', 'b', 'c', 'd', passcode];
  const results = await Promise.allSettled(
    guesses.map((guess) => admission.admit(ADDRESS, meeting, { passcode: guess })),
  );
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'in'));
  expect(codes).toEqual(['wrongPasscode', 'wrongPasscode', 'wrongPasscode', 'rateLimited', 'rateLimited']);
  expect(await admission.admit('192.0.2.2', meeting, { passcode })).toMatchObject({ meeting, role: 'participant' });
});

test('right passcodes cost nothing, however many come at once', async () => {
  const { definitions, admission } = await start(1);
  const meetings = await Promise.all(Array.from({ length: 5 }, () => definitions.create({})));
  const admitted = await Promise.all(
    meetings.map(({ meeting, passcode }) => admission.admit(ADDRESS, meeting, { passcode })),
  );
  expect(admitted.map(({ meeting }) => meeting)).toEqual(meetings.map(({ meeting }) => meeting));
});

describe('who comes in, and as what', () => {
  test.each([
    [{ passcode: 'right' }, 'participant'],
    [{}, 'wrongPasscode'],
    [{ hostKey: 'right' }, 'host'],
    [{ hostKey: 'wrong', passcode: 'right' }, 'wrongPasscode'],
    [{ token: 'owner' }, 'host'],
    [{ token: 'admin' }, 'host'],
    [{ token: 'guest' }, 'participant'],
    [{ token: 'appointed' }, 'host'],
    [{ token: 'stranger' }, 'wrongPasscode'],
    [{ token: 'stranger', passcode: 'right' }, 'participant'],
    [{ token: 'stranger', hostKey: 'right' }, 'host'],
  ])('%o: %s', async (shown, expected) => {
    const { definitions, admission } = await start(10, { required: false, verify });
    const made = await definitions.create({ owner: 'i owner' });
    const real = { passcode: made.passcode, hostKey: made.hostKey };
    const credentials = Object.fromEntries(
      Object.entries(shown).map(([key, value]) => [key, value === 'right' ? real[key as keyof typeof real] : value]),
    );
    const outcome = await admission.admit(ADDRESS, made.meeting, credentials).then(
      ({ role }) => role,
      (error) => error.code,
    );
    expect(outcome).toBe(expected);
  });

  test('where everybody signs in, a passcode or a host key alone lets nobody in', async () => {
    const { definitions, admission } = await start(10, { required: true, verify });
    const { meeting, passcode, hostKey } = await definitions.create({});
    await expect(admission.admit(ADDRESS, meeting, { passcode, hostKey })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    expect(await admission.admit(ADDRESS, meeting, { token: 'stranger', passcode })).toMatchObject({
      identity: { id: 'i stranger' },
    });
  });

  test('a token where no provider is trusted is refused, and is no guess', async () => {
    const { definitions, admission } = await start(1);
    const { meeting, passcode } = await definitions.create({});
    for (let count = 0; count < 3; count++) {
      await expect(admission.admit(ADDRESS, meeting, { passcode, token: 'x' })).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    }
    await admission.admit(ADDRESS, meeting, { passcode });
  });
});

test('an ended meeting lets nobody in; one that comes again does', async () => {
  const { definitions, admission } = await start(10);
  const once = await definitions.create({});
  const personal = await definitions.create({ personal: true });
  await definitions.end(once.meeting);
  await definitions.end(personal.meeting);
  await expect(admission.admit(ADDRESS, once.meeting, once)).rejects.toMatchObject({
    message: 'This meeting has ended.',
  });
  expect(await admission.admit(ADDRESS, personal.meeting, { passcode: personal.passcode })).toMatchObject({
    role: 'participant',
  });
});

test('a breakout room has no passcode that anybody could know, and the policy of its meeting', async () => {
  const { definitions, admission } = await start(10);
  const policy = { residency: 'local' } as const;
  const main = await definitions.create({ account: 'acme', policy });
  const room = await definitions.createRoom(main.meeting, 'Blue');
  expect(await admission.open(ADDRESS, room)).toMatchObject({
    definition: { main: main.meeting, title: 'Blue', account: 'acme', policy },
  });
  for (const guess of ['', main.passcode]) {
    await expect(admission.admit(ADDRESS, room, { passcode: guess })).rejects.toMatchObject({ code: 'wrongPasscode' });
  }
});

test('host keys are guesses like passcodes', async () => {
  const { definitions, admission } = await start(2);
  const { definition, hostKey } = await definitions.create({});
  const codes: unknown[] = [];
  for (const guess of ['a', 'b', 'c', hostKey]) {
    await admission.checkHostKey(ADDRESS, definition, guess).catch((error) => codes.push(error.code));
  }
  expect(codes).toEqual(['wrongPasscode', 'wrongPasscode', 'rateLimited', 'rateLimited']);
  await admission.checkHostKey('192.0.2.2', definition, hostKey);
});

test('changes at the same time are all made, each once', async () => {
  const { definitions } = await start(1);
  const { meeting } = await definitions.create({ title: '' });
  const add = (letter: string) =>
    definitions.change(meeting, (value) => ({ ...value, title: `${value.title}${letter}` }));
  await Promise.all(['a', 'b', 'c'].map(add));
  const { title = '', revision } = (await definitions.find(meeting)) ?? {};
  expect([[...title].sort().join(''), revision]).toEqual(['abc', 4]);
  expect(await definitions.change('99999999999' as MeetingId, (value) => value)).toBeUndefined();
});
