/** Which core a thread runs on, and before whom. Figures of a machine that refuses either are noisier, not wrong. */
import { execFileSync } from 'node:child_process';
import { setPriority } from 'node:os';

/** Moves one thread to a core. */
export function pinThread(thread: number, core: number): void {
  tryRun('taskset', ['-cp', String(core), String(thread)]);
}

/**
 * Puts a thread before the other programs of the machine; needs root. `realtime` (SCHED_FIFO) puts it before all of
 * them, whatever session or control group they are in; with `allOfProcess` the other threads of its process, too, because
 * it may wait for them.
 */
export function raisePriority(thread: number, realtime: boolean, allOfProcess = false): void {
  try {
    setPriority(thread, -15); // setpriority(2) takes a thread id on Linux
  } catch {
    // Not root.
  }
  if (realtime) {
    tryRun('chrt', [...(allOfProcess ? ['-a'] : []), '-f', '-p', '1', String(thread)]);
  }
}

function tryRun(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {
    // Not root, no util-linux, or one core only.
  }
}
