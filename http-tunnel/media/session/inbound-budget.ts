/** How much one client may say: far more than any has to, and little enough that nobody keeps the process busy alone. */
import { TokenBucket } from '../../../mmr/media/token-bucket.ts';

export class InboundBudget {
  /** Camera in three sizes, screen and microphone are about 1500 packets a second; after a stall of the network more come at once. */
  readonly #media = new TokenBucket(4_000, 16_000);
  readonly #mediaBytes = new TokenBucket(3_000_000, 12_000_000);
  readonly #texts = new TokenBucket(50, 500);
  /** Each is a connection to a zone-controller: a client whose signalling breaks opens the next one after a pause. */
  readonly #signallings = new TokenBucket(1, 10);
  /** Messages of the carrier, however little is in them. */
  readonly #messages = new TokenBucket(4_000, 16_000);

  takeMessage(nowMs: number): boolean {
    return this.#messages.take(nowMs * 1000, 1);
  }

  takeText(nowMs: number): boolean {
    return this.#texts.take(nowMs * 1000, 1);
  }

  takeSignalling(nowMs: number): boolean {
    return this.#signallings.take(nowMs * 1000, 1);
  }

  takeMedia(nowMs: number, sizeBytes: number): boolean {
    return this.#media.take(nowMs * 1000, 1) && this.#mediaBytes.take(nowMs * 1000, sizeBytes);
  }
}
