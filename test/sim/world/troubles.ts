/** The troubles of a simulated world: what each kind of fault does, and the end of them all. */
import { ZonecastError } from '../../../common/errors.ts';
import type { ZoneId } from '../../../common/ids.ts';
import { policyMessage } from '../../../global-controller/admin/policy-message.ts';
import type { PolicyRules } from '../../../global-controller/policies/policy.ts';
import type { Chance } from '../network/chance.ts';
import { ACCOUNT } from './attendance.ts';
import { BUS_SITE } from './bus/bus-line.ts';
import type { DaemonProcess } from './daemon-process.ts';
import type { WorldFault } from './world-faults.ts';
import type { WorldSimulation } from './world-simulation.ts';

export class Troubles {
  readonly #world: WorldSimulation;
  readonly #chance: Chance;
  /** What ends the faults that go on. */
  readonly #ends = new Set<() => void>();

  constructor(world: WorldSimulation, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
  }

  begin(fault: WorldFault): void {
    const { kind, forMs, target, other } = fault;
    const { zones, onPrem, clock } = this.#world;
    const zone = zones[target % zones.length] as ZoneId; // an index of it
    const about = kind === 'onPremAlone' ? (onPrem ?? 'nobody') : zone;
    this.#world.journal.tell(`${kind} (${about}, ${target}/${other}) for ${forMs} ms`);
    const end = this.#effect(fault, zone);
    const ends = (): void => {
      if (!this.#ends.delete(ends)) return;
      this.#world.journal.tell(`${kind} (${about}) ends`);
      end();
      clock.stir();
    };
    this.#ends.add(ends);
    clock.after(forMs, ends);
    clock.stir();
  }

  /** All is well again: whoever is dead starts, whatever is cut is whole. */
  endAll(): void {
    this.#world.journal.tell('faults end');
    for (const end of [...this.#ends]) end();
  }

  /** Returns what ends it. */
  #effect({ kind, target, other }: WorldFault, zone: ZoneId): () => void {
    const world = this.#world;
    const { zones, onPrem } = world;
    const { globalProcesses, speakers } = world.daemons;
    const { people, meetings } = world.attendance;
    const global = globalProcesses[target % globalProcesses.length] as DaemonProcess; // an index of it
    const speaker = speakers.get(zone) as DaemonProcess; // every zone has one
    const daemon = other % 2 === 0 ? speaker : global;
    const others = zones.filter((each) => each !== zone);
    const meeting = meetings[other % meetings.length];
    const nothing = (): void => undefined;
    const effects: Record<WorldFault['kind'], () => () => void> = {
      zoneLost: () => world.daemons.loseZone(zone),
      cutFromBus: () => this.#cut(zone, [BUS_SITE]),
      cutFromZones: () => this.#cut(zone, others),
      cutFromAll: () => this.#cut(zone, this.#allBut(zone)),
      cutPair: () => this.#cut(zone, [others[other % others.length] ?? zone]),
      onPremAlone: () => (onPrem === undefined ? nothing : this.#cut(onPrem, this.#allBut(onPrem))),
      killSpeaker: () => this.#kill(speaker),
      freezeSpeaker: () => freeze(speaker),
      killGlobal: () => this.#kill(global),
      freezeGlobal: () => freeze(global),
      cutGlobal: () => this.#cut(global.site, [BUS_SITE]),
      globalsGone: () => all(globalProcesses.map((each) => this.#kill(each))),
      busGone: () => {
        world.servers.isUp = false;
        return () => {
          world.servers.isUp = true;
        };
      },
      watchGap: () => {
        world.daemons.busOf(daemon)?.break();
        return nothing;
      },
      badWay: () => world.area.impair(daemon.site, { lost: (other % 10) / 20, repeated: 0.3, slowMs: 0 }),
      slowWay: () => world.area.impair(daemon.site, { lost: 0, repeated: 0, slowMs: 3_000 }),
      clockJump: () => this.#jump(daemon),
      policyChange: () => {
        void this.#changePolicy(zone);
        return nothing;
      },
      drain: () => this.#drain(zone),
      zoneDrainsItself: () => {
        world.drainedByThemselves.add(zone);
        return () => void world.drainedByThemselves.delete(zone);
      },
      joinStorm: () => {
        for (const person of people) if (person.meeting === meeting) person.wants = true;
        return nothing;
      },
      leaveStorm: () => {
        for (const person of people) if (person.meeting === meeting) person.wants = false;
        return nothing;
      },
    };
    return effects[kind]();
  }

  #cut(site: string, from: readonly string[]): () => void {
    return all(from.map((each) => this.#world.area.cut(site, each)));
  }

  /** Its own people still reach it. */
  #allBut(zone: ZoneId): string[] {
    return [...this.#world.area.sites].filter((site) => site !== zone);
  }

  #kill(process: DaemonProcess): () => void {
    const { incarnation } = process.host;
    process.host.kill();
    return () => this.#world.daemons.restart(process, incarnation);
  }

  #jump(process: DaemonProcess): () => void {
    const minutes = this.#chance.between(-60, 60);
    process.wallOffsetMs += minutes * 60_000;
    return () => {
      process.wallOffsetMs = 0;
    };
  }

  /** An operator's order, at some global controller that works. */
  async #changePolicy(zone: ZoneId): Promise<void> {
    const { zones } = this.#world;
    const others = zones.filter((each) => each !== zone && each !== this.#world.onPrem);
    const via = others[Math.floor(this.#chance.uniform() * others.length)] ?? zone;
    const choices: PolicyRules[] = [
      {},
      { residency: 'anywhere' },
      { overflow: 'never' },
      { residency: 'local', guests: 'none' },
      { residency: 'local', guests: { via } },
    ];
    const rules = choices[Math.floor(this.#chance.uniform() * choices.length)] ?? {};
    // The company's own zone stays as it is.
    const isZone = this.#chance.happens(0.5) && zone !== this.#world.onPrem;
    const scope = isZone ? { kind: 'zone' as const, id: zone } : { kind: 'account' as const, id: ACCOUNT };
    const global = this.#world.daemons.globals.find(({ isWorking }) => isWorking);
    if (global === undefined) return;
    const revision = global.mirror.policies.revision(scope);
    const message = policyMessage({ scope, policy: { ...rules, revision: Math.max(1, revision) } });
    try {
      await global.orders.setPolicy({ ...message, revision } as Parameters<typeof global.orders.setPolicy>[0], 'sim');
      this.#world.journal.tell(`policy ${JSON.stringify(scope)}: ${JSON.stringify(rules)}`);
    } catch (error) {
      // Refused, or not now: as an operator would be told.
      if (!(error instanceof ZonecastError)) throw error;
      this.#world.journal.tell(`no policy: ${error.message}`);
    }
  }

  #drain(zone: ZoneId): () => void {
    void this.#record(zone, true);
    return () => void this.#record(zone, false);
  }

  /** Until it is written. */
  async #record(zone: ZoneId, drained: boolean): Promise<void> {
    for (;;) {
      const global = this.#world.daemons.globals.find(({ isWorking }) => isWorking);
      try {
        if (global !== undefined) {
          await global.orders.setDrained(zone, drained, 'sim');
          return;
        }
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
      }
      await this.#world.clock.sleep(500);
    }
  }
}

function freeze(process: DaemonProcess): () => void {
  process.host.freeze();
  return () => process.host.thaw();
}

function all(ends: readonly (() => void)[]): () => void {
  return () => {
    for (const end of ends) end();
  };
}
