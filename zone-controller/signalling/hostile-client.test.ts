/** Clients that mean harm: what they get, and that others notice nothing. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClientMessage } from '../../proto/signalling.ts';
import { checkDigit } from '../meeting/meeting-id.ts';
import { expectType, TestClient } from '../testing/test-client.ts';
import { TestZone } from '../testing/test-zone.ts';
import { MESSAGE_BYTES } from './read-message.ts';

let zone: TestZone | undefined;
let meeting: { meeting: string; passcode: string; hostKey: string };
const sockets: Socket[] = [];

async function start(options: Parameters<typeof TestZone.start>[0] = {}): Promise<TestZone> {
  zone = await TestZone.start(options);
  meeting = await zone.controller.createMeeting();
  return zone;
}

beforeEach(() => {
  zone = undefined;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await zone?.stop();
});

/** A TCP connection that collects what comes. */
function rawConnection(
  url: string,
  options: { allowHalfOpen?: boolean } = {},
): { socket: Socket; closed: Promise<string> } {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ...options });
  sockets.push(socket);
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.on('close', () => resolve(text))) };
}

describe('messages', () => {
  test('JSON bombs get a typed error each, and the connection goes on', async () => {
    const { url } = await start();
    const client = await TestClient.connect(url);
    const bombs = [
      '['.repeat(100_000),
      `{"type":"join","id":1,"sources":${'{"a":'.repeat(10_000)}`,
      '{"__proto__":{"type":"ping"}}',
      '\u0000',
      `{"type":"ping"${' '.repeat(200_000)}`,
    ];
    for (const bomb of bombs) {
      client.sendText(bomb);
      expect(await client.next('error')).toMatchObject({ code: 'badMessage' });
    }
    expectType(await client.join(meeting), 'joined');
    client.close();
  });

  test('a huge offer inside a message of legal size is the router’s to judge; above that size the frame is refused', async () => {
    const { url } = await start();
    const client = await TestClient.connect(url);
    const offer = 'a=x\r\n'.repeat(30_000);
    client.send({ type: 'join', id: 1, ...meeting, name: 'Ada', offer, sources: {}, muted: [] });
    expect((await client.answer(1)).type).toBe('joined');
    client.sendText('x'.repeat(MESSAGE_BYTES + 1));
    expect(await client.closed).toBe(1009);
  });

  test('a frame that claims 64 MB is refused by its header alone', async () => {
    const { url } = await start();
    const { socket, closed } = rawConnection(url);
    socket.write(UPGRADE);
    await new Promise((resolve) => socket.once('data', resolve));
    const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]);
    socket.write(header);
    expect(await closed).toContain(String.fromCharCode(0x88, 2, 0x03, 0xf1)); // close, 1009
  });

  test('bytes that are no UTF-8, and frames without a mask, end the connection', async () => {
    const { url } = await start();
    const closes = [Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]), Buffer.from([0x81, 0x01, 0x41])].map(async (frame) => {
      const { socket, closed } = rawConnection(url);
      socket.write(UPGRADE);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.write(frame);
      return closed;
    });
    for (const text of await Promise.all(closes)) expect(text).toContain('101 Switching Protocols');
  });

  test('binary messages are refused', async () => {
    const { url } = await start();
    const client = await TestClient.connect(url);
    client.socket.send(Buffer.from('{"type":"ping"}'));
    expect(await client.next('error')).toMatchObject({ code: 'badMessage', message: 'Messages are text.' });
    client.close();
  });

  test('a flood is told to wait, then cut off; others are served', async () => {
    const { url } = await start();
    const [flooder, other] = [await TestClient.connect(url), await TestClient.connect(url)];
    for (let count = 0; count < 400; count++) flooder.send({ type: 'ping' });
    expect(await flooder.next('error')).toMatchObject({ code: 'rateLimited', retryAfterMs: expect.any(Number) });
    other.send({ type: 'ping' });
    await other.next('pong');
    expect(await flooder.closed).toBe(1008);
    expect(flooder.count('pong')).toBeLessThanOrEqual(70);
    other.close();
  });

  test('a flood of pings by a client that does not read is not answered without end', async () => {
    const { url } = await start();
    const { socket, closed } = rawConnection(url);
    socket.write(UPGRADE);
    await once(socket, 'data');
    socket.write(Buffer.concat(new Array<Buffer>(1_000).fill(Buffer.from([0x89, 0x81, 0, 0, 0, 0, 0x41]))));
    const text = await closed;
    expect(text.split('\x8a\x01A').length - 1).toBeLessThanOrEqual(70);
    expect(text).toContain('\x88'); // closed, after the pongs that its rate allows
  });

  test('a ping is answered with what it holds', async () => {
    const { url } = await start();
    const client = await TestClient.connect(url);
    client.socket.ping('x');
    expect(String((await once(client.socket, 'pong'))[0])).toBe('x');
    client.close();
  });

  test('a second join on one connection is refused, also while the first is on its way', async () => {
    const { url } = await start();
    const client = await TestClient.connect(url);
    const [first, second] = await Promise.all([client.join(meeting, 'Ada'), client.join(meeting, 'Eve')]);
    expect([first.type, second.type]).toEqual(['joined', 'error']);
    client.close();
  });

  test.each<ClientMessage>([
    { type: 'mute', source: 'camera', muted: true },
    { type: 'view', view: [] },
    { type: 'leave' },
    { type: 'offer', id: 3, offer: 'x', sources: {} },
    { type: 'mediaLost' },
  ])('%j before joining is refused', async (message) => {
    const { url } = await start();
    const client = await TestClient.connect(url);
    client.send(message);
    expect(await client.next('error')).toMatchObject({ code: 'notJoined' });
    client.close();
  });
});

describe('guessing', () => {
  test('wrong passcodes are refused in plain words, then with a delay, also the right one', async () => {
    const { url } = await start({ limits: { wrongGuess: { burst: 3, perSecond: 0.1 } } });
    const client = await TestClient.connect(url);
    for (let count = 0; count < 3; count++) {
      const refusal = await client.join({ ...meeting, passcode: `guess ${count}` });
      expect(refusal).toMatchObject({ type: 'error', code: 'wrongPasscode', message: 'That passcode is not right.' });
    }
    const limited = expectType(await client.join({ ...meeting, passcode: 'guess 3' }), 'error');
    expect(limited).toMatchObject({ code: 'rateLimited', message: 'Too many wrong attempts. Wait a moment.' });
    expect(limited.retryAfterMs).toBeGreaterThan(0);
    expect(limited.retryAfterMs).toBeLessThanOrEqual(10_000);
    expect(expectType(await client.join(meeting), 'error').code).toBe('rateLimited');
    client.close();
  });

  test('guesses sent all at once on many connections count like those one after the other', async () => {
    const { url } = await start({ limits: { wrongGuess: { burst: 3, perSecond: 0.001 } } });
    const clients = await Promise.all(Array.from({ length: 12 }, () => TestClient.connect(url)));
    const replies = await Promise.all(
      clients.map((client, index) => client.join({ ...meeting, passcode: `guess ${index}` })),
    );
    const codes = replies.map((reply) => expectType(reply, 'error').code);
    expect(codes.filter((code) => code === 'wrongPasscode')).toHaveLength(3);
    expect(codes.filter((code) => code === 'rateLimited')).toHaveLength(9);
    for (const client of clients) client.close();
  });

  test('guesses by the HTTP API and by signalling, of host keys and of passcodes, are counted together', async () => {
    const { url } = await start({ limits: { wrongGuess: { burst: 3, perSecond: 0.001 } } });
    const client = await TestClient.connect(url);
    const showKey = async (key: string) => {
      const headers = { 'Zonecast-Host-Key': key };
      return (await fetch(`${url}/v1/meetings/${meeting.meeting}`, { headers })).status;
    };
    const refusal = async (passcode: string, hostKey?: string) => {
      const shown = hostKey === undefined ? {} : { hostKey };
      return expectType(await client.join({ ...meeting, passcode }, 'Ada', shown), 'error').code;
    };
    expect(await showKey(meeting.hostKey)).toBe(200);
    expect(await showKey('a guess')).toBe(403);
    expect(await refusal('a guess')).toBe('wrongPasscode');
    expect(await refusal(meeting.passcode, 'a guess')).toBe('wrongPasscode');
    // From here on what is right is not told from what is wrong, whichever way it comes.
    expect([await showKey('a guess'), await showKey(meeting.hostKey)]).toEqual([429, 429]);
    const right = [await refusal(meeting.passcode), await refusal(meeting.passcode, meeting.hostKey)];
    expect(right).toEqual(['rateLimited', 'rateLimited']);
    client.close();
  });

  test('a mistyped id is told from a meeting that does not exist by nothing but what it costs', async () => {
    const { url } = await start({ limits: { wrongGuess: { burst: 1, perSecond: 0.001 } } });
    const client = await TestClient.connect(url);
    const words = { type: 'error', code: 'noSuchMeeting', message: 'There is no meeting with this ID.' };
    for (const id of ['', '12345678901', '00000000000', 'DROP TABLE', '1'.repeat(32)]) {
      expect(await client.join({ ...meeting, meeting: id })).toMatchObject(words);
    }
    const real = `1111111111${checkDigit('1111111111')}`;
    expect(await client.join({ ...meeting, meeting: real })).toMatchObject(words);
    expect(await client.join({ ...meeting, meeting: real })).toMatchObject({ code: 'rateLimited' });
    client.close();
  });

  test('a join storm from one address is rate-limited with a delay; those inside are not disturbed', async () => {
    const zone = await start({ limits: { join: { burst: 10, perSecond: 5 } } });
    const inside = await zone.enter(meeting, 'Ada');
    const clients = await Promise.all(Array.from({ length: 40 }, () => TestClient.connect(zone.url)));
    const replies = await Promise.all(clients.map((client) => client.join(meeting, 'Bob')));
    const refused = replies.filter((reply) => reply.type === 'error');
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(refused.length).toBeLessThan(40);
    for (const refusal of refused)
      expect(refusal).toMatchObject({ code: 'rateLimited', retryAfterMs: expect.any(Number) });
    inside.client.send({ type: 'ping' });
    await inside.client.next('pong');
    for (const client of clients) client.close();
  });

  test('an office whose people all come back with sessions of the time before a restart is let in again', async () => {
    const { url } = await start({ limits: { wrongGuess: { burst: 1, perSecond: 0.001 } } });
    const client = await TestClient.connect(url);
    for (let count = 0; count < 20; count++) {
      expect(await client.resume(`token ${count}`)).toMatchObject({ type: 'error', code: 'sessionExpired' });
    }
    expectType(await client.join(meeting), 'joined');
    client.close();
  });

  test('guessed session tokens are limited like joins', async () => {
    const { url } = await start({ limits: { join: { burst: 2, perSecond: 0.001 } } });
    const client = await TestClient.connect(url);
    const codes = [];
    for (let count = 0; count < 3; count++) codes.push(expectType(await client.resume(`token ${count}`), 'error').code);
    expect(codes).toEqual(['sessionExpired', 'sessionExpired', 'rateLimited']);
    client.close();
  });

  test('many meetings that start at the same time behind one address do not limit each other', async () => {
    const zone = await start({ limits: { wrongGuess: { burst: 2, perSecond: 0.001 } } });
    const meetings = await Promise.all(Array.from({ length: 12 }, () => zone.controller.createMeeting()));
    const entries = await Promise.all(meetings.map((each) => zone.enter(each, 'Ada')));
    expect(entries.map(({ joined }) => joined.meeting.id)).toEqual(meetings.map((each) => each.meeting));
  });
});

describe('connections', () => {
  test.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://localhost.evil.example', 403],
    ['file://', 403],
  ])('a WebSocket from a page of %s is refused', async (origin, status) => {
    const { url } = await start();
    await expect(TestClient.connect(url, { origin })).rejects.toThrow(`${status}`);
  });

  test('a WebSocket from the own page, or a configured origin, is taken', async () => {
    const { url } = await start({ allowedOrigins: ['https://product.example'] });
    for (const origin of [url, 'https://product.example']) (await TestClient.connect(url, { origin })).close();
    await expect(TestClient.connect(url, { origin: url.replace('http:', 'https:') })).rejects.toThrow('403');
  });

  test('behind a proxy, the page of the public address is our own', async () => {
    const { url } = await start({ publicUrl: 'https://meet.example/' });
    expect(url).toBe('https://meet.example');
    const own = `http://127.0.0.1:${zone?.controller.httpPort}`;
    (await TestClient.connect(own, { origin: 'https://meet.example' })).close();
    await expect(TestClient.connect(own, { origin: 'https://meet.example.evil' })).rejects.toThrow('403');
  });

  test('another path is no WebSocket', async () => {
    const { url } = await start();
    const { socket, closed } = rawConnection(url);
    socket.write(UPGRADE.replace('/v1/signalling', '/v1/signalling/../x'));
    expect(await closed).toContain('404');
  });

  test('a refused WebSocket is closed also when the client keeps its end open', async () => {
    const { url } = await start({ limits: { connectionsPerAddress: 1 } });
    const { socket } = rawConnection(url, { allowHalfOpen: true });
    socket.write(UPGRADE.replace('/v1/signalling', '/elsewhere'));
    await new Promise((resolve) => socket.once('end', resolve));
    // It does not count as a connection any more.
    await expect
      .poll(() =>
        fetch(`${url}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });

  test('a WebSocket may be asked for in absolute-form', async () => {
    const { url } = await start();
    const { socket } = rawConnection(url);
    socket.write(UPGRADE.replace('/v1/signalling', 'http://x/v1/signalling'));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('101 Switching Protocols');
  });

  test('who does not say who they are is cut off', async () => {
    const { url } = await start({ times: { greetingMs: 50 } });
    const client = await TestClient.connect(url);
    expect(await client.closed).toBe(1008);
  });

  test('who does not answer pings is dead, who does is not', async () => {
    const zone = await start({ times: { heartbeatMs: 1_000 } });
    const alive = await zone.enter(meeting, 'Ada');
    const { socket, closed } = rawConnection(zone.url);
    socket.write(UPGRADE);
    const text = await closed;
    expect(text).toContain('101 Switching Protocols');
    expect(text).toContain(String.fromCharCode(0x89, 0)); // the ping
    alive.client.send({ type: 'ping' });
    await alive.client.next('pong');
  });

  test('headers and bodies that trickle are cut off in time', async () => {
    const { url } = await start({ times: { headersMs: 100, bodyMs: 200 } });
    const headers = rawConnection(url);
    headers.socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const body = rawConnection(url);
    body.socket.write('POST /v1/meetings HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{');
    const silent = rawConnection(url);
    for (const { closed } of [headers, body]) expect(await closed).toContain('408');
    await silent.closed;
  });

  test('one-byte frames on many connections are bounded, and others join meanwhile', async () => {
    const zone = await start({ limits: { connectionsPerAddress: 150 }, times: { greetingMs: 5_000 } });
    const raw = Array.from({ length: 200 }, () => rawConnection(zone.url));
    for (const { socket } of raw) socket.write(UPGRADE);
    const over = await Promise.race([Promise.all(raw.slice(150).map(({ closed }) => closed)), raw[149]?.closed]);
    expect(over).toEqual(new Array(50).fill(''));
    for (const { socket } of raw.slice(0, 149)) socket.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x7b]));
    raw[149]?.socket.destroy();
    await raw[149]?.closed;
    await expect
      .poll(async () => await zone.connect().then((client) => client.join(meeting)))
      .toMatchObject({ type: 'joined' });
    await Promise.all(raw.map(({ closed }) => closed));
  });

  test('a message in thousands of fragments ends its connection', async () => {
    const { url } = await start();
    const { socket, closed } = rawConnection(url);
    socket.write(UPGRADE);
    await new Promise((resolve) => socket.once('data', resolve));
    const first = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x7b]);
    const more = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x20]);
    socket.write(Buffer.concat([first, ...new Array<Buffer>(2_000).fill(more)]));
    expect(await closed).toContain('101 Switching Protocols');
  });

  test('a client that does not read is cut off before it fills the memory', async () => {
    const zone = await start({ limits: { message: { burst: 1e6, perSecond: 1e6 } } });
    const { client } = await zone.enter(meeting, 'Ada');
    client.socket.pause();
    const speakers = Array.from({ length: 1_000 }, (_, index) => `participant-${index}-with-a-long-name`);
    const bob = await zone.enter(meeting, 'Bob');
    const slots = speakers.map((participant, index) => ({ mid: String(index), participant, kind: 'camera' }));
    const { participant } = (await zone.router().command('Join')).request as { participant: string };
    for (let count = 0; count < 200; count++) {
      zone.router().emit({ slots: { meeting: meeting.meeting, participant, slots } });
    }
    // Bob sees the roster change when Ada's connection is cut.
    await bob.client.next('roster', ({ changed }) => changed.some(({ connected }) => !connected));
    client.socket.resume();
    await client.closed;
  });
});

const UPGRADE = [
  'GET /v1/signalling HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');
