/**
 * What a controller of a zone knows of the world, as the bus tells it, and where it would place somebody by that. Records, digests and
 * presences are kept by the parts that a real controller keeps them with.
 */
import type { Bus } from '../../../bus/bus.ts';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import type { MeetingDirectory } from '../../../global-controller/meetings/meeting-directory.ts';
import { WorldRecords } from '../../../global-controller/mirror/world-records.ts';
import type { EffectivePolicy } from '../../../global-controller/policies/effective-policy.ts';
import type { Policies } from '../../../global-controller/policies/policies.ts';
import { rankZones } from '../../../global-controller/ranking/rank-zones.ts';
import type { Ranking } from '../../../global-controller/ranking/ranking.ts';
import { DIGEST_SUBJECT, readDigest } from '../../../global-controller/world/world-digest.ts';
import type { ZoneView } from '../../../global-controller/zones/known-zone.ts';
import { KnownZones } from '../../../zone-controller/world/known-zones.ts';
import { isOnTheWay } from '../../../zone-controller/world/on-the-way.ts';
import type { JoinQuery } from '../../../zone-controller/world/world.ts';

export interface ZoneKnowledgeOptions {
  readonly bus: Bus;
  readonly own: ZoneId;
  readonly now: () => number;
  readonly treeChanged: (meeting: MeetingId) => void;
  readonly log: Logger;
}

export class ZoneKnowledge {
  readonly own: ZoneId;
  readonly records: WorldRecords;
  /** As the records have them, unless a bug is planted. */
  policies: Policies;
  readonly #known = new KnownZones();
  readonly #now: () => number;

  constructor({ bus, own, now, treeChanged, log }: ZoneKnowledgeOptions) {
    this.own = own;
    this.#now = now;
    this.records = new WorldRecords(
      {
        zone: (zone, record) => {
          if (record === undefined) this.#known.deleteRecord(zone);
          else this.#known.putRecord(zone, record, now());
        },
        tree: treeChanged,
      },
      log,
    );
    this.policies = this.records.policies;
    this.records.start(bus);
    this.records.readBlocks();
    bus.subscribe(DIGEST_SUBJECT, {
      message: ({ payload, sender }) => {
        const digest = readDigest(payload);
        if (digest !== undefined) this.#known.handleDigest(sender.instance, digest, now());
      },
    });
  }

  get homes(): MeetingDirectory {
    return this.records.meetings.homes;
  }

  zone(zone: ZoneId): ZoneView | undefined {
    return this.zones().find((view) => view.zone === zone);
  }

  /** Itself is well: it is speaking. */
  zones(): ZoneView[] {
    return this.#known.all(this.#now()).map((view) => (view.zone === this.own ? { ...view, standing: 'well' } : view));
  }

  policyIn(zone: ZoneId, { account, policy }: JoinQuery['rules'] = {}): EffectivePolicy {
    return this.policies.effective(zone, account, policy);
  }

  blockZone(meeting: MeetingId): ZoneId | undefined {
    return this.homes.blockZone(meeting);
  }

  /** As BusWorld.isOnTheWay. */
  isOnTheWay(meeting: MeetingId): boolean {
    return isOnTheWay(this.own, this.records.meetings.get(meeting)?.tree?.value);
  }

  /** As BusWorld.rank. undefined: not everything is known; then where it would send people could be against a policy. */
  rank(
    meeting: MeetingId,
    isHere: boolean,
    account: string | undefined,
    rttMs: ReadonlyMap<ZoneId, number>,
  ): Ranking | undefined {
    const home = this.homes.home(meeting)?.zone;
    if (home === undefined || !this.records.isComplete) return undefined;
    const tree = this.records.meetings.get(meeting)?.tree?.value;
    const present = new Set(tree === undefined ? [] : [tree.root, ...tree.edges.map(({ zone }) => zone)]);
    if (isHere) present.add(this.own);
    else if (tree === undefined && home !== this.own) present.add(home);
    // Who reaches a controller of a zone that keeps its people is one of them.
    const own = this.policyIn(this.own).residency === 'local' ? this.own : undefined;
    return rankZones({
      zones: this.zones(),
      meeting: { home, present, policyIn: (zone) => this.policyIn(zone, { account }) },
      participant: { own, rttMs, place: undefined },
      policyOf: (zone) => this.policyIn(zone),
    });
  }
}
