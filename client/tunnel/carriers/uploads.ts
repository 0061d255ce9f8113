/**
 * What goes up by HTTP: numbered POSTs, several under way at a time, so that a round trip does not limit what is sent. What comes while enough are under
 * way goes together in the next one.
 */
import { concatenate } from '../concatenate.ts';

/** Browsers open six connections to a host over HTTP/1.1; polls take two, and one is left for who else asks. The tunnel takes MAX_UPLOADS. */
export const MOST_UPLOADS = 3;
/** With others under way, records are gathered for so long: 50 requests a second at most. */
const GATHER_MS = 20;
const MAX_BODY_BYTES = 64 * 1024;
/** One that got lost on its way is said again, with the same number: the tunnel applies it once. */
const RETRIES = 2;
const RETRY_MS = 200;

export interface UploadSteps {
  /** Rejects when it did not arrive. */
  post(number: number, body: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Whether it makes sense to say it again. */
  isWorthRetrying(error: unknown): boolean;
  /** One did not arrive, and will not. */
  failed(error: unknown): void;
}

export class Uploads {
  readonly #steps: UploadSteps;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #underWay = 0;
  #number = 0;
  #queuedBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(steps: UploadSteps) {
    this.#steps = steps;
  }

  /** Given to `push` and not confirmed. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(message: Uint8Array<ArrayBuffer>): void {
    if (this.#isOver) return;
    this.#waiting.push(message);
    this.#queuedBytes += message.length;
    this.#schedule();
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#isOver || this.#timer !== undefined || this.#waiting.length === 0) return;
    if (this.#underWay >= MOST_UPLOADS) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#post(this.#take());
        this.#schedule();
      },
      this.#underWay === 0 ? 0 : GATHER_MS,
    );
  }

  #take(): Uint8Array<ArrayBuffer> {
    const taken: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    // One message alone may be longer than that: a text has 64 KiB in a record.
    while (
      this.#waiting[0] !== undefined &&
      (taken.length === 0 || bytes + this.#waiting[0].length <= MAX_BODY_BYTES)
    ) {
      bytes += this.#waiting[0].length;
      taken.push(...this.#waiting.splice(0, 1));
    }
    return concatenate(taken);
  }

  async #post(body: Uint8Array<ArrayBuffer>): Promise<void> {
    const number = ++this.#number;
    this.#underWay++;
    for (let retries = 0; !this.#isOver; retries++) {
      try {
        await this.#steps.post(number, body);
        break;
      } catch (error) {
        if (this.#isOver) return;
        if (retries >= RETRIES || !this.#steps.isWorthRetrying(error)) {
          this.close();
          this.#steps.failed(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#underWay--;
    this.#queuedBytes -= body.length;
    this.#schedule();
  }
}
