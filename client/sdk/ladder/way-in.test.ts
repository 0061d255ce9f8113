/** Into a meeting from networks that let little through; the server and the network are the test. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AccessEntry, SlotEntry, VisitorAccess } from '../../../proto/signalling.ts';
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import { MediaConnection, type MediaOptions } from '../media-connection.ts';
import { FakePeer } from '../testing/fake-peer.ts';
import { FakeSocket } from '../testing/fake-socket.ts';
import { joined, MeetingLab, resumed } from '../testing/meeting-lab.ts';

/** A session with a tunnel, as far as it is asked for anything. */
class FakeEntry {
  static all: FakeEntry[] = [];
  /** Carriers that get through to a tunnel. */
  static passable: CarrierKind[] = [];
  readonly kind: CarrierKind;
  readonly url: string | undefined;
  isOpen = true;
  onMove: (() => void) | undefined;
  #holders = 0;
  /** Of connections made by it. */
  connections = 0;
  hasSignalling = false;

  static async open({ tunnels, ticket }: VisitorAccess, kinds: readonly CarrierKind[]): Promise<FakeEntry> {
    const kind = kinds.find((each) => FakeEntry.passable.includes(each));
    if (kind === undefined || ticket !== 'ticket') throw new Error('the WebSocket was closed (1006)');
    return new FakeEntry(kind, tunnels[0]);
  }

  constructor(kind: CarrierKind, url: string | undefined) {
    this.kind = kind;
    this.url = url;
    FakeEntry.all.push(this);
  }

  get isFree(): boolean {
    return this.isOpen;
  }

  hold(): () => void {
    this.#holders++;
    return () => {
      if (--this.#holders === 0) this.isOpen = false;
    };
  }

  async loadMedia(): Promise<void> {}

  connect(options: MediaOptions): MediaConnection {
    this.connections++;
    return new MediaConnection(options);
  }

  openSignalling(): FakeSocket | undefined {
    if (this.hasSignalling) return undefined;
    this.hasSignalling = true;
    return new FakeSocket('by a tunnel');
  }
}

vi.mock('./tunnel-entry.ts', () => ({
  preloadTunnel: () => undefined,
  get TunnelEntry() {
    return FakeEntry;
  },
}));

const TURN = { urls: ['turns:zone.example:443?transport=tcp'], username: 'ada', credential: 'secret' };
const RELAYED = { candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' };
const BOB: SlotEntry = { mid: '4', participant: 'bob', kind: 'camera' };
const ACCESS: AccessEntry = {
  turn: [{ ...TURN }],
  tunnels: ['https://tunnel.example'],
  ticket: 'ticket',
};
let lab: MeetingLab;
/** Whether routers answer checks by UDP, and relays give addresses. */
let isUdpOpen = false;
let isRelayOpen = false;
const asked: string[] = [];

vi.mock('./probe-udp.ts', () => ({
  reachesByUdp: async (url: string) => {
    asked.push(url);
    return isUdpOpen;
  },
}));

vi.mock('./probe-relay.ts', () => ({ reachesRelay: async () => isRelayOpen }));

beforeEach(() => {
  FakeEntry.passable = [];
  FakeEntry.all = [];
  asked.length = 0;
  isUdpOpen = false;
  isRelayOpen = false;
});

afterEach(() => lab.leave());

/** Ada is in, and nothing of her media has come. */
async function enter(parts: Partial<AccessEntry> = {}): Promise<void> {
  lab = await MeetingLab.knock();
  await letIn(parts);
}

async function letIn(parts: Partial<AccessEntry> = {}): Promise<void> {
  await lab.answer({ ...joined('ada'), access: { ...ACCESS, ...parts } } as ReturnType<typeof joined>);
  await lab.meeting.entered;
  FakeSocket.last.isAnswering = true;
}

async function answerMove(): Promise<void> {
  await lab.answer({ type: 'moved', answer: 'sdp', session: 'session after', slots: [BOB] });
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const moves = () => FakeSocket.last.sent.filter(({ type }) => type === 'move');
const wayIns = () => FakeSocket.last.sent.filter(({ type }) => type === 'wayIn');
const states = () => FakePeer.all.map(({ connectionState }) => connectionState);

test('on a good network there is one connection, and nothing else is asked for', async () => {
  await enter();
  await pass(600);
  FakePeer.last.become('connected');
  await pass(120_000);
  expect([FakePeer.all.length, moves(), asked, FakeEntry.all]).toEqual([1, [], [], []]);
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

describe('where UDP does not come back', () => {
  test('a relay is tried beside it and taken', async () => {
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
    expect(wayIns()).toMatchObject([
      { rung: 'turnTls', tried: [{ rung: 'udp', why: 'no answer' }, { rung: 'iceTcp' }] },
    ]);
    expect([lab.errors, lab.ends, lab.said().includes('stay')]).toEqual([[], [], false]);
  });

  test('and comes late, the relay is given up', async () => {
    await enter();
    await pass(800);
    await answerMove();
    await pass(100);
    FakePeer.all[0]?.become('connected');
    await pass(0);
    expect([states(), lab.said().at(-1)]).toEqual([['connected', 'closed'], 'wayIn']);
    expect([lab.said().filter((type) => type === 'stay').length, lab.meeting.wayIn.rung]).toEqual([1, 'udp']);
    await pass(60_000);
    expect([FakePeer.all.length, moves().length, FakeEntry.all]).toEqual([2, 1, []]);
  });

  test('a tunnel that stands open takes the place of a relay that does not answer', async () => {
    FakeEntry.passable = ['httpStream'];
    await enter();
    await pass(800);
    await answerMove();
    await pass(1_300);
    expect([FakeEntry.all.length, moves().length]).toEqual([1, 1]);
    await pass(200);
    expect(moves().length).toBe(2);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(3_000);
    expect(states()).toEqual(['closed', 'closed', 'connected']);
    expect(wayIns()).toMatchObject([
      {
        rung: 'httpStream',
        tried: [
          { rung: 'udp', why: 'no answer' },
          { rung: 'iceTcp', why: 'no answer' },
          { rung: 'turnTls', ms: 1_500, why: 'no answer' },
          { rung: 'webSocket', why: 'the WebSocket was closed (1006)' },
        ],
      },
    ]);
    expect([FakeEntry.all.length, FakeEntry.all[0]?.isOpen, lab.meeting.wayIn.rung]).toEqual([1, true, 'httpStream']);
  });

  test('a relay that has given an address is waited for longer', async () => {
    FakeEntry.passable = ['webSocket'];
    await enter();
    await pass(800);
    await answerMove();
    FakePeer.last.give('candidate:1 1 udp 41885439 198.51.100.7 50000 typ relay raddr 0.0.0.0 rport 0');
    await pass(2_500);
    expect(moves().length).toBe(1);
    FakePeer.last.become('connected');
    await pass(100);
    expect([lab.meeting.connection.media, FakeEntry.all.map(({ isOpen }) => isOpen)]).toEqual(['connected', [false]]);
  });

  test('relays of which none gives an address are not waited for', async () => {
    FakeEntry.passable = ['webSocket'];
    await enter();
    await pass(800);
    await answerMove();
    FakePeer.last.give(undefined);
    await pass(300);
    expect(moves().length).toBe(2);
  });

  test('what the server undoes makes room for the next', async () => {
    FakeEntry.passable = ['webSocket'];
    await enter();
    await pass(800);
    await answerMove();
    await lab.say({ type: 'moveUndone', slots: [] });
    expect([states(), lab.meeting.slotContent('4')]).toEqual([['new', 'closed'], undefined]);
    await pass(400);
    expect(moves().length).toBe(2);
  });

  test('what the server has no time for is asked again', async () => {
    await enter({ tunnels: [] });
    await pass(800);
    await lab.answer({ type: 'error', code: 'rateLimited', message: '', retryAfterMs: 1_000 });
    await pass(900);
    expect(moves().length).toBe(1);
    await pass(200);
    expect(moves().length).toBe(2);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(0);
    expect([lab.meeting.connection.media, lab.errors]).toEqual(['connected', []]);
  });

  test('and the socket is lost meanwhile, it is tried once that is back', async () => {
    await enter({ tunnels: [] });
    await pass(800);
    FakeSocket.last.lose();
    await pass(200);
    await lab.open();
    await pass(1_000);
    expect(moves()).toEqual([]);
    await lab.answer(resumedWith(ACCESS));
    await pass(200);
    expect(moves().length).toBe(1);
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
});

function resumedWith(access: AccessEntry): ReturnType<typeof resumed> {
  return { ...resumed('ada'), access } as ReturnType<typeof resumed>;
}

describe('where no WebSocket opens', () => {
  beforeEach(async () => {
    FakeEntry.passable = ['longPoll'];
    lab = await MeetingLab.prepare();
    vi.stubGlobal('fetch', async (url: URL) => {
      expect(url.href).toBe('https://zone.example/v1/access');
      return Response.json({ tunnels: ['https://tunnel.example'], ticket: 'ticket' });
    });
    FakeSocket.last.lose();
    await pass(100);
  });

  test('signalling and media go by one session, at once', async () => {
    expect(FakeSocket.last.url).toBe('by a tunnel');
    await lab.open();
    await letIn();
    await pass(50);
    expect([FakeEntry.all.length, FakeEntry.all[0]?.connections, moves().length]).toEqual([1, 1, 1]);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(3_000);
    expect([states(), lab.meeting.wayIn.rung]).toEqual([['closed', 'connected'], 'longPoll']);
    expect([FakeEntry.all.length, FakeEntry.all[0]?.isOpen, lab.errors]).toEqual([1, true, []]);
    // Without media by it, signalling still holds the session.
    isUdpOpen = true;
    await pass(31_000);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(6_000);
    expect([lab.meeting.wayIn.rung, FakeEntry.all[0]?.isOpen]).toEqual(['udp', true]);
    lab.meeting.leave();
    await pass(3_000);
    expect(FakeEntry.all[0]?.isOpen).toBe(false);
  });

  test('a zone to which we are sent is entered by its own tunnel, with media as well', async () => {
    await lab.open();
    await letIn();
    await pass(50);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(3_000);
    vi.stubGlobal('fetch', async (url: URL) => {
      expect(url.href).toBe('https://b.example/v1/access');
      return Response.json({ tunnels: ['https://tunnel.b.example'], ticket: 'ticket' });
    });
    await lab.say({ type: 'transfer', zone: 'b', urls: ['https://b.example'], reason: 'zoneDrained' });
    await pass(0);
    FakeSocket.last.lose();
    await pass(100);
    await lab.open();
    await lab.answer(resumedWith({ ...ACCESS, tunnels: ['https://tunnel.b.example'] }));
    await lab.say({ type: 'move', reason: 'zoneDrained' });
    await lab.answer({ type: 'moved', answer: 'sdp', session: 'session there', slots: [BOB] });
    FakePeer.last.become('connected');
    FakePeer.last.pictured.push('4');
    await pass(5_000);
    const entries = FakeEntry.all.map(({ url, connections, isOpen }) => [url, connections, isOpen]);
    expect(entries).toEqual([
      ['https://tunnel.example', 1, false],
      ['https://tunnel.b.example', 1, true],
    ]);
    expect([lab.meeting.wayIn.rung, lab.meeting.connection.media, lab.errors]).toEqual(['longPoll', 'connected', []]);
  });
});

test('a WebSocket that opens and lets nothing through is left for a tunnel', async () => {
  FakeEntry.passable = ['httpStream'];
  lab = await MeetingLab.knock();
  vi.stubGlobal('fetch', async () => Response.json({ tunnels: ['https://tunnel.example'], ticket: 'ticket' }));
  const [mute] = FakeSocket.all;
  // Whatever WebSocket is opened next is as mute.
  for (let ms = 0; ms < 4_200; ms += 50) {
    await pass(50);
    const { last } = FakeSocket;
    if (last.readyState === FakeSocket.CONNECTING) last.open();
    if (last.url === 'by a tunnel') last.isAnswering = true;
    if (last.url === 'by a tunnel' && last.sent[0]?.type === 'ping') {
      last.sent.length = 0;
      last.say({ type: 'pong' });
    }
  }
  expect([mute?.readyState, FakeSocket.last.url, lab.said()]).toEqual([3, 'by a tunnel', ['join']]);
  await letIn();
  await pass(200);
  expect([FakeEntry.all.length, moves().length, lab.ends]).toEqual([1, 1, []]);
});

test('who starts afresh and has no media yet says nothing of a way', async () => {
  await enter({ tunnels: [] });
  await pass(800);
  await answerMove();
  Object.assign(FakePeer.last, { local: RELAYED });
  FakePeer.last.become('connected');
  await pass(2_000);
  FakeSocket.last.say({ type: 'left', reason: 'consentExpired' });
  await lab.open();
  await letIn({ tunnels: [] });
  Object.assign(FakePeer.last, { local: undefined });
  await pass(200);
  expect([FakePeer.last.iceServers, asked.length, wayIns()]).toEqual([[TURN], 1, []]);
  Object.assign(FakePeer.last, { local: RELAYED });
  FakePeer.last.become('connected');
  await pass(100);
  expect([lab.meeting.connection.media, lab.meeting.wayIn.rung]).toEqual(['connected', 'turnTls']);
});

describe('in a meeting by a tunnel', () => {
  beforeEach(async () => {
    FakeEntry.passable = ['webSocket'];
    await enter({ turn: [] });
    await pass(1_200);
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
    expect([lab.meeting.wayIn, FakeEntry.all.map(({ isOpen }) => isOpen)]).toEqual([
      { rung: 'udp', tried: [] },
      [false],
    ]);
    await pass(120_000);
    expect(asked.length).toBe(3);
  });

  test('and so is a relay, with what the server has told of it since', async () => {
    const fresh = { ...TURN, credential: 'fresh' };
    await lab.say({ type: 'access', access: { ...ACCESS, turn: [{ ...fresh }] } });
    isRelayOpen = true;
    await pass(31_000);
    expect([moves().length, FakePeer.last.iceServers]).toEqual([2, [fresh]]);
    Object.assign(FakePeer.last, { local: RELAYED });
    await answerMove();
    FakePeer.last.become('connected');
    FakePeer.last.pictured.push('4');
    await pass(3_100);
    expect([lab.meeting.wayIn.rung, FakeEntry.all[0]?.isOpen]).toEqual(['turnTls', false]);
  });

  test('UDP that only seemed open leaves all as it is', async () => {
    isUdpOpen = true;
    await pass(30_000);
    await answerMove();
    await pass(7_000);
    expect([lab.meeting.wayIn.rung, lab.meeting.connection.media, lab.errors]).toEqual(['webSocket', 'connected', []]);
    expect(states()).toEqual(['closed', 'connected', 'closed']);
    expect([lab.said().includes('leave'), lab.said().includes('stay'), FakeEntry.all[0]?.isOpen]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('a move that the server wants goes by the tunnel, too', async () => {
    await lab.say({ type: 'move', reason: 'drain' });
    await answerMove();
    FakePeer.last.become('connected');
    await pass(4_000);
    expect([FakePeer.all.length, lab.meeting.wayIn.rung]).toEqual([3, 'webSocket']);
    expect(FakeEntry.all.map(({ connections, isOpen }) => [connections, isOpen])).toEqual([[2, true]]);
  });

  test('when its connection is lost, another one of the same session takes over', async () => {
    FakePeer.last.become('failed');
    await pass(100);
    expect([FakeEntry.all.length, FakeEntry.all[0]?.connections, moves().length]).toEqual([1, 2, 2]);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(3_000);
    expect([FakeEntry.all.length, FakeEntry.all[0]?.isOpen, lab.said().includes('leave')]).toEqual([1, true, false]);
  });

  test('when the tunnel is lost, another one takes over, for the same participant', async () => {
    (FakeEntry.all[0] as FakeEntry).isOpen = false;
    FakePeer.last.become('failed');
    await pass(100);
    expect([FakeEntry.all.length, moves().length]).toEqual([2, 2]);
    await answerMove();
    FakePeer.last.become('connected');
    await pass(3_000);
    expect([FakeEntry.all[1]?.isOpen, lab.meeting.self, lab.said().includes('leave')]).toEqual([true, 'ada', false]);
    expect(lab.meeting.connection.media).toBe('connected');
  });

  test('when the tunnel is about to end, another one takes over without a gap', async () => {
    FakeEntry.all[0]?.onMove?.();
    await pass(200);
    expect([FakeEntry.all.length, moves().length]).toEqual([2, 2]);
    await answerMove();
    FakePeer.last.become('connected');
    FakePeer.last.pictured.push('4');
    await pass(4_000);
    expect(FakeEntry.all.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    expect([states(), lab.errors]).toEqual([['closed', 'closed', 'connected'], []]);
  });
});

describe('when UDP dies in the middle', () => {
  beforeEach(async () => {
    await enter();
    FakePeer.last.become('connected');
    await pass(5_000);
    FakePeer.last.isHearing = false;
  });

  test('media goes by a relay, as the same participant', async () => {
    await pass(2_500);
    expect(asked).toEqual(['https://zone.example/v1/signalling']);
    expect(FakePeer.last.iceServers).toEqual([TURN]);
    await answerMove();
    Object.assign(FakePeer.last, { local: RELAYED });
    FakePeer.last.become('connected');
    await pass(3_000);
    expect([lab.meeting.wayIn.rung, lab.meeting.self, lab.said().includes('leave')]).toEqual(['turnTls', 'ada', false]);
  });

  test('for what we send only, media goes by a relay as well', async () => {
    const [before] = FakePeer.all;
    Object.assign(before ?? {}, { isHearing: true, iceConnectionState: 'disconnected' });
    before?.become('connected');
    await pass(900);
    expect([moves().length, FakePeer.last.iceServers]).toEqual([1, [TURN]]);
    await answerMove();
    Object.assign(FakePeer.last, { local: RELAYED });
    FakePeer.last.become('connected');
    await pass(3_000);
    expect([states(), lab.meeting.wayIn.rung]).toEqual([['closed', 'connected'], 'turnTls']);
  });

  test('and is there again before another way is, it goes on', async () => {
    await pass(2_500);
    await answerMove();
    FakePeer.all[0]?.become('connected');
    const [before] = FakePeer.all;
    if (before !== undefined) before.isHearing = true;
    await pass(500);
    expect([states(), lab.said().includes('stay')]).toEqual([['connected', 'closed'], true]);
    await lab.say({ type: 'moveUndone', slots: [BOB] });
    expect([lab.meeting.slotContent('4')?.participant, lab.meeting.wayIn.rung]).toEqual(['bob', 'udp']);
    await pass(60_000);
    expect([moves().length, FakePeer.all.length]).toEqual([1, 2]);
  });

  test('a move that the server wants goes before our own', async () => {
    await pass(2_500);
    await lab.say({ type: 'move', reason: 'routerLost' });
    await pass(0);
    expect(moves()).toMatchObject([{ why: 'path' }, { offer: 'offer 3' }]);
    expect(moves()[1]).not.toHaveProperty('why');
    await answerMove();
    FakePeer.last.become('connected');
    await pass(5_000);
    expect([states(), lab.meeting.self, moves().length]).toEqual([['closed', 'closed', 'connected'], 'ada', 2]);
  });
});

test('from a relay that the server does not name any more, media goes to another one without a gap', async () => {
  await enter();
  await pass(800);
  await answerMove();
  Object.assign(FakePeer.last, { local: RELAYED });
  FakePeer.last.become('connected');
  await pass(2_000);
  await lab.say({ type: 'access', access: { ...ACCESS, ticket: 'another' } });
  await pass(1_000);
  expect(moves().length).toBe(1);
  const urls = ['turns:other.example:443?transport=tcp'];
  await lab.say({ type: 'access', access: { ...ACCESS, turn: [{ ...TURN, urls }] } });
  await pass(200);
  expect([moves().length, FakePeer.last.iceServers]).toEqual([2, [{ ...TURN, urls }]]);
  Object.assign(FakePeer.last, { local: RELAYED });
  await answerMove();
  FakePeer.last.become('connected');
  FakePeer.last.pictured.push('4');
  await pass(3_000);
  expect([states(), lab.meeting.wayIn.rung, lab.errors]).toEqual([['closed', 'closed', 'connected'], 'turnTls', []]);
});

test('in a breakout room, media begins with what has worked in the meeting', async () => {
  FakeEntry.passable = ['webSocket'];
  await enter({ turn: [] });
  await pass(1_200);
  await answerMove();
  FakePeer.last.become('connected');
  await pass(2_000);
  await lab.say({ type: 'goTo', meeting: '98765432109', name: 'Room 1', pass: 'pass' });
  await lab.open();
  await letIn({ turn: [] });
  await pass(150);
  expect([FakeEntry.all.length, moves().length]).toEqual([2, 1]);
});

test('a transfer to another zone does not wait for a way that we try', async () => {
  await enter({ tunnels: [] });
  await pass(800);
  await answerMove();
  await lab.say({ type: 'transfer', zone: 'b', urls: ['https://b.example'], reason: 'zoneDrained' });
  await pass(0);
  expect([states(), FakeSocket.last.url]).toEqual([['new', 'closed'], 'wss://b.example/v1/signalling']);
});
