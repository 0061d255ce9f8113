/** Staying in: what is lost is put right without a word to the person, or ends with one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServerMessage } from '../../proto/signalling.ts';
import { Meeting } from './meeting.ts';
import type { MeetingError } from './meeting-error.ts';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';

let meeting: Meeting;
const errors: MeetingError[] = [];
const ends: (MeetingError | undefined)[] = [];

beforeEach(async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('RTCRtpSender', { getCapabilities: () => null });
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => null });
  FakeSocket.all = [];
  FakePeer.all = [];
  errors.length = 0;
  ends.length = 0;
  meeting = new Meeting({
    url: 'https://zone.example/',
    meeting: '12345678901',
    passcode: 'secret',
    name: 'Ada',
    publish: { codec: 'vp8', simulcast: true, scalability: undefined },
    audioSlots: 1,
    videoSlots: 1,
    microphone: undefined,
    camera: undefined,
    notices: [],
  });
  meeting.on('error', (error) => errors.push(error));
  meeting.on('left', ({ error }) => ends.push(error));
  await open();
  await answer(joined('ada'));
  await meeting.entered;
  FakePeer.last.become('connected');
});

afterEach(() => {
  meeting.leave();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type WithoutId<Message> = Message extends { id?: number } ? Omit<Message, 'id'> : never;

function joined(participant: string): WithoutId<ServerMessage> {
  const roster = [{ participant, name: 'Ada', live: [], connected: true }];
  const self = { participant, session: `session of ${participant}` };
  return { type: 'joined', answer: 'sdp', self, meeting: { id: '12345678901' }, roster, slots: [], speakers: [] };
}

/** The newest socket opens, and everything that follows at once has happened. */
async function open(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.last.open();
  await vi.advanceTimersByTimeAsync(0);
}

/** Answers the last request on the newest socket. */
async function answer(message: WithoutId<ServerMessage>): Promise<void> {
  const request = FakeSocket.last.sent.findLast((sent) => 'id' in sent);
  if (request === undefined || !('id' in request)) throw new Error('nothing was asked');
  // The spread loses which kind of message it is; id was all that was missing.
  FakeSocket.last.say({ ...message, id: request.id } as ServerMessage);
  await vi.advanceTimersByTimeAsync(0);
}

function asked(): unknown[] {
  return FakeSocket.last.sent.map(({ type }) => type);
}

test('a meeting that was lost is joined again without asking the person to', async () => {
  FakeSocket.last.say({ type: 'error', code: 'meetingLost', message: 'Join again.', retryAfterMs: 0 });
  await open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', meeting: '12345678901', offer: 'offer 2' }]);
  await answer(joined('ada-2'));
  FakePeer.last.become('connected');
  expect([errors, ends, meeting.self]).toEqual([[], [], 'ada-2']);
  expect(meeting.connection).toEqual({ signalling: 'open', media: 'connected' });
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
  await open();
  await answer(joined('ada-2'));
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
  expect([camera(), meeting.speakers]).toEqual([
    [true, true, false],
    ['ada', 'bob'],
  ]);
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await open();
  const heard: unknown[] = [];
  meeting.on('speakers', (speakers) => heard.push(speakers));
  const { self, slots } = joined('ada') as Extract<ServerMessage, { type: 'joined' }>;
  const roster = ['ada', 'bob'].map((participant) => ({ participant, name: participant, live: [], connected: true }));
  await answer({ type: 'resumed', self, roster, slots, speakers: ['bob'] });
  await say(true, 20);
  expect(heard).toEqual([['bob']]);
  expect(camera()).toEqual([true, true, true]);
  expect(meeting.qualityOf('bob')).toEqual({ uplink: 20, downlink: undefined });
  expect(FakePeer.all).toHaveLength(1);
});

test('connections and suspended pictures are known to the page until they are told anew', async () => {
  const heard: unknown[] = [];
  meeting.on('quality', (participants) => heard.push(participants));
  FakeSocket.last.say({ type: 'quality', qualities: [{ participant: 'ada', uplink: 90 }] });
  expect(heard).toEqual([['ada']]);
  expect(meeting.qualityOf('ada')).toEqual({ uplink: 90, downlink: undefined });
  const slot = { mid: '4', participant: 'bob', kind: 'camera' } as const;
  FakeSocket.last.say({ type: 'slots', slots: [{ ...slot, suspended: true }] });
  expect([meeting.isSuspended('bob', 'camera'), meeting.isSuspended('bob', 'screen')]).toEqual([true, false]);
  FakeSocket.last.say({ type: 'slots', slots: [slot] });
  expect(meeting.isSuspended('bob', 'camera')).toBe(false);
  FakePeer.last.become('failed');
  await open();
  await answer(joined('ada-2'));
  expect(meeting.qualityOf('ada')).toBeUndefined();
});

test('who starts afresh after lost media leaves as whom they were', async () => {
  const before = FakeSocket.last;
  FakePeer.last.become('failed');
  expect(before.sent.at(-1)).toEqual({ type: 'leave' });
  await open();
  expect(asked()).toEqual(['join']);
  await answer(joined('ada-2'));
  expect([errors, ends]).toEqual([[], []]);
});

test('a server that was started anew does not know session and meeting: the stay ends with words', async () => {
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(200);
  await open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume', session: 'session of ada' }]);
  await answer({ type: 'error', code: 'sessionExpired', message: '' });
  await open();
  expect(asked()).toEqual(['join']);
  await answer({ type: 'error', code: 'noSuchMeeting', message: '' });
  expect(errors).toEqual([]);
  expect(ends.map((error) => error?.message)).toEqual([
    'The meeting has ended. Start a new one, or ask for another invite.',
  ]);
});

test('a full meeting that we fell out of is tried again, and said to be full', async () => {
  FakeSocket.last.say({ type: 'left', reason: 'consentExpired' });
  await open();
  await answer({ type: 'error', code: 'meetingFull', message: '' });
  expect(errors.map(({ code }) => code)).toEqual(['meetingFull']);
  await vi.advanceTimersByTimeAsync(200);
  await open();
  await answer(joined('ada-2'));
  expect([ends, meeting.self]).toEqual([[], 'ada-2']);
});

test('media that never comes through ends with words about the network, not in a loop', async () => {
  for (let round = 0; round < 5; round++) {
    FakePeer.last.become('failed');
    await vi.advanceTimersByTimeAsync(3_000);
    if (ends.length > 0) break;
    await open();
    await answer(joined(`ada-${round}`));
  }
  expect(ends.map((error) => error?.code)).toEqual(['noMedia']);
  expect(FakePeer.all.every(({ connectionState }) => connectionState === 'closed')).toBe(true);
});
