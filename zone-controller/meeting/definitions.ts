/** The meetings that exist, whether anybody is in them or not: made here, kept in the registry, forgotten after a day. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';
import type { LiveMeetings } from './live-meetings.ts';
import { randomMeetingId } from './meeting-id.ts';
import { hashSecret, randomHostKey, randomPasscode } from './secret.ts';

/** A collision in 9·10⁹ ids is rare; several in a row mean that something else is wrong. */
const MAX_ATTEMPTS = 5;
/** Between two searches for room while there is none: each looks at all definitions. */
const SWEEP_PAUSE_MS = 5_000;

export interface NewMeeting {
  readonly meeting: MeetingId;
  readonly passcode: string;
  readonly hostKey: string;
}

export interface DefinitionsOptions {
  readonly records: ZoneRecords;
  readonly mirror: ZoneMirror;
  /** Kept at most. */
  readonly capacity: number;
  /** Kept for this long after their last use. */
  readonly lifeMs: number;
  /** Meetings that people of this controller are in. They are not forgotten. */
  readonly live: Pick<LiveMeetings, 'get' | 'all'>;
}

export class Definitions {
  readonly #options: DefinitionsOptions;
  /** Being made by this controller. */
  #pending = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(options: DefinitionsOptions) {
    this.#options = options;
  }

  /**
   * Makes a meeting. `permanent`: kept as long as the registry. Throws ZonecastError `noRouter` when there are too many.
   */
  async create(permanent: boolean): Promise<NewMeeting> {
    if (this.#isFull && performance.now() - this.#sweptMs > SWEEP_PAUSE_MS) await this.sweep();
    if (this.#isFull) throw new ZonecastError('noRouter', 'There are too many meetings at the moment.');
    this.#pending++;
    try {
      return await this.#create(permanent);
    } finally {
      this.#pending--;
    }
  }

  get #isFull(): boolean {
    return this.#options.mirror.definitions.size + this.#pending >= this.#options.capacity;
  }

  async #create(permanent: boolean): Promise<NewMeeting> {
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
        await this.#options.records.putDefinition(meeting, definition, ABSENT);
        return { meeting, passcode, hostKey };
      } catch (error) {
        const isTaken = error instanceof ZonecastError && error.code === 'revisionConflict';
        if (!isTaken || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** The definition, if the meeting exists. */
  async find(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { mirror, records } = this.#options;
    // Made a moment ago by another controller, perhaps.
    const value = mirror.definitions.get(meeting) ?? (await records.definition(meeting)).value;
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

  /** Notes the use of those that go on, and forgets those whose time is over. */
  async sweep(): Promise<void> {
    this.#sweptMs = performance.now();
    const { mirror, records, live } = this.#options;
    for (const { id } of [...live.all]) await this.touch(id);
    for (const [meeting, definition] of mirror.definitions) {
      if (this.#isOver(meeting, definition)) await records.deleteMeeting(meeting);
    }
  }

  #isOver(meeting: MeetingId, { expiresMs }: MeetingDefinition): boolean {
    return expiresMs !== null && expiresMs < Date.now() && this.#options.live.get(meeting) === undefined;
  }
}
