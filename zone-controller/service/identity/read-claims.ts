/** What the claims of a verified token say, by the names that the configuration has for them. Pure. */
import type { JWTPayload } from 'jose';
import type { Identity } from './identity.ts';
import type { IssuerConfig } from './identity-config.ts';

const MAX_NAME = 80;
/** As names in meetings: nothing that is not seen, or turns the text around it. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu;
const SHOWS = /[\p{L}\p{N}\p{P}\p{S}]/u;
/** As policies name accounts. */
const ACCOUNT = /^[\w.-]{1,64}$/;
const MAX_MEETINGS = 1_000;

/** `payload`: with `iss` and `sub`. */
export function readClaims(payload: JWTPayload, { claims, roles }: IssuerConfig): Identity {
  const [issuer, subject] = [String(payload.iss), String(payload.sub)];
  const name = readName(payload[claims.name]);
  const account = claims.account === undefined ? undefined : payload[claims.account];
  const held = textsOf(payload[claims.roles]);
  const meetings = textsOf(payload[claims.meetings]);
  return {
    id: `${issuer} ${subject}`,
    issuer,
    subject,
    ...(name === undefined ? {} : { name }),
    ...(typeof account === 'string' && ACCOUNT.test(account) ? { account } : {}),
    isAdmin: roles.admin.some((role) => held.includes(role)),
    isHost: roles.host.some((role) => held.includes(role)),
    opens: meetings.includes('*') ? 'all' : new Set(meetings.slice(0, MAX_MEETINGS)),
  };
}

function readName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.replace(UNSEEN, '').trim().slice(0, MAX_NAME).trim();
  return SHOWS.test(name) ? name.toWellFormed() : undefined;
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string');
}
