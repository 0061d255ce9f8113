/**
 * Tells routers where meetings are. Level-triggered: of each meeting a router is told the newest there is, until it has
 * taken that; what is overtaken is not sent any more. A router that a meeting has left is told to close it, up to the
 * epoch before: that may be said as often and as late as it will, without harm to a meeting that has come back there.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { endedEpoch, isNewer, isOn, isSpread, placesOf } from '../placement/placement-tree.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { RouterCommands } from './router-commands.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** What is to be said to a router that was lost is kept for so long: it may only have been frozen, or cut off. */
const LOST_KEPT_MS = 60 * 60_000;
/** Past this, whoever waits for a router is told to try again. */
const TAKEN_MS = 3_000;

export interface TreeSenderOptions {
  readonly commands: Pick<RouterCommands, 'setTree' | 'close'>;
  /** Whether the router can be there at all. */
  readonly has: (router: RouterId) => boolean;
  readonly log: Logger;
}

/** What one router is to know of one meeting. */
interface Word {
  placement: MeetingPlacement;
  /** The router has taken it. */
  isTaken: boolean;
  isOnTheWay: boolean;
  /** To be sent again as soon as it has arrived. */
  isAgain: boolean;
  attempt: number;
  retry: NodeJS.Timeout | undefined;
  readonly waiting: Set<PromiseWithResolvers<void>>;
}

export class TreeSender {
  readonly #options: TreeSenderOptions;
  readonly #words = new Map<MeetingId, Map<RouterId, Word>>();
  /** When what there is to say to them is forgotten. */
  readonly #lost = new Map<RouterId, NodeJS.Timeout>();
  #isClosed = false;

  constructor(options: TreeSenderOptions) {
    this.#options = options;
  }

  /** The meeting is there now: its routers are told, and those that it has left. */
  tell(meeting: MeetingId, placement: MeetingPlacement): void {
    const words = this.#words.get(meeting);
    for (const router of words?.keys() ?? []) if (!isOn(placement, router)) this.end(meeting, router, placement);
    if (!isSpread(placement)) return;
    for (const { router } of placesOf(placement)) this.#want(meeting, router, placement);
  }

  /** The meeting is not on this router, whatever that thinks. */
  end(meeting: MeetingId, router: RouterId, placement: MeetingPlacement): void {
    if (this.#options.has(router) || this.#lost.has(router)) this.#want(meeting, router, placement);
    else this.#forget(meeting, router);
  }

  /**
   * Resolves when the routers know of the placement, or of a later one. @throws ZonecastError `noRouter` when one does not
   * answer
   */
  async taken(meeting: MeetingId, placement: MeetingPlacement, routers: readonly RouterId[]): Promise<void> {
    if (!isSpread(placement)) return;
    const timer = setTimeout(() => {
      for (const router of routers) this.#fail(this.#words.get(meeting)?.get(router));
    }, TAKEN_MS);
    try {
      await Promise.all(routers.map((router) => this.#taken(meeting, placement, router)));
    } finally {
      clearTimeout(timer);
    }
  }

  /** The router listens anew: perhaps it is another process, and knows nothing. */
  subscribed(router: RouterId): void {
    this.#found(router);
    for (const [meeting, words] of this.#words) {
      const word = words.get(router);
      if (word !== undefined) this.#begin(meeting, router, word);
    }
  }

  /** Nothing is said to it any more, unless it comes back. */
  lost(router: RouterId): void {
    this.#found(router);
    const forget = (): void => {
      this.#lost.delete(router);
      for (const meeting of [...this.#words.keys()]) this.#forget(meeting, router);
    };
    this.#lost.set(router, setTimeout(forget, LOST_KEPT_MS).unref());
    for (const words of this.#words.values()) {
      const word = words.get(router);
      clearTimeout(word?.retry);
      if (word?.isTaken === false) this.#fail(word);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const router of [...this.#lost.keys()]) this.#found(router);
    for (const [meeting, words] of [...this.#words])
      for (const router of [...words.keys()]) this.#forget(meeting, router);
  }

  async #taken(meeting: MeetingId, placement: MeetingPlacement, router: RouterId): Promise<void> {
    const word = this.#want(meeting, router, placement);
    if (word.isTaken) return;
    const waiting = Promise.withResolvers<void>();
    word.waiting.add(waiting);
    await waiting.promise.finally(() => word.waiting.delete(waiting));
  }

  #want(meeting: MeetingId, router: RouterId, placement: MeetingPlacement): Word {
    const words = this.#words.get(meeting) ?? new Map<RouterId, Word>();
    this.#words.set(meeting, words);
    let word = words.get(router);
    if (word === undefined) {
      word = newWord(placement);
      words.set(router, word);
      this.#begin(meeting, router, word);
    } else if (isNewer(placement, word.placement)) {
      word.placement = placement;
      this.#begin(meeting, router, word);
    }
    return word;
  }

  #begin(meeting: MeetingId, router: RouterId, word: Word): void {
    Object.assign(word, { isTaken: false, isAgain: word.isOnTheWay, attempt: 0 });
    void this.#send(meeting, router, word);
  }

  async #send(meeting: MeetingId, router: RouterId, word: Word): Promise<void> {
    clearTimeout(word.retry);
    if (word.isOnTheWay || this.#isClosed) return;
    const { placement } = word;
    const { commands } = this.#options;
    Object.assign(word, { isOnTheWay: true, isAgain: false });
    let error: unknown;
    try {
      if (isOn(placement, router)) await commands.setTree(router, meeting, placement);
      else await commands.close(router, meeting, endedEpoch(placement));
    } catch (failure) {
      error = failure;
    }
    word.isOnTheWay = false;
    if (this.#words.get(meeting)?.get(router) !== word) return;
    if (word.isAgain) void this.#send(meeting, router, word);
    else if (error === undefined) this.#take(meeting, router, word);
    else this.#failed(meeting, router, word, error);
  }

  #take(meeting: MeetingId, router: RouterId, word: Word): void {
    word.isTaken = true;
    for (const waiting of word.waiting) waiting.resolve();
    if (!isOn(word.placement, router)) this.#forget(meeting, router);
  }

  #failed(meeting: MeetingId, router: RouterId, word: Word, error: unknown): void {
    const code = error instanceof ZonecastError ? error.code : 'internal';
    // The router knows of a later one, which will come to be known here, too.
    if (code === 'staleEpoch') {
      this.#take(meeting, router, word);
      return;
    }
    if (code !== 'noRouter') {
      this.#options.log.error({ meeting, router, err: error }, 'a router does not take where a meeting is');
      this.#fail(word);
    }
    if (!this.#options.has(router)) {
      if (this.#lost.has(router)) this.#fail(word);
      else this.#forget(meeting, router);
      return;
    }
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** word.attempt++, MAX_RETRY_MS);
    word.retry = setTimeout(() => void this.#send(meeting, router, word), delayMs);
  }

  #found(router: RouterId): void {
    clearTimeout(this.#lost.get(router));
    this.#lost.delete(router);
  }

  #forget(meeting: MeetingId, router: RouterId): void {
    const words = this.#words.get(meeting);
    const word = words?.get(router);
    if (words === undefined || word === undefined) return;
    clearTimeout(word.retry);
    words.delete(router);
    if (words.size === 0) this.#words.delete(meeting);
    if (!word.isTaken) this.#fail(word);
  }

  #fail(word: Word | undefined): void {
    const message = 'A server of this meeting does not answer.';
    for (const waiting of word?.waiting ?? []) {
      waiting.reject(new ZonecastError('noRouter', message, { retryAfterMs: MAX_RETRY_MS }));
    }
  }
}

function newWord(placement: MeetingPlacement): Word {
  return {
    placement,
    isTaken: false,
    isOnTheWay: false,
    isAgain: false,
    attempt: 0,
    retry: undefined,
    waiting: new Set(),
  };
}
