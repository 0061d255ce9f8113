/**
 * What should be written of a meeting now: its home, its tree. Level-triggered: made from how things are, not from what has
 * happened, so whatever was missed is done later, and several global controllers do no harm: each write names the revision that
 * it replaces, and of several one succeeds.
 */
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { HomeRecord } from '../meetings/home-record.ts';
import { type HomeChange, planHome } from '../meetings/plan-home.ts';
import type { Policies } from '../policies/policies.ts';
import type { Guests } from '../policies/policy.ts';
import type { CutMemory } from '../trees/cut-memory.ts';
import { planTree, type TreePlan } from '../trees/plan-tree.ts';
import type { TreePolicy } from '../trees/tree-policy.ts';
import type { TreeRecord } from '../trees/zone-tree.ts';
import type { KnownZone } from '../zones/known-zone.ts';
import type { KnownMeeting, MeetingWorld } from './meeting-world.ts';

export interface PlanningWorld {
  readonly zones: ReadonlyMap<ZoneId, KnownZone>;
  readonly policies: Policies;
  readonly meetings: MeetingWorld;
  readonly cuts: CutMemory;
  readonly nowMs: number;
  readonly policy?: TreePolicy;
}

export type MeetingAction =
  /** `seen`: the revision that is replaced; undefined: there is no record. */
  | {
      readonly type: 'putHome';
      readonly meeting: MeetingId;
      readonly record: HomeRecord;
      readonly seen: number | undefined;
      readonly why: HomeChange['why'];
    }
  | {
      readonly type: 'putTree';
      readonly meeting: MeetingId;
      readonly record: TreeRecord;
      readonly seen: number | undefined;
      readonly why: TreePlan['why'];
    }
  | { readonly type: 'deleteTree'; readonly meeting: MeetingId; readonly seen: number };

/** Remembers in `known` what the next plan for its tree has to know. */
export function planMeeting(world: PlanningWorld, known: KnownMeeting): MeetingAction[] {
  const home = homeAction(world, known);
  // The tree is planned for the home as it is written: it follows a moment later.
  const tree = treeAction(world, known);
  return [...(home ? [home] : []), ...(tree ? [tree] : [])];
}

function homeAction({ zones, policies, meetings }: PlanningWorld, known: KnownMeeting): MeetingAction | undefined {
  const { meeting, present } = known;
  const home = meetings.homes.home(meeting);
  if (home === undefined) return undefined;
  const block = zones.get(meetings.homes.blockZone(meeting) ?? home.zone);
  const change = planHome({
    home,
    homeStanding: zones.get(home.zone)?.standing,
    blockZone: block && { zone: block.zone, standing: block.standing },
    present: [...present].flatMap(([zone, { people }]) => {
      const at = zones.get(zone);
      if (at === undefined) return [];
      const fenced = policies.effective(zone).residency === 'local';
      return [{ zone, people, standing: at.standing, drained: at.drained, fenced }];
    }),
    residency: policies.effective(home.zone, accountOf(known)).residency,
  });
  return (
    change && { type: 'putHome', meeting, record: change.next, seen: meetings.homeRevision(meeting), why: change.why }
  );
}

function treeAction(world: PlanningWorld, known: KnownMeeting): MeetingAction | undefined {
  const { zones, policies, meetings, cuts, nowMs, policy } = world;
  const { meeting, present, tree } = known;
  const home = meetings.homes.home(meeting)?.zone;
  const account = accountOf(known);
  // Who is only on the way is so because of the tree, which must not be there because of him.
  const people = [...present].filter((each) => each[1].people > 0);
  const fence = (zone: ZoneId): Guests | undefined => {
    const { residency, guests } = zone === home ? policies.effective(zone, account) : policies.effective(zone);
    return residency === 'local' ? guests : undefined;
  };
  const plan = planTree({
    request: {
      // Of an id of no zone's block the first zone is as good a home as any.
      home: home ?? ([...present.keys()].sort()[0] as ZoneId),
      present: people.map(([zone, each]) => ({ zone, people: each.people })),
      known: zones,
      fence,
      nowMs,
    },
    cuts,
    current: tree?.value,
    memory: known.memory,
    ...(policy && { policy }),
  });
  known.memory = plan.memory;
  // What is nowhere because its zones are lost comes back with them.
  if (plan.tree === undefined)
    return tree && people.length === 0 ? { type: 'deleteTree', meeting, seen: tree.revision } : undefined;
  if (plan.why === 'kept') return undefined;
  // Most meetings are in one zone for all their life, and need no record.
  if (tree === undefined && plan.tree.edges.length === 0) return undefined;
  const version = (tree?.value.version ?? 0) + 1;
  const record: TreeRecord = { version, root: plan.tree.root, edges: [...plan.tree.edges] };
  return { type: 'putTree', meeting, record, seen: tree?.revision, why: plan.why };
}

/** Zones may disagree for a moment; all take the same. */
export function accountOf({ present }: KnownMeeting): string | undefined {
  return [...present.values()].flatMap(({ account }) => account ?? []).sort()[0];
}
