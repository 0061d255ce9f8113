/** The public keys of identity providers, as jose looks them up: fetched, or read from a file. */
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import type { ReloadableFiles } from '../../../common/daemon.ts';
import { ZonecastError } from '../../../common/errors.ts';
import type { Logger } from '../../../common/log.ts';
import { fetchText } from './fetch-text.ts';

export interface KeyTimes {
  /** Keys are fetched again when they are so old. */
  readonly refreshMs: number;
  /** While the provider is away, its last keys go on being trusted for so long. */
  readonly keepMs: number;
  /** Between two fetches because of a key that is not known. */
  readonly cooldownMs: number;
  /** After a fetch that failed, the next one waits. */
  readonly retryMs: number;
  /** For one fetch. */
  readonly fetchMs: number;
}

export const KEY_TIMES: KeyTimes = {
  refreshMs: 10 * 60_000,
  keepMs: 24 * 3_600_000,
  cooldownMs: 30_000,
  retryMs: 5_000,
  fetchMs: 5_000,
};

/**
 * A provider's keys, fetched when they are first needed, and again when a token names a key that is not known, or from time
 * to time, without anybody waiting for that. A redirect is an error: the answer is taken from the configured place only.
 */
export function remoteKeys(uri: string, log: Logger, times: KeyTimes = KEY_TIMES): JWTVerifyGetKey {
  let failedMs = Number.NEGATIVE_INFINITY;
  let fetchedMs = Number.NEGATIVE_INFINITY;
  const fetchKeys: FetchImplementation = async (url, options) => {
    if (performance.now() - failedMs < times.retryMs) throw new Error('the provider did not answer a moment ago');
    try {
      const text = await fetchText(url, options);
      fetchedMs = performance.now();
      return new Response(text);
    } catch (error) {
      failedMs = performance.now();
      log.warn({ err: error, uri }, 'the keys of an identity provider could not be fetched');
      throw error;
    }
  };
  const keys = createRemoteJWKSet(new URL(uri), {
    timeoutDuration: times.fetchMs,
    cooldownDuration: times.cooldownMs,
    cacheMaxAge: times.keepMs,
    [customFetch]: fetchKeys,
  });
  return async (header, token) => {
    const isOld = performance.now() - fetchedMs > times.refreshMs;
    // Those from before do meanwhile; what went wrong is logged above.
    if (isOld && keys.jwks() !== undefined && !keys.reloading) keys.reload().catch(() => undefined);
    return keys(header, token);
  };
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Keys from a file that is read again when the operator says so. */
export class FileKeys implements ReloadableFiles {
  readonly key = 'identity';
  readonly #path: string;
  #text = '';
  #keys: JWTVerifyGetKey;

  /** @throws ZonecastError `badConfig` that names the file */
  constructor(path: string) {
    this.#path = path;
    this.#keys = this.#read();
  }

  readonly get: JWTVerifyGetKey = (header, token) => this.#keys(header, token);

  reload(): boolean {
    const before = this.#text;
    this.#keys = this.#read();
    return this.#text !== before;
  }

  #read(): JWTVerifyGetKey {
    try {
      const text = readFileSync(this.#path, 'utf8');
      // The cast: jose checks each key when it is used.
      const keys = createLocalJWKSet(keySet.parse(JSON.parse(text)) as JSONWebKeySet);
      this.#text = text;
      return keys;
    } catch (error) {
      throw new ZonecastError('badConfig', `The file ${this.#path} holds no JWK set.`, { cause: error });
    }
  }
}
