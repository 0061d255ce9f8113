import { expect, test } from 'vitest';
import { MediaSilence } from './media-silence.ts';

test.each([
  ['something with every look', [1, 2, 3, 4, 5, 6, 7], '.......'],
  ['a report each second', [1, 1, 2, 2, 3, 3, 4, 4], '........'],
  ['every other report lost', [1, 1, 1, 1, 2, 2, 2, 2, 3], '.........'],
  ['silence, said as long as it lasts', [1, 2, 2, 2, 2, 2, 2, 2], '.....!!!'],
  ['silence that ends', [2, 2, 2, 2, 2, 3, 3, 3, 3, 3], '....!....!'],
  ['silence from the first look on', [0, 0, 0, 0, 0, 0], '....!!'],
  ['a count that starts anew is something new', [9, 9, 9, 9, 0, 0, 0, 0, 0], '........!'],
])('%s', (_, looks, silences) => {
  const silence = new MediaSilence();
  expect(looks.map((received) => (silence.look(received) ? '!' : '.')).join('')).toBe(silences);
});
