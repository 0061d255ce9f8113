/** How a daemon ends: drain, deadline, and signals that lose patience. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DaemonProcess } from './testing/daemon-process.ts';

const MAIN = fileURLToPath(new URL('testing/test-daemon.ts', import.meta.url));
let directory: string;
let daemon: DaemonProcess;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-life-'));
});
afterEach(async () => {
  daemon.child.kill('SIGKILL');
  await daemon.ended;
  rmSync(directory, { recursive: true, force: true });
});

async function started(hangs: 'drain' | 'stop' | 'nothing', drainSeconds: number): Promise<DaemonProcess> {
  const path = join(directory, 'test.yaml');
  writeFileSync(path, JSON.stringify({ hangs, stop: { drainSeconds }, admin: { listen: '127.0.0.1:0' } }));
  daemon = new DaemonProcess(MAIN, ['--config', path]);
  await daemon.logged('started');
  return daemon;
}

describe('the end of a daemon', () => {
  test('it drains first, then stops', async () => {
    const { child, ended } = await started('nothing', 3_600);
    child.kill('SIGTERM');
    expect(await daemon.logged('drain asked for')).toMatchObject({ deadlineMs: 3_600_000 });
    expect(await daemon.logged('drain ended')).toMatchObject({ ended: 'done' });
    expect((await ended).code).toBe(0);
  });

  test('a drain ends at its deadline', async () => {
    const { child, ended } = await started('drain', 1);
    child.kill('SIGINT');
    expect(await daemon.logged('drain ended')).toMatchObject({ ended: 'at its deadline' });
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('"msg":"stop asked for"')]);
  });

  test('while it drains it is live and not ready; a second signal ends the draining', async () => {
    const { child } = await started('drain', 3_600);
    const { port } = await daemon.logged('operators are served');
    child.kill('SIGTERM');
    await daemon.logged('drain asked for');
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, problems: ['draining'] }]);
    child.kill('SIGTERM');
    expect(await daemon.logged('drain ended')).toMatchObject({ ended: 'by a second signal' });
    await daemon.logged('stop asked for');
  });

  test('a third signal ends a process whose stop hangs', async () => {
    const { child, ended } = await started('stop', 0);
    child.kill('SIGTERM');
    await daemon.logged('stop asked for');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    expect((await ended).code).toBe(1);
  });
});
