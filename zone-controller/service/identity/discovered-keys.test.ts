/** A provider of which only the name is configured, on loopback over HTTP and HTTPS. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { createLogger, type Logger } from '../../../common/log.ts';
import { mintServerCertificate } from '../../../common/server-certificate.ts';
import { TestProvider } from '../testing/test-provider.ts';
import { MAX_ANSWER_BYTES } from './fetch-text.ts';
import { Identities } from './identities.ts';
import { identityConfig } from './identity-config.ts';
import { KEY_TIMES, type KeyTimes } from './issuer-keys.ts';

const IMPATIENT: KeyTimes = { ...KEY_TIMES, cooldownMs: 0, retryMs: 0 };
const log = createLogger({ name: 'test', level: 'silent' });

/** Notes what is wrong with searches. Each test has its own: searches that nobody waits for may outlive theirs. */
function noting(warned: unknown[]): Logger {
  const warn = ({ err }: { readonly err: unknown }) => warned.push(err);
  return new Proxy(log, { get: (target, name) => (name === 'warn' ? warn : Reflect.get(target, name)) });
}

const providers: TestProvider[] = [];
afterEach(() => Promise.all(providers.splice(0).map((each) => each.stop())));

async function atHome(...args: Parameters<typeof TestProvider.startAtHome>): Promise<TestProvider> {
  const provider = await TestProvider.startAtHome(...args);
  providers.push(provider);
  return provider;
}

function trust({ issuer }: { readonly issuer: string }, times = IMPATIENT, warned: unknown[] = []): Identities {
  const config = identityConfig.parse({ issuers: [{ issuer, audience: ['zonecast'] }] });
  return new Identities(config, noting(warned), times);
}

test.each(['', '/', '/realms/staff', '/realms/staff/'])('the name alone is enough: %j', async (path) => {
  const provider = await atHome(path);
  const all = trust(provider);
  const token = await provider.sign('ada');
  // Those who come at the same time wait for the same answer.
  await Promise.all(Array.from({ length: 5 }, () => all.verify(token)));
  expect(await all.verify(token)).toMatchObject({ id: `${provider.issuer} ada` });
  expect([provider.discoveries, provider.fetches]).toEqual([1, 1]);
});

test('new keys are found where the old ones were, without another search', async () => {
  const provider = await atHome();
  const all = trust(provider);
  await all.verify(await provider.sign('ada'));
  await provider.rotate();
  expect(await all.verify(await provider.sign('bob'))).toMatchObject({ subject: 'bob' });
  expect([provider.discoveries, provider.fetches]).toEqual([1, 2]);
});

test('keys that have moved are found by a later search, which nobody waits for', async () => {
  const provider = await atHome();
  const all = trust(provider, { ...IMPATIENT, refreshMs: 0 });
  await all.verify(await provider.sign('ada'));
  provider.keysPath = '/moved';
  await provider.rotate();
  const token = await provider.sign('bob');
  await expect.poll(() => all.verify(token).catch(() => undefined)).toMatchObject({ subject: 'bob' });
});

test('what was found goes on while the provider is away', async () => {
  const provider = await atHome();
  const all = trust(provider, { ...IMPATIENT, refreshMs: 0 });
  const token = await provider.sign('ada');
  await all.verify(token);
  provider.failure = 503;
  for (let count = 0; count < 3; count++) expect(await all.verify(token)).toMatchObject({ subject: 'ada' });
  await expect.poll(() => provider.discoveries).toBeGreaterThan(1);
});

test('a provider that was never found is left alone for a while, and is no fault of the token', async () => {
  const provider = await atHome();
  provider.failure = 500;
  const warned: unknown[] = [];
  const all = trust(provider, KEY_TIMES, warned);
  for (let count = 0; count < 4; count++) {
    await expect(all.verify(await provider.sign('ada'))).rejects.toMatchObject({ code: 'tryAgain' });
  }
  expect(provider.discoveries).toBe(1);
  expect(String(warned[0])).toMatch(/openid-configuration is 500/);
});

test.each([
  ['of another issuer', { issuer: 'https://other.example' }, /issuer "https:\/\/other\.example"/],
  ['without a place of keys', { jwks_uri: undefined }, /jwks_uri/],
  ['with keys over plain HTTP', { jwks_uri: 'http://192.0.2.1/keys' }, /which is not https/],
  ['with keys in a file', { jwks_uri: 'file:///etc/passwd' }, /which is not https/],
  ['with a password in the address', { jwks_uri: 'https://a:b@192.0.2.1/keys' }, /which is not https/],
  ['that is endless', { filling: 'x'.repeat(MAX_ANSWER_BYTES) }, /more than 262144 bytes/],
])('a document %s is not believed', async (_, document, words) => {
  const provider = await atHome();
  provider.document = document;
  const warned: unknown[] = [];
  await expect(trust(provider, IMPATIENT, warned).verify(await provider.sign('eve'))).rejects.toMatchObject({
    code: 'tryAgain',
  });
  expect(String(warned[0])).toMatch(words);
  expect(provider.fetches).toBe(0);
});

test('a redirect is not followed', async () => {
  const [provider, other] = [await atHome(), await atHome()];
  provider.failure = { redirect: `${other.issuer}/.well-known/openid-configuration` };
  const warned: unknown[] = [];
  await expect(trust(provider, IMPATIENT, warned).verify(await provider.sign('eve'))).rejects.toMatchObject({
    code: 'tryAgain',
  });
  expect([other.discoveries, String(warned[0])]).toEqual([0, expect.stringContaining('is 302')]);
});

test('by https, if the certificate is one that is trusted; from there, keys do not come over plain HTTP', async () => {
  const { certificatePem: cert, privateKeyPem: key } = await mintServerCertificate(['127.0.0.1']);
  const provider = await atHome('/realms/staff', { cert, key });
  const token = await provider.sign('ada');
  await expect(trust(provider).verify(token)).rejects.toMatchObject({ code: 'tryAgain' });
  const before = getCACertificates();
  try {
    setDefaultCACertificates([...before, cert]);
    expect(await trust(provider).verify(token)).toMatchObject({ id: `${provider.issuer} ada` });
    provider.document = { jwks_uri: provider.jwksUri.replace('https:', 'http:') };
    const warned: unknown[] = [];
    await expect(trust(provider, IMPATIENT, warned).verify(token)).rejects.toMatchObject({ code: 'tryAgain' });
    expect(String(warned.at(-1))).toMatch(/which is not https/);
  } finally {
    setDefaultCACertificates(before);
  }
});
