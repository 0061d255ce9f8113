/**
 * Carries out what is planned for meetings, round by round. There is no leader: each instance plans for itself what it sees, each
 * write names what it replaces, and instances take their rounds at different times, so that mostly one of them does the work.
 */

import { ABSENT } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import { inParallel } from '../../common/in-parallel.ts';
import type { Logger } from '../../common/log.ts';
import { HOMES_BUCKET, TREES_BUCKET } from '../buckets.ts';
import type { KnownMeeting } from '../world/meeting-world.ts';
import { type MeetingAction, planMeeting } from '../world/plan-meeting.ts';
import type { WorldMirror } from './world-mirror.ts';

/** Between rounds; each is between half of this and half as much again. */
const ROUND_MS = 1_000;
/** Of a round that plans: statuses and records must not wait longer. The next goes on where this one ended, after as long a pause. */
const BUSY_MS = 50;

/** At a time. */
const MAX_WRITES = 16;

export interface ReconcilerCounts {
  readonly rounds: number;
  readonly written: number;
  /** Another was first. */
  readonly conflicts: number;
  readonly failures: number;
}

export interface ReconcilerOptions {
  readonly bus: Bus;
  readonly mirror: WorldMirror;
  /** A clock that does not jump, milliseconds. */
  readonly now: () => number;
  /** 0 ≤ result < 1 */
  readonly random: () => number;
  readonly log: Logger;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #counts = { rounds: 0, written: 0, conflicts: 0, failures: 0 };
  #timer: NodeJS.Timeout | undefined;
  #isStopped = true;
  /** What is left of a look at all meetings that did not end with its round. */
  #scan: MapIterator<KnownMeeting> | undefined;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  get counts(): ReconcilerCounts {
    return { ...this.#counts };
  }

  start(): void {
    this.#isStopped = false;
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** One round. Never rejects. */
  async run(): Promise<void> {
    const { mirror, bus } = this.#options;
    mirror.tick();
    if (!mirror.isComplete || bus.state !== 'connected') return;
    this.#counts.rounds++;
    await inParallel(this.#plan(), MAX_WRITES, (action) => this.#do(action));
  }

  #later(): void {
    const { random } = this.#options;
    this.#timer = setTimeout(
      () => {
        void this.run().finally(() => {
          if (!this.#isStopped) this.#later();
        });
      },
      (this.#scan === undefined ? ROUND_MS : BUSY_MS) * (0.5 + random()),
    );
  }

  /** First what has changed, then all others in turn: for them there may be something better with time. */
  #plan(): MeetingAction[] {
    const { mirror, now } = this.#options;
    const { meetings } = mirror;
    const untilMs = now() + BUSY_MS;
    const world = mirror.planningWorld();
    const actions: MeetingAction[] = [];
    const planned = new Set<KnownMeeting>();
    this.#scan ??= meetings.all();
    while (now() < untilMs) {
      const known = meetings.takeChanged() ?? this.#scan.next().value;
      if (known === undefined) {
        this.#scan = undefined;
        break;
      }
      if (planned.has(known)) continue;
      planned.add(known);
      actions.push(...planMeeting(world, known));
    }
    return actions;
  }

  async #do(action: MeetingAction): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#write(action);
      this.#counts.written++;
      log.info({ ...action }, 'a meeting is changed');
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      this.#options.mirror.meetings.mark(action.meeting);
      // Another was first: the watch tells what it wrote. All else is planned again in the next round.
      if (error.code === 'revisionConflict') this.#counts.conflicts++;
      else {
        this.#counts.failures++;
        log.warn({ action: action.type, meeting: action.meeting, err: error }, 'a meeting could not be changed');
      }
    }
  }

  async #write(action: MeetingAction): Promise<void> {
    const { bus } = this.#options;
    const { meeting, seen = ABSENT } = action;
    if (action.type === 'putHome') await bus.bucket(HOMES_BUCKET).put(meeting, action.record, seen);
    else if (action.type === 'putTree') await bus.bucket(TREES_BUCKET).put(meeting, action.record, seen);
    else await bus.bucket(TREES_BUCKET).delete(meeting, seen);
  }
}
