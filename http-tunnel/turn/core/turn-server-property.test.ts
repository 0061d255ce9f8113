/** What holds whatever comes: hostile bytes, mutated requests, and any order of things that clients and peers do. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TurnCounters } from './turn-counters.ts';
import {
  attribute,
  channelDataOf,
  channelNumber,
  data,
  LAB_LIMITS,
  LabTurnClient,
  labClient,
  lifetime,
  peer,
  plainMessage,
  ROUTER,
  ROUTER_IPV6,
  ROUTER_PORT,
  requestedTransport,
  START_SECONDS,
  TurnLab,
} from './turn-lab.ts';
import { TurnAttribute, TurnMethod } from './turn-protocol.ts';

const SEED = 20260107;
const CLIENTS = 4;
const ADDRESSES = [ROUTER, ROUTER, ROUTER_IPV6, '127.0.0.1', '198.51.100.8'];

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Every packet in exactly one counter; `waiting`: Allocates not answered yet. */
function expectSums(counters: TurnCounters, waiting: number): void {
  const { answered, relayedToPeers, keepalives, refused, clientDrops, relayedToClients, peerDrops } = counters;
  const ends = answered + relayedToPeers + keepalives + sum(refused) + sum(clientDrops);
  expect(ends + waiting).toBe(counters.fromClients);
  expect(relayedToClients + sum(peerDrops)).toBe(counters.fromPeers);
}

describe('hostile bytes', () => {
  const lab = new TurnLab();
  const client = new LabTurnClient(lab);
  client.allocate();
  client.permit();
  const known = [
    client.signed(TurnMethod.refresh, [lifetime(600)]),
    client.signed(TurnMethod.createPermission, [peer('198.51.100.8'), peer(ROUTER)]),
    client.signed(TurnMethod.channelBind, [channelNumber(0x4000), peer(ROUTER)]),
    client.signed(TurnMethod.allocate, [requestedTransport, attribute(TurnAttribute.evenPort, 0)]),
    plainMessage(TurnMethod.binding, [(writer) => writer.fingerprint()]),
  ];

  test('bytes of any kind, from a stranger and from a client: nothing is thrown, made or relayed', () => {
    const first = fc.constantFrom(0x00, 0x01, 0x40, 0x41, 0x16, 0x80, 0xff);
    fc.assert(
      fc.property(first, fc.uint8Array({ maxLength: 200 }), (byte, rest) => {
        const bytes = Uint8Array.from([byte, ...rest]);
        lab.send(client.tuple, bytes);
        lab.send(labClient(), bytes);
      }),
      { seed: SEED, numRuns: 5000 },
    );
    expect([lab.server.allocations.size, lab.toPeers.length]).toEqual([1, 0]);
    expectSums(lab.server.counters, 0);
  });

  test('a request of which a byte is changed is never carried out', () => {
    const request = fc.record({
      index: fc.nat(known.length - 1),
      at: fc.nat(300),
      change: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(request, ({ index, at, change }) => {
        const bytes = (known[index] as Uint8Array).slice();
        bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ change;
        lab.nowMs += 100;
        lab.send(client.tuple, bytes);
        lab.send(labClient(), bytes);
      }),
      { seed: SEED, numRuns: 1000 },
    );
    // What was there before, and nothing that the requests ask for.
    const [allocation] = lab.server.allocations;
    expect([allocation?.channels.size, [...(allocation?.peers.keys() ?? [])]]).toEqual([0, [ROUTER]]);
    expectSums(lab.server.counters, 0);
  });
});

/** One thing that somebody does; numbers are taken modulo what there is. */
type Act = readonly [what: string, who: number, a: number, b: number];
/** As often as they are drawn. */
const WEIGHTS = {
  ...{ challenge: 1, allocate: 4, open: 4, fail: 1, refresh: 1, leave: 1, drain: 1, time: 1 },
  ...{ permit: 4, bind: 6, send: 4, channel: 6, peer: 6 },
};
const ACTS = Object.entries(WEIGHTS).flatMap(([what, weight]) => new Array<string>(weight).fill(what));

class World {
  readonly lab = new TurnLab({
    limits: { ...LAB_LIMITS, allocations: 3, allocationsPerUser: 1, peers: 2, channels: 3 },
  });
  readonly #clients = Array.from(
    { length: CLIENTS },
    (_, i) => new LabTurnClient(this.lab, labClient({ port: 1000 + i }), `${START_SECONDS + 3600}:user ${i % 3}`),
  );
  /** What clients were granted, kept apart from the server: until when, by 5-tuple and peer address. */
  readonly #permitted = new Map<string, number>();
  #waiting = 0;

  constructor() {
    for (const client of this.#clients) client.challenge();
  }

  act([what, who, a, b]: Act): void {
    const { lab } = this;
    const client = this.#clients[who % CLIENTS] as LabTurnClient;
    const address = ADDRESSES[a % ADDRESSES.length] as string;
    const port = ROUTER_PORT + (b % 3);
    const before = lab.toPeers.length;
    if (what === 'challenge') client.challenge();
    else if (what === 'allocate') this.#allocate(client, a);
    else if (what === 'open' || what === 'fail') this.#settle(what === 'fail');
    else if (what === 'refresh') this.#refresh(client, a);
    else if (what === 'permit') this.#grant(client, address, client.permit(address).code);
    else if (what === 'bind') this.#grant(client, address, client.bind(0x4000 + (b % 4), address, port).code);
    else if (what === 'send') client.sendIndication(Uint8Array.of(who, a), address, port);
    else if (what === 'channel') client.sendChannelData(0x4000 + (b % 5), Uint8Array.of(who, a));
    else if (what === 'peer') for (const relay of client.relays) lab.fromPeer(relay, Uint8Array.of(a), port, address);
    else if (what === 'time') lab.nowMs += (a * b) / 3;
    else if (what === 'drain') lab.server.setDraining(a % 8 === 0);
    else this.#leave(client);
    for (const { relay, address: to, port: at } of lab.toPeers.slice(before)) {
      expect(lab.peers.allows(to, at)).toBe(true);
      expect(this.#permitted.get(`${relay.allocation.client.key} ${to}`)).toBeGreaterThan(lab.nowMs);
      expect(relay.allocation.client).toBe(client.tuple);
    }
  }

  check(): void {
    const { allocations, counters } = this.lab.server;
    expect(allocations.size).toBeLessThanOrEqual(3);
    for (const allocation of allocations) {
      expect(allocations.users.of(allocation.user.participant)).toBe(1);
      expect(allocation.peers.size).toBeLessThanOrEqual(2);
      expect(allocation.channels.size).toBeLessThanOrEqual(3);
      for (const channel of allocation.channels.values()) {
        expect(allocation.peers.get(channel.peer.address)).toBe(channel.peer);
        expect(channel.peer.channels.get(channel.port)).toBe(channel);
      }
    }
    expectSums(counters, this.#waiting);
  }

  /** Nothing is left when everybody has gone. */
  end(): void {
    this.#settle(false);
    this.lab.nowMs += 3_600_001;
    this.lab.server.handleTimeout(this.lab.nowMs);
    const { allocations } = this.lab.server;
    expect([allocations.size, allocations.users.size, allocations.addresses.size]).toEqual([0, 0, 0]);
    expect(new Set(this.lab.closed).size).toBe(this.lab.closed.length);
  }

  #allocate(client: LabTurnClient, a: number): void {
    if (client.nonce === '') client.challenge();
    const both = a % 3 === 0 ? [attribute(TurnAttribute.additionalAddressFamily, 2, 0, 0, 0)] : [];
    const before = this.lab.opening.length;
    this.lab.send(client.tuple, client.signed(TurnMethod.allocate, [requestedTransport, ...both]));
    if (this.lab.opening.length > before) this.#waiting++;
  }

  #settle(fails: boolean): void {
    this.lab.openAll(() => fails);
    this.#waiting = 0;
  }

  #refresh(client: LabTurnClient, a: number): void {
    client.request(TurnMethod.refresh, [lifetime(a % 4 === 0 ? 0 : a * 10)]);
    if (a % 4 === 0 && client.relays.length === 0) this.#forget(client);
  }

  #grant(client: LabTurnClient, address: string, code: number): void {
    if (code === 0) this.#permitted.set(`${client.tuple.key} ${address}`, this.lab.nowMs + 300_000);
  }

  #leave(client: LabTurnClient): void {
    if (client.relays.some(({ state }) => state === 'opening')) this.#waiting--;
    this.lab.server.handleClientGone(this.lab.nowMs, client.tuple);
    this.#forget(client);
  }

  #forget(client: LabTurnClient): void {
    for (const key of this.#permitted.keys()) if (key.startsWith(`${client.tuple.key} `)) this.#permitted.delete(key);
  }
}

test('any order of things: no relay without permission, no more of anything than there may be', () => {
  const number = fc.noBias(fc.nat(1000));
  const act = fc.tuple(fc.constantFrom(...ACTS), number, number, number);
  let [toPeers, toClients] = [0, 0];
  fc.assert(
    fc.property(fc.array(act, { minLength: 100, maxLength: 300, size: 'max' }), (acts) => {
      const world = new World();
      for (const one of acts) {
        world.act(one);
        world.check();
      }
      toPeers += world.lab.toPeers.length;
      toClients += world.lab.toClients.length;
      world.end();
    }),
    // Not shrunk: that takes minutes, and the seed is enough to find it again.
    { seed: SEED, numRuns: 200, endOnFailure: true },
  );
  // The acts reach what they are to disprove.
  expect(Math.min(toPeers, toClients)).toBeGreaterThan(100);
});

test('strangers leave nothing behind but a bounded number of budgets', () => {
  const lab = new TurnLab();
  for (let i = 0; i < 20_000; i++) {
    const address = `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`;
    lab.send(labClient({ address }), plainMessage(TurnMethod.allocate, [requestedTransport]));
    lab.send(labClient({ address }), channelDataOf(0x4000, Uint8Array.of(1)));
    lab.send(labClient({ address }), plainMessage(TurnMethod.send | 0x10, [peer(ROUTER), data(Uint8Array.of(1))]));
  }
  expect([lab.server.allocations.size, lab.server.strangers, lab.toPeers.length]).toEqual([0, 10_000, 0]);
});
