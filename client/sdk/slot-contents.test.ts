import { describe, expect, test } from 'vitest';
import type { SlotEntry } from '../../proto/signalling.ts';
import { SlotContents } from './slot-contents.ts';

describe('what slots carry', () => {
  test('all anew: what is not named carries nothing', () => {
    const contents = new SlotContents();
    contents.apply([{ mid: '6', participant: 'bob', kind: 'camera' }]);
    contents.reset([{ mid: '7', participant: 'cid', kind: 'camera' }]);
    expect([contents.slotOf('cid', 'camera'), contents.slotOf('bob', 'camera')]).toEqual(['7', undefined]);
  });

  test('who leaves is in no slot any more, even before the server says so', () => {
    const contents = new SlotContents();
    contents.apply([{ mid: '6', participant: 'ada', kind: 'camera' }]);
    contents.forget('ada');
    expect(contents.get('6')).toBeUndefined();
  });

  test.each([
    ['without participant', { mid: '6' }],
    ['with an empty one', { mid: '6', participant: '', kind: 'camera' }],
  ] as [string, SlotEntry][])('a slot %s is empty', (_, slot) => {
    const contents = new SlotContents();
    contents.apply([{ mid: '6', participant: 'ada', kind: 'camera' }]);
    contents.apply([slot]);
    expect(contents.slotOf('ada', 'camera')).toBeUndefined();
  });

  test('a source that moves to another slot is found there', () => {
    const contents = new SlotContents();
    contents.apply([{ mid: '6', participant: 'ada', kind: 'camera' }]);
    contents.apply([
      { mid: '6', participant: 'ada', kind: 'screen' },
      { mid: '7', participant: 'ada', kind: 'camera' },
    ]);
    expect([contents.slotOf('ada', 'camera'), contents.slotOf('ada', 'screen')]).toEqual(['7', '6']);
  });

  test('pictures move in slots that are neither empty, nor sound, nor suspended', () => {
    const contents = new SlotContents();
    contents.apply([
      { mid: '3', participant: 'ada', kind: 'microphone' },
      { mid: '6', participant: 'ada', kind: 'camera' },
      { mid: '7', participant: 'bob', kind: 'camera', suspended: true },
    ]);
    expect(contents.pictures.map(([mid]) => mid)).toEqual(['6']);
  });
});
