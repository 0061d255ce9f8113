/**
 * What a zone is without its controllers: its routers, with who is on them and which links to other zones they were told. It goes on
 * when every controller and the bus are gone.
 */
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { Person } from './person.ts';

/** Of media, until a router gives somebody up (mmr/media/transport/ice-lite.ts). */
export const CONSENT_MS = 30_000;

interface Stay {
  readonly person: Person;
  heardMs: number;
}

interface ZoneLinks {
  /** Revision of the tree that they are of. */
  readonly version: number;
  readonly neighbours: ReadonlySet<ZoneId>;
}

export class ZoneSite {
  readonly zone: ZoneId;
  /** Nobody may call its routers: they call others. */
  readonly dials: boolean;
  isAlive = true;
  /** Blocks of ids, as the zone's registry has them. */
  readonly blocks = new Set<string>();
  readonly #stays = new Map<MeetingId, Map<Person, Stay>>();
  readonly #links = new Map<MeetingId, ZoneLinks>();
  readonly #onTheWay = new Set<MeetingId>();
  readonly #epochs = new Map<MeetingId, number>();

  constructor(zone: ZoneId, dials: boolean) {
    this.zone = zone;
    this.dials = dials;
  }

  join(meeting: MeetingId, person: Person, nowMs: number): void {
    let stays = this.#stays.get(meeting);
    if (stays === undefined) {
      stays = new Map();
      this.#stays.set(meeting, stays);
      this.#epochs.set(meeting, this.epochOf(meeting) + 1);
    }
    stays.set(person, { person, heardMs: nowMs });
  }

  leave(meeting: MeetingId, person: Person): void {
    const stays = this.#stays.get(meeting);
    stays?.delete(person);
    if (stays?.size === 0) this.#stays.delete(meeting);
  }

  has(meeting: MeetingId, person: Person): boolean {
    return this.#stays.get(meeting)?.has(person) === true;
  }

  /** The meeting has a place here, for others who reach each other through this zone. */
  setOnTheWay(meeting: MeetingId, isSo: boolean): void {
    if (!isSo) {
      this.#onTheWay.delete(meeting);
      return;
    }
    if (!this.#stays.has(meeting) && !this.#onTheWay.has(meeting)) this.#epochs.set(meeting, this.epochOf(meeting) + 1);
    this.#onTheWay.add(meeting);
  }

  peopleIn(meeting: MeetingId): number {
    return this.#stays.get(meeting)?.size ?? 0;
  }

  get people(): Person[] {
    return [...this.#stays.values()].flatMap((stays) => [...stays.keys()]);
  }

  get meetings(): Iterable<MeetingId> {
    return this.#stays.keys();
  }

  /** Meetings that have a place here: where people are, or others reach each other. */
  get placed(): Iterable<MeetingId> {
    return new Set([...this.#stays.keys(), ...this.#onTheWay]);
  }

  epochOf(meeting: MeetingId): number {
    return this.#epochs.get(meeting) ?? 0;
  }

  /** Older ones than those it has are refused. */
  setLinks(meeting: MeetingId, version: number, neighbours: ReadonlySet<ZoneId>): void {
    if (version >= (this.#links.get(meeting)?.version ?? 0)) this.#links.set(meeting, { version, neighbours });
  }

  neighboursIn(meeting: MeetingId): ReadonlySet<ZoneId> {
    return this.#links.get(meeting)?.neighbours ?? new Set();
  }

  get linked(): Iterable<MeetingId> {
    return this.#links.keys();
  }

  /** Meetings that have no place here any more. */
  close(): void {
    for (const meeting of this.#links.keys())
      if (!this.#stays.has(meeting) && !this.#onTheWay.has(meeting)) this.#links.delete(meeting);
  }

  /** Who has not been heard for as long as consent lasts is not there any more. */
  tick(nowMs: number, isHeard: (person: Person) => boolean): void {
    for (const [meeting, stays] of this.#stays) {
      for (const stay of stays.values()) {
        if (isHeard(stay.person)) stay.heardMs = nowMs;
        else if (nowMs - stay.heardMs >= CONSENT_MS) this.leave(meeting, stay.person);
      }
    }
  }

  /** The machines are gone, and what was only on them. */
  die(): void {
    this.isAlive = false;
    this.#stays.clear();
    this.#links.clear();
    this.#onTheWay.clear();
  }
}
