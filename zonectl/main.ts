#!/usr/bin/env node
/** zonectl: reads the command line, runs the command, ends cleanly. */
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { ZonecastError } from '../common/errors.ts';
import { HELP, parseArguments, type UpOptions } from './arguments.ts';
import { CERTIFICATES_HELP, type CertificatesOptions } from './certificates-arguments.ts';
import { EXIT, ZonectlError } from './operator/exit-codes.ts';
import type { OperatorCommand } from './operator/operator-arguments.ts';
import { operatorHelp } from './operator/operator-help.ts';
import type { ZoneLink } from './up.ts';

/** A clean end takes some 100 ms; nobody should wait for one that hangs. */
const STOP_MS = 1_500;

async function main(): Promise<void> {
  let command: ReturnType<typeof parseArguments>;
  try {
    command = parseArguments(process.argv.slice(2));
  } catch (error) {
    fail(error, EXIT.usage);
    return;
  }
  if (command.name === 'help') process.stdout.write(HELP);
  else if (command.name === 'certificates') await certificates(command.options);
  else if (command.name === 'operatorHelp') process.stdout.write(operatorHelp(command.of));
  else if (command.name === 'operator') await operate(command.command);
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

async function operate({ question, connection, json }: OperatorCommand): Promise<void> {
  // What gRPC has to say reaches us as errors, which are reported in our own words.
  setLogVerbosity(logVerbosity.NONE);
  const { findConnection } = await import('./operator/connection-settings.ts');
  const { ZoneClient } = await import('./operator/zone-client.ts');
  const { runCommand } = await import('./operator/run-command.ts');
  const { isWorldQuestion, runWorldCommand } = await import('./operator/run-world-command.ts');
  const { WorldClient } = await import('./operator/world-client.ts');
  const stopping = new AbortController();
  void onSignals().then(() => stopping.abort());
  let client: InstanceType<typeof ZoneClient> | InstanceType<typeof WorldClient> | undefined;
  try {
    const asked = isWorldQuestion(question) ? 'global' : 'controller';
    const { controllers, tls } = findConnection(connection, process.env, asked);
    const output = {
      json,
      write: (text: string) => void process.stdout.write(text),
      note: (text: string) => void process.stderr.write(text),
    };
    if (isWorldQuestion(question)) {
      const world = new WorldClient(controllers, tls);
      client = world;
      process.exitCode = await runWorldCommand(world, question, output);
    } else {
      const zone = new ZoneClient(controllers, tls);
      client = zone;
      process.exitCode = await runCommand(zone, question, output, stopping.signal);
    }
  } catch (error) {
    fail(error, EXIT.failed);
  } finally {
    client?.close();
  }
}

async function up(options: UpOptions): Promise<void> {
  const interrupted = onSignals();
  // Imported here, so that help and usage errors need neither routers nor the packet engine.
  const { Up } = await import('./up.ts');
  const running = new Up(options);
  try {
    const starting = running.start();
    // After an interruption nobody waits for it any more, and that it fails then is no news.
    starting.catch(() => undefined);
    const links = await Promise.race([starting, interrupted]);
    if (links !== undefined) {
      process.stdout.write(describeLinks(links));
      await interrupted;
    }
  } catch (error) {
    fail(error, 1);
  }
  // Unreferenced: a clean end is not held up by it.
  setTimeout(() => process.exit(), STOP_MS).unref();
  await running.stop();
  process.exit();
}

/** One line; of several zones, the same meeting by each. */
function describeLinks(links: readonly ZoneLink[]): string {
  const [first] = links;
  if (links.length === 1) return `Zonecast is up: ${first?.link}\n`;
  const lines = links.map(({ zone, link }) => `  ${zone}  ${link}\n`);
  return `Zonecast is up: ${links.length} zones, and one meeting by each of them\n${lines.join('')}`;
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function onSignals(): Promise<undefined> {
  return new Promise((resolve) => {
    let count = 0;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (++count > 1) process.exit(EXIT.interrupted);
        resolve(undefined);
      });
    }
  });
}

function fail(error: unknown, exitCode: number): void {
  const isOurs = error instanceof ZonecastError || error instanceof ZonectlError;
  const message = isOurs ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`zonectl: ${message}\n`);
  process.exitCode = error instanceof ZonectlError ? error.exitCode : exitCode;
}

await main();
