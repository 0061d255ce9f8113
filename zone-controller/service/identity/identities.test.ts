/** Tokens of a real provider on loopback: whose word counts, and for how long when it is away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../../common/log.ts';
import { TestProvider } from '../testing/test-provider.ts';
import { Identities } from './identities.ts';
import { identityConfig } from './identity-config.ts';
import { KEY_TIMES, type KeyTimes } from './issuer-keys.ts';

const log = createLogger({ name: 'test', level: 'silent' });
/** Each unknown key is asked for at once. */
const IMPATIENT: KeyTimes = { ...KEY_TIMES, cooldownMs: 0, retryMs: 0 };

function identities(issuers: readonly object[], times: KeyTimes = IMPATIENT, more: object = {}): Identities {
  return new Identities(identityConfig.parse({ issuers, ...more }), log, times);
}

function trust({ issuer, jwksUri }: TestProvider, more: object = {}): object {
  return { issuer, jwksUri, audience: ['zonecast'], ...more };
}

let provider: TestProvider;
beforeEach(async () => {
  provider = await TestProvider.start();
});
afterEach(() => provider.stop());

const refused = { code: 'unauthenticated' };

describe('a token', () => {
  test('says who somebody is, in the words of the configuration', async () => {
    const claims = { name: 'nickname', account: 'org', roles: 'groups', meetings: 'room' };
    const all = identities([trust(provider, { claims, roles: { admin: ['root'], host: ['teacher'] } })]);
    const token = await provider.sign('ada', {
      nickname: ' Ada\u202E Lovelace\n',
      org: 'acme',
      groups: ['teacher', 7],
      room: '62476282953',
    });
    expect(await all.verify(token)).toEqual({
      id: 'https://login.example ada',
      issuer: 'https://login.example',
      subject: 'ada',
      name: 'Ada Lovelace',
      account: 'acme',
      isAdmin: false,
      isHost: true,
      opens: new Set(['62476282953']),
    });
    expect(await all.verify(await provider.sign('root', { groups: 'root', room: ['*'], org: 'a b' }))).toEqual({
      id: 'https://login.example root',
      issuer: 'https://login.example',
      subject: 'root',
      isAdmin: true,
      isHost: false,
      opens: 'all',
    });
  });

  const nowS = Math.floor(Date.now() / 1000);
  test.each([
    ['of another issuer', { iss: 'https://login.example/' }],
    ['for another audience', { aud: 'other' }],
    ['that has expired', { exp: nowS - 31 }],
    ['that is not valid yet', { nbf: nowS + 60 }],
    ['without an end', { exp: undefined }],
    ['without a subject', { sub: undefined }],
    ['whose subject is no name', { sub: 'a b' }],
    ['whose subject is too long', { sub: 'x'.repeat(256) }],
  ])('%s is refused', async (_, claims) => {
    await expect(identities([trust(provider)]).verify(await provider.sign('ada', claims))).rejects.toMatchObject(
      refused,
    );
  });

  test('may be a little late, by other clocks', async () => {
    const token = await provider.sign('ada', { exp: nowS - 5 });
    expect(await identities([trust(provider)]).verify(token)).toMatchObject({ subject: 'ada' });
    const strict = identities([trust(provider)], IMPATIENT, { clockToleranceSeconds: 0 });
    await expect(strict.verify(token)).rejects.toMatchObject({ message: 'Your sign-in has expired. Sign in again.' });
  });

  test.each(['', 'x', 'a.b.c', '..', 'e30.e30.', `e30.${'A'.repeat(9_000)}.x`, 'ü.ü.ü'])(
    '%j is refused',
    async (text) => {
      await expect(identities([trust(provider)]).verify(text)).rejects.toMatchObject(refused);
      expect(provider.fetches).toBe(0);
    },
  );

  test('without a signature, or by a shared secret, is refused, whatever the provider publishes', async () => {
    const claims = { iss: provider.issuer, sub: 'ada', aud: 'zonecast', exp: nowS + 60 };
    const unsigned = new UnsecuredJWT(claims).encode();
    // The public key as the secret of an HMAC: the classic confusion.
    const secret = new TextEncoder().encode(JSON.stringify(provider.jwks.keys[0]));
    const shared = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
    for (const token of [unsigned, shared]) {
      await expect(identities([trust(provider)]).verify(token)).rejects.toMatchObject(refused);
    }
  });

  test('with a signature that is not of the key it names is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const claims = { iss: provider.issuer, sub: 'ada', aud: 'zonecast', exp: nowS + 60 };
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'key-1' }).sign(privateKey);
    await expect(identities([trust(provider)]).verify(forged)).rejects.toMatchObject(refused);
  });

  test.each(['RS256', 'PS384', 'ES512', 'EdDSA'])('signed by %s is taken', async (algorithm) => {
    await provider.rotate(0, algorithm);
    expect(await identities([trust(provider)]).verify(await provider.sign('ada'))).toMatchObject({ subject: 'ada' });
  });

  test('that names no key is tried with each of the provider’s', async () => {
    await provider.rotate(3);
    await provider.rotate(3);
    const token = await provider.sign('ada', {}, '');
    expect(await identities([trust(provider)]).verify(token)).toMatchObject({ subject: 'ada' });
    await provider.rotate(0);
    await provider.rotate(1);
    const all = identities([trust(provider)]);
    await expect(all.verify(token)).rejects.toMatchObject(refused);
  });
});

test('no provider speaks for another', async () => {
  const other = await TestProvider.start('https://other.example');
  try {
    const all = identities([trust(provider), trust(other)]);
    const lie = await other.sign('ada', { iss: provider.issuer });
    await expect(all.verify(lie)).rejects.toMatchObject(refused);
    expect(await all.verify(await other.sign('ada'))).toMatchObject({ id: 'https://other.example ada' });
  } finally {
    await other.stop();
  }
});

describe('keys', () => {
  test('are fetched once, and again for one that is not known', async () => {
    const all = identities([trust(provider)]);
    const before = await provider.sign('ada');
    for (let count = 0; count < 5; count++) await all.verify(before);
    expect(provider.fetches).toBe(1);
    await provider.rotate(1);
    expect(await all.verify(await provider.sign('bob'))).toMatchObject({ subject: 'bob' });
    expect(await all.verify(before)).toMatchObject({ subject: 'ada' });
    expect(provider.fetches).toBe(2);
    await provider.rotate(0);
    await all.verify(await provider.sign('eve'));
    await expect(all.verify(before)).rejects.toMatchObject(refused);
  });

  test('that nobody has are not asked for again and again', async () => {
    const all = identities([trust(provider)], KEY_TIMES);
    await all.verify(await provider.sign('ada'));
    for (let count = 0; count < 5; count++) {
      const token = await provider.sign('ada', {}, `made-up-${count}`);
      await expect(all.verify(token)).rejects.toMatchObject(refused);
    }
    expect(provider.fetches).toBe(1);
  });

  test('go on being trusted while the provider is away, and are fetched anew behind it', async () => {
    const all = identities([trust(provider)], { ...IMPATIENT, refreshMs: 0 });
    const token = await provider.sign('ada');
    await all.verify(token);
    provider.failure = 503;
    for (let count = 0; count < 3; count++) expect(await all.verify(token)).toMatchObject({ subject: 'ada' });
    await expect.poll(() => provider.fetches).toBeGreaterThan(1);
    provider.failure = undefined;
    await provider.rotate(0);
    // Taken back by the provider: known after the next fetch, for which nobody waits.
    await expect.poll(() => all.verify(token).catch((error) => error.code)).toBe('unauthenticated');
  });

  test('are too old in the end', async () => {
    const all = identities([trust(provider)], { ...IMPATIENT, keepMs: 0 });
    const token = await provider.sign('ada');
    await all.verify(token);
    provider.failure = 500;
    await expect(all.verify(token)).rejects.toMatchObject({ code: 'tryAgain', retryAfterMs: 5_000 });
  });

  test('that were never there are no fault of the token; a provider that fails is left alone for a while', async () => {
    provider.failure = 500;
    const all = identities([trust(provider)], KEY_TIMES);
    for (let count = 0; count < 4; count++) {
      await expect(all.verify(await provider.sign('ada'))).rejects.toMatchObject({ code: 'tryAgain' });
    }
    expect(provider.fetches).toBe(1);
    // Nor one that is not even there.
    const [token, gone] = [await provider.sign('ada'), identities([trust(provider)], KEY_TIMES)];
    await provider.stop();
    await expect(gone.verify(token)).rejects.toMatchObject({ code: 'tryAgain' });
    provider = await TestProvider.start();
  });

  test('are not taken from where a redirect leads', async () => {
    const other = await TestProvider.start(provider.issuer);
    try {
      provider.failure = { redirect: other.jwksUri };
      await expect(identities([trust(provider)]).verify(await other.sign('eve'))).rejects.toMatchObject({
        code: 'tryAgain',
      });
      expect(other.fetches).toBe(0);
    } finally {
      await other.stop();
    }
  });

  test('come from a file, too, which is read again when it changes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zonecast-jwks-'));
    try {
      const file = join(folder, 'jwks.json');
      const write = () => writeFileSync(file, JSON.stringify(provider.jwks));
      write();
      const all = identities([{ issuer: provider.issuer, audience: ['zonecast'], jwksFile: file }]);
      const [keys] = all.files;
      await all.verify(await provider.sign('ada'));
      expect(keys?.reload()).toBe(false);
      await provider.rotate(0);
      const token = await provider.sign('bob');
      await expect(all.verify(token)).rejects.toMatchObject(refused);
      write();
      expect(keys?.reload()).toBe(true);
      expect(await all.verify(token)).toMatchObject({ subject: 'bob' });
      writeFileSync(file, 'not JSON');
      expect(() => keys?.reload()).toThrow(/jwks\.json holds no JWK set/);
      expect(await all.verify(token)).toMatchObject({ subject: 'bob' });
      expect(provider.fetches).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the configuration', () => {
  const issuer = { issuer: 'i', audience: ['a'] };
  test.each([
    ['plain HTTP to another machine', { ...issuer, jwksUri: 'http://login.example/keys' }],
    ['a password in the address', { ...issuer, jwksUri: 'https://a:b@login.example/keys' }],
    ['no keys, and a name that is no address', issuer],
    ['only a name, at another machine over plain HTTP', { ...issuer, issuer: 'http://login.example' }],
    ['only a name with a query', { ...issuer, issuer: 'https://login.example/?x' }],
    ['two places of keys', { ...issuer, jwksUri: 'https://login.example/keys', jwksFile: '/x' }],
    ['no audience', { ...issuer, audience: [], jwksFile: '/x' }],
  ])('%s is refused', (_, each) => {
    expect(identityConfig.safeParse({ issuers: [each] }).success).toBe(false);
  });

  test('one issuer twice is refused; no file of keys is, by name', () => {
    const one = { ...issuer, jwksFile: '/nowhere/jwks.json' };
    expect(identityConfig.safeParse({ issuers: [one, one] }).success).toBe(false);
    expect(() => identities([one])).toThrow('/nowhere/jwks.json');
  });
});
