/** Who waits to be let in, for hosts: a notice over the tiles, and a list above that of the people. */
import type { MeetingAct, WaitingEntry } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { Announcer } from './announcer.ts';
import { showAvatar } from './avatar.ts';
import { element } from './element.ts';
import { hide } from './hide.ts';

export interface WaitingActions {
  act(act: MeetingAct): void;
  /** Shows the list. */
  view(): void;
}

/** Rows past this come when those before are gone; "Admit all" lets everybody in. */
const MOST_LISTED = 50;

export class WaitingPeople {
  readonly #meeting: Meeting;
  readonly #actions: WaitingActions;
  readonly #announcer: Announcer;
  readonly #notice = element('waiting-notice', HTMLElement);
  readonly #words = element('waiting-notice-words', HTMLElement);
  readonly #admit = element('waiting-admit', HTMLButtonElement);
  readonly #refuse = element('waiting-refuse', HTMLButtonElement);
  readonly #view = element('waiting-view', HTMLButtonElement);
  readonly #section = element('waiting-people', HTMLElement);
  readonly #list = element('waiting-list', HTMLUListElement);
  /** Gets the focus of what goes away. */
  readonly #heir = element('people-toggle', HTMLButtonElement);
  #listed = '';

  /** @param signal Ends it. */
  constructor(meeting: Meeting, actions: WaitingActions, announcer: Announcer, signal: AbortSignal) {
    this.#meeting = meeting;
    this.#actions = actions;
    this.#announcer = announcer;
    this.#admit.addEventListener('click', () => this.#admitShown(), { signal });
    this.#refuse.addEventListener('click', () => this.#refuseShown(), { signal });
    this.#view.addEventListener('click', () => actions.view(), { signal });
    element('waiting-admit-all', HTMLButtonElement).addEventListener('click', () => actions.act({ type: 'admitAll' }), {
      signal,
    });
    signal.addEventListener('abort', () => {
      this.#notice.hidden = true;
      this.#section.hidden = true;
      this.#list.replaceChildren();
    });
    this.refresh(new Set());
  }

  get count(): number {
    return this.#meeting.record.waiting.size;
  }

  /** @param before Who waited before. */
  refresh(before: ReadonlySet<string>): void {
    const waiting = [...this.#meeting.record.waiting.values()];
    const [first] = waiting;
    this.#show(this.#notice, first !== undefined, this.#heir);
    this.#show(this.#section, first !== undefined, this.#heir);
    const words =
      first === undefined
        ? ''
        : waiting.length === 1
          ? `${first.name} is waiting`
          : `${waiting.length} people are waiting`;
    this.#words.textContent = words;
    this.#admit.textContent = waiting.length > 1 ? 'Admit all' : 'Admit';
    this.#show(this.#refuse, waiting.length === 1, this.#admit);
    this.#show(this.#view, waiting.length > 1, this.#admit);
    if (waiting.some(({ participant }) => !before.has(participant))) this.#announcer.say(words);
    this.#showList(waiting.slice(0, MOST_LISTED));
  }

  #admitShown(): void {
    const [first, second] = this.#meeting.record.waiting.keys();
    if (first === undefined) return;
    this.#actions.act(second === undefined ? { type: 'admit', participant: first } : { type: 'admitAll' });
  }

  #refuseShown(): void {
    const [first] = this.#meeting.record.waiting.keys();
    if (first !== undefined) this.#actions.act({ type: 'refuse', participant: first });
  }

  #showList(waiting: readonly WaitingEntry[]): void {
    const listed = JSON.stringify(waiting);
    if (listed === this.#listed) return;
    this.#listed = listed;
    const { activeElement } = document;
    const focused = this.#list.contains(activeElement) ? activeElement?.getAttribute('aria-label') : undefined;
    this.#list.replaceChildren(...waiting.map((each) => this.#row(each)));
    if (focused === undefined) return;
    const buttons = [...this.#list.querySelectorAll('button')];
    const same = buttons.find((button) => button.getAttribute('aria-label') === focused);
    (same ?? buttons[0] ?? this.#heir).focus();
  }

  #show(box: HTMLElement, isShown: boolean, heir: HTMLElement): void {
    if (isShown) box.hidden = false;
    else hide(box, heir);
  }

  #row({ participant, name }: WaitingEntry): HTMLLIElement {
    const row = document.createElement('li');
    row.className = 'person';
    const avatar = document.createElement('div');
    avatar.className = 'avatar';
    avatar.setAttribute('aria-hidden', 'true');
    showAvatar(avatar, name);
    const label = document.createElement('span');
    label.className = 'person-name';
    label.dir = 'auto';
    label.textContent = name;
    const buttons = document.createElement('span');
    buttons.className = 'row-buttons';
    for (const [words, type] of [
      ['Admit', 'admit'],
      ['Refuse', 'refuse'],
    ] as const) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = type === 'admit' ? 'primary tiny' : 'quiet tiny';
      button.textContent = words;
      button.setAttribute('aria-label', `${words} ${name}`);
      button.addEventListener('click', () => this.#actions.act({ type, participant }));
      buttons.append(button);
    }
    row.append(avatar, label, buttons);
    return row;
  }
}
