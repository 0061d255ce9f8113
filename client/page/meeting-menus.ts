/** The menus of a meeting: beside a person's name, behind "More", and where a host leaves. */
import type { MeetingAct, RosterEntry } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { AskDialog } from './ask-dialog.ts';
import { element } from './element.ts';
import { personChoices } from './person-choices.ts';
import { askName, type PersonDeeds, personMenu } from './person-menu.ts';
import { type MenuItem, PopupMenu } from './popup-menu.ts';

export interface MenuActions {
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly ask: AskDialog;
  /** Shows what went wrong. */
  act(act: MeetingAct): void;
  write(participant: string): void;
  settings(): void;
  rooms(): void;
  statistics(): void;
}

export class MeetingMenus {
  readonly #meeting: Meeting;
  readonly #actions: MenuActions;
  readonly #menu: PopupMenu;

  constructor(meeting: Meeting, actions: MenuActions) {
    this.#meeting = meeting;
    this.#actions = actions;
    this.#menu = new PopupMenu(actions.signal);
    const [more, leave] = [element('more', HTMLButtonElement), element('leave', HTMLButtonElement)];
    more.addEventListener('click', () => this.#menu.open(more, 'More', this.#moreItems()), { signal: actions.signal });
    leave.addEventListener('click', () => this.#leave(leave), { signal: actions.signal });
  }

  openPerson(person: RosterEntry, button: HTMLButtonElement): void {
    const { record, self } = this.#meeting;
    const choices = personChoices(record, self, person);
    this.#menu.open(button, person.name, personMenu(choices, person, this.#deeds()));
  }

  #deeds(): PersonDeeds {
    const { act, write, ask } = this.#actions;
    return { act, write, ask, self: this.#meeting.self, actOrThrow: (each) => this.#meeting.act(each) };
  }

  #moreItems(): MenuItem[] {
    const { record, isHost, role, self, name } = this.#meeting;
    const { settings, rooms, statistics } = this.#actions;
    const items: [MenuItem, isOffered: boolean][] = [
      [{ label: 'Meeting settings', symbol: 'icon-settings', choose: settings }, isHost],
      // A room has no rooms of its own.
      [{ label: 'Breakout rooms', symbol: 'icon-rooms', choose: rooms }, isHost && record.main === undefined],
      [
        {
          label: 'Change your name',
          symbol: 'icon-pen',
          choose: () => askName({ participant: self, name }, this.#deeds()),
        },
        isHost || record.settings.renameSelf,
      ],
      [{ label: 'Claim host', symbol: 'icon-key', choose: () => this.#claimHost() }, role !== 'host'],
      [{ label: 'Statistics', symbol: 'icon-statistics', choose: statistics }, true],
    ];
    return items.flatMap(([item, isOffered]) => (isOffered ? item : []));
  }

  #claimHost(): void {
    this.#actions.ask.ask({
      title: 'Claim host',
      words: 'Enter the host key. Who made the meeting has it.',
      confirm: 'Claim host',
      entry: { label: 'Host key', value: '', most: 128 },
      act: (hostKey) => this.#meeting.act({ type: 'claimHost' }, hostKey),
    });
  }

  /** The host may take everybody along; in a breakout room, one goes back by another button. */
  #leave(button: HTMLButtonElement): void {
    const meeting = this.#meeting;
    if (meeting.role !== 'host' || meeting.record.main !== undefined) {
      meeting.leave();
      return;
    }
    this.#menu.open(button, 'Leave', [
      { label: 'Leave meeting', symbol: 'icon-leave', choose: () => meeting.leave() },
      { label: 'End meeting for all', symbol: 'icon-end', isDangerous: true, choose: () => this.#end() },
    ]);
  }

  #end(): void {
    this.#actions.ask.ask({
      title: 'End the meeting for all?',
      words: 'Everybody leaves at once, and nobody can come in any more.',
      confirm: 'End meeting',
      isDangerous: true,
      act: () => this.#meeting.act({ type: 'endMeeting' }),
    });
  }
}
