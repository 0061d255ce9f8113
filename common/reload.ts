/** What SIGHUP does: reads the configuration again, uses what can be used at once, and says what cannot. */
import { changedKeys } from './config-changes.ts';
import type { DaemonConfig } from './config-fields.ts';
import type { ReloadableFiles } from './daemon.ts';
import type { Logger } from './log.ts';

export interface ReloadOptions<Config extends DaemonConfig> {
  /** What the daemon was started with. */
  readonly config: Config;
  /** Reads the file again. @throws ZonecastError */
  readonly load: () => Config;
  readonly files: readonly ReloadableFiles[];
  /** As of the daemon. */
  readonly reconfigure?: ((config: Config) => readonly string[]) | undefined;
  readonly log: Logger;
}

export class Reload<Config extends DaemonConfig> {
  readonly #options: ReloadOptions<Config>;
  /** What was read last. */
  #current: Config;

  constructor(options: ReloadOptions<Config>) {
    this.#options = options;
    this.#current = options.config;
  }

  /** Never throws: what is wrong is logged, and what ran before goes on. */
  run(): void {
    const { config, load, reconfigure, log } = this.#options;
    try {
      const next = load();
      const sections = reconfigure?.(next) ?? [];
      const isTaken = (key: string): boolean => sections.some((section) => `${key}.`.startsWith(`${section}.`));
      const taken = changedKeys(this.#current, next).filter(isTaken);
      this.#current = next;
      const { changed, refused } = this.#reloadFiles();
      const isOtherLevel = log.level !== next.log.level;
      const quieter = severity(log, next.log.level) > severity(log, log.level);
      // An operator who turns the log down is told still, one who turns it up already.
      if (!quieter) log.level = next.log.level;
      const reloaded = [...(isOtherLevel ? ['log.level'] : []), ...taken, ...changed];
      // Compared with what the daemon was started with: what needed a restart once still does.
      const needsRestart = changedKeys(config, next).filter((key) => key !== 'log.level' && !isTaken(key));
      log.info({ reloaded, needsRestart }, 'configuration read again');
      if (refused.length > 0) log.error({ refused }, 'files that are wrong; those from before stay in use');
      log.level = next.log.level;
    } catch (error) {
      log.error({ err: error }, 'the configuration is wrong; everything stays as it was');
    }
  }

  #reloadFiles(): { readonly changed: string[]; readonly refused: string[] } {
    const changed: string[] = [];
    const refused: string[] = [];
    for (const files of this.#options.files) {
      try {
        if (files.reload()) changed.push(`the files of ${files.key}`);
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
      }
    }
    return { changed, refused };
  }
}

/** The higher, the less is logged. */
function severity(log: Logger, level: string): number {
  return log.levels.values[level] ?? Number.POSITIVE_INFINITY; // silent
}
