/**
 * The keys of a provider of which only the name is configured: where it publishes them is in the document that it has below its
 * name (OpenID Connect Discovery 1.0, section 4). Fetched when a token first needs it, and looked at again from time to time
 * without anybody waiting for that.
 */
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Logger } from '../../../common/log.ts';
import { fetchText } from './fetch-text.ts';
import { KEY_TIMES, type KeyTimes, remoteKeys } from './issuer-keys.ts';
import { isSafeUrl } from './safe-url.ts';

const PATH = '/.well-known/openid-configuration';
const documentSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });

interface Found {
  readonly uri: string;
  readonly keys: JWTVerifyGetKey;
}

export class DiscoveredKeys {
  readonly #issuer: string;
  readonly #log: Logger;
  readonly #times: KeyTimes;
  #found: Found | undefined;
  #search: Promise<Found> | undefined;
  #foundMs = Number.NEGATIVE_INFINITY;
  #failedMs = Number.NEGATIVE_INFINITY;

  /** `issuer`: its name, which is an address (`isSafeUrl`). */
  constructor(issuer: string, log: Logger, times: KeyTimes = KEY_TIMES) {
    this.#issuer = issuer;
    this.#log = log;
    this.#times = times;
  }

  /** For jose. Rejects with an Error when it was never found. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const isOld = performance.now() - this.#foundMs > this.#times.refreshMs;
    // What was found before does meanwhile; what went wrong is logged below.
    if (isOld && this.#found !== undefined) this.#find().catch(() => undefined);
    const { keys } = this.#found ?? (await this.#find());
    return keys(header, token);
  };

  /** All that ask at the same time wait for the same answer. */
  #find(): Promise<Found> {
    this.#search ??= this.#look().finally(() => {
      this.#search = undefined;
    });
    return this.#search;
  }

  async #look(): Promise<Found> {
    const { retryMs, fetchMs } = this.#times;
    if (performance.now() - this.#failedMs < retryMs) throw new Error('the provider did not answer a moment ago');
    try {
      const url = this.#issuer.replace(/\/$/, '') + PATH;
      const uri = keysPlace(await fetchText(url, { signal: AbortSignal.timeout(fetchMs) }), this.#issuer);
      // At the same place, the keys that are known stay.
      const keys = this.#found?.uri === uri ? this.#found.keys : remoteKeys(uri, this.#log, this.#times);
      this.#foundMs = performance.now();
      this.#found = { uri, keys };
      return this.#found;
    } catch (error) {
      this.#failedMs = performance.now();
      this.#log.warn(
        { err: error, issuer: this.#issuer },
        'where an identity provider has its keys could not be found',
      );
      // Not one of those errors that are a token's.
      throw new Error('the provider does not say where its keys are', { cause: error });
    }
  }
}

/** @throws Error that says what is wrong with the document */
function keysPlace(text: string, issuer: string): string {
  const document = documentSchema.parse(JSON.parse(text));
  // Section 4.3: else one provider could name the keys of another.
  if (document.issuer !== issuer) throw new Error(`the document is that of the issuer "${document.issuer}"`);
  const isNearer = document.jwks_uri.startsWith('http:') && !issuer.startsWith('http:');
  if (!isSafeUrl(document.jwks_uri) || isNearer) {
    throw new Error(`its keys are at "${document.jwks_uri}", which is not https`);
  }
  return document.jwks_uri;
}
