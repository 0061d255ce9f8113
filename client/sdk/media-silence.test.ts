import { expect, test } from 'vitest';
import { MediaSilence } from './media-silence.ts';

test.each([
  ['something with every look', 250, [1, 2, 3, 4], [0, 0, 0, 0]],
  ['a report each second', 250, [1, 1, 1, 1, 2, 2, 2, 2, 3], [0, 250, 500, 750, 0, 250, 500, 750, 0]],
  ['silence, for as long as it lasts', 250, [1, 2, 2, 2, 2, 3, 3], [0, 0, 250, 500, 750, 0, 250]],
  ['silence from the first look on', 250, [0, 0, 0], [0, 250, 500]],
  ['a count that starts anew is something new', 250, [9, 9, 0, 0], [0, 250, 0, 250]],
  ['looks that are far apart: half a second each', 1_000, [1, 1, 1, 2], [0, 500, 1_000, 0]],
])('%s', (_, stepMs, looks, silences) => {
  const silence = new MediaSilence();
  expect(looks.map((received, index) => silence.look(7 + index * stepMs, received))).toEqual(silences);
});
