import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

function sim(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** What a run took differs; the rest must not. */
function withoutTimes(text: string): string {
  return text.replaceAll(/ in \d+ ms/g, '');
}

describe('npm run sim', { timeout: 300_000 }, () => {
  test('--list names every scenario, --help tells the options', () => {
    const { status, stdout } = sim('--list');
    expect(status).toBe(0);
    for (const name of ['rfc8867-5.1', 'rfc8867-5.8', 'meeting-cliff', 'crowd-one-bad-viewer']) {
      expect(stdout).toContain(name);
    }
    expect(sim('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--seed N') });
  });

  test.each([
    [['--seed', 'x'], '--seed takes a whole number'],
    [['--seeds', '0'], '--seeds takes a whole number'],
    [['--scenario', 'nothing-like-this'], 'no scenario is named like'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('%j is refused with exit code 2', (args, message) => {
    const { status, stderr } = sim(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('--report writes a plot; the same seed gives the same run, another one another', () => {
    const runs = ['7', '7', '8'].map((seed) => {
      const folder = mkdtempSync(join(tmpdir(), 'sim-'));
      made.push(folder);
      const { stdout } = sim('--scenario', 'sender-cliff', '--seed', seed, '--report', folder);
      expect(readdirSync(folder).sort()).toEqual(['results.txt', 'sender-cliff.svg']);
      return { stdout: withoutTimes(stdout), plot: readFileSync(join(folder, 'sender-cliff.svg'), 'utf8') };
    });
    expect(runs[0]?.stdout).toContain('seed 7');
    expect(runs[0]?.plot).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]?.plot).not.toBe(runs[0]?.plot);
  });
});
