/** One slot of a subscriber: what he asked to see in it, what was assigned to it, and what he is given of that. */

import type { AllocatedSlot } from './allocation/driver.ts';
import type { LayerOption } from './allocation/ladder.ts';
import type { SourceLayers } from './allocation/source-layers.ts';
import type { Slot } from './egress/slot.ts';
import type { LayerTarget } from './forward/layers/layer.ts';
import type { AssignableSlot } from './forward/slot-assignment.ts';
import type { Source } from './forward/source.ts';
import type { SlotAssignment, ViewEntry } from './negotiated.ts';

/** Nothing taller is published; wishes beyond it are the same to us. */
const MAX_VIEW_HEIGHT = 8640;

export class ViewedSlot implements AssignableSlot<Source>, AllocatedSlot {
  readonly slot: Slot;
  wish: ViewEntry['source'] = 'auto';
  maxHeight = Number.POSITIVE_INFINITY;
  maxFps = Number.POSITIVE_INFINITY;
  layers: SourceLayers | undefined;
  importance = 0;
  present: LayerOption | undefined;
  isFresh = true;
  suspended = false;
  /** `suspended` as the subscriber was told. */
  #toldSuspended = false;

  constructor(slot: Slot) {
    this.slot = slot;
  }

  get mid(): string {
    return this.slot.mid;
  }

  get current(): Source | undefined {
    return this.slot.source;
  }

  get isPinned(): boolean {
    return typeof this.wish === 'object';
  }

  get hasDescriptor(): boolean {
    return this.slot.mapping.ids.dependencyDescriptor !== 0;
  }

  /** Replaces the wish. Limits that make no sense are none. */
  setView({ source, maxHeight, maxFps }: ViewEntry): void {
    this.wish = source;
    this.maxHeight = limit(maxHeight, MAX_VIEW_HEIGHT);
    this.maxFps = limit(maxFps, Number.POSITIVE_INFINITY);
    this.isFresh = true;
  }

  /** Another source, or none. */
  assign(layers: SourceLayers | undefined): void {
    this.layers = layers;
    this.importance = 0;
    this.present = undefined;
    this.isFresh = true;
    this.suspended = false;
  }

  /** What the slot carries now, to be told to the subscriber. */
  takeAssignment(): SlotAssignment {
    const { mid, source } = this.slot;
    this.#toldSuspended = this.suspended;
    return { mid, participant: source?.participant, kind: source?.kind, suspended: this.suspended };
  }

  /** Whether the subscriber knows another `suspended` than the present one. */
  get isSuspensionNews(): boolean {
    return this.suspended !== this.#toldSuspended;
  }

  apply(nowUs: number, target: LayerTarget | undefined, reason: string): void {
    this.slot.setTarget(nowUs, target, reason);
  }
}

function limit(wished: number | undefined, max: number): number {
  return wished === undefined || !(wished > 0) || wished >= max ? Number.POSITIVE_INFINITY : wished;
}
