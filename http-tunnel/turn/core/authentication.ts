/**
 * Who sent a request: the long-term credential mechanism of a server (RFC 8489 section 9.2.4). MESSAGE-INTEGRITY is
 * accepted from clients of RFC 5389, and answered likewise.
 *
 * Deviation: the nonce is looked at before user name and integrity, because it costs one HMAC and whoever spoofs an
 * address cannot have a fresh one.
 */
import { verifyIntegrity, verifyIntegritySha256 } from '../../../mmr/media/stun/stun-integrity.ts';
import { StunAttribute, type StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import type { Credentials, TurnUser } from './credentials.ts';
import type { Nonces } from './nonces.ts';
import { attributeValue, textOf } from './turn-protocol.ts';

/** What a request proved, and what its answer is to be proved by. */
export interface Proof {
  readonly user: TurnUser;
  readonly key: Uint8Array;
  readonly integrity: 'sha1' | 'sha256';
}

/** Bad request; who are you; your nonce is too old. */
export type Refusal = 400 | 401 | 438;

/** Section 18.5: numbers of password algorithms. */
const MD5 = 0x0001;
const SHA256 = 0x0002;
/** The value of PASSWORD-ALGORITHMS (section 14.11): what we would rather have comes first; neither has parameters. */
export const PASSWORD_ALGORITHMS = Uint8Array.of(0, SHA256, 0, 0, 0, MD5, 0, 0);

export class Authentication {
  readonly #credentials: Credentials;
  readonly #nonces: Nonces;

  constructor(credentials: Credentials, nonces: Nonces) {
    this.#credentials = credentials;
    this.#nonces = nonces;
  }

  /**
   * `client`: the key of the 5-tuple. `holder`: who made the allocation that the 5-tuple has; the name may have expired
   * since, and the secret may be gone.
   */
  authenticate(nowMs: number, message: StunMessage, client: string, holder: TurnUser | undefined): Proof | Refusal {
    if (message.integrityOffset < 0 && message.integritySha256Offset < 0) return 401;
    const nonce = textOf(message, StunAttribute.nonce);
    const realm = textOf(message, StunAttribute.realm);
    if (message.username === undefined || realm === undefined || nonce === undefined) return 400;
    if (!this.#nonces.isFresh(nowMs, client, nonce)) return 438;
    const algorithm = passwordAlgorithm(message);
    if (algorithm === undefined) return 400;
    if (realm !== this.#credentials.realm) return 401;
    return this.#prove(message, message.username, algorithm, holder) ?? 401;
  }

  #prove(message: StunMessage, username: string, algorithm: number, holder: TurnUser | undefined): Proof | undefined {
    const integrity = message.integritySha256Offset >= 0 ? 'sha256' : 'sha1';
    const verify = integrity === 'sha256' ? verifyIntegritySha256 : verifyIntegrity;
    const prove = (user: TurnUser): Proof | undefined => {
      const key = algorithm === SHA256 ? user.sha256Key : user.md5Key;
      return verify(message, key) ? { user, key, integrity } : undefined;
    };
    const held = holder?.username === username ? prove(holder) : undefined;
    if (held !== undefined) return held;
    for (const user of this.#credentials.users(username)) {
      const proof = prove(user);
      if (proof !== undefined) return proof;
    }
    return undefined;
  }
}

/** The algorithm that the client chose of those it was offered; undefined when somebody meddled with the offer. */
function passwordAlgorithm(message: StunMessage): number | undefined {
  const chosen = attributeValue(message, StunAttribute.passwordAlgorithm);
  const offered = attributeValue(message, StunAttribute.passwordAlgorithms);
  if (chosen === undefined && offered === undefined) return MD5;
  if (chosen === undefined || offered === undefined || !isEqual(offered, PASSWORD_ALGORITHMS)) return undefined;
  return [SHA256, MD5].find((algorithm) => isEqual(chosen, Uint8Array.of(0, algorithm, 0, 0)));
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
