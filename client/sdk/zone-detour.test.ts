import { expect, test } from 'vitest';
import type { ServerMessage } from '../../proto/signalling.ts';
import { ZoneDetour } from './zone-detour.ts';

function redirect(zone: string, urls: string[], tried: string[]): Extract<ServerMessage, { type: 'redirect' }> {
  return { type: 'redirect', id: 1, zone, urls, reason: 'nearer', tried };
}

test('nothing is said before anybody has sent us on, nor after we have arrived', () => {
  const detour = new ZoneDetour();
  expect(detour.said(() => true)).toEqual({});
  expect(detour.failed()).toBe(false);
  detour.follow(redirect('b', ['b1'], ['a']));
  detour.arrived();
  expect(detour.said(() => true)).toEqual({});
});

test('there, who has sent us is said; back where we came from, also that it was in vain', () => {
  const detour = new ZoneDetour();
  expect(detour.follow(redirect('b', ['b1', 'b2'], ['a']))).toBe(true);
  expect(detour.said((url) => url === 'b2')).toEqual({ tried: ['a'] });
  expect(detour.said((url) => url === 'a1')).toEqual({ tried: ['a', 'b'] });
});

test('who was sent on may fail once', () => {
  const detour = new ZoneDetour();
  detour.follow(redirect('b', ['b1', 'b2'], ['a']));
  expect([detour.failed(), detour.failed()]).toEqual([true, false]);
});

test('a zone that cannot be reached is said besides', () => {
  const detour = new ZoneDetour();
  expect(detour.said(() => false, 'a')).toEqual({ tried: ['a'] });
  detour.follow(redirect('b', ['b1'], ['c']));
  expect(detour.said((url) => url === 'b1', 'a')).toEqual({ tried: ['c', 'a'] });
});

test('more than three in a row, or to nowhere, are not followed', () => {
  const detour = new ZoneDetour();
  expect(detour.follow(redirect('b', [], ['a']))).toBe(false);
  const again = new ZoneDetour();
  const ways = ['b', 'c', 'd', 'e'].map((zone) => again.follow(redirect(zone, [zone], [])));
  expect(ways).toEqual([true, true, true, false]);
});
