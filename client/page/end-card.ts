import type { MeetingError } from '../sdk/meeting-error.ts';
import { element } from './element.ts';

export interface EndActions {
  /** Rejects with what went wrong, in plain words. */
  rejoin(): Promise<void>;
  toStart(): void;
}

/** What is seen after a meeting: why it ended, and the way back in. */
export class EndCard {
  readonly #page = element('end', HTMLElement);
  readonly #title = element('end-title', HTMLElement);
  readonly #words = element('end-words', HTMLElement);
  readonly #problem = element('end-problem', HTMLElement);
  readonly #rejoin = element('rejoin', HTMLButtonElement);
  #actions: EndActions | undefined;
  #busy = false;

  constructor() {
    this.#rejoin.addEventListener('click', () => void this.#tryAgain());
    element('to-start', HTMLButtonElement).addEventListener('click', () => this.#actions?.toStart());
  }

  show(error: MeetingError | undefined, actions: EndActions): void {
    this.#actions = actions;
    this.#page.hidden = false;
    this.#title.textContent = error === undefined ? 'You have left the meeting' : 'You are not in the meeting any more';
    this.#words.textContent = error === undefined ? 'Camera and microphone are off. See you soon.' : error.message;
    this.#problem.textContent = '';
    this.#title.focus();
  }

  hide(): void {
    this.#page.hidden = true;
  }

  async #tryAgain(): Promise<void> {
    if (this.#busy || this.#actions === undefined) return;
    this.#busy = true;
    this.#problem.textContent = '';
    this.#page.setAttribute('data-busy', '');
    try {
      await this.#actions.rejoin();
    } catch (error) {
      this.#problem.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      this.#busy = false;
      this.#page.removeAttribute('data-busy');
    }
  }
}
