/**
 * Nothing of a local meeting leaves its zone but by `guests.via`. At a zone that has always been fenced, never and with nobody's help; where a
 * policy becomes local in the middle of a meeting, soon after somebody who plans and one end of the link can hear of it.
 */
import type { MeetingId, ZoneId } from '../../../../common/ids.ts';
import { POLICIES_BUCKET } from '../../../../global-controller/buckets.ts';
import { Policies } from '../../../../global-controller/policies/policies.ts';
import { policyRecord } from '../../../../global-controller/policies/policy.ts';
import { readPolicyScope } from '../../../../global-controller/policies/policy-scope.ts';
import { Violation } from '../../common/violation.ts';
import type { WorldSimulation } from '../world-simulation.ts';
import type { Invariant } from './invariant.ts';

/** Of a new policy: its watches, a round of planning with a write that goes wrong once, and the watch of the tree. */
export const OBEYED_MS = 12_000;

export class LocalStays implements Invariant {
  /** As they are, whoever knows of it. */
  readonly #policies = new Policies();
  /** Leaks that there are, and since when somebody could have known. */
  readonly #since = new Map<string, number>();

  written(bucket: string, key: string, value: unknown): void {
    const [record, scope] = [policyRecord.safeParse(value).data, readPolicyScope(key)];
    if (bucket === POLICIES_BUCKET.name && record !== undefined && scope !== undefined)
      this.#policies.put(scope, record);
  }

  check(world: WorldSimulation): void {
    this.#people(world);
    const leaks = new Set<string>();
    for (const { meeting, from, to } of openLinks(world)) {
      if (this.#mayMeet(world, meeting, from, to) && this.#mayMeet(world, meeting, to, from)) continue;
      const about = `${meeting} goes from ${from} to ${to}`;
      if (this.#isFencedByItself(world, from, to) || this.#isFencedByItself(world, to, from))
        throw new Violation(`${about}: ${world.onPrem} is fenced`);
      leaks.add(about);
      const isKnown =
        world.daemons.isPlanning && [from, to].some((zone) => world.daemons.zone(zone)?.isWorking === true);
      const sinceMs = isKnown ? (this.#since.get(about) ?? world.clock.nowMs) : world.clock.nowMs;
      this.#since.set(about, sinceMs);
      if (world.clock.nowMs - sinceMs > OBEYED_MS) throw new Violation(`${about} for ${OBEYED_MS} ms, and must not`);
    }
    for (const about of this.#since.keys()) if (!leaks.has(about)) this.#since.delete(about);
  }

  /** People of the fenced zone are there or nowhere, and nobody else is. */
  #people({ onPrem, attendance, sites }: WorldSimulation): void {
    if (onPrem === undefined) return;
    for (const person of attendance.people) {
      for (const site of sites.values()) {
        const isOwn = person.own === onPrem;
        if (site.has(person.meeting, person) && isOwn !== (site.zone === onPrem))
          throw new Violation(`${person.name}, ${isOwn ? 'of' : 'not of'} ${onPrem}, is placed in ${site.zone}`);
      }
    }
  }

  /** By the policy that it has always had, whatever accounts say. */
  #isFencedByItself({ onPrem }: WorldSimulation, zone: ZoneId, other: ZoneId): boolean {
    const { guests } = this.#policies.effective(zone);
    return zone === onPrem && (guests === 'none' || guests.via !== other);
  }

  /** As far as the one says, by the home that is written. */
  #mayMeet(world: WorldSimulation, meeting: MeetingId, one: ZoneId, other: ZoneId): boolean {
    const account = one === world.truth.homeOf(meeting) ? world.attendance.accountOf(meeting) : undefined;
    const { residency, guests } = this.#policies.effective(one, account);
    return residency === 'anywhere' || (guests !== 'none' && guests.via === other);
  }
}

function* openLinks({
  sites,
  trunks,
}: WorldSimulation): Generator<{ readonly meeting: MeetingId; readonly from: ZoneId; readonly to: ZoneId }> {
  for (const site of sites.values()) {
    for (const meeting of site.linked) {
      for (const to of site.neighboursIn(meeting))
        if (site.zone < to && trunks.isOpen(meeting, site.zone, to)) yield { meeting, from: site.zone, to };
    }
  }
}
