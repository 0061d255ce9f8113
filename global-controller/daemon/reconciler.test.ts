import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { blockAt } from '../blocks/meeting-ids.ts';
import { BLOCKS_BUCKET, POLICIES_BUCKET, statusSubject, TREES_BUCKET } from '../buckets.ts';
import { statusOf } from '../zones/zone-directory-lab.ts';
import { Reconciler } from './reconciler.ts';
import { meetingOf, SNAPSHOT_ROUTERS, WorldLab } from './world-lab.ts';

const [ALPHA, BETA] = ['alpha', 'beta'] as [ZoneId, ZoneId];
const MEETING = meetingOf(0);
let lab: WorldLab;

beforeEach(async () => {
  lab = new WorldLab();
  await lab.begin(['alpha', 'beta', 'eu.west'], 3);
});
afterEach(() => lab.close());

function sum(pick: (counts: WorldLab['controllers'][number]['reconciler']['counts']) => number): number {
  return lab.controllers.reduce((all, { reconciler }) => all + pick(reconciler.counts), 0);
}

describe('several global controllers without a leader', () => {
  test('write one tree, once, and rest', async () => {
    await lab.present('alpha', MEETING, 3);
    await lab.round();
    expect(await lab.tree(MEETING)).toBeUndefined();
    await lab.present('beta', MEETING, 2);
    await lab.round();
    expect(await lab.tree(MEETING)).toBe('1 alpha: beta<alpha');
    for (let round = 0; round < 5; round++) await lab.round();
    expect(sum(({ written }) => written)).toBe(1);
    expect(sum(({ failures }) => failures)).toBe(0);
  });

  test('a round ends in time, and the next one begins with what has changed', async () => {
    const [controller] = lab.controllers;
    if (controller === undefined) throw new Error('no controller');
    const { bus, mirror } = controller;
    let nowMs = 0;
    // Each look at the clock takes 20 of the 50 ms of a round: two meetings are planned in one.
    const now = (): number => (nowMs += 20);
    const slow = new Reconciler({
      bus,
      mirror,
      now,
      random: () => 0.5,
      log: createLogger({ name: 't', level: 'silent' }),
    });
    for (let number = 0; number < 20; number++) await lab.present('alpha', meetingOf(0, number), 1);
    await lab.present('beta', meetingOf(0, 19), 1);
    await slow.run();
    expect(await lab.tree(meetingOf(0, 19))).toBeUndefined();
    for (let round = 0; round < 10; round++) await slow.run();
    expect(await lab.tree(meetingOf(0, 19))).toBe('1 alpha: beta<alpha');
    await lab.settle();
    await slow.run();
    // Wherever the look at all of them is now.
    for (const number of [3, 17]) {
      await lab.present('beta', meetingOf(0, number), 1);
      await slow.run();
      expect(await lab.tree(meetingOf(0, number))).toBe('1 alpha: beta<alpha');
    }
  });

  test('the tree follows who is there, and goes with the last', async () => {
    await lab.present('alpha', MEETING, 1);
    await lab.present('eu.west', MEETING, 1);
    await lab.round();
    expect(await lab.tree(MEETING)).toBe('1 alpha: eu.west<alpha');
    await lab.present('alpha', MEETING, 0);
    await lab.round();
    expect(await lab.tree(MEETING)).toBe('2 eu.west:');
    await lab.present('eu.west', MEETING, 0);
    await lab.round();
    expect(await lab.tree(MEETING)).toBeUndefined();
    expect(lab.controllers.map(({ mirror }) => mirror.meetings.size)).toEqual([0, 0, 0]);
  });

  test('a lost zone leaves the tree, and its meeting gets another home with a higher term', async () => {
    await lab.present('alpha', MEETING, 5);
    await lab.present('beta', MEETING, 1);
    await lab.present('eu.west', MEETING, 2);
    await lab.round();
    expect(await lab.tree(MEETING)).toBe('1 alpha: beta<alpha eu.west<alpha');
    for (let second = 0; second < 4; second++) {
      lab.nowMs += 1_000;
      lab.speak(['beta', 'eu.west'], ['alpha']);
      await lab.settle();
      await lab.round();
    }
    await lab.round();
    const homes = lab.controllers.map(({ mirror }) => mirror.meetings.homes.home(MEETING));
    expect(homes).toEqual(lab.controllers.map(() => ({ zone: 'eu.west', term: 1 })));
    expect(await lab.tree(MEETING)).toMatch(/^\d eu\.west: beta<eu\.west$/);
    // It comes back, with people who know nothing of that: it is a branch now.
    lab.speak();
    await lab.settle();
    await lab.round();
    expect(await lab.tree(MEETING)).toMatch(/^\d eu\.west: .*alpha<eu\.west/);
    expect(lab.controllers[0]?.mirror.meetings.homes.home(MEETING)).toEqual({ zone: 'eu.west', term: 1 });
  });

  test('one that comes later knows the same and changes nothing', async () => {
    await lab.present('alpha', MEETING, 1);
    await lab.present('beta', MEETING, 1);
    await lab.round();
    const { mirror, reconciler } = lab.addController('gc-late');
    await lab.until(() => mirror.isComplete);
    lab.speak();
    await lab.until(() => mirror.directory.counts.accepted === 3);
    await lab.round();
    expect(reconciler.counts).toMatchObject({ rounds: 1, written: 0 });
    expect(mirror.meetings.homes.home(MEETING)).toEqual({ zone: 'alpha', term: 0 });
  });

  test('nothing is planned while the bus is away, everything after it is back', async () => {
    await lab.present('alpha', MEETING, 1);
    await lab.present('beta', MEETING, 1);
    lab.hub.setUp(false);
    lab.nowMs += 60_000;
    await lab.round();
    expect(sum(({ rounds }) => rounds)).toBe(0);
    lab.hub.setUp(true);
    await lab.settle();
    lab.speak();
    await lab.settle();
    await lab.round();
    expect(await lab.tree(MEETING)).toBe('1 alpha: beta<alpha');
  });
});

describe('what zones say', () => {
  test('a zone that keeps media inside is no part of a tree', async () => {
    const [controller] = lab.controllers;
    await controller?.bus.bucket(POLICIES_BUCKET).put('zone.beta', { residency: 'local', revision: 1 });
    await lab.until(() => lab.controllers.every(({ mirror }) => mirror.policies.effective(BETA).residency === 'local'));
    await lab.present('alpha', MEETING, 1);
    await lab.present('beta', MEETING, 1);
    await lab.present('eu.west', MEETING, 1);
    await lab.round();
    expect(await lab.tree(MEETING)).toBe('1 alpha: eu.west<alpha');
  });

  test('only its owner says where a block is, and what comes of a zone is about that zone', async () => {
    await lab.bus('beta').bucket(BLOCKS_BUCKET).put(blockAt(77), { zone: 'alpha' });
    await lab.bus('beta').bucket(BLOCKS_BUCKET).put(blockAt(0), { zone: 'beta' });
    // Signed by beta, so dropped; the bus sees to that.
    const before = lab.controllers[0]?.mirror.directory.counts;
    lab.bus('beta').publish(statusSubject(ALPHA), statusOf({ seq: 1_000, routersReady: 0 }));
    await lab.settle();
    expect(lab.controllers[0]?.mirror.directory.counts).toEqual(before);
    const homes = lab.controllers[0]?.mirror.meetings.homes;
    expect(homes?.isBlockTaken(blockAt(77))).toBe(false);
    expect(homes?.home(MEETING)).toEqual({ zone: 'alpha', term: 0 });
  });

  test('a zone cannot write a tree', async () => {
    await lab.present('alpha', MEETING, 1);
    await lab.bus('beta').bucket(TREES_BUCKET).put(MEETING, { version: 9, root: 'beta', edges: [] });
    await lab.settle();
    expect(lab.controllers[0]?.mirror.meetings.get(MEETING)?.tree).toBeUndefined();
  });

  test('what cannot be read is counted and harms nothing', async () => {
    lab.bus('beta').publish(statusSubject(BETA), { seq: 'x' });
    await lab.bus('beta').bucket(BLOCKS_BUCKET).put(blockAt(78), 'mine');
    await lab.settle();
    expect(lab.controllers.map(({ mirror }) => mirror.malformed)).toEqual([2, 2, 2]);
  });

  test('after a gap the zone is asked how it is', async () => {
    lab.skip('beta');
    lab.speak(['beta']);
    const { controllers } = lab;
    const routers = (): (number | undefined)[] =>
      controllers.map(({ mirror }) => mirror.directory.zone(BETA, lab.nowMs)?.status?.routersReady);
    await lab.until(() => routers().every((ready) => ready === SNAPSHOT_ROUTERS));
    expect(lab.snapshots).toBe(controllers.length);
    expect(controllers.map(({ mirror }) => mirror.directory.counts.gaps)).toEqual([1, 1, 1]);
  });
});
