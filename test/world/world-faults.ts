/** What can happen to a world while people of all its zones meet, and how long they are without picture and sound by it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { GapMeter, type Gaps, join, receiving } from '../processes/people.ts';
import type { WorldProcesses } from './world-processes.ts';

/** Media goes on for this long before a fault and after it. */
const STEADY_MS = 1_000;

export interface WorldFault {
  /** Whose people are counted apart, as those whom it hits. */
  readonly hits: (world: WorldProcesses) => string | undefined;
  /** Does something; the returned function puts it right again. */
  begin(world: WorldProcesses): Promise<() => Promise<void>>;
}

const nobody = (): undefined => undefined;
/** The home of the meeting. */
const first = ({ zones: [zone] }: WorldProcesses): string => zone?.zone ?? '';
const second = ({ zones: [, zone] }: WorldProcesses): string => zone?.zone ?? '';

export const WORLD_FAULTS: Readonly<Record<string, WorldFault>> = {
  /** Nothing: what the measurement itself shows. */
  none: { hits: nobody, begin: async () => async () => undefined },
  'home-killed': killed(first),
  'zone-killed': killed(second),
  'home-dark': dark(first),
  'zone-dark': dark(second),
  'zone-drained': {
    hits: second,
    begin: async (world) => {
      await world.drain(second(world));
      return () => world.undrain(second(world));
    },
  },
  /** One of three: the bus goes on. */
  'nats-server-killed': {
    hits: nobody,
    begin: async (world) => {
      const { servers } = world.nats;
      await servers[0]?.kill();
      return async () => {
        await servers[0]?.start();
        await world.acquainted();
      };
    },
  },
  'nats-gone': {
    hits: nobody,
    begin: async (world) => {
      const { servers } = world.nats;
      await Promise.all(servers.map((server) => server.kill()));
      return async () => {
        await Promise.all(servers.map((server) => server.start()));
        await world.acquainted();
      };
    },
  },
  'global-controllers-killed': {
    hits: nobody,
    begin: async (world) => {
      const { globalControllers } = world;
      await Promise.all(globalControllers.map((each) => each.kill()));
      return async () => {
        await Promise.all(globalControllers.map((each) => each.start()));
        await world.acquainted();
      };
    },
  },
};

function dark(which: (world: WorldProcesses) => string): WorldFault {
  return {
    hits: which,
    begin: async (world) => {
      world.darken(which(world));
      return async () => {
        world.lighten(which(world));
        await world.acquainted();
      };
    },
  };
}

function killed(which: (world: WorldProcesses) => string): WorldFault {
  return {
    hits: which,
    begin: async (world) => {
      await world.killZone(which(world));
      return async () => {
        await world.startZone(which(world));
        await world.acquainted();
      };
    },
  };
}

export interface WorldGaps {
  /** Of those whom the fault hits. */
  readonly hit: Gaps;
  readonly others: Gaps;
}

/** One meeting of people of all zones, one fault: how long each was without media. The world is whole again afterwards. */
export async function measureWorldFault(world: WorldProcesses, fault: WorldFault, perZone: number): Promise<WorldGaps> {
  const meeting = await world.createMeeting();
  const people = await joinFromAll(world, meeting, perZone);
  const everybody = [...people.values()].flat();
  try {
    await receiving(everybody);
    await pause(STEADY_MS);
    const hitZone = fault.hits(world);
    const hit = hitZone === undefined ? [] : (people.get(hitZone) ?? []);
    const meters = [hit, everybody.filter((each) => !hit.includes(each))].map((some) => new GapMeter(some));
    const repair = await fault.begin(world);
    await pause(STEADY_MS);
    await receiving(everybody);
    await pause(STEADY_MS);
    const [hitGaps, others] = meters.map((meter) => meter.stop()) as [Gaps, Gaps];
    await repair();
    return { hit: hitGaps, others };
  } finally {
    for (const each of everybody) each.leave();
  }
}

/** By zone; each by its own zone's controllers. */
export async function joinFromAll(
  world: WorldProcesses,
  meeting: CreatedMeeting,
  perZone: number,
): Promise<Map<string, HeadlessParticipant[]>> {
  const joined = world.zones.map(async (zone) => {
    const indices = Array.from({ length: perZone }, (_, index) => index);
    const people = indices.map((index) => join(zone, meeting, `${zone.zone} ${index + 1}`, index));
    return [zone.zone as string, await Promise.all(people)] as const;
  });
  return new Map(await Promise.all(joined));
}
