/** When a certificate is ordered, with orders that are answered at once, over months of time that is not real. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mintCertificate } from '../../common/certificate.ts';
import { ZonecastError } from '../../common/errors.ts';
import { createLogger } from '../../common/log.ts';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { CertificateStore } from './certificate-store.ts';

const DIRECTORY = 'https://acme.example/directory';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const log = createLogger({ name: 'test', level: 'silent' });
let stateDirectory: string;
let startMs: number;
let keeper: CertificateKeeper;
/** How long after the start each was made. */
let orders: number[];
beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'zonecast-keeper-'));
  orders = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  startMs = Date.now();
});
afterEach(() => {
  keeper.stop();
  vi.useRealTimers();
  rmSync(stateDirectory, { recursive: true });
});

/** One that is issued so long after the start, and holds for 90 days from a day before. */
async function mint(hosts: readonly string[], afterMs = 0): Promise<CertificatePair> {
  vi.setSystemTime(startMs + afterMs);
  const pair = await mintCertificate({ subject: 'CN=test', hosts, days: 89 });
  vi.setSystemTime(startMs);
  return pair;
}

interface KeepOptions {
  readonly domains?: string[];
  readonly directory?: string;
}

/** A daemon that starts, whose orders are answered with these, one after another. */
function keep(
  answers: readonly (CertificatePair | Error)[],
  { domains = ['a.example'], directory = DIRECTORY }: KeepOptions = {},
): void {
  let next = 0;
  keeper = new CertificateKeeper({
    store: new CertificateStore(stateDirectory, directory),
    domains,
    order: async () => {
      orders.push(Date.now() - startMs);
      const answer = answers[Math.min(next++, answers.length - 1)];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('not expected');
      return answer;
    },
    log,
  });
  keeper.start();
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const folder = (): string => join(stateDirectory, readdirSync(stateDirectory)[0] ?? '');

test('one at once, and the next when a third of its life is left or a little more', async () => {
  const [first, second] = [await mint(['a.example']), await mint(['a.example'], 58 * DAY_MS)];
  let changes = 0;
  keep([first, second]);
  keeper.onChange(() => changes++);
  await pass(1);
  expect([keeper.certificatePem, keeper.privateKeyPem, changes]).toEqual([
    first.certificatePem,
    first.privateKeyPem,
    1,
  ]);
  await pass(70 * DAY_MS);
  const [, renewal = 0] = orders;
  expect(orders).toHaveLength(2);
  // 60 days from its begin, which is a day before the start; up to 3 days earlier, so that many do not come together.
  expect(renewal / DAY_MS).toBeGreaterThan(56);
  expect(renewal / DAY_MS).toBeLessThan(59.1);
  expect([keeper.certificatePem, changes]).toEqual([second.certificatePem, 2]);
  expect(keeper.counters).toEqual({ issued: 2, failed: 0 });
});

test('after a restart the same is used, and nothing is ordered until it is time', async () => {
  const pair = await mint(['a.example']);
  keep([pair]);
  await pass(1);
  keeper.stop();
  keep([]);
  expect([keeper.certificatePem, keeper.privateKeyPem]).toEqual([pair.certificatePem, pair.privateKeyPem]);
  await pass(50 * DAY_MS);
  expect(orders).toHaveLength(1);
});

test('failures: at most five in any hour, one in each at last, and the certificate from before is still shown', async () => {
  const pair = await mint(['a.example']);
  keep([pair, new Error('refused')]);
  await pass(70 * DAY_MS);
  const failed = orders.slice(1);
  const busiest = Math.max(...failed.map((from) => failed.filter((ms) => ms >= from && ms < from + HOUR_MS).length));
  expect(busiest).toBeLessThanOrEqual(5);
  expect(busiest).toBeGreaterThan(2);
  const pauses = failed.slice(1).map((ms, index) => ms - (failed[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1.8 * MINUTE_MS);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1.1 * HOUR_MS);
  // No two tunnels keep in step.
  expect(new Set(pauses.slice(-20)).size).toBeGreaterThan(10);
  expect(keeper.certificatePem).toBe(pair.certificatePem);
  expect(keeper.counters).toEqual({ issued: 1, failed: failed.length });
});

test('a directory that asks for time gets it; after a success the next failure counts as the first', async () => {
  const busy = new ZonecastError('tryAgain', 'busy', { retryAfterMs: 3 * HOUR_MS });
  keep([busy, new Error('refused'), await mint(['a.example'])]);
  await pass(3 * HOUR_MS - 1);
  expect(orders).toHaveLength(1);
  await pass(2);
  expect(orders).toHaveLength(2);
  await pass(7 * MINUTE_MS);
  expect(keeper.counters).toEqual({ issued: 1, failed: 2 });
});

test('a daemon that is started again and again orders once a minute at most', async () => {
  const refused = new Error('refused');
  keep([refused]);
  for (let start = 0; start < 60; start++) {
    await pass(2_000);
    keeper.stop();
    keep([refused]);
  }
  expect(orders.length).toBeLessThanOrEqual(3);
});

test('an attempt that was made when the clock was ahead holds nothing up', async () => {
  vi.setSystemTime(startMs + 1_000 * DAY_MS);
  keep([new Error('refused')]);
  await pass(1);
  keeper.stop();
  vi.setSystemTime(startMs);
  keep([await mint(['a.example'])]);
  await pass(2 * MINUTE_MS);
  expect(keeper.counters.issued).toBe(1);
});

test('another name, or another directory, needs another certificate', async () => {
  const [one, two] = [await mint(['a.example']), await mint(['a.example', 'b.example'])];
  keep([one]);
  await pass(2 * MINUTE_MS);
  keeper.stop();
  keep([two], { domains: ['a.example', 'b.example'] });
  // Better than nothing until then.
  expect(keeper.certificatePem).toBe(one.certificatePem);
  await pass(1);
  expect(keeper.certificatePem).toBe(two.certificatePem);
  keeper.stop();
  keep([one], { directory: 'https://staging.acme.example/directory' });
  expect(keeper.certificatePem).toBe('');
  await pass(1);
  expect([keeper.certificatePem, orders.length]).toEqual([one.certificatePem, 3]);
});

test('what is issued and of no use is not taken, and not asked for again at once', async () => {
  keep([await mint(['b.example']), await mint(['a.example'], -100 * DAY_MS)]);
  await pass(5 * MINUTE_MS);
  expect([keeper.certificatePem, orders.length, keeper.counters.failed]).toEqual(['', 2, 2]);
});

test('the key and the certificate change as one, and the account stays', async () => {
  const pair = await mint(['a.example']);
  keep([pair]);
  await pass(1);
  const account = readFileSync(join(folder(), 'account.key'), 'utf8');
  expect(account).toContain('BEGIN PRIVATE KEY');
  expect(readFileSync(join(folder(), 'certificate.pem'), 'utf8')).toBe(pair.privateKeyPem + pair.certificatePem);
  keeper.stop();
  keep([]);
  expect(readFileSync(join(folder(), 'account.key'), 'utf8')).toBe(account);
  expect(readdirSync(folder()).sort()).toEqual(['account.key', 'certificate.pem', 'last-attempt']);
});

test('state that is damaged, or cannot be written, is said at start', async () => {
  keep([await mint(['a.example'])]);
  await pass(1);
  keeper.stop();
  const account = join(folder(), 'account.key');
  const certificate = join(folder(), 'certificate.pem');
  writeFileSync(account, 'nonsense');
  expect(() => keep([])).toThrow(`acme.stateDirectory: ${account} holds no private key.`);
  const other = await mint(['a.example']);
  writeFileSync(certificate, other.privateKeyPem + keeper.certificatePem);
  expect(() => keep([])).toThrow(`${certificate} holds the private key of another certificate.`);
  writeFileSync(certificate, 'nonsense');
  expect(() => keep([])).toThrow(`${certificate} holds no certificate.`);
  const file = join(stateDirectory, 'file');
  writeFileSync(file, '');
  stateDirectory = file;
  expect(() => keep([])).toThrow(/acme\.stateDirectory: .* cannot be (written|read)/);
  stateDirectory = join(file, '..');
});
