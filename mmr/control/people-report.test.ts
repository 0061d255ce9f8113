import { expect, test } from 'vitest';
import type { MeetingId } from '../../common/ids.ts';
import { PeopleReport } from './people-report.ts';
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
