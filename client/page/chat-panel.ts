/** What people write: to all, or to one. */
import type { ChatEntry } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { chatReach } from '../sdk/own-rights.ts';
import type { Announcer } from './announcer.ts';
import { chatMessage } from './chat-message.ts';
import { roomLeft } from './chat-text.ts';
import { element } from './element.ts';
import { mayWriteTo } from './person-choices.ts';

/** From here on the writer is told how much room is left, bytes. */
const NEARLY_FULL = 200;
/** Of a message that is shown while the panel is closed. */
const MOST_SHOWN = 90;
/** Within this many pixels of its end, the list follows what comes. */
const NEAR_END = 60;

export class ChatPanel {
  readonly #meeting: Meeting;
  readonly #announcer: Announcer;
  readonly #messages = element('chat-messages', HTMLElement);
  readonly #empty = element('chat-empty', HTMLElement);
  readonly #form = element('chat-form', HTMLFormElement);
  readonly #to = element('chat-to', HTMLSelectElement);
  readonly #text = element('chat-text', HTMLTextAreaElement);
  readonly #send = element('chat-send', HTMLButtonElement);
  readonly #hint = element('chat-hint', HTMLElement);
  readonly #badge = element('chat-badge', HTMLElement);
  /** Messages that are in the list, the oldest first. */
  #shown: string[] = [];
  #options = '';
  #unread = 0;
  #isOpen = false;
  #isSending = false;

  /** @param signal Ends it. */
  constructor(meeting: Meeting, announcer: Announcer, signal: AbortSignal) {
    this.#meeting = meeting;
    this.#announcer = announcer;
    this.#form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        void this.#submit();
      },
      { signal },
    );
    this.#text.addEventListener('input', () => this.#typed(), { signal });
    this.#text.addEventListener('keydown', (event) => this.#key(event), { signal });
    signal.addEventListener('abort', () => {
      this.#messages.replaceChildren();
      this.#setUnread(0);
    });
    this.#to.value = '';
    this.#showMessages(meeting.record.chat);
    this.refresh();
    this.#typed();
  }

  /** Opens for a message to one, or to all. */
  writeTo(participant: string): void {
    this.refresh();
    this.#to.value = participant;
    this.#text.focus();
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (!isOpen) return;
    this.#setUnread(0);
    this.refresh();
    this.#messages.scrollTop = this.#messages.scrollHeight;
  }

  focus(): void {
    if (!this.#text.disabled) this.#text.focus();
  }

  /** What is new since the record before is shown, and read out or counted. */
  handleMessages(before: readonly ChatEntry[]): void {
    const { record, self } = this.#meeting;
    if (record.chat === before) return;
    const known = new Set(before.map(({ id }) => id));
    const fresh = record.chat.filter(({ id }) => !known.has(id));
    this.#showMessages(record.chat);
    const others = fresh.filter(({ from }) => from !== self);
    if (this.#isOpen || others.length === 0) return;
    this.#setUnread(this.#unread + others.length);
    const last = others.at(-1);
    if (last !== undefined) this.#announcer.show(`${last.fromName}: ${shortened(last.text)}`);
  }

  /** Whom one may write to. */
  refresh(): void {
    if (!this.#isOpen) return;
    const { record, self, others } = this.#meeting;
    const reach = chatReach(record, self);
    const people = others.filter(({ participant }) => mayWriteTo(record, self, participant));
    const everybody = reach === 'all' ? [{ participant: '', name: 'Everybody' }] : [];
    this.#showOptions([...everybody, ...people].map(({ participant, name }) => [participant, name]));
    const isOff = reach === 'off' || this.#to.options.length === 0;
    for (const field of [this.#to, this.#text, this.#send]) field.disabled = isOff;
    this.#text.placeholder = isOff
      ? reach === 'off'
        ? 'The host has turned off the chat'
        : 'There is no host to write to'
      : 'Write a message';
  }

  #showOptions(options: readonly (readonly [value: string, label: string])[]): void {
    const text = JSON.stringify(options);
    if (text === this.#options) return;
    this.#options = text;
    const chosen = this.#to.value;
    this.#to.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
    this.#to.value = chosen;
    // Who was chosen has left: not everybody is to read what was meant for one.
    if (this.#to.selectedIndex >= 0) return;
    this.#to.selectedIndex = 0;
    if (chosen !== '' && this.#text.value !== '') this.#say('The person you were writing to is not here any more.');
  }

  #showMessages(chat: readonly ChatEntry[]): void {
    const isAtEnd = this.#messages.scrollHeight - this.#messages.scrollTop - this.#messages.clientHeight < NEAR_END;
    const ids = chat.map(({ id }) => id);
    const kept = this.#shown.length > 0 ? ids.indexOf(this.#shown[0] ?? '') : -1;
    const isLonger = kept === 0 && this.#shown.every((id, index) => id === ids[index]);
    const added = isLonger ? chat.slice(this.#shown.length) : chat;
    const elements = added.map((message) => chatMessage(message, this.#meeting.self));
    if (isLonger) this.#messages.append(...elements);
    else this.#messages.replaceChildren(...elements);
    this.#shown = ids;
    this.#empty.hidden = chat.length > 0;
    if (isAtEnd || added.at(-1)?.from === this.#meeting.self) this.#messages.scrollTop = this.#messages.scrollHeight;
  }

  #key(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.#submit();
  }

  async #submit(): Promise<void> {
    const text = this.#text.value.trim();
    if (text === '' || this.#isSending || this.#text.disabled) return;
    if (roomLeft(text) < 0) return this.#typed();
    const to = this.#to.value;
    this.#isSending = true;
    try {
      await this.#meeting.act(to === '' ? { type: 'chat', text } : { type: 'chat', text, to });
      // What was typed meanwhile stays.
      if (this.#text.value.trim() === text) this.#text.value = '';
      this.#typed();
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isSending = false;
    }
  }

  #typed(): void {
    this.#text.style.setProperty('height', 'auto');
    this.#text.style.setProperty('height', `${this.#text.scrollHeight}px`);
    const left = roomLeft(this.#text.value.trim());
    const words =
      left < 0 ? `Too long by ${-left} characters.` : left < NEARLY_FULL ? `Room for ${left} more characters.` : '';
    this.#say(words);
    this.#send.toggleAttribute('data-idle', this.#text.value.trim() === '' || left < 0);
  }

  #say(words: string): void {
    this.#hint.textContent = words;
  }

  #setUnread(unread: number): void {
    this.#unread = unread;
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread > 99 ? '99+' : String(unread);
    this.#badge.setAttribute('aria-label', `${unread} unread`);
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/gu, ' ');
  const characters = [...line];
  return characters.length > MOST_SHOWN ? `${characters.slice(0, MOST_SHOWN).join('')}…` : line;
}
