/** Dependency descriptors, alone and behind a known structure: `parseDependencyDescriptor`, `writeActiveDecodeTargets`. */
import { DependencyDescriptor, parseDependencyDescriptor } from '../../../mmr/media/rtp/dependency-descriptor.ts';
import { L1T3, labDescriptor } from '../../../mmr/media/rtp/dependency-descriptor-test-lab.ts';
import { writeActiveDecodeTargets } from '../../../mmr/media/rtp/dependency-descriptor-writer.ts';
import { DependencyStructure } from '../../../mmr/media/rtp/dependency-structure.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

const MAX_EXTENSION_BYTES = 255;

export const dependencyDescriptorTarget: FuzzTarget = {
  name: 'dependency-descriptor',
  runs: 3000,
  maxSize: MAX_EXTENSION_BYTES,
  // Bit by bit, parsed twice, read for the rewriting and copied.
  readsPerByte: 64,
  run(bytes, offset, size) {
    return [undefined, knownStructure()].map((known) => {
      const descriptor = new DependencyDescriptor();
      const spare = new DependencyStructure();
      if (!parseDependencyDescriptor(bytes, offset, size, known, spare, descriptor)) return null;
      const { structure, ...rest } = descriptor;
      if (structure === undefined) return [rest.startOfFrame, rest.endOfFrame, rest.templateId, rest.frameNumber];
      checkStructure(structure);
      checkFrame(descriptor, structure);
      checkRewriting(bytes, offset, size, known, descriptor, structure);
      return [rest.spatial, rest.temporal, rest.present, rest.frameDiffCount, structure.templateCount];
    });
  },
};

function knownStructure(): DependencyStructure {
  const bytes = labDescriptor({ templateId: 0, frameNumber: 0, structure: L1T3 });
  const structure = new DependencyStructure();
  hold(
    parseDependencyDescriptor(bytes, 0, bytes.length, undefined, structure, new DependencyDescriptor()),
    'the known structure can be read',
  );
  return structure;
}

function checkStructure(structure: DependencyStructure): void {
  const { templateCount, decodeTargetCount, chainCount, spatialLayers, temporalLayers } = structure;
  hold(templateCount >= 1 && templateCount <= 64, 'templates');
  hold(decodeTargetCount >= 1 && decodeTargetCount <= 32, 'decode targets');
  hold(chainCount <= decodeTargetCount, 'chains');
  hold(spatialLayers >= 1 && spatialLayers <= 4 && temporalLayers >= 1 && temporalLayers <= 8, 'layers');
  const inRange = structure.targetSpatial.every((layer) => layer < spatialLayers || layer === 0);
  hold(inRange, 'layers of decode targets');
  for (let target = 0; target < decodeTargetCount; target++) {
    hold(chainCount === 0 || (structure.protectedBy[target] as number) < chainCount, 'protecting chain');
  }
}

function checkFrame(descriptor: DependencyDescriptor, structure: DependencyStructure): void {
  hold(isUint(descriptor.frameNumber, 16) && isUint(descriptor.templateId, 6), 'mandatory fields');
  hold(descriptor.spatial < structure.spatialLayers && descriptor.temporal < structure.temporalLayers, 'layer');
  hold((descriptor.present & ~structure.allTargets) === 0, 'decode targets of the frame');
  hold((descriptor.switches & ~descriptor.present) === 0, 'indications');
  hold(descriptor.frameDiffCount <= descriptor.frameDiffs.length, 'differences');
}

/** What is told is read back, and the rest is as before. */
function checkRewriting(
  bytes: Uint8Array,
  offset: number,
  size: number,
  known: DependencyStructure | undefined,
  before: DependencyDescriptor,
  structure: DependencyStructure,
): void {
  const out = new Uint8Array(MAX_EXTENSION_BYTES + 8);
  const count = structure.decodeTargetCount;
  const written = writeActiveDecodeTargets(bytes, offset, size, count, 1, out, 4);
  hold(
    written >= size - 1 - 4 && written <= Math.min(size + 5, MAX_EXTENSION_BYTES),
    'size of the rewritten descriptor',
  );
  hold(
    out.subarray(4 + written).every((byte) => byte === 0),
    'nothing behind it',
  );
  const after = new DependencyDescriptor();
  hold(parseDependencyDescriptor(out, 4, written, known, new DependencyStructure(), after), 'can be read');
  hold(after.present === before.present && after.frameNumber === before.frameNumber, 'the frame is the same');
  hold(after.frameDiffCount === before.frameDiffCount, 'its differences are the same');
  if (before.startOfFrame && size + 5 <= MAX_EXTENSION_BYTES) hold(after.activeTargets === 1, 'told');
}
