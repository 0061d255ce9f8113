/**
 * What has to outlive a restart: the account's key and the certificate, each in a file that only our user may read and that is always whole.
 * Each directory has a folder of its own, so that what a test directory has issued is never taken for the real one's.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ZonecastError } from '../../common/errors.ts';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import { makePrivateKey } from './private-key.ts';

const ACCOUNT = 'account.key';
/** Private key and chain in one file, which changes as a whole. */
const CERTIFICATE = 'certificate.pem';
/** Its text is when an order was begun last, as in ISO 8601. */
const ATTEMPT = 'last-attempt';

export class CertificateStore {
  readonly #folder: string;

  /** `directory`: URL. Touches nothing yet. */
  constructor(stateDirectory: string, directory: string) {
    const { host, pathname } = new URL(directory);
    this.#folder = join(stateDirectory, `${host}${pathname}`.replaceAll(/[^\w.-]+/g, '_'));
  }

  /** Makes the folder. @throws ZonecastError `badConfig` when that is not possible, or nothing can be written there */
  open(): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      accessSync(this.#folder, constants.W_OK);
    } catch (error) {
      throw badState(`${this.#folder} cannot be written`, error);
    }
  }

  /** Undefined: there is none. @throws ZonecastError `badConfig` for a file that holds no certificate with its key */
  readCertificate(): CertificatePair | undefined {
    const text = this.#read(CERTIFICATE);
    if (text === undefined) return undefined;
    try {
      const end = text.indexOf('-----BEGIN CERTIFICATE-----');
      const [privateKeyPem, certificatePem] = [text.slice(0, end), text.slice(end)];
      if (new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem))) {
        return { certificatePem, privateKeyPem };
      }
    } catch (error) {
      throw badState(`${join(this.#folder, CERTIFICATE)} holds no certificate`, error);
    }
    throw badState(`${join(this.#folder, CERTIFICATE)} holds the private key of another certificate`);
  }

  writeCertificate({ certificatePem, privateKeyPem }: CertificatePair): void {
    this.#write(CERTIFICATE, privateKeyPem + certificatePem);
  }

  /** Made when there is none. @throws ZonecastError `badConfig` for a file that holds none: another would be another account */
  accountKey(): string {
    const there = this.#read(ACCOUNT);
    const key = there ?? makePrivateKey();
    if (there === undefined) this.#write(ACCOUNT, key);
    try {
      createPrivateKey(key);
      return key;
    } catch (error) {
      throw badState(`${join(this.#folder, ACCOUNT)} holds no private key`, error);
    }
  }

  /** When an order was begun last, Unix time; 0: never. */
  get lastAttemptMs(): number {
    return Date.parse(this.#read(ATTEMPT) ?? '') || 0;
  }

  noteAttempt(): void {
    this.#write(ATTEMPT, new Date().toISOString());
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#folder, name), 'utf8');
    } catch (error) {
      // The cast: what file functions throw has a code.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw badState(`${join(this.#folder, name)} cannot be read`, error);
    }
  }

  #write(name: string, text: string): void {
    const path = join(this.#folder, name);
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  }
}

function badState(what: string, cause?: unknown): ZonecastError {
  return new ZonecastError('badConfig', `acme.stateDirectory: ${what}.`, { cause });
}
