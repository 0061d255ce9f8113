/** JWTs of an operator, an account and its users for a test's server: docs.nats.io, "JWT". */
import { randomUUID } from 'node:crypto';
import { nkeys } from 'nats';
import { type NatsPermissions, RESPONSES } from '../nats/permissions.ts';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const UNLIMITED = { subs: -1, data: -1, payload: -1 };

export class TestOperator {
  readonly #operator = nkeys.createOperator();
  readonly #account = nkeys.createAccount();
  readonly #system = nkeys.createAccount();

  /** What the servers need to know. */
  get config(): string {
    const limits = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const account = { type: 'account', version: 2, limits: { ...limits, ...storage } };
    const accounts = [
      `${this.#account.getPublicKey()}: ${token(this.#operator, this.#account, account)}`,
      `${this.#system.getPublicKey()}: ${token(this.#operator, this.#system, { ...account, limits })}`,
    ];
    return [
      `operator: ${token(this.#operator, this.#operator, { type: 'operator', version: 2 })}`,
      'resolver: MEMORY',
      `system_account: ${this.#system.getPublicKey()}`,
      `resolver_preload: { ${accounts.join(', ')} }`,
    ].join('\n');
  }

  /** The text of a .creds file. */
  credentials({ publish, subscribe }: NatsPermissions): string {
    const user = nkeys.createUser();
    const resp = { max: RESPONSES.max, ttl: RESPONSES.seconds * 1e9 };
    const claims = { type: 'user', version: 2, ...UNLIMITED, pub: { allow: publish }, sub: { allow: subscribe }, resp };
    return [
      '-----BEGIN NATS USER JWT-----',
      token(this.#account, user, claims),
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      Buffer.from(user.getSeed()).toString(),
      '------END USER NKEY SEED------',
      '',
    ].join('\n');
  }
}

function token(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name: 'test',
    sub: subject.getPublicKey(),
    nats,
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
