/**
 * Where the programs run: on the loopback interface, or in two network namespaces joined by a veth pair, where a
 * datagram passes a device queue as on a real link (loopback flatters segmentation offload).
 */
import { execFileSync } from 'node:child_process';

export interface Place {
  readonly routerAddress: string;
  readonly loadAddress: string;
  /** Worker, floors and load at real-time priority (see raisePriority in threads.ts). */
  readonly realtime: boolean;
  /** The command line that runs `command` on the router's side, pinned to `core`. */
  routerCommand(core: number, command: readonly string[]): string[];
  loadCommand(command: readonly string[]): string[];
  /** Removes what was made. */
  close(): void;
}

export function loopback(realtime = false): Place {
  return {
    routerAddress: '127.0.0.1',
    loadAddress: '127.0.0.1',
    realtime,
    routerCommand: (core, command) => pinned(core, command),
    loadCommand: (command) => [...command],
    close: () => {},
  };
}

/** Throws an Error that says what is missing: root and iproute2. */
export function vethPair(realtime = false): Place {
  if (process.getuid?.() !== 0) {
    throw new Error('--veth makes network namespaces, which needs root: run it with sudo');
  }
  const router = `zonecast-r${process.pid}`;
  const load = `zonecast-l${process.pid}`;
  const close = () => {
    for (const namespace of [router, load]) {
      try {
        ip(['netns', 'delete', namespace]);
      } catch {
        // Never made: the failure that led here says more.
      }
    }
  };
  try {
    makePair(router, load);
  } catch (error) {
    close();
    throw new Error(`cannot make the veth pair (Debian package iproute2, root): ${String(error)}`);
  }
  return {
    routerAddress: '10.77.0.1',
    loadAddress: '10.77.0.2',
    realtime,
    routerCommand: (core, command) => ['ip', 'netns', 'exec', router, ...pinned(core, command)],
    loadCommand: (command) => ['ip', 'netns', 'exec', load, ...command],
    close,
  };
}

function pinned(core: number, command: readonly string[]): string[] {
  try {
    execFileSync('taskset', ['-c', String(core), 'true'], { stdio: 'ignore' });
    return ['taskset', '-c', String(core), ...command];
  } catch {
    return [...command];
  }
}

function makePair(router: string, load: string): void {
  ip(['netns', 'add', router]);
  ip(['netns', 'add', load]);
  ip(['link', 'add', 'zc0', 'netns', router, 'type', 'veth', 'peer', 'name', 'zc1', 'netns', load]);
  ip(['-n', router, 'address', 'add', '10.77.0.1/24', 'dev', 'zc0']);
  ip(['-n', load, 'address', 'add', '10.77.0.2/24', 'dev', 'zc1']);
  for (const [namespace, device] of [
    [router, 'zc0'],
    [load, 'zc1'],
  ] as const) {
    ip(['-n', namespace, 'link', 'set', 'lo', 'up']);
    ip(['-n', namespace, 'link', 'set', device, 'up']);
  }
}

function ip(args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
