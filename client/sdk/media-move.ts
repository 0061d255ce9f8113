/**
 * From one router to another: a second connection is made beside the first, and is ready to take its place when it shows
 * what the meeting carries.
 */
import type { ServerMessage, SourceKind } from '../../proto/signalling.ts';
import type { MediaWay } from './media-way.ts';
import { MeetingError } from './meeting-error.ts';

export interface MoveSteps {
  /** For how long what is shown may wait for pictures. */
  readonly patienceMs: number;
  /** Whether the meeting is all there by the new way, pictures aside. */
  isComplete(): boolean;
  /** Sends the offer. @throws MeetingError */
  request(offer: { offer: string; sources: Record<string, SourceKind> }): Promise<ServerMessage>;
  /** From now on, slots are those of the new connection, and this session is what `resume` takes. */
  answered(moved: Extract<ServerMessage, { type: 'moved' }>): void;
}

const CONNECT_MS = 10_000;
/** A key frame is there in one round trip to the publisher; longer than this, one that does not send holds us up. */
export const PICTURE_MS = 2_000;
/** With the old router lost, there is only a last picture of each to be seen meanwhile, and nothing to be heard. */
export const LOST_PICTURE_MS = 500;
/** Between zones, the way of media may have to be made first, and the old zone is well meanwhile. */
export const ZONE_PICTURE_MS = 15_000;
const LOOK_MS = 50;

export class MediaMove {
  readonly next: MediaWay;
  readonly #before: MediaWay;
  /** Resolves when `next` can be shown, or with why it cannot; never when abandoned. */
  readonly done: Promise<MeetingError | undefined>;
  readonly #steps: MoveSteps;
  #isAnswered = false;
  #isAbandoned = false;

  constructor(before: MediaWay, next: MediaWay, steps: MoveSteps) {
    this.#before = before;
    this.next = next;
    this.#steps = steps;
    this.done = this.#run().catch((error: unknown) =>
      error instanceof MeetingError ? error : new MeetingError('unsupported', String(error)),
    );
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.next.close();
  }

  async #run(): Promise<MeetingError | undefined> {
    const moved = await this.#steps.request(await this.next.offer());
    if (this.#isAbandoned || moved.type !== 'moved') return undefined;
    this.#isAnswered = true;
    this.next.contents.reset(moved.slots);
    this.#steps.answered(moved);
    await this.next.accept(moved.answer);
    if (!(await this.next.connected(CONNECT_MS))) return new MeetingError('noMedia');
    await this.#pictured();
    return this.next.state === 'failed' ? new MeetingError('noMedia') : undefined;
  }

  async #pictured(): Promise<void> {
    const lastMs = performance.now() + this.#steps.patienceMs;
    // By a connection that is lost nothing comes that could be missed.
    while (!this.#isAbandoned && this.#before.state === 'connected' && performance.now() < lastMs) {
      if (this.next.state === 'failed') return;
      if (this.#steps.isComplete() && (await this.next.isShowing(this.#before.contents))) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
