/**
 * Carries out what is planned for meetings, round by round. There is no leader: each instance plans for itself what it sees, each
 * write names what it replaces, and instances take their rounds at different times, so that mostly one of them does the work.
 */

import { ABSENT } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { HOMES_BUCKET, TREES_BUCKET } from '../buckets.ts';
import { type MeetingAction, planMeeting } from '../world/plan-meeting.ts';
import type { WorldMirror } from './world-mirror.ts';

/** Between rounds; each is between half of this and half as much again. */
const ROUND_MS = 1_000;
/** Of a round that plans: statuses and records must not wait longer. The next goes on where this one ended. */
const BUSY_MS = 50;

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
  /** Where the next round begins. */
  #next: MeetingId | undefined;

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
    for (const action of this.#plan()) await this.#do(action);
  }

  #later(): void {
    const { random } = this.#options;
    this.#timer = setTimeout(
      () => {
        void this.run().finally(() => {
          if (!this.#isStopped) this.#later();
        });
      },
      ROUND_MS * (0.5 + random()),
    );
  }

  #plan(): MeetingAction[] {
    const { mirror, now } = this.#options;
    const meetings = [...mirror.meetings.all()];
    const from = Math.max(
      0,
      meetings.findIndex(({ meeting }) => meeting === this.#next),
    );
    const untilMs = now() + BUSY_MS;
    const world = mirror.planningWorld();
    const actions: MeetingAction[] = [];
    this.#next = undefined;
    for (const known of [...meetings.slice(from), ...meetings.slice(0, from)]) {
      if (now() >= untilMs) {
        this.#next = known.meeting;
        break;
      }
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
