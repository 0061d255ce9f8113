import { headers, type Msg } from 'nats';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PushedValues } from './pushed-values.ts';

const PREFIX = '$KV.b.';
let told: string[];
let pushed: PushedValues;
const begin = (target: number): void => {
  pushed = new PushedValues(PREFIX, target, {
    value: ({ key, revision, stamp }) => told.push(`${key}@${revision}#${stamp}`),
    complete: () => told.push('complete'),
    broken: (reason) => told.push(`broken: ${reason}`),
  });
  pushed.start(5_000);
};

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
});
afterEach(() => {
  pushed.close();
  vi.useRealTimers();
});

/** The cast: what a subscription gives has more to it. */
function message(subject: string, reply: string, status?: { code: number; last: number }): Msg {
  const extra = status && headers(status.code, 'Idle Heartbeat');
  extra?.set('Nats-Last-Consumer', String(status?.last));
  return { subject, reply, data: new Uint8Array(), ...(extra && { headers: extra }) } as unknown as Msg;
}
const value = (key: string, revision: number, number: number) =>
  message(`${PREFIX}${key}`, `$JS.ACK.KV_b.consumer.1.${revision}.${number}.1700.0`);
const heartbeat = (last: number) => message('inbox', '', { code: 100, last });

describe('pushed values', () => {
  test('are complete at the revision that was the target', () => {
    begin(7);
    pushed.take(value('a', 3, 1));
    pushed.take(value('b', 7, 2));
    pushed.take(value('a', 9, 3));
    expect(told).toEqual(['a@3#1700', 'b@7#1700', 'complete', 'a@9#1700']);
  });

  test('are read of servers that say more', () => {
    begin(3);
    pushed.take(message(`${PREFIX}a`, '$JS.ACK._.hash.KV_b.consumer.1.3.1.1700.0.token'));
    expect(told).toEqual(['a@3#1700', 'complete']);
  });

  test('of nothing are complete at once', () => {
    begin(0);
    expect(told).toEqual(['complete']);
  });

  test('are complete after two heartbeats, when the target never comes', () => {
    begin(7);
    pushed.take(value('a', 3, 1));
    pushed.take(heartbeat(1));
    expect(told).toEqual(['a@3#1700']);
    pushed.take(heartbeat(1));
    expect(told).toEqual(['a@3#1700', 'complete']);
  });

  test.each([
    ['a number is left out', () => pushed.take(value('b', 5, 3)), '1 was followed by 3'],
    ['a number comes again', () => pushed.take(value('b', 5, 1)), '1 was followed by 1'],
    ['a heartbeat knows of more', () => pushed.take(heartbeat(2)), '2 were pushed, 1 came'],
    ['there is silence', () => vi.advanceTimersByTime(5_001), 'silence'],
  ])('are broken when %s, and then tell nothing more', (_, spoil, reason) => {
    begin(9);
    pushed.take(value('a', 3, 1));
    spoil();
    pushed.take(value('c', 9, 2));
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual(['a@3#1700', `broken: ${reason}`]);
  });

  test.each(['', '$JS.ACK', '$JS.ACK.a.b.c.x.y.z.0', 'zonecast.inboxes.a.b.c.1.1.1.1'])(
    'are not what comes with %j as its reply',
    (reply) => {
      begin(9);
      pushed.take(message(`${PREFIX}a`, reply));
      pushed.take(message('elsewhere', '$JS.ACK.KV_b.consumer.1.3.1.1700.0'));
      expect(told).toEqual([]);
    },
  );
});
