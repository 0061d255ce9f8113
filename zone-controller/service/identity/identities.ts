/**
 * Checks the tokens of identity providers (JWT, RFC 7519). Which keys count is decided by the issuer that the token names,
 * so that no provider can speak for another; which algorithms, by us (RFC 8725 section 3.1).
 */
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { ReloadableFiles } from '../../../common/daemon.ts';
import { ZonecastError } from '../../../common/errors.ts';
import type { Logger } from '../../../common/log.ts';
import { DiscoveredKeys } from './discovered-keys.ts';
import type { Identity } from './identity.ts';
import type { IdentityConfig, IssuerConfig } from './identity-config.ts';
import { FileKeys, type KeyTimes, remoteKeys } from './issuer-keys.ts';
import { readClaims } from './read-claims.ts';

/** Of RFC 7518 and RFC 8037, those with a public key. A shared secret would let us make tokens, and `none` anybody. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** A longer one is not looked at. As in `join`. */
export const MAX_IDENTITY_TOKEN = 8_192;
/** Of a token that does not say which key it is signed with. */
const MAX_KEYS = 8;
const RETRY_MS = 5_000;

interface Issuer {
  readonly config: IssuerConfig;
  readonly keys: JWTVerifyGetKey;
}

export class Identities {
  /** A passcode alone lets nobody in. */
  readonly required: boolean;
  /** Keys that can be read again. */
  readonly files: readonly ReloadableFiles[];
  readonly #toleranceSeconds: number;
  readonly #issuers: ReadonlyMap<string, Issuer>;
  readonly #log: Logger;

  /** @throws ZonecastError `badConfig` that names the file of keys that is wrong */
  constructor(config: IdentityConfig, log: Logger, times?: KeyTimes) {
    this.required = config.required;
    this.#toleranceSeconds = config.clockToleranceSeconds;
    this.#log = log;
    const files: FileKeys[] = [];
    const keysOf = ({ issuer, jwksUri, jwksFile }: IssuerConfig): JWTVerifyGetKey => {
      if (jwksUri !== undefined) return remoteKeys(jwksUri, log, times);
      if (jwksFile === undefined) return new DiscoveredKeys(issuer, log, times).get;
      const file = new FileKeys(jwksFile);
      files.push(file);
      return file.get;
    };
    this.#issuers = new Map(config.issuers.map((each) => [each.issuer, { config: each, keys: keysOf(each) }]));
    this.files = files;
  }

  /** @throws ZonecastError `unauthenticated`; `tryAgain` when the provider's keys are not known and it does not answer */
  async verify(token: string): Promise<Identity> {
    const issuer = token.length > MAX_IDENTITY_TOKEN ? undefined : this.#issuers.get(issuerOf(token) ?? '');
    if (issuer === undefined) throw refused();
    try {
      return readClaims(await this.#payload(token, issuer), issuer.config);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refused('Your sign-in has expired. Sign in again.', error);
      if (isOfToken(error)) {
        this.#log.debug({ err: error, issuer: issuer.config.issuer }, 'a token was refused');
        throw refused(undefined, error);
      }
      const words = 'The sign-in service does not answer. Try again.';
      throw new ZonecastError('tryAgain', words, { retryAfterMs: RETRY_MS, cause: error });
    }
  }

  async #payload(token: string, { config, keys }: Issuer): Promise<JWTPayload> {
    const options: JWTVerifyOptions = {
      issuer: config.issuer,
      audience: [...config.audience],
      algorithms: ALGORITHMS,
      clockTolerance: this.#toleranceSeconds,
      requiredClaims: ['exp', 'sub'],
    };
    try {
      return checked((await jwtVerify(token, keys, options)).payload);
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return checked(await withAnyOf(error, token, options));
    }
  }
}

/** Any of the provider's keys may be the one. */
async function withAnyOf(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let tried = 0;
  for await (const key of keys) {
    if (tried++ === MAX_KEYS) break;
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

/** `sub` names him in the registry and in logs. OpenID Connect Core section 2: at most 255 ASCII characters. */
function checked(payload: JWTPayload): JWTPayload {
  if (/^[!-~]{1,255}$/.test(payload.sub ?? '')) return payload;
  throw new errors.JWTClaimValidationFailed('not a subject', payload, 'sub', 'check_failed');
}

/** Not verified: it only says whose keys are to verify it. */
function issuerOf(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}

/** Or of what the provider publishes. What else fails is the way to the provider. */
function isOfToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return error instanceof TypeError && !isOfFetch(error);
  return error.code !== 'ERR_JWKS_TIMEOUT' && error.code !== 'ERR_JOSE_GENERIC';
}

function isOfFetch(error: TypeError): boolean {
  return error.message === 'fetch failed';
}

function refused(message = 'Your sign-in is not valid here.', cause?: unknown): ZonecastError {
  return new ZonecastError('unauthenticated', message, cause === undefined ? {} : { cause });
}
