/** Why a decision came out as it did, as data and in words. Bounded: a few candidates by name, the rest counted. */
import type { RouterId } from '../../common/ids.ts';
import type { Demand } from './meeting-cost.ts';
import type { Steps } from './router-index.ts';

export const REASON_WORDS = {
  chosen: 'chosen',
  kept: 'has the meeting, and room',
  sameLoad: 'loaded alike, the hash of the meeting decides',
  moreLoaded: 'more loaded',
  full: 'no room',
  keptFree: 'room is kept for smaller meetings',
  trunkFull: 'no room for a trunk to it',
  notReady: 'not ready',
  draining: 'on its way out',
  noNew: 'takes nothing new',
  joinRate: 'takes no more joins at the moment',
  tainted: 'only for meetings that ask for it',
  failed: 'has just failed',
  inTree: 'in the meeting already',
  notAsked: 'not where he is to go',
  sameLabel: 'where the meeting is already, and it is to be spread',
  silent: 'does not report',
  lost: 'gone',
  notNeeded: 'not needed',
  tooManyPlaces: 'the meeting has too many places',
} as const;
export type Reason = keyof typeof REASON_WORDS;

export interface Verdict {
  readonly router: RouterId;
  /** undefined: said of the whole router. */
  readonly worker: number | undefined;
  /** With the demand on it; 1 is full. undefined: it did not matter. */
  readonly load: number | undefined;
  readonly reason: Reason;
}

export interface Explanation {
  readonly question: string;
  readonly demand: Demand;
  /** The candidates looked at, at most MAX_VERDICTS. */
  readonly verdicts: readonly Verdict[];
  /** All others of the zone, in routers. */
  readonly others: Readonly<Partial<Record<Reason, number>>>;
  /** How many bands, routers and places were looked at. */
  readonly steps: number;
}

export const MAX_VERDICTS = 12;

/** Collects verdicts while a decision is made; `steps` are counted by whoever looks. */
export class Verdicts implements Steps {
  steps = 0;
  readonly #verdicts: Verdict[] = [];
  readonly #others: Partial<Record<Reason, number>> = {};

  add(router: RouterId, worker: number | undefined, load: number | undefined, reason: Reason): void {
    if (this.#verdicts.length < MAX_VERDICTS) this.#verdicts.push({ router, worker, load, reason });
    else this.count(reason, 1);
  }

  count(reason: Reason, routers: number): void {
    if (routers > 0) this.#others[reason] = (this.#others[reason] ?? 0) + routers;
  }

  explain(question: string, demand: Demand): Explanation {
    return { question, demand, verdicts: this.#verdicts, others: this.#others, steps: this.steps };
  }
}

/** For people, a line each. */
export function describeExplanation({ question, demand, verdicts, others, steps }: Explanation): string {
  const { participants, packetsPerSecond } = demand;
  const lines = verdicts.map(({ router, worker, load, reason }) => {
    const name = worker === undefined ? router : `${router}/${worker}`;
    return `${name}: ${REASON_WORDS[reason]}${load === undefined ? '' : `, load ${load.toFixed(3)}`}`;
  });
  // The casts: keys and values of `others` as it was declared.
  const rest = (Object.entries(others) as [Reason, number][]).map(
    ([reason, count]) => `${count} ${REASON_WORDS[reason]}`,
  );
  const head = `${question}: ${participants} people, ${packetsPerSecond} packets/s; ${steps} steps`;
  return [head, ...lines, ...(rest.length === 0 ? [] : [`others: ${rest.join('; ')}`])].join('\n');
}
