/** What happens while it is asked whether somebody may come in. The media of those who may is the worker's; here it mostly fails. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { LiveMeeting } from './live-meeting.ts';
import { LiveMeetings } from './live-meetings.ts';
import { MeetingJoins } from './meeting-joins.ts';
import type { ParticipantMedia } from './participant-media.ts';
import type { Joined } from './state/meeting-node.ts';
import { initialState, type MeetingState } from './state/meeting-state.ts';
import { REFUSALS, toError } from './state/refusal.ts';
import type { WorkerPool } from './worker-pool.ts';

const meeting = '12345678901' as MeetingId;
const dan = 'dan' as ParticipantId;

const SOURCES = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
const OFFER = new URL('../sdp/fixtures/chromium-156-join.sdp', import.meta.url);

let meetings: LiveMeetings;
let joins: MeetingJoins;
let state: MeetingState | undefined;
/** The answer of the state, for the test to give. */
let answer: PromiseWithResolvers<Joined>;
let said: string[];
let sent: string[];

beforeEach(() => {
  said = [];
  sent = [];
  state = undefined;
  answer = Promise.withResolvers();
  meetings = new LiveMeetings(
    { send: (_, event) => sent.push(...Object.keys(event)) },
    { changedHere: () => undefined, forgotten: () => said.push('forgotten') },
  );
  const pool = {
    workerFor: () => 0,
    ports: [5_000],
    join: async () => undefined,
    leave: (participant: ParticipantId, cause: string) => said.push(`out ${participant} ${cause}`),
    closeMeeting: () => said.push('unpinned'),
  };
  joins = new MeetingJoins({
    // The cast: no offer of these tests comes further.
    pool: pool as unknown as WorkerPool,
    identity: { fingerprintSha256: new Uint8Array(32), announce: ['192.0.2.1'], iceTcp: true },
    meetings,
    states: {
      open: () => undefined,
      state: () => state,
      join: (_, { participant }) => {
        said.push(`join ${participant}`);
        return answer.promise;
      },
      leave: (_, participant) => said.push(`leave ${participant}`),
    },
    orders: { mute: () => undefined },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

/** What came of it: the code of the error, or the reply. */
async function join(change: { returning?: boolean; maxParticipants?: number; offer?: string } = {}): Promise<string> {
  const { returning = false, maxParticipants = 0, offer = 'none' } = change;
  const entry = { role: 'participant', returning, start: { settings: DEFAULT_SETTINGS }, controller: 'c' } as const;
  const who = { meeting, epoch: 1, participant: dan, name: 'Dan', home: { controller: 'zc-1', attachment: 1 }, entry };
  const media = { offer, sources: SOURCES, muted: [], worker: undefined, audioOnly: false };
  try {
    return JSON.stringify(await joins.join({ ...who, ...media, maxParticipants }));
  } catch (error) {
    return (error as ZonecastError).code;
  }
}

const withDan = (): MeetingState => ({
  ...initialState({ settings: DEFAULT_SETTINGS }, 't'),
  people: new Map([[dan, { name: 'Dan', role: 'host', since: 1 }]]),
});

function live(): LiveMeeting {
  const found = meetings.get(meeting);
  if (found === undefined) throw new Error('no meeting');
  return found;
}

test('who is to wait waits; who asks once more meanwhile is told that he is asking', async () => {
  const first = join();
  expect(await join()).toBe('badMessage');
  answer.resolve('waiting');
  expect(await first).toBe('{"waiting":true}');
  expect([live().isUnused, live().has(dan), said]).toEqual([false, false, ['join dan']]);
});

test('whose media fails has not been there; who was in it before still is', async () => {
  answer.resolve('entered');
  expect(await join()).toBe('badOffer');
  expect(said).toEqual(['join dan', 'unpinned', 'leave dan']);
  said = [];
  expect(await join({ returning: true })).toBe('badOffer');
  state = withDan();
  expect(await join()).toBe('badOffer');
  expect(said).toEqual(['unpinned', 'unpinned']);
  expect(live().isUnused).toBe(true);
});

test('who is still in another meeting here is not in this one, and stays what he is there', async () => {
  const record = { meeting: '10000000000' } as unknown as ParticipantMedia; // nobody looks at more of it
  joins.participants.set(dan, record);
  expect(await join({ returning: true })).toBe('badMessage');
  // Said late, of a stay before.
  joins.forget(live(), dan);
  expect([joins.participants.get(dan) === record, live().isUnused, said]).toEqual([true, true, []]);
});

test('who is let in or refused before he is told to wait never waits', async () => {
  const admitted = join();
  const guest = live().state.guests.get(dan);
  if (guest !== undefined) live().state.guests.admit(guest, 0);
  answer.resolve('waiting');
  // On to his media.
  expect(await admitted).toBe('badOffer');
  answer = Promise.withResolvers();
  const refused = join();
  Object.assign(live().state.guests.get(dan) ?? {}, { verdict: 'refused' });
  answer.resolve('waiting');
  expect(await refused).toBe('notAllowed');
  expect([live().state.guests.isEmpty, sent]).toEqual([true, []]);
});

test('who leaves, or whose meeting is closed, while he is asking is out', async () => {
  const left = join();
  Object.assign(live().state.guests.get(dan) ?? {}, { isGone: true });
  answer.resolve('entered');
  expect(await left).toBe('meetingLost');
  expect([said, live().isUnused]).toEqual([['join dan', 'leave dan'], true]);
  answer = Promise.withResolvers();
  said = [];
  const closed = join();
  live().state.sendGuestsAway('meetingClosed');
  meetings.end(meeting, 1);
  answer.resolve('waiting');
  expect(await closed).toBe('meetingLost');
  expect([meetings.get(meeting), said]).toEqual([undefined, ['join dan', 'forgotten', 'leave dan']]);
});

test('a refusal is the answer, and he who waited before waits no more', async () => {
  const guests = () => live().state.guests;
  answer.resolve('waiting');
  await join();
  answer = Promise.withResolvers();
  const again = join();
  expect([...guests().controllers]).toEqual(['zc-1']);
  answer.reject(toError(REFUSALS.ended));
  expect(await again).toBe('noSuchMeeting');
  expect([guests().isEmpty, said]).toEqual([true, ['join dan', 'join dan', 'leave dan']]);
});

test('a full meeting does not ask', async () => {
  const home = { controller: 'zc-1', attachment: 1 };
  meetings.under(meeting, 1).add('ann' as ParticipantId, { name: 'Ann', sources: [], muted: [], home });
  expect(await join({ maxParticipants: 1 })).toBe('meetingFull');
  expect(said).toEqual([]);
});

test('who is back is in before the state has answered; it is told until it has', async () => {
  vi.useFakeTimers();
  state = withDan();
  const away = answer;
  const back = { returning: true, offer: readFileSync(OFFER, 'utf8') };
  expect(JSON.parse(await join(back))).toHaveProperty('answer');
  expect([live().hasEntered(dan), said]).toEqual([true, ['join dan']]);
  answer = Promise.withResolvers();
  away.reject(toError(REFUSALS.unknown));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(said).toEqual(['join dan', 'join dan']);
  answer.reject(toError(REFUSALS.outside));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said).toEqual(['join dan', 'join dan', 'out dan removed']);
});

test('who is back and gone again before the state has answered is not in it', async () => {
  state = withDan();
  await join({ returning: true, offer: readFileSync(OFFER, 'utf8') });
  joins.forget(live(), dan);
  answer.resolve('entered');
  await vi.waitFor(() => expect(said.at(-1)).toBe('leave dan'));
});
