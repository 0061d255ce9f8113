import { describe, expect, test } from 'vitest';
import { fromHex } from '../from-hex.ts';
import { parseVp9Structure, Vp9Structure } from './vp9-structure.ts';

function parse(text: string): Vp9Structure | undefined {
  const bytes = fromHex(`ff ${text}`);
  const structure = new Vp9Structure();
  return parseVp9Structure(bytes, 1, bytes.length, structure) ? structure : undefined;
}

test.each([
  ['00', 1, 0, [0, 0]],
  ['e0', 8, 0, [0, 0]],
  ['30 014000b4 02800168', 2, 0, [180, 360]],
  ['18 02800168 02 04 02 38 01 01', 1, 2, [360, 0]],
  ['08 00', 1, 0, [0, 0]],
] as const)('%s', (text, spatialLayers, temporalLayers, heights) => {
  const structure = parse(text);
  expect(structure).toMatchObject({ spatialLayers, temporalLayers });
  expect([...(structure?.heights ?? [])].slice(0, 2)).toEqual(heights);
});

describe('cut', () => {
  test.each(['30 014000b4 028001', '08', '08 02 04 02', '08 01 04', '08 ff 00 00'])('%s', (text) => {
    expect(parse(text)).toBeUndefined();
  });
});

test('what an earlier structure told is forgotten', () => {
  const structure = new Vp9Structure();
  const [first, second] = [fromHex('38 014000b4 02800168 01 40'), fromHex('10 05000280')] as const;
  expect(parseVp9Structure(first, 0, first.length, structure)).toBe(true);
  expect(structure.temporalLayers).toBe(3);
  expect(parseVp9Structure(second, 0, second.length, structure)).toBe(true);
  expect(structure).toMatchObject({ spatialLayers: 1, temporalLayers: 0 });
  expect([...structure.heights].slice(0, 2)).toEqual([640, 0]);
});
