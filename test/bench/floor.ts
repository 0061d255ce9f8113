/** One round of a C floor (c/floor.c): a fresh floor and a fresh load, with the workload's traffic. */
import type { Programs } from './build.ts';
import { LineProgram } from './lines.ts';
import { Load, type LoadResult } from './load.ts';
import type { Place } from './place.ts';
import { raisePriority } from './threads.ts';
import { receiverCount, streamCount, type Workload } from './workloads.ts';

export type FloorKind = 'sendto' | 'gso';

/** Where the floor runs; it pins itself (CORE in c/floor.c), this is where it starts. */
const FLOOR_CORE = 0;

export async function runFloor(
  programs: Programs,
  place: Place,
  kind: FloorKind,
  workload: Workload,
  seconds: number,
): Promise<LoadResult> {
  const { encodings } = workload.features;
  const command = [programs.floor, kind, place.routerAddress, String(workload.participants), String(encodings)];
  const floor = new LineProgram(place.routerCommand(FLOOR_CORE, command));
  const ready = await floor.next('its start', (message) => message.port !== undefined);
  raisePriority(floor.pid, place.realtime);
  const { load } = await Load.start(programs.load, place);
  load.target(place, Number(ready.port));
  // Simulcast decides how many packets there are to forward, so a floor has it too; nothing else.
  if (encodings > 1) load.features({ encodings, lossPerMille: 0, feedbackMs: 0, heights: [] });
  for (let i = 0; i < workload.participants; i++) {
    load.preset(i, i < workload.publishers, workload.videoSlots);
  }
  await load.flowing(workload.traffic, streamCount(workload));
  const thread = { process: floor.pid, thread: Number(ready.thread) };
  const result = await load.measure(seconds, thread, Math.floor(receiverCount(workload)));
  await load.stop();
  await floor.stop();
  return result;
}
