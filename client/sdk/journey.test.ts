/** To a breakout room and back: with the same devices, and nobody lost on the way. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServerMessage } from '../../proto/signalling.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { joined, MeetingLab } from './testing/meeting-lab.ts';

const MAIN = '12345678901';
const ROOM = '20000000000';
const TO_ROOM = { type: 'goTo', meeting: ROOM, name: 'Room 1', pass: 'pass to the room' } as const;
const TO_MAIN = { type: 'goTo', meeting: MAIN, name: 'Tea', pass: 'pass to main' } as const;

let lab: MeetingLab;
let heard: unknown[];

beforeEach(async () => {
  lab = await MeetingLab.enter();
  heard = [];
  lab.meeting.on('going', (going) => heard.push(going));
  lab.meeting.on('place', () => heard.push(`in ${lab.meeting.room ?? 'the meeting'}`));
});

afterEach(() => lab.leave());

/** The order to go has come; the newest socket is that of the other meeting. */
async function enterRoom(): Promise<FakeSocket> {
  const before = FakeSocket.last;
  await lab.say(TO_ROOM);
  await lab.open();
  await lab.answer(joined('ada'));
  FakePeer.last.become('connected');
  return before;
}

test('one leaves the meeting and is in the room, in the meeting for who looks at the page until then', async () => {
  const main = FakeSocket.last;
  await lab.say(TO_ROOM);
  expect(main.sent.map(({ type }) => type)).toEqual(['join', 'leave']);
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: ROOM, pass: 'pass to the room' }]);
  // Its end is to be heard of by the message, which says more than the transport.
  expect(FakePeer.all.map(({ connectionState }) => connectionState)).toEqual(['connected', 'new']);
  expect([lab.meeting.room, lab.meeting.self, lab.ends]).toEqual([undefined, 'ada', []]);
  await lab.answer(joined('ada'));
  expect(heard).toEqual([{ room: 'Room 1' }, 'in Room 1']);
  // The invite is still that of the meeting.
  expect([lab.meeting.id, lab.meeting.passcode]).toEqual([MAIN, 'secret']);
  // What we send is told anew.
  expect(lab.said()).toEqual(['join', 'mute', 'mute', 'mute']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(FakePeer.all.map(({ connectionState }) => connectionState)).toEqual(['closed', 'new']);
});

test('what the meeting that was left still says is not heard', async () => {
  const main = await enterRoom();
  const rosters: unknown[] = [];
  lab.meeting.on('roster', (change) => rosters.push(change));
  main.say({ type: 'left', reason: 'left' });
  main.say({ type: 'roster', changed: [], left: ['ada'] });
  await vi.advanceTimersByTimeAsync(0);
  expect([rosters, lab.ends]).toEqual([[], []]);
});

test('called back, one is in the meeting by the pass that the call brought', async () => {
  await enterRoom();
  await lab.say(TO_MAIN);
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: MAIN, pass: 'pass to main' }]);
  await lab.answer(joined('ada'));
  expect(heard).toEqual([{ room: 'Room 1' }, 'in Room 1', { room: undefined }, 'in the meeting']);
  expect(lab.meeting.room).toBeUndefined();
});

test('one goes back by oneself with the pass that led here', async () => {
  await enterRoom();
  void lab.meeting.goBack();
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: MAIN, pass: 'pass to the room' }]);
  await lab.answer(joined('ada'));
  expect(heard.at(-1)).toBe('in the meeting');
});

test('where the pass counts no more, the passcode lets one back in', async () => {
  await enterRoom();
  void lab.meeting.goBack();
  await lab.open();
  await lab.answer({ type: 'error', code: 'sessionExpired', message: '' });
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: MAIN, passcode: 'secret' }]);
  await lab.answer(joined('ada-2'));
  expect([heard.at(-1), lab.meeting.self]).toEqual(['in the meeting', 'ada-2']);
});

test('a room that lets nobody in sends one back', async () => {
  await lab.say(TO_ROOM);
  await lab.open();
  await lab.answer({ type: 'error', code: 'noSuchMeeting', message: '' });
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: MAIN, pass: 'pass to the room' }]);
  await lab.answer(joined('ada'));
  expect([lab.errors.map(({ code }) => code), lab.ends]).toEqual([['noSuchMeeting'], []]);
  expect(heard).toEqual([{ room: 'Room 1' }, { room: undefined }, 'in the meeting']);
});

test('who is to go on as soon as he is in, goes on', async () => {
  await lab.say(TO_ROOM);
  await lab.open();
  const first = FakeSocket.last;
  const request = first.sent.find((sent) => 'id' in sent);
  if (request === undefined || !('id' in request)) throw new Error('nothing was asked');
  first.say({ ...joined('ada'), id: request.id } as ServerMessage);
  first.say({ ...TO_ROOM, meeting: '30000000000', name: 'Room 2' });
  await vi.advanceTimersByTimeAsync(0);
  expect(first.sent.at(-1)).toEqual({ type: 'leave' });
  await lab.open();
  await lab.answer(joined('ada'));
  expect(heard.filter((each) => typeof each === 'string')).toEqual(['in Room 2']);
});

test('a room that has no place for a moment is tried again', async () => {
  await lab.say(TO_ROOM);
  await lab.open();
  await lab.answer({ type: 'error', code: 'noRouter', message: '', retryAfterMs: 500 });
  await vi.advanceTimersByTimeAsync(500);
  await lab.open();
  await lab.answer(joined('ada'));
  expect([lab.errors, lab.meeting.room]).toEqual([[], 'Room 1']);
});

test('sent to another room on the way, one goes to that one alone', async () => {
  FakeSocket.last.say(TO_ROOM);
  FakeSocket.last.say({ ...TO_ROOM, meeting: '30000000000', name: 'Room 2' });
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: '30000000000' }]);
  await lab.answer(joined('ada'));
  expect(lab.meeting.room).toBe('Room 2');
  // Nobody goes on trying to enter the first one.
  await vi.advanceTimersByTimeAsync(10_000);
  expect(FakeSocket.all.filter(({ sent }) => sent.some((each) => 'meeting' in each && each.meeting === ROOM))).toEqual(
    [],
  );
});

test('a room that ends brings one back; who is removed in it is out', async () => {
  await enterRoom();
  await lab.say({ type: 'left', reason: 'meetingEnded' });
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: MAIN }]);
  await lab.answer(joined('ada'));
  expect([lab.ends, heard.at(-1)]).toEqual([[], 'in the meeting']);
  await enterRoom();
  await lab.say({ type: 'left', reason: 'removed' });
  expect(lab.ends.map((error) => error?.code)).toEqual(['removed']);
});

test('with no way into the room and none back, it is over', async () => {
  await lab.say(TO_ROOM);
  await lab.open();
  await lab.answer({ type: 'error', code: 'noSuchMeeting', message: '' });
  await lab.open();
  await lab.answer({ type: 'error', code: 'noSuchMeeting', message: '' });
  expect(lab.ends.map((error) => error?.code)).toEqual(['noSuchMeeting']);
});

test('leaving on the way ends it', async () => {
  const main = FakeSocket.last;
  await lab.say(TO_ROOM);
  await lab.open();
  lab.meeting.leave();
  await vi.advanceTimersByTimeAsync(30_000);
  expect([main.sent.at(-1), FakeSocket.last.sent.at(-1)]).toEqual([{ type: 'leave' }, { type: 'leave' }]);
  expect([lab.ends, lab.errors]).toEqual([[undefined], []]);
});
