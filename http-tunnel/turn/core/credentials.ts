/**
 * Long-term credentials that expire (draft-uberti-behave-turn-rest): the user name is `{unix expiry}:{participant}`, the
 * password base64(HMAC-SHA1(secret, user name)). Who shares the secret mints them; nothing is stored per user.
 */
import { createHash, createHmac } from 'node:crypto';

/** Who sent a request. */
export interface TurnUser {
  readonly username: string;
  /** What quotas count by: the same for all credentials of a participant. */
  readonly participant: string;
  readonly password: string;
  /** The keys of MESSAGE-INTEGRITY(-SHA256) (RFC 8489 section 18.5): by password algorithm MD5 and by SHA-256. */
  readonly md5Key: Uint8Array;
  readonly sha256Key: Uint8Array;
}

/** Secrets valid at one time: an hour's, the one before, and as much again for a zone whose seed is being changed. */
const MAX_SECRETS = 4;

export function turnPassword(secret: string | Uint8Array, username: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}

export class Credentials {
  readonly realm: string;
  readonly #unixSeconds: () => number;
  #secrets: readonly (string | Uint8Array)[] = [];

  /** `unixSeconds`: of the wall clock that the minter goes by. */
  constructor(realm: string, unixSeconds: () => number) {
    this.realm = realm;
    this.#unixSeconds = unixSeconds;
  }

  /** From now on these and no others, the likeliest first; at most 4. */
  replaceSecrets(secrets: readonly (string | Uint8Array)[]): void {
    this.#secrets = secrets.slice(0, MAX_SECRETS);
  }

  /** Who it may be that calls himself so, one for each secret: the message tells. Empty when the name has expired. */
  users(username: string): TurnUser[] {
    const parts = /^(\d{1,12}):(.+)$/s.exec(username);
    if (parts === null || Number(parts[1]) <= this.#unixSeconds()) return [];
    const participant = parts[2] ?? '';
    return this.#secrets.map((secret) => this.#user(username, participant, turnPassword(secret, username)));
  }

  #user(username: string, participant: string, password: string): TurnUser {
    const input = `${username}:${this.realm}:${password}`;
    const key = (algorithm: string) => createHash(algorithm).update(input).digest();
    return { username, participant, password, md5Key: key('md5'), sha256Key: key('sha256') };
  }
}
