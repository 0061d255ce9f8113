import type { WaitingNotice } from '../sdk/meeting-events.ts';
import { element } from './element.ts';

const REASONS: Readonly<Record<WaitingNotice['reason'], string>> = {
  waitingRoom: 'A host will let you in soon.',
  noHost: 'The meeting begins when the host is there.',
};

/** What stands beside the preview while one waits to be let in. */
export class WaitingRoom {
  readonly #card = element('waiting-room', HTMLElement);
  readonly #title = element('waiting-room-title', HTMLElement);
  readonly #reason = element('waiting-room-reason', HTMLElement);
  readonly #meeting = element('waiting-room-meeting', HTMLElement);
  #giveUp: () => void = () => undefined;

  constructor() {
    element('waiting-room-leave', HTMLButtonElement).addEventListener('click', () => this.#giveUp());
  }

  show({ reason, title }: WaitingNotice, giveUp: () => void): void {
    this.#giveUp = giveUp;
    const wasHidden = this.#card.hidden;
    this.#card.hidden = false;
    this.#meeting.textContent = title ?? '';
    this.#meeting.hidden = title === undefined;
    // Set once it is there, so that it is read out.
    this.#reason.textContent = REASONS[reason];
    if (wasHidden) this.#title.focus();
  }

  hide(): void {
    this.#card.hidden = true;
    this.#reason.textContent = '';
  }
}
