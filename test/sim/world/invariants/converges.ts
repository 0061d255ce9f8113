/**
 * CONVERGE_MS after the last fault has ended everything is as it should be: zones are well, people are where they may be and hear each
 * other, what is kept of them is true, and drained zones are empty.
 */
import type { MeetingId, ZoneId } from '../../../../common/ids.ts';
import { HOMES_BUCKET, presenceBucket, TREES_BUCKET } from '../../../../global-controller/buckets.ts';
import { Violation } from '../../common/violation.ts';
import type { WorldSimulation } from '../world-simulation.ts';
import type { Invariant } from './invariant.ts';

/** Consent of those who have gone elsewhere is what takes longest. */
export const CONVERGE_MS = 45_000;

export class Converges implements Invariant {
  converged(world: WorldSimulation): void {
    const wrong = [
      ...standings(world),
      ...placements(world),
      ...presences(world),
      ...world.attendance.meetings.flatMap((meeting) => [...reaches(world, meeting)]),
    ];
    if (wrong.length > 0) throw new Violation(wrong.join('\n'));
  }
}

/** Nobody is there any more, and nothing is left of them. */
export function checkIdle(world: WorldSimulation): void {
  const wrong: string[] = [...presences(world)];
  for (const site of world.sites.values()) {
    if (site.people.length > 0) wrong.push(`${site.people.length} people are left in ${site.zone}`);
    for (const meeting of site.linked)
      if (site.neighboursIn(meeting).size > 0) wrong.push(`${site.zone} has links of ${meeting}`);
  }
  for (const [key] of world.truth.kept(TREES_BUCKET.name)) wrong.push(`${key} has a tree`);
  for (const [key, value] of world.truth.kept(HOMES_BUCKET.name)) {
    const [meeting, { zone }] = [key as MeetingId, value as { zone: ZoneId }]; // as they were written
    // A local meeting may be going on where nobody sees it.
    if (zone !== world.truth.blockZone(meeting) && world.truth.residencyOf(meeting) === 'anywhere')
      wrong.push(`${key} is at home in ${zone}`);
  }
  if (wrong.length > 0) throw new Violation(wrong.join('\n'));
}

function* standings({ daemons, zones }: WorldSimulation): Generator<string> {
  for (const { process, mirror } of daemons.globals) {
    for (const { zone, standing } of mirror.directory.zones(process.now()))
      if (standing !== 'well') yield `${process.name} takes ${zone} for ${standing}`;
  }
  for (const { process, knowledge } of daemons.zones) {
    if (knowledge.zones().length !== zones.length) yield `${process.name} does not know all zones`;
    for (const { zone, standing } of knowledge.zones())
      if (standing !== 'well') yield `${process.name} takes ${zone} for ${standing}`;
  }
}

function* placements(world: WorldSimulation): Generator<string> {
  for (const person of world.attendance.people) {
    const at = [...world.sites.values()].filter((site) => site.has(person.meeting, person)).map(({ zone }) => zone);
    if (!person.wants) {
      if (at.length > 0) yield `${person.name} is still in ${at.join(' ')}`;
      continue;
    }
    if (at.length === 1 && at[0] === person.place) {
      if (world.daemons.zone(at[0] as ZoneId)?.isDrained && world.attendance.answerTo(person) === 'placed')
        yield `${person.name} is in ${at[0]}, which is drained`;
    } else if (at.length > 0 || person.place !== undefined) {
      yield `${person.name} takes himself to be in ${person.place}, and is in ${at.join(' ') || 'none'}`;
    } else if (world.attendance.answerTo(person) !== 'refused') yield `${person.name} is nowhere (${person.why})`;
  }
}

/** What is kept of a meeting is nearly true (zone-controller/world/shared-meetings.ts), and everybody who plans knows it. */
function* presences(world: WorldSimulation): Generator<string> {
  for (const site of world.sites.values()) {
    const kept = new Map(world.truth.kept(presenceBucket(site.zone).name));
    for (const meeting of new Set([...(kept.keys() as Iterable<MeetingId>), ...site.meetings])) {
      const { people = 0 } = (kept.get(meeting) ?? {}) as { people?: number };
      const are = world.truth.isShared(meeting, site.zone) ? site.peopleIn(meeting) : 0;
      if (Math.abs(people - are) > people * 0.2 + 0.001 || (people === 0) !== (are === 0))
        yield `${site.zone} has ${are} people in ${meeting}, but ${people} are told`;
      for (const { process, mirror } of world.daemons.globals) {
        const known = mirror.meetings.get(meeting)?.present.get(site.zone)?.people ?? 0;
        if (known !== people)
          yield `${process.name} knows of ${known} people in ${meeting} in ${site.zone}, not ${people}`;
      }
    }
  }
}

/** Zones where the meeting is hear each other as far as policies let them. */
function* reaches(world: WorldSimulation, meeting: MeetingId): Generator<string> {
  const present = world.truth.presentIn(meeting);
  const [first] = present;
  if (first === undefined || present.length < 2) return;
  const home = world.truth.homeOf(meeting);
  const tree = world.truth.treeOf(meeting);
  const root = tree?.root ?? (home !== undefined && present.includes(home) ? home : first);
  const inTree = [root, ...(tree?.edges ?? []).map(({ zone }) => zone)];
  const reached = world.trunks.reach(meeting, root);
  for (const zone of inTree) if (!reached.has(zone)) yield `${zone} is in the tree of ${meeting} and not reached`;
  for (const zone of present) {
    if (!inTree.includes(zone) && world.truth.mayBeInTree(meeting, root, zone))
      yield `${zone} is left out of the tree of ${meeting}`;
  }
}
