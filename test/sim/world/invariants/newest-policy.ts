/** No stale policy wins: nobody decides by an older one than he has decided by before, and in the end all have the newest. */
import { POLICIES_BUCKET } from '../../../../global-controller/buckets.ts';
import type { Policies } from '../../../../global-controller/policies/policies.ts';
import { policyRecord } from '../../../../global-controller/policies/policy.ts';
import { type PolicyScope, policyKey, readPolicyScope } from '../../../../global-controller/policies/policy-scope.ts';
import { Violation } from '../../common/violation.ts';
import type { WorldSimulation } from '../world-simulation.ts';
import type { Invariant } from './invariant.ts';

export class NewestPolicy implements Invariant {
  /** By key of the policy. */
  readonly #newest = new Map<string, { readonly scope: PolicyScope; readonly revision: number }>();
  /** By daemon and key. A daemon that starts again has to know as much before it decides. */
  readonly #used = new Map<string, number>();

  written(bucket: string, key: string, value: unknown): void {
    if (bucket !== POLICIES_BUCKET.name) return;
    const [record, scope] = [policyRecord.safeParse(value).data, readPolicyScope(key)];
    if (record === undefined || scope === undefined) throw new Violation(`the policy ${key} is gone`);
    const before = this.#newest.get(key)?.revision ?? 0;
    if (record.revision !== before + 1)
      throw new Violation(`the policy ${key} goes from revision ${before} to ${record.revision}`);
    this.#newest.set(key, { scope, revision: record.revision });
  }

  decided(daemon: string, policies: Policies): void {
    for (const { scope } of this.#newest.values()) {
      const key = `${daemon} ${policyKey(scope)}`;
      const revision = policies.revision(scope);
      const used = this.#used.get(key) ?? 0;
      if (revision < used)
        throw new Violation(`${daemon} decides by revision ${revision} of ${policyKey(scope)} after ${used}`);
      this.#used.set(key, revision);
    }
  }

  converged({ daemons }: WorldSimulation): void {
    const known = [
      ...daemons.globals.map(({ process, mirror }) => ({ process, policies: mirror.policies })),
      ...daemons.zones.map(({ process, knowledge }) => ({ process, policies: knowledge.policies })),
    ];
    for (const { scope, revision } of this.#newest.values()) {
      for (const { process, policies } of known) {
        const has = policies.revision(scope);
        if (has !== revision)
          throw new Violation(`${process.name} has revision ${has} of ${policyKey(scope)}, not ${revision}`);
      }
    }
  }
}
