/** The panel "Who is here": everybody, what one may do to them, and for hosts who waits. */
import type { RosterEntry } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { isHost, roleOf } from '../sdk/own-rights.ts';
import { element } from './element.ts';
import { listPeople } from './people-order.ts';
import { personChoices } from './person-choices.ts';
import { PersonRow } from './person-row.ts';

export interface PeopleActions {
  /** The menu for somebody is wanted, beside this button. */
  menu(person: RosterEntry, button: HTMLButtonElement): void;
  muteAll(): void;
  lowerAllHands(): void;
}

/** With fewer people, looking is faster than typing. */
const SEARCHED_FROM = 12;

export class PeoplePanel {
  readonly #meeting: Meeting;
  readonly #actions: PeopleActions;
  readonly #list = element('people-list', HTMLUListElement);
  readonly #count = element('people-count', HTMLElement);
  readonly #search = element('people-search', HTMLInputElement);
  readonly #more = element('people-more', HTMLElement);
  readonly #rows = new Map<string, PersonRow>();

  /** @param signal Ends it. */
  constructor(meeting: Meeting, actions: PeopleActions, signal: AbortSignal) {
    this.#meeting = meeting;
    this.#actions = actions;
    this.#search.value = '';
    this.#search.addEventListener('input', () => this.refresh(), { signal });
    element('mute-all', HTMLButtonElement).addEventListener('click', () => actions.muteAll(), { signal });
    element('lower-all-hands', HTMLButtonElement).addEventListener('click', () => actions.lowerAllHands(), { signal });
    signal.addEventListener('abort', () => this.#list.replaceChildren());
    this.refresh();
  }

  refresh(): void {
    const { record, self } = this.#meeting;
    const everybody = [this.#ourselves(), ...this.#meeting.others];
    const isLong = everybody.length >= SEARCHED_FROM;
    this.#search.hidden = !isLong;
    const { people, more } = listPeople(everybody, record, self, isLong ? this.#search.value : '');
    this.#count.textContent = String(everybody.length);
    this.#more.hidden = more === 0 && people.length > 0;
    this.#more.textContent = people.length === 0 ? 'Nobody of that name is here.' : `and ${more} more: search for them`;
    this.#show(people);
    element('people-tools', HTMLElement).hidden = !isHost(record, self);
    const hands = [...record.people.values()].filter(({ hand }) => hand !== undefined).length;
    element('lower-all-hands', HTMLElement).hidden = hands === 0;
  }

  #ourselves(): RosterEntry {
    const { self, name } = this.#meeting;
    const live = (['microphone', 'camera', 'screen'] as const).filter((kind) => this.#meeting.isLive(kind));
    return { participant: self, name, live, connected: true };
  }

  #show(people: readonly RosterEntry[]): void {
    const wanted = new Set(people.map(({ participant }) => participant));
    for (const [participant, row] of this.#rows) {
      if (wanted.has(participant)) continue;
      const hadFocus = row.element.contains(document.activeElement);
      row.element.remove();
      this.#rows.delete(participant);
      if (hadFocus) element('people-close', HTMLButtonElement).focus();
    }
    people.forEach((person, index) => {
      const row = this.#row(person.participant);
      this.#fill(row, person);
      // Moved only when it has to be: what is moved loses the focus.
      if (this.#list.children[index] !== row.element)
        this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
    });
  }

  #row(participant: string): PersonRow {
    let row = this.#rows.get(participant);
    if (row === undefined) {
      row = new PersonRow((button) => {
        const person = [this.#ourselves(), ...this.#meeting.others].find((each) => each.participant === participant);
        if (person !== undefined) this.#actions.menu(person, button);
      });
      this.#rows.set(participant, row);
    }
    return row;
  }

  #fill(row: PersonRow, person: RosterEntry): void {
    const { record, self, speakers } = this.#meeting;
    const { participant, name, live, connected } = person;
    const remark = participant === self ? ' (you)' : connected ? '' : ' – reconnecting';
    row.show({
      name,
      remark,
      role: roleOf(record, participant),
      hasHand: record.people.get(participant)?.hand !== undefined,
      isLit: record.spotlight.includes(participant),
      microphone: live.includes('microphone'),
      camera: live.includes('camera'),
      screen: live.includes('screen'),
      speaking: speakers[0] === participant && live.includes('microphone'),
      hasMenu: personChoices(record, self, person).length > 0,
    });
  }
}
