import { describe, expect, test } from 'vitest';
import type { ViewEntry } from '../negotiated.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { AllocationLab, CAMERA } from './meeting-allocation-test-lab.ts';

describe('a subscriber without feedback', () => {
  test('begins with the lowest encoding, and has the highest two seconds later', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.run(0.2);
    expect(lab.shown('vic')).toBe('ben:l');
    lab.run(2);
    expect(lab.shown('vic')).toBe('ben:h');
  });

  test('gets no more than the view asks for', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.view('vic', 'v0', { maxHeight: 300 });
    lab.run(3);
    expect(lab.shown('vic')).toBe('ben:m');
    lab.view('vic', 'v0', { maxHeight: 90 });
    lab.run(1);
    expect(lab.shown('vic')).toBe('ben:l');
  });

  test('follows the publisher, who sends less for a while', () => {
    const lab = new AllocationLab();
    const camera = lab.publisher('ben');
    lab.subscriber('vic');
    lab.run(3);
    camera.rids = ['l'];
    lab.run(1);
    expect(lab.shown('vic')).toBe('ben:l');
    camera.rids = ['l', 'm', 'h'];
    lab.run(3);
    expect(lab.shown('vic')).toBe('ben:h');
  });
});

describe('a subscriber with little bandwidth', () => {
  test('gets what fits, is told when nothing does, and comes back', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.rembBps.set('vic', 5e6);
    lab.run(5);
    expect(lab.shown('vic')).toBe('ben:h');
    lab.rembBps.set('vic', 900e3);
    lab.run(4);
    expect(lab.shown('vic')).toBe('ben:m');
    lab.rembBps.set('vic', 100e3);
    lab.run(2);
    expect([lab.shown('vic'), lab.lab.slots.get('vic/v0')]).toEqual(['-', 'ben/camera']);
    expect([...lab.lab.suspended]).toEqual(['vic/v0']);
    expect(lab.participant('vic').slotsOf('video')[0]?.slot.reason).toMatch(/^nothing: not enough bandwidth/);
    lab.rembBps.set('vic', 5e6);
    lab.run(10);
    expect([lab.shown('vic'), [...lab.lab.suspended]]).toEqual(['ben:h', []]);
  });

  test('costs the others nothing', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    for (const name of ['vic', 'wes', 'xia']) lab.subscriber(name);
    lab.rembBps.set('vic', 200e3);
    lab.run(5);
    expect(['vic', 'wes', 'xia'].map((name) => lab.shown(name))).toEqual(['ben:l', 'ben:h', 'ben:h']);
  });

  test('what is taken from him is what he looks at least', () => {
    const lab = new AllocationLab();
    for (const name of ['ann', 'ben', 'cid']) lab.publisher(name);
    lab.subscriber('vic', 3);
    lab.view('vic', 'v2', { source: { participant: 'cid', kind: 'camera' } });
    lab.rembBps.set('vic', 1.2e6);
    lab.run(5);
    expect(lab.shown('vic')).toBe('ann:l ben:l cid:m');
    lab.rembBps.set('vic', 800e3);
    lab.run(2);
    expect(lab.shown('vic')).toBe('ann:l - cid:m');
  });
});

describe('hostile subscribers', () => {
  test('whose feedback claims a gigabit get what they asked to see, and not a byte more', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.view('vic', 'v0', { maxHeight: 180 });
    lab.rembBps.set('vic', 1e9);
    lab.run(3);
    lab.run(5);
    expect(lab.shown('vic')).toBe('ben:l');
    expect((lab.sentBytes.get('vic') ?? 0) * 8).toBeLessThan(5 * CAMERA[0].bitrateBps * 1.5);
    expect(lab.participant('vic').estimateBps).toBeLessThan(1e6);
  });

  test.each<[string, Partial<ViewEntry>, string]>([
    ['taller than the sky', { maxHeight: 2 ** 32 - 1 }, 'ben:h'],
    ['one pixel', { maxHeight: 1 }, 'ben:l'],
    ['less than nothing', { maxHeight: -1, maxFps: -1 }, 'ben:h'],
    ['not a number', { maxHeight: Number.NaN, maxFps: Number.NaN }, 'ben:h'],
    ['a picture a second', { maxFps: 1 }, 'ben:h'],
    ['of somebody who is not here', { source: { participant: 'eve', kind: 'camera' } }, '-'],
  ])('with a view %s', (_what, entry, expected) => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.view('vic', 'v0', entry);
    lab.run(3);
    expect(lab.shown('vic')).toBe(expected);
  });

  test('with views that change all the time cost one allocation each, and publishers no message', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    const vic = lab.subscriber('vic');
    lab.subscriber('wes');
    lab.run(4);
    const before = vic.allocator.decisions;
    for (let i = 0; i < 200; i++) {
      for (const maxHeight of [90, 4000, 180]) lab.view('vic', 'v0', { maxHeight });
      lab.run(0.04);
    }
    expect(vic.allocator.decisions - before).toBeLessThanOrEqual(220);
    expect(lab.lab.demands.size).toBe(0);
  });
});

describe('publishers', () => {
  test('stop what nobody looks at, and begin again in time', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    for (const name of ['vic', 'wes']) lab.subscriber(name);
    lab.view('vic', 'v0', { maxHeight: 180 });
    lab.view('wes', 'v0', { maxHeight: 360 });
    lab.run(2);
    expect(lab.demand('ben')).toBe('l m h');
    lab.run(2);
    expect(lab.demand('ben')).toBe('l m360 -');
    lab.view('wes', 'v0', { maxHeight: 720 });
    lab.run(0.1);
    expect(lab.demand('ben')).toBe('l m h720');
    lab.run(2);
    expect(lab.shown('wes')).toBe('ben:h');
  });

  test('stop everything when nobody is there, and whoever comes sees something at once', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.run(4);
    expect(lab.demand('ben')).toBe('- - -');
    lab.subscriber('vic');
    lab.run(0.2);
    expect([lab.demand('ben'), lab.shown('vic')]).toEqual(['l m h', 'ben:l']);
    lab.lab.leave('vic');
    lab.run(4);
    expect(lab.demand('ben')).toBe('- - -');
  });

  test('are not told to stop because a viewer’s bandwidth is small', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.rembBps.set('vic', 200e3);
    lab.run(10);
    expect([lab.shown('vic'), lab.demand('ben')]).toEqual(['ben:l', 'l m h']);
  });

  test('who mute find everything as it was', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.run(3);
    lab.lab.mute('ben', 'camera', true);
    lab.run(5);
    expect([lab.demand('ben'), lab.shown('vic')]).toEqual(['l m h', '-']);
    lab.lab.mute('ben', 'camera', false);
    lab.run(2);
    expect(lab.shown('vic')).toBe('ben:h');
  });

  test('who mute while less is wanted are not told to stop when they come back', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.run(3);
    lab.view('vic', 'v0', { maxHeight: 180 });
    lab.run(1);
    lab.lab.mute('ben', 'camera', true);
    lab.run(5);
    lab.lab.mute('ben', 'camera', false);
    lab.run(2);
    expect(lab.demand('ben')).toBe('l m h');
    lab.run(1.5);
    expect(lab.demand('ben')).toBe('l180 - -');
  });
});

describe('connection quality', () => {
  test('is told of both directions, falls with loss, and is nobody’s who neither sends nor receives', () => {
    const lab = new AllocationLab();
    const camera = lab.publisher('ben');
    lab.subscriber('vic');
    lab.lab.enter('idle', labMedia({ ssrc: 70_000, sources: [], audioSlots: 0, videoSlots: 0 }));
    lab.run(8);
    expect(lab.lab.qualities.get('ben')).toEqual({ participant: 'ben', uplink: 100, downlink: undefined });
    expect(lab.lab.qualities.get('vic')).toMatchObject({ uplink: undefined, downlink: 100 });
    expect(lab.lab.qualities.has('idle')).toBe(false);
    camera.losesEvery = 10;
    lab.run(6);
    expect(lab.lab.qualities.get('ben')?.uplink).toBeLessThanOrEqual(75);
    camera.losesEvery = 0;
    lab.run(13);
    expect(lab.lab.qualities.get('ben')?.uplink).toBeGreaterThanOrEqual(80);
  });

  test('of a subscriber who is suspended is poor', () => {
    const lab = new AllocationLab();
    lab.publisher('ben');
    lab.subscriber('vic');
    lab.rembBps.set('vic', 100e3);
    lab.run(12);
    expect(lab.lab.qualities.get('vic')?.downlink).toBeLessThanOrEqual(60);
  });
});
