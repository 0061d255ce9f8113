/** How every daemon is started: `node <daemon>/main.ts <configuration file>`, ended by SIGTERM or SIGINT. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { ZonecastError } from './errors.ts';
import type { MutualTls } from './mutual-tls.ts';

export interface Daemon {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface DaemonOptions {
  /** Before every message on stderr. */
  readonly name: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Reads the configuration file at `path`. @throws ZonecastError whose message says what is wrong */
  readonly make: (path: string) => Daemon;
}

/** Runs the daemon until a signal ends it. Exit codes: 0 after a clean end, 1 when it failed, 2 for wrong usage. */
export async function runDaemon({ name, help, make }: DaemonOptions): Promise<void> {
  const given = readArguments();
  if (given === undefined || 'help' in given) {
    (given === undefined ? process.stderr : process.stdout).write(help);
    process.exitCode = given === undefined ? 2 : 0;
    return;
  }
  try {
    // What gRPC has to say reaches us as errors, which are reported in our own words.
    setLogVerbosity(logVerbosity.NONE);
    const daemon = make(given.path);
    const ended = new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    });
    await daemon.start();
    await ended;
    await daemon.stop();
  } catch (error) {
    const isOurs = error instanceof ZonecastError;
    process.stderr.write(`${name}: ${isOurs ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
    process.exitCode = 1;
  }
}

/** What `tls` in a daemon's configuration names. @throws ZonecastError `badConfig` */
export function readMutualTls(files: {
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}): MutualTls {
  return {
    caPem: readPem(files.ca),
    certificatePem: readPem(files.certificate),
    privateKeyPem: readPem(files.privateKey),
  };
}

/** @throws ZonecastError `badConfig` that names the file */
export function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ZonecastError('badConfig', `The file ${path} cannot be read.`, { cause: error });
  }
}

/** The configuration file, `--help`, or undefined for anything else. */
function readArguments(): { readonly path: string } | { readonly help: true } | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help) return { help: true };
    const [path, ...rest] = positionals;
    return path === undefined || rest.length > 0 ? undefined : { path };
  } catch {
    return undefined; // an option that no daemon has
  }
}
