import { expect, test } from 'vitest';
import { pathView } from './congestion-test-lab.ts';
import { Usage } from './overuse-detector.ts';
import { QueueDrain } from './queue-drain.ts';
import { StandingQueue } from './standing-queue.ts';

const OVERUSED = pathView({ usage: Usage.over, queueMs: 300 });

/** A queue of 300 ms as packets showed it. */
function standing(): StandingQueue {
  const queue = new StandingQueue();
  for (let ms = 0; ms < 1000; ms += 10) queue.add(ms * 1000, ms * 1000);
  for (let ms = 1000; ms < 2000; ms += 10) queue.add(ms * 1000, (ms + 300) * 1000);
  return queue;
}

test('a long queue at overuse is emptied: by so much below the capacity that it takes a second', () => {
  const drain = new QueueDrain();
  drain.update(0, OVERUSED, standing());
  expect(drain.limitBps).toBeCloseTo(700_000, -3);
  drain.update(1e5, pathView({ queueMs: 900 }), standing());
  expect(drain.limitBps).toBeCloseTo(400_000, -3);
});

test('it ends with the queue, and goes back to nearly all of the capacity', () => {
  const drain = new QueueDrain();
  drain.update(0, OVERUSED, standing());
  drain.update(1e6, pathView({ queueMs: 20 }), standing());
  expect(drain.active).toBe(false);
  expect(drain.returnBps).toBe(900_000);
});

test('a short queue, or one without overuse, is left alone', () => {
  const drain = new QueueDrain();
  drain.update(0, pathView({ usage: Usage.over, queueMs: 90 }), standing());
  drain.update(0, pathView({ queueMs: 300 }), standing());
  expect(drain.active).toBe(false);
});

test('a surge tells the capacity better than what arrived before it', () => {
  const drain = new QueueDrain();
  const path = pathView({
    usage: Usage.over,
    queueMs: 110,
    surgeBps: 300_000,
    ackedBps: Number.NaN,
    quickBps: Number.NaN,
  });
  drain.update(0, path, standing());
  expect(drain.limitBps).toBeCloseTo(300_000 * 0.89, -3);
});

test('a queue that stays although less is sent is a rival’s: it is left, at the rate from before', () => {
  const drain = new QueueDrain();
  const queue = standing();
  drain.update(0, OVERUSED, queue);
  drain.update(4e6, pathView({ queueMs: 290, ackedBps: 5e5, quickBps: 5e5, sentBps: 5e5 }), queue);
  expect(drain.active).toBe(false);
  expect(drain.returnBps).toBe(900_000);
  expect(drain.besideRival(4e6)).toBe(true);
  drain.update(5e6, OVERUSED, queue);
  expect(drain.active).toBe(false);
  queue.add(3e6, 3e6);
  drain.update(5e6, pathView(), queue);
  expect(drain.besideRival(5e6)).toBe(false);
});

test('a queue that shrinks slowly, or from which more comes than is sent, is ours', () => {
  for (const path of [pathView({ queueMs: 200 }), pathView({ queueMs: 290, sentBps: 8e5 })]) {
    const drain = new QueueDrain();
    drain.update(0, OVERUSED, standing());
    drain.update(4e6, path, standing());
    expect(drain.active).toBe(true);
  }
});
