import { describe, expect, test } from 'vitest';
import { type LargeCandidates, LargeTile } from './large-tile.ts';

const ALL = ['self/camera', 'ada/camera', 'bob/camera', 'cid/camera'];

describe('the large tile', () => {
  test('nobody speaks: the first of the others; alone: oneself', () => {
    expect(new LargeTile().choose(0, { keys: ALL, speakers: [], spotlight: [] })).toBe('ada/camera');
    expect(new LargeTile().choose(0, { keys: ['self/camera'], speakers: ['self'], spotlight: [] })).toBe('self/camera');
    expect(new LargeTile().choose(0, { keys: [], speakers: [], spotlight: [] })).toBe('');
  });

  test('follows who dominates, keeps them through silence, and never shows oneself', () => {
    const large = new LargeTile();
    const at = (nowMs: number, ...speakers: string[]) => large.choose(nowMs, { keys: ALL, speakers, spotlight: [] });
    expect(at(0, 'bob', 'ada')).toBe('bob/camera');
    expect(at(5_000)).toBe('bob/camera');
    expect(at(6_000, 'me', 'cid')).toBe('cid/camera');
  });

  test('a reply is waited out before the stage changes', () => {
    const large = new LargeTile();
    large.choose(0, { keys: ALL, speakers: ['ada'], spotlight: [] });
    const bob = { keys: ALL, speakers: ['bob'], spotlight: [] };
    expect(large.choose(500, bob)).toBe('ada/camera');
    expect(large.waitMs(500, bob)).toBe(1_000);
    expect(large.choose(1_500, bob)).toBe('bob/camera');
    expect(large.waitMs(1_500, bob)).toBe(0);
  });

  test('who leaves is replaced at once', () => {
    const large = new LargeTile();
    large.choose(0, { keys: ALL, speakers: ['ada'], spotlight: [] });
    expect(large.choose(100, { keys: ['self/camera', 'cid/camera'], speakers: ['ada'], spotlight: [] })).toBe(
      'cid/camera',
    );
  });

  test('a shared screen comes first, at once, and stays when a second one is shared', () => {
    const large = new LargeTile();
    large.choose(0, { keys: ALL, speakers: ['ada'], spotlight: [] });
    expect(large.choose(100, { keys: ['bob/screen', ...ALL], speakers: ['ada'], spotlight: [] })).toBe('bob/screen');
    const two = { keys: ['ada/screen', 'bob/screen', ...ALL], speakers: ['ada'], spotlight: [] };
    expect(large.choose(9_000, two)).toBe('bob/screen');
    expect(large.choose(9_100, { keys: ['self/screen', ...ALL], speakers: [], spotlight: [] })).toBe('ada/camera');
  });

  test('a pin comes before everything, at once, until it is taken off or its tile is gone', () => {
    const large = new LargeTile();
    const busy = { keys: ['bob/screen', ...ALL], speakers: ['bob'], spotlight: [] };
    large.choose(0, busy);
    large.togglePin('cid/camera');
    expect([large.choose(1, busy), large.pinned]).toEqual(['cid/camera', 'cid/camera']);
    expect(large.choose(2, { keys: ['self/camera', 'ada/camera'], speakers: [], spotlight: [] })).toBe('ada/camera');
    expect(large.choose(3, busy)).toBe('cid/camera');
    large.togglePin('cid/camera');
    expect([large.choose(4, busy), large.pinned]).toEqual(['bob/screen', undefined]);
  });

  test('whom a host has put in the spotlight is large at once, and stays whoever speaks; a screen comes first', () => {
    const large = new LargeTile();
    const at = (nowMs: number, more: Partial<LargeCandidates>) =>
      large.choose(nowMs, { keys: ALL, speakers: ['ada'], spotlight: ['cid'], ...more });
    expect(at(0, { spotlight: [] })).toBe('ada/camera');
    expect(at(100, {})).toBe('cid/camera');
    expect(at(9_000, { speakers: ['bob'] })).toBe('cid/camera');
    expect(at(9_100, { keys: ['bob/screen', ...ALL] })).toBe('bob/screen');
    expect(at(9_200, {})).toBe('cid/camera');
    // Of several, the one who speaks; oneself is not among them.
    expect(at(19_000, { speakers: ['ada', 'bob'], spotlight: ['me', 'cid', 'bob'] })).toBe('bob/camera');
    expect(at(29_000, { speakers: ['ada'], spotlight: ['me'] })).toBe('ada/camera');
    // Who has left is in no light.
    expect(at(39_000, { speakers: [], spotlight: ['gone'] })).toBe('ada/camera');
  });
});
