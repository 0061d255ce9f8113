/** The card before the meeting: who, where, and what the camera sees. */
import { readInvite } from '../sdk/invite-link.ts';
import type { WaitingNotice } from '../sdk/meeting-events.ts';
import { explainMeetingId, formatMeetingId, normalizeMeetingId } from '../sdk/meeting-id.ts';
import { Attempt } from './attempt.ts';
import { DevicePreview } from './device-preview.ts';
import { element } from './element.ts';
import { hostKeyOf } from './host-keys.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface JoinWish {
  name: string;
  meeting: string;
  passcode: string;
  /** Of who made the meeting. */
  hostKey?: string;
}

export interface LobbyActions {
  join(wish: JoinWish): Promise<void>;
  /** Makes a meeting and joins it; with an empty name it is only made. */
  create(name: string): Promise<void>;
}

const NAME_KEY = 'zonecast.name';

export class Lobby {
  readonly preview = new DevicePreview();
  readonly waitingRoom = new WaitingRoom();
  readonly #page = element('lobby', HTMLElement);
  readonly #form = element('join-form', HTMLFormElement);
  readonly #name = element('name', HTMLInputElement);
  readonly #meeting = element('meeting-id', HTMLInputElement);
  readonly #passcode = element('passcode', HTMLInputElement);
  readonly #problem = element('join-problem', HTMLElement);
  readonly #progress = element('join-progress', HTMLElement);
  readonly #actions: LobbyActions;
  readonly #attempt = new Attempt(this.#form, (words) => this.#explain(words));

  constructor(actions: LobbyActions) {
    this.#actions = actions;
    this.#name.value = recall();
    this.preview.showName(this.#name.value);
    this.#readFragment();
    window.addEventListener('hashchange', () => this.#readFragment());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#join();
    });
    element('new-meeting', HTMLButtonElement).addEventListener('click', () => void this.#create());
    this.#name.addEventListener('input', () => this.preview.showName(this.#name.value));
    this.#meeting.addEventListener('paste', (event) => this.#pasteInvite(event));
    this.#meeting.addEventListener('change', () => {
      this.#meeting.value = formatMeetingId(this.#meeting.value.trim());
    });
  }

  show(): void {
    this.#page.hidden = false;
    this.#form.hidden = false;
    this.waitingRoom.hide();
    void this.preview.open();
    const firstEmpty = [this.#name, this.#meeting, this.#passcode].find(({ value }) => value === '');
    (firstEmpty ?? element('join', HTMLButtonElement)).focus();
  }

  /** One has to wait for a host; shown in place of the form. @param giveUp One will wait no longer. */
  showWaiting(notice: WaitingNotice, giveUp: () => void): void {
    this.#page.hidden = false;
    this.#form.hidden = true;
    this.waitingRoom.show(notice, giveUp);
  }

  hide(): void {
    this.#page.hidden = true;
    this.#form.hidden = false;
    this.waitingRoom.hide();
    this.#explain('');
  }

  fill(meeting: string, passcode: string): void {
    this.#meeting.value = formatMeetingId(meeting);
    this.#passcode.value = passcode;
  }

  /** The meeting is made and wants a name before one can go in. */
  askForName(): void {
    this.#explain('Your meeting is ready. Enter your name, then press Join.', this.#name);
  }

  async #join(): Promise<void> {
    const meeting = normalizeMeetingId(this.#meeting.value);
    const name = this.#name.value.trim();
    if (name === '') return this.#explain('Enter your name.', this.#name);
    const wrong = explainMeetingId(meeting);
    if (wrong !== undefined) return this.#explain(wrong, this.#meeting);
    remember(name);
    await this.#whileBusy('Joining…', () =>
      this.#actions.join({ name, meeting, passcode: this.#passcode.value.trim(), ...hostKeyFor(meeting) }),
    );
  }

  async #create(): Promise<void> {
    const name = this.#name.value.trim();
    if (name !== '') remember(name);
    await this.#whileBusy('Starting a meeting…', () => this.#actions.create(name));
  }

  /** The buttons stay where they are and keep the focus; a second press while busy does nothing. */
  async #whileBusy(words: string, act: () => Promise<void>): Promise<void> {
    await this.#attempt.make(async () => {
      this.#progress.textContent = words;
      await act().finally(() => {
        this.#progress.textContent = '';
      });
    });
  }

  #explain(words: string, field?: HTMLInputElement): void {
    this.#problem.textContent = words;
    for (const each of [this.#name, this.#meeting, this.#passcode]) {
      each.toggleAttribute('aria-invalid', false);
      each.removeAttribute('aria-describedby');
    }
    if (field === undefined) return;
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', this.#problem.id);
    field.focus();
  }

  #readFragment(): void {
    const invite = readInvite(location.hash);
    if (invite === undefined) return;
    this.fill(invite.meeting, invite.passcode);
    element('lobby-title', HTMLElement).textContent = 'You are invited';
    element('lobby-lead', HTMLElement).textContent = 'Enter your name and join the meeting.';
  }

  /** People paste whole links where only the number belongs. */
  #pasteInvite(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text') ?? '';
    const invite = text.includes('#') ? readInvite(text.slice(text.indexOf('#'))) : undefined;
    if (invite === undefined) return;
    event.preventDefault();
    this.fill(invite.meeting, invite.passcode);
  }
}

/** Who made the meeting with this browser comes as its host. */
function hostKeyFor(meeting: string): { hostKey?: string } {
  const hostKey = hostKeyOf(meeting);
  return hostKey === undefined ? {} : { hostKey };
}

/** Storage may be switched off; then the name is simply asked for again. */
function recall(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // See recall().
  }
}
