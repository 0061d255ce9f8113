import { describe, expect, test } from 'vitest';
import type { SourceStatistics } from '../sdk/meeting-events.ts';
import { whyReceived, whySent } from './picture-reason.ts';

/** As far as reasons look at it. */
const video = (said: Partial<SourceStatistics>) =>
  ({ suspended: false, active: true, height: 180, askedHeight: 360, ...said }) as SourceStatistics;

describe('why a picture arrives as it does', () => {
  test.each<[string, Partial<SourceStatistics>, { up?: number; down?: number }]>([
    ['Paused: your connection is too slow for it', { suspended: true }, { down: 10 }],
    ['Nothing has arrived yet', { height: undefined }, {}],
    ['Fits its tile', { askedHeight: undefined }, { down: 10 }],
    ['Fits its tile', { askedHeight: 180 }, { down: 10 }],
    ['Fits its tile', { askedHeight: 225 }, {}],
    ['Smaller than its tile: your connection is too slow for more', { askedHeight: 226 }, { down: 79, up: 10 }],
    ['Smaller than its tile: Bob’s connection is slow', {}, { down: 80, up: 79 }],
    ['Smaller than its tile: Bob sends no larger one, or your connection has no room for it', {}, {}],
  ])('%s', (words, said, { up, down }) => {
    expect(whyReceived(video(said), { sender: 'Bob', senderUplink: up, ownDownlink: down })).toBe(words);
  });
});

describe('why a size of ours is on or off', () => {
  test.each<[string, Partial<SourceStatistics>]>([
    ['On', {}],
    ['On', { demand: { rid: 'm', active: true } }],
    ['On: somebody watches it', { demand: { rid: 'm', active: true, maxHeight: 360 } }],
    ['On, but reduced: your connection is slow', { limitedBy: 'bandwidth' }],
    ['On, but reduced: your computer is busy', { limitedBy: 'cpu', demand: { rid: 'm', active: true } }],
    ['Off: nobody watches it', { active: false, demand: { rid: 'm', active: false } }],
    // The browser's counters are a moment behind.
    ['Off: nobody watches it', { active: true, demand: { rid: 'm', active: false } }],
    ['Off: what is captured is smaller', { active: false, demand: { rid: 'm', active: true } }],
  ])('%s', (words, said) => {
    expect(whySent(video(said))).toBe(words);
  });
});
