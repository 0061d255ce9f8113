/** `zonectl` as an operator runs it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Host, LOOPBACK } from './host.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Files (PEM) of an operator's certificate. */
export interface OperatorFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** Resolves with what it printed. Rejects when it fails. `controllers`: host:port of each; `host`: from where they are asked. */
export async function zonectl(
  words: readonly string[],
  controllers: readonly string[],
  { ca, certificate, privateKey }: OperatorFiles,
  host: Host = LOOPBACK,
): Promise<string> {
  const named = controllers.flatMap((address) => ['--controller', address]);
  const [program = '', ...args] = host.run([
    process.execPath,
    'zonectl/main.ts',
    ...words,
    ...named,
    '--ca',
    ca,
    '--cert',
    certificate,
    '--key',
    privateKey,
  ]);
  const { stdout } = await promisify(execFile)(program, args, { cwd: ROOT });
  return stdout;
}
