import { element } from './element.ts';

const SHOWN_MS = 7000;
const MOST_SHOWN = 3;

/** Says what happens: aloud to screen readers for everything, and shown for what one should not miss. */
export class Announcer {
  readonly #log = element('announcer', HTMLElement);
  readonly #notices = element('notices', HTMLElement);

  /** Read out only. */
  say(words: string): void {
    const line = document.createElement('p');
    line.textContent = words;
    this.#log.append(line);
    while (this.#log.childElementCount > 20) this.#log.firstElementChild?.remove();
  }

  /** Shown for a few seconds, and read out. */
  show(words: string): void {
    const notice = document.createElement('div');
    notice.className = 'notice';
    notice.textContent = words;
    this.#notices.append(notice);
    while (this.#notices.childElementCount > MOST_SHOWN) this.#notices.firstElementChild?.remove();
    window.setTimeout(() => notice.remove(), SHOWN_MS);
  }

  clear(): void {
    this.#log.replaceChildren();
    this.#notices.replaceChildren();
  }
}
