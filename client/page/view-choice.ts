/** Gallery or speaker view: what the person at this page chose, and what a shared screen or a spotlight asks for meanwhile. Pure. */

export type StageView = 'gallery' | 'speaker';

export class ViewChoice {
  #view: StageView = 'gallery';
  #hasLarge = false;
  /** The speaker view is here for their sake, and goes with them. */
  #isBorrowed = false;

  get view(): StageView {
    return this.#view;
  }

  /** The person's own wish, which none of them takes back. */
  choose(view: StageView): void {
    this.#view = view;
    this.#isBorrowed = false;
  }

  /** A shared screen is to be read, somebody in the spotlight to be seen: large at once. True when that changed the view. */
  handleLarge(hasLarge: boolean): boolean {
    if (hasLarge === this.#hasLarge) return false;
    this.#hasLarge = hasLarge;
    const before = this.#view;
    if (!hasLarge && this.#isBorrowed) this.#view = 'gallery';
    this.#isBorrowed = hasLarge && before === 'gallery';
    if (this.#isBorrowed) this.#view = 'speaker';
    return this.#view !== before;
  }
}
