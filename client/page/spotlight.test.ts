import { describe, expect, test } from 'vitest';
import { Spotlight } from './spotlight.ts';

const ALL = ['self/camera', 'ada/camera', 'bob/camera', 'cid/camera'];

describe('the spotlight', () => {
  test('nobody speaks: the first of the others; alone: oneself', () => {
    expect(new Spotlight().choose(0, { keys: ALL, speakers: [] })).toBe('ada/camera');
    expect(new Spotlight().choose(0, { keys: ['self/camera'], speakers: ['self'] })).toBe('self/camera');
    expect(new Spotlight().choose(0, { keys: [], speakers: [] })).toBe('');
  });

  test('follows who dominates, keeps them through silence, and never shows oneself', () => {
    const spotlight = new Spotlight();
    const at = (nowMs: number, ...speakers: string[]) => spotlight.choose(nowMs, { keys: ALL, speakers });
    expect(at(0, 'bob', 'ada')).toBe('bob/camera');
    expect(at(5_000)).toBe('bob/camera');
    expect(at(6_000, 'me', 'cid')).toBe('cid/camera');
  });

  test('a reply is waited out before the stage changes', () => {
    const spotlight = new Spotlight();
    spotlight.choose(0, { keys: ALL, speakers: ['ada'] });
    const bob = { keys: ALL, speakers: ['bob'] };
    expect(spotlight.choose(500, bob)).toBe('ada/camera');
    expect(spotlight.waitMs(500, bob)).toBe(1_000);
    expect(spotlight.choose(1_500, bob)).toBe('bob/camera');
    expect(spotlight.waitMs(1_500, bob)).toBe(0);
  });

  test('who leaves is replaced at once', () => {
    const spotlight = new Spotlight();
    spotlight.choose(0, { keys: ALL, speakers: ['ada'] });
    expect(spotlight.choose(100, { keys: ['self/camera', 'cid/camera'], speakers: ['ada'] })).toBe('cid/camera');
  });

  test('a shared screen comes first, at once, and stays when a second one is shared', () => {
    const spotlight = new Spotlight();
    spotlight.choose(0, { keys: ALL, speakers: ['ada'] });
    expect(spotlight.choose(100, { keys: ['bob/screen', ...ALL], speakers: ['ada'] })).toBe('bob/screen');
    const two = { keys: ['ada/screen', 'bob/screen', ...ALL], speakers: ['ada'] };
    expect(spotlight.choose(9_000, two)).toBe('bob/screen');
    expect(spotlight.choose(9_100, { keys: ['self/screen', ...ALL], speakers: [] })).toBe('ada/camera');
  });

  test('a pin comes before everything, at once, until it is taken off or its tile is gone', () => {
    const spotlight = new Spotlight();
    const busy = { keys: ['bob/screen', ...ALL], speakers: ['bob'] };
    spotlight.choose(0, busy);
    spotlight.togglePin('cid/camera');
    expect([spotlight.choose(1, busy), spotlight.pinned]).toEqual(['cid/camera', 'cid/camera']);
    expect(spotlight.choose(2, { keys: ['self/camera', 'ada/camera'], speakers: [] })).toBe('ada/camera');
    expect(spotlight.choose(3, busy)).toBe('cid/camera');
    spotlight.togglePin('cid/camera');
    expect([spotlight.choose(4, busy), spotlight.pinned]).toEqual(['bob/screen', undefined]);
  });
});
