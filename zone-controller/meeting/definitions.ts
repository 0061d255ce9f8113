/** The meetings that exist, whether anybody is in them or not: made here, kept in the registry, forgotten in the end. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';
import { expiryOf } from '../service/schedule/expiry.ts';
import type { DefinitionCopies } from '../world/definition-copies.ts';
import type { World } from '../world/world.ts';
import type { LiveMeetings } from './live-meetings.ts';
import { hashSecret, randomHostKey, randomPasscode, unknownSecret } from './secret.ts';

/** A collision in 9·10⁹ ids is rare; several in a row mean that something else is wrong. So do several changes at once. */
const MAX_ATTEMPTS = 5;
/** Between two searches for room while there is none: each looks at all definitions. */
const SWEEP_PAUSE_MS = 5_000;

/** What makes a meeting another than the others. */
export interface DefinitionWish
  extends Pick<
    MeetingDefinition,
    'title' | 'owner' | 'account' | 'schedule' | 'settings' | 'limits' | 'personal' | 'policy'
  > {
  /** By default one is drawn. */
  readonly passcode?: string | undefined;
  /** Kept as long as the registry. */
  readonly permanent?: boolean | undefined;
}

export interface NewMeeting {
  readonly meeting: MeetingId;
  readonly passcode: string;
  readonly hostKey: string;
  readonly definition: MeetingDefinition;
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
  /** Where ids of new meetings come from. */
  readonly world: Pick<World, 'drawId'>;
  /** Those of other zones. */
  readonly copies: Pick<DefinitionCopies, 'find' | 'end'>;
}

export class Definitions {
  readonly #options: DefinitionsOptions;
  /** Being made by this controller. */
  #pending = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(options: DefinitionsOptions) {
    this.#options = options;
  }

  /** Makes a meeting. @throws ZonecastError `noRouter` when there are too many */
  async create({ passcode = randomPasscode(), permanent = false, ...wish }: DefinitionWish): Promise<NewMeeting> {
    const hostKey = randomHostKey();
    const [passcodeHash, hostKeyHash] = await Promise.all([hashSecret(passcode), hashSecret(hostKey)]);
    const nowMs = Date.now();
    const expiresMs = permanent ? null : expiryOf(wish, nowMs, this.#options.lifeMs);
    const definition = { ...wish, passcode: passcodeHash, hostKey: hostKeyHash, createdMs: nowMs, expiresMs };
    return { meeting: await this.#add(definition), passcode, hostKey, definition };
  }

  /** Makes a breakout room of a meeting: nobody knows its passcode, who comes has a pass. @throws as `create` */
  async createRoom(main: MeetingId, title: string): Promise<MeetingId> {
    const { account, policy } = (await this.find(main)) ?? {};
    const nowMs = Date.now();
    const [passcode, hostKey] = [unknownSecret(), unknownSecret()];
    const expiresMs = nowMs + this.#options.lifeMs;
    return this.#add({ title, main, account, policy, passcode, hostKey, createdMs: nowMs, expiresMs });
  }

  /** The definition, if the meeting exists here or in another zone. @throws ZonecastError when that zone cannot be asked */
  async find(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { mirror, records, copies } = this.#options;
    // Made a moment ago by another controller, perhaps.
    const found = mirror.definitions.get(meeting) ?? (await records.definition(meeting)).value;
    const value = found !== undefined && this.#isOver(meeting, found) ? undefined : found;
    return value !== undefined && value.home === undefined ? value : copies.find(meeting, value);
  }

  /**
   * Changes a meeting of this zone; `change` may be called several times. Returns what it is now; undefined: there is none.
   * @throws what `change` throws, and ZonecastError `revisionConflict` when others change it all the time
   */
  async change(
    meeting: MeetingId,
    change: (definition: MeetingDefinition) => MeetingDefinition,
  ): Promise<MeetingDefinition | undefined> {
    const { records } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const { value, revision } = await records.definition(meeting);
      if (value === undefined || value.home !== undefined || this.#isOver(meeting, value)) return undefined;
      const changed = change(value);
      if (changed === value) return value;
      const next = { ...changed, revision: (value.revision ?? 1) + 1 };
      try {
        await records.putDefinition(meeting, next, revision);
        return next;
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** A host has ended it: nobody comes in any more, unless it is one that comes again. One of another zone is ended there. */
  async end(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { records, copies } = this.#options;
    if ((await records.definition(meeting)).value?.home !== undefined) return copies.end(meeting);
    return this.change(meeting, (value) => (comesAgain(value) ? value : { ...value, ended: true }));
  }

  /** The meeting is in use: its life starts anew. Written at most once in a quarter of that life. */
  async touch(meeting: MeetingId): Promise<void> {
    const { value, revision } = await this.#options.records.definition(meeting);
    if (value === undefined || value.expiresMs === null || value.ended === true) return;
    const { lifeMs } = this.#options;
    const expiresMs = expiryOf(value, Date.now(), lifeMs);
    if (expiresMs !== null && expiresMs - value.expiresMs < lifeMs / 4) return;
    // Another who wrote in between has done the same.
    await this.#options.records.putDefinition(meeting, { ...value, expiresMs }, revision).catch(() => undefined);
  }

  /** Notes the use of those that go on, and forgets those whose time is over. */
  async sweep(): Promise<void> {
    this.#sweptMs = performance.now();
    const { mirror, records, live } = this.#options;
    for (const { id } of [...live.all]) await this.touch(id);
    for (const [meeting, definition] of mirror.definitions) {
      // One that has a place is in use: by people of another controller, or by those of other zones on their way.
      const isPlaced = (mirror.placements.get(meeting)?.root ?? null) !== null;
      if (!isPlaced && this.#isOver(meeting, definition)) await records.deleteMeeting(meeting);
    }
  }

  get #isFull(): boolean {
    return this.#options.mirror.definitions.size + this.#pending >= this.#options.capacity;
  }

  async #add(definition: MeetingDefinition): Promise<MeetingId> {
    if (this.#isFull && performance.now() - this.#sweptMs > SWEEP_PAUSE_MS) await this.sweep();
    if (this.#isFull) throw new ZonecastError('noRouter', 'There are too many meetings at the moment.');
    this.#pending++;
    try {
      return await this.#put(definition);
    } finally {
      this.#pending--;
    }
  }

  async #put(definition: MeetingDefinition): Promise<MeetingId> {
    for (let attempt = 1; ; attempt++) {
      const meeting = this.#options.world.drawId();
      try {
        await this.#options.records.putDefinition(meeting, definition, ABSENT);
        return meeting;
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #isOver(meeting: MeetingId, { expiresMs }: MeetingDefinition): boolean {
    return expiresMs !== null && expiresMs < Date.now() && this.#options.live.get(meeting) === undefined;
  }
}

/** Whether an end is only that of this time. */
export function comesAgain({ personal, schedule }: MeetingDefinition): boolean {
  return personal === true || (schedule !== undefined && (schedule.rrule ?? schedule.included) !== undefined);
}

function isConflict(error: unknown): boolean {
  return error instanceof ZonecastError && error.code === 'revisionConflict';
}
