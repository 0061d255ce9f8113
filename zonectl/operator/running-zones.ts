/**
 * The zones that `zonectl up` runs for this user: each has a folder with settings and an operator's certificate, that only
 * this user can read, as long as its process lives.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ZonecastError } from '../../common/errors.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';

export const SETTINGS_FILE = 'zonectl.yaml';

/** host:port of what runs in this process. */
export interface RunningControllers {
  readonly controller: string;
  readonly global: string | undefined;
}

/** Tells other commands of this user how to reach what runs in this process. Returns what takes that back. */
export function announceZone(controllers: RunningControllers, tls: MutualTls, env: NodeJS.ProcessEnv): () => void {
  const folder = join(ownFolder(env), `up-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('ca.pem', tls.caPem);
  write('operator.pem', tls.certificatePem);
  write('operator.key', tls.privateKeyPem);
  // Last: whoever sees the settings finds the rest.
  write(SETTINGS_FILE, stringify({ ...controllers, ca: 'ca.pem', cert: 'operator.pem', key: 'operator.key' }));
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Paths of the settings of those that run. What is left of others is removed. */
export function runningZones(env: NodeJS.ProcessEnv): string[] {
  const base = baseFolder(env);
  if (!existsSync(base)) return [];
  checkOwn(base);
  return readdirSync(base).flatMap((name) => {
    const [, pid] = /^up-(\d+)$/.exec(name) ?? [];
    if (pid === undefined) return [];
    const settings = join(base, name, SETTINGS_FILE);
    if (isRunning(Number(pid))) return existsSync(settings) ? [settings] : [];
    rmSync(join(base, name), { recursive: true, force: true });
    return [];
  });
}

function ownFolder(env: NodeJS.ProcessEnv): string {
  const base = baseFolder(env);
  if (!existsSync(base)) {
    mkdirSync(base, { recursive: true, mode: 0o700 });
    chmodSync(base, 0o700);
  }
  checkOwn(base);
  runningZones(env);
  return base;
}

/** The system's folder for such files (XDG base directories), or one of ours where anybody may write. */
function baseFolder(env: NodeJS.ProcessEnv): string {
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'zonecast');
  return join(tmpdir(), `zonecast-${userInfo().uid}`);
}

/** In /tmp, somebody else may have been there first. */
function checkOwn(folder: string): void {
  const stat = lstatSync(folder);
  const isOwn = stat.isDirectory() && stat.uid === userInfo().uid && (stat.mode & 0o077) === 0;
  if (!isOwn) throw new ZonecastError('badConfig', `${folder} is not a folder that only this user can use. Remove it.`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
