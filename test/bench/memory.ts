/**
 * Memory per subscriber: how much the router's process grows with each further subscriber that has received media.
 * The resident set counts everything (JavaScript, native engine, OpenSSL); both readings come after a full garbage
 * collection, and the first subscribers are not counted, because code and pools grow with them once. So does the packet
 * store: its pages count as soon as a datagram has been there, so before the first reading it is filled once.
 */
import type { Programs } from './build.ts';
import type { Place } from './place.ts';
import { Router } from './router.ts';
import { pause } from './sums.ts';
import type { Features, Traffic } from './workloads.ts';

export interface MemoryPlan {
  /** Senders, so that every video slot of a subscriber carries a source. */
  readonly publishers: number;
  readonly videoSlots: number;
  readonly audioSlots: number;
  readonly subscribers: number;
  readonly features: Features | undefined;
}

const FIRST_SUBSCRIBERS = 20;
/** What a worker has at least that is not told otherwise: DEFAULT_STORE_SLOTS in mmr/control/worker-pool.ts. */
const STORE_SLOTS = 16_384;
const FLOOD_FRAMES_PER_SECOND = 150;
/** Few packets: slots are in use, the machine is not. */
const TRICKLE: Traffic = { framesPerSecond: 10, packetsPerFrame: 1, minSizeBytes: 600, maxSizeBytes: 600 };

export async function bytesPerSubscriber(programs: Programs, place: Place, plan: MemoryPlan): Promise<number> {
  const router = await Router.start(programs, place);
  const { features } = plan;
  if (features !== undefined) router.load.features(features);
  for (let participant = 0; participant < plan.publishers; participant++) {
    await router.join({ meeting: 'memory', participant, publishes: true, videoSlots: 0, audioSlots: 0, features });
  }
  await grow(router, plan, FIRST_SUBSCRIBERS);
  await fillStore(router, plan.publishers);
  const before = await grow(router, plan, FIRST_SUBSCRIBERS);
  const after = await grow(router, plan, FIRST_SUBSCRIBERS + plan.subscribers);
  await router.stop();
  return Math.round((after - before) / plan.subscribers);
}

/** Until each slot of the packet store has held a packet. */
async function fillStore(router: Router, publishers: number): Promise<void> {
  const framesPerSecond = Math.ceil(FLOOD_FRAMES_PER_SECOND / publishers);
  const { received } = await router.statistics();
  router.load.traffic({ framesPerSecond, packetsPerFrame: 16, minSizeBytes: 300, maxSizeBytes: 300 });
  while ((await router.statistics()).received - received < STORE_SLOTS) await pause(200);
  router.load.pause();
}

/** Resident bytes once there are `subscribers`. */
async function grow(router: Router, plan: MemoryPlan, subscribers: number): Promise<number> {
  const { publishers, videoSlots, audioSlots, features } = plan;
  for (let i = router.requestedMs.size - publishers; i < subscribers; i++) {
    const participant = publishers + i;
    await router.join({ meeting: 'memory', participant, publishes: false, videoSlots, audioSlots, features });
  }
  await router.load.connected(publishers + subscribers);
  router.load.traffic(TRICKLE);
  while (router.load.pictureMs.size < subscribers) {
    await pause(100);
  }
  // A second more: what the first packets allocate is garbage by then, and the transports have sent their reports.
  await pause(1500);
  router.load.pause();
  await pause(200);
  const { residentBytes } = await router.memory();
  return residentBytes;
}
