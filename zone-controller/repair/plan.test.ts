import { describe, expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { router } from '../placement/placement-lab.ts';
import { drainProgress } from './drain-progress.ts';
import { placement, RepairLab } from './repair-lab.ts';

describe('a router that is gone', () => {
  test('is given some time; then what is elsewhere goes on in the next epoch, under the fullest place', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0 b/0<0 c/0<0', 3, 7));
    lab.report({ 'm a/0': 5, 'm b/0': 2, 'm c/0': 4 });
    lab.lose('a');
    expect(lab.changes()).toEqual([]);
    lab.pass(3_000);
    expect(lab.plan()).toMatchObject([{ type: 'change', gone: ['a'] }]);
    expect(lab.act()).toEqual(['m 4.8 c/0 b/0<0']);
    expect(lab.act()).toEqual([]);
  });

  test('leaves a meeting that was only there nowhere: whoever comes back places it', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.lose('a');
    lab.pass(3_000);
    expect(lab.changes()).toEqual(['m 1.2 nowhere']);
  });

  test('that people were to move to: they stay where they were', () => {
    const lab = new RepairLab();
    lab.place('m', placement('-a/0 b/0<0'));
    lab.drain('a');
    lab.lose('b');
    lab.pass(3_000);
    expect(lab.changes()).toEqual(['m 2.2 a/0']);
  });

  test('and comes back in time is not given up', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.watch.look(lab.nowMs, () => true);
    lab.pass(2_000);
    expect(lab.changes()).toEqual([]);
  });
});

describe('a drain', () => {
  test('tells so many people at a time to move, the largest meetings first, and takes emptied places away', () => {
    const lab = new RepairLab(undefined, { peopleAtOnce: 8 });
    const people = { 'm a/0': 5, 'n a/0': 3, 'o a/0': 2 };
    for (const meeting of ['m', 'n', 'o']) lab.place(meeting, placement('a/0'));
    lab.report(people);
    lab.drain('a');
    expect(lab.act()).toEqual(['m 1.2 -a/0 b/0<0', 'n 1.2 -a/0 b/0<0']);
    expect(lab.act()).toEqual([]);
    lab.pass(2_000);
    lab.report({ 'm b/0': 5, 'n a/0': 3, 'o a/0': 2 });
    expect(lab.act()).toEqual(['m 2.3 b/0', 'o 1.2 -a/0 b/0<0']);
  });

  test('a place with more people than may move at once goes alone', () => {
    const lab = new RepairLab(undefined, { peopleAtOnce: 3 });
    for (const meeting of ['m', 'n']) lab.place(meeting, placement('a/0'));
    lab.report({ 'm a/0': 9, 'n a/0': 1 });
    lab.drain('a');
    expect(lab.act()).toEqual(['m 1.2 -a/0 b/0<0']);
    expect(lab.act()).toEqual([]);
  });

  test('at its deadline all go at once, and what no router has room for stays, with the reason', () => {
    const lab = new RepairLab([router('a', [0.1]), router('b', [0.999])], { peopleAtOnce: 1 });
    for (const meeting of ['m', 'n']) lab.place(meeting, placement('a/0'));
    lab.report({ 'm a/0': 2, 'n a/0': 40 });
    lab.drain('a', lab.nowMs + 1_000);
    expect(lab.act()).toEqual([]);
    lab.pass(20_000);
    lab.report({ 'm a/0': 2, 'n a/0': 40 });
    expect(lab.act()).toEqual([]);
    const progress = drainProgress(lab.world(), 'a' as RouterId);
    expect(progress).toMatchObject({ state: 'over', people: 42, moving: 0, meetings: 2 });
    expect(progress?.stuck.map(({ meeting, people }) => [meeting, people])).toEqual([
      ['n', 40],
      ['m', 2],
    ]);
    expect(progress?.stuck[0]?.why).toContain('no room');
  });

  test('those who do not move are why it is over and the router not empty', () => {
    const lab = new RepairLab();
    lab.place('m', placement('-a/0 b/0<0'));
    lab.drain('a', lab.nowMs);
    lab.pass(11_000);
    lab.report({ 'm a/0': 1, 'm b/0': 4 });
    expect(drainProgress(lab.world(), 'a' as RouterId)).toMatchObject({
      state: 'over',
      people: 1,
      moving: 1,
      stuck: [{ meeting: 'm', people: 1 }],
    });
    lab.report({ 'm b/0': 4 });
    lab.act();
    expect(drainProgress(lab.world(), 'a' as RouterId)).toMatchObject({ state: 'empty', people: 0, stuck: [] });
  });

  test('in a zone without another router, people go to the places that the meeting has', () => {
    const lab = new RepairLab([router('a', [0.1]), router('b', [0.1])]);
    lab.place('m', placement('a/0 b/0<0'));
    lab.report({ 'm a/0': 3, 'm b/0': 3 });
    lab.drain('a');
    expect(lab.act()).toEqual(['m 1.2 -a/0 b/0<0']);
  });

  test('empty meetings end, and empty places leave their tree, without a wave', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.place('n', placement('a/0 b/0<0'));
    lab.drain('a');
    lab.pass(2_000);
    lab.report({ 'n b/0': 1 });
    expect(lab.changes()).toEqual(['release m', 'n 1.2 -a/0 b/0<0']);
  });

  test('of a router that does not report is not taken for one of an empty router', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.report({ 'm a/0': 3 });
    lab.pass(7_000);
    lab.drain('a');
    expect(lab.changes().some((change) => change.startsWith('release'))).toBe(false);
  });

  test('a place of which nothing is known is not empty: not before its router has reported, nor long after', () => {
    const lab = new RepairLab();
    lab.place('m', placement('-a/0 b/0<0'));
    lab.drain('a');
    lab.report({ 'm b/0': 5 });
    lab.pass(3_000);
    expect(lab.changes()).toEqual([]);
    lab.report({ 'm b/0': 5 });
    lab.pass(6_000);
    expect(lab.changes()).toEqual([]);
    lab.report({ 'm b/0': 5 });
    expect(lab.changes()).toEqual(['m 2.2 b/0']);
  });

  test('that is taken back: whoever has not moved may stay', () => {
    const lab = new RepairLab();
    lab.place('m', placement('-a/0 b/0<0'));
    lab.pass(2_000);
    lab.report({ 'm a/0': 2, 'm b/0': 1 });
    expect(lab.act()).toEqual(['m 1.2 a/0 b/0<0']);
  });
});

describe('gentle changes', () => {
  test('a tree that is too big is shrunk once it has rested; nobody is asked to move before', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0 b/0<0'));
    lab.report({ 'm a/0': 5, 'm b/0': 1 });
    expect(lab.changes()).toEqual([]);
    lab.pass(60_000);
    lab.report({ 'm a/0': 5, 'm b/0': 1 });
    expect(lab.act()).toEqual(['m 1.2 a/0 -b/0<0']);
    lab.pass(2_000);
    lab.report({ 'm a/0': 6 });
    expect(lab.act()).toEqual(['m 2.3 a/0']);
  });

  test('full workers lose a meeting at a time, every ten seconds, if the policy wants that', () => {
    const routers = [router('a', [0.95]), router('b', [0.2])];
    const busy = (rebalanceMoves: number): RepairLab => {
      const lab = new RepairLab(routers, { rebalanceMoves });
      for (const meeting of ['m', 'n']) lab.place(meeting, placement('a/0'));
      lab.pass(60_000);
      lab.report({ 'm a/0': 10, 'n a/0': 20 });
      return lab;
    };
    expect(busy(0).changes()).toEqual([]);
    const lab = busy(2);
    expect(lab.changes()).toEqual(['n 1.2 -a/0 b/0<0']);
    expect(lab.changes()).toEqual([]);
    lab.pass(10_000);
    lab.report({ 'm a/0': 10, 'n a/0': 20 });
    expect(lab.changes()).toEqual(['n 1.2 -a/0 b/0<0']);
  });

  test('a meeting that nobody has been in for ten minutes ends', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.pass(599_000);
    lab.report({});
    expect(lab.changes()).toEqual([]);
    lab.pass(1_000);
    lab.report({});
    expect(lab.changes()).toEqual(['release m']);
    lab.report({ 'm a/0': 1 });
    expect(lab.changes()).toEqual([]);
  });

  test('a meeting whose people are all in its rooms stays as long as they do', () => {
    const lab = new RepairLab();
    lab.rooms.set('room', 'm');
    lab.place('m', placement('a/0'));
    lab.place('room', placement('b/0'));
    for (let minute = 0; minute < 30; minute++) {
      lab.pass(60_000);
      lab.report({ 'room b/0': 2 });
      expect(lab.changes()).toEqual([]);
    }
    lab.pass(599_000);
    lab.report({});
    expect(lab.changes()).toEqual([]);
    lab.pass(1_000);
    lab.report({});
    expect(lab.changes().sort()).toEqual(['release m', 'release room']);
  });

  test('a drained router hands on what it knows of people in rooms, before it forgets it', () => {
    const lab = new RepairLab();
    lab.rooms.set('room', 'm');
    lab.place('m', placement('a/0'));
    lab.place('n', placement('a/0'));
    lab.place('room', placement('b/0'));
    lab.pass(60_000);
    lab.report({ 'room b/0': 2 });
    lab.drains.set('a' as RouterId, { startedMs: 0, deadlineMs: Number.POSITIVE_INFINITY, by: 'x' });
    expect(lab.act().sort()).toEqual(['m 1.2 -a/0 b/0<0', 'release n']);
    lab.pass(2_000);
    lab.report({ 'room b/0': 2 });
    expect(lab.act()).toContain('m 2.3 b/0');
  });

  test('a meeting that has to be here stays with nobody in it, and ends when it need not', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.needed.add('m');
    lab.pass(900_000);
    lab.report({});
    expect(lab.changes()).toEqual([]);
    lab.needed.clear();
    expect(lab.changes()).toEqual(['release m']);
  });
});

describe('what operators ask for', () => {
  const wish = (lab: RepairLab, to?: string) => ({
    from: { router: 'a' as RouterId, worker: 0 },
    ...(to === undefined ? {} : { to: { router: to as RouterId, worker: 0 } }),
    expiresMs: lab.nowMs + 5_000,
    by: 'someone',
  });

  test('a place goes where they say, or where there is room', () => {
    const lab = new RepairLab();
    lab.place('m', placement('a/0'));
    lab.report({ 'm a/0': 4 });
    lab.moves.set('m+a', wish(lab, 'c'));
    expect(lab.plan()).toMatchObject([{ type: 'change', wish: 'm+a', next: { leaving: [{ why: 'admin' }] } }]);
    expect(lab.changes()).toEqual(['m 1.2 -a/0 c/0<0']);
    lab.moves.set('m+a', wish(lab));
    expect(lab.act()).toEqual(['m 1.2 -a/0 b/0<0']);
    // It cannot be fulfilled twice.
    expect(lab.changes()).toEqual(['forgetWish m+a']);
  });

  test('a place goes as soon as there is room, while they want it', () => {
    const lab = new RepairLab([router('a', [0.1]), router('b', [0.999])]);
    lab.place('m', placement('a/0'));
    lab.report({ 'm a/0': 4 });
    lab.moves.set('m+a', wish(lab));
    expect(lab.changes()).toEqual([]);
    lab.capacity.report(lab.nowMs, 'b' as RouterId, [{ index: 0, participants: 0, packetsPerSecond: 0 }]);
    expect(lab.changes()).toEqual(['m 1.2 -a/0 b/0<0']);
  });

  test('wishes that are too late, or about nothing, are forgotten; those about participants only when too late', () => {
    const lab = new RepairLab();
    lab.moves.set('m+a', wish(lab));
    lab.moves.set('m+p', { ...wish(lab), participant: 'p' as never });
    expect(lab.changes()).toEqual(['forgetWish m+a']);
    lab.place('m', placement('a/0'));
    lab.pass(6_000);
    expect(lab.changes()).toEqual(['forgetWish m+a', 'forgetWish m+p']);
  });
});

test('a plan promises nothing that lasts, and has one action for a meeting', () => {
  const lab = new RepairLab();
  for (let index = 0; index < 30; index++) lab.place(`m${index}`, placement('a/0 b/0<0'));
  lab.report(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index} a/0`, 1])));
  lab.drain('a');
  lab.drain('b');
  const before = lab.capacity.router('c' as RouterId)?.expected(lab.nowMs, 0);
  const actions = lab.plan();
  expect(lab.capacity.router('c' as RouterId)?.expected(lab.nowMs, 0)).toEqual(before);
  const meetings = actions.map((action) => ('meeting' in action ? action.meeting : ('' as MeetingId)));
  expect(new Set(meetings).size).toBe(meetings.length);
});
