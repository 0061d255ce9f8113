/** Cuts what a microphone gives into pieces of 20 ms, one Opus frame each. */
import { SAMPLE_RATE } from '../receive/playout-buffer.ts';
import type { CapturedSound } from './sound-messages.ts';
import { workletScope } from './worklet-scope.ts';

const PIECE = SAMPLE_RATE / 50;

class CaptureProcessor extends workletScope.AudioWorkletProcessor {
  #piece = new Float32Array(PIECE);
  #filled = 0;
  #isClosed = false;

  constructor(options?: { processorOptions?: unknown }) {
    super(options);
    this.port.onmessage = () => {
      this.#isClosed = true;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    // An input without a source has no channel: nothing is sent then.
    const channel = inputs[0]?.[0];
    if (channel !== undefined) for (const sample of channel) this.#add(sample);
    return !this.#isClosed;
  }

  #add(sample: number): void {
    this.#piece[this.#filled++] = sample;
    if (this.#filled < PIECE) return;
    const samples = this.#piece;
    this.#piece = new Float32Array(PIECE);
    this.#filled = 0;
    this.port.postMessage({ samples } satisfies CapturedSound, [samples.buffer]);
  }
}

workletScope.registerProcessor('zonecast-capture', CaptureProcessor);
