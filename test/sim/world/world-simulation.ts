/**
 * Several zones, global controllers, links between zones and people in one world on virtual time from one seed, with everything that
 * may fail (world-faults.ts). Then all faults end, and the world must be as it should be within a bounded time (invariants/converges.ts); then
 * all leave, and nothing may be left of them.
 */
import type { StoredValue } from '../../../bus/transport.ts';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import { HOMES_BUCKET, TREES_BUCKET } from '../../../global-controller/buckets.ts';
import type { Policies } from '../../../global-controller/policies/policies.ts';
import type { TreeRecord } from '../../../global-controller/trees/zone-tree.ts';
import { drawFaults } from '../common/faults.ts';
import type { Counts } from '../common/seeds.ts';
import { SimClock } from '../common/sim-clock.ts';
import { type Print, SimJournal } from '../common/sim-journal.ts';
import { Chance } from '../network/chance.ts';
import { Attendance } from './attendance.ts';
import type { Bug } from './bugs.ts';
import { BusServers } from './bus/bus-servers.ts';
import { DaemonProcess } from './daemon-process.ts';
import { DaemonsOfWorld } from './daemons-of-world.ts';
import { CONVERGE_MS, Converges, checkIdle } from './invariants/converges.ts';
import type { Invariant } from './invariants/invariant.ts';
import { LocalStays } from './invariants/local-stays.ts';
import { NewestPolicy } from './invariants/newest-policy.ts';
import { OneHome } from './invariants/one-home.ts';
import { OnePlace } from './invariants/one-place.ts';
import { ValidTrees } from './invariants/valid-trees.ts';
import { Troubles } from './troubles.ts';
import { Trunks } from './trunks.ts';
import { WideArea } from './wide-area.ts';
import { type FaultKind, LASTS_MS, WORLD_FAULTS, type WorldFault } from './world-faults.ts';
import { declare, placeSites, zonesOf } from './world-map.ts';
import { contentOf, WorldTruth } from './world-truth.ts';
import { ZoneSite } from './zone-site.ts';

/** Until zones have records and blocks. */
const SET_UP_MS = 10_000;
const FAULTS = { fromMs: 18_000, untilMs: 60_000 };
const IDLE_MS = 45_000;
const CHECK_MS = 250;

export interface WorldOptions {
  readonly seed: number;
  /** undefined: drawn, 3 to 5. */
  readonly zones?: number | undefined;
  readonly faults?: readonly FaultKind[];
  readonly bug?: Bug | undefined;
  readonly trace?: Print | undefined;
}

/** Written are homes and trees. */
export interface Outcome extends Counts {
  readonly faults: readonly WorldFault[];
}

export class WorldSimulation {
  readonly clock = new SimClock();
  readonly journal: SimJournal;
  readonly area: WideArea;
  readonly servers = new BusServers((bucket, stored) => this.#written(bucket, stored));
  readonly zones: readonly ZoneId[];
  /** A company's own zone: fenced, from the beginning. */
  readonly onPrem: ZoneId | undefined;
  readonly sites = new Map<ZoneId, ZoneSite>();
  readonly trunks: Trunks;
  readonly daemons: DaemonsOfWorld;
  readonly attendance: Attendance;
  readonly truth: WorldTruth;
  readonly drainedByThemselves = new Set<ZoneId>();
  readonly #chance: Chance;
  readonly #troubles: Troubles;
  readonly #faultKinds: readonly FaultKind[];
  readonly #invariants: readonly Invariant[] = [
    new OneHome(),
    new OnePlace(),
    new NewestPolicy(),
    new LocalStays(),
    new ValidTrees(),
    new Converges(),
  ];
  #joins = 0;
  #writes = 0;

  constructor({ seed, zones, faults = WORLD_FAULTS, bug, trace }: WorldOptions) {
    const { clock, sites, servers } = this;
    this.#chance = new Chance(seed, 'world');
    this.#faultKinds = faults;
    this.journal = new SimJournal(clock, trace);
    this.area = new WideArea(clock, new Chance(seed, 'network'));
    servers.swapsBlindly = bug === 'swapsBlindly' ? HOMES_BUCKET.name : undefined;
    this.zones = zonesOf(zones ?? this.#chance.whole(3, 5));
    this.onPrem = this.#chance.happens(0.6) ? this.zones.at(-1) : undefined;
    this.trunks = new Trunks(this.area, sites);
    const accountOf = (meeting: MeetingId): string | undefined => this.attendance.accountOf(meeting);
    this.truth = new WorldTruth({ servers, sites, accountOf });
    this.daemons = new DaemonsOfWorld({
      clock,
      area: this.area,
      servers,
      sites,
      trunks: this.trunks,
      chance: new Chance(seed, 'bus'),
      declarations: declare(this.zones, this.onPrem, this.#chance),
      accountOf,
      decided: (daemon, policies) => this.#decided(daemon, policies),
      placed: () => {
        this.#joins++;
      },
      bug,
      journal: this.journal,
    });
    placeSites(this.area, this.zones);
    this.attendance = new Attendance({
      clock,
      area: this.area,
      chance: this.#chance,
      zones: this.zones,
      onPrem: this.onPrem,
      sites,
      daemons: this.daemons,
      keepsOldPlace: bug === 'keepsOldPlace',
      tell: (line) => this.journal.tell(line),
    });
    this.#troubles = new Troubles(this, new Chance(seed, 'troubles'));
  }

  async run(): Promise<Outcome> {
    this.#begin();
    await this.#pass(SET_UP_MS);
    this.attendance.plan();
    const faults = drawFaults(this.#chance, FAULTS, this.#faultKinds, LASTS_MS);
    for (const fault of faults) this.clock.after(fault.atMs - this.clock.nowMs, () => this.#troubles.begin(fault));
    this.attendance.comeAndGo(FAULTS.untilMs);
    await this.#pass(FAULTS.untilMs);
    this.#troubles.endAll();
    await this.#pass(this.clock.nowMs + CONVERGE_MS);
    for (const invariant of this.#invariants) invariant.converged?.(this);
    this.attendance.end();
    this.journal.tell('all leave');
    await this.#pass(this.clock.nowMs + IDLE_MS);
    checkIdle(this);
    return { faults, joins: this.#joins, writes: this.#writes };
  }

  #begin(): void {
    const process = (name: string, site: string): DaemonProcess =>
      new DaemonProcess(name, site, this.clock, this.#chance.between(0, 1e9));
    for (let index = this.#chance.whole(1, 3); index > 0; index--) {
      const name = `gc-${index}`;
      this.area.place(name, { latitude: this.#chance.between(-40, 60), longitude: this.#chance.between(-180, 180) });
      this.daemons.addGlobal(process(name, name));
    }
    for (const zone of this.zones) {
      this.sites.set(zone, new ZoneSite(zone, zone === this.onPrem));
      this.daemons.addZone(zone, process(`zc-${zone}`, zone));
    }
  }

  async #pass(untilMs: number): Promise<void> {
    while (this.clock.nowMs < untilMs) {
      await this.clock.run(Math.min(untilMs, this.clock.nowMs + CHECK_MS));
      const { nowMs } = this.clock;
      for (const site of this.sites.values()) site.tick(nowMs, (person) => person.isHeardAt(site.zone));
      this.trunks.tick(nowMs);
      for (const daemon of this.daemons.zones) daemon.drained = this.drainedByThemselves.has(daemon.own);
      for (const invariant of this.#invariants) this.journal.watch(() => invariant.check?.(this));
      this.journal.throwFirst();
    }
  }

  #written(bucket: string, stored: StoredValue): void {
    const { value, kind, sender } = contentOf(stored);
    const { key, revision } = stored;
    if (bucket === HOMES_BUCKET.name || bucket === TREES_BUCKET.name) this.#writes++;
    this.journal.tell(`${bucket} ${key} ${revision} by ${sender.instance}: ${describe(value)}`);
    this.truth.written(bucket, key, value);
    for (const invariant of this.#invariants) {
      this.journal.watch(() => invariant.written?.(bucket, key, kind === 'value' ? value : null, stored));
    }
  }

  #decided(daemon: string, policies: Policies): void {
    for (const invariant of this.#invariants) this.journal.watch(() => invariant.decided?.(daemon, policies));
  }
}

function describe(value: unknown): string {
  const tree = value as TreeRecord | null;
  if (!Array.isArray(tree?.edges)) return JSON.stringify(value);
  return `${tree.version} ${tree.root}:${tree.edges.map(({ zone, parent }) => ` ${zone}<${parent}`).join('')}`;
}
