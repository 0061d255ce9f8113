/**
 * Several zones, global controllers, links between zones and people in one world on virtual time from one seed, with everything that
 * may fail (faults.ts). Then all faults end, and the world must be as it should be within a bounded time (invariants/converges.ts); then
 * all leave, and nothing may be left of them.
 */
import { pino } from 'pino';
import type { StoredValue } from '../../../bus/transport.ts';
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import { blockOf, meetingIdOf, readBlock } from '../../../global-controller/blocks/meeting-ids.ts';
import { BLOCKS_BUCKET, HOMES_BUCKET, POLICIES_BUCKET, TREES_BUCKET } from '../../../global-controller/buckets.ts';
import {
  type Declarations,
  type DeclaredZone,
  writeDeclarations,
} from '../../../global-controller/daemon/declarations.ts';
import { Policies } from '../../../global-controller/policies/policies.ts';
import { policyRecord, type Residency } from '../../../global-controller/policies/policy.ts';
import { readPolicyScope } from '../../../global-controller/policies/policy-scope.ts';
import { TREE_POLICY } from '../../../global-controller/trees/tree-policy.ts';
import type { TreeRecord } from '../../../global-controller/trees/zone-tree.ts';
import { recordOf } from '../../../global-controller/zones/zone-directory-lab.ts';
import { Chance } from '../network/chance.ts';
import { SimClock } from '../zone/sim-clock.ts';
import type { Bug } from './bugs.ts';
import { BUS_SITE } from './bus/bus-line.ts';
import { BusServers } from './bus/bus-servers.ts';
import type { Seal } from './bus/sealed.ts';
import { VirtualBus } from './bus/virtual-bus.ts';
import { CITIES } from './cities.ts';
import { DaemonProcess } from './daemon-process.ts';
import { drawFaults, FAULTS, type Fault, type FaultKind } from './faults.ts';
import { GlobalDaemon } from './global-daemon.ts';
import { CONVERGE_MS, Converges, checkIdle } from './invariants/converges.ts';
import type { Invariant } from './invariants/invariant.ts';
import { LocalStays } from './invariants/local-stays.ts';
import { NewestPolicy } from './invariants/newest-policy.ts';
import { OneHome } from './invariants/one-home.ts';
import { OnePlace } from './invariants/one-place.ts';
import { ValidTrees } from './invariants/valid-trees.ts';
import { MAX_REDIRECTS, Person } from './person.ts';
import { Troubles } from './troubles.ts';
import { Trunks } from './trunks.ts';
import { Violation } from './violation.ts';
import { WideArea } from './wide-area.ts';
import { ZoneDaemon } from './zone-daemon.ts';
import { ZoneSite } from './zone-site.ts';

/** Until zones have records and blocks. */
const SET_UP_MS = 10_000;
const FAULTS_FROM_MS = 18_000;
const FAULTS_UNTIL_MS = 60_000;
const IDLE_MS = 45_000;
const CHECK_MS = 250;
const MOST_MEETINGS = 6;
const ACCOUNT = 'acme';

export interface WorldOptions {
  readonly seed: number;
  /** undefined: drawn, 3 to 5. */
  readonly zones?: number | undefined;
  readonly faults?: readonly FaultKind[];
  readonly bug?: Bug | undefined;
  readonly trace?: ((line: string) => void) | undefined;
}

export interface Outcome {
  readonly faults: readonly Fault[];
  readonly joins: number;
  /** Homes and trees. */
  readonly writes: number;
}

export class WorldSimulation {
  readonly clock = new SimClock();
  readonly area: WideArea;
  readonly servers: BusServers;
  readonly zones: readonly ZoneId[];
  /** A company's own zone: fenced, from the beginning. */
  readonly onPrem: ZoneId | undefined;
  readonly accounts = [ACCOUNT];
  readonly sites = new Map<ZoneId, ZoneSite>();
  readonly trunks: Trunks;
  readonly globals: DaemonProcess[] = [];
  readonly speakers = new Map<ZoneId, DaemonProcess>();
  readonly meetings: MeetingId[] = [];
  readonly people: Person[] = [];
  readonly drainedByThemselves = new Set<ZoneId>();
  readonly #options: WorldOptions;
  readonly #chance: Chance;
  readonly #busChance: Chance;
  readonly #globalDaemons = new Map<DaemonProcess, GlobalDaemon>();
  readonly #zoneDaemons = new Map<ZoneId, ZoneDaemon>();
  readonly #invariants: readonly Invariant[];
  readonly #policies = new Policies();
  readonly #accountOf = new Map<MeetingId, string>();
  readonly #declarations: Declarations;
  readonly #troubles: Troubles;
  #failure: Violation | undefined;
  #joins = 0;
  #writes = 0;

  constructor(options: WorldOptions) {
    const { seed, bug } = options;
    this.#options = options;
    this.#chance = new Chance(seed, 'world');
    this.#busChance = new Chance(seed, 'bus');
    this.area = new WideArea(this.clock, new Chance(seed, 'network'));
    this.servers = new BusServers((bucket, stored) => this.#written(bucket, stored));
    this.servers.swapsBlindly = bug === 'swapsBlindly' ? HOMES_BUCKET.name : undefined;
    this.#invariants = [
      new OneHome(),
      new OnePlace(),
      new NewestPolicy(),
      new LocalStays(),
      new ValidTrees(),
      new Converges(),
    ];
    const count = options.zones ?? this.#count(3, 5);
    this.zones = CITIES.slice(0, count).map(({ name }) => name as ZoneId);
    this.onPrem = this.#chance.happens(0.6) ? this.zones.at(-1) : undefined;
    this.trunks = new Trunks(this.area, this.sites);
    this.#declarations = this.#declare();
    this.#place();
    this.#troubles = new Troubles(this, new Chance(seed, 'troubles'));
  }

  async run(): Promise<Outcome> {
    for (let index = this.#count(1, 3); index > 0; index--) this.#addGlobal(`gc-${index}`);
    for (const zone of this.zones) this.#addZone(zone);
    await this.#pass(SET_UP_MS);
    this.#makeMeetings();
    const faults = drawFaults(this.#chance, FAULTS_FROM_MS, FAULTS_UNTIL_MS, this.#options.faults ?? FAULTS);
    for (const fault of faults) this.clock.after(fault.atMs - this.clock.nowMs, () => this.#troubles.begin(fault));
    this.#comeAndGo();
    await this.#pass(FAULTS_UNTIL_MS);
    this.#troubles.endAll();
    await this.#pass(this.clock.nowMs + CONVERGE_MS);
    for (const invariant of this.#invariants) invariant.converged?.(this);
    for (const person of this.people) person.wants = false;
    this.trace('all leave');
    await this.#pass(this.clock.nowMs + IDLE_MS);
    checkIdle(this);
    return { faults, joins: this.#joins, writes: this.#writes };
  }

  trace(line: string): void {
    this.#options.trace?.(`${(this.clock.nowMs / 1_000).toFixed(3).padStart(8)} ${line}`);
  }

  get globalDaemons(): GlobalDaemon[] {
    return [...this.#globalDaemons.values()];
  }

  get zoneDaemons(): ZoneDaemon[] {
    return [...this.#zoneDaemons.values()];
  }

  zoneDaemon(zone: ZoneId): ZoneDaemon | undefined {
    return this.#zoneDaemons.get(zone);
  }

  /** Somebody plans for meetings. */
  get isPlanning(): boolean {
    return this.globalDaemons.some(({ isWorking }) => isWorking);
  }

  busOf(process: DaemonProcess): VirtualBus | undefined {
    return [...this.globalDaemons, ...this.zoneDaemons].find((daemon) => daemon.process === process)?.bus;
  }

  accountOf(meeting: MeetingId): string | undefined {
    return this.#accountOf.get(meeting);
  }

  /** What a bucket has: keys and values, without what is deleted. */
  kept(bucket: string): [string, unknown][] {
    return [...this.servers.values(bucket)].flatMap((stored): [string, unknown][] => {
      const { kind, value } = contentOf(stored);
      return kind === 'value' ? [[stored.key, value]] : [];
    });
  }

  blockZone(meeting: MeetingId): ZoneId | undefined {
    const record = new Map(this.kept(BLOCKS_BUCKET.name)).get(blockOf(meeting));
    return (record as { zone: ZoneId } | undefined)?.zone;
  }

  /** As it is written. */
  homeOf(meeting: MeetingId): ZoneId | undefined {
    const record = new Map(this.kept(HOMES_BUCKET.name)).get(meeting);
    return (record as { zone: ZoneId } | undefined)?.zone ?? this.blockZone(meeting);
  }

  treeOf(meeting: MeetingId): TreeRecord | undefined {
    return new Map(this.kept(TREES_BUCKET.name)).get(meeting) as TreeRecord | undefined; // checked when it was written
  }

  /** Where people of it are, of whom other zones are told. */
  presentIn(meeting: MeetingId): ZoneId[] {
    return [...this.sites.values()]
      .filter((site) => this.isShared(meeting, site.zone) && site.peopleIn(meeting) > 0)
      .map(({ zone }) => zone);
  }

  /** What holds for it at home. */
  residencyOf(meeting: MeetingId): Residency {
    const home = this.homeOf(meeting);
    return home === undefined ? 'anywhere' : this.#policyOf(meeting, home).residency;
  }

  /** Whether policies let any tree of the meeting's zones with this root have it. */
  mayBeInTree(meeting: MeetingId, root: ZoneId, zone: ZoneId): boolean {
    const present = this.presentIn(meeting);
    const vias = present.flatMap((each) => this.#viaOf(meeting, each) ?? []);
    const all = new Set([...present, ...vias]);
    let reached = new Set([root]);
    for (let depth = 0; depth < TREE_POLICY.maxDepth; depth++) {
      const next = [...all].filter((each) =>
        [...reached].some((from) => this.#mayMeet(meeting, from, each) && this.#mayMeet(meeting, each, from)),
      );
      reached = new Set([...reached, ...next]);
    }
    return reached.has(zone);
  }

  /** Others are told of it: somebody may come to it. */
  isShared(meeting: MeetingId, zone: ZoneId): boolean {
    const { residency, guests } = this.#policies.effective(zone, this.accountOf(meeting));
    return residency === 'anywhere' || guests !== 'none';
  }

  /** Whether the zones that he asks, by what they know, would place him, send him round and round, or refuse him. */
  answerTo(person: Person): 'placed' | 'round' | 'refused' {
    const rttMs = new Map(this.zones.map((zone) => [zone, this.area.rttMs(person.site, zone)]));
    const answers = person.zonesToAsk(rttMs).map((zone) => this.#follow(person, rttMs, zone));
    if (answers.includes('placed')) return 'placed';
    return answers.includes('round') ? 'round' : 'refused';
  }

  #follow(person: Person, rttMs: ReadonlyMap<ZoneId, number>, first: ZoneId): 'placed' | 'round' | 'refused' {
    let zone = first;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const best = this.zoneDaemon(zone)?.rank(person.meeting, this.accountOf(person.meeting), rttMs)?.candidates[0];
      if (best === undefined) return 'refused';
      if (best.zone === zone) return 'placed';
      zone = best.zone;
    }
    return 'round';
  }

  /** Everything in the zone is gone until the returned function is called. */
  loseZone(zone: ZoneId): () => void {
    const site = this.sites.get(zone);
    const speaker = this.speakers.get(zone);
    if (site === undefined || speaker === undefined || !site.isAlive) return () => undefined;
    site.die();
    speaker.host.kill();
    const { incarnation } = speaker.host;
    return () => {
      site.isAlive = true;
      this.restart(speaker, incarnation);
    };
  }

  /** Unless it has been started already. */
  restart(process: DaemonProcess, incarnation: number): void {
    const zone = [...this.speakers].find(([, speaker]) => speaker === process)?.[0];
    const isGone = zone !== undefined && this.sites.get(zone)?.isAlive === false;
    if (process.host.isAlive || process.host.incarnation !== incarnation || isGone) return;
    this.trace(`${process.name} starts again`);
    process.host.restart();
    // Services start when the machine's clock has been set (deploy/systemd: time-sync.target).
    process.wallOffsetMs = 0;
    if (zone === undefined) this.#startGlobal(process);
    else this.#startZone(zone, process);
    this.clock.stir();
  }

  async #pass(untilMs: number): Promise<void> {
    while (this.clock.nowMs < untilMs) {
      await this.clock.run(Math.min(untilMs, this.clock.nowMs + CHECK_MS));
      const { nowMs } = this.clock;
      for (const site of this.sites.values()) site.tick(nowMs, (person) => person.isHeardAt(site.zone));
      this.trunks.tick(nowMs);
      for (const daemon of this.zoneDaemons) daemon.drained = this.drainedByThemselves.has(daemon.own);
      for (const invariant of this.#invariants) this.#watch(() => invariant.check?.(this));
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  /** A violation ends the run at the next check: it must not look like an error of who is watched. */
  #watch(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.trace(`VIOLATION ${error.message}`);
      this.#failure ??= error;
    }
  }

  #written(bucket: string, stored: StoredValue): void {
    const { value, kind, sender } = contentOf(stored);
    if (bucket === HOMES_BUCKET.name || bucket === TREES_BUCKET.name) this.#writes++;
    this.trace(`${bucket} ${stored.key} ${stored.revision} by ${sender.instance}: ${describe(value)}`);
    const scope = bucket === POLICIES_BUCKET.name ? readPolicyScope(stored.key) : undefined;
    if (scope !== undefined) this.#policies.put(scope, policyRecord.parse(value));
    for (const invariant of this.#invariants) {
      this.#watch(() => invariant.written?.(bucket, stored.key, kind === 'value' ? value : null, stored));
    }
  }

  #decided(name: string, policies: Policies): void {
    for (const invariant of this.#invariants) this.#watch(() => invariant.decided?.(name, policies));
  }

  #count(least: number, most: number): number {
    return least + Math.floor(this.#chance.uniform() * (most - least + 1));
  }

  #declare(): Declarations {
    const zones = new Map(
      this.zones.map((zone, index): [ZoneId, DeclaredZone] => {
        // What operators drain stays drained.
        const { drained: _, ...record } = recordOf({ name: zone, cost: 0.02 });
        return [zone, { ...record, ...(CITIES[index] && { coordinates: CITIES[index].at }) }];
      }),
    );
    if (this.onPrem === undefined) return { zones, policies: [] };
    const [first] = this.zones;
    const guests = this.#chance.happens(0.7) && first !== undefined ? { via: first } : ('none' as const);
    const scope = { kind: 'zone', id: this.onPrem } as const;
    return { zones, policies: [{ scope, rules: { residency: 'local', guests } }] };
  }

  #place(): void {
    this.area.place(BUS_SITE, { latitude: 50, longitude: 5 });
    for (const [index, zone] of this.zones.entries()) {
      const at = CITIES[index]?.at ?? { latitude: 0, longitude: 0 };
      this.area.place(zone, at);
      this.area.place(peopleSite(zone), at);
    }
  }

  #addGlobal(name: string): void {
    this.area.place(name, { latitude: this.#chance.between(-40, 60), longitude: this.#chance.between(-180, 180) });
    const process = new DaemonProcess(name, name, this.clock, this.#chance.between(0, 1e9));
    this.globals.push(process);
    this.#startGlobal(process);
  }

  #addZone(zone: ZoneId): void {
    this.sites.set(zone, new ZoneSite(zone, zone === this.onPrem));
    const process = new DaemonProcess(`zc-${zone}`, zone, this.clock, this.#chance.between(0, 1e9));
    this.speakers.set(zone, process);
    this.#startZone(zone, process);
  }

  #bus(process: DaemonProcess, zone: string): VirtualBus {
    const { servers, area } = this;
    const isDeaf = this.#options.bug === 'noPolicies';
    return new VirtualBus({
      servers,
      area,
      process,
      sender: { zone, instance: process.name },
      chance: this.#busChance,
      ...(isDeaf && { deafTo: new Set([POLICIES_BUCKET.name]) }),
    });
  }

  #startGlobal(process: DaemonProcess): void {
    const bus = this.#bus(process, 'global');
    const decides = ({ policies }: { policies: Policies }): void => this.#decided(process.name, policies);
    const daemon = new GlobalDaemon({
      process,
      bus,
      chance: this.#busChance,
      decides,
      bug: this.#options.bug,
      log: this.#log(process.name),
    });
    this.#globalDaemons.set(process, daemon);
    void this.#writeDeclarations(bus);
    this.clock.stir();
  }

  /** As the daemon does when it starts. */
  async #writeDeclarations(bus: VirtualBus): Promise<void> {
    for (;;) {
      try {
        await bus.connected();
        await writeDeclarations(bus, this.#declarations, this.#log('declarations'));
        return;
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        await this.clock.sleep(1_000);
      }
    }
  }

  #startZone(zone: ZoneId, process: DaemonProcess): void {
    const site = this.sites.get(zone);
    if (site === undefined) throw new Error(`no zone ${zone}`);
    const daemon = new ZoneDaemon({
      process,
      bus: this.#bus(process, zone),
      site,
      trunks: this.trunks,
      clock: this.clock,
      chance: this.#busChance,
      accountOf: (meeting) => this.accountOf(meeting),
      decides: ({ policies }) => this.#decided(process.name, policies),
      placed: () => {
        this.#joins++;
      },
      bug: this.#options.bug,
      log: this.#log(process.name),
    });
    this.#zoneDaemons.set(zone, daemon);
    this.clock.stir();
  }

  #log(name: string): Logger {
    if (this.#options.trace === undefined) return pino({ level: 'silent' });
    const write = (line: string): void => {
      const { msg, zone, before, now, meeting, why, err } = JSON.parse(line);
      const words = [zone, before && `${before} → ${now}`, meeting, why, err?.message];
      this.trace(`${name}: ${[msg, ...words].filter((part) => part !== undefined).join(' ')}`);
    };
    return pino({ level: 'info' }, { write });
  }

  /** With ids of the zones' own blocks. */
  #makeMeetings(): void {
    const count = this.#count(2, MOST_MEETINGS);
    for (let index = 0; index < count; index++) {
      const site = this.sites.get(this.zones[index % this.zones.length] as ZoneId); // an index of it
      const [block] = [...(site?.blocks ?? [])].flatMap((text) => readBlock(text) ?? []);
      if (block === undefined) throw new Violation(`${site?.zone} has no block of ids after ${SET_UP_MS} ms`);
      const meeting = meetingIdOf(block, index);
      this.meetings.push(meeting);
      if (this.#chance.happens(0.4)) this.#accountOf.set(meeting, ACCOUNT);
      for (let person = this.#count(1, 6); person > 0; person--) this.#addPerson(`p${index}.${person}`, meeting);
    }
  }

  #addPerson(name: string, meeting: MeetingId): void {
    const zone = this.zones[this.#count(0, this.zones.length - 1)] as ZoneId; // an index of it
    const isOwn = zone === this.onPrem;
    // Who is of the company is in its network.
    const site = isOwn ? zone : peopleSite(zone);
    const person = new Person(name, meeting, site, isOwn ? zone : undefined, {
      clock: this.clock,
      area: this.area,
      chance: this.#chance,
      sites: this.sites,
      onPrem: this.onPrem,
      daemonOf: (of) => {
        const daemon = this.#zoneDaemons.get(of);
        return daemon?.process.host.isAlive && !daemon.process.host.isFrozen ? daemon : undefined;
      },
      keepsOldPlace: this.#options.bug === 'keepsOldPlace',
      trace: (line) => this.trace(line),
    });
    this.people.push(person);
  }

  /** Each wants to be in his meeting, or does not any more, until faults end. */
  #comeAndGo(): void {
    for (const person of this.people) {
      const look = (): void => {
        if (this.clock.nowMs >= FAULTS_UNTIL_MS) return;
        person.wants = this.#chance.happens(0.85);
        this.clock.after(Math.round(this.#chance.between(4_000, 40_000)), look);
      };
      this.clock.after(Math.round(this.#chance.between(100, 5_000)), look);
    }
  }

  #viaOf(meeting: MeetingId, zone: ZoneId): ZoneId | undefined {
    const { residency, guests } = this.#policyOf(meeting, zone);
    return residency === 'local' && guests !== 'none' ? guests.via : undefined;
  }

  #mayMeet(meeting: MeetingId, one: ZoneId, other: ZoneId): boolean {
    const { residency } = this.#policyOf(meeting, one);
    return residency === 'anywhere' || this.#viaOf(meeting, one) === other;
  }

  #policyOf(meeting: MeetingId, zone: ZoneId) {
    return this.#policies.effective(zone, zone === this.homeOf(meeting) ? this.accountOf(meeting) : undefined);
  }
}

function peopleSite(zone: ZoneId): string {
  return `people of ${zone}`;
}

function contentOf({ bytes }: StoredValue): Seal {
  return JSON.parse(Buffer.from(bytes).toString());
}

function describe(value: unknown): string {
  const tree = value as TreeRecord | null;
  if (!Array.isArray(tree?.edges)) return JSON.stringify(value);
  return `${tree.version} ${tree.root}:${tree.edges.map(({ zone, parent }) => ` ${zone}<${parent}`).join('')}`;
}
