/** The public keys of the zones, against which everything on the bus is checked. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ZonecastError } from '../common/errors.ts';
import type { Sender } from './sender.ts';

export interface KeyRing {
  /** The sender's Ed25519 key; undefined: he is not trusted, or no longer. Called for every message, so it must be fast. */
  publicKey(sender: Sender): KeyObject | undefined;
}

/** A table of zones whose keys were told beforehand. Every instance of a zone signs with the zone's key. */
export class FixedKeyRing implements KeyRing {
  readonly #keys: ReadonlyMap<string, KeyObject>;

  constructor(keys: ReadonlyMap<string, KeyObject>) {
    this.#keys = keys;
  }

  publicKey({ zone }: Sender): KeyObject | undefined {
    return this.#keys.get(zone);
  }
}

/** A table of zones whose keys become known with time, and some that were told beforehand, which nothing changes. */
export class GrowingKeyRing implements KeyRing {
  readonly #fixed: ReadonlyMap<string, KeyObject>;
  readonly #learned = new Map<string, KeyObject>();

  constructor(fixed: ReadonlyMap<string, KeyObject>) {
    this.#fixed = fixed;
  }

  publicKey({ zone }: Pick<Sender, 'zone'>): KeyObject | undefined {
    return this.#fixed.get(zone) ?? this.#learned.get(zone);
  }

  /** `key`: from now on the zone's; undefined: the zone is no longer trusted. Returns whether that changed anything. */
  learn(zone: string, key: KeyObject | undefined): boolean {
    const known = this.#learned.get(zone);
    if (known === key || (key !== undefined && known?.equals(key))) return false;
    if (key === undefined) this.#learned.delete(zone);
    else this.#learned.set(zone, key);
    return true;
  }
}

/** @throws ZonecastError `badConfig` when the text holds no Ed25519 public key (PEM, SPKI) */
export function readPublicKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new ZonecastError('badConfig', 'This is no public key (PEM).', { cause: error });
  }
  throw new ZonecastError('badConfig', 'This public key is not Ed25519.');
}

/** @throws ZonecastError `badConfig` when the text holds no Ed25519 private key (PEM, PKCS #8) */
export function readPrivateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new ZonecastError('badConfig', 'This is no private key (PEM).', { cause: error });
  }
  throw new ZonecastError('badConfig', 'This private key is not Ed25519.');
}
