/**
 * Which zones there are and how they are, from the records of the directory and from what the zones say. A state
 * machine: time is an argument, by a clock that does not jump; what a zone's own clock says never matters.
 *
 * A zone that says nothing may be gone, or only the bus between us. So silence alone makes it `silent`, and last words
 * count on. `lost` takes a second witness: another zone, heard lately, whose trunks to it are down or to which its
 * clients come; and no zone whose trunk to it is up. Who is cut off from the bus himself hears of no witness, and loses nobody.
 */
import type { ZoneId } from '../../common/ids.ts';
import type { KnownZone, ZoneStanding } from './known-zone.ts';
import { StatusStream } from './status-stream.ts';
import { compareNames } from './zone-name.ts';
import type { ZoneRecord } from './zone-record.ts';
import type { ZoneStatus } from './zone-status.ts';

export interface DirectoryTimes {
  /** Two statuses are missing. */
  readonly silentMs: number;
  /** Three are. */
  readonly lostMs: number;
  /** A snapshot that has not come is asked for again. */
  readonly askAgainMs: number;
}

export const DIRECTORY_TIMES: DirectoryTimes = { silentMs: 2_000, lostMs: 3_000, askAgainMs: 1_000 };

/** How late silence and loss may be noticed. */
export const TICK_MS = 250;

export type ZoneEvent =
  /** From now on. `well` after `silent` or `lost`: it is back. */
  | { readonly type: 'standing'; readonly zone: ZoneId; readonly before: ZoneStanding; readonly now: ZoneStanding }
  | { readonly type: 'drained' | 'undrained'; readonly zone: ZoneId }
  /** What the zone says may have been missed: ask it for its status at once. Why: `gap`, or another `instance` speaks. */
  | { readonly type: 'askSnapshot'; readonly zone: ZoneId; readonly why: 'gap' | 'instance' };

/** What became of all that arrived. */
export interface DirectoryCounts {
  readonly accepted: number;
  /** Repeated, overtaken, or of an instance that has been followed by another. */
  readonly old: number;
  /** Of zones that are not recorded. */
  readonly unknown: number;
  readonly gaps: number;
}

interface Entry {
  record: ZoneRecord;
  readonly stream: StatusStream;
  status: ZoneStatus | undefined;
  heardMs: number;
  standing: ZoneStanding;
  drained: boolean;
  /** A snapshot is wanted since; undefined: none is. */
  ask: { readonly why: 'gap' | 'instance'; atMs: number } | undefined;
}

export class ZoneDirectory {
  readonly #times: DirectoryTimes;
  readonly #zones = new Map<ZoneId, Entry>();
  readonly #counts = { accepted: 0, old: 0, unknown: 0, gaps: 0 };

  constructor(times: DirectoryTimes = DIRECTORY_TIMES) {
    this.#times = times;
  }

  get counts(): DirectoryCounts {
    return { ...this.#counts };
  }

  /** The zone is recorded, or its record has changed. */
  putRecord(zone: ZoneId, record: ZoneRecord, nowMs: number): ZoneEvent[] {
    const entry = this.#zones.get(zone);
    if (entry === undefined) {
      const { drained } = record;
      const stream = new StatusStream();
      this.#zones.set(zone, {
        record,
        stream,
        status: undefined,
        heardMs: nowMs,
        standing: 'new',
        drained,
        ask: undefined,
      });
      return drained ? [{ type: 'drained', zone }] : [];
    }
    entry.record = record;
    return this.#drain(zone, entry);
  }

  /** The zone is not recorded any more. */
  deleteRecord(zone: ZoneId): void {
    this.#zones.delete(zone);
  }

  /** A status that the zone told everybody. */
  handleStatus(zone: ZoneId, status: ZoneStatus, nowMs: number): ZoneEvent[] {
    return this.#take(zone, status, nowMs, false);
  }

  /** The answer to `askSnapshot`: the status of the moment, with the number of the last one that was told. */
  handleSnapshot(zone: ZoneId, status: ZoneStatus, nowMs: number): ZoneEvent[] {
    const entry = this.#zones.get(zone);
    if (entry !== undefined) entry.ask = undefined;
    return this.#take(zone, status, nowMs, true);
  }

  #take(zone: ZoneId, status: ZoneStatus, nowMs: number, isAnswer: boolean): ZoneEvent[] {
    const entry = this.#zones.get(zone);
    if (entry === undefined) {
      this.#counts.unknown++;
      return [];
    }
    const arrival = entry.stream.arrive(status.instance, status.seq, nowMs, isAnswer);
    if (arrival === 'old') {
      this.#counts.old++;
      return [];
    }
    this.#counts.accepted++;
    entry.status = status;
    entry.heardMs = nowMs;
    const events = [...this.#stand(zone, entry, 'well'), ...this.#drain(zone, entry)];
    if (arrival === 'gap') this.#counts.gaps++;
    // The answer is what would be asked for.
    if (!isAnswer && (arrival === 'gap' || arrival === 'instance')) {
      entry.ask = { why: arrival, atMs: nowMs };
      events.push({ type: 'askSnapshot', zone, why: arrival });
    }
    return events;
  }

  /** What has come with time. To be called every TICK_MS or so; when does not matter otherwise. */
  handleTimeout(nowMs: number): ZoneEvent[] {
    const events: ZoneEvent[] = [];
    for (const [zone, entry] of this.#zones) {
      events.push(...this.#stand(zone, entry, this.#standingOf(zone, entry, nowMs)));
      if (entry.ask !== undefined && entry.standing === 'well' && nowMs - entry.ask.atMs >= this.#times.askAgainMs) {
        entry.ask.atMs = nowMs;
        events.push({ type: 'askSnapshot', zone, why: entry.ask.why });
      }
    }
    return events;
  }

  zone(zone: ZoneId, nowMs: number): KnownZone | undefined {
    const entry = this.#zones.get(zone);
    return entry && known(zone, entry, nowMs);
  }

  /** In order of their ids. */
  zones(nowMs: number): KnownZone[] {
    const all = [...this.#zones].map(([zone, entry]) => known(zone, entry, nowMs));
    return all.sort((a, b) => compareNames(a.zone, b.zone));
  }

  #standingOf(zone: ZoneId, { standing, heardMs }: Entry, nowMs: number): ZoneStanding {
    const ageMs = nowMs - heardMs;
    if (ageMs < this.#times.silentMs) return standing;
    const others = ageMs < this.#times.lostMs ? 'nothing' : this.#testimony(zone, nowMs);
    if (others === 'up') return 'silent';
    // Who is lost stays so when the witnesses fall silent.
    return others === 'down' || standing === 'lost' ? 'lost' : 'silent';
  }

  /** What the zones say of another that were heard lately; one that has it up outweighs all others. */
  #testimony(about: ZoneId, nowMs: number): 'up' | 'down' | 'nothing' {
    let isDown = false;
    for (const [zone, { status, heardMs }] of this.#zones) {
      if (zone === about || status === undefined || nowMs - heardMs >= this.#times.silentMs) continue;
      const trunks = status.trunks.filter((trunk) => trunk.zone === about);
      if (trunks.some(({ up }) => up)) return 'up';
      isDown ||= trunks.length > 0 || status.strandedFrom.includes(about);
    }
    return isDown ? 'down' : 'nothing';
  }

  #stand(zone: ZoneId, entry: Entry, now: ZoneStanding): ZoneEvent[] {
    const before = entry.standing;
    if (before === now) return [];
    entry.standing = now;
    return [{ type: 'standing', zone, before, now }];
  }

  #drain(zone: ZoneId, entry: Entry): ZoneEvent[] {
    const drained = isDrained(entry);
    if (drained === entry.drained) return [];
    entry.drained = drained;
    return [{ type: drained ? 'drained' : 'undrained', zone }];
  }
}

function isDrained({ record, status }: Entry): boolean {
  return record.drained || status?.drained === true;
}

function known(zone: ZoneId, { record, standing, status, heardMs, drained }: Entry, nowMs: number): KnownZone {
  return { zone, record, standing, status, silentMs: Math.max(0, nowMs - heardMs), drained };
}
