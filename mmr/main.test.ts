import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mintZoneCertificates } from '../common/mutual-tls.ts';
import { TestZone } from './router-test-lab.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zonecast-mmr-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function start(...parameters: string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; output: string }>;
} {
  const child = spawn(process.execPath, [MAIN, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout?.on('data', (data) => {
    output += data;
  });
  child.stderr?.on('data', (data) => {
    output += data;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })) };
}

describe('the router daemon', { timeout: 20_000 }, () => {
  test('--help explains it', async () => {
    const { code, output } = await start('--help').ended;
    expect(code).toBe(0);
    expect(output).toContain('Usage: node mmr/main.ts');
  });

  test('a configuration that is wrong is one clear line', async () => {
    const path = join(directory, 'router.yaml');
    writeFileSync(path, 'router: r1\nport: 1\n');
    const { code, output } = await start(path).ended;
    expect(code).toBe(1);
    expect(output.trimEnd().split('\n')).toHaveLength(1);
    expect(output).toMatch(/^mmr: .*router\.yaml: .*zoneController/);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('registers, and %s ends it cleanly', async (signal) => {
    const authority = await mintZoneCertificates();
    const zone = new TestZone();
    await zone.start(await authority.issue('zone-controller', 'zc-1'));
    const tls = await authority.issue('router', 'router-1');
    const files = { ca: tls.caPem, certificate: tls.certificatePem, privateKey: tls.privateKeyPem };
    const paths = Object.entries(files).map(([name, pem]) => {
      writeFileSync(join(directory, name), pem);
      return [name, join(directory, name)];
    });
    const path = join(directory, 'router.yaml');
    const config = {
      router: 'router-1',
      zoneController: `localhost:${zone.port}`,
      grpc: { listen: 'localhost:0' },
      tls: Object.fromEntries(paths),
      media: { address: '127.0.0.1', port: 0, announce: ['127.0.0.1'], workers: 1 },
    };
    writeFileSync(path, JSON.stringify(config)); // JSON is YAML.
    const { child, ended } = start(path);
    await zone.until((reports) => reports.some(({ load }) => load));
    child.kill(signal);
    const { code, output } = await ended;
    zone.kill();
    expect(code).toBe(0);
    expect(output).toContain('"msg":"registered"');
  });
});
