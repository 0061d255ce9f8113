/** Before a host lets one in: the door is watched, also over a lost WebSocket, and one may go away from it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MeetingError } from './meeting-error.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { joined, MeetingLab } from './testing/meeting-lab.ts';

const WAITING = {
  type: 'waiting',
  participant: 'ada',
  pass: 'pass of ada',
  reason: 'waitingRoom',
  meeting: { id: '12345678901', title: 'Tea' },
} as const;

let lab: MeetingLab;
let outcome: string | undefined;
const notices: unknown[] = [];

beforeEach(async () => {
  lab = await MeetingLab.knock();
  outcome = undefined;
  notices.length = 0;
  lab.meeting.on('waiting', (notice) => notices.push(notice));
  lab.meeting.entered.then(
    () => {
      outcome = 'inside';
    },
    (error: MeetingError) => {
      outcome = error.code;
    },
  );
  await lab.answer(WAITING);
});

afterEach(() => lab.leave());

/** Says something under the number of the join. */
async function sayToJoin(message: Parameters<MeetingLab['answer']>[0]): Promise<void> {
  await lab.answer(message);
}

test('one waits with a reason, then is in without another request', async () => {
  expect(notices).toEqual([{ reason: 'waitingRoom', title: 'Tea' }]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(outcome).toBeUndefined();
  await sayToJoin(joined('ada'));
  FakePeer.last.become('connected');
  expect([outcome, lab.meeting.self]).toEqual(['inside', 'ada']);
  expect(lab.meeting.connection).toEqual({ signalling: 'open', media: 'connected' });
  expect(lab.said().filter((type) => type !== 'ping')).toEqual(['join']);
});

test('a lost WebSocket keeps the place: one asks again by the pass, with the same offer', async () => {
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(1_000);
  await lab.open();
  const [again] = FakeSocket.last.sent;
  expect(again).toMatchObject({ type: 'join', pass: 'pass of ada', offer: 'offer 1' });
  expect(again).not.toHaveProperty('passcode');
  await sayToJoin(joined('ada'));
  expect(outcome).toBe('inside');
});

test('a pass that is too old is no end: one asks with the passcode', async () => {
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(1_000);
  await lab.open();
  await lab.answer({ type: 'error', code: 'sessionExpired', message: '' });
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', passcode: 'secret' }]);
  expect(FakeSocket.last.sent[0]).not.toHaveProperty('pass');
  await sayToJoin(joined('ada'));
  expect(outcome).toBe('inside');
});

test.each([
  ['refused', 'refused'],
  ['meetingEnded', 'meetingEnded'],
] as const)('%s while waiting is a clear end', async (reason, code) => {
  await lab.say({ type: 'left', reason });
  expect([outcome, lab.ends]).toEqual([code, []]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(FakeSocket.all).toHaveLength(1);
});

test('a meeting that was locked meanwhile says so in the words of the server', async () => {
  const failure = expect(lab.meeting.entered).rejects.toThrow('The meeting is locked.');
  await sayToJoin({ type: 'error', code: 'notAllowed', message: 'The meeting is locked.' });
  await failure;
});

test('waiting can be given up; the devices stay with whoever brought them', async () => {
  lab.meeting.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect([outcome, lab.ends, lab.said().at(-1)]).toEqual(['givenUp', [], 'leave']);
});

test('who starts afresh may have to wait again, and is told by the connection', async () => {
  await sayToJoin(joined('ada'));
  FakePeer.last.become('failed');
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', passcode: 'secret' }]);
  await lab.answer({ ...WAITING, participant: 'ada-2', pass: 'pass of ada-2' });
  expect(lab.meeting.connection.signalling).toBe('waiting');
  // That signal is for who has not been in.
  expect(notices).toHaveLength(1);
  await sayToJoin(joined('ada-2'));
  expect([lab.meeting.connection.signalling, lab.meeting.self, lab.ends]).toEqual(['open', 'ada-2', []]);
});
