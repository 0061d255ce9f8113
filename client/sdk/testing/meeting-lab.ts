/** A stay in a meeting whose server and network are the test. Time is Vitest's. */
import { vi } from 'vitest';
import type { MeetingEntry, ServerMessage } from '../../../proto/signalling.ts';
import { Meeting } from '../meeting.ts';
import type { MeetingError } from '../meeting-error.ts';
import { NO_RECORD } from '../meeting-record.ts';
import { FakePeer } from './fake-peer.ts';
import { FakeSocket } from './fake-socket.ts';

type WithoutId<Message> = Message extends { id?: number } ? Omit<Message, 'id'> : never;

export class MeetingLab {
  readonly errors: MeetingError[] = [];
  readonly ends: (MeetingError | undefined)[] = [];
  readonly meeting: Meeting;

  /** Ada is in, her media connected. */
  static async enter(): Promise<MeetingLab> {
    const lab = await MeetingLab.knock();
    await lab.answer(joined('ada'));
    await lab.meeting.entered;
    FakePeer.last.become('connected');
    return lab;
  }

  /** Ada has asked to come in. */
  static async knock(): Promise<MeetingLab> {
    const lab = await MeetingLab.prepare();
    await lab.open();
    return lab;
  }

  /** Ada's socket is not open yet. */
  static async prepare(): Promise<MeetingLab> {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    vi.stubGlobal('window', globalThis);
    vi.stubGlobal('addEventListener', () => undefined);
    vi.stubGlobal('removeEventListener', () => undefined);
    vi.stubGlobal('WebSocket', FakeSocket);
    vi.stubGlobal('fetch', () => Promise.reject(new Error('there is nothing but the socket')));
    vi.stubGlobal('RTCPeerConnection', FakePeer);
    vi.stubGlobal('RTCRtpSender', { getCapabilities: () => null });
    vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => null });
    FakeSocket.all = [];
    FakePeer.all = [];
    return new MeetingLab();
  }

  private constructor() {
    this.meeting = new Meeting({
      url: 'https://zone.example/',
      meeting: '12345678901',
      passcode: 'secret',
      hostKey: undefined,
      pass: undefined,
      name: 'Ada',
      publish: { codec: 'vp8', simulcast: true, scalability: undefined },
      audioSlots: 1,
      videoSlots: 1,
      microphone: undefined,
      camera: undefined,
      notices: [],
    });
    this.meeting.on('error', (error) => this.errors.push(error));
    this.meeting.on('left', ({ error }) => this.ends.push(error));
  }

  leave(): void {
    this.meeting.leave();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  }

  /** The newest socket opens, and everything that follows at once has happened. */
  async open(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
    FakeSocket.last.welcome();
    await vi.advanceTimersByTimeAsync(0);
  }

  /** The server says something, and everything that follows at once has happened. */
  async say(message: ServerMessage): Promise<void> {
    FakeSocket.last.say(message);
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Answers the last request on the newest socket. */
  async answer(message: WithoutId<ServerMessage>): Promise<void> {
    const request = FakeSocket.last.sent.findLast((sent) => 'id' in sent);
    if (request === undefined || !('id' in request)) throw new Error('nothing was asked');
    // The spread loses which kind of message it is; id was all that was missing.
    await this.say({ ...message, id: request.id } as ServerMessage);
  }

  /** What the client said on the newest socket. */
  said(): string[] {
    return FakeSocket.last.sent.map(({ type }) => type);
  }
}

/** A meeting in which nothing has happened. */
export const PLAIN: MeetingEntry = {
  settings: NO_RECORD.settings,
  people: [],
  waiting: [],
  spotlight: [],
  chat: [],
  rooms: [],
};

export function joined(participant: string): WithoutId<ServerMessage> {
  const roster = [{ participant, name: 'Ada', live: [], connected: true }];
  const self = { participant, session: `session of ${participant}` };
  const meeting = { id: '12345678901' };
  return {
    type: 'joined',
    answer: 'sdp',
    self,
    meeting,
    state: PLAIN,
    roster,
    slots: [],
    speakers: [],
    controllers: [],
  };
}

export function resumed(participant: string, controllers: string[] = []): WithoutId<ServerMessage> {
  const roster = [{ participant, name: 'Ada', live: [], connected: true }];
  const self = { participant, session: `session of ${participant}` };
  return { type: 'resumed', self, state: PLAIN, roster, slots: [], speakers: [], controllers };
}
