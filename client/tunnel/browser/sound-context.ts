/** One AudioContext for all sound that goes by a tunnel, on the clock of Opus. */
import { SAMPLE_RATE } from '../receive/playout-buffer.ts';

const WORKLETS = ['./playout-worklet.ts', './capture-worklet.ts'];
/** What browsers take for somebody's wish to hear something. */
const GESTURES = ['pointerdown', 'keydown'];

export class SoundContext {
  readonly context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
  /** The worklets can be used. */
  readonly ready: Promise<void>;
  readonly #wake = () => void this.context.resume().catch(() => undefined);

  constructor() {
    const modules = WORKLETS.map((name) => this.context.audioWorklet.addModule(new URL(name, import.meta.url)));
    this.ready = Promise.all(modules).then(() => undefined);
    // Its failure is reported where it is awaited.
    this.ready.catch(() => undefined);
    // A context that was made before anybody touched the page sleeps until somebody does.
    for (const name of GESTURES) window.addEventListener(name, this.#wake, { capture: true });
    this.#wake();
  }

  close(): void {
    for (const name of GESTURES) window.removeEventListener(name, this.#wake, { capture: true });
    void this.context.close().catch(() => undefined);
  }
}
