/** Looks whether anything comes from the router, and says so when nothing does, again and again. */
import { MediaSilence } from './media-silence.ts';

/** Between two looks. */
const LOOK_MS = 500;

export interface WatchedMedia {
  /** Something can be expected: it is connected, or was and may be again. */
  readonly isUp: boolean;
  /** Grows with whatever arrives. */
  received(): number | Promise<number>;
}

export class MediaWatch<Media extends WatchedMedia> {
  readonly #current: () => Media | undefined;
  readonly #silent: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #watched: Media | undefined;
  /** Nothing came by what was watched last. */
  isSilent = false;
  #silence = new MediaSilence();

  /** `current`: what to watch now, if anything; `silent` is called each half second while nothing comes by it. */
  constructor(current: () => Media | undefined, silent: () => void) {
    this.#current = current;
    this.#silent = silent;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const media = this.#current();
    if (media !== this.#watched || media?.isUp !== true) {
      this.#watched = media;
      this.#silence = new MediaSilence();
      this.isSilent = false;
    }
    if (media?.isUp !== true) return;
    const received = await media.received();
    if (this.#watched !== media || this.#current() !== media) return;
    this.isSilent = this.#silence.look(received);
    if (this.isSilent) this.#silent();
  }
}
