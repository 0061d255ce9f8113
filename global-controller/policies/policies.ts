/** All policies there are, as last seen; and how one is changed. */
import type { ZoneId } from '../../common/ids.ts';
import { type EffectivePolicy, effectivePolicy } from './effective-policy.ts';
import type { PolicyRecord, PolicyRules } from './policy.ts';
import { policyProblems } from './policy-problems.ts';
import { DEFAULT_SCOPE, type PolicyScope, policyKey } from './policy-scope.ts';

export interface ScopedPolicy {
  readonly scope: PolicyScope;
  readonly policy: PolicyRecord;
}

export type PolicyChange =
  | { readonly type: 'change'; readonly policy: PolicyRecord }
  /** Somebody else has changed it: look again. */
  | { readonly type: 'stale'; readonly revision: number }
  | { readonly type: 'refused'; readonly problems: readonly string[] };

export class Policies {
  readonly #policies = new Map<string, ScopedPolicy>();

  /** False: what is known is as new, or newer. So nothing that comes late or from an old copy brings back an old rule. */
  put(scope: PolicyScope, policy: PolicyRecord): boolean {
    const key = policyKey(scope);
    if (policy.revision <= this.revision(scope)) return false;
    this.#policies.set(key, { scope, policy });
    return true;
  }

  get(scope: PolicyScope): PolicyRecord | undefined {
    return this.#policies.get(policyKey(scope))?.policy;
  }

  /** 0: there has never been one. */
  revision(scope: PolicyScope): number {
    return this.get(scope)?.revision ?? 0;
  }

  /** In order of their keys. */
  all(): ScopedPolicy[] {
    return [...this.#policies.keys()].sort().flatMap((key) => this.#policies.get(key) ?? []);
  }

  /** For a meeting in a zone; the meeting's own rules come with its definition. */
  effective(zone: ZoneId, account?: string, meeting?: PolicyRules): EffectivePolicy {
    return effectivePolicy({
      zone: this.get({ kind: 'zone', id: zone }),
      account: account === undefined ? undefined : this.get({ kind: 'account', id: account }),
      meeting,
      default: this.get(DEFAULT_SCOPE),
    });
  }

  /** Why they contradict themselves or each other; empty: all is well. */
  problems(zones: ReadonlySet<ZoneId>): string[] {
    return policyProblems(this.all(), zones);
  }

  /**
   * What the policy becomes when it is to say `rules`, for who has seen `seen` (0: none). Refused when it would bring a
   * problem that is not there already. Changes nothing here.
   */
  change(scope: PolicyScope, rules: PolicyRules, seen: number, zones: ReadonlySet<ZoneId>): PolicyChange {
    const revision = this.revision(scope);
    if (seen !== revision) return { type: 'stale', revision };
    const policy: PolicyRecord = { ...rules, revision: revision + 1 };
    const others = this.all().filter((each) => policyKey(each.scope) !== policyKey(scope));
    const before = new Set(this.problems(zones));
    const problems = policyProblems([...others, { scope, policy }], zones).filter((problem) => !before.has(problem));
    return problems.length > 0 ? { type: 'refused', problems } : { type: 'change', policy };
  }
}
