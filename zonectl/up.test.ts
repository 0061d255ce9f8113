/** `zonectl up` as people run it: a process of its own, real ports, real signals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { VisitorAccess } from '../proto/signalling.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const LINE = /^Zonecast is up: (http:\/\/localhost:\d+\/#meeting=\d{11}&passcode=[a-z0-9]{8})\n$/;

interface Run {
  readonly child: ChildProcess;
  /** All of stdout so far. */
  stdout(): string;
  /** The first whole line on stdout. */
  readonly line: Promise<string>;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** A place of our own to find zones in: others run some, too. */
const home = mkdtempSync(join(tmpdir(), 'zonectl-up-'));
const env = { ...process.env, XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: home };
afterAll(() => rmSync(home, { recursive: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function zonectl(...args: string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  children.push(child);
  let stdout = '';
  let stderr = '';
  const line = new Promise<string>((resolve) => {
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
      if (stdout.includes('\n')) resolve(stdout);
    });
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, stdout: () => stdout, line, ended };
}

describe('zonectl up', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'prints one line, serves the link, and ends cleanly on %s',
    async (signal) => {
      const run = zonectl('up', '--free-ports');
      const [, link = ''] = LINE.exec(await run.line) ?? [];
      expect(link).not.toBe('');
      const page = await fetch(link);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Zonecast');
      expect((await fetch(new URL('/readyz', link))).status).toBe(200);
      const { tunnels } = (await (await fetch(new URL('/v1/access', link))).json()) as VisitorAccess;
      expect(tunnels).toEqual([expect.stringMatching(/^https:\/\/localhost:\d+$/)]);
      const startMs = performance.now();
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(performance.now() - startMs).toBeLessThan(5_000);
      expect(stdout).toMatch(LINE);
      await expect(fetch(link)).rejects.toThrow();
    },
  );

  test('several zones: one meeting by each of them, and zonectl finds them', { timeout: 60_000 }, async () => {
    const run = zonectl('up', '--zones', '3', '--free-ports');
    await run.line;
    await expect.poll(() => run.stdout().split('\n').length).toBe(5);
    const links = [
      ...run.stdout().matchAll(/^ {2}(zone-\d) {2}(http:\/\/localhost:\d+\/#meeting=\d{11}&passcode=\w{8})$/gm),
    ];
    expect(links.map(([, zone]) => zone)).toEqual(['zone-1', 'zone-2', 'zone-3']);
    expect(new Set(links.map(([, , link = '']) => new URL(link).hash)).size).toBe(1);
    expect(new Set(links.map(([, , link = '']) => new URL(link).origin)).size).toBe(3);
    const { stdout, code } = await zonectl('zones').ended;
    expect(code).toBe(0);
    expect(stdout.match(/^zone-\d .* well /gm)).toHaveLength(3);
    run.child.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('a second Ctrl-C ends it at once', async () => {
    const run = zonectl('up', '--free-ports');
    await run.line;
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    expect([0, 130]).toContain(code); // 0 when the clean end was faster than the second signal
  });

  test('Ctrl-C while it starts ends it cleanly too', async () => {
    const run = zonectl('up', '--free-ports', '--verbose');
    await new Promise((resolve) => run.child.stderr?.once('data', resolve));
    run.child.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).not.toContain('zonectl:');
  });

  test('a taken HTTP port is one sentence with the option that changes it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { code, stdout, stderr } = await zonectl('up', '--free-ports', '--port', String(port)).ended;
    server.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const example = Math.min(port + 1, 65_000);
    expect(stderr).toBe(
      `zonectl: Port ${port} is taken by another program. Choose another with --port, for example: zonectl up --port ${example}\n`,
    );
  });

  test('so is a taken port of the tunnel', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await zonectl('up', '--free-ports', '--tunnel-port', String(port)).ended;
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^zonectl: Port \d+ of the HTTP tunnel is taken\. Choose another with --tunnel-port, .*\n$/);
  });

  test('a taken media port is one sentence too', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    const { code, stdout, stderr } = await zonectl('up', '--free-ports', '--media-port', String(port)).ended;
    socket.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^zonectl: The ports for media, UDP and TCP .* not all free\. Choose another with --media-port, .*\n$/,
    );
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('wrong usage is explained and ends with 2; help ends with 0', async () => {
    const [wrong, help] = await Promise.all([zonectl('up', '--port', 'x').ended, zonectl('--help').ended]);
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('zonectl: --port takes a number');
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('zonectl up [options]');
  });
});
