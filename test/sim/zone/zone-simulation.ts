/**
 * A zone with everything that may fail, on virtual time from one seed: people come and go, routers and controllers die,
 * freeze and are cut off, the registry is away, routers are drained. Then all faults end, and the zone must be as it
 * should be within a bounded time; then all people leave, and nothing may be left of them.
 */
import { pino } from 'pino';
import type { MeetingId, RouterId, ZoneId } from '../../../common/ids.ts';
import { DEFAULT_POLICY, type PlacementPolicy } from '../../../zone-controller/placement/placement-policy.ts';
import { MemoryStore } from '../../../zone-controller/registry/memory-store.ts';
import { type MeetingPlacement, ZoneRecords } from '../../../zone-controller/registry/records.ts';
import { DEFAULT_REPAIR_POLICY, type RepairPolicy } from '../../../zone-controller/repair/repair-policy.ts';
import { drawFaults } from '../common/faults.ts';
import { SimClock } from '../common/sim-clock.ts';
import { SimHost } from '../common/sim-host.ts';
import { type Print, SimJournal } from '../common/sim-journal.ts';
import { Violation } from '../common/violation.ts';
import { Chance } from '../network/chance.ts';
import { RouterLinks } from './router-links.ts';
import { SimClient } from './sim-client.ts';
import { SimController } from './sim-controller.ts';
import { SimNetwork } from './sim-network.ts';
import { SimRegistry } from './sim-registry.ts';
import { SimRouter } from './sim-router.ts';
import { checkConverged, checkIdle } from './zone-checks.ts';
import { LASTS_MS, ZONE_FAULTS, type ZoneFault } from './zone-faults.ts';
import { ZoneInvariants } from './zone-invariants.ts';
import { ZoneTroubles } from './zone-troubles.ts';

const ZONE = 'sim' as ZoneId;
const FAULTS = { fromMs: 8_000, untilMs: 40_000 };
/** Bound of what the zone needs to be as it should be: leases, keepalives and give-ups of clients, one after another. */
const RECOVERY_MS = 40_000;
const IDLE_MS = 40_000;

/** Small workers, so that meetings spread; short rests, so that trees change. */
const POLICY: PlacementPolicy = {
  ...DEFAULT_POLICY,
  expectedPeople: 2,
  expectedBranchPeople: 2,
  restMs: 6_000,
};
const REPAIRS: RepairPolicy = { ...DEFAULT_REPAIR_POLICY, peopleAtOnce: 5, emptyMs: 8_000, lastCallMs: 5_000 };
/** What limits workers, and how many they send and are sent. */
export const PEOPLE_PER_WORKER = 8;
const PACKETS_PER_PERSON = 1_500;

/** A record that comes while its router is being given up is too late. */
const RECORDED_MS = 1_000;

export interface Outcome {
  readonly writes: number;
  readonly joins: number;
  readonly faults: readonly ZoneFault[];
}

export class ZoneSimulation {
  readonly clock = new SimClock();
  readonly routers = new Map<RouterId, SimRouter>();
  readonly clients: SimClient[] = [];
  readonly invariants = new ZoneInvariants({
    isRecorded: (router) => this.clock.nowMs - (this.#recordedMs.get(router) ?? this.clock.nowMs) > RECORDED_MS,
    processOf: (router) => `${router}#${this.routers.get(router)?.host.incarnation}`,
    peopleAt: (meeting, { router, worker }) => this.routers.get(router)?.peopleAt(meeting, worker) ?? 0,
  });
  readonly store = new MemoryStore();
  readonly controllers: SimController[] = [];
  readonly #chance: Chance;
  readonly #network: SimNetwork;
  readonly #registryHost: SimHost;
  readonly #controllerHosts: SimHost[] = [];
  readonly #registries = new Map<SimHost, SimRegistry>();
  readonly #links = new Map<RouterId, RouterLinks>();
  readonly #operator: ZoneRecords;
  readonly #journal: SimJournal;
  readonly #troubles: ZoneTroubles;
  /** Since when the registry has a record of each router. */
  readonly #recordedMs = new Map<RouterId, number>();

  constructor(seed: number, print?: Print) {
    this.#journal = new SimJournal(this.clock, print);
    this.#chance = new Chance(seed, 'zone');
    this.#network = new SimNetwork(this.clock, new Chance(seed, 'network'));
    this.#registryHost = new SimHost('registry', this.clock);
    const operatorHost = new SimHost('operator', this.clock);
    const operatorRegistry = new SimRegistry(this.#network, this.store, this.#registryHost, operatorHost);
    this.#operator = new ZoneRecords(operatorRegistry, ZONE, pino({ level: 'silent' }));
    this.#watchWrites();
    const chance = this.#chance;
    const [routers, workers] = [chance.whole(2, 5), chance.whole(1, 3)];
    this.#makeRouters(routers, workers);
    for (let index = chance.whole(1, 3); index > 0; index--) this.#makeController(`c${index}`);
    // One router may be drained; the others have room for all, and some to spare.
    this.#makeClients(chance.whole(1, 6), (routers - 1) * workers * PEOPLE_PER_WORKER * 0.4);
    this.#troubles = new ZoneTroubles({
      clock: this.clock,
      network: this.#network,
      routers: this.routers,
      links: this.#links,
      controllerHosts: this.#controllerHosts,
      registryHost: this.#registryHost,
      registries: this.#registries,
      clients: this.clients,
      operator: this.#operator,
      invariants: this.invariants,
      startController: (host) => this.#startController(host),
      trace: (line) => this.#journal.tell(line),
    });
  }

  async run(): Promise<Outcome> {
    const faults = drawFaults(this.#chance, FAULTS, ZONE_FAULTS, LASTS_MS);
    for (const fault of faults) this.clock.after(fault.atMs, () => this.#troubles.begin(fault));
    this.#comeAndGo(2_000);
    await this.#pass(FAULTS.untilMs);
    this.#troubles.endAll();
    await this.#pass(this.clock.nowMs + RECOVERY_MS);
    checkConverged(this);
    for (const client of this.clients) client.wants = false;
    this.#journal.tell('all leave');
    await this.#pass(this.clock.nowMs + IDLE_MS);
    checkIdle(this);
    return { writes: this.invariants.writes, joins: this.invariants.joins, faults };
  }

  /** Drained routers, and when that began. */
  get drains(): ReadonlyMap<RouterId, number> {
    return this.#troubles.drains;
  }

  async #pass(untilMs: number): Promise<void> {
    while (this.clock.nowMs < untilMs) {
      await this.clock.run(Math.min(untilMs, this.clock.nowMs + 1_000));
      this.#journal.throwFirst();
      const leaders = this.controllers.filter((controller) => controller.host.isAlive && controller.isLeader);
      if (leaders.length > 1) throw new Violation(`${leaders.length} leaders`);
    }
  }

  #watchWrites(): void {
    const prefix = `/zonecast/zones/${ZONE}/placements/`;
    const put = this.store.put.bind(this.store);
    // Before anybody hears of it.
    this.store.put = (key, value, expected, owner) => {
      const revision = put(key, value, expected, owner);
      this.#watchRecords();
      const router = [...this.routers.keys()].find((id) => key === this.#operator.routerKey(id));
      if (router !== undefined && !this.#recordedMs.has(router)) this.#recordedMs.set(router, this.clock.nowMs);
      if (key.startsWith(prefix)) this.#placed(key.slice(prefix.length) as MeetingId, JSON.parse(value));
      return revision;
    };
  }

  #watchRecords(): void {
    for (const id of this.routers.keys()) {
      if (this.store.get(this.#operator.routerKey(id)) === undefined) this.#recordedMs.delete(id);
    }
  }

  #placed(meeting: MeetingId, placement: MeetingPlacement): void {
    this.#journal.tell(`${meeting} ${describe(placement)}`);
    this.#journal.watch(() => this.invariants.placed(meeting, placement));
  }

  #makeRouters(count: number, workers: number): void {
    for (let index = 0; index < count; index++) {
      const id = `r${index}` as RouterId;
      const host = new SimHost(id, this.clock);
      const router: SimRouter = new SimRouter(id, host, workers, PACKETS_PER_PERSON, () => this.clock.nowMs, {
        joined: (order) => {
          this.#journal.tell(`${order.participant} joins at ${id}/${order.worker} under ${order.epoch}`);
          this.#journal.watch(() => this.invariants.joined(router, order));
        },
        left: (home, _meeting, participant, reason) => this.#links.get(id)?.left(home, participant, reason),
        hasMedia: (participant) => this.clients.some((client) => client.hasMedia(participant, router)),
      });
      this.routers.set(id, router);
      const links = new RouterLinks(router, this.#network, () => this.controllers, this.#chance);
      this.#links.set(id, links);
      links.start();
    }
  }

  #makeController(name: string): void {
    const host = new SimHost(name, this.clock);
    this.#controllerHosts.push(host);
    this.#startController(host);
  }

  #startController(host: SimHost): void {
    const registry = new SimRegistry(this.#network, this.store, this.#registryHost, host);
    this.#registries.set(host, registry);
    const controller = new SimController({
      host,
      network: this.#network,
      registry,
      routers: this.routers,
      zone: ZONE,
      policy: POLICY,
      repairs: REPAIRS,
      limits: { participants: PEOPLE_PER_WORKER, packetsPerSecond: 100_000 },
      log: this.#journal.logger(host.name, wordsOf),
    });
    const at = this.controllers.findIndex((each) => each.host === host);
    if (at === -1) this.controllers.push(controller);
    else this.controllers[at] = controller;
    host.each(1_000, () => {
      for (const links of this.#links.values()) links.subscribe(controller);
    });
    this.clock.stir();
  }

  #makeClients(meetings: number, most: number): void {
    const host = new SimHost('clients', this.clock);
    const world = {
      network: this.#network,
      chance: this.#chance,
      routers: this.routers as ReadonlyMap<string, SimRouter>,
      controllers: () => this.controllers,
    };
    for (let meeting = 0; meeting < meetings; meeting++) {
      const people = 1 + Math.floor(this.#chance.uniform() ** 2 * 12);
      for (let person = 0; person < people && this.clients.length < most; person++) {
        this.clients.push(new SimClient(`p${meeting}.${person}`, `m${meeting}` as MeetingId, host, world));
      }
    }
  }

  /** Each wants to be in his meeting, or does not any more, until faults end. */
  #comeAndGo(everyMs: number): void {
    for (const client of this.clients) {
      const look = (): void => {
        if (this.clock.nowMs >= FAULTS.untilMs || client.isGone) return;
        client.wants = this.#chance.happens(0.8);
        this.clock.after(this.#chance.between(everyMs, everyMs * 15), look);
      };
      this.clock.after(this.#chance.between(1_500, everyMs * 3), look);
    }
  }
}

function describe({ epoch, version, root, branches, leaving }: MeetingPlacement): string {
  const name = ({ router, worker }: { router: string; worker: number }): string => {
    const isLeaving = leaving.some((place) => place.router === router && place.worker === worker);
    return `${isLeaving ? '-' : ''}${router}/${worker}`;
  };
  const places =
    root === null ? 'nowhere' : [name(root), ...branches.map((place) => `${name(place)}<${place.parent}`)].join(' ');
  return `${epoch}.${version}: ${places}`;
}

function wordsOf({ meeting = '', msg, why, err }: Record<string, unknown>): unknown[] {
  const reason = typeof why === 'string' ? why.split('\n')[0] : undefined;
  const words = [msg, reason, (err as Error | undefined)?.message].filter((part) => part !== undefined);
  return [meeting, words.join('; ')];
}
