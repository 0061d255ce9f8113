/**
 * `npm run test:asan`: builds the packet engine with AddressSanitizer and UndefinedBehaviorSanitizer into build-asan/
 * and runs the engine's tests with it. Any finding aborts the test process, so the run fails.
 *
 * Node itself is not instrumented, hence the runtime is preloaded. Leak detection is off: at exit V8 and OpenSSL leave
 * memory to the operating system on purpose, which the leak checker cannot tell from ours; the tests watch the
 * resident size over many sessions instead.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEngine } from './build-engine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Path of a runtime library of the compiler, e.g. libasan.so. */
function runtimeLibrary(name: string): string {
  const path = execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  if (path === name) throw new Error(`g++ has no ${name}`);
  return path;
}

function main(): number {
  const addon = join(root, 'build-asan/zonecast-engine.node');
  buildEngine(join(root, 'build-asan/engine'), addon, ['--', '-Dzonecast_sanitize=1']);
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  // One test file after the other, each in its own process, so that a finding stops the file that caused it.
  const run = spawnSync(
    process.execPath,
    [vitest, 'run', 'mmr/engine', '--pool=forks', '--no-file-parallelism', '--testTimeout=240000'],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        ZONECAST_ENGINE_ADDON: addon,
        LD_PRELOAD: `${runtimeLibrary('libasan.so')}:${runtimeLibrary('libubsan.so')}`,
        // V8 maps and unmaps at addresses that ASan would keep in quarantine: a small one keeps memory in bounds.
        ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:quarantine_size_mb=16:strict_string_checks=1',
        UBSAN_OPTIONS: 'halt_on_error=1:abort_on_error=1:print_stacktrace=1',
      },
    },
  );
  return run.status ?? 1;
}

process.exitCode = main();
