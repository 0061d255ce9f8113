/** One round of a C floor (c/floor.c): a fresh floor and a fresh load, with the workload's traffic. */
import type { Programs } from './build.ts';
import { LineProgram } from './lines.ts';
import { Load, type LoadResult } from './load.ts';
import type { Place } from './place.ts';
import { raisePriority } from './threads.ts';
import { receiverCount, streamCount, type Workload } from './workloads.ts';

export type FloorKind = 'sendto' | 'gso' | 'gso-feedback';

/** What a floor took in beside media since its start: nothing, but for `gso-feedback`. */
export interface FloorFeedback {
  /** RTCP packets that it decrypted; one that does not authenticate ends it. */
  readonly authenticated: number;
  /** Packets that NACKs asked for, and those of them that it still had and sent again. */
  readonly asked: number;
  readonly resent: number;
}

export interface FloorResult extends LoadResult {
  readonly feedback: FloorFeedback;
}

/** Where the floor runs; it pins itself (CORE in c/floor.c), this is where it starts. */
const FLOOR_CORE = 0;

/** Throws an Error when traffic never flows or the floor fails. */
export async function runFloor(
  programs: Programs,
  place: Place,
  kind: FloorKind,
  workload: Workload,
  seconds: number,
): Promise<FloorResult> {
  const { encodings } = workload.features;
  const command = [programs.floor, kind, place.routerAddress, String(workload.participants), String(encodings)];
  const floor = new LineProgram(place.routerCommand(FLOOR_CORE, command));
  const ready = await floor.next('its start', (message) => message.port !== undefined);
  raisePriority(floor.pid, place.realtime);
  const { load } = await Load.start(programs.load, place);
  load.target(place, Number(ready.port));
  if (kind === 'gso-feedback') load.features(workload.features);
  // Simulcast decides how many packets there are to forward, so the others have it too; nothing else.
  else if (encodings > 1) load.features({ encodings, lossPerMille: 0, feedbackMs: 0, heights: [] });
  for (let i = 0; i < workload.participants; i++) {
    load.preset(i, i < workload.publishers, workload.videoSlots);
  }
  await load.flowing(workload.traffic, streamCount(workload));
  const thread = { process: floor.pid, thread: Number(ready.thread) };
  const result = await load.measure(seconds, thread, Math.floor(receiverCount(workload)));
  await load.stop();
  const [feedback] = await Promise.all([feedbackOf(floor), floor.stop()]);
  return { ...result, feedback };
}

/** What it prints at its end. */
async function feedbackOf(floor: LineProgram): Promise<FloorFeedback> {
  const counts = await floor.next('its end', (message) => message.authenticated !== undefined);
  return counts as unknown as FloorFeedback; // printed by main() in c/floor.c with exactly these keys
}
