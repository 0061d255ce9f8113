#!/usr/bin/env node
/** zonectl: reads the command line, runs the command, ends cleanly. */
import { ZonecastError } from '../common/errors.ts';
import { HELP, parseArguments, type UpOptions } from './arguments.ts';
import { CERTIFICATES_HELP, type CertificatesOptions } from './certificates-arguments.ts';

/** POSIX: bad usage. */
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
/** A clean end takes some 100 ms; nobody should wait for one that hangs. */
const STOP_MS = 1_500;

async function main(): Promise<void> {
  let command: ReturnType<typeof parseArguments>;
  try {
    command = parseArguments(process.argv.slice(2));
  } catch (error) {
    fail(error, EXIT_USAGE);
    return;
  }
  if (command.name === 'help') process.stdout.write(HELP);
  else if (command.name === 'certificates') await certificates(command.options);
  else await up(command.options);
}

async function certificates(options: CertificatesOptions | 'help'): Promise<void> {
  if (options === 'help') return void process.stdout.write(CERTIFICATES_HELP);
  try {
    const { writeCertificates } = await import('./certificates.ts');
    for (const path of await writeCertificates(options)) process.stdout.write(`${path}\n`);
  } catch (error) {
    fail(error, 1);
  }
}

async function up(options: UpOptions): Promise<void> {
  const interrupted = onSignals();
  // Imported here, so that help and usage errors need neither routers nor the packet engine.
  const { Zone } = await import('./up.ts');
  const zone = new Zone(options);
  try {
    const starting = zone.start();
    // After an interruption nobody waits for it any more, and that it fails then is no news.
    starting.catch(() => undefined);
    const link = await Promise.race([starting, interrupted]);
    if (link !== undefined) {
      process.stdout.write(`Zonecast is up: ${link}\n`);
      await interrupted;
    }
  } catch (error) {
    fail(error, 1);
  }
  // Unreferenced: a clean end is not held up by it.
  setTimeout(() => process.exit(), STOP_MS).unref();
  await zone.stop();
  process.exit();
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function onSignals(): Promise<undefined> {
  return new Promise((resolve) => {
    let count = 0;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (++count > 1) process.exit(EXIT_INTERRUPTED);
        resolve(undefined);
      });
    }
  });
}

function fail(error: unknown, exitCode: number): void {
  const message = error instanceof ZonecastError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`zonectl: ${message}\n`);
  process.exitCode = exitCode;
}

await main();
