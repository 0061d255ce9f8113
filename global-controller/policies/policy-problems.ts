/** Why policies contradict themselves or each other, in words for operators. */
import type { ZoneId } from '../../common/ids.ts';
import { effectivePolicy } from './effective-policy.ts';
import type { PolicyRules } from './policy.ts';
import { DEFAULT_SCOPE, type PolicyScope, policyKey, scopeName } from './policy-scope.ts';

interface Scoped {
  readonly scope: PolicyScope;
  readonly policy: PolicyRules;
}

/** Of all policies together; `zones` are those that exist. Empty: all is well. */
export function policyProblems(policies: readonly Scoped[], zones: ReadonlySet<ZoneId>): string[] {
  const isLocal = localZones(policies);
  return policies.flatMap(({ scope, policy }) =>
    [...ownProblems(scope, policy, zones), ...zoneProblems(scope, policy, zones, isLocal)].map(
      (problem) => `${scopeName(scope)}: ${problem}`,
    ),
  );
}

function ownProblems({ kind, id }: PolicyScope, policy: PolicyRules, zones: ReadonlySet<ZoneId>): string[] {
  const { residency, guests, overflow } = policy;
  const problems: string[] = [];
  if (kind === 'zone' && !zones.has(id as ZoneId)) problems.push(`there is no zone ${id}`); // compared as text
  if (residency === 'local' && overflow !== undefined && overflow !== 'never') {
    problems.push(
      'residency local keeps people in the zone, but overflow sends them elsewhere; overflow has to be never',
    );
  }
  if (residency === 'anywhere' && typeof guests === 'object') {
    problems.push('guests can come via a zone only where residency is local; here it is anywhere');
  }
  return problems;
}

/** About the zones that a policy names. */
function zoneProblems(
  { kind, id }: PolicyScope,
  { guests, overflow }: PolicyRules,
  zones: ReadonlySet<ZoneId>,
  isLocal: (zone: ZoneId) => boolean,
): string[] {
  const named: [string, ZoneId][] = [];
  if (typeof guests === 'object') named.push(['guests via', guests.via]);
  if (typeof overflow === 'object') named.push(['overflow to', overflow.zone]);
  return named.flatMap(([rule, zone]) => {
    if (kind === 'zone' && zone === id) return [`${rule} ${zone} names the zone itself`];
    if (!zones.has(zone)) return [`${rule} ${zone}: there is no such zone`];
    return isLocal(zone) ? [`${rule} ${zone}: residency is local there, so it takes no people of others`] : [];
  });
}

function localZones(policies: readonly Scoped[]): (zone: ZoneId) => boolean {
  const byKey = new Map(policies.map(({ scope, policy }) => [policyKey(scope), policy]));
  return (zone) => {
    const layers = {
      zone: byKey.get(policyKey({ kind: 'zone', id: zone })),
      default: byKey.get(policyKey(DEFAULT_SCOPE)),
    };
    return effectivePolicy({ ...layers, account: undefined, meeting: undefined }).residency === 'local';
  };
}
