/** Of which meetings other zones are told, and what: docs/zones.md. Pure: time is an argument. */
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { PresenceRecord } from '../../global-controller/buckets.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import { AS_IT_IS } from './own-bucket.ts';
import type { World } from './world.ts';
import type { ZoneSide } from './zone-side.ts';

/** A meeting that nobody is in is still there for so long: its router may just have been lost, and all come back. */
const EMPTY_MS = 5_000;
/** How many people there are is written at most so often, and when it is otherwise by more than a fifth. */
const PEOPLE_MS = 5_000;
const PEOPLE_SHARE = 0.2;

/** What is known of policies, and of whose meetings are. */
export type Known = Pick<World, 'own' | 'policyIn'> & {
  /** Whose block the id is of. */
  blockZone(meeting: MeetingId): ZoneId | undefined;
  /** People of other zones reach each other through this one. */
  isOnTheWay(meeting: MeetingId): boolean;
};

/** Others may come to it, as far as policies say; and they can tell whose it is. */
export function isShared(
  world: Omit<Known, 'isOnTheWay'>,
  meeting: MeetingId,
  { home, account, policy }: MeetingDefinition,
): boolean {
  const { residency, guests } = world.policyIn(world.own, { account, policy });
  if (residency === 'local' && guests === 'none') return false;
  return home !== undefined || world.blockZone(meeting) === world.own;
}

/** What the zone tells of where its meetings are. */
export class Presences {
  readonly #world: Known;
  readonly #zone: Pick<ZoneSide, 'definitions' | 'placements' | 'people' | 'router'>;
  /** Meetings that others know of and nobody is in, since when. */
  readonly #emptySince = new Map<MeetingId, number>();
  readonly #countedMs = new Map<MeetingId, number>();

  constructor(world: Known, zone: Pick<ZoneSide, 'definitions' | 'placements' | 'people' | 'router'>) {
    this.#world = world;
    this.#zone = zone;
  }

  wanted(
    meeting: MeetingId,
    known: PresenceRecord | undefined,
    nowMs: number,
  ): PresenceRecord | undefined | typeof AS_IT_IS {
    const next = this.#wanted(meeting, known, nowMs);
    if (next === undefined) this.#forget(meeting);
    return next;
  }

  #wanted(
    meeting: MeetingId,
    known: PresenceRecord | undefined,
    nowMs: number,
  ): PresenceRecord | undefined | typeof AS_IT_IS {
    const placement = this.#zone.placements.get(meeting);
    const definition = this.#zone.definitions.get(meeting);
    if (!placement?.root || definition === undefined || !isShared(this.#world, meeting, definition)) return undefined;
    const people = this.#zone.people(meeting, placement);
    const record = this.#zone.router(placement.root.router)?.record;
    // What is there was right a moment ago, perhaps by what another controller knew.
    if (people === undefined || record === undefined) return known === undefined ? undefined : AS_IT_IS;
    if (people > 0) this.#emptySince.delete(meeting);
    else if (known !== undefined && known.people > 0 && this.#isJustEmpty(meeting, nowMs)) return AS_IT_IS;
    else if (!this.#world.isOnTheWay(meeting)) return undefined;
    const { router, worker } = placement.root;
    const root = { router, address: record.zonesAddress ?? '', worker };
    const { account } = definition;
    const counted = this.#counted(meeting, known, people, nowMs);
    const dials = record.zonesAddress === undefined;
    return { root, epoch: placement.epoch, people: counted, dials, ...(account === undefined ? {} : { account }) };
  }

  #isJustEmpty(meeting: MeetingId, nowMs: number): boolean {
    const sinceMs = this.#emptySince.get(meeting) ?? nowMs;
    this.#emptySince.set(meeting, sinceMs);
    return nowMs - sinceMs < EMPTY_MS;
  }

  #counted(meeting: MeetingId, known: PresenceRecord | undefined, people: number, nowMs: number): number {
    const atMs = this.#countedMs.get(meeting) ?? Number.NEGATIVE_INFINITY;
    // Whether anybody is there decides whether the zone is of the meeting, or only on the way.
    const isFirst = known === undefined || (known.people === 0) !== (people === 0);
    const isNews = isFirst || Math.abs(people - known.people) > known.people * PEOPLE_SHARE;
    if (!isNews || (!isFirst && nowMs - atMs < PEOPLE_MS)) return known.people;
    this.#countedMs.set(meeting, nowMs);
    return people;
  }

  #forget(meeting: MeetingId): void {
    this.#emptySince.delete(meeting);
    this.#countedMs.delete(meeting);
  }
}
