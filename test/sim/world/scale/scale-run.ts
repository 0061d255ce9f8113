/**
 * A day of a large provider: a sample of all meetings, from the first join to the last leave, in zones whose load counts for all. Where
 * people are placed, whether zones are full, and trees are decided by the real code; sizes, places and hours of
 * meetings are drawn (regions.ts, placement/population.ts).
 */
import type { ZoneId } from '../../../../common/ids.ts';
import { BLOCK_SIZE } from '../../../../global-controller/blocks/block-numbers.ts';
import { blockAt, meetingIdOf } from '../../../../global-controller/blocks/meeting-ids.ts';
import { distanceKm, type GeoPoint } from '../../../../global-controller/geo/geo-point.ts';
import { Policies } from '../../../../global-controller/policies/policies.ts';
import { rankZones } from '../../../../global-controller/ranking/rank-zones.ts';
import { CutMemory } from '../../../../global-controller/trees/cut-memory.ts';
import { TREE_POLICY } from '../../../../global-controller/trees/tree-policy.ts';
import type { ZoneTree } from '../../../../global-controller/trees/zone-tree.ts';
import { type KnownMeeting, MeetingWorld } from '../../../../global-controller/world/meeting-world.ts';
import { type PlanningWorld, planMeeting } from '../../../../global-controller/world/plan-meeting.ts';
import type { KnownZone } from '../../../../global-controller/zones/known-zone.ts';
import { recordOf, statusOf } from '../../../../global-controller/zones/zone-directory-lab.ts';
import { Chance } from '../../network/chance.ts';
import { TimeHeap } from '../../network/time-heap.ts';
import { drawJoinGapMs, drawSize } from '../../placement/population.ts';
import { CITIES } from '../cities.ts';
import { drawMinutes, drawPeople, intensityAt, METROS, type Metro } from './regions.ts';
import { ScaleTally } from './scale-tally.ts';

const HOUR_MS = 3_600_000;
/** The day that counts begins when as many are there as at the end of the day before. */
const WARM_UP_H = 3;
const DAY_H = 24;
/** Round trip: 1.5 ms for 100 km of cable, 4 ms at the ends; to people also what their access adds, on average. */
const RTT_PER_KM = 0.015;
const ENDS_MS = 4;
const ACCESS_MS = 8;
/** People live around the middle of their metro: kilometres, on average. */
const AROUND_KM = 60;
/** A single measurement is wrong by so much, on average. */
const NOISE_MS = 3;
/** Statuses are so old. */
const STATUS_MS = 1_000;

export interface Surge {
  readonly metros: ReadonlySet<string>;
  /** Hours of the world. */
  readonly fromHour: number;
  readonly toHour: number;
  readonly times: number;
}

export interface ScaleOptions {
  readonly seed: number;
  /** Joins of the whole day. */
  readonly joins: number;
  /** One meeting of so many is run. */
  readonly sample: number;
  readonly surge: Surge;
  /** People that each zone can take; without it, as many as want to. */
  readonly capacities?: ReadonlyMap<ZoneId, number>;
  /** Of this thread. */
  readonly cpuUs: () => number;
}

interface Person {
  readonly metro: Metro;
  readonly extraMs: number;
  zone: ZoneId | undefined;
}

interface Running {
  readonly known: KnownMeeting;
  readonly people: readonly Person[];
}

export class ScaleRun {
  readonly tally = new ScaleTally();
  readonly #options: ScaleOptions;
  readonly #chance: Chance;
  readonly #due = new TimeHeap<() => void>();
  readonly #zones: readonly { readonly zone: ZoneId; readonly at: GeoPoint }[];
  readonly #loads = new Map<ZoneId, number>();
  readonly #meetings = new MeetingWorld();
  readonly #policies = new Policies();
  readonly #cuts = new CutMemory(TREE_POLICY);
  readonly #known = new Map<ZoneId, KnownZone>();
  #nowMs = 0;
  #statusMs = Number.NEGATIVE_INFINITY;
  #begun = 0;

  constructor(options: ScaleOptions) {
    this.#options = options;
    this.#chance = new Chance(options.seed, 'scale');
    this.#zones = CITIES.map(({ name, at }) => ({ zone: name as ZoneId, at }));
    for (const [index, { zone }] of this.#zones.entries()) this.#meetings.homes.putBlock(blockAt(index), zone);
  }

  get zones(): readonly ZoneId[] {
    return this.#zones.map(({ zone }) => zone);
  }

  run(): ScaleTally {
    this.#beginAll();
    while (this.#due.size > 0) {
      this.#nowMs = this.#due.firstUs;
      if (this.#nowMs >= DAY_H * HOUR_MS) break;
      this.#due.pop()();
    }
    return this.tally;
  }

  readonly kmBetween = (a: ZoneId, b: ZoneId): number => distanceKm(this.#at(a), this.#at(b));

  /** Those that begin in each minute, by the curves of all metros. */
  #beginAll(): void {
    const { joins, sample, surge } = this.#options;
    const total = METROS.reduce((sum, { share }) => sum + share, 0);
    const perMinute = joins / meanSize(this.#chance) / sample / (DAY_H * 60);
    for (let minute = -WARM_UP_H * 60; minute < DAY_H * 60; minute++) {
      for (const metro of METROS) {
        const hour = minute / 60;
        const isSurge = surge.metros.has(metro.name) && hour >= surge.fromHour && hour < surge.toHour;
        const expected = ((perMinute * metro.share) / total) * intensityAt(metro, hour) * (isSurge ? surge.times : 1);
        for (let count = this.#poisson(expected); count > 0; count--) {
          this.#due.push((minute + this.#chance.uniform()) * 60_000, () => this.#begin(metro));
        }
      }
    }
  }

  #poisson(mean: number): number {
    const least = Math.exp(-mean);
    let count = 0;
    for (let product = this.#chance.uniform(); product > least; product *= this.#chance.uniform()) count++;
    return count;
  }

  /** Whoever makes it is at home in the zone that is nearest to him. */
  #begin(metro: Metro): void {
    const size = drawSize(this.#chance);
    const home = this.#zones.findIndex(({ zone }) => zone === this.#nearest(metro));
    const meeting = meetingIdOf(blockAt(home), this.#begun++ % BLOCK_SIZE);
    const people = drawPeople(this.#chance, metro, size).map((of): Person => {
      const extraMs = this.#chance.exponential(AROUND_KM) * RTT_PER_KM + this.#chance.exponential(ACCESS_MS);
      return { metro: of, extraMs, zone: undefined };
    });
    const known: KnownMeeting = { meeting, present: new Map(), tree: undefined, memory: undefined };
    const running: Running = { known, people };
    this.tally.begins(this.#nowMs);
    let atMs = this.#nowMs;
    for (const person of people) {
      const joinMs = atMs;
      this.#due.push(joinMs, () => this.#join(running, person));
      atMs += drawJoinGapMs(this.#chance, size);
    }
    const endMs = atMs + drawMinutes(this.#chance) * 60_000;
    this.#due.push(atMs + 60_000, () => this.#measure(running));
    this.#due.push(endMs, () => this.#end(running));
  }

  #join(running: Running, person: Person): void {
    const { known } = running;
    const rttMs = new Map(
      this.#zones.map(({ zone }) => [zone, this.#rttMs(person, zone) + this.#chance.exponential(NOISE_MS)]),
    );
    const home = this.#meetings.homes.blockZone(known.meeting) as ZoneId; // its block was put
    const zones = [...this.#statuses().values()];
    const startUs = this.#options.cpuUs();
    const { candidates } = rankZones({
      zones,
      meeting: { home, present: new Set(known.present.keys()), policyIn: (zone) => this.#policies.effective(zone) },
      participant: { own: undefined, rttMs, place: undefined },
      policyOf: (zone) => this.#policies.effective(zone),
    });
    this.tally.rankingUs += this.#options.cpuUs() - startUs;
    this.tally.rankings++;
    const zone = candidates[0]?.zone;
    const nearest = this.#nearest(person.metro);
    const isSurge = this.#isSurge(person.metro);
    this.tally.joined(this.#nowMs, isSurge, {
      isPlaced: zone !== undefined,
      isNearest: zone === nearest,
      isNear: zone !== undefined && this.#rttMs(person, zone) <= this.#rttMs(person, nearest) + 33,
      extraMs: zone === undefined ? 0 : this.#rttMs(person, zone) - this.#rttMs(person, nearest),
    });
    if (zone === undefined) return;
    person.zone = zone;
    this.#count(zone, 1);
    this.#changePresence(running, zone, 1);
  }

  #end(running: Running): void {
    for (const person of running.people) {
      if (person.zone === undefined) continue;
      this.#count(person.zone, -1);
      person.zone = undefined;
    }
    running.known.present.clear();
    this.tally.ends();
  }

  #changePresence({ known }: Running, zone: ZoneId, by: number): void {
    const before = known.present.get(zone)?.people ?? 0;
    const people = before + by;
    const root = { router: 'r', address: 'r:1', worker: 0 };
    known.present.set(zone, { root, epoch: 1, people, dials: false });
    // As zone-controller/world/shared-meetings.ts tells it: at the first, and when it differs by more than a fifth.
    if (before > 0 && by <= before * 0.2) return;
    this.tally.presences++;
    this.#plan(known);
  }

  #plan(known: KnownMeeting): void {
    const world: PlanningWorld = {
      zones: this.#statuses(),
      policies: this.#policies,
      meetings: this.#meetings,
      cuts: this.#cuts,
      nowMs: this.#nowMs,
    };
    const startUs = this.#options.cpuUs();
    const actions = planMeeting(world, known);
    const us = this.#options.cpuUs() - startUs;
    this.tally.planned(known.present.size, us);
    for (const action of actions) {
      if (action.type !== 'putTree') continue;
      known.tree = { value: action.record, revision: action.record.version };
      this.tally.trees++;
    }
  }

  /** When all have come. */
  #measure({ known, people }: Running): void {
    if (known.present.size === 0) return;
    // What a scan costs that finds nothing to do.
    this.#plan(known);
    const counts = new Map([...known.present].map(([zone, each]) => [zone, each.people]));
    const home = this.#meetings.homes.blockZone(known.meeting) as ZoneId; // its block was put
    const tree: ZoneTree = known.tree?.value ?? { root: [...counts.keys()][0] ?? home, edges: [] };
    this.tally.measured(tree, counts, home, this.kmBetween);
    this.#measureDelays(tree, people);
  }

  #measureDelays(tree: ZoneTree, people: readonly Person[]): void {
    const placed = people.filter(({ zone }) => zone !== undefined);
    for (let count = 0; count < Math.min(8, placed.length); count++) {
      const [a, b] = [this.#pick(placed), this.#pick(placed)];
      if (a === undefined || b === undefined || a === b || a.zone === undefined || b.zone === undefined) continue;
      const between = this.#betweenMs(tree, a.zone, b.zone);
      this.tally.delays.push((this.#rttMs(a, a.zone) + this.#rttMs(b, b.zone)) / 2 + between);
      if (a.zone !== b.zone)
        this.tally.delaysApart.push((this.#rttMs(a, a.zone) + this.#rttMs(b, b.zone)) / 2 + between);
    }
  }

  /** One way along the tree, with what each router adds. */
  #betweenMs(tree: ZoneTree, from: ZoneId, to: ZoneId): number {
    const [up, down] = [pathToRoot(tree, from), pathToRoot(tree, to)];
    while (up.length > 1 && down.length > 1 && up.at(-2) === down.at(-2)) {
      up.pop();
      down.pop();
    }
    const path = [...up, ...down.toReversed().slice(1)];
    let ms = TREE_POLICY.hopMs;
    for (const [index, zone] of path.entries()) {
      const next = path[index + 1];
      if (next !== undefined) ms += (this.kmBetween(zone, next) * RTT_PER_KM + ENDS_MS) / 2 + TREE_POLICY.hopMs;
    }
    return ms;
  }

  #pick(people: readonly Person[]): Person | undefined {
    return people[Math.floor(this.#chance.uniform() * people.length)];
  }

  #isSurge({ name }: Metro): boolean {
    const { metros, fromHour, toHour } = this.#options.surge;
    const hour = this.#nowMs / HOUR_MS;
    return metros.has(name) && hour >= fromHour && hour < toHour;
  }

  #count(zone: ZoneId, by: number): void {
    const load = (this.#loads.get(zone) ?? 0) + by;
    this.#loads.set(zone, load);
    this.tally.loaded(zone, load * this.#options.sample, this.#nowMs);
  }

  /** As all zones were at the last status. */
  #statuses(): ReadonlyMap<ZoneId, KnownZone> {
    if (this.#nowMs - this.#statusMs < STATUS_MS) return this.#known;
    this.#statusMs = this.#nowMs;
    for (const { zone, at } of this.#zones) {
      const participants = (this.#loads.get(zone) ?? 0) * this.#options.sample;
      const capacity = this.#options.capacities?.get(zone) ?? 1e9;
      const load = { participants, packetsPerSecond: 0, capacity: { participants: capacity, packetsPerSecond: 1 } };
      const record = recordOf({ coordinates: at, cost: 0.02 });
      this.#known.set(zone, {
        zone,
        record,
        standing: 'well',
        status: statusOf({ load }),
        silentMs: 0,
        drained: false,
      });
    }
    return this.#known;
  }

  #rttMs({ metro, extraMs }: Person, zone: ZoneId): number {
    return ENDS_MS + distanceKm(metro.at, this.#at(zone)) * RTT_PER_KM + extraMs;
  }

  readonly #nearestOf = new Map<Metro, ZoneId>();

  #nearest(metro: Metro): ZoneId {
    const found = this.#nearestOf.get(metro) ?? nearestTo(metro.at, this.#zones);
    this.#nearestOf.set(metro, found);
    return found;
  }

  readonly #places = new Map(CITIES.map(({ name, at }) => [name as ZoneId, at]));

  #at(zone: ZoneId): GeoPoint {
    return this.#places.get(zone) as GeoPoint; // every zone has one
  }
}

/** Of meetings, as they are drawn. */
function meanSize(chance: Chance): number {
  const draws = 100_000;
  let people = 0;
  for (let draw = 0; draw < draws; draw++) people += drawSize(chance);
  return people / draws;
}

function nearestTo(at: GeoPoint, zones: readonly { readonly zone: ZoneId; readonly at: GeoPoint }[]): ZoneId {
  return zones.reduce((best, next) => (distanceKm(at, next.at) < distanceKm(at, best.at) ? next : best)).zone;
}

function pathToRoot({ edges }: ZoneTree, from: ZoneId): ZoneId[] {
  const path = [from];
  for (;;) {
    const parent = edges.find(({ zone }) => zone === path.at(-1))?.parent;
    if (parent === undefined) return path;
    path.push(parent);
  }
}
