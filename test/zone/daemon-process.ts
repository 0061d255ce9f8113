/** One of our daemons in a process of its own, as systemd would start it. */
import { fileURLToPath } from 'node:url';
import { type Host, LOOPBACK } from '../processes/host.ts';
import { ServerProcess } from '../processes/server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What Node prints when its inspector is there. */
const INSPECTOR = /^Debugger listening on (ws:\S+)$/;

export interface DaemonOptions {
  readonly name: string;
  /** Its main file, from the repository's root. */
  readonly program: string;
  readonly configFile: string;
  /** The message of the log line that says that it serves. */
  readonly started: string;
  readonly host?: Host;
}

export class DaemonProcess extends ServerProcess {
  #inspector = Promise.withResolvers<string>();

  constructor({ name, program, configFile, started, host = LOOPBACK }: DaemonOptions) {
    super({
      name,
      // A port of the inspector's own choice, for when it is asked for.
      command: host.run([process.execPath, '--inspect-port=127.0.0.1:0', program, '--config', configFile]),
      directory: ROOT,
      isServing: (line) => messageOf(line) === started,
      onLine: (line) => {
        const inspector = INSPECTOR.exec(line)?.[1];
        if (inspector !== undefined) this.#inspector.resolve(inspector);
      },
    });
  }

  override start(): Promise<string> {
    this.#inspector = Promise.withResolvers();
    return super.start();
  }

  /** Address of Node's inspector in it, which is opened now. */
  inspector(): Promise<string> {
    if (!this.isRunning) throw new Error(`${this.name} does not run`);
    this.signal('SIGUSR1');
    return this.#inspector.promise;
  }
}

/** Pino writes one JSON object a line. */
function messageOf(line: string): string | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as { msg?: string }).msg : undefined;
}
