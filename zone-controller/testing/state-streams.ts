/** The streams between the fake routers of a zone, by which the states of their meetings are kept alike. */
import type { MeetingId, RouterId } from '../../common/ids.ts';

/** A router's end of them. */
export interface StreamEnd {
  reachable(router: RouterId): void;
  unreachable(router: RouterId): void;
  handle(router: RouterId, meeting: MeetingId, json: string): void;
}

export class StateStreams {
  readonly #ends = new Map<RouterId, StreamEnd>();

  open(router: RouterId, end: StreamEnd): void {
    for (const [other, each] of this.#ends) {
      each.reachable(router);
      end.reachable(other);
    }
    this.#ends.set(router, end);
  }

  close(router: RouterId): void {
    if (!this.#ends.delete(router)) return;
    for (const end of this.#ends.values()) end.unreachable(router);
  }

  /** In order, and not before the caller is done. */
  send(from: RouterId, to: RouterId, meeting: MeetingId, json: string): void {
    const end = this.#ends.get(to);
    setImmediate(() => {
      if (end !== undefined && this.#ends.get(to) === end && this.#ends.has(from)) end.handle(from, meeting, json);
    });
  }
}
