/** The meetings that exist, whether anybody is in them or not: made here, kept in the registry, forgotten after a day. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import { randomMeetingId } from './meeting-id.ts';
import { hashSecret, randomHostKey, randomPasscode } from './secret.ts';

/** A collision in 9·10⁹ ids is rare; several in a row mean that something else is wrong. */
const MAX_ATTEMPTS = 5;
/** Between two searches for room while there is none: each reads all definitions. */
const SWEEP_PAUSE_MS = 5_000;

export interface NewMeeting {
  readonly meeting: MeetingId;
  readonly passcode: string;
  readonly hostKey: string;
}

export interface DefinitionsOptions {
  readonly records: ZoneRecords;
  /** Kept at most. */
  readonly capacity: number;
  /** Kept for this long after their last use. */
  readonly lifeMs: number;
  /** Meetings that are running are not forgotten. */
  readonly isLive: (meeting: MeetingId) => boolean;
}

export class Definitions {
  readonly #options: DefinitionsOptions;
  /** Known to this controller; corrected by every sweep. */
  #count = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(options: DefinitionsOptions) {
    this.#options = options;
  }

  /**
   * Makes a meeting. `permanent`: kept as long as the registry. Throws ZonecastError `noRouter` when there are too many.
   */
  async create(permanent: boolean): Promise<NewMeeting> {
    const { records, capacity } = this.#options;
    if (this.#count >= capacity && performance.now() - this.#sweptMs > SWEEP_PAUSE_MS) await this.sweep();
    if (this.#count >= capacity) throw new ZonecastError('noRouter', 'There are too many meetings at the moment.');
    this.#count++;
    const [passcode, hostKey] = [randomPasscode(), randomHostKey()];
    const [passcodeHash, hostKeyHash] = await Promise.all([hashSecret(passcode), hashSecret(hostKey)]);
    const nowMs = Date.now();
    const definition: MeetingDefinition = {
      passcode: passcodeHash,
      hostKey: hostKeyHash,
      createdMs: nowMs,
      expiresMs: permanent ? null : nowMs + this.#options.lifeMs,
    };
    for (let attempt = 1; ; attempt++) {
      const meeting = randomMeetingId();
      try {
        await records.putDefinition(meeting, definition, ABSENT);
        return { meeting, passcode, hostKey };
      } catch (error) {
        const isTaken = error instanceof ZonecastError && error.code === 'revisionConflict';
        if (!isTaken || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** The definition, if the meeting exists. */
  async find(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { value } = await this.#options.records.definition(meeting);
    return value === undefined || this.#isOver(meeting, value) ? undefined : value;
  }

  /** The meeting is in use: its life starts anew. Written at most once in a quarter of that life. */
  async touch(meeting: MeetingId): Promise<void> {
    const { value, revision } = await this.#options.records.definition(meeting);
    if (value === undefined || value.expiresMs === null) return;
    const expiresMs = Date.now() + this.#options.lifeMs;
    if (expiresMs - value.expiresMs < this.#options.lifeMs / 4) return;
    // Another who wrote in between has done the same.
    await this.#options.records.putDefinition(meeting, { ...value, expiresMs }, revision).catch(() => undefined);
  }

  /** Forgets meetings whose time is over. */
  async sweep(): Promise<void> {
    this.#sweptMs = performance.now();
    const all = await this.#options.records.definitions();
    const over = all.filter(({ meeting, value }) => this.#isOver(meeting, value));
    for (const { meeting } of over) await this.#options.records.deleteMeeting(meeting);
    this.#count = all.length - over.length;
  }

  #isOver(meeting: MeetingId, { expiresMs }: MeetingDefinition): boolean {
    return expiresMs !== null && expiresMs < Date.now() && !this.#options.isLive(meeting);
  }
}
