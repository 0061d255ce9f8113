/** Staying in: what is lost is put right without a word to the person, or ends with one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServerMessage } from '../../proto/signalling.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { joined, MeetingLab, PLAIN } from './testing/meeting-lab.ts';

let lab: MeetingLab;

beforeEach(async () => {
  lab = await MeetingLab.enter();
});

afterEach(() => lab.leave());

test('a meeting that was lost is joined again without asking the person to', async () => {
  FakeSocket.last.say({ type: 'error', code: 'meetingLost', message: 'Join again.', retryAfterMs: 0 });
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: '12345678901', offer: 'offer 2' }]);
  await lab.answer(joined('ada-2'));
  FakePeer.last.become('connected');
  expect([lab.errors, lab.ends, lab.meeting.self]).toEqual([[], [], 'ada-2']);
  expect(lab.meeting.connection).toEqual({ signalling: 'open', media: 'connected' });
});

test('an address that is none is nowhere to go, and breaks nothing', async () => {
  await lab.say({ type: 'controllers', controllers: ['no address', 'https://other.example'] });
  await lab.say({ type: 'transfer', zone: 'b', urls: ['::'], reason: 'zoneDrained' });
  FakeSocket.last.lose(4001);
  await vi.advanceTimersByTimeAsync(200);
  expect(FakeSocket.all.map(({ url }) => new URL(url).host)).toEqual(['zone.example', 'other.example']);
});

test('which encodings anybody needs reaches the sender; a fresh start knows nothing of it', async () => {
  const camera = () => FakePeer.last.transceivers[1]?.sender.parameters.encodings.map(({ active }) => active);
  expect(camera()).toEqual([true, true, true]);
  const encodings = [
    { rid: 'l', active: true },
    { rid: 'm', active: true },
    { rid: 'h', active: false },
  ];
  FakeSocket.last.say({ type: 'encodings', source: 'camera', encodings });
  await vi.advanceTimersByTimeAsync(0);
  expect(camera()).toEqual([true, true, false]);
  FakePeer.last.become('failed');
  await lab.open();
  await lab.answer(joined('ada-2'));
  expect(camera()).toEqual([true, true, true]);
});

test('after a resume all is as the server knows it: who speaks, what is wanted of the camera, how connections are', async () => {
  const camera = () => FakePeer.last.transceivers[1]?.sender.parameters.encodings.map(({ active }) => active);
  const say = async (active: boolean, uplink: number) => {
    FakeSocket.last.say({ type: 'encodings', source: 'camera', encodings: [{ rid: 'h', active }] });
    FakeSocket.last.say({ type: 'quality', qualities: [{ participant: 'bob', uplink }] });
    await vi.advanceTimersByTimeAsync(0);
  };
  FakeSocket.last.say({ type: 'speakers', speakers: ['ada', 'bob'] });
  await say(false, 95);
  expect([camera(), lab.meeting.speakers]).toEqual([
    [true, true, false],
    ['ada', 'bob'],
  ]);
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await lab.open();
  const heard: unknown[] = [];
  lab.meeting.on('speakers', (speakers) => heard.push(speakers));
  const { self, slots } = joined('ada') as Extract<ServerMessage, { type: 'joined' }>;
  const roster = ['ada', 'bob'].map((participant) => ({ participant, name: participant, live: [], connected: true }));
  await lab.answer({ type: 'resumed', self, state: PLAIN, roster, slots, speakers: ['bob'], controllers: [] });
  await say(true, 20);
  expect(heard).toEqual([['bob']]);
  expect(camera()).toEqual([true, true, true]);
  expect(lab.meeting.qualityOf('bob')).toEqual({ uplink: 20, downlink: undefined });
  expect(FakePeer.all).toHaveLength(1);
});

test('connections and suspended pictures are known to the page until they are told anew', async () => {
  const heard: unknown[] = [];
  lab.meeting.on('quality', (participants) => heard.push(participants));
  FakeSocket.last.say({ type: 'quality', qualities: [{ participant: 'ada', uplink: 90 }] });
  expect(heard).toEqual([['ada']]);
  expect(lab.meeting.qualityOf('ada')).toEqual({ uplink: 90, downlink: undefined });
  const slot = { mid: '4', participant: 'bob', kind: 'camera' } as const;
  FakeSocket.last.say({ type: 'slots', slots: [{ ...slot, suspended: true }] });
  expect([lab.meeting.isSuspended('bob', 'camera'), lab.meeting.isSuspended('bob', 'screen')]).toEqual([true, false]);
  FakeSocket.last.say({ type: 'slots', slots: [slot] });
  expect(lab.meeting.isSuspended('bob', 'camera')).toBe(false);
  FakePeer.last.become('failed');
  await lab.open();
  await lab.answer(joined('ada-2'));
  expect(lab.meeting.qualityOf('ada')).toBeUndefined();
});

test('who starts afresh after lost media leaves as whom they were', async () => {
  const before = FakeSocket.last;
  FakePeer.last.become('failed');
  expect(before.sent.at(-1)).toEqual({ type: 'leave' });
  await lab.open();
  expect(lab.said()).toEqual(['join']);
  await lab.answer(joined('ada-2'));
  expect([lab.errors, lab.ends]).toEqual([[], []]);
});

test('a server that was started anew does not know session and meeting: the stay ends with words', async () => {
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume', session: 'session of ada' }]);
  await lab.answer({ type: 'error', code: 'sessionExpired', message: '' });
  await lab.open();
  expect(lab.said()).toEqual(['join']);
  await lab.answer({ type: 'error', code: 'noSuchMeeting', message: '' });
  expect(lab.errors).toEqual([]);
  expect(lab.ends.map((error) => error?.message)).toEqual([
    'The meeting has ended. Start a new one, or ask for another invite.',
  ]);
});

test('who is removed is told so, and does not come back by himself', async () => {
  await lab.say({ type: 'left', reason: 'kicked' });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(lab.ends.map((error) => error?.message)).toEqual(['You were removed from the meeting.']);
  expect(FakeSocket.all).toHaveLength(1);
});

test('a full meeting that we fell out of is tried again, and said to be full', async () => {
  FakeSocket.last.say({ type: 'left', reason: 'consentExpired' });
  await lab.open();
  await lab.answer({ type: 'error', code: 'meetingFull', message: '' });
  expect(lab.errors.map(({ code }) => code)).toEqual(['meetingFull']);
  await vi.advanceTimersByTimeAsync(200);
  await lab.open();
  await lab.answer(joined('ada-2'));
  expect([lab.ends, lab.meeting.self]).toEqual([[], 'ada-2']);
});

/** Media fails so often, and we are let in again each time. */
async function failAgain(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    FakePeer.last.become('failed');
    // As long as the pause is, and not as long as a socket may be silent.
    await vi.advanceTimersByTimeAsync(Math.min(10_000, 1_000 * round));
    if (lab.ends.length > 0) break;
    await lab.open();
    await lab.answer(joined(`ada-${round}`));
  }
}

test('media that never comes through ends with words about the network, not in a loop', async () => {
  lab.leave();
  lab = await MeetingLab.knock();
  await lab.answer(joined('ada'));
  await failAgain(5);
  expect(lab.ends.map((error) => error?.code)).toEqual(['noMedia']);
  expect(FakePeer.all.every(({ connectionState }) => connectionState === 'closed')).toBe(true);
});

test('who had media once is not thrown out so soon', async () => {
  await failAgain(20);
  expect([lab.ends, lab.meeting.self]).toEqual([[], 'ada-19']);
  FakePeer.last.become('connected');
  await vi.advanceTimersByTimeAsync(0);
  expect(lab.meeting.connection.media).toBe('connected');
  await failAgain(40);
  expect(lab.ends.map((error) => error?.code)).toEqual(['noMedia']);
});
