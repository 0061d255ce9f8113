import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ZonecastError } from '../errors.ts';
import { createLogger, type Logger } from '../log.ts';
import { type AuditEntry, audited, NO_AUDIT } from './audit.ts';
import { AuditLog, countLostEntries } from './audit-log.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const entry = (what: string): AuditEntry => ({ what, who: { operator: 'ada' }, outcome: 'done' });

let folder: string;
let audit: AuditLog | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonecast-audit-'));
});
afterEach(async () => {
  await audit?.close();
  rmSync(folder, { recursive: true });
});

function open(file: string | undefined, to: Logger = log): AuditLog {
  audit = new AuditLog({ file, controller: 'zc-1', log: to });
  audit.open();
  return audit;
}

const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('is one line for each, with time and place, after what was there', async () => {
  const file = join(folder, 'audit.log');
  for (const what of ['a', 'b\n']) {
    const opened = open(file);
    opened.record({ ...entry(what), meeting: '62476282953', details: { keys: ['title'] } });
    await opened.close();
    opened.record(entry('too late'));
    expect(opened.lost).toBe(1);
  }
  const [first, second] = lines(file);
  expect(first).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    controller: 'zc-1',
    what: 'a',
    who: { operator: 'ada' },
    meeting: '62476282953',
    details: { keys: ['title'] },
    outcome: 'done',
  });
  expect(second?.what).toBe('b\n');
  expect(lines(file)).toHaveLength(2);
  expect(statSync(file).mode & 0o007).toBe(0);
});

test('goes on in a new file when the old one was renamed, and loses nothing', async () => {
  const [file, old] = [join(folder, 'audit.log'), join(folder, 'audit.log.1')];
  const opened = open(file);
  opened.record(entry('before'));
  renameSync(file, old);
  opened.record(entry('between'));
  expect(opened.reload()).toBe(true);
  opened.record(entry('after'));
  await opened.close();
  await expect.poll(() => existsSync(old) && lines(old).map(({ what }) => what)).toEqual(['before', 'between']);
  expect(lines(file).map(({ what }) => what)).toEqual(['after']);
  expect(opened.lost).toBe(0);
});

test('a file that cannot be written is a typed error; one that fails later costs entries, which are counted', async () => {
  expect(() => open(join(folder, 'no', 'such', 'folder'))).toThrow(expect.objectContaining({ code: 'badConfig' }));
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const opened = open(join(inner, 'audit.log'));
  await opened.close();
  const broken = open('/dev/full');
  broken.record(entry('lost'));
  await expect.poll(() => broken.lost).toBe(1);
  broken.record(entry('lost, too'));
  expect(broken.lost).toBe(2);
  const metrics = new Registry();
  countLostEntries(metrics, broken, 'controller');
  expect(await metrics.metrics()).toContain('zonecast_controller_audit_lost_total 2');
});

test('whoever records waits for nothing; beyond what may wait, entries are lost and counted', () => {
  const opened = open(join(folder, 'audit.log'));
  const large = { ...entry('x'), details: { text: 'x'.repeat(100_000) } };
  for (let count = 0; count < 100; count++) opened.record(large);
  expect(opened.lost).toBeGreaterThan(0);
  expect(opened.lost).toBeLessThan(70);
});

test('without a file it is in the log', () => {
  const written: unknown[] = [];
  const info = (value: unknown, message: unknown): void => void written.push([value, message]);
  open(undefined, { info } as unknown as Logger).record(entry('a')); // nothing else is used
  expect(written).toEqual([[{ audit: entry('a') }, 'audit']]);
  expect(audit?.reload()).toBe(false);
});

test('what fails is recorded with its code, and fails all the same', async () => {
  const entries: AuditEntry[] = [];
  const recorder = { record: (each: AuditEntry) => void entries.push(each) };
  const { outcome: _outcome, ...what } = entry('a');
  expect(await audited(recorder, what, async () => 7)).toBe(7);
  const fails = async (): Promise<never> => {
    throw new ZonecastError('notAllowed', 'no');
  };
  await expect(audited(recorder, what, fails)).rejects.toMatchObject({ code: 'notAllowed' });
  expect(entries.map(({ outcome }) => outcome)).toEqual(['done', 'notAllowed']);
  await audited(NO_AUDIT, what, async () => undefined);
});
