/** What hosts do to us, what we ask for, and what the meeting tells of its state. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SourceKind } from '../../proto/signalling.ts';
import type { MeetingError } from './meeting-error.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { joined, MeetingLab, PLAIN, resumed } from './testing/meeting-lab.ts';

let lab: MeetingLab;

beforeEach(async () => {
  lab = await MeetingLab.enter();
});

afterEach(() => lab.leave());

function track(): MediaStreamTrack {
  const fake = { enabled: true, readyState: 'live', addEventListener: () => undefined, getSettings: () => ({}) };
  const stop = () => {
    fake.readyState = 'ended';
  };
  return Object.assign(fake, { stop }) as unknown as MediaStreamTrack; // as far as LocalSources uses one
}

test('an act is done when the server says so', async () => {
  const done = vi.fn();
  void lab.meeting.act({ type: 'raiseHand' }).then(done);
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeSocket.last.sent.at(-1)).toMatchObject({ type: 'act', act: { type: 'raiseHand' } });
  expect(done).not.toHaveBeenCalled();
  await lab.answer({ type: 'done' });
  expect(done).toHaveBeenCalled();
});

test('a refusal is an error with the words of the server; it ends nothing', async () => {
  const refusal = lab.meeting.act({ type: 'claimHost' }, 'wrong').catch((error: MeetingError) => error);
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeSocket.last.sent.at(-1)).toMatchObject({ act: { type: 'claimHost' }, hostKey: 'wrong' });
  await lab.answer({ type: 'error', code: 'notAllowed', message: 'That host key is not right.' });
  expect(await refusal).toMatchObject({ code: 'notAllowed', message: 'That host key is not right.' });
  expect([lab.errors, lab.ends]).toEqual([[], []]);
});

test.each<[string, () => void, string]>([
  ['the socket dies', () => FakeSocket.last.lose(), 'unreachable'],
  ['one leaves', () => lab.meeting.leave(), 'tryAgain'],
  ['no answer comes', () => undefined, 'timeout'],
])('an act is not left open when %s', async (_, happens, code) => {
  const outcome = lab.meeting.act({ type: 'raiseHand' }).catch((error: MeetingError) => error);
  happens();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await outcome).toMatchObject({ code });
});

test('what a host mutes is off at its source, and told so', async () => {
  const microphone = track();
  await lab.meeting.useDevice('microphone', microphone);
  const heard: SourceKind[] = [];
  lab.meeting.on('mutedByHost', (source) => heard.push(source));
  await lab.say({ type: 'muted', source: 'microphone' });
  expect([heard, lab.meeting.isLive('microphone'), microphone.enabled]).toEqual([['microphone'], false, false]);
  expect(FakePeer.last.transceivers[0]?.sender.track).toBeNull();
  expect(FakeSocket.last.sent.at(-1)).toEqual({ type: 'mute', source: 'microphone', muted: true });
  // Once more is nothing new.
  await lab.say({ type: 'muted', source: 'microphone' });
  expect(heard).toEqual(['microphone']);
});

test('what may not be turned on is not, and a notice says why', async () => {
  const notices: string[] = [];
  lab.meeting.on('notice', (words) => notices.push(words));
  await lab.say({ type: 'state', changes: [{ type: 'settings', settings: { ...PLAIN.settings, unmuteSelf: false } }] });
  await lab.meeting.setMuted('microphone', false);
  expect(notices).toEqual(['The host keeps participants muted. Raise your hand to be asked to speak.']);
  expect(lab.meeting.isLive('microphone')).toBe(false);
});

test('changes, the whole state and a resume each say what was before and is now', async () => {
  const heard: [boolean, boolean][] = [];
  lab.meeting.on('state', ({ before, after }) => heard.push([before.settings.locked, after.settings.locked]));
  const locked = { ...PLAIN.settings, locked: true };
  await lab.say({ type: 'state', changes: [{ type: 'settings', settings: locked }] });
  await lab.say({ type: 'wholeState', state: PLAIN });
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(1_000);
  await lab.open();
  const back = resumed('ada');
  await lab.answer({ ...back, state: { ...PLAIN, settings: locked } } as typeof back);
  expect(heard).toEqual([
    [false, true],
    [true, false],
    [false, true],
  ]);
});

test('roles are known, also our own', async () => {
  expect([lab.meeting.role, lab.meeting.isHost]).toEqual(['participant', false]);
  await lab.say({
    type: 'state',
    changes: [{ type: 'person', person: { participant: 'ada', name: 'Ada', role: 'cohost' } }],
  });
  expect([lab.meeting.role, lab.meeting.isHost]).toEqual(['cohost', true]);
});

test('a new name that a host has given is the one with which we start afresh', async () => {
  await lab.say({
    type: 'roster',
    changed: [{ participant: 'ada', name: 'Ada L.', live: [], connected: true }],
    left: [],
  });
  expect(lab.meeting.name).toBe('Ada L.');
  FakePeer.last.become('failed');
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', name: 'Ada L.' }]);
  await lab.answer(joined('ada-2'));
});

test.each([
  ['removed', 'You were removed from the meeting.'],
  ['meetingEnded', 'The host has ended the meeting for everybody.'],
])('%s is an end with words, and stays one', async (reason, words) => {
  await lab.say({ type: 'left', reason });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(lab.ends.map((error) => error?.message)).toEqual([words]);
  expect(FakeSocket.all).toHaveLength(1);
});

test.each([
  [299_000, '5 minutes'],
  [58_000, '1 minute'],
  [20_000, '1 minute'],
])('that the meeting will be ended in %i ms is said in words', async (leftMs, words) => {
  const heard: string[] = [];
  lab.meeting.on('notice', (notice) => heard.push(notice));
  await lab.say({ type: 'endsSoon', leftMs });
  expect(heard).toEqual([`This meeting will end in ${words}: it may last no longer.`]);
});

test('reactions and questions to unmute are passed on', async () => {
  const heard: unknown[] = [];
  lab.meeting.on('reaction', (reaction) => heard.push(reaction));
  lab.meeting.on('askedToUnmute', (source) => heard.push(source));
  await lab.say({ type: 'reaction', participant: 'bob', emoji: '🎉' });
  await lab.say({ type: 'askedToUnmute', source: 'camera' });
  expect(heard).toEqual([{ participant: 'bob', emoji: '🎉' }, 'camera']);
});
