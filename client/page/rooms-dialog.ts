/** Breakout rooms, for hosts: how many, who goes where, and while they are open, who is where. */
import type { MeetingAct } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { roleOf } from '../sdk/own-rights.ts';
import { Attempt } from './attempt.ts';
import { divideEvenly, shuffled } from './divide-people.ts';
import { element } from './element.ts';

const MOST_ROOMS = 50;

interface Seat {
  readonly participant: string;
  readonly name: string;
}

export class RoomsDialog {
  readonly #meeting: Meeting;
  readonly #dialog = element('rooms-dialog', HTMLDialogElement);
  readonly #count = element('rooms-count', HTMLInputElement);
  readonly #people = element('rooms-people', HTMLElement);
  readonly #problem = element('rooms-problem', HTMLElement);
  /** Before the rooms are open: the number of the room of each person, from 0. */
  readonly #plan = new Map<string, number>();
  readonly #attempt = new Attempt(this.#dialog, (words) => this.#say(words));
  #shown = '';

  /** @param signal Ends it. */
  constructor(meeting: Meeting, signal: AbortSignal) {
    this.#meeting = meeting;
    const onClick = (id: string, act: () => void) =>
      element(id, HTMLButtonElement).addEventListener('click', act, { signal });
    onClick('rooms-divide', () => this.#divide());
    onClick('rooms-cancel', () => this.#dialog.close());
    onClick('rooms-open', () => void this.#open());
    onClick('rooms-close', () => void this.#close());
    this.#count.addEventListener('input', () => this.#recount(), { signal });
    signal.addEventListener('abort', () => {
      this.#dialog.close();
      this.#people.replaceChildren();
    });
  }

  show(): void {
    this.#say('');
    this.#shown = '';
    this.#dialog.showModal();
    this.refresh();
  }

  refresh(): void {
    if (!this.#meeting.isHost) this.#dialog.close();
    if (!this.#dialog.open) return;
    const isOpen = this.#rooms.length > 0;
    element('rooms-plan', HTMLElement).hidden = isOpen;
    element('rooms-open', HTMLElement).hidden = isOpen;
    element('rooms-close', HTMLElement).hidden = !isOpen;
    element('rooms-cancel', HTMLElement).textContent = isOpen ? 'Done' : 'Cancel';
    element('rooms-words', HTMLElement).textContent = isOpen
      ? 'Choose a room to take somebody there, yourself too. Closing the rooms brings everybody back.'
      : 'People go to small meetings of their own and come back when you close them.';
    this.#showPeople(isOpen);
  }

  get #rooms() {
    return this.#meeting.record.rooms;
  }

  get #planned(): number {
    return Math.max(1, Math.min(MOST_ROOMS, Math.floor(Number(this.#count.value)) || 1));
  }

  /** Those who are in rooms already are on no roster here, but in the record. */
  #seats(): Seat[] {
    const { self, name, others, record } = this.#meeting;
    const here = [...others, { participant: self, name }];
    const known = new Set(here.map(({ participant }) => participant));
    const away = [...record.people.values()].filter(
      ({ participant, room }) => room !== undefined && !known.has(participant),
    );
    return [...away, ...here].map(({ participant, name }) => ({ participant, name }));
  }

  /** Hosts stay where they are needed; they may be put into a room by hand. */
  #divide(): void {
    const { record } = this.#meeting;
    const people = this.#seats().filter(({ participant }) => roleOf(record, participant) === 'participant');
    const order = shuffled(
      people.map(({ participant }) => participant),
      Math.random,
    );
    this.#plan.clear();
    divideEvenly(order, this.#planned).forEach((assigned, room) => {
      for (const participant of assigned) this.#plan.set(participant, room);
    });
    this.#showPeople(false);
  }

  #recount(): void {
    for (const [participant, room] of this.#plan) if (room >= this.#planned) this.#plan.delete(participant);
    this.#showPeople(false);
  }

  async #open(): Promise<void> {
    const here = new Set(this.#seats().map(({ participant }) => participant));
    const rooms = Array.from({ length: this.#planned }, (_, number) => ({
      name: roomName(number),
      assigned: [...this.#plan].flatMap(([participant, room]) =>
        room === number && here.has(participant) ? participant : [],
      ),
    }));
    if (await this.#act({ type: 'openRooms', rooms })) this.#plan.clear();
  }

  async #close(): Promise<void> {
    if (await this.#act({ type: 'closeRooms' })) this.#dialog.close();
  }

  async #act(act: MeetingAct): Promise<boolean> {
    const isDone = await this.#attempt.make(() => this.#meeting.act(act));
    this.#shown = '';
    this.refresh();
    return isDone;
  }

  #say(words: string): void {
    this.#problem.textContent = words;
  }

  #showPeople(isOpen: boolean): void {
    const choices: [value: string, label: string][] = isOpen
      ? this.#rooms.map(({ room, name }) => [room, name])
      : Array.from({ length: this.#planned }, (_, number) => [String(number), roomName(number)]);
    const rows = this.#seats().map((seat) => ({ ...seat, chosen: this.#chosen(seat.participant, isOpen) }));
    const shown = JSON.stringify([isOpen, choices, rows]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = document.activeElement?.getAttribute('data-participant');
    this.#people.replaceChildren(
      ...rows.map((row) => this.#row(row, [['', isOpen ? 'In the meeting' : 'Stays here'], ...choices], isOpen)),
    );
    for (const select of this.#people.querySelectorAll('select')) {
      if (select.dataset.participant === focused) select.focus();
    }
  }

  #chosen(participant: string, isOpen: boolean): string {
    if (!isOpen) return String(this.#plan.get(participant) ?? '');
    return this.#rooms.find(({ assigned }) => assigned.includes(participant))?.room ?? '';
  }

  #row(
    { participant, name, chosen }: Seat & { chosen: string },
    choices: [string, string][],
    isOpen: boolean,
  ): HTMLElement {
    const row = document.createElement('label');
    row.className = 'seat';
    const label = document.createElement('span');
    label.dir = 'auto';
    label.textContent = participant === this.#meeting.self ? `${name} (you)` : name;
    const select = document.createElement('select');
    select.dataset.participant = participant;
    select.replaceChildren(...choices.map(([value, words]) => new Option(words, value)));
    select.value = chosen;
    select.addEventListener('change', () => {
      if (isOpen)
        void this.#act({ type: 'assignRoom', participant, ...(select.value === '' ? {} : { room: select.value }) });
      else if (select.value === '') this.#plan.delete(participant);
      else this.#plan.set(participant, Number(select.value));
    });
    row.append(label, select);
    return row;
  }
}

function roomName(number: number): string {
  return `Room ${number + 1}`;
}
