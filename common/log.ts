/** The log of every daemon: pino, one JSON object a line, on stderr (stdout belongs to what a command prints). */
import { destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Written synchronously, so that the last line before a crash is there. */
export function createLogger(options: { readonly name: string; readonly level: LogLevel }): Logger {
  return pino({ name: options.name, level: options.level }, destination({ dest: 2, sync: true }));
}
