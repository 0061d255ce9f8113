/** Builds the C programs of the benchmark into test/bench/bin, when their sources are newer. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('c/', import.meta.url));
const BINARIES = fileURLToPath(new URL('bin/', import.meta.url));
const SHARED = ['srtp.c', 'net.c', 'fail.c'];
const PROGRAMS = {
  load: [
    'load.c',
    'commands.c',
    'participant.c',
    'sink.c',
    'source.c',
    'feedback.c',
    'reports.c',
    'stun.c',
    'dtls.c',
    ...SHARED,
  ],
  floor: ['floor.c', 'floor-feedback.c', ...SHARED],
} as const;

export interface Programs {
  readonly load: string;
  readonly floor: string;
}

/** Paths of the programs, built if need be. Throws an Error that names the Debian package that is missing. */
export function buildPrograms(): Programs {
  mkdirSync(BINARIES, { recursive: true });
  const newest = Math.max(...readdirSync(SOURCES).map((name) => statSync(SOURCES + name).mtimeMs));
  for (const [name, files] of Object.entries(PROGRAMS)) {
    const binary = BINARIES + name;
    if (!existsSync(binary) || statSync(binary).mtimeMs < newest) {
      requireHeaders();
      compile(files, binary);
    }
  }
  return { load: `${BINARIES}load`, floor: `${BINARIES}floor` };
}

function compile(files: readonly string[], binary: string): void {
  const sources = files.map((name) => SOURCES + name);
  // Two runs may build at once: each makes its own file, and the last one wins.
  const made = `${binary}.${process.pid}`;
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror'];
  execFileSync('cc', [...flags, '-o', made, ...sources, '-lssl', '-lcrypto'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  renameSync(made, binary);
}

function hasHeaders(): boolean {
  try {
    execFileSync('cc', ['-E', '-include', 'openssl/ssl.h', '-x', 'c', '/dev/null'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function requireHeaders(): void {
  if (hasHeaders()) {
    return;
  }
  if (process.getuid?.() === 0) {
    try {
      execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'libssl-dev'], { stdio: 'ignore' });
    } catch {
      // Said below.
    }
  }
  if (!hasHeaders()) {
    throw new Error(
      'the load generator needs a C compiler and the OpenSSL headers: apt-get install gcc libc6-dev libssl-dev',
    );
  }
}
