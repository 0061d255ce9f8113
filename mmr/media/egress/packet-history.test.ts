import { expect, test } from 'vitest';
import { FrameInfo } from '../forward/layers/frame-info.ts';
import { PacketHistory } from './packet-history.ts';

const CAPACITY = 4;

/** Decode targets by index, `undefined` for none; all of them are put in order. */
function targetsAfter(told: readonly (number | undefined)[]): (number | undefined)[] {
  const history = new PacketHistory(CAPACITY);
  told.forEach((targets, index) => {
    history.put(index, 0, 0, 100, new FrameInfo(), 0, false, false);
    history.putTargets(index, targets ?? 0, targets === undefined ? 0 : 2);
  });
  return told.map((_, index) => {
    const at = history.find(index);
    return at < 0 || history.targetCount(at) === 0 ? undefined : history.activeTargets(at);
  });
}

test('a packet that told nothing of decode targets is not repeated with those of an older one in its place', () => {
  expect(targetsAfter([3, 3, 3, 3, undefined, 1])).toEqual([undefined, undefined, 3, 3, undefined, 1]);
  expect(targetsAfter([undefined, undefined])).toEqual([undefined, undefined]);
});
