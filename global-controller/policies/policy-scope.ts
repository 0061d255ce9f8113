/** What a policy is about, as a key of the bucket `policies` and as operators write it. */
import { tokenOf } from '../../bus/subjects.ts';
import { daemonId } from '../../common/config-fields.ts';

export interface PolicyScope {
  readonly kind: 'default' | 'zone' | 'account';
  /** Of the zone or account; empty for the default. */
  readonly id: string;
}

export const DEFAULT_SCOPE: PolicyScope = { kind: 'default', id: '' };

/** `default`, `zone.{zone}` or `account.{account}`, the id as one token. */
export function policyKey({ kind, id }: PolicyScope): string {
  return kind === 'default' ? kind : `${kind}.${tokenOf(id)}`;
}

/** Of the key, or of what an operator writes (where the id may have dots); undefined: it is none. */
export function readPolicyScope(text: string): PolicyScope | undefined {
  if (text === 'default') return DEFAULT_SCOPE;
  const [, kind, token = ''] = /^(zone|account)\.(.+)$/.exec(text) ?? [];
  const id = token.replaceAll('=', '.');
  if ((kind !== 'zone' && kind !== 'account') || !daemonId.safeParse(id).success) return undefined;
  return { kind, id };
}

/** For people. */
export function scopeName({ kind, id }: PolicyScope): string {
  return kind === 'default' ? 'default' : `${kind}.${id}`;
}
