import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';

/** Plays the audio slots, and asks for a click where the browser wants one first. */
export class Sound {
  readonly #players: HTMLAudioElement[] = [];
  readonly #request = element('sound-request', HTMLElement);
  readonly #turnOn = element('turn-on-sound', HTMLButtonElement);
  readonly #onTurnOn = () => void this.#play();

  constructor() {
    this.#turnOn.addEventListener('click', this.#onTurnOn);
  }

  /** Slots keep their tracks, so this is needed once per media connection. */
  attach(meeting: Meeting): void {
    this.#release();
    for (const slot of meeting.slots.values()) {
      if (slot.kind !== 'audio') continue;
      const player = new Audio();
      player.srcObject = new MediaStream([slot.track]);
      this.#players.push(player);
    }
    void this.#play();
  }

  dispose(): void {
    this.#release();
    this.#request.hidden = true;
    this.#turnOn.removeEventListener('click', this.#onTurnOn);
  }

  async #play(): Promise<void> {
    const attempts = await Promise.allSettled(this.#players.map((player) => player.play()));
    this.#request.hidden = !attempts.some(({ status, ...rest }) => status === 'rejected' && isRefusal(rest));
  }

  #release(): void {
    for (const player of this.#players.splice(0)) {
      player.pause();
      player.srcObject = null;
    }
  }
}

function isRefusal(result: object): boolean {
  return 'reason' in result && result.reason instanceof DOMException && result.reason.name === 'NotAllowedError';
}
