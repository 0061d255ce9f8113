import type { Meeting } from '../sdk/meeting.ts';
import type { Announcer } from './announcer.ts';
import { element } from './element.ts';
import { hide } from './hide.ts';

/** A host asks one to turn on microphone or camera: a question that stays until it is answered. */
export class UnmuteRequest {
  readonly #meeting: Meeting;
  readonly #announcer: Announcer;
  readonly #notice = element('unmute-request', HTMLElement);
  readonly #accept = element('unmute-accept', HTMLButtonElement);
  #source: 'microphone' | 'camera' = 'microphone';

  /** @param signal Ends it. */
  constructor(meeting: Meeting, announcer: Announcer, signal: AbortSignal) {
    this.#meeting = meeting;
    this.#announcer = announcer;
    this.#accept.addEventListener(
      'click',
      () => {
        this.#hide();
        void meeting.setMuted(this.#source, false);
      },
      { signal },
    );
    element('unmute-decline', HTMLButtonElement).addEventListener('click', () => this.#hide(), { signal });
    signal.addEventListener('abort', () => this.#hide());
    this.#hide();
  }

  show(source: 'microphone' | 'camera'): void {
    if (this.#meeting.isLive(source)) return;
    this.#source = source;
    const words = source === 'microphone' ? 'The host asks you to unmute.' : 'The host asks you to start your video.';
    element('unmute-request-words', HTMLElement).textContent = words;
    this.#accept.textContent = source === 'microphone' ? 'Unmute me' : 'Start my video';
    this.#notice.hidden = false;
    this.#announcer.say(words);
  }

  /** One has turned it on by other means. */
  refresh(): void {
    if (this.#meeting.isLive(this.#source)) this.#hide();
  }

  #hide(): void {
    hide(this.#notice, element(this.#source === 'microphone' ? 'mute' : 'video', HTMLButtonElement));
  }
}
