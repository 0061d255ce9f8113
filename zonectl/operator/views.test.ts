import { describe, expect, test } from 'vitest';
import type { DrainProgress__Output } from '../../proto/gen/zonecast/admin/v1/DrainProgress.ts';
import type { Router__Output } from '../../proto/gen/zonecast/admin/v1/Router.ts';
import { viewMeetings, viewProgress, viewRouters } from './views.ts';

const NOW_MS = 1_000_000;

const IDLE: Router__Output = {
  router: 'r1',
  address: 'r1:9701',
  release: '1.0.0',
  controller: 'zc-1',
  state: 'open',
  labels: {},
  taints: [],
  maxParticipants: 100,
  maxPacketsPerSecond: 1_000,
  workers: [],
  workerRestarts: 0,
  participants: 0,
  drain: null,
};

function stateOf(router: Partial<Router__Output>): string {
  const [, line = ''] = viewRouters([{ ...IDLE, ...router }], NOW_MS).split('\n');
  return line.split(/ {2,}/)[1] ?? '';
}

describe('the state of a router', () => {
  const drain = { startedMs: 0, deadlineMs: NOW_MS + 90_000, by: 'alice' };
  test.each([
    [{}, 'open'],
    [{ state: 'lost', drain }, 'lost'],
    [{ state: 'draining', drain, participants: 3 }, 'draining, 1 min 30 s left'],
    [{ state: 'draining', drain: { ...drain, deadlineMs: NOW_MS }, participants: 3 }, 'draining, overdue'],
    [{ state: 'draining', drain }, 'drained'],
  ])('%j', (router, state) => {
    expect(stateOf(router)).toBe(state);
  });
});

test('a place of which nothing is known is no empty place', () => {
  const places = [
    { router: 'r1', worker: 0, participants: 0 },
    { router: 'r2', worker: 3 },
  ];
  expect(viewMeetings([{ meeting: '1', epoch: 2, participants: 0, places }])).toContain('r1/0 (0), r2/3 (?)\n');
});

describe('a drain', () => {
  const progress: DrainProgress__Output = {
    state: 'DRAINING',
    participants: 1,
    meetings: 2,
    deadlineMs: NOW_MS + 5_000,
    elapsedMs: 3_000,
    stuck: [],
  };
  test.each([
    [progress, 'r1: 1 person in 2 meetings left, 5 s to the deadline'],
    [{ ...progress, state: 'EMPTY' }, 'r1 is empty after 3 s. "zonectl undrain r1" opens it again.'],
    [{ ...progress, state: 'DEADLINE' }, 'r1: the deadline has passed, and 1 person in 2 meetings are left.'],
    [{ ...progress, state: 'LOST' }, 'r1 is gone.'],
    [
      { ...progress, stuck: [{ meeting: '9', participants: 1, why: 'away from r1: 1 people\nothers: 1 no room' }] },
      'r1: 1 person in 2 meetings left, 5 s to the deadline\n  9 (1) cannot go: others: 1 no room',
    ],
  ] satisfies [DrainProgress__Output, string][])('%#', (of, text) => {
    expect(viewProgress('r1', of, NOW_MS)).toBe(text);
  });
});
