/**
 * The allocation of one subscriber over time: gathers what the allocator needs, has it decide, applies the outcome to his
 * slots, and remembers when the picture last went up and down, so that it is not pumped. Decides nothing itself but when.
 */

import { ALL_LAYERS, type LayerTarget } from '../forward/layers/layer.ts';
import { type AllocatableSlot, type Allocation, type AllocationInput, allocate, Importance } from './allocator.ts';
import { describeSlot } from './description.ts';
import { compareWorth, type LayerOption, PublishedLayers } from './ladder.ts';
import { RedundancyRoom } from './redundancy-room.ts';
import type { SourceLayers } from './source-layers.ts';
import { WrongRises } from './wrong-rises.ts';

/** Shortest time between two looks at one subscriber. */
export const LOOK_INTERVAL_US = 100_000;
/** Going up needs so much more than the sum will be: an estimate that wavers by 5 % then never moves a picture. */
const RISE_MARGIN = 1.15;
/** Nothing rises for so long after something fell. */
const HOLD_US = 2_000_000;
/** Time for the estimate to show what the last rise did. */
const RISE_INTERVAL_US = 500_000;
/** An estimate that grew by less is not worth a decision. */
const NOTICEABLE_GROWTH = 1.03;
/** With so much more than is used, a source that takes more need not be looked into at once. */
const COMFORTABLE = 1.3;
/** Decided anew at least so often while the bandwidth is limited, whatever was noticed. */
const MAX_DECISION_AGE_US = 1_000_000;
/**
 * An estimate below this part of what it was at the last decision has collapsed: it is likely to fall further, and there is a
 * queue to be drained. Half of it is given then, lowest layers apart, so that the picture goes down once and not step by step. Soon
 * after a rise less is enough: the rise is the cause.
 */
const COLLAPSE = 0.5;
const COLLAPSE_AFTER_RISE = 0.7;
const AFTER_RISE_US = 2_000_000;
const SHARE_IN_COLLAPSE = 0.5;
/** Repairs take as much again as is lost, but the estimate is not cut by more than this for them. */
const MAX_REPAIR_SHARE = 0.2;
/** Demand of a source before its rates are known: without it the estimate would be capped at the audio meanwhile. */
const ASSUMED_BPS = 1_000_000;

/** What there is to choose from of one source; `SourceLayers`, or what a trunk makes of them. */
export type OfferedLayers = Pick<
  SourceLayers,
  'source' | 'isScreen' | 'isSpeaking' | 'version' | 'rateVersion' | 'publishedFor'
>;

/** A video slot as it is gathered from and applied to. */
export interface AllocatedSlot {
  readonly mid: string;
  /** The receiver gets dependency descriptors in it. */
  readonly hasDescriptor: boolean;
  /** Of the source assigned to it; undefined: none. */
  readonly layers: OfferedLayers | undefined;
  readonly isPinned: boolean;
  /** Of the view; Infinity: no limit. */
  readonly maxHeight: number;
  readonly maxFps: number;
  /** As it was weighed last. Set here. */
  importance: number;
  /** What it was given last; undefined: nothing. Set here. */
  present: LayerOption | undefined;
  /** Given another source or view since the last decision: it need not wait before it rises. Set back here. */
  isFresh: boolean;
  /** Nothing is sent, for want of bandwidth. Set here. */
  suspended: boolean;
  /** `target` undefined: nothing is to be sent. */
  apply(nowUs: number, target: LayerTarget | undefined, reason: string): void;
}

/** The subscriber's transport. */
export interface Bandwidth {
  /** Infinity when the subscriber gives no feedback. */
  readonly estimateBps: number;
  /** 0–1, of what was sent lately. */
  readonly lossFraction: number;
  /** What is wanted and what is given, so that the estimate can be probed upward when it stands in the way. */
  setDemand(nowUs: number, wantedBps: number, allocatedBps: number): void;
}

const NOTHING_PUBLISHED = new PublishedLayers([], false);

export class AllocatorDriver {
  /** The last decision and what it was made of, for statistics. */
  input: AllocationInput | undefined;
  allocation: Allocation | undefined;
  /** Decisions made, and those of them that moved a slot up or down. */
  decisions = 0;
  changes = 0;
  readonly #slots: readonly AllocatedSlot[];
  readonly redundancy = new RedundancyRoom();
  readonly #bandwidth: Bandwidth;
  #decidedUs = Number.NEGATIVE_INFINITY;
  #decidedEstimateBps = 0;
  #decidedVersions = -1;
  #decidedRateVersions = -1;
  #lastRiseUs = Number.NEGATIVE_INFINITY;
  #riseAfterUs = Number.NEGATIVE_INFINITY;
  readonly #wrongRises = new WrongRises();

  /** `slots` are the subscriber's video slots; the array may grow. */
  constructor(slots: readonly AllocatedSlot[], bandwidth: Bandwidth) {
    this.#slots = slots;
    this.#bandwidth = bandwidth;
  }

  /** Whether something has changed that may lead to another outcome. Cheap: asked for every subscriber all the time. */
  isDue(nowUs: number): boolean {
    const { allocation } = this;
    if (allocation === undefined || this.#versions() !== this.#decidedVersions) return true;
    const { estimateBps } = this.#bandwidth;
    const before = this.#decidedEstimateBps;
    if (estimateBps === Number.POSITIVE_INFINITY && before === estimateBps) return false;
    const { usedBps, wantedBps } = allocation;
    const keepBudgetBps = this.#keepBudgetBps(nowUs);
    if (keepBudgetBps < usedBps) return true;
    const haveRatesChanged = this.#rateVersions() !== this.#decidedRateVersions;
    if (haveRatesChanged && keepBudgetBps < usedBps * COMFORTABLE) return true;
    const isLimited = usedBps < wantedBps;
    if (isLimited && estimateBps > before * NOTICEABLE_GROWTH) return true;
    const isPauseOver = this.#decidedUs < this.#riseAfterUs && nowUs >= this.#riseAfterUs;
    if (isLimited && isPauseOver) return true;
    return (isLimited || haveRatesChanged) && nowUs - this.#decidedUs >= MAX_DECISION_AGE_US;
  }

  /** Something that is not looked at here has changed, as who speaks: decide soon, unless nothing limits him. */
  invalidate(): void {
    this.#decidedUs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Decides and applies. `plainAudioBps` is what the subscriber's audio slots take without redundancy. True when a slot's
   * `suspended` changed.
   */
  decide(nowUs: number, plainAudioBps: number): boolean {
    this.decisions++;
    const input = this.#gather(nowUs, this.redundancy.review(this.#bandwidth.estimateBps, plainAudioBps));
    const allocation = allocate(input);
    this.#remember(nowUs, input, allocation);
    const shareForRepairs = this.#repairFactor();
    const wantedBps = allocation.wantedBps + this.#assumedBps(allocation);
    this.#bandwidth.setDemand(nowUs, wantedBps * shareForRepairs, allocation.usedBps * shareForRepairs);
    // After that: an estimate that is lower because less is wanted has not collapsed.
    this.#decidedEstimateBps = this.#bandwidth.estimateBps;
    return this.#apply(nowUs, allocation);
  }

  #gather(nowUs: number, audioBps: number): AllocationInput {
    const { estimateBps } = this.#bandwidth;
    this.#decidedUs = nowUs;
    this.#decidedVersions = this.#versions();
    this.#decidedRateVersions = this.#rateVersions();
    const budgetBps = this.#budgetBps();
    const keepBudgetBps = this.#keepBudgetBps(nowUs);
    const mayRise = estimateBps === Number.POSITIVE_INFINITY || nowUs >= this.#riseAfterUs;
    const slots = this.#slots.map((slot) => gatherSlot(slot, mayRise));
    const riseBudgetBps = Math.min(keepBudgetBps / RISE_MARGIN, this.#wrongRises.limitBps(nowUs, estimateBps));
    return { budgetBps, keepBudgetBps, riseBudgetBps, audioBps, slots };
  }

  #budgetBps(): number {
    return this.#bandwidth.estimateBps / this.#repairFactor();
  }

  #keepBudgetBps(nowUs: number): number {
    const part = nowUs - this.#lastRiseUs < AFTER_RISE_US ? COLLAPSE_AFTER_RISE : COLLAPSE;
    const hasCollapsed = this.#bandwidth.estimateBps < this.#decidedEstimateBps * part;
    return hasCollapsed ? this.#budgetBps() * SHARE_IN_COLLAPSE : this.#budgetBps();
  }

  /** What is lost is sent again. */
  #repairFactor(): number {
    return 1 + Math.min(this.#bandwidth.lossFraction, MAX_REPAIR_SHARE);
  }

  /** What sources will want of which nothing is known yet. */
  #assumedBps(allocation: Allocation): number {
    let sumBps = 0;
    this.#slots.forEach(({ layers }, i) => {
      if (layers !== undefined && allocation.slots[i]?.limit === 'noVideo') sumBps += ASSUMED_BPS;
    });
    return sumBps;
  }

  /** When something may rise again. */
  #remember(nowUs: number, input: AllocationInput, allocation: Allocation): void {
    const beforeBps = this.allocation?.usedBps ?? 0;
    this.input = input;
    this.allocation = allocation;
    let fell = false;
    let rose = false;
    this.#slots.forEach((slot, i) => {
      if (slot.isFresh || slot.layers === undefined) return;
      const outcome = allocation.slots[i];
      const change = compare(outcome?.layer, slot.present, slot.layers.isScreen);
      if (change > 0) rose = true;
      if (change < 0 && (outcome?.limit === 'bandwidth' || outcome?.limit === 'margin')) fell = true;
    });
    if (fell) {
      this.#wrongRises.handleFall(nowUs);
      this.#riseAfterUs = nowUs + HOLD_US;
    }
    if (rose) {
      this.#lastRiseUs = nowUs;
      this.#wrongRises.handleRise(nowUs, beforeBps, this.#bandwidth.estimateBps);
      this.#riseAfterUs = Math.max(this.#riseAfterUs, nowUs + RISE_INTERVAL_US);
    }
    if (fell || rose) this.changes++;
  }

  #apply(nowUs: number, allocation: Allocation): boolean {
    let changed = false;
    this.#slots.forEach((slot, i) => {
      const outcome = allocation.slots[i];
      if (outcome === undefined || slot.layers === undefined) return;
      const { layer, limit } = outcome;
      const suspended = layer === undefined && limit !== 'noVideo';
      const target = layer ?? (suspended ? undefined : firstTarget(slot.layers));
      if (slot.isFresh || suspended !== slot.suspended || !isSame(layer, slot.present)) {
        slot.apply(nowUs, target, describeSlot(outcome));
      }
      changed ||= suspended !== slot.suspended;
      slot.suspended = suspended;
      slot.present = layer;
      // A slot whose source has sent nothing yet has not begun.
      slot.isFresh = limit === 'noVideo';
    });
    return changed;
  }

  /** Of all sources together; they only grow. */
  #versions(): number {
    let sum = 0;
    for (const { layers } of this.#slots) sum += layers?.version ?? 0;
    return sum;
  }

  #rateVersions(): number {
    let sum = 0;
    for (const { layers } of this.#slots) sum += layers?.rateVersion ?? 0;
    return sum;
  }
}

/** A slot that has become more important need not wait before it rises: its turn has come. */
function gatherSlot(slot: AllocatedSlot, mayRise: boolean): AllocatableSlot {
  const { mid, layers, isPinned, maxHeight, maxFps, present, isFresh } = slot;
  const importance =
    (isPinned ? Importance.pinned : 0) +
    (layers?.isScreen ? Importance.screen : 0) +
    (layers?.isSpeaking ? Importance.speaking : 0);
  const hasGained = importance > slot.importance;
  slot.importance = importance;
  return {
    mid,
    importance,
    maxHeight,
    maxFps,
    isScreen: layers?.isScreen ?? false,
    published: layers?.publishedFor(slot.hasDescriptor) ?? NOTHING_PUBLISHED,
    present,
    mayRise: mayRise || isFresh || hasGained,
  };
}

/** While nothing is known of a source: the whole of its lowest encoding, which comes soonest and costs least. */
function firstTarget(layers: OfferedLayers): LayerTarget {
  return { rid: layers.source.encodings[0]?.rid ?? '', ...ALL_LAYERS };
}

function compare(now: LayerOption | undefined, before: LayerOption | undefined, isScreen: boolean): number {
  if (now === undefined || before === undefined) return Number(now !== undefined) - Number(before !== undefined);
  return compareWorth(now, before, isScreen);
}

function isSame(a: LayerOption | undefined, b: LayerOption | undefined): boolean {
  return a === b || (a?.rid === b?.rid && a?.spatial === b?.spatial && a?.temporal === b?.temporal);
}
