/**
 * Operators ask for one participant to go elsewhere (`moves/` in the registry). The controller that his client is
 * connected to asks it, and deletes the wish. What they ask of whole places is the leader's.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { isSamePlace } from '../placement/meeting-tree.ts';
import type { MoveWish, ZoneRecords } from '../registry/records.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Moves } from './moves.ts';

export interface MoveWishesOptions {
  readonly records: Pick<ZoneRecords, 'viewMoves' | 'deleteMove'>;
  readonly meetings: LiveMeetings;
  readonly moves: Moves;
  readonly log: Logger;
}

export class MoveWishes {
  readonly #options: MoveWishesOptions;
  #view: RegistryView | undefined;

  constructor(options: MoveWishesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#view = this.#options.records.viewMoves((id, wish) => this.#wished(id, wish));
  }

  close(): void {
    this.#view?.close();
  }

  #wished(id: string, wish: MoveWish | undefined): void {
    if (wish?.participant === undefined) return;
    const { meetings, moves } = this.#options;
    // The cast: the id begins with the meeting's.
    const meeting = meetings.get(id.slice(0, id.indexOf('+')) as MeetingId);
    const session = meeting?.sessions.get(wish.participant);
    const isOver = wish.expiresMs <= Date.now();
    if (session === undefined && !isOver) return;
    const { place } = session ?? {};
    const at = place === undefined ? undefined : { router: place.mirror.router, worker: place.worker };
    if (session !== undefined && at !== undefined && !isOver && isSamePlace(at, wish.from))
      moves.send(session, at.router);
    void this.#fulfilled(id);
  }

  async #fulfilled(id: string): Promise<void> {
    const { records, log } = this.#options;
    await records.deleteMove(id).catch((error: unknown) => log.warn({ err: error }, 'a wish could not be deleted'));
  }
}
