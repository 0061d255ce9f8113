/** Whatever servers do, and however often they are doubted: one stay, resumed at one of them at a time, and again wherever one is left. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Random } from '../../test/fuzz/random.ts';
import { SignallingConnection } from './signalling-connection.ts';
import { SimNetwork, type SimServer } from './testing/sim-network.ts';

const URLS = ['wss://a1.example/', 'wss://a2.example/', 'wss://b1.example/', 'wss://c1.example/'];
const STATES = ['well', 'well', 'dark', 'hung', 'closed'] as const satisfies SimServer['state'][];

let random: Random;
let network: SimNetwork;
let connection: SignallingConnection;
/** Most that the stay has ever been resumed by at the same time. */
let most: number;
/** On which it has been answered last. */
let answeredBy: string | undefined;

const talking = () => network.sockets.filter(({ readyState, sent }) => readyState === 1 && sent.includes('resume'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockImplementation(() => random.below(1_000) / 1_000);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function begin(seed: number): void {
  random = new Random(seed);
  network = new SimNetwork();
  for (const url of URLS) network.servers.set(url, { state: 'well', roundTripMs: 1 + random.below(150) });
  vi.stubGlobal('WebSocket', network.socketClass);
  most = 0;
  answeredBy = undefined;
  connection = new SignallingConnection(URLS, {
    opened: () => {
      const { url } = connection;
      connection.request({ type: 'resume', session: 's' }).then(
        () => {
          connection.settled();
          answeredBy = url;
        },
        () => undefined, // lost again, or no answer: media is doubted below
      );
      most = Math.max(most, talking().length);
    },
    lost: () => {
      answeredBy = undefined;
    },
    message: () => undefined,
  });
}

/** As the page does while no media comes. */
async function doubtFor(ms: number): Promise<void> {
  for (let spentMs = 0; spentMs < ms; spentMs += 500) {
    connection.doubt();
    await vi.advanceTimersByTimeAsync(500);
  }
}

test('one stay is resumed at one server at a time, and where one is left it goes on', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const label = `seed ${seed}`;
    begin(seed);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(answeredBy, label).toBe(URLS[0]);
    for (let change = 0; change < 8; change++) {
      for (const url of URLS) {
        const { roundTripMs } = network.servers.get(url) as SimServer;
        network.servers.set(url, { state: random.pick(STATES), roundTripMs });
      }
      network.isUp = !random.chance(5);
      await doubtFor(random.below(6_000));
    }
    network.isUp = true;
    const left = random.pick(URLS);
    for (const [url, { roundTripMs }] of network.servers) {
      network.servers.set(url, { state: url === left ? 'well' : 'dark', roundTripMs });
    }
    const before = network.sockets.length;
    // The pause before and the race that are under way, and then one more of each.
    await doubtFor(25_000);
    expect([answeredBy, most], label).toEqual([left, 1]);
    expect(network.sockets.length - before, label).toBeLessThanOrEqual(3 * URLS.length);
    connection.close();
    expect(
      network.sockets.filter(({ readyState }) => readyState !== 3),
      label,
    ).toEqual([]);
  }
});

test('without a network, few sockets are opened: they are what servers see of those who come back', async () => {
  begin(7);
  await vi.advanceTimersByTimeAsync(2_000);
  network.isUp = false;
  const before = network.sockets.length;
  await doubtFor(60_000);
  // Each address once in eight seconds and a pause that grows to eight.
  expect(network.sockets.length - before).toBeLessThanOrEqual(6 * URLS.length);
  network.isUp = true;
  await doubtFor(17_000);
  expect(answeredBy).toBe(URLS[0]);
  connection.close();
});

test('a whole zone that is silent: another one is asked little more than a second after the doubt', async () => {
  begin(3);
  await vi.advanceTimersByTimeAsync(2_000);
  for (const url of URLS.slice(0, 2)) network.servers.set(url, { state: 'dark', roundTripMs: 20 });
  await doubtFor(2_000);
  expect(answeredBy).toBe(URLS[2]);
  connection.close();
});
