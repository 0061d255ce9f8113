import { describe, expect, test } from 'vitest';
import { DependencyDescriptor, parseDependencyDescriptor } from './dependency-descriptor.ts';
import { L1T3, L2T1, type LabDescriptor, labDescriptor } from './dependency-descriptor-test-lab.ts';
import { writeActiveDecodeTargets } from './dependency-descriptor-writer.ts';
import { DependencyStructure } from './dependency-structure.ts';

function rewrite(bytes: Uint8Array, count: number, targets: number): Uint8Array {
  const inside = new Uint8Array([0xff, 0xff, ...bytes, 0xff]);
  const out = new Uint8Array(300).fill(0xee);
  const size = writeActiveDecodeTargets(inside, 2, bytes.length, count, targets, out, 5);
  expect([...out.subarray(0, 5), ...out.subarray(5 + size, 10 + size)].every((byte) => byte === 0xee)).toBe(true);
  return out.slice(5, 5 + size);
}

/** Without zero_padding, of which the bytes behind the last bit in use may be made. */
function trimmed(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
}

describe('tells the decode targets, and nothing else changes', () => {
  test.each<[string, LabDescriptor]>([
    ['three bytes', { templateId: 1, frameNumber: 300 }],
    ['own differences', { templateId: 1, frameNumber: 300, frameDiffs: [3, 70], chainDiffs: [9] }],
    ['own indications', { templateId: 1, frameNumber: 300, indications: 'S-R' }],
    ['other active targets', { templateId: 1, frameNumber: 300, active: [0b110, 3], chainDiffs: [17] }],
    ['a structure', { templateId: 1, frameNumber: 300, structure: L1T3 }],
    [
      'everything',
      {
        templateId: 1,
        frameNumber: 300,
        structure: L1T3,
        active: [1, 3],
        indications: 'SRS',
        frameDiffs: [1],
        chainDiffs: [3],
      },
    ],
  ])('%s', (_, lab) => {
    const before = labDescriptor(lab);
    const after = rewrite(before, 3, 0b101);
    expect(trimmed(after)).toEqual(trimmed(labDescriptor({ ...lab, active: [0b101, 3] })));
    expect(after.length).toBeLessThanOrEqual(before.length + 2);
    expect([...after.subarray(0, 3)]).toEqual([...before.subarray(0, 3)]);
  });

  test('with resolutions', () => {
    const lab: LabDescriptor = { templateId: 10, frameNumber: 300, structure: L2T1 };
    const expected = labDescriptor({ ...lab, active: [0b01, 2] });
    expect(trimmed(rewrite(labDescriptor(lab), 2, 0b01))).toEqual(trimmed(expected));
  });
});

test('packets that do not start a frame are copied', () => {
  for (const lab of [{ startOfFrame: false, templateId: 1, frameNumber: 300 }] satisfies LabDescriptor[]) {
    expect(rewrite(labDescriptor(lab), 3, 0b001)).toEqual(labDescriptor(lab));
  }
});

test('32 decode targets', () => {
  const templates = [{ spatial: 0, temporal: 0, indications: 'S'.repeat(32), frameDiffs: [], chainDiffs: [] }];
  const structure = { templateIdOffset: 0, templates, protectedBy: [] };
  const bytes = labDescriptor({ templateId: 0, frameNumber: 1, structure });
  const known = new DependencyStructure();
  const descriptor = new DependencyDescriptor();
  for (const targets of [-1, 1, 1 << 31]) {
    const after = rewrite(bytes, 32, targets);
    expect(parseDependencyDescriptor(after, 0, after.length, undefined, known, descriptor)).toBe(true);
    expect(descriptor.activeTargets).toBe(targets);
  }
});

test('a descriptor that would become too long for an extension is copied', () => {
  const bytes = new Uint8Array(255);
  bytes.set(labDescriptor({ templateId: 1, frameNumber: 300, chainDiffs: [3] }));
  expect(rewrite(bytes, 3, 0b001)).toEqual(bytes);
});
