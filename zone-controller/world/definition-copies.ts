/**
 * Meetings of other zones whose people come here: a copy of each definition is kept in the registry while it is used, so that the next
 * one who joins does not have to wait for the bus, nor be turned away without it.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { comesAgain } from '../meeting/definitions.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import type { World } from './world.ts';

/** For so long a copy counts as new: who ends a meeting, or changes its passcode, is heard here a little later. */
const FRESH_MS = 15_000;
/** Of so many it is known when they were looked at; the one that was first is forgotten. */
const MAX_REMEMBERED = 10_000;

export interface DefinitionCopiesOptions {
  readonly world: Pick<World, 'definitionOf' | 'endMeeting'>;
  readonly records: Pick<ZoneRecords, 'definition' | 'putDefinition' | 'deleteMeeting'>;
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
    if (copy !== undefined && this.#options.now() - this.#lookedMs(meeting) < FRESH_MS) return copy;
    return this.#look(meeting, copy);
  }

  /** A host has ended it here, and its zone is to note that. As long as that cannot be, the copy says so, and each look asks again. */
  async end(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { records } = this.#options;
    const { value, revision } = await records.definition(meeting);
    if (value?.home === undefined || comesAgain(value)) return value;
    const ended = { ...value, ended: true, endUntold: true };
    await records.putDefinition(meeting, ended, revision);
    return this.#look(meeting, ended);
  }

  /** Its zone says, by itself, what it is now. */
  async told(meeting: MeetingId, told: MeetingDefinition): Promise<void> {
    const { value } = await this.#options.records.definition(meeting);
    // What is not used here needs no copy; and what comes late is no news.
    if (value?.home === undefined || value.endUntold === true) return;
    if ((told.revision ?? 1) >= (value.revision ?? 1)) await this.#keep(meeting, told);
  }

  async #look(meeting: MeetingId, copy: MeetingDefinition | undefined): Promise<MeetingDefinition | undefined> {
    const { world, records, log } = this.#options;
    let told: MeetingDefinition | undefined;
    try {
      told = await (copy?.endUntold === true ? world.endMeeting(meeting) : world.definitionOf(meeting));
    } catch (error) {
      if (copy === undefined || !(error instanceof ZonecastError)) throw error;
      log.warn({ meeting, err: error }, 'a meeting of another zone is taken as it was');
      return copy;
    }
    this.#remember(meeting);
    if (told !== undefined) return this.#keep(meeting, told);
    if (copy !== undefined) await records.deleteMeeting(meeting);
    return undefined;
  }

  /** The copy becomes what its zone says. Since when it has been running, each zone knows for itself; the longest counts. */
  async #keep(meeting: MeetingId, told: MeetingDefinition): Promise<MeetingDefinition> {
    const { records, lifeMs, log } = this.#options;
    const kept = { ...told, expiresMs: Date.now() + lifeMs };
    try {
      const { value, revision } = await records.definition(meeting);
      const runningSinceMs = earlier(value?.runningSinceMs, told.runningSinceMs);
      await records.putDefinition(
        meeting,
        { ...kept, ...(runningSinceMs !== undefined && { runningSinceMs }) },
        revision,
      );
    } catch (error) {
      // Without a copy he comes in all the same.
      if (!(error instanceof ZonecastError)) throw error;
      log.warn({ meeting, err: error }, 'no copy of a meeting of another zone could be kept');
    }
    return kept;
  }

  #lookedMs(meeting: MeetingId): number {
    return this.#askedMs.get(meeting) ?? Number.NEGATIVE_INFINITY;
  }

  #remember(meeting: MeetingId): void {
    this.#askedMs.delete(meeting);
    this.#askedMs.set(meeting, this.#options.now());
    const [first] = this.#askedMs.keys();
    if (this.#askedMs.size > MAX_REMEMBERED && first !== undefined) this.#askedMs.delete(first);
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  const known = [one, other].filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
