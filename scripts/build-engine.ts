/**
 * Builds the native packet engine: npm's `install` script, run by `npm ci` under the pinned Node.
 *
 * Headers (Node-API, libuv, OpenSSL) are those of the pinned Node itself, from the npm package that brought its binary,
 * so nothing is downloaded. The result is build/zonecast-engine.node. `buildEngine` also serves scripts/test-asan.ts.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'mmr/engine/native');

/** Folder of the pinned Node's package that holds include/node; npm nests it or hoists it. */
function nodeDirectory(): string {
  const name = `node-${process.platform}-${process.arch}`;
  const candidates = [join(root, 'node_modules/node/node_modules', name), join(root, 'node_modules', name)];
  const found = candidates.find((directory) => existsSync(join(directory, 'include/node/node_api.h')));
  if (found === undefined) {
    throw new Error(`no headers of the pinned Node in ${candidates.join(' or ')}: run npm ci`);
  }
  return found;
}

/**
 * Compiles in `directory` (made anew) and puts the addon at `output`, which is replaced in one step so that processes
 * that have the old one loaded are not disturbed. Throws with the compiler's output when it fails.
 */
export function buildEngine(directory: string, output: string, gypArguments: readonly string[]): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  cpSync(sources, directory, { recursive: true });
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const build = spawnSync(
    process.execPath,
    [nodeGyp, 'rebuild', `--directory=${directory}`, `--nodedir=${nodeDirectory()}`, '--jobs=max', ...gypArguments],
    { encoding: 'utf8', maxBuffer: 64 << 20 },
  );
  if (build.status !== 0) {
    const reason = build.error === undefined ? `${build.stdout}\n${build.stderr}` : build.error.message;
    throw new Error(`the packet engine does not compile (it needs g++, make and python3):\n${reason}`);
  }
  copyFileSync(join(directory, 'build/Release/zonecast-engine.node'), `${output}.new`);
  renameSync(`${output}.new`, output);
}

if (import.meta.main) {
  try {
    buildEngine(join(root, 'build/engine'), join(root, 'build/zonecast-engine.node'), []);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
