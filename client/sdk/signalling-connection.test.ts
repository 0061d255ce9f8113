import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SignallingConnection } from './signalling-connection.ts';
import { FakeSocket } from './testing/fake-socket.ts';

const handlers = { opened: vi.fn(), lost: vi.fn(), message: vi.fn() };
let wentOnline: () => void;
let connection: SignallingConnection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('addEventListener', (_: string, listener: () => void) => {
    wentOnline = listener;
  });
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  connection = new SignallingConnection(['wss://zone.example/v1/signalling'], handlers);
});

afterEach(() => {
  connection.close();
  vi.clearAllMocks();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('signalling connection', () => {
  test('an answer finds its request, whatever comes between', async () => {
    FakeSocket.last.open();
    const first = connection.request({ type: 'resume', session: 'a' });
    const second = connection.request({ type: 'resume', session: 'b' });
    FakeSocket.last.say({ type: 'speakers', speakers: ['ada'] });
    FakeSocket.last.say({ type: 'error', id: 2, code: 'sessionExpired', message: '' });
    FakeSocket.last.say({ type: 'answer', id: 1, answer: 'sdp' });
    await expect(first).resolves.toMatchObject({ answer: 'sdp' });
    await expect(second).rejects.toMatchObject({ code: 'sessionExpired' });
    expect(handlers.message).toHaveBeenCalledExactlyOnceWith({ type: 'speakers', speakers: ['ada'] });
  });

  test('a lost socket is opened again with growing pauses, from the start once settled', () => {
    for (const pauseMs of [200, 400, 800, 1600, 3200, 6400, 8000, 8000]) {
      FakeSocket.last.lose();
      const opened = FakeSocket.all.length;
      vi.advanceTimersByTime(pauseMs - 1);
      expect(FakeSocket.all).toHaveLength(opened);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all).toHaveLength(opened + 1);
    }
    expect(handlers.lost).toHaveBeenCalledTimes(8);
    FakeSocket.last.open();
    connection.settled();
    FakeSocket.last.lose();
    const opened = FakeSocket.all.length;
    vi.advanceTimersByTime(200);
    expect(FakeSocket.all).toHaveLength(opened + 1);
  });

  test('what was asked on a lost socket fails, and nothing is sent while away', async () => {
    FakeSocket.last.open();
    const request = connection.request({ type: 'resume', session: 'a' });
    FakeSocket.last.lose();
    await expect(request).rejects.toMatchObject({ code: 'unreachable' });
    expect(connection.send({ type: 'leave' })).toBe(false);
  });

  test('a server that says nothing is given up after two unanswered pings', () => {
    const socket = FakeSocket.last;
    socket.open();
    vi.advanceTimersByTime(20_000);
    expect(socket.sent).toEqual([{ type: 'ping' }, { type: 'ping' }]);
    expect(handlers.lost).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(handlers.lost).toHaveBeenCalledOnce();
    expect(socket.readyState).toBe(3);
  });

  test('a server that answers pings is kept', () => {
    const socket = FakeSocket.last;
    socket.open();
    for (let round = 0; round < 10; round++) {
      vi.advanceTimersByTime(10_000);
      socket.say({ type: 'pong' });
    }
    expect(handlers.lost).not.toHaveBeenCalled();
    expect(handlers.message).not.toHaveBeenCalled();
  });

  test('a request without an answer fails after ten seconds', async () => {
    FakeSocket.last.open();
    const request = connection.request({ type: 'resume', session: 'a' });
    const failed = expect(request).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
  });

  test('a socket that does not open is given up after eight seconds', () => {
    vi.advanceTimersByTime(8_000);
    expect(handlers.lost).toHaveBeenCalledOnce();
  });

  test('a network that comes back is tried at once', () => {
    for (let loss = 0; loss < 6; loss++) {
      FakeSocket.last.lose();
      vi.advanceTimersByTime(8000);
    }
    FakeSocket.last.lose();
    const opened = FakeSocket.all.length;
    wentOnline();
    vi.advanceTimersByTime(0);
    expect(FakeSocket.all).toHaveLength(opened + 1);
  });

  test('where one server does not answer, the others are tried beside it, and one is asked', async () => {
    const hosts = () => FakeSocket.all.map(({ url }) => new URL(url).host);
    FakeSocket.last.open();
    const others = ['wss://b.example/v1/signalling', 'ws://insecure.example/', 'wss://c.example/v1/signalling'];
    connection.setOthers(['wss://zone.example/v1/signalling', ...others]);
    connection.settled();
    FakeSocket.last.lose();
    vi.advanceTimersByTime(200);
    // The one that was there is tried first.
    const [zone, b, c] = ['zone.example', 'b.example', 'c.example'];
    expect(hosts()).toEqual([zone, zone]);
    vi.advanceTimersByTime(500);
    expect(hosts()).toEqual([zone, zone, b, c]);
    FakeSocket.all[2]?.welcome();
    expect(handlers.opened).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(500);
    expect(handlers.opened).toHaveBeenCalledTimes(2);
    expect(FakeSocket.all.map(({ readyState }) => readyState)).toEqual([3, 3, 1, 3]);
    expect(connection.send({ type: 'leave' })).toBe(true);
    expect(FakeSocket.all[2]?.sent).toEqual([{ type: 'leave' }]);
    connection.setOthers(['wss://zone.example/v1/signalling']);
    FakeSocket.all[2]?.lose();
    vi.advanceTimersByTime(400);
    expect(hosts().at(-1)).toBe(b);
  });

  test('a server in doubt goes on when it answers, and what was tried beside it is closed unasked', () => {
    const [socket] = FakeSocket.all as [FakeSocket];
    socket.open();
    connection.setOthers(['wss://b.example/v1/signalling']);
    connection.doubt();
    vi.advanceTimersByTime(500);
    const beside = FakeSocket.all.slice(1);
    expect(beside).toHaveLength(2);
    beside[0]?.welcome();
    vi.advanceTimersByTime(400);
    socket.say({ type: 'pong' });
    vi.advanceTimersByTime(5_000);
    expect(beside.map(({ readyState, sent }) => [readyState, sent])).toEqual([
      [3, []],
      [3, []],
    ]);
    expect([handlers.opened.mock.calls.length, handlers.lost.mock.calls.length]).toEqual([1, 0]);
    expect(connection.send({ type: 'leave' })).toBe(true);
  });

  test('where nobody of the zone answers, somebody else is asked little more than a second later', () => {
    FakeSocket.last.open();
    connection.setOthers(['wss://b.example/v1/signalling', 'wss://elsewhere.example/v1/signalling']);
    connection.doubt();
    vi.advanceTimersByTime(750);
    expect(FakeSocket.all).toHaveLength(4);
    FakeSocket.last.welcome();
    vi.advanceTimersByTime(450);
    expect([handlers.opened.mock.calls.length, handlers.lost.mock.calls.length]).toEqual([1, 1]);
    vi.advanceTimersByTime(100);
    expect(handlers.opened).toHaveBeenCalledTimes(2);
    expect(connection.url).toContain('elsewhere');
    expect(FakeSocket.all.filter(({ readyState }) => readyState === 1)).toEqual([FakeSocket.last]);
  });

  test('a server that stops, and sends us elsewhere, is the last that is tried', () => {
    FakeSocket.last.open();
    connection.setOthers(['wss://zone.example/v1/signalling', 'wss://b.example/v1/signalling']);
    connection.settled();
    FakeSocket.last.lose(4001);
    vi.advanceTimersByTime(200);
    expect(new URL(FakeSocket.last.url).host).toBe('b.example');
    FakeSocket.last.lose();
    vi.advanceTimersByTime(400);
    expect(new URL(FakeSocket.last.url).host).toBe('zone.example');
  });

  test('closed means closed', () => {
    connection.close();
    const opened = FakeSocket.all.length;
    FakeSocket.last.lose();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(opened);
    expect(handlers.lost).not.toHaveBeenCalled();
  });
});
