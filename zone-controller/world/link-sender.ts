/**
 * Tells the root of each meeting here where it is joined with other zones. Level-triggered: what a router has taken is compared with
 * what holds now. Every controller that has people in the meeting does so, and the leader; routers put together what they
 * are told (mmr/control/cascade/zone-links.ts).
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { inParallel } from '../../common/in-parallel.ts';
import type { Logger } from '../../common/log.ts';
import type { PresenceRecord } from '../../global-controller/buckets.ts';
import type { TreeRecord } from '../../global-controller/trees/zone-tree.ts';
import type { Kept } from '../../global-controller/world/meeting-world.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import { type LinkPlan, linksOfZone } from './links-of-zone.ts';
import { Runs } from './runs.ts';
import type { WorldCounts } from './world-counts.ts';
import type { ZoneSide } from './zone-side.ts';

/** Calls to routers at a time. */
const MAX_CALLS = 32;

export interface LinkSenderOptions {
  readonly own: ZoneId;
  readonly zone: Pick<ZoneSide, 'isLeader' | 'isLive' | 'placements' | 'router' | 'setTree' | 'setZoneLinks'>;
  readonly treeOf: (meeting: MeetingId) => Kept<TreeRecord> | undefined;
  readonly presenceOf: (zone: ZoneId, meeting: MeetingId) => Kept<PresenceRecord> | undefined;
  readonly counts: WorldCounts;
  readonly log: Logger;
}

interface Told extends LinkPlan {
  readonly router: RouterId;
  /** Of the placement. A router forgets what it was told when an epoch ends. */
  readonly epoch: number;
}

export class LinkSender {
  readonly #options: LinkSenderOptions;
  /** What the root of each meeting has taken. */
  readonly #told = new Map<MeetingId, Told>();
  readonly #marked = new Set<MeetingId>();
  readonly #runs = new Runs(() => inParallel([...this.#marked], MAX_CALLS, (meeting) => this.#settle(meeting)));

  constructor(options: LinkSenderOptions) {
    this.#options = options;
  }

  /** Something about the meeting has changed. */
  mark(meeting: MeetingId): void {
    this.#marked.add(meeting);
  }

  /** The router may be another process, which knows nothing. */
  subscribed(router: RouterId): void {
    for (const [meeting, told] of this.#told) {
      if (told.router !== router) continue;
      this.#told.delete(meeting);
      this.#marked.add(meeting);
    }
    for (const [meeting, { root }] of this.#options.zone.placements) if (root?.router === router) this.mark(meeting);
  }

  /** Tells what is to be told; what fails is told in the next run. Never rejects. */
  run(): Promise<void> {
    return this.#runs.run();
  }

  async #settle(meeting: MeetingId): Promise<void> {
    const { zone, counts, log } = this.#options;
    this.#marked.delete(meeting);
    const placement = zone.placements.get(meeting);
    const router = placement?.root?.router;
    const before = this.#told.get(meeting);
    if (placement === undefined || router === undefined) {
      this.#told.delete(meeting);
      return;
    }
    if (!zone.isLive(meeting) && !zone.isLeader()) return;
    const { epoch } = placement;
    const told = before?.router === router && before.epoch === epoch ? before : undefined;
    const plan = this.#plan(meeting, router, told ?? before);
    if (plan === undefined || (told !== undefined && isSame(told, plan))) return;
    try {
      await this.#tell(router, meeting, placement, plan);
      this.#told.set(meeting, { ...plan, router, epoch });
      counts.links.taken++;
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      counts.links.failed++;
      this.mark(meeting);
      log.warn({ meeting, router, err: error }, 'a router could not be told where a meeting is in other zones');
    }
  }

  /** undefined: there is nothing to say. */
  #plan(meeting: MeetingId, router: RouterId, told: Told | undefined): LinkPlan | undefined {
    const { own, zone, treeOf, presenceOf } = this.#options;
    const tree = treeOf(meeting);
    // The deletion of the tree had a revision of its own, so the next tree has a higher one.
    if (tree === undefined) return told && told.links.length > 0 ? { version: told.version + 1, links: [] } : undefined;
    const listens = zone.router(router)?.record.zonesAddress !== undefined;
    const plan = linksOfZone(own, listens, tree, (other) => presenceOf(other, meeting));
    return plan.links.length > 0 || told !== undefined ? plan : undefined;
  }

  async #tell(router: RouterId, meeting: MeetingId, placement: MeetingPlacement, plan: LinkPlan): Promise<void> {
    const { zone } = this.#options;
    const setLinks = (): Promise<void> => zone.setZoneLinks(router, meeting, plan.version, [...plan.links]);
    try {
      await setLinks();
    } catch (error) {
      // A meeting in one place has no tree until it needs one.
      if (!(error instanceof ZonecastError && error.code === 'noSuchMeeting')) throw error;
      await zone.setTree(router, meeting, placement);
      await setLinks();
    }
  }
}

function isSame(one: LinkPlan, other: LinkPlan): boolean {
  return one.version === other.version && JSON.stringify(one.links) === JSON.stringify(other.links);
}
