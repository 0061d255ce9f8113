/**
 * Ends meetings that may only last so many minutes, and says so before. The zone's leader does it; since when a meeting has been running is kept
 * in its definition, so that the next leader goes on counting.
 */

import type { Audit } from '../../common/audit/audit.ts';
import { toZonecastError, ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Definitions } from '../meeting/definitions.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';

/** A meeting lasts so much longer than it may, at most. */
const LOOK_MS = 5_000;
/** People are told when no more than this is left, the first one first. Not at the beginning of a meeting that is no longer. */
const WARNINGS_MS = [5 * 60_000, 60_000];

export interface TimeLimitsOptions {
  readonly records: Pick<ZoneRecords, 'definition' | 'putDefinition'>;
  readonly mirror: Pick<ZoneMirror, 'definitions' | 'placements'>;
  readonly definitions: Pick<Definitions, 'end'>;
  readonly isLeader: () => boolean;
  readonly endRunning: (meeting: MeetingId) => Promise<void>;
  /** Tells those who are in it that it will be ended in so long. */
  readonly warn: (meeting: MeetingId, leftMs: number) => Promise<void>;
  readonly audit: Audit;
  readonly log: Logger;
}

export class TimeLimits {
  readonly #options: TimeLimitsOptions;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** How much was left when people were told last. The next leader tells them again. */
  readonly #warnedMs = new Map<MeetingId, number>();

  constructor(options: TimeLimitsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#lookOnce(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Looks at all meetings. @throws ZonecastError when the registry is away */
  async look(nowMs: number): Promise<void> {
    const { mirror } = this.#options;
    for (const [meeting, definition] of mirror.definitions) {
      const { runningSinceMs, limits } = definition;
      const isLimited = limits?.minutes !== undefined && mirror.placements.get(meeting)?.root != null;
      if (!isLimited && runningSinceMs !== undefined) await this.#note(meeting, undefined);
      if (isLimited && runningSinceMs === undefined) await this.#note(meeting, nowMs);
      const leftMs = isLimited ? leftOf(definition, nowMs) : Number.POSITIVE_INFINITY;
      if (leftMs <= 0) await this.#end(meeting, nowMs);
      else if (!definition.ended) await this.#warn(meeting, definition, leftMs);
    }
    for (const meeting of this.#warnedMs.keys()) if (!mirror.definitions.has(meeting)) this.#warnedMs.delete(meeting);
  }

  async #lookOnce(): Promise<void> {
    const { isLeader, log } = this.#options;
    if (this.#isLooking || !isLeader()) return;
    this.#isLooking = true;
    try {
      await this.look(Date.now());
    } catch (error) {
      log.warn({ err: error }, 'meetings could not be looked at for their limits');
    } finally {
      this.#isLooking = false;
    }
  }

  /** Who could not be told now is told at the next look. */
  async #warn(meeting: MeetingId, { limits }: MeetingDefinition, leftMs: number): Promise<void> {
    const lengthMs = (limits?.minutes ?? 0) * 60_000;
    const dueMs = WARNINGS_MS.findLast((each) => each < lengthMs && leftMs <= each);
    if (dueMs === undefined) this.#warnedMs.delete(meeting);
    if (dueMs === undefined || (this.#warnedMs.get(meeting) ?? Number.POSITIVE_INFINITY) <= dueMs) return;
    try {
      await this.#options.warn(meeting, leftMs);
      this.#warnedMs.set(meeting, leftMs);
    } catch (error) {
      this.#options.log.warn({ meeting, err: error }, 'people could not be told that their meeting will be ended');
    }
  }

  async #end(meeting: MeetingId, nowMs: number): Promise<void> {
    const { definitions, endRunning, audit, log } = this.#options;
    // First of all: who comes back to one that may be entered again has the whole time.
    if (!(await this.#note(meeting, nowMs))) return;
    const entry = { what: 'meetings.timeLimit', who: {}, meeting };
    try {
      await definitions.end(meeting);
      await endRunning(meeting);
      audit.record({ ...entry, outcome: 'done' });
      log.info({ meeting }, 'a meeting has lasted as long as it may');
    } catch (error) {
      audit.record({ ...entry, outcome: toZonecastError(error).code });
      throw error;
    }
  }

  /** False: somebody else has changed the meeting meanwhile. The next look sees that. */
  async #note(meeting: MeetingId, runningSinceMs: number | undefined): Promise<boolean> {
    const { records } = this.#options;
    const { value, revision } = await records.definition(meeting);
    if (value === undefined) return false;
    try {
      await records.putDefinition(meeting, { ...value, runningSinceMs }, revision);
      return true;
    } catch (error) {
      if (error instanceof ZonecastError && error.code === 'revisionConflict') return false;
      throw error;
    }
  }
}

/** Infinity: as long as people like. */
function leftOf({ limits, runningSinceMs }: MeetingDefinition, nowMs: number): number {
  if (limits?.minutes === undefined || runningSinceMs === undefined) return Number.POSITIVE_INFINITY;
  return runningSinceMs + limits.minutes * 60_000 - nowMs;
}
