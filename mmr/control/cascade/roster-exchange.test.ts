/** Rosters of several routers with a tree between them: in the end everybody knows everybody. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { type ForeignEntry, RosterExchange, type RosterUpdate } from './roster-exchange.ts';

const MEETING = '12345678903' as MeetingId;

/** Routers that tell each other over streams which the test may break. */
class World {
  nowMs = 0;
  readonly own = new Map<string, Map<string, ForeignEntry>>();
  /** By router: what it was told of people elsewhere. */
  readonly elsewhere = new Map<string, Map<string, ForeignEntry>>();
  readonly #exchanges = new Map<string, RosterExchange>();
  readonly #edges = new Map<string, Set<string>>();
  #broken = new Set<string>();
  messages = 0;

  /** `keepsLost`: those who are lost with a neighbour stay for now, as away, which is what a roster does. */
  constructor(routers: readonly string[], keepsLost = false) {
    for (const router of routers) {
      this.own.set(router, new Map());
      this.elsewhere.set(router, new Map());
      this.#edges.set(router, new Set());
      this.#exchanges.set(
        router,
        new RosterExchange({
          send: (peer, meeting, update) => this.#send(router, peer, meeting, update),
          apply: (_, { changed, left, lost = [] }) => {
            const own = this.own.get(router);
            for (const entry of changed) {
              this.elsewhere.get(router)?.set(entry.participant, entry as ForeignEntry);
              if (own?.get(entry.participant)?.connected === false) own.delete(entry.participant);
            }
            for (const participant of keepsLost ? lost : []) {
              const entry = this.elsewhere.get(router)?.get(participant);
              if (entry !== undefined && !own?.has(participant)) own?.set(participant, { ...entry, connected: false });
            }
            for (const participant of [...left, ...lost]) this.elsewhere.get(router)?.delete(participant);
          },
          own: () => [...(this.own.get(router)?.values() ?? [])],
        }),
      );
    }
  }

  join(router: string, edges: readonly string[]): void {
    this.#edges.set(router, new Set(edges));
    this.#exchange(router).setNeighbours(this.nowMs, MEETING, new Set(edges as RouterId[]));
  }

  change(router: string, participant: string, entry: Partial<ForeignEntry> | undefined): void {
    const people = this.own.get(router);
    const id = participant as ParticipantId;
    if (entry === undefined) people?.delete(participant);
    else {
      const common = { participant: id, name: participant, live: [], connected: true, router: router as RouterId };
      people?.set(participant, { ...common, ...entry });
    }
    this.#exchange(router).changedHere(this.nowMs, MEETING, [id]);
  }

  break(one: string, other: string): void {
    this.#broken.add(key(one, other));
  }

  /** Both ends notice that an edge is broken. */
  notice(one: string, other: string): void {
    this.#exchange(one).setAway(this.nowMs, other as RouterId, true);
    this.#exchange(other).setAway(this.nowMs, one as RouterId, true);
  }

  mend(): void {
    const broken = this.#broken;
    this.#broken = new Set();
    for (const edge of broken) {
      const [one = '', other = ''] = edge.split(' ');
      for (const [from, to] of [[one, other] as const, [other, one] as const]) {
        this.#exchange(from).reachable(this.nowMs, to as RouterId);
        this.#exchange(from).setAway(this.nowMs, to as RouterId, false);
      }
    }
  }

  settle(): void {
    for (let rounds = 0; rounds < 100; rounds++) {
      this.nowMs += 1_000;
      for (const exchange of this.#exchanges.values()) exchange.handleTimeout(this.nowMs);
    }
  }

  known(router: string): string[] {
    return [...(this.own.get(router)?.keys() ?? []), ...(this.elsewhere.get(router)?.keys() ?? [])].sort();
  }

  /** Those who are here count as here, whatever else is said of them. */
  away(router: string): string[] {
    const beyond = [...(this.elsewhere.get(router)?.values() ?? [])];
    const away = beyond.filter(({ participant, connected }) => !connected && !this.own.get(router)?.has(participant));
    return away.map(({ participant }) => participant as string).sort();
  }

  #exchange(router: string): RosterExchange {
    const exchange = this.#exchanges.get(router);
    if (exchange === undefined) throw new Error(`no router ${router}`);
    return exchange;
  }

  #send(from: string, to: RouterId, meeting: MeetingId, update: RosterUpdate): void {
    this.messages++;
    if (this.#broken.has(key(from, to))) return;
    this.#exchange(to).handle(this.nowMs, from as RouterId, meeting, update);
  }
}

function key(one: string, other: string): string {
  return [one, other].sort().join(' ');
}

/** a – b – c */
function line(keepsLost = false): World {
  const world = new World(['a', 'b', 'c'], keepsLost);
  world.join('a', ['b']);
  world.join('b', ['a', 'c']);
  world.join('c', ['b']);
  return world;
}

test('a router that learns later than its neighbour that they are neighbours has missed nobody', () => {
  const world = new World(['a', 'b', 'c']);
  world.join('b', ['c']);
  world.join('c', ['b']);
  world.change('a', 'ada', {});
  world.change('c', 'cid', {});
  world.join('a', ['b']);
  world.settle();
  expect(world.known('b')).toEqual(['cid']);
  world.join('b', ['a', 'c']);
  world.settle();
  for (const router of ['a', 'b', 'c']) expect(world.known(router)).toEqual(['ada', 'cid']);
  const before = world.messages;
  world.settle();
  expect(world.messages).toBe(before);
});

test('everybody is known at the other end of a line, with the router that carries him', () => {
  const world = line();
  world.change('a', 'ada', { live: ['camera'] });
  world.change('c', 'cid', {});
  world.settle();
  for (const router of ['a', 'b', 'c']) expect(world.known(router)).toEqual(['ada', 'cid']);
  expect(world.elsewhere.get('c')?.get('ada')).toMatchObject({ router: 'a', live: ['camera'] });
});

test('what is settled is not said again', () => {
  const world = line();
  world.change('a', 'ada', {});
  world.settle();
  const { messages } = world;
  world.settle();
  expect(world.messages).toBe(messages);
});

test('many who come at once are told together', () => {
  const world = line();
  world.settle();
  const { messages } = world;
  for (let i = 0; i < 500; i++) world.change('a', `p${i}`, {});
  world.settle();
  expect(world.known('c')).toHaveLength(500);
  expect(world.messages - messages).toBe(2);
});

test('who leaves, leaves everywhere; an edge that goes takes those beyond it', () => {
  const world = line();
  for (const router of ['a', 'b', 'c']) world.change(router, `of ${router}`, {});
  world.settle();
  world.change('a', 'of a', undefined);
  world.settle();
  expect(world.known('c')).toEqual(['of b', 'of c']);
  world.join('b', ['a']);
  world.join('c', []);
  world.settle();
  expect([world.known('a'), world.known('c')]).toEqual([['of b'], ['of c']]);
});

test('whoever is beyond an edge that nothing comes over is away, on both sides of it, and back with it', () => {
  const world = line();
  for (const router of ['a', 'b', 'c']) world.change(router, `of ${router}`, {});
  world.settle();
  world.break('b', 'c');
  world.notice('b', 'c');
  world.settle();
  for (const router of ['a', 'b', 'c']) expect(world.known(router)).toEqual(['of a', 'of b', 'of c']);
  expect(['a', 'b', 'c'].map((router) => world.away(router))).toEqual([['of c'], ['of c'], ['of a', 'of b']]);
  world.change('c', 'of c', { live: ['camera'] });
  world.mend();
  world.settle();
  expect(['a', 'b', 'c'].map((router) => world.away(router))).toEqual([[], [], []]);
  expect(world.elsewhere.get('a')?.get('of c')?.live).toEqual(['camera']);
});

test('what a neighbour remembers of people whom it has lost says nothing of them when others know them', () => {
  const world = line(true);
  for (const router of ['a', 'b', 'c']) world.change(router, `of ${router}`, {});
  world.settle();
  world.join('a', []);
  world.join('b', ['c']);
  world.settle();
  // It tells of them before it hears of them.
  world.join('a', ['b']);
  world.join('b', ['a', 'c']);
  world.settle();
  for (const router of ['a', 'b', 'c']) {
    expect(new Set(world.known(router))).toEqual(new Set(['of a', 'of b', 'of c']));
    expect(world.away(router)).toEqual([]);
  }
  world.change('c', 'of c', undefined);
  world.settle();
  for (const router of ['a', 'b', 'c']) expect(new Set(world.known(router))).toEqual(new Set(['of a', 'of b']));
});

test('who has come by another way is not away when the way before breaks', () => {
  const world = line();
  world.change('c', 'cid', {});
  world.settle();
  world.change('a', 'cid', {});
  world.settle();
  world.break('b', 'c');
  world.notice('b', 'c');
  world.settle();
  expect([world.away('a'), world.away('b'), world.away('c')]).toEqual([[], [], []]);
});

test('somebody who moves is never gone: here before he leaves there', () => {
  const world = line();
  world.change('a', 'ada', {});
  world.settle();
  world.change('c', 'ada', {});
  world.settle();
  world.change('a', 'ada', undefined);
  world.settle();
  for (const router of ['a', 'b', 'c']) expect(new Set(world.known(router))).toEqual(new Set(['ada']));
  expect(world.elsewhere.get('a')?.get('ada')?.router).toBe('c');
});

test('in any tree, whatever comes, goes and breaks: in the end everybody knows everybody', () => {
  const routers = ['a', 'b', 'c', 'd', 'e'];
  const step = fc.oneof(
    fc.record({ router: fc.constantFrom(...routers), person: fc.integer({ min: 0, max: 9 }), stays: fc.boolean() }),
    fc.record({ edge: fc.integer({ min: 1, max: 4 }), isNoticed: fc.boolean() }),
    fc.constant('settle' as const),
    fc.constant('mend' as const),
  );
  const parents = fc.tuple(...[0, 1, 2, 3].map((max) => fc.integer({ min: 0, max })));
  fc.assert(
    fc.property(parents, fc.array(step, { maxLength: 40 }), (tree, steps) => {
      const world = new World(routers);
      const edges = tree.map((parent, i) => [routers[parent] as string, routers[i + 1] as string] as const);
      for (const router of routers) {
        const at = edges.filter((edge) => edge.includes(router));
        world.join(
          router,
          at.map(([one, other]) => (one === router ? other : one)),
        );
      }
      for (const each of steps) {
        if (each === 'settle') world.settle();
        else if (each === 'mend') world.mend();
        else if ('edge' in each) {
          const edge = edges[each.edge - 1] as readonly [string, string];
          world.break(...edge);
          if (each.isNoticed) world.notice(...edge);
        } else if ('router' in each)
          world.change(each.router, `${each.router}${each.person}`, each.stays ? {} : undefined);
      }
      world.mend();
      world.settle();
      const all = [...world.own.values()].flatMap((people) => [...people.keys()]).sort();
      for (const router of routers) expect([world.known(router), world.away(router)]).toEqual([all, []]);
    }),
  );
});
