/** Who asks something of the meeting service, by whatever way it came. */
import type { AuditActor } from '../../common/audit/audit.ts';
import type { Identity } from './identity/identity.ts';

export interface Caller {
  /** Network address, as limits count it; undefined: an operator's. */
  readonly address?: string;
  /** Has shown a token of an identity provider. */
  readonly identity?: Identity;
  /** Claims to be host of the one meeting that it is about; not checked yet. */
  readonly hostKey?: string | undefined;
  /** Name of the operator's certificate. */
  readonly operator?: string;
}

export function actorOf({ address, identity, hostKey, operator }: Caller): AuditActor {
  return {
    ...(operator === undefined ? {} : { operator }),
    ...(identity === undefined ? {} : { identity: identity.id }),
    ...(hostKey === undefined ? {} : { hostKey: true }),
    ...(address === undefined ? {} : { address }),
  };
}

/** May do everything with every meeting. */
export function isMasterOfAll({ identity, operator }: Caller): boolean {
  return operator !== undefined || identity?.isAdmin === true;
}
