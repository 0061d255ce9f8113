import type { ViewEntry } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { type Picture, planView } from './view-plan.ts';

/** Tiles glide into place for 250 ms, and windows are dragged: what counts is where they come to rest. */
const SETTLE_MS = 150;
/** A look at another tab is no reason to stop; a page that stays away is. */
const BACKGROUND_MS = 5_000;

/** Tells the server what the stage shows, whenever that has changed and come to rest. */
export class ViewRequest {
  readonly #meeting: Meeting;
  readonly #pictures: () => readonly Picture[];
  /** What each slot was last asked for, as text. */
  readonly #asked = new Map<string, string>();
  readonly #onVisibility = () => this.#visibilityChanged();
  #timer: number | undefined;
  #backgroundTimer: number | undefined;
  #isPageSeen = true;

  constructor(meeting: Meeting, pictures: () => readonly Picture[]) {
    this.#meeting = meeting;
    this.#pictures = pictures;
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** To be called whenever the stage may have changed. */
  changed(): void {
    this.#timer ??= window.setTimeout(() => this.#tell(), SETTLE_MS);
  }

  dispose(): void {
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#backgroundTimer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  #visibilityChanged(): void {
    window.clearTimeout(this.#backgroundTimer);
    if (document.visibilityState === 'hidden') {
      this.#backgroundTimer = window.setTimeout(() => this.#setSeen(false), BACKGROUND_MS);
    } else {
      this.#setSeen(true);
    }
  }

  #setSeen(isSeen: boolean): void {
    if (this.#isPageSeen === isSeen) return;
    this.#isPageSeen = isSeen;
    window.clearTimeout(this.#timer);
    this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    const slots = [...this.#meeting.slots].flatMap(([mid, { kind }]) =>
      kind === 'video' ? [{ mid, content: this.#meeting.slotContent(mid) }] : [],
    );
    const changed: ViewEntry[] = [];
    for (const entry of planView(slots, this.#pictures(), this.#isPageSeen)) {
      const text = JSON.stringify(entry);
      if (this.#asked.get(entry.mid) === text) continue;
      this.#asked.set(entry.mid, text);
      changed.push(entry);
    }
    if (changed.length > 0) this.#meeting.view(changed);
  }
}
