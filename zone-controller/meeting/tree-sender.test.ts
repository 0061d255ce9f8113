import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import { TreeSender } from './tree-sender.ts';

const meeting = '12345678901' as MeetingId;
const [A, B] = ['a', 'b'] as RouterId[] as [RouterId, RouterId];
const unanswered = new ZonecastError('noRouter', 'no answer');

/** The meeting on A, and on B as a branch if there is one. */
const placement = (epoch: number, version: number, ...routers: RouterId[]): MeetingPlacement => ({
  epoch,
  version,
  root: routers[0] === undefined ? null : { router: routers[0], worker: 0 },
  branches: routers.slice(1).map((router) => ({ router, worker: 0, parent: 0 })),
  leaving: [],
});

/** What routers were told, in order; each answers as `answers` says. */
let said: string[];
let answers: Map<RouterId, () => Promise<void>>;
let lost: Set<RouterId>;
let trees: TreeSender;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  answers = new Map();
  lost = new Set();
  const answer = (router: RouterId, text: string): Promise<void> => {
    said.push(`${router} ${text}`);
    return answers.get(router)?.() ?? Promise.resolve();
  };
  trees = new TreeSender({
    commands: {
      setTree: (router, _, { epoch, version }) => answer(router, `tree ${epoch}.${version}`),
      close: (router, _, epoch) => answer(router, `close ${epoch}`),
    },
    has: (router) => !lost.has(router),
    log: createLogger({ name: 'test', level: 'silent' }),
  });
});

afterEach(() => {
  trees.close();
  vi.useRealTimers();
});

const passed = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

test('every router is told once; of one place that was never another, none', async () => {
  trees.tell(meeting, placement(1, 1, A));
  trees.tell(meeting, placement(1, 2, A, B));
  trees.tell(meeting, placement(1, 2, A, B));
  await passed(10_000);
  expect(said).toEqual(['a tree 1.2', 'b tree 1.2']);
});

test('one that does not answer is told again and again; what is overtaken is not', async () => {
  answers.set(B, () => Promise.reject(unanswered));
  trees.tell(meeting, placement(1, 2, A, B));
  await passed(3_000);
  // After 0.1, 0.2, 0.4, 0.8 seconds, and so on up to 2.
  expect(said.filter((each) => each === 'b tree 1.2')).toHaveLength(5);
  said = [];
  answers.delete(B);
  trees.tell(meeting, placement(1, 3, A, B));
  await passed(10_000);
  expect(said).toEqual(['a tree 1.3', 'b tree 1.3']);
  trees.tell(meeting, placement(1, 2, A, B));
  await passed();
  expect(said).toHaveLength(2);
});

test('while one is on the way, of those that follow the last is sent', async () => {
  const first = Promise.withResolvers<void>();
  answers.set(A, () => first.promise);
  for (const version of [2, 3, 4]) trees.tell(meeting, placement(1, version, A));
  answers.delete(A);
  first.resolve();
  await passed();
  expect(said).toEqual(['a tree 1.2', 'a tree 1.4']);
});

test('a router that a meeting has left closes it, once', async () => {
  trees.tell(meeting, placement(1, 2, A, B));
  trees.tell(meeting, placement(2, 3, A));
  await passed(10_000);
  trees.tell(meeting, placement(2, 4, A));
  await passed(10_000);
  expect(said.filter((each) => each.startsWith('b'))).toEqual(['b tree 1.2', 'b close 1']);
});

test('of a meeting that is nowhere, its own epoch is over', async () => {
  trees.tell(meeting, placement(3, 2, A, B));
  trees.tell(meeting, placement(3, 3));
  await passed();
  expect(said).toEqual(['a tree 3.2', 'b tree 3.2', 'a close 3', 'b close 3']);
});

test('a router that a meeting comes back to is told so, however late it answers to the close', async () => {
  trees.tell(meeting, placement(1, 2, A, B));
  await passed();
  const late = Promise.withResolvers<void>();
  answers.set(B, () => late.promise);
  trees.tell(meeting, placement(2, 3, A));
  trees.tell(meeting, placement(2, 4, A, B));
  answers.delete(B);
  late.reject(new ZonecastError('staleEpoch', 'over'));
  await passed(10_000);
  expect(said.filter((each) => each.startsWith('b'))).toEqual(['b tree 1.2', 'b close 1', 'b tree 2.4']);
});

test('one that listens anew is told anew; one that is lost, nothing more', async () => {
  trees.tell(meeting, placement(1, 2, A, B));
  await passed();
  trees.subscribed(A);
  await passed();
  expect(said).toEqual(['a tree 1.2', 'b tree 1.2', 'a tree 1.2']);
  answers.set(B, () => Promise.reject(unanswered));
  trees.tell(meeting, placement(1, 3, A, B));
  lost.add(B);
  trees.lost(B);
  said = [];
  await passed(10_000);
  expect(said).toEqual([]);
});

test.each([
  ['frozen for a while, is told what has become of it when it comes back', 60_000, ['b close 1']],
  ['away for hours, is not remembered', 2 * 60 * 60_000, []],
] as const)('a router that was lost, %s', async (_, awayMs, expected) => {
  trees.tell(meeting, placement(1, 2, A, B));
  await passed();
  answers.set(B, () => Promise.reject(unanswered));
  lost.add(B);
  trees.lost(B);
  trees.tell(meeting, placement(2, 3, A));
  await passed(awayMs);
  said = [];
  answers.delete(B);
  lost.delete(B);
  trees.subscribed(B);
  await passed(10_000);
  expect(said).toEqual(expected);
});

test('who waits for a router hears when it has taken the tree, or a later one', async () => {
  const done = vi.fn();
  answers.set(B, () => Promise.reject(unanswered));
  void trees.taken(meeting, placement(1, 2, A, B), [A, B]).then(done);
  await passed(1_000);
  expect(done).not.toHaveBeenCalled();
  answers.delete(B);
  trees.tell(meeting, placement(1, 3, A, B));
  await passed();
  expect(done).toHaveBeenCalledOnce();
});

test('… or that it does not answer', async () => {
  answers.set(B, () => Promise.reject(unanswered));
  const failed = expect(trees.taken(meeting, placement(1, 2, A, B), [B])).rejects.toMatchObject({
    code: 'noRouter',
    retryAfterMs: 2_000,
  });
  await passed(3_000);
  await failed;
});

test('a router that knows of a later epoch has taken what we know', async () => {
  answers.set(A, () => Promise.reject(new ZonecastError('staleEpoch', 'over')));
  await trees.taken(meeting, placement(1, 2, A), [A]);
  await passed(10_000);
  expect(said).toEqual(['a tree 1.2']);
});
