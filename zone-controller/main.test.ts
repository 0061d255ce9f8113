/** The daemon as operators start it: a process of its own with its file. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mintZoneCertificates, type ZoneCertificates } from '../common/mutual-tls.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
let directory: string;
let certificates: ZoneCertificates;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-zc-'));
  certificates = await mintZoneCertificates();
  const { caPem, certificatePem, privateKeyPem } = await certificates.issue('zone-controller', 'zc-1');
  for (const [name, text] of Object.entries({ ca: caPem, certificate: certificatePem, key: privateKeyPem })) {
    writeFileSync(join(directory, `${name}.pem`), text);
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function configuration(extra = ''): string {
  const path = join(directory, 'zone.yaml');
  const file = (name: string): string => join(directory, `${name}.pem`);
  const tls = `{ ca: ${file('ca')}, certificate: ${file('certificate')}, privateKey: ${file('key')} }`;
  writeFileSync(
    path,
    `zone: z1\nhttp: { host: 127.0.0.1, port: 0 }\ngrpc: { listen: localhost:0 }\ntls: ${tls}\n${extra}`,
  );
  return path;
}

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

test.each([
  ['limits: { joins: { burst: 1, perSecond: 1 } }', 'limits: Unrecognized key: "joins"'],
  ['log: { level: loud }', 'log.level'],
])('the file with %j is refused by name', async (extra, message) => {
  const { code, stderr } = await run(configuration(extra));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^zone-controller: .*zone\.yaml: /);
  expect(stderr).toContain(message);
});

test('help ends with 0, no file and unknown options with 2, a file that is not there with 1', async () => {
  const runs = await Promise.all([run('--help'), run(), run('/nowhere.yaml'), run('--fast'), run('a', 'b')]);
  expect(runs.map(({ code }) => code)).toEqual([0, 2, 1, 2, 2]);
  for (const { stderr } of [runs[1], runs[3], runs[4]].flatMap((each) => each ?? [])) {
    expect(stderr).toMatch(/^Usage: /);
  }
  expect(runs[2]?.stderr).toBe('zone-controller: The configuration file /nowhere.yaml cannot be read.\n');
});

test('starts from its file, serves, and ends cleanly on SIGTERM', async () => {
  const child = spawn(process.execPath, [MAIN, configuration()], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let log = '';
  const url = await new Promise<string>((resolve) => {
    child.stderr.on('data', (bytes) => {
      log += bytes;
      const [, found] = /"url":"([^"]+)"/.exec(log) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
