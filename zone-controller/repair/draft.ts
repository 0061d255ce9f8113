/** A plan in the making: at most one action for each meeting, and so many in all. */
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingTree, WorkerPlace } from '../placement/meeting-tree.ts';
import type { Reservation } from '../placement/zone-capacity.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { KnownPlacement } from './placement-index.ts';
import type { Change, RepairAction } from './repair-action.ts';
import { type PlacedMeeting, readPlacement } from './spread-placement.ts';
import type { ZoneWorld } from './zone-world.ts';

type Details = Partial<Pick<Change, 'gone' | 'reservations' | 'wish'>> & { readonly why: string };

export class Draft {
  readonly world: ZoneWorld;
  readonly actions: RepairAction[] = [];
  readonly #planned = new Set<MeetingId>();
  readonly #reserve: (reservations: readonly Reservation[]) => void;

  /** `reserve`: promises for as long as the plan is made. */
  constructor(world: ZoneWorld, reserve: (reservations: readonly Reservation[]) => void) {
    this.world = world;
    this.#reserve = reserve;
  }

  get isFull(): boolean {
    return this.actions.length >= this.world.policy.maxActions;
  }

  /** undefined: something is planned for it already, or nothing more can be. */
  take({ meeting, record, changedMs }: KnownPlacement): PlacedMeeting | undefined {
    if (this.isFull || this.#planned.has(meeting)) return undefined;
    const people = (place: WorkerPlace): number => this.world.people.lastCount(meeting, place);
    return readPlacement(meeting, record, people, changedMs);
  }

  /** Who are at a place; undefined when that is not known. Reports from before the last change do not count. */
  count({ meeting, changedMs }: Pick<MeetingTree, 'meeting' | 'changedMs'>, place: WorkerPlace): number | undefined {
    const { nowMs, people, policy } = this.world;
    return people.count(nowMs, meeting, place, changedMs + policy.settleMs);
  }

  change(
    { record, tree }: PlacedMeeting,
    next: MeetingPlacement,
    { gone = [], reservations = [], ...rest }: Details,
  ): void {
    this.#planned.add(tree.meeting);
    this.#reserve(reservations);
    this.actions.push({ type: 'change', meeting: tree.meeting, seen: record, next, gone, reservations, ...rest });
  }

  /** Of a meeting with one place. */
  release({ record, tree }: PlacedMeeting, why: string): void {
    const [root] = tree.places;
    if (root === undefined) return;
    this.#planned.add(tree.meeting);
    this.actions.push({ type: 'release', meeting: tree.meeting, seen: record, router: root.router, why });
  }

  forgetWish(wish: string, why: string): void {
    this.actions.push({ type: 'forgetWish', wish, why });
  }
}
