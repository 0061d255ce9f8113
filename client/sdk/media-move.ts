/**
 * From one router to another: a second connection is made beside the first, and is ready to take its place when it shows
 * what the meeting carries.
 */
import type { ServerMessage, SourceKind } from '../../proto/signalling.ts';
import type { MediaWay } from './media-way.ts';
import { MeetingError } from './meeting-error.ts';

export interface MoveSteps {
  /** For how long the new connection may take from the answer on. */
  readonly connectMs: number;
  /** For how long what is shown may wait for pictures. */
  readonly patienceMs: number;
  /** Whether the meeting is all there by the new way, pictures aside. */
  isComplete(): boolean;
  /** Sends the offer. @throws MeetingError */
  request(offer: { offer: string; sources: Record<string, SourceKind> }): Promise<ServerMessage>;
  /** From now on, slots are those of the new connection, and this session is what `resume` takes. */
  answered(moved: Extract<ServerMessage, { type: 'moved' }>): void;
}

/** What has become of a move. */
export type MoveEnd = 'arrived' | 'abandoned' | MeetingError;

/** To where the server wants us. */
export const ORDERED_CONNECT_MS = 10_000;
/** By another way to where we are: it was open a moment ago, or others can be tried. */
export const DETOUR_CONNECT_MS = 6_000;
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
  /** `arrived`: `next` can be shown. Otherwise it cannot, and is the caller's to abandon. */
  readonly done: Promise<MoveEnd>;
  readonly #steps: MoveSteps;
  readonly #abandoned = Promise.withResolvers<MoveEnd>();
  #isOffered = false;
  #isAnswered = false;
  #isAbandoned = false;

  constructor(before: MediaWay, next: MediaWay, steps: MoveSteps) {
    this.#before = before;
    this.next = next;
    this.#steps = steps;
    const end = this.#run().catch((error: unknown) =>
      error instanceof MeetingError ? error : new MeetingError('unsupported', String(error)),
    );
    this.done = Promise.race([this.#abandoned.promise, end]);
  }

  /** The server was asked. */
  get isOffered(): boolean {
    return this.#isOffered;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** `why`: it was not our own wish. */
  abandon(why?: MeetingError): void {
    this.#isAbandoned = true;
    this.next.close();
    this.#abandoned.resolve(why ?? 'abandoned');
  }

  async #run(): Promise<MoveEnd> {
    const offer = await this.next.offer();
    this.#isOffered = true;
    const moved = await this.#steps.request(offer);
    if (this.#isAbandoned || moved.type !== 'moved') return 'abandoned';
    this.#isAnswered = true;
    this.next.contents.reset(moved.slots);
    this.#steps.answered(moved);
    await this.next.accept(moved.answer);
    if (!(await this.next.connected(this.#steps.connectMs))) return new MeetingError('noMedia');
    await this.#pictured();
    return this.next.state === 'failed' ? new MeetingError('noMedia') : 'arrived';
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
