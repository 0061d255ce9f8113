import { expect, test } from 'vitest';
import { decodableLayer } from './decodable-layer.ts';
import { ALL_LAYERS } from './layer.ts';

test.each([
  ['AV1', false, { spatial: 0, temporal: 7 }],
  ['AV1', true, ALL_LAYERS],
  ['VP9', false, ALL_LAYERS],
  [undefined, false, ALL_LAYERS],
] as const)('%s, descriptors: %s', (codec, hasDescriptor, expected) => {
  expect(decodableLayer(codec, ALL_LAYERS, hasDescriptor)).toEqual(expected);
});

test('the base layer is as it was', () => {
  const layer = { spatial: 0, temporal: 1 };
  expect(decodableLayer('AV1', layer, false)).toBe(layer);
});
