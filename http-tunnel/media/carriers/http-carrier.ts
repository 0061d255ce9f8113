/** A session by requests of HTTP: uploads are numbered, and the way down is one long answer or many short ones. */
import type { TunnelSession } from '../session/tunnel-session.ts';
import type { Carrier } from './carrier.ts';
import type { Response } from './http-exchange.ts';
import { type Asked, PollAnswers } from './poll-answers.ts';
import { StreamAnswer } from './stream-answer.ts';
import { UploadOrder } from './upload-order.ts';

export class HttpCarrier implements Carrier {
  /** In the paths of its requests; new for each carrier of a session. */
  readonly number: number;
  /** Requests whose bodies are being read. */
  reading = 0;
  readonly #session: TunnelSession;
  readonly #uploads = new UploadOrder();
  #down: StreamAnswer | PollAnswers | undefined;
  #isOver = false;

  constructor(number: number, session: TunnelSession) {
    this.number = number;
    this.#session = session;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isReady(): boolean {
    return this.#down?.isReady === true;
  }

  get unsentBytes(): number {
    return this.#down?.unsentBytes ?? 0;
  }

  get batchBytes(): number {
    return this.#down?.batchBytes ?? 0;
  }

  /** False: there is a way down already. */
  openStream(response: Response): boolean {
    if (this.#down !== undefined) return false;
    this.#down = new StreamAnswer(response, () => this.#session.handleDrained(this));
    // What was under way is lost: the next carrier begins after what was received.
    response.on('close', () => this.#lose());
    this.#session.handleHeard(this);
    this.#session.handleDrained(this);
    return true;
  }

  poll(number: number, response: Response): Asked {
    this.#down ??= new PollAnswers(() => this.#session.handleDrained(this));
    if (this.#down instanceof StreamAnswer) return 'outOfOrder';
    this.#session.handleHeard(this);
    const asked = this.#down.ask(number, response);
    if (asked === 'waits') {
      this.#session.handleArrived(this, this.#down.arrivedBytes);
      this.#session.handleDrained(this);
    }
    return asked;
  }

  /** False: too far ahead. */
  upload(number: number, body: Buffer): boolean {
    const bodies = this.#uploads.push(number, body);
    for (const ready of bodies ?? []) this.#session.handleMessage(this, ready);
    return bodies !== undefined;
  }

  write(message: Buffer): void {
    this.#down?.write(message);
  }

  close(): void {
    this.#isOver = true;
    this.#down?.close();
  }

  #lose(): void {
    this.#isOver = true;
    this.#session.detach(this);
  }
}
