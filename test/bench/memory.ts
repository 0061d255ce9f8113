/**
 * Memory per subscriber: how much the router's process grows with each further subscriber that has received media.
 * The resident set counts everything (JavaScript, native engine, OpenSSL); both readings come after a full garbage
 * collection, and the first subscribers are not counted, because code and pools grow with them once.
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
/** Few packets: slots are in use, the machine is not. */
const TRICKLE: Traffic = { framesPerSecond: 10, packetsPerFrame: 1, minSizeBytes: 600, maxSizeBytes: 600 };

export async function bytesPerSubscriber(programs: Programs, place: Place, plan: MemoryPlan): Promise<number> {
  const router = await Router.start(programs, place);
  const adaptive = plan.features !== undefined;
  if (plan.features !== undefined) router.load.features(plan.features);
  for (let participant = 0; participant < plan.publishers; participant++) {
    await router.join({ meeting: 'memory', participant, publishes: true, videoSlots: 0, audioSlots: 0, adaptive });
  }
  const before = await grow(router, plan, FIRST_SUBSCRIBERS);
  const after = await grow(router, plan, FIRST_SUBSCRIBERS + plan.subscribers);
  await router.stop();
  return Math.round((after - before) / plan.subscribers);
}

/** Resident bytes once there are `subscribers`. */
async function grow(router: Router, plan: MemoryPlan, subscribers: number): Promise<number> {
  const { publishers, videoSlots, audioSlots } = plan;
  const adaptive = plan.features !== undefined;
  for (let i = router.requestedMs.size - publishers; i < subscribers; i++) {
    const participant = publishers + i;
    await router.join({ meeting: 'memory', participant, publishes: false, videoSlots, audioSlots, adaptive });
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
