/**
 * Who has left a breakout room is still a part of the meeting that it belongs to, which hears of it here if he does not come
 * back: he may have closed his browser. Who is only on the way, to another router, back or to another room, is not meant.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { placesOf } from '../placement/placement-tree.ts';
import type { Placements } from '../placement/placements.ts';
import type { Rooms } from './rooms.ts';
import type { RouterCommands } from './router-commands.ts';

/** Routers that do not answer are asked again, so often. */
const ATTEMPTS = 6;

export interface DeparturesOptions {
  readonly placements: Pick<Placements, 'find'>;
  readonly commands: Pick<RouterCommands, 'people'>;
  readonly rooms: Pick<Rooms, 'left'>;
  readonly log: Logger;
  /** For somebody to be in the room again, and for its routers to agree about that. */
  readonly goneMs: number;
}

export class Departures {
  readonly #options: DeparturesOptions;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** A router says that he is not in the room any more. `main`: the meeting that it belongs to. */
  left(room: MeetingId, main: MeetingId, participant: ParticipantId, attempts = ATTEMPTS): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#look(room, main, participant, attempts);
    }, this.#options.goneMs);
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  async #look(room: MeetingId, main: MeetingId, participant: ParticipantId, attempts: number): Promise<void> {
    try {
      if (!(await this.#isThere(room, participant))) await this.#options.rooms.left(room, main, participant);
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      this.#options.log.debug({ meeting: room, participant, err: error }, 'not known whether he has left the room');
      if (attempts > 1) this.left(room, main, participant, attempts - 1);
    }
  }

  /** On any router of the room, also on those of other zones. */
  async #isThere(room: MeetingId, participant: ParticipantId): Promise<boolean> {
    const { placements, commands } = this.#options;
    const placement = await placements.find(room);
    const routers = new Set(placement === undefined ? [] : placesOf(placement).map(({ router }) => router));
    const answers = await Promise.all([...routers].map((router) => commands.people(router, room)));
    return answers.some(({ people }) => people.some(({ entry }) => entry.participant === participant));
  }
}
