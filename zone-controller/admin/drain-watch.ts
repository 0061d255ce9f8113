/** A drain as the operator who ordered it follows it: how many are left, until it is over one way or another. */
import type { RouterId } from '../../common/ids.ts';
import type { DrainProgress } from '../../proto/gen/zonecast/admin/v1/DrainProgress.ts';
import type { OperatorMirror } from '../registry/operator-mirror.ts';
import type { DrainRecord } from '../registry/records.ts';
import type { DrainState } from '../repair/drain-progress.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { meetingsOn, participantsOn } from './router-report.ts';

/** Routers report as often. */
const INTERVAL_MS = 1_000;

type State = 'DRAINING' | 'EMPTY' | 'DEADLINE' | 'UNDRAINED' | 'LOST';

export interface DrainWatchOptions {
  readonly router: RouterId;
  readonly directory: RouterDirectory;
  readonly operators: OperatorMirror;
  /** As far as that is known. */
  readonly progress: (router: RouterId) => DrainState | undefined;
  readonly tell: (progress: DrainProgress) => void;
  /** After the last word. */
  readonly ended: () => void;
}

export class DrainWatch {
  readonly #options: DrainWatchOptions;
  readonly #stopListening: () => void;
  /** As ordered; another operator may order a later end meanwhile. */
  #record: DrainRecord | undefined;
  /** By the clock of the reports: what was reported before says nothing of the drain. */
  #orderedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** To be made before the drain is recorded, so that no change of the record is missed. */
  constructor(options: DrainWatchOptions) {
    this.#options = options;
    this.#stopListening = options.operators.onDrain((router) => {
      if (router === options.router) this.#changed();
    });
  }

  /** The drain is recorded: says how things are, now and each second. */
  start(record: DrainRecord): void {
    if (this.#isOver) return;
    this.#record = record;
    this.#orderedMs = this.#options.directory.nowMs;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#look();
  }

  /** Nobody listens any more. The drain goes on. */
  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#stopListening();
  }

  #changed(): void {
    if (this.#record === undefined) return;
    const { operators, router } = this.#options;
    const record = operators.drains.get(router);
    if (record === undefined) this.#tell('UNDRAINED', this.#record);
    else this.#record = record;
  }

  #look(): void {
    if (this.#record !== undefined) this.#tell(this.#state(this.#record), this.#record);
  }

  #state({ deadlineMs }: DrainRecord): State {
    const { directory, router, progress } = this.#options;
    const view = directory.get(router);
    if (view === undefined || view.isLost) return 'LOST';
    const reportedMs = directory.capacity.router(router)?.reportedMs ?? Number.NEGATIVE_INFINITY;
    const isReported = reportedMs > this.#orderedMs;
    // A place without people may still join others up.
    if (isReported && participantsOn(view) === 0 && progress(router)?.state === 'empty') return 'EMPTY';
    return Date.now() >= deadlineMs ? 'DEADLINE' : 'DRAINING';
  }

  #tell(state: State, { startedMs, deadlineMs }: DrainRecord): void {
    if (this.#isOver) return;
    const { directory, router, progress } = this.#options;
    const view = directory.get(router);
    this.#options.tell({
      state,
      participants: view === undefined ? 0 : participantsOn(view),
      meetings: view === undefined ? 0 : meetingsOn(view),
      deadlineMs,
      elapsedMs: Math.max(0, Date.now() - startedMs),
      stuck: (progress(router)?.stuck ?? []).map(({ meeting, people, why }) => ({
        meeting,
        participants: people,
        why,
      })),
    });
    if (state === 'DRAINING') return;
    this.stop();
    this.#options.ended();
  }
}
