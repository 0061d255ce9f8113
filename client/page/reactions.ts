/** The palette behind "React": emoji to show for a moment, and one's hand. */
import type { MeetingAct, REACTIONS } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';
import { Popup } from './popup.ts';

/** In the order of the palette, named for those who do not see them. */
const NAMES: Readonly<Record<(typeof REACTIONS)[number], string>> = {
  '👍': 'Thumbs up',
  '👏': 'Applause',
  '❤️': 'Heart',
  '😂': 'Laughter',
  '😮': 'Surprise',
  '😢': 'Sadness',
  '🎉': 'Celebration',
  '🔥': 'Fire',
  '✅': 'Yes',
  '❌': 'No',
  '🐢': 'Slower',
  '🐇': 'Faster',
};

/** What an emoji is called; undefined for what is none of them, which is not shown. */
export function reactionName(emoji: string): string | undefined {
  return Object.hasOwn(NAMES, emoji) ? NAMES[emoji as keyof typeof NAMES] : undefined; // it is a key of its own
}

export class Reactions {
  readonly #meeting: Meeting;
  readonly #act: (act: MeetingAct) => void;
  readonly #button = element('react', HTMLButtonElement);
  readonly #hand = element('raise-hand', HTMLButtonElement);
  readonly #popup: Popup;

  /** @param signal Ends it. */
  constructor(meeting: Meeting, act: (act: MeetingAct) => void, signal: AbortSignal) {
    this.#meeting = meeting;
    this.#act = act;
    this.#popup = new Popup(element('reactions', HTMLElement), signal);
    const buttons = Object.entries(NAMES).map(([emoji, name]) => this.#emojiButton(emoji, name));
    element('reaction-buttons', HTMLElement).replaceChildren(...buttons);
    this.#button.addEventListener('click', () => this.#open(), { signal });
    this.#hand.addEventListener(
      'click',
      () => {
        this.#popup.close();
        this.toggleHand();
      },
      { signal },
    );
    this.refresh();
  }

  toggleHand(): void {
    const { self } = this.#meeting;
    this.#act(this.#isRaised ? { type: 'lowerHand', participant: self } : { type: 'raiseHand' });
  }

  refresh(): void {
    const isRaised = this.#isRaised;
    this.#hand.setAttribute('aria-pressed', String(isRaised));
    element('raise-hand-label', HTMLElement).textContent = isRaised ? 'Lower hand' : 'Raise hand';
    this.#button.toggleAttribute('data-on', isRaised);
    element('react-icon', SVGUseElement).setAttribute('href', isRaised ? '#icon-hand' : '#icon-smile');
  }

  get #isRaised(): boolean {
    return this.#meeting.record.people.get(this.#meeting.self)?.hand !== undefined;
  }

  #open(): void {
    this.#popup.open(this.#button);
    const [first] = element('reaction-buttons', HTMLElement).children;
    if (first instanceof HTMLElement) first.focus();
  }

  #emojiButton(emoji: string, name: string): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'emoji';
    button.textContent = emoji;
    button.setAttribute('aria-label', name);
    button.title = name;
    button.addEventListener('click', () => {
      this.#popup.close();
      this.#act({ type: 'react', emoji });
    });
    return button;
  }
}
