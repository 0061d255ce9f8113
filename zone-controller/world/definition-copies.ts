/**
 * Meetings of other zones whose people come here: a copy of each definition is kept in the registry while it is used, so that the next
 * one who joins does not have to wait for the bus, nor be turned away without it.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import type { World } from './world.ts';

/** For so long a copy counts as new: who ends a meeting, or changes its passcode, is heard here a little later. */
const FRESH_MS = 15_000;
/** Of so many it is known when they were looked at; the one that was first is forgotten. */
const MAX_REMEMBERED = 10_000;

export interface DefinitionCopiesOptions {
  readonly world: Pick<World, 'definitionOf'>;
  readonly records: Pick<ZoneRecords, 'putDefinition' | 'deleteMeeting'>;
  /** How long a copy is kept after its last use, milliseconds. */
  readonly lifeMs: number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class DefinitionCopies {
  readonly #options: DefinitionCopiesOptions;
  readonly #askedMs = new Map<MeetingId, number>();

  constructor(options: DefinitionCopiesOptions) {
    this.#options = options;
  }

  /**
   * The definition, as its zone tells it; `copy`: as it was told before, which holds while that zone cannot be asked. undefined: there is no
   * such meeting. @throws ZonecastError `busUnavailable`, `requestTimedOut` when there is no copy either
   */
  async find(meeting: MeetingId, copy: MeetingDefinition | undefined): Promise<MeetingDefinition | undefined> {
    const { world, records, now, log } = this.#options;
    if (copy !== undefined && now() - (this.#askedMs.get(meeting) ?? Number.NEGATIVE_INFINITY) < FRESH_MS) return copy;
    let told: MeetingDefinition | undefined;
    try {
      told = await world.definitionOf(meeting);
    } catch (error) {
      if (copy === undefined || !(error instanceof ZonecastError)) throw error;
      log.warn({ meeting, err: error }, 'a meeting of another zone is taken as it was');
      return copy;
    }
    this.#remember(meeting);
    if (told === undefined) {
      if (copy !== undefined) await records.deleteMeeting(meeting);
      return undefined;
    }
    const kept = { ...told, expiresMs: Date.now() + this.#options.lifeMs };
    // Without a copy he comes in all the same.
    await records.putDefinition(meeting, kept).catch((error: unknown) => log.warn({ meeting, err: error }, 'no copy'));
    return kept;
  }

  #remember(meeting: MeetingId): void {
    this.#askedMs.delete(meeting);
    this.#askedMs.set(meeting, this.#options.now());
    const [first] = this.#askedMs.keys();
    if (this.#askedMs.size > MAX_REMEMBERED && first !== undefined) this.#askedMs.delete(first);
  }
}
