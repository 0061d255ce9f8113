/**
 * What one controller knows for repairs, kept up to date by what it hears; the leader's plans are made of it. Every
 * controller keeps one, so that a new leader knows as much as the one before.
 */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { ZoneCapacity } from '../placement/zone-capacity.ts';
import type { OperatorMirror } from '../registry/operator-mirror.ts';
import type { DrainRecord, MeetingPlacement } from '../registry/records.ts';
import { PeopleReports, type PlacePeople } from './people-reports.ts';
import { PlacementIndex } from './placement-index.ts';
import type { RepairPolicy } from './repair-policy.ts';
import type { ZoneWorld } from './zone-world.ts';

/** What operators wish. */
export type Wishes = Pick<OperatorMirror, 'drains' | 'moves'>;

/** On their way from one room to another, or back, for so long nobody may be seen. */
const IN_ROOMS_MS = 60_000;

export class ZoneWatch {
  readonly placements = new PlacementIndex();
  readonly people = new PeopleReports();
  readonly #wishes: Wishes;
  readonly #policy: RepairPolicy;
  readonly #isNeeded: (meeting: MeetingId) => boolean;
  /** Routers that a placement names and that were not there at the last look, since when. */
  readonly #absentSince = new Map<RouterId, number>();
  readonly #mainOf: (meeting: MeetingId) => MeetingId | undefined;
  /** When somebody was last in a breakout room of the meeting. */
  readonly #inRoomsMs = new Map<MeetingId, number>();
  #rebalancedMs = Number.NEGATIVE_INFINITY;

  constructor(
    wishes: Wishes,
    policy: RepairPolicy,
    {
      isNeeded = () => false,
      mainOf = () => undefined,
    }: {
      /** A meeting has to be in the zone, even with nobody in it here. */
      readonly isNeeded?: ((meeting: MeetingId) => boolean) | undefined;
      /** The meeting of which this one is a breakout room. */
      readonly mainOf?: ((meeting: MeetingId) => MeetingId | undefined) | undefined;
    } = {},
  ) {
    this.#wishes = wishes;
    this.#policy = policy;
    this.#isNeeded = isNeeded;
    this.#mainOf = mainOf;
  }

  placed(nowMs: number, meeting: MeetingId, record: MeetingPlacement | undefined): void {
    this.placements.set(nowMs, meeting, record);
    if (this.placements.get(meeting) === undefined) this.#inRoomsMs.delete(meeting);
  }

  /** A router says who is where; see PeopleReports. */
  report(nowMs: number, router: RouterId, places: Iterable<PlacePeople>, isWhole: boolean): void {
    this.people.report(nowMs, router, places, isWhole);
    for (const meeting of this.people.meetingsOn(router)) {
      const known = this.placements.get(meeting);
      if (known !== undefined) known.peopledMs = nowMs;
      this.#reportRoom(nowMs, meeting);
    }
  }

  /** As long as somebody is in a room, nobody has left the meeting that it belongs to. */
  #reportRoom(nowMs: number, room: MeetingId): void {
    const main = this.#mainOf(room);
    const known = main === undefined ? undefined : this.placements.get(main);
    if (main === undefined || known === undefined) return;
    known.peopledMs = nowMs;
    this.#inRoomsMs.set(main, nowMs);
  }

  /** `isAbsent`: a router is neither recorded nor heard of. To be called each second, whoever leads. */
  look(nowMs: number, isAbsent: (router: RouterId) => boolean): void {
    const named = new Set(this.placements.routers);
    for (const router of this.#absentSince.keys()) {
      if (!named.has(router) || !isAbsent(router)) this.#absentSince.delete(router);
    }
    for (const router of named) {
      if (isAbsent(router) && !this.#absentSince.has(router)) this.#absentSince.set(router, nowMs);
    }
  }

  /** For a plan that is carried out. */
  worldToRepair(nowMs: number, wallMs: number, capacity: ZoneCapacity): ZoneWorld {
    const world = this.world(nowMs, wallMs, capacity);
    if (world.isRebalanceDue) this.#rebalancedMs = nowMs;
    return world;
  }

  world(nowMs: number, wallMs: number, capacity: ZoneCapacity): ZoneWorld {
    const { rebalanceEveryMs, rebalanceMoves, maxScanned } = this.#policy;
    const isRebalanceDue = rebalanceMoves > 0 && nowMs - this.#rebalancedMs >= rebalanceEveryMs;
    return {
      nowMs,
      wallMs,
      policy: this.#policy,
      capacity,
      placements: this.placements,
      people: this.people,
      drains: this.#allDrains(wallMs, capacity),
      moves: this.#wishes.moves,
      absentMs: (router) => {
        const since = this.#absentSince.get(router);
        return since === undefined ? 0 : nowMs - since;
      },
      scanned: this.placements.next(maxScanned),
      isRebalanceDue,
      isNeeded: this.#isNeeded,
      hasPeopleInRooms: (meeting) => nowMs - (this.#inRoomsMs.get(meeting) ?? Number.NEGATIVE_INFINITY) <= IN_ROOMS_MS,
    };
  }

  /** Those that operators have ordered, and routers that say themselves that they are about to stop. */
  #allDrains(wallMs: number, capacity: ZoneCapacity): ReadonlyMap<RouterId, DrainRecord> {
    const { drains } = this.#wishes;
    const stopping = [...this.placements.routers].filter(
      (router) => !drains.has(router) && capacity.router(router)?.facts.taints.includes('draining'),
    );
    if (stopping.length === 0) return drains;
    const order = { startedMs: wallMs, deadlineMs: Number.POSITIVE_INFINITY, by: 'router' };
    return new Map([...drains, ...stopping.map((router) => [router, order] as const)]);
  }
}
