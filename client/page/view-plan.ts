/**
 * What to ask the server for, from what stands on the stage: pictures of the size in which they are shown, and none that
 * nobody sees. Pure.
 */
import type { SourceKind, ViewEntry } from '../../proto/signalling.ts';

/** Somebody else's camera or screen that is live. */
export interface Picture {
  readonly participant: string;
  readonly kind: SourceKind;
  /** In pixels of the display. */
  readonly height: number;
  /** False for what is scrolled away. */
  readonly visible: boolean;
  /** The person at this page, or a host, wants it first, whoever speaks. */
  readonly pinned: boolean;
}

export interface VideoSlot {
  readonly mid: string;
  /** What it carries now; undefined while it is empty. */
  readonly content: { readonly participant: string; readonly kind: SourceKind } | undefined;
}

/** Heights are told in steps, so that a window being dragged larger is no stream of messages. */
const HEIGHT_STEP = 20;
const LEAST_HEIGHT = 90;

/**
 * One entry for each slot. As long as every picture can be seen, the server chooses what comes where; when some are
 * scrolled away, those in sight are named, most important first.
 *
 * @param pictures Most important first.
 * @param isPageSeen False while the page is in the background: then nothing is wanted.
 */
export function planView(slots: readonly VideoSlot[], pictures: readonly Picture[], isPageSeen: boolean): ViewEntry[] {
  if (!isPageSeen) return slots.map(({ mid }) => ({ mid, source: 'off' }));
  const isAllSeen = pictures.every(({ visible }) => visible);
  const named = pictures.filter(({ visible, pinned }) => visible && (pinned || !isAllSeen));
  const places = placeNamed(slots, named);
  const newcomer = Math.min(...pictures.filter(({ visible }) => visible).map(({ height }) => height));
  return slots.map(({ mid, content }): ViewEntry => {
    const fixed = places.get(mid);
    if (fixed !== undefined) {
      const { participant, kind } = fixed;
      return { mid, source: { participant, kind }, maxHeight: wantedHeight(fixed.height) };
    }
    if (!isAllSeen) return { mid, source: 'off' };
    const shown = pictures.find((each) => isSame(each, content));
    const height = shown?.height ?? newcomer;
    return { mid, source: 'auto', ...(Number.isFinite(height) ? { maxHeight: wantedHeight(height) } : {}) };
  });
}

/** Each keeps the slot that it is in; the others take slots whose content is not named. */
function placeNamed(slots: readonly VideoSlot[], named: readonly Picture[]): Map<string, Picture> {
  const places = new Map<string, Picture>();
  const waiting: Picture[] = [];
  for (const picture of named.slice(0, slots.length)) {
    const own = slots.find(({ content }) => isSame(picture, content));
    if (own === undefined) waiting.push(picture);
    else places.set(own.mid, picture);
  }
  const free = slots.filter(({ mid }) => !places.has(mid));
  // An empty slot first: taking it moves nobody.
  free.sort((a, b) => Number(a.content !== undefined) - Number(b.content !== undefined));
  waiting.forEach((picture, index) => {
    const slot = free[index];
    if (slot !== undefined) places.set(slot.mid, picture);
  });
  return places;
}

function isSame(picture: Picture, content: VideoSlot['content']): boolean {
  return content?.participant === picture.participant && content.kind === picture.kind;
}

function wantedHeight(height: number): number {
  return Math.max(LEAST_HEIGHT, Math.ceil(height / HEIGHT_STEP) * HEIGHT_STEP);
}
