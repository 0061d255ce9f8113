/** An identity provider for tests: keys over HTTP or HTTPS on loopback, tokens signed with them. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

interface Tls {
  readonly cert: string;
  readonly key: string;
}

function serverFor(tls?: Tls) {
  return tls === undefined ? createServer() : createTlsServer(tls);
}

function originOf(server: ReturnType<typeof serverFor>): string {
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export class TestProvider {
  /** As its tokens name it. */
  readonly issuer: string;
  /** What it says of itself (OpenID Connect Discovery), with what is different. */
  document: Readonly<Record<string, unknown>> = {};
  /** How often it was asked for that. */
  discoveries = 0;
  /** How often its keys were asked for. */
  fetches = 0;
  /** In place of the keys: that status, or a redirect there. */
  failure: number | { readonly redirect: string } | undefined;
  /** As the path of its keys; that of before is gone. */
  keysPath = '/keys';
  readonly #server: ReturnType<typeof serverFor>;
  #keys: readonly Key[] = [];
  #count = 0;

  private constructor(server: ReturnType<typeof serverFor>, issuer: string) {
    this.issuer = issuer;
    this.#server = server;
    server.on('request', (({ url }, response) => {
      const isDiscovery =
        url === `${new URL(this.issuer).pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
      if (isDiscovery) this.discoveries++;
      else this.fetches++;
      const { failure } = this;
      if (typeof failure === 'number') response.writeHead(failure).end();
      else if (failure !== undefined) response.writeHead(302, { Location: failure.redirect }).end();
      else if (isDiscovery) response.end(JSON.stringify({ issuer, jwks_uri: this.jwksUri, ...this.document }));
      else if (url !== this.keysPath) response.writeHead(404).end();
      else response.end(JSON.stringify(this.jwks));
    }) satisfies RequestListener);
  }

  static async start(issuer = 'https://login.example'): Promise<TestProvider> {
    return TestProvider.#started(serverFor(), () => issuer);
  }

  /** One whose name is where it is. */
  static async startAtHome(path = '', tls?: Tls): Promise<TestProvider> {
    return TestProvider.#started(serverFor(tls), (origin) => origin + path);
  }

  static async #started(server: ReturnType<typeof serverFor>, issuerAt: (origin: string) => string) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const provider = new TestProvider(server, issuerAt(originOf(server)));
    await provider.rotate();
    return provider;
  }

  get jwksUri(): string {
    return originOf(this.#server) + this.keysPath;
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
