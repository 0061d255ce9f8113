/** Gallery or speaker view: what the person at this page chose, and what a shared screen asks for meanwhile. Pure. */

export type StageView = 'gallery' | 'speaker';

export class ViewChoice {
  #view: StageView = 'gallery';
  #hasScreen = false;
  /** The speaker view is here for a screen's sake, and goes with it. */
  #isBorrowed = false;

  get view(): StageView {
    return this.#view;
  }

  /** The person's own wish, which a shared screen does not take back. */
  choose(view: StageView): void {
    this.#view = view;
    this.#isBorrowed = false;
  }

  /** A screen is shared to be read, so it stands large at once. True when that changed the view. */
  handleScreens(hasScreen: boolean): boolean {
    if (hasScreen === this.#hasScreen) return false;
    this.#hasScreen = hasScreen;
    const before = this.#view;
    if (!hasScreen && this.#isBorrowed) this.#view = 'gallery';
    this.#isBorrowed = hasScreen && before === 'gallery';
    if (this.#isBorrowed) this.#view = 'speaker';
    return this.#view !== before;
  }
}
