/** Whatever comes, goes, breaks and moves in a tree of routers: in the end all have one state, and nothing was done twice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REACTIONS } from './acts.ts';
import { MAX_CHAT_MESSAGES, MAX_PEOPLE, MAX_SPOTLIGHTED, MAX_WAITING } from './limits.ts';
import type { MeetingState } from './meeting-state.ts';
import { type LabOutcome, StateLab } from './state-lab.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const PEOPLE = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];

const router = fc.nat({ max: 4 });
const person = fc.nat({ max: PEOPLE.length - 1 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), router, person, host: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), person }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('chat' as const), person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('react' as const), person }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('order' as const), person, other: person, kind: fc.nat({ max: 9 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), router, other: router }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mend' as const), router, other: router }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('tree' as const),
      parents: fc.array(router, { minLength: 5, maxLength: 5 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 20, 100, 700, 2_000, 8_000, 20_000),
    }),
  },
  // A stream breaks while an act is on its way, and is back soon or late, with another act at that very time.
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('flap' as const),
      person,
      other: router,
      beforeMs: fc.nat({ max: 100 }),
      brokenMs: fc.constantFrom(1, 200, 2_000),
      afterMs: fc.nat({ max: 100 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Each one's parent: one that stands before it in an order that begins with a root. */
function treeOf(names: readonly string[], picks: readonly number[]): Record<string, string | undefined> {
  const root = (picks[0] ?? 0) % names.length;
  const order = [...names.slice(root), ...names.slice(0, root)];
  return Object.fromEntries(order.map((name, i) => [name, i === 0 ? undefined : order[(picks[i] ?? 0) % i]]));
}

/** One run: what was wanted, and what came out of it. */
class Run {
  readonly lab: StateLab;
  readonly #names: readonly string[];
  readonly #at = new Map<string, string>();
  readonly chats = new Map<string, LabOutcome>();
  readonly #reactions = new Map<string, number>();

  constructor(names: readonly string[], seed: number, maxDelayMs: number, picks: readonly number[]) {
    this.#names = names;
    this.lab = new StateLab(names, { seed, maxDelayMs });
    /** By router, since its state was another one. */
    const seen = new Map<string, Set<string>>();
    this.lab.onState = (name, state, change) => {
      checkBounds(state);
      const reactions = (change && seen.get(name)) ?? new Set();
      seen.set(name, reactions);
      for (const notice of change?.notices ?? []) {
        if (notice.type !== 'reaction') continue;
        const reaction = `${notice.participant} ${notice.emoji}`;
        expect(reactions.has(reaction), `${reaction} seen twice at ${name}`).toBe(false);
        reactions.add(reaction);
      }
    };
    this.lab.setTree(treeOf(names, picks));
    this.lab.advance(100);
  }

  do(each: Step): void {
    const { lab } = this;
    switch (each.do) {
      case 'wait':
        lab.advance(each.ms);
        break;
      case 'cut':
        if (this.#name(each.router) !== this.#name(each.other))
          lab.cut(this.#name(each.router), this.#name(each.other));
        break;
      case 'mend':
        if (this.#name(each.router) !== this.#name(each.other))
          lab.mend(this.#name(each.router), this.#name(each.other));
        break;
      case 'flap':
        this.#flap(each);
        break;
      case 'tree':
        lab.setTree(treeOf(this.#names, each.parents));
        break;
      case 'join':
        this.#join(each.router, PEOPLE[each.person] as string, each.host);
        break;
      default:
        this.#act(each);
    }
  }

  /** With all whom it served. */
  crash(index: number): void {
    const name = this.#name(index);
    this.lab.crash(name);
    for (const [self, at] of this.#at) if (at === name) this.#at.delete(self);
  }

  restart(index: number): void {
    this.lab.restart(this.#name(index));
  }

  restartAll(): void {
    for (const name of this.#names) this.lab.restart(name);
  }

  /** All streams stand, and there is time. */
  heal(): void {
    this.lab.mendAll();
    this.lab.advance(120_000);
  }

  get people(): string[] {
    return [...this.#at.keys()].sort();
  }

  #act(each: Exclude<Step, { do: 'wait' | 'cut' | 'mend' | 'tree' | 'join' | 'flap' }>): void {
    const { lab } = this;
    const self = PEOPLE[each.person] as string;
    const at = this.#at.get(self);
    if (at === undefined) return;
    if (each.do === 'leave') {
      this.#at.delete(self);
      lab.leave(at, self);
    } else if (each.do === 'chat') {
      this.#chat(at, self);
    } else if (each.do === 'react') {
      const count = this.#reactions.get(self) ?? 0;
      const emoji = REACTIONS[count];
      this.#reactions.set(self, count + 1);
      if (emoji !== undefined) lab.act(at, self, { type: 'react', emoji });
    } else this.#order(at, self, PEOPLE[each.other] as string, each.kind);
  }

  #chat(at: string, self: string): void {
    const text = `message ${this.chats.size}`;
    this.chats.set(text, this.lab.act(at, self, { type: 'chat', text }));
  }

  #flap({ person, other, beforeMs, brokenMs, afterMs }: Extract<Step, { do: 'flap' }>): void {
    const { lab } = this;
    const self = PEOPLE[person] as string;
    const at = this.#at.get(self);
    const peer = this.#name(other);
    if (at === undefined || at === peer) return;
    this.#chat(at, self);
    lab.advance(beforeMs);
    lab.cut(at, peer);
    lab.advance(brokenMs);
    lab.mend(at, peer);
    lab.advance(afterMs);
    if (this.#at.get(self) === at) this.#chat(at, self);
  }

  #order(at: string, self: string, other: string, kind: number): void {
    const participant = other as Parameters<StateLab['state']>[0] as never; // a name of ours
    const acts = [
      { type: 'raiseHand' },
      { type: 'lowerAllHands' },
      { type: 'lock' },
      { type: 'unlock' },
      { type: 'makeHost', participant },
      { type: 'makeCohost', participant },
      { type: 'spotlight', participant },
      { type: 'rename', participant, name: `${other} ${this.chats.size}` },
      { type: 'claimHost' },
      { type: 'mute', participant, source: 'microphone' },
    ] as const;
    const act = acts[kind];
    if (act !== undefined) this.lab.act(at, self, act);
  }

  #join(index: number, self: string, host: boolean): void {
    const at = this.#name(index);
    if (this.#at.has(self) || this.lab.isDown(at)) return;
    this.#at.set(self, at);
    // Returning: a lock that happens to be set is another test's.
    const result = this.lab.join(at, self, { role: host ? 'host' : 'participant', returning: true });
    this.lab.advance(6_000);
    if (result.joined !== 'entered') this.#at.delete(self);
  }

  #name(index: number): string {
    return this.#names[index % this.#names.length] as string;
  }
}

function checkBounds({ people, waiting, chat, spotlight }: MeetingState): void {
  expect(people.size).toBeLessThanOrEqual(MAX_PEOPLE);
  expect(waiting.size).toBeLessThanOrEqual(MAX_WAITING);
  expect(chat.length).toBeLessThanOrEqual(MAX_CHAT_MESSAGES);
  expect(spotlight.length).toBeLessThanOrEqual(MAX_SPOTLIGHTED);
  expect(new Set(chat.map(({ text }) => text)).size, 'a message twice').toBe(chat.length);
  expect([...people.values()].filter(({ role }) => role === 'host').length, 'hosts').toBeLessThanOrEqual(1);
}

test('copies are alike after healing, what was done is there once, what was refused is not', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.integer(),
      fc.constantFrom(5, 50, 400),
      fc.array(router, { minLength: 5, maxLength: 5 }),
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      (count, seed, maxDelayMs, picks, steps) => {
        const names = NAMES.slice(0, count);
        const run = new Run(names, seed, maxDelayMs, picks);
        for (const each of steps) run.do(each);
        run.heal();
        const pictures = names.map((name) => run.lab.picture(name));
        for (const picture of pictures) expect(picture).toEqual(pictures[0]);
        const state = run.lab.state('a');
        expect([...state.people.keys()].sort()).toEqual(run.people);
        const texts = state.chat.map(({ text }) => text);
        for (const [text, { done, error }] of run.chats) {
          if (done === undefined) expect.fail('an act without an outcome');
          if (done) expect(texts).toContain(text);
          else if (error?.code !== 'tryAgain') expect(texts).not.toContain(text);
        }
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 300) },
  );
});

test('the same with routers that die and come back knowing nothing: what is left is alike', () => {
  const crash = fc.record({ do: fc.constant('crash' as const), router });
  const restart = fc.record({ do: fc.constant('restart' as const), router });
  const any = fc.oneof(
    { weight: 16, arbitrary: step },
    { weight: 1, arbitrary: crash },
    { weight: 1, arbitrary: restart },
  );
  const steps = fc.array(any, { minLength: 10, maxLength: 60, size: 'max' });
  const picks = fc.array(router, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5 }), fc.integer(), picks, steps, (count, seed, tree, what) => {
      const names = NAMES.slice(0, count);
      const run = new Run(names, seed, 50, tree);
      for (const each of what) {
        if (each.do === 'crash') run.crash(each.router);
        else if (each.do === 'restart') run.restart(each.router);
        else run.do(each);
      }
      run.restartAll();
      run.heal();
      const pictures = names.map((name) => run.lab.picture(name));
      for (const picture of pictures) expect(picture).toEqual(pictures[0]);
      expect([...run.lab.state('a').people.keys()].sort()).toEqual(run.people);
    }),
    { numRuns: Number(process.env.RUNS ?? 200) },
  );
});
