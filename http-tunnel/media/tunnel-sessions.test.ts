/** Sessions over real sockets, by each carrier: signalling, resuming, limits, and clients that do not keep to it. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  CARRIER_SILENCE_MS,
  MAX_WHOLE_TEXT_BYTES,
  SESSION_OUTLIVES_MS,
  TUNNEL_PATH,
  TunnelChannel,
  TunnelClose,
} from '../../proto/tunnel.ts';
import { CARRIER_KINDS } from './media-counters.ts';
import { RefusedError, request, wordRecord } from './testing/test-carriers.ts';
import { TestTunnelClient } from './testing/test-client.ts';
import { TunnelLab } from './testing/tunnel-lab.ts';

let lab: TunnelLab;
beforeAll(async () => {
  lab = await TunnelLab.start();
});
afterAll(() => lab.stop());

let tickets = 0;
const ticket = () => `ticket-${++tickets}`;

describe.each(CARRIER_KINDS)('%s', (kind) => {
  test('signalling goes through, with the address of who speaks, in texts of any length', async () => {
    const client = await TestTunnelClient.open(kind, lab.origin, undefined);
    client.request({ type: 'openSignalling' });
    client.sendText(TunnelChannel.signalling, 'early');
    await client.newsOf('signallingState', ({ state }) => state === 'open');
    const long = 'x'.repeat(150_000);
    client.sendText(TunnelChannel.signalling, long);
    client.sendText(TunnelChannel.signalling, 'long 300000');
    await client.until(() => (client.signalling.length === 4 ? true : undefined));
    expect(client.signalling).toEqual(['for 127.0.0.1', 'echo early', `echo ${long}`, 'ä'.repeat(300_000)]);
    client.sendText(TunnelChannel.signalling, 'close');
    const closed = await client.newsOf('signallingState', ({ state }) => state === 'closed');
    expect(closed).toEqual({ type: 'signallingState', state: 'closed', code: 4001, reason: 'elsewhere' });
    client.close();
  });

  test('a session goes on by any other carrier, and loses nothing that was said', async () => {
    const client = await TestTunnelClient.open(kind, lab.origin, ticket());
    client.request({ type: 'openSignalling' });
    await client.newsOf('signallingState');
    const said: string[] = [];
    for (const [round, next] of [...CARRIER_KINDS, kind].entries()) {
      for (let i = 0; i < 20; i++) said.push(`${round} ${i} ${'.'.repeat(3000)}`);
      for (const text of said.slice(round * 20)) client.sendText(TunnelChannel.signalling, text);
      // In the middle of it, whatever has arrived by now.
      await client.connect(next);
    }
    await client.until(() => (client.signalling.length === said.length + 1 ? true : undefined));
    expect(client.signalling.slice(1)).toEqual(said.map((text) => `echo ${text}`));
    client.close();
  });

  test('without a ticket there is no leg; with one, only to routers, in whatever notation', async () => {
    const stranger = await TestTunnelClient.open(kind, lab.origin, undefined);
    stranger.request({ type: 'open', leg: 0 });
    expect(await stranger.newsOf('legState')).toMatchObject({ state: 'failed', reason: 'the session has no ticket' });
    stranger.close();
    const client = await TestTunnelClient.open(kind, lab.origin, ticket());
    client.request({ type: 'open', leg: 0 });
    const { ufrag, pwd, fingerprint } = await client.newsOf('opened');
    expect(fingerprint).toMatch(/^sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const candidates = ['127.0.0.1', '::ffff:127.0.0.1', '169.254.169.254', '0x7f.1', 'localhost'].map((address) => {
      return { address, port: 8801 };
    });
    client.request({ type: 'connect', leg: 0, candidates, ufrag, pwd, fingerprint });
    expect(await client.newsOf('legState')).toMatchObject({
      state: 'failed',
      reason: 'no candidate is a router of the zone',
    });
    expect(lab.media.counters.candidatesRefused).toBeGreaterThanOrEqual(candidates.length);
    client.close();
  });

  test('what makes no sense ends the session', async () => {
    const nonsense: readonly [string, Buffer][] = [
      ['no such channel', Buffer.of(9, 0, 0)],
      ['cut', Buffer.of(TunnelChannel.media, 0, 5, 1)],
      ['media that is too long', Buffer.concat([Buffer.of(TunnelChannel.media, 0x06, 0), Buffer.alloc(0x600)])],
      ['control that is no request', Buffer.from('\0\0\x02{}')],
      ['no UTF-8', Buffer.of(TunnelChannel.signalling, 0, 1, 0xff)],
      ['more received than was said', wordRecord({ type: 'received', received: 99 })],
      ['deep JSON', Buffer.concat([Buffer.of(0, 0x27, 0x10), Buffer.alloc(10_000, '[')])],
    ];
    for (const [what, bytes] of nonsense) {
      const before = lab.media.counters.sessionEnds.malformed;
      const client = await TestTunnelClient.open(kind, lab.origin, ticket());
      client.sendRaw(bytes);
      await expect(
        client.until(() => undefined),
        what,
      ).rejects.toThrow('closed');
      if (kind === 'webSocket') expect(client.closed).toBe(TunnelClose.misbehaved);
      expect(lab.media.counters.sessionEnds.malformed, what).toBe(before + 1);
      client.close();
    }
  });

  test('a text without end, and requests without end', async () => {
    const ends = () => ({ ...lab.media.counters.sessionEnds });
    const before = ends();
    const endless = await TestTunnelClient.open(kind, lab.origin, ticket());
    endless.sendText(TunnelChannel.signalling, 'x'.repeat(MAX_WHOLE_TEXT_BYTES + 1));
    await expect(endless.until(() => undefined)).rejects.toThrow('closed');
    const flood = await TestTunnelClient.open(kind, lab.origin, ticket());
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => Buffer.from('\0\0\x0f{"type":"ping"}')));
    flood.sendRaw(pings);
    await expect(flood.until(() => undefined)).rejects.toThrow('closed');
    expect(ends()).toMatchObject({ malformed: before.malformed + 1, flooded: before.flooded + 1 });
    endless.close();
    flood.close();
  });
});

test('who opens a session: tickets, limits, pages, draining', async () => {
  const small = await TunnelLab.start({ limits: { strangersPerAddress: 2, sessionsPerHolder: 1, sessions: 4 } });
  const open = (body: unknown, headers: Record<string, string> = {}) =>
    request(`${small.origin}${TUNNEL_PATH}/sessions`, { method: 'POST', body: JSON.stringify(body), headers });
  const refusal = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof RefusedError ? [error.status, error.refusal.code] : error;
  };
  expect(await refusal(open({ ticket: 'false' }))).toEqual([401, 'badTicket']);
  expect(await refusal(open({ ticket: 7 }))).toEqual([400, 'badRequest']);
  await open({});
  await open({});
  expect(await refusal(open({}))).toEqual([429, 'tooMany']);
  await open({ ticket: 'ticket-a' });
  expect(await refusal(open({ ticket: 'ticket-a' }))).toEqual([429, 'tooMany']);
  await open({ ticket: 'ticket-b' });
  expect(await refusal(open({ ticket: 'ticket-c' }))).toEqual([429, 'tooMany']);
  expect(await refusal(open({}, { origin: 'https://elsewhere.example' }))).toEqual([403, 'badOrigin']);
  small.media.setDraining(true);
  expect(await refusal(open({ ticket: 'ticket-d' }))).toEqual([503, 'draining']);
  await small.stop();
});

test('a page of another host: preflight, and headers that let it read', async () => {
  const url = `${lab.origin}${TUNNEL_PATH}/sessions`;
  const headers = { origin: 'https://zone.example' };
  const preflight = await fetch(url, { method: 'OPTIONS', headers });
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'authorization, content-type, tunnel-number',
  ]);
  const opened = await request(url, { method: 'POST', body: '{}', headers });
  expect(opened.headers.get('access-control-allow-origin')).toBe('https://zone.example');
  expect(opened.headers.get('vary')).toBe('origin');
});

test('requests by HTTP: wrong secrets, numbers and carriers; answers that got lost', async () => {
  const url = `${lab.origin}${TUNNEL_PATH}/sessions`;
  const opened = await request(url, { method: 'POST', body: JSON.stringify({ ticket: ticket() }) });
  const { session, secret, carrier } = (await opened.json()) as { session: string; secret: string; carrier: number };
  const base = `${url}/${session}/carriers`;
  const status = async (path: string, init: Parameters<typeof request>[1]) =>
    request(path, init).then(
      (response) => response.status,
      (error: unknown) => (error as RefusedError).status,
    );
  expect(await status(`${base}/${carrier}/poll`, { secret: 'other', number: 1 })).toBe(404);
  expect(await status(`${base}/${carrier}/poll`, { secret })).toBe(400);
  expect(await status(`${base}/${carrier + 1}/poll`, { secret, number: 1 })).toBe(409);
  expect(await status(`${base}/${carrier}/upload`, { secret, number: 100, method: 'POST', body: '' })).toBe(409);
  expect(await status(`${base}/${carrier}/nonsense`, { secret })).toBe(400);
  const ask = async (number: number) =>
    Buffer.from(await (await request(`${base}/${carrier}/poll`, { secret, number })).arrayBuffer()).toString();
  const first = await ask(1);
  expect(first).toContain('"resumed"');
  expect(await ask(1)).toBe(first);
  expect(await status(`${base}/${carrier}/poll`, { secret, number: 4 })).toBe(400);
  // Uploads that overtake each other, and one that comes twice.
  const ping = '\0\0\x0f{"type":"ping"}';
  const upload = (number: number, body: string) =>
    status(`${base}/${carrier}/upload`, { secret, number, method: 'POST', body });
  expect(await upload(2, `${ping}${ping}`)).toBe(204);
  const answer = ask(2);
  expect(await upload(1, ping)).toBe(204);
  expect((await answer).match(/"pong"/g)).toHaveLength(3);
  expect(await upload(2, ping)).toBe(204);
  expect(await upload(3, ping.slice(0, 10))).toBe(204);
  // It was cut in the middle: the session has ended.
  expect(await upload(4, ping)).toBe(404);
});

test('one that leaves is gone at once; one that says nothing is refused', async () => {
  const client = await TestTunnelClient.open('webSocket', lab.origin, ticket());
  const { session, secret } = client.key as { session: string; secret: string };
  const path = `${lab.origin}${TUNNEL_PATH}/sessions/${session}`;
  expect((await request(path, { method: 'DELETE', secret })).status).toBe(204);
  await expect(client.until(() => undefined)).rejects.toThrow(`${TunnelClose.unknownSession}`);
  await expect(client.connect('httpStream')).rejects.toThrow('404 unknownSession');
  client.close();
});

test('a session outlives its carrier by ten seconds, and a carrier its client by thirty', async () => {
  let nowMs = 0;
  const clocked = await TunnelLab.start({ nowMs: () => nowMs });
  const [lost, silent] = [
    await TestTunnelClient.open('webSocket', clocked.origin, ticket()),
    await TestTunnelClient.open('webSocket', clocked.origin, ticket()),
  ];
  const { sessionEnds } = clocked.media.counters;
  const carrierLost = async (count: number) => {
    const startMs = nowMs;
    while (sessionEnds.carrierLost < count) {
      nowMs += 100;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return nowMs - startMs;
  };
  await lost.connect('httpStream');
  lost.cut();
  // Says nothing, for nothing comes to it.
  silent.stall();
  expect(await carrierLost(1)).toBeGreaterThanOrEqual(SESSION_OUTLIVES_MS);
  await expect(lost.connect('webSocket')).rejects.toThrow(`${TunnelClose.unknownSession}`);
  const tookMs = SESSION_OUTLIVES_MS + (await carrierLost(2));
  expect(tookMs).toBeGreaterThanOrEqual(CARRIER_SILENCE_MS);
  for (const client of [lost, silent]) client.close();
  await clocked.stop();
});

test('a page of another site gets no WebSocket; one that says nothing, or nonsense, is closed', async () => {
  const url = `${lab.origin.replace('http', 'ws')}${TUNNEL_PATH}`;
  const foreign = new WebSocket(url, { origin: 'https://elsewhere.example' });
  const [error] = (await once(foreign, 'error')) as [Error];
  expect(error.message).toContain('403');
  const own = new WebSocket(url, { origin: 'https://zone.example' });
  await once(own, 'open');
  own.send(Buffer.of(TunnelChannel.media, 0, 0));
  expect(((await once(own, 'close')) as [number])[0]).toBe(TunnelClose.misbehaved);
  const fragmented = new WebSocket(url);
  await once(fragmented, 'open');
  for (let i = 0; i < 100; i++) fragmented.send(Buffer.of(4), { fin: false });
  expect(((await once(fragmented, 'close')) as [number])[0]).not.toBe(1000);
});

test('no controller is known: the client is told at once', async () => {
  const lonely = await TunnelLab.start({ dialSignalling: () => () => undefined });
  const client = await TestTunnelClient.open('webSocket', lonely.origin, undefined);
  client.request({ type: 'openSignalling' });
  expect(await client.newsOf('signallingState')).toMatchObject({ state: 'closed', code: 1013 });
  client.close();
  await lonely.stop();
});

test('draining: everybody is asked to move, and stays as long as he likes', async () => {
  const other = await TunnelLab.start();
  const client = await TestTunnelClient.open('webSocket', other.origin, ticket());
  other.media.setDraining(true);
  await client.newsOf('move');
  client.request({ type: 'ping' });
  await client.newsOf('pong');
  await other.stop();
  await expect(client.until(() => undefined)).rejects.toThrow(`${TunnelClose.draining}`);
  client.close();
});

test('an address opens so many sessions at once, and then some each second; going on with one is none', async () => {
  let nowMs = 0;
  const slow = await TunnelLab.start({ nowMs: () => nowMs, limits: { openingBurst: 3, openingsPerSecond: 1 } });
  const open = () => request(`${slow.origin}${TUNNEL_PATH}/sessions`, { method: 'POST', body: '{}' });
  const client = await TestTunnelClient.open('webSocket', slow.origin, ticket());
  await open();
  await open();
  await expect(open()).rejects.toThrow('429 tooMany');
  await expect(TestTunnelClient.open('webSocket', slow.origin, ticket())).rejects.toThrow(`${TunnelClose.tooMany}`);
  await client.connect('httpStream');
  expect(slow.media.counters.refusals.tooOftenOfAddress).toBe(2);
  nowMs += 1_000;
  await open();
  client.close();
  await slow.stop();
});

test('a socket to a controller after the other, without end: the session ends', async () => {
  let dialled = 0;
  const other = await TunnelLab.start({
    dialSignalling: () => () => {
      dialled++;
      return undefined;
    },
  });
  const client = await TestTunnelClient.open('webSocket', other.origin, undefined);
  for (let i = 0; i < 50; i++) client.request({ type: 'openSignalling' });
  await expect(client.until(() => undefined)).rejects.toThrow(`${TunnelClose.misbehaved}`);
  expect(other.media.counters.sessionEnds.flooded).toBe(1);
  expect(dialled).toBeLessThan(20);
  client.close();
  await other.stop();
});

test('texts for a controller that does not come: some are kept, too many end the session', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const other = await TunnelLab.start({ dialSignalling: () => () => new WebSocket(`ws://127.0.0.1:${port}`) });
  const client = await TestTunnelClient.open('webSocket', other.origin, undefined);
  client.request({ type: 'openSignalling' });
  for (let i = 0; i < 6; i++) client.sendText(TunnelChannel.signalling, 'x'.repeat(60_000));
  await expect(client.until(() => undefined)).rejects.toThrow(`${TunnelClose.misbehaved}`);
  expect(other.media.counters.sessionEnds.signallingStalled).toBe(1);
  client.close();
  await other.stop();
  silent.close();
});

test('legs are known by another certificate each day', async () => {
  let nowMs = 0;
  const clocked = await TunnelLab.start({ nowMs: () => nowMs });
  const fingerprint = async () => {
    const client = await TestTunnelClient.open('webSocket', clocked.origin, ticket());
    client.request({ type: 'open', leg: 0 });
    const { fingerprint: ours } = await client.newsOf('opened');
    client.close();
    return ours;
  };
  const first = await fingerprint();
  expect(await fingerprint()).toBe(first);
  nowMs += 86_400_000;
  await expect.poll(fingerprint, { timeout: 20_000 }).not.toBe(first);
  await clocked.stop();
});
