import { expect, test } from 'vitest';
import { qualityLevel, qualityNumbers } from './quality-level.ts';

test.each([
  { uplink: undefined, downlink: undefined, level: undefined, numbers: '' },
  { uplink: 95, downlink: undefined, level: 'good', numbers: '↑ 95' },
  { uplink: undefined, downlink: 70, level: 'good', numbers: '↓ 70' },
  { uplink: 95, downlink: 69, level: 'fair', numbers: '↑ 95 ↓ 69' },
  { uplink: 39, downlink: 69, level: 'poor', numbers: '↑ 39 ↓ 69' },
  { uplink: 0, downlink: 100, level: 'poor', numbers: '↑ 0 ↓ 100' },
])('up $uplink, down $downlink is $level', ({ level, numbers, ...quality }) => {
  expect(qualityLevel(quality)).toBe(level);
  expect(qualityNumbers(quality)).toBe(numbers);
});

test('nothing is known of somebody who has just come', () => {
  expect([qualityLevel(undefined), qualityNumbers(undefined)]).toEqual([undefined, '']);
});
