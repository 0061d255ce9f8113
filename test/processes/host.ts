/** Where the processes of a test run: this machine, or a network namespace that stands for another one. */

export interface Host {
  /** At which others reach what listens there. */
  readonly address: string;
  /** The command line that runs `command` there. */
  run(command: readonly string[]): string[];
}

export const LOOPBACK: Host = { address: '127.0.0.1', run: (command) => [...command] };
