import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DependencyDescriptor, parseDependencyDescriptor } from './dependency-descriptor.ts';
import { L1T3, L2T1, type LabDescriptor, type LabStructure, labDescriptor } from './dependency-descriptor-test-lab.ts';
import { DependencyStructure } from './dependency-structure.ts';
import { fromHex } from './from-hex.ts';

function parse(bytes: Uint8Array, known?: DependencyStructure): DependencyDescriptor | undefined {
  const descriptor = new DependencyDescriptor();
  const parsed = parseDependencyDescriptor(bytes, 0, bytes.length, known, new DependencyStructure(), descriptor);
  return parsed ? descriptor : undefined;
}

function structureOf(structure: LabStructure): DependencyStructure {
  const bytes = labDescriptor({ templateId: structure.templateIdOffset, frameNumber: 0, structure });
  return parse(bytes)?.structure as DependencyStructure;
}

const frameDiffs = (descriptor: DependencyDescriptor | undefined) =>
  descriptor === undefined ? undefined : [...descriptor.frameDiffs.subarray(0, descriptor.frameDiffCount)];

describe('mandatory fields', () => {
  test.each([
    ['c1 0102', true, true, 1, 0x102],
    ['80 ffff', true, false, 0, 0xffff],
    ['7f 0000', false, true, 63, 0],
  ])('%s', (bytes, startOfFrame, endOfFrame, templateId, frameNumber) => {
    const expected = { startOfFrame, endOfFrame, templateId, frameNumber, hasStructure: false, structure: undefined };
    expect(parse(fromHex(bytes))).toMatchObject(expected);
  });

  test('less than three bytes are refused', () => {
    for (const bytes of ['', 'c1', 'c100']) expect(parse(fromHex(bytes))).toBeUndefined();
  });
});

describe('structure', () => {
  test('as Chromium writes it for AV1 with three spatial and three temporal layers', () => {
    const bytes = fromHex(
      'c1000180081485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926e082b04a0941b820ac1282503157f974000ca864330e222222eca865' +
        '5304224230eca87753013f00b3027f0167 04ff02cf',
    );
    const descriptor = parse(bytes);
    const structure = descriptor?.structure as DependencyStructure;
    expect(structure).toMatchObject({ templateCount: 15, decodeTargetCount: 9, chainCount: 3 });
    expect(structure).toMatchObject({ spatialLayers: 3, temporalLayers: 3, allTargets: 0b111111111 });
    expect([...structure.targetSpatial.subarray(0, 9)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect([...structure.targetTemporal.subarray(0, 9)]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect([...structure.protectedBy.subarray(0, 9)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect([...structure.heights]).toEqual([180, 360, 720, 0]);
    expect(descriptor).toMatchObject({ spatial: 0, temporal: 0, present: 0b111111111, switches: 0b111111111 });
  });

  test('every cut of it is refused', () => {
    const whole = labDescriptor({ templateId: 10, frameNumber: 1, structure: L2T1 });
    for (let size = 4; size < whole.length; size++) expect(parse(whole.slice(0, size))).toBeUndefined();
    expect(parse(whole)).toBeDefined();
  });

  test.each<[string, Partial<LabStructure>]>([
    [
      'five spatial layers',
      { templates: [0, 1, 2, 3, 4].map((spatial) => ({ ...L1T3.templates[0], spatial })) } as never,
    ],
    [
      'nine temporal layers',
      { templates: [...Array(9).keys()].map((temporal) => ({ ...L1T3.templates[0], temporal })) } as never,
    ],
    ['65 templates', { templates: Array(65).fill(L1T3.templates[0]) }],
  ])('%s are refused', (_, part) => {
    expect(parse(labDescriptor({ templateId: 0, frameNumber: 1, structure: { ...L1T3, ...part } }))).toBeUndefined();
  });

  test('a template that the packet’s own structure lacks is refused', () => {
    expect(parse(labDescriptor({ templateId: 5, frameNumber: 1, structure: L1T3 }))).toBeUndefined();
  });

  test('ids wrap at 64', () => {
    const structure = structureOf({ ...L1T3, templateIdOffset: 62 });
    expect(parse(labDescriptor({ templateId: 0, frameNumber: 9 }), structure)).toMatchObject({ temporal: 1 });
  });
});

describe('frame', () => {
  const known = structureOf(L1T3);

  test.each<[string, LabDescriptor, Partial<DependencyDescriptor>, readonly number[], number]>([
    ['base', { templateId: 1, frameNumber: 5 }, { temporal: 0, present: 0b111, switches: 0b111 }, [4], 4],
    ['middle', { templateId: 2, frameNumber: 5 }, { temporal: 1, present: 0b110, switches: 0b100 }, [2], 2],
    ['top', { templateId: 4, frameNumber: 5 }, { temporal: 2, present: 0b100, switches: 0 }, [1], 3],
    [
      'own indications',
      { templateId: 1, frameNumber: 5, indications: 'R-S' },
      { present: 0b101, switches: 0b100 },
      [4],
      4,
    ],
    [
      'own differences',
      { templateId: 1, frameNumber: 5, frameDiffs: [16, 17, 256, 257, 4096] },
      {},
      [16, 17, 256, 257, 4096],
      4,
    ],
    ['no differences of its own', { templateId: 1, frameNumber: 5, frameDiffs: [] }, {}, [], 4],
    ['own chains', { templateId: 1, frameNumber: 5, chainDiffs: [255] }, {}, [4], 255],
    [
      'active targets',
      { templateId: 1, frameNumber: 5, active: [0b011, 3] },
      { hasActiveTargets: true, activeTargets: 0b011 },
      [4],
      4,
    ],
  ])('%s', (_, lab, expected, diffs, chain) => {
    const descriptor = parse(labDescriptor(lab), known);
    expect(descriptor).toMatchObject(expected);
    expect(frameDiffs(descriptor)).toEqual(diffs);
    expect(descriptor?.chainDiffs[0]).toBe(chain);
  });

  test('does not suffer from a broken one before', () => {
    expect(parse(Uint8Array.of(0xc1, 0, 5, 0x08), known)).toBeUndefined();
    expect(parse(labDescriptor({ templateId: 1, frameNumber: 6 }), known)).toMatchObject({ frameNumber: 6 });
  });

  test('of a structure that is not known, or not any more, is read as far as it goes', () => {
    expect(parse(labDescriptor({ templateId: 20, frameNumber: 5 }), known)?.structure).toBeUndefined();
    expect(parse(labDescriptor({ templateId: 1, frameNumber: 5, active: [1, 3] }))?.structure).toBeUndefined();
  });
});

test('reads back what is written', () => {
  const indications = (count: number) =>
    fc.array(fc.constantFrom('-', 'D', 'S', 'R'), { minLength: count, maxLength: count }).map((all) => all.join(''));
  const lab = fc.tuple(fc.integer({ min: 1, max: 32 }), fc.nat({ max: 4 })).chain(([targets, wishedChains]) => {
    const chains = Math.min(wishedChains, targets);
    const chainDiffs = (max: number) => fc.array(fc.nat({ max }), { minLength: chains, maxLength: chains });
    return fc.record({
      templateIdOffset: fc.nat({ max: 63 }),
      templates: fc.array(
        fc.record({
          spatial: fc.constant(0),
          temporal: fc.constant(0),
          indications: indications(targets),
          frameDiffs: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 3 }),
          chainDiffs: chainDiffs(15),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      protectedBy: fc.array(fc.nat({ max: Math.max(0, chains - 1) }), { minLength: targets, maxLength: targets }),
      active: fc.option(
        fc.nat({ max: 2 ** targets - 1 }).map((value) => [value, targets] as const),
        { nil: undefined },
      ),
      indications: fc.option(indications(targets), { nil: undefined }),
      frameDiffs: fc.option(fc.array(fc.integer({ min: 1, max: 4096 }), { maxLength: 5 }), { nil: undefined }),
      chainDiffs: fc.option(chainDiffs(255), { nil: undefined }),
    });
  });
  fc.assert(
    fc.property(lab, ({ templateIdOffset, templates, protectedBy, ...own }) => {
      const structure: LabStructure = { templateIdOffset, templates, protectedBy };
      const templateId = (templateIdOffset + templates.length - 1) % 64;
      const descriptor = parse(labDescriptor({ templateId, frameNumber: 7, structure, ...own }));
      const last = templates.at(-1);
      const expected = own.indications ?? last?.indications ?? '';
      const mask = (letters: string) =>
        [...expected].reduce((bits, letter, at) => bits | (letters.includes(letter) ? 1 << at : 0), 0);
      expect(descriptor).toMatchObject({ present: mask('DSR'), switches: mask('S') });
      expect(frameDiffs(descriptor)).toEqual(own.frameDiffs ?? last?.frameDiffs);
      const chains = own.chainDiffs ?? last?.chainDiffs ?? [];
      expect([...(descriptor?.chainDiffs ?? new Uint8Array(0)).subarray(0, chains.length)]).toEqual(chains);
      if (own.active !== undefined) expect(descriptor?.activeTargets).toBe(own.active[0] | 0);
    }),
    { seed: 20261121, numRuns: 500 },
  );
});
