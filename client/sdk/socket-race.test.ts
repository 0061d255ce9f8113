import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Random } from '../../test/fuzz/random.ts';
import { SocketRace, urgentTimes } from './socket-race.ts';
import { SimNetwork, type SimServer, type SimSocket } from './testing/sim-network.ts';

let network: SimNetwork;
beforeEach(() => {
  vi.useFakeTimers();
  network = new SimNetwork();
});
afterEach(() => vi.useRealTimers());

interface Result {
  /** Of the winner; undefined: nobody won. */
  url: string | undefined;
  atMs: number;
}

/** A race between all servers, in their order. */
function race(results: Result[], roundTripMs = 0, isHeld = false): SocketRace<SimSocket> {
  const startMs = performance.now();
  const Socket = network.socketClass;
  const end = (url: string | undefined) => results.push({ url, atMs: performance.now() - startMs });
  return new SocketRace<SimSocket>(
    {
      urls: [...network.servers.keys()],
      times: urgentTimes(roundTripMs),
      open: (url) => new Socket(url),
      won: (_socket, url) => end(url),
      lost: () => end(undefined),
    },
    isHeld,
  );
}

function serve(servers: Record<string, [SimServer['state'], number]>): void {
  for (const [url, [state, roundTripMs]] of Object.entries(servers)) network.servers.set(url, { state, roundTripMs });
}

const tried = () => network.sockets.map(({ url }) => url);
const open = () => network.sockets.filter(({ readyState }) => readyState !== 3).map(({ url }) => url);

describe('a race', () => {
  test.each<[string, Record<string, [SimServer['state'], number]>, string, number, string[]]>([
    ['the best one answers before another one is tried', { a: ['well', 50], b: ['well', 5] }, 'a', 200, ['a']],
    ['the best one is far away: it is waited for', { a: ['well', 200], b: ['well', 5] }, 'a', 800, ['a', 'b']],
    ['nobody listens: the next one at once', { a: ['closed', 10], b: ['well', 10] }, 'b', 50, ['a', 'b']],
    ['silence: the next one after a second', { a: ['dark', 10], b: ['well', 10] }, 'b', 1_000, ['a', 'b']],
    ['open, but nobody there: likewise', { a: ['hung', 10], b: ['well', 10] }, 'b', 1_000, ['a', 'b']],
    [
      'two that are silent: no longer',
      { a: ['dark', 10], b: ['hung', 10], c: ['well', 10], d: ['well', 10] },
      'c',
      1_000,
      ['a', 'b', 'c'],
    ],
    ['one address alone is open when it is open', { a: ['hung', 100] }, 'a', 300, ['a']],
  ])('%s', (_, servers, winner, atMs, sockets) => {
    serve(servers);
    const results: Result[] = [];
    race(results);
    vi.advanceTimersByTime(20_000);
    expect(results).toEqual([{ url: winner, atMs }]);
    expect([tried(), open()]).toEqual([sockets, [winner]]);
  });

  test('who is far away by what is known gets more time', () => {
    serve({ a: ['well', 500], b: ['well', 5] });
    const results: Result[] = [];
    race(results, 450);
    vi.advanceTimersByTime(20_000);
    expect(results).toEqual([{ url: 'a', atMs: 2_000 }]);
  });

  test('nobody answers: lost after eight seconds, with one socket for each address', () => {
    serve({ a: ['dark', 10], b: ['dark', 10], c: ['hung', 10] });
    const results: Result[] = [];
    race(results);
    vi.advanceTimersByTime(60_000);
    expect(results).toEqual([{ url: undefined, atMs: 8_500 }]);
    expect([tried(), open()]).toEqual([['a', 'b', 'c'], []]);
  });

  test('our own network was away: the best one wins also when another one comes through first', () => {
    serve({ a: ['well', 20], b: ['well', 20] });
    network.isUp = false;
    const results: Result[] = [];
    race(results);
    vi.advanceTimersByTime(1_100);
    network.isUp = true;
    vi.advanceTimersByTime(10_000);
    expect(results).toEqual([{ url: 'a', atMs: 1_410 }]);
  });

  test('while it is held nobody wins, and nobody more is tried than is needed', () => {
    serve({ a: ['dark', 10], b: ['well', 10], c: ['well', 10] });
    const results: Result[] = [];
    const held = race(results, 0, true);
    vi.advanceTimersByTime(3_000);
    expect([results, tried()]).toEqual([[], ['a', 'b']]);
    held.release();
    expect(results).toEqual([{ url: 'b', atMs: 3_000 }]);
  });
});

test('whatever servers and network do: one end, in time, by somebody who answers, at home if home is well', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Random(seed);
    network = new SimNetwork();
    const home = 1 + random.below(3);
    const all = home + random.below(4);
    for (let index = 0; index < all; index++) {
      const state = random.pick(['well', 'well', 'dark', 'hung', 'closed'] as const);
      // The home zone answers within the second that it has; others may be near or far.
      network.servers.set(`${index}`, { state, roundTripMs: 1 + random.below(index < home ? 180 : 400) });
    }
    network.isUp = !random.chance(4);
    const results: Result[] = [];
    race(results);
    if (!network.isUp) vi.advanceTimersByTime(1_500 + random.below(4_000));
    const wasAway = !network.isUp;
    network.isUp = true;
    vi.advanceTimersByTime(30_000);
    const servers = [...network.servers.values()];
    const isWell = (each: SimServer | undefined) => each?.state === 'well';
    const label = `seed ${seed}`;
    expect(results, label).toHaveLength(1);
    const [{ url, atMs }] = results as [Result];
    const winner = url === undefined ? undefined : network.servers.get(url);
    const isAlone = all === 1 && (winner?.state === 'hung' || winner === undefined);
    if (!isAlone && !wasAway) expect(isWell(winner), label).toBe(servers.some(isWell));
    if (url !== undefined && !isAlone) expect(isWell(winner), label).toBe(true);
    if (url !== undefined && servers.slice(0, home).some(isWell) && !wasAway) {
      expect(Number(url), label).toBeLessThan(home);
    }
    const firstWell = servers.findIndex(isWell);
    // A head start for each before it, its own way, and the patience with better ones: once more if it is slow itself.
    const ownMs = 4 * (servers[firstWell]?.roundTripMs ?? 0);
    const boundMs = Math.max(1_050, firstWell * 250 + ownMs + 50 + (ownMs > 1_000 ? 1_000 : 0));
    if (!wasAway && firstWell >= 0) expect(atMs, label).toBeLessThanOrEqual(boundMs);
    expect(atMs, label).toBeLessThan(13_000);
    expect(network.sockets.length, label).toBeLessThanOrEqual(2 * all);
    expect(open(), label).toEqual(url === undefined ? [] : [url]);
    for (const { sent } of network.sockets) expect(sent.length, label).toBeLessThanOrEqual(1);
  }
});
