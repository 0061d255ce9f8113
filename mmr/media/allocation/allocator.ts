/**
 * Decides which layer of its source each video slot of one subscriber gets out of the subscriber's bandwidth. A pure
 * function: what goes in and what comes out can be printed (`describeAllocation`). Who gathers the input and who applies
 * the outcome is in driver.ts. docs/allocation.md tells the rules with examples.
 *
 * The method: all steps that could be taken, from nothing to the lowest layer and from each layer to the next, are put
 * into one order that does not depend on the bandwidth; then each step that fits is taken. So of two bandwidths the
 * greater takes all that the smaller takes, up to the first step that the smaller must leave out.
 */
import { compareWorth, type LayerOption, makeLadder, type PublishedLayers } from './ladder.ts';

export interface AllocatableSlot {
  readonly mid: string;
  /** Greater is more important, see `Importance`. */
  readonly importance: number;
  /** Tallest picture that the view asks for, pixels; Infinity: no limit. */
  readonly maxHeight: number;
  /** Highest frame rate that the view asks for; Infinity: no limit. */
  readonly maxFps: number;
  readonly isScreen: boolean;
  readonly published: PublishedLayers;
  /** What it has now; undefined: nothing. */
  readonly present: LayerOption | undefined;
  /** False: for now it gets at most what it has, or its lowest layer when it has nothing. */
  readonly mayRise: boolean;
}

/** Added up per slot: a pinned camera counts more than a screen that the meeting put there. */
export const Importance = { pinned: 4, screen: 2, speaking: 1 } as const;

export interface AllocationInput {
  /** What may be sent to the subscriber at all; Infinity when nobody limits it. */
  readonly budgetBps: number;
  /** What his audio slots take of it: always sent, even when that is more than there is. */
  readonly audioBps: number;
  /** What all together may take when a slot is to keep more than its lowest layer; less than `budgetBps` in a collapse. */
  readonly keepBudgetBps: number;
  /** What all together may take when a slot is to get more than it has: a bit less than `budgetBps`. */
  readonly riseBudgetBps: number;
  readonly slots: readonly AllocatableSlot[];
}

/** Why a slot gets no more than it does. */
export type Limit =
  /** It has all that its view asks for. */
  | 'view'
  /** It has the best that the publisher sends. */
  | 'source'
  /** The next step does not fit. */
  | 'bandwidth'
  /** The next step would fit just so; it is taken when there is a margin, and some time after the last step down. */
  | 'margin'
  /** The publisher sends nothing. */
  | 'noVideo';

export interface SlotAllocation {
  readonly mid: string;
  /** Undefined: nothing is sent, because of the bandwidth when `limit` is 'bandwidth' or 'margin'. */
  readonly layer: LayerOption | undefined;
  readonly limit: Limit;
  /** What it gets when nothing limits it; undefined when nothing is published. */
  readonly wanted: LayerOption | undefined;
  /** What the next step would cost more; 0 when there is none. */
  readonly nextStepBps: number;
}

export interface Allocation {
  /** In the order of the input. */
  readonly slots: readonly SlotAllocation[];
  /** Audio and video. */
  readonly usedBps: number;
  /** What everything that the views ask for would take. */
  readonly wantedBps: number;
}

/** A picture may be shown a quarter larger than it is before a taller one is worth its bits. */
const MAX_ENLARGEMENT = 1.25;
/** Frame rates are measured: 30.2 is within a limit of 30. */
const FRAME_RATE_TOLERANCE = 1.1;
/** Height up to which the foremost picture is brought before the least important ones get anything. */
const RECOGNISABLE_HEIGHT = 360;

export function allocate(input: AllocationInput): Allocation {
  const { slots, audioBps } = input;
  const rungs = slots.map(wantedRungs);
  const presents = slots.map((slot, i) => presentRung(slot, rungs[i] as readonly LayerOption[]));
  const levels = new Array<number>(slots.length).fill(-1);
  let usedBps = audioBps;
  for (const { slot, rung } of stepOrder(slots, rungs)) {
    if (levels[slot] !== rung - 1) continue; // A step before this one did not fit.
    const isKept = rung <= (presents[slot] as number);
    const limitBps = isKept ? keepLimit(rung, input) : riseLimit(slots[slot], rung, input);
    const costBps = stepCost(rungs[slot] as readonly LayerOption[], rung);
    if (usedBps + costBps > limitBps) continue;
    usedBps += costBps;
    levels[slot] = rung;
  }
  return {
    slots: slots.map((slot, i) =>
      outcome(slot, rungs[i] as readonly LayerOption[], levels[i] as number, input, usedBps),
    ),
    usedBps,
    wantedBps: rungs.reduce((sum, ladder) => sum + (ladder.at(-1)?.bitrateBps ?? 0), audioBps),
  };
}

/** To `rung` of the slot's wanted rungs from the one below. */
export interface Step {
  readonly slot: number;
  readonly rung: number;
}

/**
 * All steps, most important first: the foremost picture until one can recognise somebody in it; something for everybody; then
 * the more important slots as far as they want, among equals the larger first and by turns.
 */
export function stepOrder(slots: readonly AllocatableSlot[], rungs: readonly (readonly LayerOption[])[]): Step[] {
  const order = slots.map((_, i) => i).sort((a, b) => compareSlots(slots, a, b));
  const next = new Array<number>(slots.length).fill(0);
  const steps: Step[] = [];
  const climb = (slot: number): boolean => {
    const rung = next[slot] as number;
    if (rung >= (rungs[slot] as readonly LayerOption[]).length) return false;
    next[slot] = rung + 1;
    steps.push({ slot, rung });
    return true;
  };
  const foremost = foremostOf(slots, order);
  if (foremost !== undefined) {
    for (const rung of rungs[foremost] as readonly LayerOption[]) {
      if (next[foremost] === 0 || rung.height <= RECOGNISABLE_HEIGHT) climb(foremost);
    }
  }
  for (const slot of order) if (next[slot] === 0) climb(slot);
  for (let start = 0; start < order.length; ) {
    const end = endOfEquals(slots, order, start);
    const equals = order.slice(start, end);
    for (let climbed = true; climbed; ) {
      climbed = false;
      for (const slot of equals) climbed = climb(slot) || climbed;
    }
    start = end;
  }
  return steps;
}

/** The ladder of what the view allows: up to the lowest height that covers the wanted one, and no faster than wanted. */
export function wantedRungs({ published, maxHeight, maxFps, isScreen }: AllocatableSlot): readonly LayerOption[] {
  const { options } = published;
  const height = coveringHeight(options, maxHeight);
  if (maxFps === Number.POSITIVE_INFINITY) return published.ladderUpTo(height);
  const maxRate = maxFps * FRAME_RATE_TOLERANCE;
  const isAllowed = (option: LayerOption): boolean =>
    option.height <= height && (option.temporal === 0 || option.framesPerSecond <= maxRate);
  return makeLadder(options.filter(isAllowed), isScreen);
}

/** The lowest of the heights with which a picture of `wanted` pixels can be filled, or the tallest there is. */
export function coveringHeight(available: readonly { readonly height: number }[], wanted: number): number {
  let covering = Number.POSITIVE_INFINITY;
  let tallest = 0;
  for (const { height } of available) {
    tallest = Math.max(tallest, height);
    if (height * MAX_ENLARGEMENT >= wanted) covering = Math.min(covering, height);
  }
  return Math.min(covering, tallest);
}

function outcome(
  slot: AllocatableSlot,
  rungs: readonly LayerOption[],
  level: number,
  input: AllocationInput,
  usedBps: number,
): SlotAllocation {
  const { mid } = slot;
  const layer = rungs[level];
  const wanted = rungs.at(-1);
  if (wanted === undefined) return { mid, layer, limit: 'noVideo', wanted, nextStepBps: 0 };
  if (layer === wanted) {
    return { mid, layer, limit: layer === slot.published.ladder.at(-1) ? 'source' : 'view', wanted, nextStepBps: 0 };
  }
  const nextStepBps = stepCost(rungs, level + 1);
  const limit = usedBps + nextStepBps <= input.budgetBps ? 'margin' : 'bandwidth';
  return { mid, layer, limit, wanted, nextStepBps };
}

function stepCost(rungs: readonly LayerOption[], rung: number): number {
  return (rungs[rung]?.bitrateBps ?? 0) - (rungs[rung - 1]?.bitrateBps ?? 0);
}

function keepLimit(rung: number, { budgetBps, keepBudgetBps }: AllocationInput): number {
  return rung === 0 ? budgetBps : keepBudgetBps;
}

/** A dark tile is not held back: its lowest layer costs little, and shows something. */
function riseLimit(slot: AllocatableSlot | undefined, rung: number, { riseBudgetBps }: AllocationInput): number {
  return slot?.mayRise || rung === 0 ? riseBudgetBps : Number.NEGATIVE_INFINITY;
}

/** Index of the best rung that is worth no more than what the slot has; −1 when it has nothing. */
function presentRung(slot: AllocatableSlot, rungs: readonly LayerOption[]): number {
  const { present, isScreen } = slot;
  if (present === undefined) return -1;
  let rung = 0; // Whatever it had, the lowest is not more.
  for (let i = 1; i < rungs.length; i++) {
    if (compareWorth(rungs[i] as LayerOption, present, isScreen) <= 0) rung = i;
  }
  return rung;
}

/** Negative when slot `a` comes before slot `b`: by importance, size, and the client's own order. */
function compareSlots(slots: readonly AllocatableSlot[], a: number, b: number): number {
  return compareRank(slots[a] as AllocatableSlot, slots[b] as AllocatableSlot) || a - b;
}

function compareRank(a: AllocatableSlot, b: AllocatableSlot): number {
  if (a.importance !== b.importance) return b.importance - a.importance;
  if (a.maxHeight === b.maxHeight) return 0;
  return a.maxHeight > b.maxHeight ? -1 : 1;
}

/** The first in `order`, when it is more important than the second: among equals nobody is, however large. */
function foremostOf(slots: readonly AllocatableSlot[], order: readonly number[]): number | undefined {
  const [first, second] = order;
  if (first === undefined || second === undefined) return first;
  return (slots[first] as AllocatableSlot).importance > (slots[second] as AllocatableSlot).importance
    ? first
    : undefined;
}

function endOfEquals(slots: readonly AllocatableSlot[], order: readonly number[], start: number): number {
  const first = slots[order[start] as number] as AllocatableSlot;
  let end = start + 1;
  while (end < order.length && compareRank(first, slots[order[end] as number] as AllocatableSlot) === 0) end++;
  return end;
}
