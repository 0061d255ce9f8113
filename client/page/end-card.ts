import type { MeetingError, MeetingErrorCode } from '../sdk/meeting-error.ts';
import { element } from './element.ts';

const FOR_GOOD: ReadonlySet<MeetingErrorCode> = new Set(['removed', 'refused', 'meetingEnded']);

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
    this.#title.textContent = titleOf(error);
    // Who was sent out does not come back by a button; and there is no way into what has ended.
    this.#rejoin.hidden = error !== undefined && FOR_GOOD.has(error.code);
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

function titleOf(error: MeetingError | undefined): string {
  if (error === undefined) return 'You have left the meeting';
  if (error.code === 'meetingEnded') return 'The meeting has ended';
  if (error.code === 'refused') return 'You were not let in';
  return 'You are not in the meeting any more';
}
