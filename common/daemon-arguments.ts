/** The command line that every daemon understands. Pure. */
import { parseArgs } from 'node:util';

export type DaemonCommand =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  /** Runs the daemon; with `isCheck`, only reads what it would run with. */
  | { readonly type: 'run'; readonly config: string; readonly isCheck: boolean }
  /** Wrong usage. */
  | { readonly type: 'wrong'; readonly message: string };

/** What `--help` says of them. */
export const OPTIONS_HELP = `Options
  --config FILE    The configuration (YAML).
  --check-config   Only check the configuration and the files it names: exit code 0 when all is well, 1 when not.
  --version        Print the version.
  --help           Print this.

Signals
  SIGTERM, SIGINT  Stop in order: first drain, for stop.drainSeconds at most. A second one ends the draining, a third
                   one the process.
  SIGHUP           Read again: log.level, and the certificate files. The log says what else needs a restart.

Logs go to stderr, one JSON object a line.
`;

export function readDaemonArguments(args: readonly string[]): DaemonCommand {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        'check-config': { type: 'boolean', default: false },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return { type: 'help' };
    if (values.version) return { type: 'version' };
    if (values.config === undefined) return { type: 'wrong', message: '--config FILE is missing.' };
    return { type: 'run', config: values.config, isCheck: values['check-config'] };
  } catch (error) {
    // Node's first sentence names the option; the rest is about escaping.
    const [sentence = ''] = (error as Error).message.split('. ');
    return { type: 'wrong', message: `${sentence.replace(/\.$/, '')}.` };
  }
}
