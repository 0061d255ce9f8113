/** What the servers of the bus have, and what is so by that: whoever knows of it. */
import type { StoredValue } from '../../../bus/transport.ts';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import { blockOf } from '../../../global-controller/blocks/meeting-ids.ts';
import { BLOCKS_BUCKET, HOMES_BUCKET, POLICIES_BUCKET, TREES_BUCKET } from '../../../global-controller/buckets.ts';
import { Policies } from '../../../global-controller/policies/policies.ts';
import { policyRecord, type Residency } from '../../../global-controller/policies/policy.ts';
import { readPolicyScope } from '../../../global-controller/policies/policy-scope.ts';
import { TREE_POLICY } from '../../../global-controller/trees/tree-policy.ts';
import type { TreeRecord } from '../../../global-controller/trees/zone-tree.ts';
import type { BusServers } from './bus/bus-servers.ts';
import type { Seal } from './bus/sealed.ts';
import type { ZoneSite } from './zone-site.ts';

export interface TruthOptions {
  readonly servers: BusServers;
  readonly sites: ReadonlyMap<ZoneId, ZoneSite>;
  readonly accountOf: (meeting: MeetingId) => string | undefined;
}

export class WorldTruth {
  readonly #options: TruthOptions;
  readonly #policies = new Policies();

  constructor(options: TruthOptions) {
    this.#options = options;
  }

  /** Of every write that was taken. */
  written(bucket: string, key: string, value: unknown): void {
    const scope = bucket === POLICIES_BUCKET.name ? readPolicyScope(key) : undefined;
    if (scope !== undefined) this.#policies.put(scope, policyRecord.parse(value));
  }

  /** What a bucket has: keys and values, without what is deleted. */
  kept(bucket: string): [string, unknown][] {
    return [...this.#options.servers.values(bucket)].flatMap((stored): [string, unknown][] => {
      const { kind, value } = contentOf(stored);
      return kind === 'value' ? [[stored.key, value]] : [];
    });
  }

  blockZone(meeting: MeetingId): ZoneId | undefined {
    const record = new Map(this.kept(BLOCKS_BUCKET.name)).get(blockOf(meeting));
    return (record as { zone: ZoneId } | undefined)?.zone;
  }

  homeOf(meeting: MeetingId): ZoneId | undefined {
    const record = new Map(this.kept(HOMES_BUCKET.name)).get(meeting);
    return (record as { zone: ZoneId } | undefined)?.zone ?? this.blockZone(meeting);
  }

  treeOf(meeting: MeetingId): TreeRecord | undefined {
    return new Map(this.kept(TREES_BUCKET.name)).get(meeting) as TreeRecord | undefined; // checked when it was written
  }

  /** Where people of it are, of whom other zones are told. */
  presentIn(meeting: MeetingId): ZoneId[] {
    return [...this.#options.sites.values()]
      .filter((site) => this.isShared(meeting, site.zone) && site.peopleIn(meeting) > 0)
      .map(({ zone }) => zone);
  }

  /** What holds for it at home. */
  residencyOf(meeting: MeetingId): Residency {
    const home = this.homeOf(meeting);
    return home === undefined ? 'anywhere' : this.#policyOf(meeting, home).residency;
  }

  /** Whether policies let any tree of the meeting's zones with this root have it. */
  mayBeInTree(meeting: MeetingId, root: ZoneId, zone: ZoneId): boolean {
    const present = this.presentIn(meeting);
    const vias = present.flatMap((each) => this.#viaOf(meeting, each) ?? []);
    const all = new Set([...present, ...vias]);
    let reached = new Set([root]);
    for (let depth = 0; depth < TREE_POLICY.maxDepth; depth++) {
      const next = [...all].filter((each) =>
        [...reached].some((from) => this.#mayMeet(meeting, from, each) && this.#mayMeet(meeting, each, from)),
      );
      reached = new Set([...reached, ...next]);
    }
    return reached.has(zone);
  }

  /** Others are told of it: somebody may come to it. */
  isShared(meeting: MeetingId, zone: ZoneId): boolean {
    const { residency, guests } = this.#policies.effective(zone, this.#options.accountOf(meeting));
    return residency === 'anywhere' || guests !== 'none';
  }

  #viaOf(meeting: MeetingId, zone: ZoneId): ZoneId | undefined {
    const { residency, guests } = this.#policyOf(meeting, zone);
    return residency === 'local' && guests !== 'none' ? guests.via : undefined;
  }

  #mayMeet(meeting: MeetingId, one: ZoneId, other: ZoneId): boolean {
    const { residency } = this.#policyOf(meeting, one);
    return residency === 'anywhere' || this.#viaOf(meeting, one) === other;
  }

  #policyOf(meeting: MeetingId, zone: ZoneId) {
    const isHome = zone === this.homeOf(meeting);
    return this.#policies.effective(zone, isHome ? this.#options.accountOf(meeting) : undefined);
  }
}

export function contentOf({ bytes }: StoredValue): Seal {
  return JSON.parse(Buffer.from(bytes).toString());
}
