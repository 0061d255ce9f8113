/** From a zone that is to be empty to another: nothing is lost on the way, and nothing when the way leads nowhere. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SlotEntry } from '../../proto/signalling.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { MeetingLab, PLAIN } from './testing/meeting-lab.ts';

const BOB: SlotEntry = { mid: '4', participant: 'bob', kind: 'camera' };
const entry = (participant: string) => ({ participant, name: participant, live: [], connected: true });

let lab: MeetingLab;
let oldSocket: FakeSocket;
let oldPeer: FakePeer;

beforeEach(async () => {
  lab = await MeetingLab.enter();
  oldSocket = FakeSocket.last;
  oldPeer = FakePeer.last;
  await lab.say({ type: 'roster', changed: [entry('bob')], left: [] });
  await lab.say({ type: 'slots', slots: [BOB] });
  oldSocket.say({ type: 'transfer', zone: 'b', urls: ['https://b.example'], reason: 'zoneDrained' });
  await lab.open();
});

afterEach(() => lab.leave());

const track = () => lab.meeting.slots.get('4')?.track;
const names = () => lab.meeting.others.map(({ participant }) => participant);
const isLeft = () => oldSocket.sent.some(({ type }) => type === 'leave');

/** The new zone takes him in and asks for his media; of the others it knows nothing yet. */
async function resumeThere(): Promise<FakePeer> {
  const self = { participant: 'ada', session: 'session of ada' };
  const roster = [entry('ada')];
  await lab.answer({ type: 'resumed', self, state: PLAIN, roster, slots: [], speakers: [], controllers: [] });
  await lab.say({ type: 'move', reason: 'zoneDrained' });
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session there', slots: [] });
  FakePeer.last.become('connected');
  return FakePeer.last;
}

test('the old zone is shown until the new one has everybody and every picture, then it is left', async () => {
  expect(FakeSocket.last.url).toContain('b.example');
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume', session: 'session of ada' }]);
  const shown = track();
  const next = await resumeThere();
  await vi.advanceTimersByTimeAsync(3_000);
  // Nobody has left, as far as the page knows.
  expect([track(), names()]).toEqual([shown, ['bob']]);
  next.pictured.push('4');
  await lab.say({ type: 'slots', slots: [BOB] });
  await vi.advanceTimersByTimeAsync(500);
  expect(track()).toBe(shown);
  await lab.say({ type: 'roster', changed: [entry('bob')], left: [] });
  await vi.advanceTimersByTimeAsync(50);
  expect(track()).not.toBe(shown);
  expect([names(), oldPeer.connectionState, isLeft()]).toEqual([['bob'], 'connected', false]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([oldPeer.connectionState, isLeft(), oldSocket.readyState]).toEqual(['closed', true, 3]);
  expect(FakeSocket.last.sent.at(-1)).toEqual({ type: 'moveDone' });
  expect([lab.errors, lab.ends, lab.meeting.self]).toEqual([[], [], 'ada']);
  // What comes back does so there, by the session of there.
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await lab.open();
  expect(FakeSocket.last.url).toContain('b.example');
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume', session: 'session there' }]);
});

test('who leaves meanwhile is waited for no longer, and what is done is told to both zones', async () => {
  const next = await resumeThere();
  lab.meeting.view([{ mid: '4', source: 'off' }]);
  expect(oldSocket.sent.at(-1)).toMatchObject({ type: 'view' });
  expect(FakeSocket.last.sent.at(-1)).toMatchObject({ type: 'view' });
  const shown = track();
  oldSocket.say({ type: 'roster', changed: [], left: ['bob'] });
  await vi.advanceTimersByTimeAsync(50);
  expect([track() === shown, names(), next.connectionState]).toEqual([false, [], 'connected']);
});

test('what the new zone has said meanwhile holds from then on', async () => {
  const next = await resumeThere();
  await lab.say({ type: 'speakers', speakers: ['bob'] });
  await lab.say({ type: 'roster', changed: [entry('bob'), entry('cid')], left: [] });
  expect([names(), lab.meeting.speakers]).toEqual([['bob'], []]);
  next.pictured.push('4');
  await lab.say({ type: 'slots', slots: [BOB] });
  await vi.advanceTimersByTimeAsync(50);
  expect([names().toSorted(), lab.meeting.speakers]).toEqual([['bob', 'cid'], ['bob']]);
  oldSocket.say({ type: 'roster', changed: [], left: ['cid'] });
  await vi.advanceTimersByTimeAsync(0);
  expect(names().toSorted()).toEqual(['bob', 'cid']);
});

test.each<[string, () => Promise<void>]>([
  ['it cannot be reached', async () => FakeSocket.last.lose()],
  ['it refuses', () => lab.answer({ type: 'error', code: 'noRouter', message: '' })],
  [
    'it sends him on',
    () => lab.answer({ type: 'redirect', zone: 'c', urls: ['https://c.example'], reason: '', tried: [] }),
  ],
  ['it never answers', async () => void (await vi.advanceTimersByTimeAsync(10_000))],
])('when %s, all stays as it was, and the next request is followed', async (_, act) => {
  const shown = track();
  await act();
  await vi.advanceTimersByTimeAsync(5_000);
  expect([track(), names(), isLeft(), FakePeer.all.length]).toEqual([shown, ['bob'], false, 1]);
  expect([lab.errors, lab.ends]).toEqual([[], []]);
  const sockets = FakeSocket.all.length;
  oldSocket.say({ type: 'transfer', zone: 'b', urls: ['https://b.example'], reason: 'zoneDrained' });
  await lab.open();
  expect(FakeSocket.all).toHaveLength(sockets + 1);
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume' }]);
});

test('when no media gets there, the old way stays', async () => {
  const shown = track();
  await resumeThere();
  FakePeer.last.become('failed');
  await vi.advanceTimersByTimeAsync(50);
  expect([track(), oldPeer.connectionState, isLeft(), lab.ends]).toEqual([shown, 'connected', false, []]);
  expect(FakeSocket.last.readyState).toBe(3);
});

test('who leaves leaves both', async () => {
  await resumeThere();
  const there = FakeSocket.last;
  lab.meeting.leave();
  expect([isLeft(), there.sent.at(-1)]).toEqual([true, { type: 'leave' }]);
  expect([oldSocket.readyState, there.readyState]).toEqual([3, 3]);
});
