/** How every daemon is started: `node <daemon>/main.ts --config FILE`. */
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import type { DaemonConfig } from './config-fields.ts';
import { OPTIONS_HELP, readDaemonArguments } from './daemon-arguments.ts';
import { DaemonLife } from './daemon-life.ts';
import { ZonecastError } from './errors.ts';
import { createLogger, type Logger } from './log.ts';
import { VERSION } from './version.ts';

/** What a daemon does, without the process around it. */
export interface Daemon<Config = unknown> {
  /** Resolves when it serves. */
  start(): Promise<void>;
  /** Hands on to others what it does. Takes `deadlineMs` at most; then it is stopped whether this is over or not. */
  drain?(deadlineMs: number): Promise<void>;
  /** Safe at any time, also before the start. */
  stop(): Promise<void>;
  /** What keeps it from working though the process runs (rejecting counts). The event loop need not be asked about. */
  livenessProblems?(): Promise<readonly string[]>;
  /** Why it should get no new work, in words for operators; empty when it should. */
  readinessProblems(): readonly string[];
  /** In the text format of Prometheus. */
  metrics?(): Promise<string>;
  /** Goes by what this configuration says from here on, as far as it can. Returns the sections that it can. */
  reconfigure?(config: Config): readonly string[];
  /** What can be read again while it runs: certificates. */
  readonly files: readonly ReloadableFiles[];
}

/** Files that the configuration names. */
export interface ReloadableFiles {
  /** Where in the configuration. */
  readonly key: string;
  /** True when they changed. @throws ZonecastError when they are wrong; then nothing changes */
  reload(): boolean;
}

export interface DaemonOptions<Config extends DaemonConfig> {
  /** Before every message on stderr. */
  readonly name: string;
  /** The beginning of what `--help` prints. */
  readonly help: string;
  /** Reads the configuration file. @throws ZonecastError whose message says what is wrong */
  readonly load: (path: string) => Config;
  /** Name of this daemon in the log. */
  readonly logName: (config: Config) => string;
  /** Reads the files that the configuration names and starts nothing. @throws ZonecastError as `load` */
  readonly make: (config: Config, log: Logger) => Daemon<Config>;
}

/** Runs the daemon until a signal ends it. Exit codes: 0 after a clean end, 1 when it failed, 2 for wrong usage. */
export async function runDaemon<Config extends DaemonConfig>(options: DaemonOptions<Config>): Promise<void> {
  const { name, help } = options;
  const command = readDaemonArguments(process.argv.slice(2));
  if (command.type === 'help') {
    process.stdout.write(`${help}\n${OPTIONS_HELP}`);
  } else if (command.type === 'version') {
    process.stdout.write(`${name} ${VERSION}\n`);
  } else if (command.type === 'wrong') {
    process.stderr.write(`${name}: ${command.message} --help shows what there is.\n`);
    process.exitCode = 2;
  } else {
    try {
      await (command.isCheck ? check(options, command.config) : live(options, command.config));
    } catch (error) {
      const message = error instanceof ZonecastError ? error.message : error instanceof Error ? error.stack : error;
      process.stderr.write(`${name}: ${message}\n`);
      process.exitCode = 1;
    }
  }
}

async function live<Config extends DaemonConfig>(options: DaemonOptions<Config>, path: string): Promise<void> {
  // What gRPC has to say reaches us as errors, which are reported in our own words.
  setLogVerbosity(logVerbosity.NONE);
  const config = options.load(path);
  const log = createLogger({ name: options.logName(config), level: config.log.level });
  const daemon = options.make(config, log);
  await new DaemonLife({ daemon, config, load: () => options.load(path), log }).run();
  // A drain that was cut short may hold the process.
  process.exit();
}

async function check<Config extends DaemonConfig>(options: DaemonOptions<Config>, path: string): Promise<void> {
  const config = options.load(path);
  const daemon = options.make(config, createLogger({ name: options.logName(config), level: 'silent' }));
  await daemon.stop();
  process.stdout.write(`${options.name}: ${path} is well.\n`);
}
