/** Looks whether anything comes from the router, and says so when nothing does, again and again. */
import { MediaSilence } from './media-silence.ts';

/** Between two looks. */
const LOOK_MS = 250;
/** At most one report is missing: reason to ask whether the zone is there, which does no harm. */
const DOUBT_MS = 1_200;
/** Reason to say that media is lost. */
const SILENT_MS = 2_000;
/** Between two times that either is said. */
const SAY_MS = 500;

export interface WatchedMedia {
  /** Something can be expected: it is connected, or was and may be again. */
  readonly isUp: boolean;
  /** Grows with whatever arrives. */
  received(): number | Promise<number>;
}

export interface SilenceSteps {
  /** Nothing has come for a moment, or longer. */
  doubtful(): void;
  /** Nothing comes. */
  silent(): void;
  /** Something has come after all. */
  heard?(): void;
}

export class MediaWatch<Media extends WatchedMedia> {
  readonly #current: () => Media | undefined;
  readonly #steps: SilenceSteps;
  readonly #timer: ReturnType<typeof setInterval>;
  #watched: Media | undefined;
  #silence = new MediaSilence();
  #silentMs = 0;
  #saidMs = Number.NEGATIVE_INFINITY;

  /** `current`: what to watch now, if anything; `doubtful` and `silent` are called each half second while it is so. */
  constructor(current: () => Media | undefined, steps: SilenceSteps) {
    this.#current = current;
    this.#steps = steps;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Nothing comes by what was watched last. */
  get isSilent(): boolean {
    return this.#silentMs >= SILENT_MS;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const media = this.#current();
    if (media !== this.#watched || media?.isUp !== true) {
      this.#watched = media;
      this.#silence = new MediaSilence();
      this.#silentMs = 0;
    }
    if (media?.isUp !== true) return;
    const received = await media.received();
    if (this.#watched !== media || this.#current() !== media) return;
    this.#tell(performance.now(), received);
  }

  #tell(nowMs: number, received: number): void {
    const wasDoubtful = this.#silentMs >= DOUBT_MS;
    this.#silentMs = this.#silence.look(nowMs, received);
    if (wasDoubtful && this.#silentMs < DOUBT_MS) this.#steps.heard?.();
    // A look may come a little early.
    if (this.#silentMs < DOUBT_MS || nowMs - this.#saidMs < SAY_MS - LOOK_MS / 2) return;
    this.#saidMs = nowMs;
    this.#steps.doubtful();
    if (this.isSilent) this.#steps.silent();
  }
}
