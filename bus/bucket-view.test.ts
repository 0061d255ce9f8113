import { beforeEach, describe, expect, test } from 'vitest';
import { BucketView } from './bucket-view.ts';
import { BusCounters } from './bus-observer.ts';
import { MAX_SKEW_MS, type Unwrapped } from './envelope/verifier.ts';
import { BucketCollector } from './testing/collectors.ts';

/** What the store tells; `forged` is not validly signed. */
interface Told {
  readonly revision: number;
  readonly value?: unknown;
  readonly isDeleted?: boolean;
  readonly timeMs?: number;
  readonly stamp?: string;
}

let seen: BucketCollector;
let counters: BusCounters;
let view: BucketView;
let contents: Map<string, Told>;
let nowMs: number;

beforeEach(() => {
  seen = new BucketCollector();
  counters = new BusCounters();
  contents = new Map();
  nowMs = 1e9;
  view = new BucketView(seen, {
    prefix: '',
    isNeeded: (key) => key === 'needed',
    observer: counters,
    open: ({ bytes }) => {
      const { value, isDeleted = false, timeMs = 0 } = JSON.parse(Buffer.from(bytes).toString()) as Told;
      if (value === 'forged') return 'wrongSignature';
      if (timeMs > nowMs + MAX_SKEW_MS) return 'stale';
      const sender = { zone: 'alpha', instance: 'one' };
      const unwrapped: Unwrapped = {
        kind: isDeleted ? 'deletion' : 'value',
        value,
        timeMs,
        sender,
        id: '',
        subject: '',
        payload: bytes,
      };
      return unwrapped;
    },
  });
});

function tell(key: string, told: Told): void {
  contents.set(key, told);
  const { revision, stamp = String(revision) } = told;
  view.value({ key, revision, stamp, bytes: Buffer.from(JSON.stringify(told)) });
}

/** As a store that begins anew with all that is there. */
function retell(isContinued = true): void {
  view.begin(isContinued);
  for (const [key, told] of [...contents].sort(([, a], [, b]) => a.revision - b.revision)) tell(key, told);
  view.complete();
}

describe('a view of a bucket', () => {
  test('tells nothing twice when all is told again', () => {
    retell();
    tell('a', { revision: 1, value: 1 });
    tell('b', { revision: 2, value: 1 });
    tell('b', { revision: 3, isDeleted: true });
    retell();
    retell();
    expect(seen.story).toEqual(['a=1', 'b=1', '-b']);
    expect(seen.completed).toBe(1);
  });

  test('tells what was missed', () => {
    retell();
    for (const key of ['a', 'b', 'c']) tell(key, { revision: key.charCodeAt(0), value: 1 });
    contents.set('a', { revision: 200, value: 2 });
    contents.set('b', { revision: 201, isDeleted: true });
    contents.delete('c');
    contents.set('d', { revision: 202, value: 3 });
    retell();
    expect(seen.story.slice(3)).toEqual(['a=2', '-b', 'd=3', '-c']);
  });

  test('does not go back when a server that lags tells', () => {
    retell();
    tell('a', { revision: 5, value: 'new' });
    view.begin(true);
    tell('a', { revision: 3, value: 'old' });
    tell('a', { revision: 5, value: 'new' });
    view.complete();
    expect(seen.story).toEqual(['a="new"']);
  });

  test('takes lower revisions of a bucket that was made anew', () => {
    retell();
    tell('a', { revision: 500, value: 1 });
    tell('b', { revision: 501, value: 1 });
    contents = new Map([['a', { revision: 1, value: 2, stamp: 'later' }]]);
    retell(false);
    expect(seen.story.slice(2)).toEqual(['a=2', '-b']);
    tell('a', { revision: 2, value: 3 });
    expect(seen.story.at(-1)).toBe('a=3');
  });

  test('keeps what it knows when something forged takes its place, also when all is told again', () => {
    retell();
    tell('a', { revision: 1, value: 1 });
    tell('a', { revision: 2, value: 'forged' });
    retell();
    expect(seen.story).toEqual(['a=1']);
    tell('a', { revision: 3, value: 2 });
    expect(seen.story).toEqual(['a=1', 'a=2']);
    expect(counters.droppedByReason).toEqual(new Map([['wrongSignature', 2]]));
  });

  test('takes no value that is older than the one it knows, deletions included', () => {
    retell();
    tell('a', { revision: 1, value: 'new', timeMs: MAX_SKEW_MS + 10 });
    tell('a', { revision: 2, value: 'replayed', timeMs: 9 });
    tell('a', { revision: 3, isDeleted: true, timeMs: 9 });
    tell('a', { revision: 4, value: 'from a slow clock', timeMs: 10 });
    expect(seen.story).toEqual(['a="new"', 'a="from a slow clock"']);
    expect(counters.droppedByReason).toEqual(new Map([['rolledBack', 2]]));
  });

  test('takes what was from the future when its time has come, and counts it once', () => {
    retell();
    tell('a', { revision: 1, value: 'now', timeMs: nowMs });
    tell('a', { revision: 2, value: 'later', timeMs: nowMs + 2 * MAX_SKEW_MS });
    tell('b', { revision: 3, value: 'never told', timeMs: nowMs + 2 * MAX_SKEW_MS });
    tell('b', { revision: 4, value: 'instead', timeMs: nowMs });
    view.lookAgain();
    expect(seen.story).toEqual(['a="now"', 'b="instead"']);
    nowMs += MAX_SKEW_MS;
    view.lookAgain();
    view.lookAgain();
    expect(seen.story).toEqual(['a="now"', 'b="instead"', 'a="later"']);
    expect(counters.droppedByReason).toEqual(new Map([['stale', 2]]));
  });

  test('is not complete without what is needed, and then only once', () => {
    contents.set('needed', { revision: 1, value: 1, timeMs: nowMs + 2 * MAX_SKEW_MS });
    contents.set('other', { revision: 2, value: 1, timeMs: nowMs + 3 * MAX_SKEW_MS });
    retell();
    view.lookAgain();
    expect(seen.completed).toBe(0);
    nowMs += MAX_SKEW_MS;
    view.lookAgain();
    view.lookAgain();
    retell();
    expect(seen).toMatchObject({ completed: 1, story: ['needed=1'] });
  });

  test('is silent when closed, even by what it tells', () => {
    view.begin(true);
    tell('a', { revision: 1, value: 1 });
    view.close();
    tell('b', { revision: 2, value: 1 });
    view.complete();
    expect(seen.story).toEqual(['a=1']);
    expect(seen.completed).toBe(0);
  });
});
