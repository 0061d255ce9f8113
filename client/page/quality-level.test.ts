import { expect, test } from 'vitest';
import { qualityLevel, qualityNumbers } from './quality-level.ts';

test.each([
  { uplink: undefined, downlink: undefined, level: undefined, numbers: '' },
  { uplink: 95, downlink: undefined, level: 'good', numbers: '↑ 95' },
  { uplink: undefined, downlink: 80, level: 'good', numbers: '↓ 80' },
  { uplink: 95, downlink: 79, level: 'fair', numbers: '↑ 95 ↓ 79' },
  { uplink: 50, downlink: 79, level: 'fair', numbers: '↑ 50 ↓ 79' },
  { uplink: 49, downlink: 79, level: 'poor', numbers: '↑ 49 ↓ 79' },
  { uplink: 1, downlink: undefined, level: 'poor', numbers: '↑ 1' },
  { uplink: 0, downlink: 100, level: 'lost', numbers: '↑ 0 ↓ 100' },
])('up $uplink, down $downlink is $level', ({ level, numbers, ...quality }) => {
  expect(qualityLevel(quality)).toBe(level);
  expect(qualityNumbers(quality)).toBe(numbers);
});

test('nothing is known of somebody who has just come', () => {
  expect([qualityLevel(undefined), qualityNumbers(undefined)]).toEqual([undefined, '']);
});
