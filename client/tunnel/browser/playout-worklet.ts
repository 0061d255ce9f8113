/** Plays the sound of one slot; see receive/playout-buffer.ts. */
import { PlayoutBuffer, SAMPLE_RATE } from '../receive/playout-buffer.ts';
import type { PlayoutOrder, PlayoutReport } from './sound-messages.ts';
import { workletScope } from './worklet-scope.ts';

const REPORT_EVERY = SAMPLE_RATE / 10;

class PlayoutProcessor extends workletScope.AudioWorkletProcessor {
  #isClosed = false;
  #sinceReport = 0;
  #squares = 0;
  readonly #buffer: PlayoutBuffer;

  constructor(options?: { processorOptions?: unknown }) {
    super(options);
    const given: unknown = options?.processorOptions;
    // As audio-slot.ts gives it.
    this.#buffer = new PlayoutBuffer((given as { targetMs: number }).targetMs);
    this.port.onmessage = ({ data }: MessageEvent<PlayoutOrder>) => this.#obey(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0];
    if (out !== undefined) this.#fill(out);
    return !this.#isClosed;
  }

  #obey(order: PlayoutOrder): void {
    if (order === 'close') this.#isClosed = true;
    else if ('targetMs' in order) this.#buffer.targetMs = order.targetMs;
    else this.#buffer.push(order.samples, order.mediaMs);
  }

  #fill(out: Float32Array): void {
    this.#buffer.read(out);
    for (const sample of out) this.#squares += sample * sample;
    this.#sinceReport += out.length;
    if (this.#sinceReport < REPORT_EVERY) return;
    const { mediaMs, levelMs, removed, played, missing, underruns } = this.#buffer;
    const energy = this.#squares / this.#sinceReport;
    this.port.postMessage({ mediaMs, levelMs, removed, played, missing, underruns, energy } satisfies PlayoutReport);
    this.#sinceReport = 0;
    this.#squares = 0;
  }
}

workletScope.registerProcessor('zonecast-playout', PlayoutProcessor);
