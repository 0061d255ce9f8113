/**
 * PEM files that a configuration names: read together, checked together, and read again when the operator says so
 * (SIGHUP), so that a renewed certificate is used without a restart.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ZonecastError } from './errors.ts';
import type { CertificatePair, MutualTls } from './mutual-tls.ts';

export type PairName = 'certificate' | 'privateKey';
export type MutualTlsName = PairName | 'ca';

export class PemFiles<Name extends MutualTlsName> {
  /** Where the configuration names them, for messages: `tls`. */
  readonly key: string;
  readonly #paths: Readonly<Record<Name, string>>;
  readonly #listeners = new Set<() => void>();
  #pems: Readonly<Record<Name, string>>;

  /** @throws ZonecastError `badConfig` that names the file that cannot be read, or does not fit the others */
  constructor(key: string, paths: Readonly<Record<Name, string>>) {
    this.key = key;
    this.#paths = paths;
    this.#pems = this.#read();
  }

  /** As last read. */
  get pems(): Readonly<Record<Name, string>> {
    return this.#pems;
  }

  /**
   * Reads the files again; true when they changed. What is there and wrong changes nothing.
   * @throws ZonecastError `badConfig` as the constructor
   */
  reload(): boolean {
    const pems = this.#read();
    const before = this.#pems;
    if (namesOf(pems).every((name) => pems[name] === before[name])) return false;
    this.#pems = pems;
    for (const listener of this.#listeners) listener();
    return true;
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #read(): Readonly<Record<Name, string>> {
    const entries = namesOf(this.#paths).map((name) => [name, readPem(this.#paths[name])]);
    // The cast: fromEntries forgets the names.
    const pems = Object.fromEntries(entries) as Record<Name, string>;
    checkPems(this.#paths, pems);
    return pems;
  }
}

/** A daemon's identity towards other daemons, always as its files last were. */
export function mutualTlsOf(files: PemFiles<MutualTlsName>): MutualTls {
  return {
    get caPem() {
      return files.pems.ca;
    },
    get certificatePem() {
      return files.pems.certificate;
    },
    get privateKeyPem() {
      return files.pems.privateKey;
    },
    onChange: (listener) => files.onChange(listener),
  };
}

/** A server's certificate, always as its files last were. */
export function certificatePairOf(files: PemFiles<PairName>): CertificatePair {
  return {
    get certificatePem() {
      return files.pems.certificate;
    },
    get privateKeyPem() {
      return files.pems.privateKey;
    },
    onChange: (listener) => files.onChange(listener),
  };
}

/** @throws ZonecastError `badConfig` that names the file */
export function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ZonecastError('badConfig', `The file ${path} cannot be read.`, { cause: error });
  }
}

function checkPems<Name extends MutualTlsName>(
  paths: Readonly<Record<Name, string>>,
  pems: Readonly<Partial<Record<MutualTlsName, string>>>,
): void {
  // Every Name is one of these.
  const files: Readonly<Partial<Record<MutualTlsName, string>>> = paths;
  const { ca, certificate = '', privateKey = '' } = pems;
  if (ca !== undefined) parseFile(files.ca, () => new X509Certificate(ca), 'certificate');
  const leaf = parseFile(files.certificate, () => new X509Certificate(certificate), 'certificate');
  const key = parseFile(files.privateKey, () => createPrivateKey(privateKey), 'private key');
  if (!leaf.checkPrivateKey(key)) {
    throw new ZonecastError('badConfig', `${files.privateKey} is not the private key of ${files.certificate}.`);
  }
}

function parseFile<Value>(path: string | undefined, parse: () => Value, what: string): Value {
  try {
    return parse();
  } catch (error) {
    throw new ZonecastError('badConfig', `The file ${path} holds no ${what} (PEM).`, { cause: error });
  }
}

function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[]; // the record has no other keys than its names
}
