/** Slots and layers for the tests of the allocator. */
import type { AllocatableSlot, AllocationInput } from './allocator.ts';
import { type LayerOption, PublishedLayers } from './ladder.ts';

/** A camera's simulcast of three encodings with three temporal layers each, as a browser sends it at 30 pictures/s. */
export const SIMULCAST: readonly LayerOption[] = [
  ...encoding('l', 180, [60e3, 90e3, 150e3]),
  ...encoding('m', 360, [200e3, 300e3, 500e3]),
  ...encoding('h', 720, [700e3, 1000e3, 1700e3]),
];

/** Temporal layers at 7.5, 15 and 30 pictures/s, or as many as there are bitrates. */
export function encoding(rid: string, height: number, bitratesBps: readonly number[]): LayerOption[] {
  const temporalLayers = bitratesBps.length;
  return bitratesBps.map((bitrateBps, temporal) => {
    const framesPerSecond = 30 / 2 ** (temporalLayers - 1 - temporal);
    return { rid, spatial: 0, temporal, temporalLayers, height, framesPerSecond, bitrateBps };
  });
}

export interface LabSlot extends Partial<Omit<AllocatableSlot, 'published'>> {
  readonly options?: readonly LayerOption[];
}

/** Wants everything, may rise, and has nothing yet, unless told otherwise. */
export function labSlot(mid: string, { options = SIMULCAST, ...fields }: LabSlot = {}): AllocatableSlot {
  const slot = {
    mid,
    importance: 0,
    maxHeight: Number.POSITIVE_INFINITY,
    maxFps: Number.POSITIVE_INFINITY,
    isScreen: false,
    present: undefined,
    mayRise: true,
    ...fields,
  };
  return { ...slot, published: new PublishedLayers(options, slot.isScreen) };
}

/** No audio, and no margin: what fits is taken. */
export function labInput(
  budgetBps: number,
  slots: readonly AllocatableSlot[],
  fields: Partial<AllocationInput> = {},
): AllocationInput {
  return { budgetBps, keepBudgetBps: budgetBps, riseBudgetBps: budgetBps, audioBps: 0, slots, ...fields };
}
