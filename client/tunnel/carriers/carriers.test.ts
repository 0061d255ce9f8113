/** The client's carriers and a real tunnel's, over loopback. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TunnelLab } from '../../../http-tunnel/media/testing/tunnel-lab.ts';
import { TunnelChannel, type TunnelNews } from '../../../proto/tunnel.ts';
import { Legs } from '../leg.ts';
import { CARRIER_KINDS, type CarrierKind } from './session-carrier.ts';
import { HostileNetwork } from './testing/hostile-network.ts';
import { TunnelSession } from './tunnel-session.ts';
import { TunnelSocket } from './tunnel-socket.ts';

let lab: TunnelLab;
const sessions: TunnelSession[] = [];

beforeEach(async () => {
  lab = await TunnelLab.start();
});

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close();
  await lab.stop();
});

function openSession(carriers: readonly CarrierKind[], ticket: string | undefined = 'ticket-ada'): TunnelSession {
  const session = new TunnelSession({ url: lab.origin, ticket, carriers });
  sessions.push(session);
  return session;
}

async function stateOf(session: TunnelSession, state: TunnelSession['state']): Promise<void> {
  while (session.state !== state) {
    await new Promise<void>((resolve) => {
      session.onState = resolve;
    });
  }
}

function say(session: TunnelSession, request: object): void {
  session.send(TunnelChannel.control, new TextEncoder().encode(JSON.stringify(request)));
}

/** The next control message of this type. */
function newsOf(session: TunnelSession, type: TunnelNews['type']): Promise<TunnelNews> {
  return new Promise((resolve) => {
    session.onRecord = (channel, payload) => {
      const news = channel === TunnelChannel.control && JSON.parse(new TextDecoder().decode(payload));
      if (news !== false && news.type === type) resolve(news);
    };
  });
}

function eventOf(socket: TunnelSocket, type: string): Promise<Event & { data?: string; code?: number }> {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}

describe.each(CARRIER_KINDS)('by %s', (kind) => {
  test('a leg is opened, and the tunnel says of what', async () => {
    const session = openSession([kind]);
    const opened = newsOf(session, 'opened');
    // Said before there is a carrier: it waits.
    say(session, { type: 'open', leg: 0 });
    expect(await opened).toMatchObject({ leg: 0, fingerprint: expect.stringMatching(/^sha-256 /) });
    expect([session.state, session.kind, lab.media.load.sessions]).toEqual(['open', kind, 1]);
  });

  test('signalling goes both ways, long texts too, and says how it ended', async () => {
    const session = openSession([kind], undefined);
    const socket = new TunnelSocket(session, new Legs(session));
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    const greeting = eventOf(socket, 'message');
    await eventOf(socket, 'open');
    expect((await greeting).data).toBe('for 127.0.0.1');
    const echo = eventOf(socket, 'message');
    const text = 'ß'.repeat(50_000);
    socket.send(text);
    expect((await echo).data).toBe(`echo ${text}`);
    const long = eventOf(socket, 'message');
    socket.send('long 100000');
    expect((await long).data).toBe('ä'.repeat(100_000));
    const closed = eventOf(socket, 'close');
    socket.send('close');
    expect((await closed).code).toBe(4001);
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });

  test('texts said in a row arrive in order', async () => {
    const session = openSession([kind]);
    const socket = new TunnelSocket(session, new Legs(session));
    await eventOf(socket, 'open');
    const heard: string[] = [];
    const all = new Promise<void>((resolve) => {
      socket.addEventListener('message', (event) => {
        heard.push((event as MessageEvent<string>).data);
        if (heard.at(-1) === 'echo 199') resolve();
      });
    });
    for (let i = 0; i < 200; i++) {
      socket.send(String(i));
      if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    expect(heard.filter((text) => text.startsWith('echo'))).toEqual(Array.from({ length: 200 }, (_, i) => `echo ${i}`));
  });

  test('a ticket that is not valid ends it', async () => {
    const session = openSession([kind], 'forged');
    await stateOf(session, 'closed');
    expect([session.reason, lab.media.load.sessions]).toEqual(['the tunnel did not accept the ticket', 0]);
  });

  test('who closes leaves nothing behind', async () => {
    const session = openSession([kind]);
    await stateOf(session, 'open');
    expect(lab.media.load.sessions).toBe(1);
    session.close();
    await expect.poll(() => lab.media.load.sessions).toBe(0);
    expect(session.state).toBe('closed');
  });
});

describe('on a bad network', () => {
  let network: HostileNetwork;

  beforeEach(async () => {
    network = await HostileNetwork.before(lab.origin);
  });

  afterEach(() => network.stop());

  function openThere(carriers: readonly CarrierKind[]): TunnelSession {
    const session = new TunnelSession({ url: network.origin, ticket: 'ticket-ada', carriers });
    sessions.push(session);
    return session;
  }

  test.each([
    ['webSocket', 'httpStream'],
    ['httpStream', 'longPoll'],
    ['longPoll', 'webSocket'],
  ] as const)('from %s to %s, nothing that was said is lost', async (first, second) => {
    const session = openThere([first, second]);
    const socket = new TunnelSocket(session, new Legs(session));
    await eventOf(socket, 'open');
    const heard: string[] = [];
    const all = new Promise<void>((resolve) => {
      socket.addEventListener('message', (event) => {
        heard.push((event as MessageEvent<string>).data);
        if (heard.at(-1) === 'echo 19') network.cut();
        if (heard.at(-1) === 'echo 59') resolve();
      });
    });
    for (let i = 0; i < 40; i++) socket.send(String(i));
    // Some are on their way when it breaks.
    await expect.poll(() => heard.includes('echo 39')).toBe(true);
    expect(session.kind).toBe(first);
    network.blocked = [first];
    network.cut();
    for (let i = 40; i < 60; i++) socket.send(String(i));
    await all;
    expect(heard.filter((text) => text.startsWith('echo'))).toEqual(Array.from({ length: 60 }, (_, i) => `echo ${i}`));
    expect([session.kind, session.state, lab.media.load.sessions]).toEqual([second, 'open', 1]);
  });

  test('the first carrier that gets through opens it', async () => {
    network.blocked = ['webSocket', 'httpStream'];
    const session = openThere(CARRIER_KINDS);
    await stateOf(session, 'open');
    expect(session.kind).toBe('longPoll');
  });

  test('with none that gets through there is no session, and a reason', async () => {
    network.blocked = CARRIER_KINDS;
    const session = openThere(CARRIER_KINDS);
    await stateOf(session, 'closed');
    expect(session.reason).toMatch(/^the request failed/);
  });
});
