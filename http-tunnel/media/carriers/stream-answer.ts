/** The way down of `httpStream`: one answer that does not end. */
import { RECORDS_HEADERS, type Response } from './http-exchange.ts';

const BATCH_BYTES = 16 * 1024;

export class StreamAnswer {
  readonly batchBytes = BATCH_BYTES;
  unsentBytes = 0;
  readonly #response: Response;
  readonly #drained: () => void;

  constructor(response: Response, drained: () => void) {
    this.#response = response;
    this.#drained = drained;
    response.writeHead(200, RECORDS_HEADERS);
  }

  get isReady(): boolean {
    return !this.#response.writableEnded;
  }

  write(message: Buffer): void {
    this.unsentBytes += message.length;
    this.#response.write(message, () => {
      this.unsentBytes -= message.length;
      this.#drained();
    });
  }

  close(): void {
    this.#response.end();
  }
}
