import { expect, test } from 'vitest';
import { MAX_POLLS } from '../../../proto/tunnel.ts';
import { RefusedError } from './http-requests.ts';
import { byPolls } from './ways-down.ts';

/** A tunnel whose answers come when the test says so. */
class Polls {
  readonly open = new Map<number, { answer(text: string): void; fail(error: Error): void }>();
  readonly heard: string[] = [];
  readonly end: Promise<unknown>;

  constructor() {
    const ask = (_way: string, number = 0) =>
      new Promise<Response>((resolve, reject) => {
        this.open.set(number, {
          answer: (text) => {
            this.open.delete(number);
            resolve(new Response(text));
          },
          fail: (error) => {
            this.open.delete(number);
            reject(error);
          },
        });
      });
    this.end = byPolls(ask, (bytes) => this.heard.push(new TextDecoder().decode(bytes))).catch((error) => error);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('so many are asked for at a time, and the next one when one has been given out', async () => {
  const polls = new Polls();
  await polls.until(() => polls.open.size === MAX_POLLS);
  expect([...polls.open.keys()]).toEqual([1, 2]);
  polls.open.get(1)?.answer('a');
  await polls.until(() => polls.open.has(3));
  expect([[...polls.open.keys()], polls.heard]).toEqual([[2, 3], ['a']]);
});

test('answers that overtake each other are given out in order', async () => {
  const polls = new Polls();
  await polls.until(() => polls.open.size === MAX_POLLS);
  polls.open.get(2)?.answer('b');
  await new Promise((resolve) => setTimeout(resolve, 5));
  // Of the first nothing is known: the tunnel still has it to repeat, as long as the third is not asked for.
  expect([polls.heard, [...polls.open.keys()]]).toEqual([[], [1]]);
  polls.open.get(1)?.answer('a');
  await polls.until(() => polls.open.size === MAX_POLLS);
  expect([polls.heard, [...polls.open.keys()]]).toEqual([
    ['a', 'b'],
    [3, 4],
  ]);
});

test('one that gets lost is asked for again; one that is refused ends it', async () => {
  const polls = new Polls();
  await polls.until(() => polls.open.size === MAX_POLLS);
  polls.open.get(1)?.fail(new TypeError('network'));
  await polls.until(() => polls.open.has(1));
  polls.open.get(1)?.answer('a');
  await polls.until(() => polls.open.has(3));
  expect(polls.heard).toEqual(['a']);
  const refused = new RefusedError({ reason: 'over', isFinal: true });
  polls.open.get(3)?.fail(refused);
  // Though the second is still awaited.
  expect(await polls.end).toBe(refused);
});
