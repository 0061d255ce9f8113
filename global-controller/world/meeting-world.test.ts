import { beforeEach, expect, test } from 'vitest';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { blockAt, meetingIdOf } from '../blocks/meeting-ids.ts';
import type { PresenceRecord } from '../buckets.ts';
import { Policies } from '../policies/policies.ts';
import { CutMemory } from '../trees/cut-memory.ts';
import { TREE_POLICY } from '../trees/tree-policy.ts';
import type { KnownZone } from '../zones/known-zone.ts';
import { recordOf, statusOf } from '../zones/zone-directory-lab.ts';
import { MeetingWorld } from './meeting-world.ts';
import { type PlanningWorld, planMeeting } from './plan-meeting.ts';

const [A, B, C] = ['a', 'b', 'c'] as [ZoneId, ZoneId, ZoneId];
const ids: MeetingId[] = [1, 2, 3, 4].map((number) => meetingIdOf(blockAt(0), number));
const [ONE, TWO, THREE] = ids as [MeetingId, MeetingId, MeetingId];

let meetings: MeetingWorld;
let policies: Policies;

beforeEach(() => {
  meetings = new MeetingWorld();
  meetings.homes.putBlock(blockAt(0), A);
  policies = new Policies();
});

function presence(people: number): PresenceRecord {
  return { root: { router: 'r', address: 'r:1', worker: 0 }, epoch: 1, people, dials: false };
}

function takeAll(): MeetingId[] {
  const taken: MeetingId[] = [];
  for (let known = meetings.takeChanged(); known !== undefined; known = meetings.takeChanged())
    taken.push(known.meeting);
  return taken;
}

function world(): PlanningWorld {
  const zones = [A, B, C].map((zone): [ZoneId, KnownZone] => [
    zone,
    { zone, record: recordOf(), standing: 'well', status: statusOf(), silentMs: 0, drained: false },
  ]);
  return { zones: new Map(zones), policies, meetings, cuts: new CutMemory(TREE_POLICY), nowMs: 0 };
}

test('what has changed is taken once, the first to change first, and not when it is gone', () => {
  for (const meeting of [TWO, ONE, THREE]) meetings.setPresence(A, meeting, presence(1));
  meetings.setPresence(B, TWO, presence(1));
  meetings.setPresence(A, ONE, undefined);
  expect(takeAll()).toEqual([TWO, THREE]);
  expect(takeAll()).toEqual([]);
  meetings.mark(THREE);
  meetings.mark(ONE);
  expect(takeAll()).toEqual([THREE]);
});

test('a zone concerns the meetings that are in it, or whose tree has it', () => {
  for (const meeting of [ONE, TWO, THREE]) meetings.setPresence(A, meeting, presence(1));
  meetings.setPresence(B, TWO, presence(1));
  meetings.setTree(THREE, { value: { version: 1, root: A, edges: [{ zone: B, parent: A }] }, revision: 1 });
  takeAll();
  meetings.markZone(B);
  expect(takeAll().sort()).toEqual([TWO, THREE].sort());
});

test('a meeting that nobody is in is sent home by its block, and only then forgotten', () => {
  meetings.homes.putHome(ONE, { zone: B, term: 1 });
  meetings.setHomeRevision(ONE, 7);
  const known = meetings.get(ONE);
  expect(known && planMeeting(world(), known)).toMatchObject([
    { type: 'putHome', record: { zone: A, term: 2 }, seen: 7 },
  ]);
  meetings.homes.putHome(ONE, { zone: A, term: 2 });
  meetings.setHomeRevision(ONE, 8);
  expect(meetings.size).toBe(0);
});

test('a zone that others only meet through is in their tree, and goes with them', () => {
  policies.put({ kind: 'zone', id: C }, { residency: 'local', guests: { via: B }, revision: 1 });
  for (const [zone, people] of [
    [A, 2],
    [B, 0],
    [C, 1],
  ] as const)
    meetings.setPresence(zone, ONE, presence(people));
  const plan = () => {
    const known = meetings.get(ONE);
    return known && planMeeting(world(), known);
  };
  const edges = [
    { zone: B, parent: A },
    { zone: C, parent: B },
  ];
  expect(plan()).toMatchObject([{ type: 'putTree', record: { root: A, edges } }]);
  meetings.setTree(ONE, { value: { version: 1, root: A, edges }, revision: 3 });
  meetings.setPresence(A, ONE, undefined);
  expect(plan()).toMatchObject([{ type: 'putTree', record: { root: C, edges: [] } }]);
  meetings.setPresence(C, ONE, undefined);
  expect(plan()).toMatchObject([{ type: 'deleteTree', seen: 3 }]);
});
