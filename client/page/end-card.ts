import type { MeetingError, MeetingErrorCode } from '../sdk/meeting-error.ts';
import { Attempt } from './attempt.ts';
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
  readonly #attempt = new Attempt(this.#page, (words) => this.#say(words));
  #actions: EndActions | undefined;

  constructor() {
    this.#rejoin.addEventListener('click', () => {
      void this.#attempt.make(async () => this.#actions?.rejoin());
    });
    element('to-start', HTMLButtonElement).addEventListener('click', () => this.#actions?.toStart());
  }

  show(error: MeetingError | undefined, actions: EndActions): void {
    this.#actions = actions;
    this.#page.hidden = false;
    this.#title.textContent = titleOf(error);
    // Who was sent out does not come back by a button; and there is no way into what has ended.
    this.#rejoin.hidden = error !== undefined && FOR_GOOD.has(error.code);
    this.#words.textContent = error === undefined ? 'Camera and microphone are off. See you soon.' : error.message;
    this.#say('');
    this.#title.focus();
  }

  hide(): void {
    this.#page.hidden = true;
  }

  #say(words: string): void {
    this.#problem.textContent = words;
  }
}

function titleOf(error: MeetingError | undefined): string {
  if (error === undefined) return 'You have left the meeting';
  if (error.code === 'meetingEnded') return 'The meeting has ended';
  if (error.code === 'refused') return 'You were not let in';
  return 'You are not in the meeting any more';
}
