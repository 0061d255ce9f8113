import { expect, test } from 'vitest';
import type { MeetingId } from '../../common/ids.ts';
import { PeopleReport, withWaiting } from './people-report.ts';
import type { PlacePeople } from './worker-pool.ts';

const at = (meeting: string, worker: number, people: number): PlacePeople => ({
  meeting: meeting as MeetingId,
  worker,
  people,
});

test('all is told at first, then what has changed, and who is there no more', () => {
  let now: PlacePeople[] = [];
  const report = new PeopleReport(() => now);
  expect(report.whole()).toEqual({ people: { whole: true, places: [] } });
  now = [at('a', 0, 2), at('a', 1, 1), at('b', 0, 5)];
  expect(report.changes()).toEqual({ people: { whole: false, places: now } });
  expect(report.changes()).toEqual({ people: { whole: false, places: [] } });
  now = [at('a', 0, 3), at('b', 0, 5)];
  // Whoever comes in between is told what the others know; what follows is right for all.
  expect(report.whole()).toEqual({ people: { whole: true, places: [at('a', 0, 2), at('a', 1, 1), at('b', 0, 5)] } });
  expect(report.changes()).toEqual({ people: { whole: false, places: [at('a', 0, 3), at('a', 1, 0)] } });
  expect(report.whole()).toEqual({ people: { whole: true, places: [at('a', 0, 3), at('b', 0, 5)] } });
});

test('who waits counts, once, also where nobody is in yet', () => {
  const waiting = [
    ['a', 2],
    ['b', 1],
    ['c', 0],
    ['d', 4],
  ] as unknown as [MeetingId, number][];
  expect([...withWaiting([at('a', 1, 3), at('a', 2, 5), at('c', 1, 1)], waiting)]).toEqual([
    at('a', 1, 5),
    at('a', 2, 5),
    at('c', 1, 1),
    at('b', 0, 1),
    at('d', 0, 4),
  ]);
});
