/** Passcodes and host keys: how they are made, and what is kept of them. */
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';

/** Without characters that are taken for one another: i l o 0 1. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSCODE_CHARACTERS = 8;
const HOST_KEY_CHARACTERS = 16;

/** RFC 7914 parameters: 16 MiB and some 40 ms of one core for each guess. */
const SCRYPT = { N: 16_384, r: 8, p: 1 };
const HASH_BYTES = 32;

/** What a registry keeps of a secret; all that is needed to check a guess, nothing that tells the secret. */
export interface SecretHash {
  readonly salt: string;
  readonly hash: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 8 characters, 39 bits: out of reach of guessing at the rate that joining allows. */
export function randomPasscode(): string {
  return randomText(PASSCODE_CHARACTERS);
}

export function randomHostKey(): string {
  return randomText(HOST_KEY_CHARACTERS);
}

export async function hashSecret(secret: string): Promise<SecretHash> {
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, SCRYPT);
  return { salt: salt.toString('base64url'), hash: hash.toString('base64url'), ...SCRYPT };
}

/** Of a secret that nobody knows. */
export function unknownSecret(): SecretHash {
  const [salt, hash] = [randomBytes(16), randomBytes(HASH_BYTES)];
  return { salt: salt.toString('base64url'), hash: hash.toString('base64url'), ...SCRYPT };
}

/** In constant time once derived. */
export async function matchesSecret(guess: string, kept: SecretHash): Promise<boolean> {
  const expected = Buffer.from(kept.hash, 'base64url');
  const derived = await derive(guess, Buffer.from(kept.salt, 'base64url'), kept);
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

function derive(secret: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: cost.N, r: cost.r, p: cost.p };
    scrypt(secret.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
