/**
 * Which zones there are, by the directory, and how they are, by what global controllers tell each second. They go on as they were last
 * told of when nobody tells any more; after a while only as `silent`: who was well may not be, and nothing says so. Pure.
 */
import type { ZoneId } from '../../common/ids.ts';
import type { WorldDigest } from '../../global-controller/world/world-digest.ts';
import type { ZoneStanding, ZoneView } from '../../global-controller/zones/known-zone.ts';
import { compareNames } from '../../global-controller/zones/zone-name.ts';
import type { ZoneRecord } from '../../global-controller/zones/zone-record.ts';

/** Five digests are missing: the bus is away, or all global controllers are. */
const STALE_MS = 5_000;
/** Several global controllers tell, each once a second; one that has not for so long is gone. */
const TELLING_MS = 2_000;

type Told = WorldDigest['zones'][number];

interface Digest {
  readonly atMs: number;
  readonly zones: ReadonlyMap<ZoneId, Told>;
}

interface Known {
  readonly record: ZoneRecord;
  /** When it became known. */
  readonly sinceMs: number;
}

export class KnownZones {
  readonly #zones = new Map<ZoneId, Known>();
  /** The last one of each global controller that tells. */
  readonly #digests = new Map<string, Digest>();
  #toldMs = Number.NEGATIVE_INFINITY;

  putRecord(zone: ZoneId, record: ZoneRecord, nowMs: number): void {
    this.#zones.set(zone, { record, sinceMs: this.#zones.get(zone)?.sinceMs ?? nowMs });
  }

  deleteRecord(zone: ZoneId): void {
    this.#zones.delete(zone);
  }

  record(zone: ZoneId): ZoneRecord | undefined {
    return this.#zones.get(zone)?.record;
  }

  get records(): ReadonlyMap<ZoneId, { readonly record: ZoneRecord }> {
    return this.#zones;
  }

  /** `from`: the global controller. True when a zone is otherwise than before. */
  handleDigest(from: string, { zones }: WorldDigest, nowMs: number): boolean {
    const before = this.#summary(nowMs);
    for (const [other, { atMs }] of this.#digests) if (nowMs - atMs >= TELLING_MS) this.#digests.delete(other);
    this.#digests.set(from, { atMs: nowMs, zones: new Map(zones.map((told) => [told.zone, told])) });
    this.#toldMs = nowMs;
    return this.#summary(nowMs) !== before;
  }

  /** Milliseconds since a global controller has told how zones are; Infinity: none ever has. */
  digestAgeMs(nowMs: number): number {
    return nowMs - this.#toldMs;
  }

  zone(zone: ZoneId, nowMs: number): ZoneView | undefined {
    const known = this.#zones.get(zone);
    return known && this.#view(zone, known, nowMs);
  }

  /** In order of their ids. */
  all(nowMs: number): ZoneView[] {
    const views = [...this.#zones].map(([zone, known]) => this.#view(zone, known, nowMs));
    return views.sort((a, b) => compareNames(a.zone, b.zone));
  }

  #view(zone: ZoneId, { record, sinceMs }: Known, nowMs: number): ZoneView {
    const told = this.#told(zone, nowMs);
    if (told === undefined) {
      return { zone, record, standing: 'new', status: undefined, silentMs: nowMs - sinceMs, drained: record.drained };
    }
    const { standing, status, silentMs, drained } = told;
    const isStale = this.digestAgeMs(nowMs) >= STALE_MS && standing === 'well';
    return {
      zone,
      record,
      standing: isStale ? 'silent' : standing,
      status,
      silentMs,
      drained: drained || record.drained,
    };
  }

  /** By whom has heard the zone last: one that has just started has not heard it yet. `silentMs` until now. */
  #told(zone: ZoneId, nowMs: number): Told | undefined {
    let best: Told | undefined;
    for (const { atMs, zones } of this.#digests.values()) {
      const told = zones.get(zone);
      if (told === undefined) continue;
      const silentMs = told.silentMs + nowMs - atMs;
      const hasSpoken = told.status !== undefined;
      const isBetter =
        best === undefined || (hasSpoken ? best.status === undefined || silentMs < best.silentMs : false);
      if (isBetter) best = { ...told, silentMs };
    }
    return best;
  }

  #summary(nowMs: number): string {
    return this.all(nowMs)
      .map(({ zone, standing, drained }): [string, ZoneStanding, boolean] => [zone, standing, drained])
      .join(' ');
  }
}
