/** What can happen to a zone while people meet, and how long they are without picture and sound by it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RouterId } from '../../common/ids.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import type { WorkerPlace } from '../../zone-controller/placement/meeting-tree.ts';
import { GapMeter, type Gaps, join, receiving } from '../processes/people.ts';
import { crashWorker } from './crash-worker.ts';
import type { ZoneProcesses } from './zone-processes.ts';

/** Media goes on for this long before a fault and after it. */
const STEADY_MS = 1_000;

/** Does something to the zone; the returned function puts it right again. */
export type Fault = (zone: ZoneProcesses, meeting: CreatedMeeting) => Promise<() => Promise<void>>;

export const FAULTS: Readonly<Record<string, Fault>> = {
  /** Nothing: what the measurement itself shows. */
  none: async () => async () => undefined,
  'router-killed': async (zone, meeting) => {
    const router = await routerOf(zone, meeting);
    await zone.routerOf(router).kill();
    return async () => {
      await zone.routerOf(router).start();
      await zone.ready();
    };
  },
  /** Planned: everybody goes before the router does. */
  'router-drained': async (zone, meeting) => {
    const router = await routerOf(zone, meeting);
    await zone.zonectl('drain', router, '--deadline', '30s');
    return async () => {
      await zone.zonectl('undrain', router);
    };
  },
  /** As an upgrade does it: SIGTERM, and the router hands its people over by itself. */
  'router-stopped': async (zone, meeting) => {
    const router = zone.routerOf(await routerOf(zone, meeting));
    await router.stop();
    return async () => {
      await router.start();
      await zone.ready();
    };
  },
  /** Every router of the zone, one after the other: drained, stopped, started, taken into use again. */
  'rolling-restart': async (zone) => {
    for (const [id, router] of zone.routers) {
      await zone.zonectl('drain', id, '--deadline', '30s');
      await router.stop();
      await router.start();
      await zone.zonectl('undrain', id);
      await zone.ready();
    }
    return async () => undefined;
  },
  'router-frozen': async (zone, meeting) => {
    const router = await routerOf(zone, meeting);
    await zone.routerOf(router).freeze();
    return async () => zone.routerOf(router).thaw();
  },
  /** The media thread that the meeting is on; the router and its other threads live. */
  'worker-killed': async (zone, meeting) => {
    const { router, worker } = await rootOf(zone, meeting);
    await crashWorker(zone.routerOf(router), worker);
    return async () => {
      // A thread that dies again soon is given more and more time: the next round is to find a fresh one.
      await zone.routerOf(router).kill();
      await zone.routerOf(router).start();
      await zone.ready();
    };
  },
  'controller-killed': async (zone) => {
    const [controller] = zone.controllers;
    await controller?.kill();
    return async () => {
      await controller?.start();
      await zone.ready();
    };
  },
  'controllers-killed': async (zone) => {
    await Promise.all(zone.controllers.map((controller) => controller.kill()));
    return async () => {
      await Promise.all(zone.controllers.map((controller) => controller.start()));
      await zone.ready();
    };
  },
  'etcd-leader-killed': async (zone) => {
    const leader = await zone.etcd.leader();
    await leader.kill();
    return async () => {
      await leader.start();
      await zone.ready();
    };
  },
  'etcd-gone': async (zone) => {
    await Promise.all(zone.etcd.members.map((member) => member.kill()));
    return async () => {
      await Promise.all(zone.etcd.members.map((member) => member.start()));
      await zone.ready();
    };
  },
};

/** One meeting, one fault: how long each of its people was without media. The zone is whole again afterwards. */
export async function measureFault(zone: ZoneProcesses, fault: Fault, people: number): Promise<Gaps> {
  const meeting = await zone.createMeeting();
  const participants = await Promise.all(
    Array.from({ length: people }, (_, index) => join(zone, meeting, `Person ${index + 1}`, index)),
  );
  try {
    await receiving(participants);
    await pause(STEADY_MS);
    const meter = new GapMeter(participants);
    const repair = await fault(zone, meeting);
    await pause(STEADY_MS);
    await receiving(participants);
    await pause(STEADY_MS);
    const gaps = meter.stop();
    await repair();
    return gaps;
  } finally {
    for (const participant of participants) participant.leave();
  }
}

async function rootOf(zone: ZoneProcesses, { meeting }: CreatedMeeting): Promise<WorkerPlace> {
  const root = (await zone.placement(meeting))?.root;
  if (root == null) throw new Error('the meeting is nowhere');
  return root;
}

async function routerOf(zone: ZoneProcesses, meeting: CreatedMeeting): Promise<RouterId> {
  return (await rootOf(zone, meeting)).router;
}
