/** Something that a part of the page does when it is asked to: one at a time, and what went wrong is said there. */
export class Attempt {
  readonly #part: Element;
  readonly #say: (words: string) => void;
  #isBusy = false;

  /** @param part Looks busy meanwhile. @param say Shows what went wrong, or nothing. */
  constructor(part: Element, say: (words: string) => void) {
    this.#part = part;
    this.#say = say;
  }

  /** @param act Rejects with what went wrong, in plain words. False: it did, or another one goes on. */
  async make(act: () => Promise<void>): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    this.#say('');
    this.#part.setAttribute('data-busy', '');
    try {
      await act();
      return true;
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      this.#isBusy = false;
      this.#part.removeAttribute('data-busy');
    }
  }
}
