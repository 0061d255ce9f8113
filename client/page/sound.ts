import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';

/** Plays the audio slots, and asks for a click where the browser wants one first. */
export class Sound {
  /** By the slot's track. */
  readonly #players = new Map<MediaStreamTrack, HTMLAudioElement>();
  readonly #request = element('sound-request', HTMLElement);
  readonly #turnOn = element('turn-on-sound', HTMLButtonElement);
  readonly #onTurnOn = () => void this.#play();

  constructor() {
    this.#turnOn.addEventListener('click', this.#onTurnOn);
  }

  /** Plays what the audio slots are now. Slots keep their tracks, so this does something once per media connection. */
  refresh(meeting: Meeting): void {
    const tracks = new Set([...meeting.slots.values()].flatMap(({ kind, track }) => (kind === 'audio' ? track : [])));
    const gone = [...this.#players.keys()].filter((track) => !tracks.has(track));
    const added = [...tracks].filter((track) => !this.#players.has(track));
    for (const track of added) {
      const player = new Audio();
      player.srcObject = new MediaStream([track]);
      this.#players.set(track, player);
    }
    // Rather heard twice for a moment than not at all.
    void this.#play().then(() => {
      for (const track of gone) this.#release(track);
    });
  }

  dispose(): void {
    for (const track of this.#players.keys()) this.#release(track);
    this.#request.hidden = true;
    this.#turnOn.removeEventListener('click', this.#onTurnOn);
  }

  async #play(): Promise<void> {
    const attempts = await Promise.allSettled([...this.#players.values()].map((player) => player.play()));
    this.#request.hidden = !attempts.some(({ status, ...rest }) => status === 'rejected' && isRefusal(rest));
  }

  #release(track: MediaStreamTrack): void {
    const player = this.#players.get(track);
    if (player === undefined) return;
    this.#players.delete(track);
    player.pause();
    player.srcObject = null;
  }
}

function isRefusal(result: object): boolean {
  return 'reason' in result && result.reason instanceof DOMException && result.reason.name === 'NotAllowedError';
}
