/** An identity provider for tests: keys over HTTP on loopback, tokens signed with them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export class TestProvider {
  /** As its tokens name it. */
  readonly issuer: string;
  /** How often its keys were asked for. */
  fetches = 0;
  /** In place of the keys: that status, or a redirect there. */
  failure: number | { readonly redirect: string } | undefined;
  readonly #server: Server;
  #keys: readonly Key[] = [];
  #count = 0;

  private constructor(issuer: string) {
    this.issuer = issuer;
    this.#server = createServer((request, response) => {
      this.fetches++;
      const { failure } = this;
      if (typeof failure === 'number') response.writeHead(failure).end();
      else if (failure !== undefined) response.writeHead(302, { Location: failure.redirect }).end();
      else if (request.url !== '/keys') response.writeHead(404).end();
      else response.end(JSON.stringify(this.jwks));
    });
  }

  static async start(issuer = 'https://login.example'): Promise<TestProvider> {
    const provider = new TestProvider(issuer);
    await provider.rotate();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get jwksUri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  get jwks(): { readonly keys: readonly JWK[] } {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }

  /** A new key; `keep`: how many of the earlier ones are still published. */
  async rotate(keep = 0, algorithm = 'ES256'): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    const kid = `key-${++this.#count}`;
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm };
    this.#keys = [{ kid, privateKey, jwk }, ...this.#keys.slice(0, keep)];
  }

  /** Signed by the newest key, named by `kid`, '' for none. `claims` may replace any; undefined: without. */
  sign(subject: string, claims: Readonly<Record<string, unknown>> = {}, kid?: string): Promise<string> {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('no key');
    const nowS = Math.floor(Date.now() / 1000);
    const payload = { iss: this.issuer, sub: subject, aud: 'zonecast', iat: nowS, exp: nowS + 3_600, ...claims };
    const header = { alg: key.jwk.alg ?? '', ...(kid === '' ? {} : { kid: kid ?? key.kid }) };
    return new SignJWT(payload).setProtectedHeader(header).sign(key.privateKey);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
