/**
 * Operators ask for one participant to go elsewhere (`moves/` in the registry). The controller that his client is
 * connected to asks it, and deletes the wish. What they ask of whole places is the leader's.
 */
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { OperatorMirror } from '../registry/operator-mirror.ts';
import { moveWishId, type ZoneRecords } from '../registry/records.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Moves } from './moves.ts';
import type { Session } from './session.ts';

export interface MoveWishesOptions {
  readonly records: Pick<ZoneRecords, 'deleteMove'>;
  readonly operators: Pick<OperatorMirror, 'moves' | 'onMove'>;
  readonly meetings: LiveMeetings;
  readonly moves: Moves;
  readonly log: Logger;
}

export class MoveWishes {
  readonly #options: MoveWishesOptions;

  constructor(options: MoveWishesOptions) {
    this.#options = options;
  }

  start(): void {
    const { operators, meetings } = this.#options;
    operators.onMove((id) => {
      const participant = operators.moves.get(id)?.participant;
      // The cast: the id begins with the meeting's.
      const meeting = meetings.get(id.slice(0, id.indexOf('+')) as MeetingId);
      const session = participant === undefined ? undefined : meeting?.sessions.get(participant);
      if (session !== undefined) this.check(session);
    });
  }

  /** Somebody is here, or has just come: perhaps an operator wants him elsewhere. */
  check(session: Session): void {
    const { operators, moves, log } = this.#options;
    const { meeting, participant, place } = session;
    const id = moveWishId(meeting.id, participant);
    const wish = operators.moves.get(id);
    if (wish === undefined) return;
    const router = place?.mirror.router;
    // Where he has gone from there already, nothing is left to do.
    if (router === wish.from.router && wish.expiresMs > Date.now()) {
      log.info({ meeting: meeting.id, participant, from: router, to: wish.to, by: wish.by }, 'somebody is to move');
      moves.send(session, router, wish.to);
    }
    void this.#fulfilled(id);
  }

  async #fulfilled(id: string): Promise<void> {
    const { records, log } = this.#options;
    await records.deleteMove(id).catch((error: unknown) => log.warn({ err: error }, 'a wish could not be deleted'));
  }
}
