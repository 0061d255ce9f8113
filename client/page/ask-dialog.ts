import { Attempt } from './attempt.ts';
import { element } from './element.ts';

export interface Question {
  readonly title: string;
  readonly words: string;
  /** What the button that does it says. */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** Something to be entered. */
  readonly entry?: { readonly label: string; readonly value: string; readonly most: number };
  /** Rejects with what went wrong, in plain words: then the dialogue stays. */
  act(entered: string): Promise<void>;
}

/** Asks before something is done, or for what is needed to do it. */
export class AskDialog {
  readonly #dialog = element('ask-dialog', HTMLDialogElement);
  readonly #input = element('ask-input', HTMLInputElement);
  readonly #label = element('ask-label', HTMLLabelElement);
  readonly #confirm = element('ask-confirm', HTMLButtonElement);
  readonly #problem = element('ask-problem', HTMLElement);
  readonly #attempt = new Attempt(this.#dialog, (words) => this.#say(words));
  #question: Question | undefined;

  /** @param signal Ends it. */
  constructor(signal: AbortSignal) {
    element('ask-form', HTMLFormElement).addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        void this.#act();
      },
      { signal },
    );
    element('ask-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close(), { signal });
    signal.addEventListener('abort', () => this.#dialog.close());
  }

  ask(question: Question): void {
    this.#question = question;
    element('ask-title', HTMLElement).textContent = question.title;
    element('ask-words', HTMLElement).textContent = question.words;
    this.#say('');
    this.#confirm.textContent = question.confirm;
    this.#confirm.toggleAttribute('data-dangerous', question.isDangerous === true);
    const { entry } = question;
    this.#label.hidden = entry === undefined;
    this.#input.hidden = entry === undefined;
    this.#label.textContent = entry?.label ?? '';
    this.#input.maxLength = entry?.most ?? 0;
    this.#input.value = entry?.value ?? '';
    if (!this.#dialog.open) this.#dialog.showModal();
    if (entry === undefined) this.#confirm.focus();
    else this.#input.select();
  }

  async #act(): Promise<void> {
    const question = this.#question;
    if (question === undefined) return;
    const entered = this.#input.value.trim();
    if (question.entry !== undefined && entered === '') return this.#input.focus();
    const isDone = await this.#attempt.make(() => question.act(entered));
    if (isDone && this.#question === question) this.#dialog.close();
  }

  #say(words: string): void {
    this.#problem.textContent = words;
  }
}
