import { describe, expect, test } from 'vitest';
import { IncomingPacket } from './incoming-packet.ts';
import {
  KeyframeCache,
  MAX_CACHED_BYTES,
  MAX_CACHED_PACKETS,
  MAX_CACHED_PICTURES,
  MAX_CACHED_US,
} from './keyframe-cache.ts';

const FRAME_US = 33_333;

/** A picture a packet, by their numbers. */
function cacheOf(...packets: (number | `key ${number}`)[]): KeyframeCache {
  const cache = new KeyframeCache();
  for (const packet of packets) {
    if (typeof packet === 'number') send(cache, packet);
    else send(cache, Number(packet.slice(4)), { isKeyframe: true });
  }
  return cache;
}

interface Sent {
  readonly isKeyframe?: boolean;
  readonly startsPicture?: boolean;
  readonly sizeBytes?: number;
  readonly timestamp?: number;
  readonly arrivalUs?: number;
}

function send(cache: KeyframeCache, index: number, sent: Sent = {}): void {
  const packet = new IncomingPacket();
  packet.index = index;
  packet.storeSlot = index;
  packet.sizeBytes = sent.sizeBytes ?? 1000;
  packet.arrivalUs = sent.arrivalUs ?? index * FRAME_US;
  packet.header.timestamp = sent.timestamp ?? index * 3000;
  packet.frame.isKeyframe = sent.isKeyframe ?? false;
  packet.frame.startsPicture = sent.startsPicture ?? true;
  cache.handle(packet, false);
}

function indices(cache: KeyframeCache): number[] {
  return Array.from({ length: cache.packets }, (_, at) => cache.at(at).index);
}

describe('the last key frame', () => {
  test('is kept with all that followed, in the order of their numbers', () => {
    expect(indices(cacheOf(1, 2))).toEqual([]);
    expect(indices(cacheOf(1, 'key 2', 3, 5, 4))).toEqual([2, 3, 4, 5]);
    expect(indices(cacheOf('key 1', 2, 3, 'key 4', 5))).toEqual([4, 5]);
  });

  test('is of no use while a packet is missing', () => {
    const cache = cacheOf('key 1', 2, 4);
    expect(indices(cache)).toEqual([]);
    send(cache, 3);
    expect(indices(cache)).toEqual([1, 2, 3, 4]);
  });

  test('an older one that comes late does not take its place', () => {
    const cache = cacheOf('key 5', 6);
    send(cache, 3, { isKeyframe: true, sizeBytes: 50 });
    send(cache, 7);
    expect([indices(cache), cache.keyframeBytes]).toEqual([[5, 6, 7], 1000]);
  });

  test('after a new beginning any number is new', () => {
    const cache = cacheOf('key 5', 6);
    cache.clear();
    send(cache, 1, { isKeyframe: true });
    expect(indices(cache)).toEqual([1]);
  });

  test('may come in any order', () => {
    expect(indices(cacheOf(2, 'key 1', 3))).toEqual([1, 2, 3]);
    expect(indices(cacheOf('key 1', 2, 5, 6, 'key 4', 7))).toEqual([4, 5, 6, 7]);
    expect(indices(cacheOf(3, 'key 1', 4))).toEqual([]);
    expect(indices(cacheOf(3, 'key 1', 4, 2))).toEqual([1, 2, 3, 4]);
  });

  test('a first packet that comes after more than is kept begins nothing', () => {
    const late = 10;
    const cache = cacheOf(...Array.from({ length: MAX_CACHED_PACKETS }, (_, i) => late + 1 + i), `key ${late}`);
    expect(indices(cache)).toEqual([]);
    send(cache, late + 1 + MAX_CACHED_PACKETS);
    expect(indices(cache)).toEqual([]);
  });

  test('nothing of before a new beginning is taken for what follows', () => {
    const cache = cacheOf('key 5', 6, 7);
    cache.clear();
    send(cache, 8);
    send(cache, 5, { isKeyframe: true });
    expect(indices(cache)).toEqual([]);
  });
});

describe('what is too much is given up until the next key frame', () => {
  test.each<[string, number, Sent]>([
    ['packets', MAX_CACHED_PACKETS, { startsPicture: false }],
    ['bytes', MAX_CACHED_BYTES / 5000, { startsPicture: false, sizeBytes: 5000 }],
    ['pictures', MAX_CACHED_PICTURES, {}],
  ])('%s', (_what, most, sent) => {
    const cache = new KeyframeCache();
    for (let i = 0; i < most; i++) {
      const isKeyframe = i === 0;
      send(cache, i, { arrivalUs: 0, ...sent, ...(isKeyframe ? { isKeyframe, startsPicture: true } : {}) });
    }
    expect(cache.packets).toBe(most);
    for (const index of [most, most + 1]) send(cache, index, { arrivalUs: 0, ...sent });
    expect(cache.packets).toBe(0);
    send(cache, most + 2, { isKeyframe: true });
    expect(cache.packets).toBe(1);
  });

  test('time', () => {
    const cache = cacheOf('key 1');
    send(cache, 2, { arrivalUs: FRAME_US + MAX_CACHED_US });
    expect(cache.packets).toBe(2);
    send(cache, 3, { arrivalUs: FRAME_US + MAX_CACHED_US + 1 });
    expect(cache.packets).toBe(0);
  });
});

test('the price of a key frame is the sum of its packets', () => {
  const cache = new KeyframeCache();
  for (let i = 0; i < 5; i++) send(cache, i, { isKeyframe: i === 0, startsPicture: i === 0, timestamp: 0 });
  expect(cache.keyframeBytes).toBeUndefined();
  send(cache, 5);
  expect(cache.keyframeBytes).toBe(5000);
});
