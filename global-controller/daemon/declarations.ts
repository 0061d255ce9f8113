/** Writes the zones and policies that the configuration declares, once, as far as they differ from what is written. */
import { isDeepStrictEqual } from 'node:util';
import { ABSENT, type Bucket } from '../../bus/bucket.ts';
import type { Bus } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { DIRECTORY_BUCKET, directoryKey, POLICIES_BUCKET } from '../buckets.ts';
import { Policies } from '../policies/policies.ts';
import { type PolicyRules, policyRecord } from '../policies/policy.ts';
import { type PolicyScope, policyKey, readPolicyScope, scopeName } from '../policies/policy-scope.ts';
import { type ZoneRecord, zoneRecord } from '../zones/zone-record.ts';

export type DeclaredZone = Omit<ZoneRecord, 'drained'> & { readonly drained?: boolean | undefined };

export interface Declarations {
  /** Where `drained` is left out, it stays as operators have set it. */
  readonly zones: ReadonlyMap<ZoneId, DeclaredZone>;
  readonly policies: readonly { readonly scope: PolicyScope; readonly rules: PolicyRules }[];
}

/** Rules as the configuration has them, checked together. @throws ZonecastError `badPolicy` in words for the operator */
export function declaredPolicies(
  rules: Readonly<Record<string, PolicyRules>>,
  zones: ReadonlySet<ZoneId>,
): Declarations['policies'] {
  const known = new Policies();
  const declared = Object.entries(rules).map(([text, rule]) => {
    const scope = readPolicyScope(text);
    if (scope === undefined)
      throw new ZonecastError('badPolicy', `policies.${text} is not default, zone.ZONE or account.ACCOUNT.`);
    known.put(scope, { ...rule, revision: 1 });
    return { scope, rules: rule };
  });
  const problems = known.problems(zones);
  if (problems.length > 0) throw new ZonecastError('badPolicy', `Policies: ${problems.join('; ')}.`);
  return declared;
}

/** Rejects with ZonecastError when the bus is away or others write at the same time: to be tried again. */
export async function writeDeclarations(bus: Bus, { zones, policies }: Declarations, log: Logger): Promise<void> {
  const directory = bus.bucket(DIRECTORY_BUCKET);
  for (const [zone, record] of zones) await writeZone(directory, zone, record, log);
  const bucket = bus.bucket(POLICIES_BUCKET);
  for (const { scope, rules } of policies) await writePolicy(bucket, scope, rules, log);
}

async function writeZone(directory: Bucket, zone: ZoneId, declared: DeclaredZone, log: Logger): Promise<void> {
  const key = directoryKey(zone);
  const entry = await directory.get(key);
  const before = zoneRecord.safeParse(entry?.value).data;
  const record = { ...declared, drained: declared.drained ?? before?.drained ?? false };
  if (isDeepStrictEqual(before, record)) return;
  await directory.put(key, record, entry?.revision ?? ABSENT);
  log.info({ zone }, 'a zone is written to the directory');
}

async function writePolicy(bucket: Bucket, scope: PolicyScope, rules: PolicyRules, log: Logger): Promise<void> {
  const entry = await bucket.get(policyKey(scope));
  const before = policyRecord.safeParse(entry?.value).data;
  const next = { ...rules, revision: (before?.revision ?? 0) + 1 };
  if (isDeepStrictEqual(before, { ...rules, revision: before?.revision })) return;
  await bucket.put(policyKey(scope), next, entry?.revision ?? ABSENT);
  log.info({ scope: scopeName(scope), revision: next.revision }, 'a policy is written');
}
