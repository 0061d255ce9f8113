/** What holds for everybody in the meeting; for hosts. Each switch acts at once. */
import type { MeetingAct } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';

/** The switches, and what each of them does. */
const SWITCHES = {
  locked: (value: boolean): MeetingAct => ({ type: value ? 'lock' : 'unlock' }),
  'waiting-room': (value: boolean): MeetingAct => ({ type: 'setSetting', setting: 'waitingRoom', value }),
  'join-before-host': (value: boolean): MeetingAct => ({ type: 'setSetting', setting: 'joinBeforeHost', value }),
  'unmute-self': (value: boolean): MeetingAct => ({ type: 'setSetting', setting: 'unmuteSelf', value }),
  'rename-self': (value: boolean): MeetingAct => ({ type: 'setSetting', setting: 'renameSelf', value }),
  share: (value: boolean): MeetingAct => ({ type: 'setSetting', setting: 'shareBy', value: value ? 'all' : 'host' }),
} as const;

type Switch = keyof typeof SWITCHES;

export class SettingsDialog {
  readonly #meeting: Meeting;
  readonly #dialog = element('settings-dialog', HTMLDialogElement);
  readonly #chat = element('setting-chat', HTMLSelectElement);
  readonly #problem = element('settings-problem', HTMLElement);

  /** @param signal Ends it. */
  constructor(meeting: Meeting, signal: AbortSignal) {
    this.#meeting = meeting;
    for (const name of Object.keys(SWITCHES) as Switch[]) {
      const box = boxOf(name);
      box.addEventListener('change', () => void this.#act(SWITCHES[name](box.checked)), { signal });
    }
    this.#chat.addEventListener('change', () => void this.#act(this.#chatAct()), { signal });
    signal.addEventListener('abort', () => this.#dialog.close());
  }

  open(): void {
    this.#problem.textContent = '';
    this.refresh();
    this.#dialog.showModal();
  }

  refresh(): void {
    const { settings } = this.#meeting.record;
    boxOf('locked').checked = settings.locked;
    boxOf('waiting-room').checked = settings.waitingRoom;
    boxOf('join-before-host').checked = settings.joinBeforeHost;
    boxOf('unmute-self').checked = settings.unmuteSelf;
    boxOf('rename-self').checked = settings.renameSelf;
    boxOf('share').checked = settings.shareBy === 'all';
    this.#chat.value = settings.chat;
    if (this.#dialog.open && !this.#meeting.isHost) this.#dialog.close();
  }

  #chatAct(): MeetingAct {
    const value = this.#chat.value === 'off' ? 'off' : this.#chat.value === 'host' ? 'host' : 'all';
    return { type: 'setSetting', setting: 'chat', value };
  }

  async #act(act: MeetingAct): Promise<void> {
    this.#problem.textContent = '';
    try {
      await this.#meeting.act(act);
    } catch (error) {
      this.#problem.textContent = error instanceof Error ? error.message : String(error);
      this.refresh();
    }
  }
}

function boxOf(name: Switch): HTMLInputElement {
  return element(`setting-${name}`, HTMLInputElement);
}
