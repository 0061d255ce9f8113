/** Moves to another router: what is seen stays until it is seen by the new way. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerMessage, SlotEntry } from '../../proto/signalling.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { joined, MeetingLab, resumed } from './testing/meeting-lab.ts';

const BOB: SlotEntry = { mid: '4', participant: 'bob', kind: 'camera' };

let lab: MeetingLab;
let before: FakePeer;

beforeEach(async () => {
  lab = await MeetingLab.enter();
  before = FakePeer.last;
  await lab.say({ type: 'slots', slots: [BOB] });
});

afterEach(() => lab.leave());

/** The server asks for a move and answers the offer. */
async function moved(slots: SlotEntry[] = [BOB]): Promise<FakePeer> {
  await lab.say({ type: 'move', reason: 'drain' });
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots });
  return FakePeer.last;
}

const peerInUse = () => lab.meeting.slots.get('4')?.track;

test('the old connection is shown until the new one shows the same, and is closed after that', async () => {
  const track = peerInUse();
  const next = await moved();
  expect(FakeSocket.last.sent.find(({ type }) => type === 'move')).toMatchObject({
    offer: 'offer 2',
    muted: ['microphone', 'camera', 'screen'],
  });
  next.become('connected');
  await vi.advanceTimersByTimeAsync(500);
  expect(peerInUse()).toBe(track);
  next.pictured.push('4');
  await vi.advanceTimersByTimeAsync(50);
  expect(peerInUse()).not.toBe(track);
  expect([before.connectionState, lab.said().includes('moveDone')]).toEqual(['connected', false]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([before.connectionState, lab.said().at(-1)]).toEqual(['closed', 'moveDone']);
  expect([lab.errors, lab.ends, lab.meeting.self]).toEqual([[], [], 'ada']);
});

test('who is asked right behind the door moves when he is in', async () => {
  lab.leave();
  lab = await MeetingLab.knock();
  const request = FakeSocket.last.sent.find((sent) => 'id' in sent);
  // The spread loses which message it is; id was all that was missing.
  FakeSocket.last.say({ ...joined('ada'), id: request?.id } as ServerMessage);
  FakeSocket.last.say({ type: 'move', reason: 'drain' });
  await vi.advanceTimersByTimeAsync(0);
  expect(lab.said()).toEqual(['join', 'move']);
});

test('who goes to another meeting in the middle of a move is heard to go before media ends', async () => {
  const socket = FakeSocket.last;
  const next = await moved();
  await lab.say({ type: 'goTo', meeting: '98765432109', name: 'Room 1', pass: 'pass' });
  expect(socket.sent.at(-1)).toEqual({ type: 'leave' });
  expect([before.connectionState, next.connectionState]).toEqual(['connected', 'new']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([before.connectionState, next.connectionState]).toEqual(['closed', 'closed']);
});

test('once it was answered, what resumes is the session of the new router', async () => {
  await lab.say({ type: 'move', reason: 'drain' });
  await lab.answer({ type: 'error', code: 'noRouter', message: '', retryAfterMs: 3_000 });
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await lab.open();
  expect(FakeSocket.last.sent).toEqual([{ type: 'resume', id: 3, session: 'session of ada' }]);
  await lab.answer(resumed('ada'));
  await moved();
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await lab.open();
  expect(FakeSocket.last.sent).toEqual([{ type: 'resume', id: 5, session: 'session after' }]);
});

test('a picture that never comes holds the move up for two seconds only', async () => {
  const track = peerInUse();
  (await moved()).become('connected');
  await vi.advanceTimersByTimeAsync(1_900);
  expect(peerInUse()).toBe(track);
  await vi.advanceTimersByTimeAsync(200);
  expect(peerInUse()).not.toBe(track);
});

test('with the old router lost, the new connection is shown as soon as it is up', async () => {
  const track = peerInUse();
  await lab.say({ type: 'move', reason: 'routerLost' });
  before.become('failed');
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [] });
  FakePeer.last.become('connected');
  await vi.advanceTimersByTimeAsync(0);
  expect(peerInUse()).not.toBe(track);
  expect([lab.meeting.connection.media, lab.meeting.self, lab.said().includes('leave')]).toEqual([
    'connected',
    'ada',
    false,
  ]);
});

test('with the old router silent, pictures are waited for only a moment', async () => {
  const track = peerInUse();
  await lab.say({ type: 'move', reason: 'routerLost' });
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [BOB] });
  FakePeer.last.become('connected');
  await vi.advanceTimersByTimeAsync(450);
  expect(peerInUse()).toBe(track);
  await vi.advanceTimersByTimeAsync(100);
  expect(peerInUse()).not.toBe(track);
});

test('the server is told while nothing comes from the router, until it has us moved', async () => {
  const times = () => lab.said().filter((type) => type === 'mediaLost').length;
  FakeSocket.last.isAnswering = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(lab.said()).not.toContain('ping');
  before.isHearing = false;
  await vi.advanceTimersByTimeAsync(1_500);
  // It is asked whether it is there, and is.
  expect([lab.said().includes('ping'), times()]).toEqual([true, 0]);
  await vi.advanceTimersByTimeAsync(400);
  expect(times()).toBe(0);
  await vi.advanceTimersByTimeAsync(1_600);
  expect([times(), FakeSocket.all.length]).toEqual([3, 1]);
  await lab.say({ type: 'move', reason: 'routerLost' });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(times()).toBe(3);
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [] });
  FakePeer.last.become('connected');
  await vi.advanceTimersByTimeAsync(5_000);
  expect([times(), lab.said().at(-1)]).toEqual([3, 'moveDone']);
});

test('nothing is said of media that has never come, or will not come again', async () => {
  before.isHearing = false;
  before.become('failed');
  await lab.open();
  await lab.answer(joined('ada-2'));
  FakePeer.last.isHearing = false;
  await vi.advanceTimersByTimeAsync(9_000);
  expect(lab.said()).not.toContain('mediaLost');
});

test('what slots carry is said of the new connection once it was answered, and shown with it', async () => {
  const next = await moved([]);
  expect(lab.meeting.slotContent('4')?.participant).toBe('bob');
  await lab.say({ type: 'slots', slots: [{ ...BOB, participant: 'cid' }] });
  expect(lab.meeting.slotContent('4')?.participant).toBe('bob');
  next.become('connected');
  await vi.advanceTimersByTimeAsync(2_100);
  expect(lab.meeting.slotContent('4')?.participant).toBe('cid');
});

test('the view is told again to the new router, and a camera that starts meanwhile goes both ways', async () => {
  lab.meeting.view([{ mid: '4', source: 'auto' }]);
  await moved();
  expect(lab.said().slice(-4)).toEqual(['mute', 'mute', 'mute', 'view']);
  const track = Object.assign(new EventTarget(), { enabled: true, stop: () => undefined, getSettings: () => ({}) });
  // Of a MediaStreamTrack, what sources use.
  await lab.meeting.useDevice('camera', track as unknown as MediaStreamTrack);
  expect(FakePeer.all.map((peer) => peer.transceivers[1]?.sender.track)).toEqual([track, track]);
});

test('a server without room for the move is asked again when it said', async () => {
  await lab.say({ type: 'move', reason: 'drain' });
  await lab.answer({ type: 'error', code: 'noRouter', message: '', retryAfterMs: 3_000 });
  expect(FakePeer.last.connectionState).toBe('closed');
  await vi.advanceTimersByTimeAsync(3_000);
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [] });
  FakePeer.last.become('connected');
  await vi.advanceTimersByTimeAsync(3_100);
  expect([lab.said().at(-1), before.connectionState]).toEqual(['moveDone', 'closed']);
});

test('who is asked again, or starts afresh, does not go on with the move of before as well', async () => {
  const refusal = { type: 'error', code: 'noRouter', message: '', retryAfterMs: 3_000 } as const;
  const moves = () => lab.said().filter((type) => type === 'move').length;
  await lab.say({ type: 'move', reason: 'drain' });
  await lab.answer(refusal);
  const next = await moved();
  await vi.advanceTimersByTimeAsync(3_100);
  expect([next.connectionState, moves()]).toEqual(['new', 2]);
  next.become('connected');
  await vi.advanceTimersByTimeAsync(3_100);
  await lab.say({ type: 'move', reason: 'drain' });
  await lab.answer(refusal);
  await lab.say({ type: 'left', reason: 'consentExpired' });
  await lab.open();
  await lab.answer(joined('ada-2'));
  FakePeer.last.become('connected');
  await vi.advanceTimersByTimeAsync(3_100);
  expect([moves(), lab.meeting.self, lab.errors]).toEqual([0, 'ada-2', []]);
});

test('a new connection that never comes up ends in a fresh start', async () => {
  const next = await moved();
  next.become('failed');
  await lab.open();
  await lab.answer(joined('ada-2'));
  FakePeer.last.become('connected');
  expect([lab.meeting.self, lab.meeting.connection.media, lab.errors]).toEqual(['ada-2', 'connected', []]);
});

test('another move takes the place of one that is under way', async () => {
  const first = await moved();
  const second = await moved();
  expect(first.connectionState).toBe('closed');
  second.become('connected');
  await vi.advanceTimersByTimeAsync(3_100);
  expect([before.connectionState, second.connectionState, lab.ends]).toEqual(['closed', 'connected', []]);
});

test('who leaves during a move leaves both connections', async () => {
  const next = await moved();
  lab.meeting.leave();
  expect([before.connectionState, next.connectionState]).toEqual(['closed', 'closed']);
});

describe('with sound only', () => {
  test('one is told, also when there are pictures again', async () => {
    const told: boolean[] = [];
    lab.meeting.on('audioOnly', (isAudioOnly) => told.push(isAudioOnly));
    before.become('failed');
    await lab.open();
    await lab.answer({ ...joined('ada-2'), media: 'audio' } as ReturnType<typeof joined>);
    FakePeer.last.become('connected');
    expect([lab.meeting.isAudioOnly, told]).toEqual([true, [true]]);
    await lab.say({ type: 'move', reason: 'upgrade' });
    await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [] });
    expect([lab.meeting.isAudioOnly, told]).toEqual([false, [true, false]]);
  });

  test('a router that has to let go of us first does not make us somebody else', async () => {
    await lab.say({ type: 'move', reason: 'upgrade' });
    await lab.answer({ type: 'error', code: 'rateLimited', message: '', retryAfterMs: 200 });
    before.become('failed');
    await vi.advanceTimersByTimeAsync(200);
    await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [] });
    FakePeer.last.become('connected');
    await vi.advanceTimersByTimeAsync(3_100);
    expect([lab.meeting.self, lab.meeting.connection.media, lab.said().includes('leave')]).toEqual([
      'ada',
      'connected',
      false,
    ]);
  });
});
