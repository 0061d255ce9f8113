/** The fuzzer itself: that each kind of defect is found, kept and replayed. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mutateScript } from './datagram-script.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';
import { mutateJson } from './mutate-json.ts';
import { mutateLines } from './mutate-lines.ts';
import { Random } from './random.ts';
import { runTarget } from './run-target.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonecast-fuzz-'));
  mkdirSync(join(folder, 'sample'));
  writeFileSync(join(folder, 'sample', 'seed.hex'), '# a seed\n01 02 03 04\n05 06 07 08\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function targetOf(run: FuzzTarget['run']): FuzzTarget {
  return { name: 'sample', runs: 1, maxSize: 64, readsPerByte: 2, run };
}

const files = () => readdirSync(join(folder, 'sample')).sort();

test('a sound target passes and leaves nothing behind', () => {
  runTarget(
    targetOf((bytes, offset, size) => (size === 0 ? 0 : bytes[offset])),
    1,
    2000,
    folder,
  );
  expect(files()).toEqual(['seed.hex']);
});

describe('a defect is found', () => {
  test.each<[string, RegExp, FuzzTarget['run']]>([
    [
      'an exception',
      /boom/,
      (bytes, offset) => {
        if (bytes[offset] === 0xff) throw new Error('boom');
      },
    ],
    ['a look past the end', /outside the input/, (bytes, offset, size) => bytes[offset + size]],
    ['a look before the start', /outside the input/, (bytes, offset) => bytes[offset - 1]],
    [
      'quadratic work',
      /reads for/,
      (bytes, offset, size) => {
        let sum = 0;
        for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += bytes[offset + j] as number;
        return sum;
      },
    ],
  ])('%s', (_, why, run) => {
    expect(() => runTarget(targetOf(run), 1, 20_000, folder)).toThrow(why);
  });
});

test('the input that breaks a target is kept, and tried first from then on', () => {
  const broken = targetOf((bytes, offset) => {
    if (bytes[offset] === 0x80) throw new Error('boom');
  });
  expect(() => runTarget(broken, 1, 20_000, folder)).toThrow(/FUZZ_SEED=1, run \d+; kept in/);
  const [crash] = files();
  expect(crash).toMatch(/^crash-[0-9a-f]{12}\.hex$/);
  expect(readFileSync(join(folder, 'sample', crash as string), 'utf8')).toMatch(/^# boom.*\n80/);
  expect(() => runTarget(broken, 2, 0, folder)).toThrow(`corpus file ${crash}`);
  expect(files()).toHaveLength(2);
});

test('the same seed makes the same inputs, another seed others', () => {
  const corpus = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0xff)];
  const inputs = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 200 }, () => mutate(corpus, 64, random));
  };
  expect(inputs(7)).toEqual(inputs(7));
  expect(inputs(7)).not.toEqual(inputs(8));
  expect(inputs(7).every((input) => input.length <= 64)).toBe(true);
  expect(corpus).toEqual([Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0xff)]);
});

test.each([
  ['mutate', (seed: Uint8Array, random: Random) => mutate([seed], 64, random)],
  ['mutateJson', mutateJson],
  ['mutateLines', mutateLines],
  ['mutateScript', mutateScript],
])('%s copes with the smallest seeds and changes none', (_, vary) => {
  const random = new Random(3);
  for (const text of ['', '0', '[]', '{}', '[0]', '{"a":{}}', 'a\r\nb', '\u0000\u0000\u0001x']) {
    const seed = new TextEncoder().encode(text);
    for (let i = 0; i < 500; i++) expect(vary(seed, random)).toBeInstanceOf(Uint8Array);
    expect(new TextDecoder().decode(seed)).toBe(text);
  }
});
