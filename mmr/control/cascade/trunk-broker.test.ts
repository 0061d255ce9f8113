/** Two routers' brokers, and a network between them that the test moves. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { RouterId } from '../../../common/ids.ts';
import type { Seat } from './meeting-places.ts';
import { type BrokerOut, TrunkBroker } from './trunk-broker.ts';
import { isFirst, trunkIdOf } from './trunk-pair.ts';

const seat = (name: string): Seat => ({ router: name.slice(0, 2) as RouterId, worker: Number(name.slice(3)) });
const nameOf = ({ router, worker }: Seat): string => `${router}/${worker}`;

let nowMs = 0;
let log: string[] = [];
let queue: (() => void)[] = [];
let serial = 0;
/** Workers that cannot open anything. */
const broken = new Set<string>();
const brokers = new Map<string, TrunkBroker>();
const brokerOf = ({ router }: Seat): TrunkBroker => {
  const broker = brokers.get(router);
  if (broker === undefined) throw new Error(`no broker of ${router}`);
  return broker;
};

function makeBroker(): TrunkBroker {
  const fingerprint = new Uint8Array(32);
  const out: BrokerOut = {
    makeCredentials: () => ({ ufrag: `u${++serial}`, password: `p${serial}` }),
    offer: (own, peer, ufrag) => {
      log.push(`${nameOf(own)} offers ${ufrag}`);
      queue.push(() => brokerOf(peer).handleOffer(peer, own, { ufrag, fingerprint }));
    },
    answer: (own, peer, offeredUfrag, credentials) => {
      log.push(`${nameOf(own)} ${credentials === undefined ? 'refuses' : 'answers'} ${offeredUfrag}`);
      const reach = { fingerprint, addresses: ['192.0.2.1'], port: 1 };
      queue.push(() => {
        if (credentials === undefined) brokerOf(peer).handleRefusal(nowMs, peer, own, offeredUfrag);
        else brokerOf(peer).handleAnswer(peer, own, { offeredUfrag, ...credentials, ...reach });
      });
    },
    accept: (own, peer, trunk, { ufrag }, offer) => open(own, peer, `${trunk} accepts ${offer.ufrag} as ${ufrag}`),
    initiate: (own, peer, trunk, { ufrag }, answer) =>
      open(own, peer, `${trunk} initiates ${ufrag} to ${answer.ufrag}:${answer.password}`),
    close: (own, trunk) => log.push(`${nameOf(own)} closes ${trunk}`),
    setStream: (own, _, up) => log.push(`${nameOf(own)} stream ${up ? 'up' : 'down'}`),
  };
  const open = (own: Seat, peer: Seat, words: string): void => {
    log.push(words);
    queue.push(() => brokerOf(own).opened(nowMs, own, peer, !broken.has(nameOf(own))));
  };
  return new TrunkBroker(out);
}

/** All that is under way arrives; returns what happened. */
function settle(): string[] {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) step();
  const happened = log;
  log = [];
  return happened;
}

/** Time passes to the next thing that is due, at most `forMs`. */
function wait(forMs: number): string[] {
  const endMs = nowMs + forMs;
  const happened: string[] = [];
  for (;;) {
    const nextMs = Math.min(...[...brokers.values()].map((broker) => broker.nextTimeoutMs()));
    if (nextMs > endMs) break;
    nowMs = Math.max(nowMs, nextMs);
    for (const broker of brokers.values()) broker.handleTimeout(nowMs);
    happened.push(...settle());
  }
  nowMs = endMs;
  return happened;
}

const [A, B] = [seat('r1/0'), seat('r2/3')];

function meet(isNew = true): void {
  brokerOf(A).reachable(nowMs, B.router, isNew);
  brokerOf(B).reachable(nowMs, A.router, isNew);
}

function part(): void {
  brokerOf(A).unreachable(nowMs, B.router);
  brokerOf(B).unreachable(nowMs, A.router);
}

beforeEach(() => {
  nowMs = 1_000;
  log = [];
  queue = [];
  serial = 0;
  broken.clear();
  brokers.clear();
  brokers.set('r1', makeBroker());
  brokers.set('r2', makeBroker());
});

function open(): void {
  brokerOf(B).want(nowMs, B, A, isFirst(B, A));
  brokerOf(A).want(nowMs, A, B, isFirst(A, B));
  meet();
  settle();
}

describe('a trunk between two routers', () => {
  test('is offered by the end that sorts first, once it can be, and opened by the other end first', () => {
    brokerOf(B).want(nowMs, B, A, isFirst(B, A));
    brokerOf(A).want(nowMs, A, B, isFirst(A, B));
    expect(settle()).toEqual([]);
    meet();
    expect(settle()).toEqual([
      'r1/0 offers u1',
      'r1/0-r2/3 accepts u1 as u2',
      'r2/3 answers u1',
      'r2/3 stream up',
      'r1/0-r2/3 initiates u1 to u2:p2',
      'r1/0 stream up',
    ]);
  });

  test('wanted again is left as it is', () => {
    open();
    brokerOf(A).want(nowMs, A, B, isFirst(A, B));
    expect([...settle(), ...wait(60_000)]).toEqual([]);
  });

  test('that the other router knows nothing of yet is offered again soon', () => {
    brokerOf(A).want(nowMs, A, B, isFirst(A, B));
    meet();
    expect(settle()).toEqual(['r1/0 offers u1', 'r2/3 refuses u1']);
    brokerOf(B).want(nowMs, B, A, isFirst(B, A));
    expect(wait(50).at(-1)).toBe('r1/0 stream up');
  });

  test('whose offer is lost is offered again', () => {
    brokerOf(A).want(nowMs, A, B, isFirst(A, B));
    brokerOf(B).want(nowMs, B, A, isFirst(B, A));
    meet();
    queue.length = 0;
    expect(wait(3_100).at(-1)).toBe('r1/0 stream up');
  });

  test('lost on the media path is opened anew, with other credentials; the end that waits says so', () => {
    open();
    brokerOf(B).closed(nowMs, B, A);
    const happened = [...settle(), ...wait(100)];
    expect(happened.slice(0, 4)).toEqual([
      'r2/3 closes r1/0-r2/3',
      'r2/3 refuses u1',
      'r1/0 closes r1/0-r2/3',
      'r1/0 offers u3',
    ]);
    expect(happened.at(-1)).toBe('r1/0 stream up');
  });

  test('that does not come up is tried later each time, and at once after it was up', () => {
    open();
    const offersMs: number[] = [];
    for (let i = 0; i < 8; i++) {
      const fromMs = nowMs;
      brokerOf(A).closed(nowMs, A, B);
      settle();
      while (!wait(10).some((words) => words.startsWith('r1/0 offers')));
      offersMs.push(nowMs - fromMs);
    }
    expect(offersMs).toEqual([50, 100, 200, 400, 800, 1_600, 3_000, 3_000]);
    brokerOf(A).setUp(A, B, true);
    brokerOf(A).closed(nowMs, A, B);
    settle();
    expect(wait(50).at(-1)).toBe('r1/0 stream up');
  });

  test('goes on when the stream between the routers breaks, and is told when it is back', () => {
    open();
    part();
    expect([...settle(), ...wait(60_000)]).toEqual(['r1/0 stream down', 'r2/3 stream down']);
    meet(false);
    expect(settle()).toEqual(['r1/0 stream up', 'r2/3 stream up']);
  });

  test('is heard as long as word or media comes from the other router', () => {
    const hears = (): boolean => brokerOf(A).hears(B.router);
    open();
    expect(hears()).toBe(true);
    brokerOf(A).setUp(A, B, true);
    part();
    settle();
    expect(hears()).toBe(true);
    brokerOf(A).setUp(A, B, false);
    expect(hears()).toBe(false);
    meet(false);
    settle();
    expect(hears()).toBe(true);
    brokerOf(A).setUp(A, B, true);
    part();
    brokerOf(A).closed(nowMs, A, B);
    expect(hears()).toBe(false);
  });

  test('is opened anew when the other router was started anew', () => {
    open();
    part();
    settle();
    brokers.set('r2', makeBroker());
    brokerOf(B).want(nowMs, B, A, isFirst(B, A));
    meet();
    expect(settle().at(-1)).toBe('r1/0 stream up');
  });

  test('that nobody uses any more is closed after ten seconds, unless it is used again', () => {
    open();
    for (const [own, peer] of [[A, B] as const, [B, A] as const]) brokerOf(own).release(nowMs, own, peer);
    expect(wait(9_900)).toEqual([]);
    brokerOf(A).want(nowMs, A, B, isFirst(A, B));
    brokerOf(B).want(nowMs, B, A, isFirst(B, A));
    expect(wait(60_000)).toEqual([]);
    for (const [own, peer] of [[A, B] as const, [B, A] as const]) brokerOf(own).release(nowMs, own, peer);
    expect(brokerOf(A).find(0, trunkIdOf(A, B))).toMatchObject({ own: A, peer: B });
    expect(wait(10_000)).toEqual(['r1/0 closes r1/0-r2/3', 'r2/3 closes r1/0-r2/3']);
    for (const own of [A, B]) expect(brokerOf(own).find(own.worker, trunkIdOf(A, B))).toBeUndefined();
  });

  test('whose worker cannot open it is refused, and offered again', () => {
    broken.add('r2/3');
    open();
    broken.clear();
    expect(wait(200).at(-1)).toBe('r1/0 stream up');
  });
});

test('a worker that dies takes its ends of trunks with it, and no others; they are opened anew', () => {
  const other = seat('r1/1');
  open();
  for (const [own, peer] of [[other, B] as const, [B, other] as const])
    brokerOf(own).want(nowMs, own, peer, isFirst(own, peer));
  settle();
  brokerOf(A).workerLost(nowMs, A.worker);
  const happened = [...settle(), ...wait(1_000)];
  expect(happened[0]).toBe('r1/0 closes r1/0-r2/3');
  expect(happened.filter((words) => words.startsWith('r1/1'))).toEqual([]);
  expect(happened.at(-1)).toBe('r1/0 stream up');
});

test('two workers of one router have a trunk, too', () => {
  const [one, other] = [seat('r1/0'), seat('r1/1')];
  brokerOf(one).want(nowMs, one, other, isFirst(one, other));
  brokerOf(one).want(nowMs, other, one, isFirst(other, one));
  brokerOf(one).reachable(nowMs, one.router, true);
  expect(settle()).toEqual([
    'r1/0 offers u1',
    'r1/0-r1/1 accepts u1 as u2',
    'r1/1 answers u1',
    'r1/1 stream up',
    'r1/0-r1/1 initiates u1 to u2:p2',
    'r1/0 stream up',
  ]);
});
