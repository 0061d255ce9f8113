/** How the trunks to other zones fare, for who plans the trees between zones. Pure: time is an argument. */
import type { ZoneId } from '../../../common/ids.ts';
import type { TrunkId } from '../../media/trunk/trunk-messages.ts';
import type { TrunkReport } from '../../media/trunk/trunk-report.ts';

export interface ZoneTrunk {
  readonly zone: ZoneId;
  /** Smoothed; 0 of one that was never up. */
  readonly rttMs: number;
  /** Share of what is sent, 0–1. */
  readonly loss: number;
  readonly up: boolean;
}

/** Of a worker of ours. */
export interface TrunkName {
  readonly worker: number;
  readonly trunk: TrunkId;
}

/** One that was up and is not any more for so long is down: a router that starts anew at the other end is back sooner. */
const DOWN_AFTER_MS = 1_000;
/** The same of one that has never been up: the two zones hear of a new link up to 3 s apart. */
const NEVER_UP_MS = 8_000;

interface Known {
  readonly zone: ZoneId;
  /** The last report that was worth something. */
  report: Pick<TrunkReport, 'roundTripMs' | 'lossFraction'> | undefined;
  isUp: boolean;
  /** Down from then on, if it is not up before. */
  downMs: number;
}

export class ZoneTrunks {
  readonly #trunks = new Map<string, Known>();

  /** The trunks to other zones that meetings need, and no others. */
  want(nowMs: number, wanted: Iterable<TrunkName & { readonly zone: ZoneId }>): void {
    const keys = new Set<string>();
    for (const { zone, ...name } of wanted) {
      const key = keyOf(name);
      keys.add(key);
      if (this.#trunks.has(key)) continue;
      this.#trunks.set(key, { zone, report: undefined, isUp: false, downMs: nowMs + NEVER_UP_MS });
    }
    for (const key of this.#trunks.keys()) if (!keys.has(key)) this.#trunks.delete(key);
  }

  reported(nowMs: number, name: TrunkName, report: Pick<TrunkReport, 'state' | 'roundTripMs' | 'lossFraction'>): void {
    const known = this.#trunks.get(keyOf(name));
    if (known === undefined) return;
    const isUp = report.state === 'up';
    if (known.isUp && !isUp) known.downMs = nowMs + DOWN_AFTER_MS;
    known.isUp = isUp;
    if (isUp) known.report = report;
  }

  /** Those of which something can be said. */
  all(nowMs: number): ZoneTrunk[] {
    return [...this.#trunks.values()].flatMap(({ zone, report, isUp, downMs }) => {
      const isPatient = nowMs < downMs;
      const up = isUp || (report !== undefined && isPatient);
      if (up ? report?.roundTripMs === undefined : isPatient) return [];
      return [{ zone, rttMs: report?.roundTripMs ?? 0, loss: report?.lossFraction ?? 0, up }];
    });
  }
}

function keyOf({ worker, trunk }: TrunkName): string {
  return `${worker} ${trunk}`;
}
