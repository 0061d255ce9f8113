/** Into a meeting from networks that let little through; the server and the network are the test. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AccessEntry, SlotEntry } from '../../../proto/signalling.ts';
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import { MediaConnection, type MediaOptions } from '../media-connection.ts';
import { FakePeer } from '../testing/fake-peer.ts';
import { FakeSocket } from '../testing/fake-socket.ts';
import { joined, MeetingLab } from '../testing/meeting-lab.ts';

/** Carriers that get through to the tunnel. */
let passable: CarrierKind[] = [];
const tunnels: { kind: CarrierKind; isClosed: boolean }[] = [];

vi.mock('./tunnel-entry.ts', () => ({
  TunnelEntry: {
    open: async (_urls: string[], ticket: string, kind: CarrierKind) => {
      if (!passable.includes(kind) || ticket !== 'ticket') throw new Error('the WebSocket was closed (1006)');
      const entry = { kind, isClosed: false };
      tunnels.push(entry);
      return {
        kind,
        isOpen: true,
        connect: (options: MediaOptions) => new MediaConnection(options),
        close: () => {
          entry.isClosed = true;
        },
      };
    },
  },
}));

const TURN = { urls: ['turns:zone.example:443?transport=tcp'], username: 'ada', credential: 'secret' };
const RELAYED = { candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' };
const BOB: SlotEntry = { mid: '4', participant: 'bob', kind: 'camera' };
let lab: MeetingLab;
/** Whether routers answer checks by UDP. */
let isUdpOpen = false;
const asked: string[] = [];

vi.mock('./probe-udp.ts', () => ({
  reachesByUdp: async (url: string) => {
    asked.push(url);
    return isUdpOpen;
  },
}));

beforeEach(() => {
  passable = [];
  tunnels.length = 0;
  asked.length = 0;
  isUdpOpen = false;
});

afterEach(() => lab.leave());

/** Ada is in, and nothing of her media has come. */
async function enter(parts: Partial<AccessEntry> = {}): Promise<void> {
  lab = await MeetingLab.knock();
  const access: AccessEntry = {
    turn: [{ ...TURN, expiresMs: Date.now() + 3_600_000 }],
    tunnels: ['https://tunnel.example'],
    ticket: 'ticket',
    ...parts,
  };
  await lab.answer({ ...joined('ada'), access } as ReturnType<typeof joined>);
  await lab.meeting.entered;
  FakeSocket.last.isAnswering = true;
}

async function answerMove(): Promise<void> {
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [BOB] });
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const moves = () => FakeSocket.last.sent.filter(({ type }) => type === 'move');
const wayIns = () => FakeSocket.last.sent.filter(({ type }) => type === 'wayIn');

test('on a good network there is one connection, and nothing else is asked for', async () => {
  await enter();
  await pass(600);
  FakePeer.last.become('connected');
  await pass(120_000);
  expect([FakePeer.all.length, moves(), asked, tunnels]).toEqual([1, [], [], []]);
  expect(wayIns()).toEqual([{ type: 'wayIn', rung: 'udp', tried: [] }]);
});

test('without tunnels, all is as it was', async () => {
  lab = await MeetingLab.knock();
  await lab.answer(joined('ada'));
  FakeSocket.last.isAnswering = true;
  await pass(8_000);
  FakePeer.last.become('connected');
  await pass(60_000);
  expect([FakePeer.all.length, lab.said(), asked]).toEqual([1, expect.not.arrayContaining(['move', 'wayIn']), []]);
});

test('where UDP does not come back, a relay is tried beside it and taken', async () => {
  await enter({ tunnels: [] });
  await pass(600);
  expect(FakePeer.all.length).toBe(1);
  await pass(150);
  const [before, relayed] = FakePeer.all;
  expect([before?.iceServers, relayed?.iceServers]).toEqual([[], [TURN]]);
  expect(moves()).toMatchObject([{ offer: 'offer 2', why: 'path' }]);
  await answerMove();
  Object.assign(relayed ?? {}, { local: RELAYED });
  relayed?.become('connected');
  await pass(0);
  expect([lab.meeting.slotContent('4')?.participant, lab.meeting.connection.media]).toEqual(['bob', 'connected']);
  await pass(1_000);
  expect([before?.connectionState, lab.said().includes('moveDone')]).toEqual(['closed', true]);
  expect(wayIns()).toMatchObject([{ rung: 'turnTls', tried: [{ rung: 'udp', why: 'another way was faster' }] }]);
  expect([lab.errors, lab.ends]).toEqual([[], []]);
});

test('a tunnel that answers takes the place of a relay that does not', async () => {
  passable = ['httpStream'];
  await enter();
  await pass(800);
  await answerMove();
  await pass(2_300);
  expect(tunnels).toEqual([{ kind: 'httpStream', isClosed: false }]);
  await answerMove();
  FakePeer.last.become('connected');
  await pass(2_000);
  expect(FakePeer.all.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed', 'connected']);
  expect(wayIns()).toMatchObject([
    {
      rung: 'httpStream',
      tried: [
        { rung: 'udp' },
        { rung: 'turnTls', why: 'another way was faster' },
        { rung: 'webSocket', why: 'the WebSocket was closed (1006)' },
      ],
    },
  ]);
  expect([tunnels.length, lab.meeting.wayIn?.rung]).toEqual([1, 'httpStream']);
});

test('a fresh start waits until everything was tried', async () => {
  await enter();
  await pass(800);
  FakePeer.all[0]?.become('failed');
  await answerMove();
  await pass(3_000);
  expect(lab.said()).not.toContain('leave');
  FakePeer.last.become('failed');
  await pass(4_000);
  await lab.open();
  await lab.answer(joined('ada-2'));
  FakePeer.last.become('connected');
  await pass(0);
  expect([lab.meeting.self, lab.meeting.connection.media, lab.ends]).toEqual(['ada-2', 'connected', []]);
});

describe('in a meeting by a tunnel', () => {
  beforeEach(async () => {
    passable = ['webSocket'];
    await enter({ turn: [] });
    await pass(2_100);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(2_000);
  });

  test('UDP is taken again as soon as it is open', async () => {
    await pass(60_000);
    expect([asked.length, moves().length]).toEqual([2, 1]);
    isUdpOpen = true;
    await pass(30_000);
    expect(moves().length).toBe(2);
    await answerMove();
    const [, byTunnel, direct] = FakePeer.all;
    direct?.become('connected');
    direct?.pictured.push('4');
    await pass(3_100);
    expect([byTunnel?.connectionState, direct?.connectionState]).toEqual(['closed', 'connected']);
    expect([lab.meeting.wayIn, tunnels]).toEqual([{ rung: 'udp', tried: [] }, [{ kind: 'webSocket', isClosed: true }]]);
    await pass(120_000);
    expect(asked.length).toBe(3);
  });

  test('UDP that only seemed open leaves all as it is', async () => {
    isUdpOpen = true;
    await pass(30_000);
    await answerMove();
    await pass(11_000);
    expect([lab.meeting.wayIn?.rung, lab.meeting.connection.media, lab.errors]).toEqual(['webSocket', 'connected', []]);
    expect(FakePeer.all.map(({ connectionState }) => connectionState)).toEqual(['closed', 'connected', 'closed']);
    expect([lab.said().includes('leave'), tunnels[0]?.isClosed]).toEqual([false, false]);
  });

  test('a move that the server wants goes by the tunnel, too', async () => {
    await lab.say({ type: 'move', reason: 'drain' });
    await answerMove();
    FakePeer.last.become('connected');
    await pass(4_000);
    expect([FakePeer.all.length, lab.meeting.wayIn?.rung, tunnels[0]?.isClosed]).toEqual([3, 'webSocket', false]);
  });
});

test('when UDP dies in the middle, media goes by a relay, as the same participant', async () => {
  await enter();
  FakePeer.last.become('connected');
  await pass(5_000);
  FakePeer.last.isHearing = false;
  await pass(2_700);
  expect(asked).toEqual(['https://zone.example/v1/signalling']);
  expect(FakePeer.last.iceServers).toEqual([TURN]);
  await answerMove();
  Object.assign(FakePeer.last, { local: RELAYED });
  FakePeer.last.become('connected');
  await pass(3_000);
  expect([lab.meeting.wayIn?.rung, lab.meeting.self, lab.said().includes('leave')]).toEqual(['turnTls', 'ada', false]);
});
