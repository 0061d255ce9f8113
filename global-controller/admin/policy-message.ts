/** Policies as proto/global.proto has them. */
import { ZonecastError } from '../../common/errors.ts';
import type {
  Policy as PolicyMessage,
  Policy__Output as PolicyWishMessage,
} from '../../proto/gen/zonecast/global/v1/Policy.ts';
import type { ScopedPolicy } from '../policies/policies.ts';
import { type PolicyRules, policyWish } from '../policies/policy.ts';
import { scopeName } from '../policies/policy-scope.ts';

/** Of a text of the wisher's; names of scopes are shorter. */
const MAX_SAID = 128;

export function policyMessage({ scope, policy }: ScopedPolicy): PolicyMessage {
  const { residency, guests, overflow, revision } = policy;
  return {
    scope: scopeName(scope),
    revision,
    ...(residency && { residency }),
    ...(guests && { guests: { via: guests === 'none' ? '' : guests.via } }),
    ...(overflow && { overflow: typeof overflow === 'string' ? { rule: overflow } : { zone: overflow.zone } }),
  };
}

/** For the audit log: the rules as the command line has them. What is no rule is there, too, as far as it is short. */
export function policyDetails(wish: PolicyWishMessage | null): Readonly<Record<string, string | number>> {
  if (wish === null) return {};
  const { scope, revision, residency, guests, overflow } = wish;
  return {
    scope: scope.slice(0, MAX_SAID),
    revision,
    ...(residency !== undefined && { residency: residency.slice(0, MAX_SAID) }),
    ...(guests && { guests: (guests.via || 'none').slice(0, MAX_SAID) }),
    ...(overflow && { overflow: (overflow[overflow.to ?? 'rule'] ?? '').slice(0, MAX_SAID) }),
  };
}

/** @throws ZonecastError `badPolicy` when a rule is none */
export function rulesOf({ residency, guests, overflow }: PolicyWishMessage): PolicyRules {
  const result = policyWish.safeParse({
    ...(residency !== undefined && { residency }),
    ...(guests && { guests: guests.via === '' ? 'none' : { via: guests.via } }),
    ...(overflow && { overflow: overflow.to === 'zone' ? { zone: overflow.zone } : overflow.rule }),
  });
  if (result.success) return result.data;
  const names = result.error.issues.map(({ path }) => path.join('.'));
  throw new ZonecastError('badPolicy', `Not a rule: ${names.join(', ')}.`);
}
