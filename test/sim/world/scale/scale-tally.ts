/** What is counted in a day. Only joins of the day itself, not of the hours before it. */
import type { ZoneId } from '../../../../common/ids.ts';
import type { ZoneTree } from '../../../../global-controller/trees/zone-tree.ts';
import { type KmBetween, oneZoneTraffic, starTraffic, type Traffic, treeTraffic } from './wide-traffic.ts';

const HOUR_MS = 3_600_000;

export interface Joins {
  all: number;
  placed: number;
  nearest: number;
  /** At most 33 ms farther than the nearest. */
  near: number;
  /** Farther than the nearest, in all, milliseconds of round trip. */
  extraMs: number;
}

export interface JoinFacts {
  readonly isPlaced: boolean;
  readonly isNearest: boolean;
  readonly isNear: boolean;
  readonly extraMs: number;
}

interface Planning {
  count: number;
  us: number;
}

export class ScaleTally {
  readonly joins = noJoins();
  readonly surgeJoins = noJoins();
  readonly joinsByHour = new Array<number>(24).fill(0);
  rankings = 0;
  rankingUs = 0;
  /** Of presences that are told. */
  presences = 0;
  /** Written. */
  trees = 0;
  meetings = 0;
  running = 0;
  mostRunning = 0;
  /** By the number of zones of the meeting. */
  readonly plans = new Map<number, Planning>();
  readonly zonesOfMeetings = new Map<number, number>();
  /** Each meeting's when all have come, in all; a mean meeting counts for as long as any. */
  readonly tree: Traffic = { bps: 0, bpsKm: 0 };
  readonly star: Traffic = { bps: 0, bpsKm: 0 };
  readonly oneZone: Traffic = { bps: 0, bpsKm: 0 };
  measuredMeetings = 0;
  measuredPeople = 0;
  /** One way between two people, milliseconds. */
  readonly delays: number[] = [];
  /** Of those that are in different zones. */
  readonly delaysApart: number[] = [];
  readonly peaks = new Map<ZoneId, number>();
  #people = 0;
  mostPeople = 0;
  readonly #loads = new Map<ZoneId, number>();

  joined(nowMs: number, isSurge: boolean, facts: JoinFacts): void {
    if (nowMs < 0) return;
    this.joinsByHour[Math.floor(nowMs / HOUR_MS)] = (this.joinsByHour[Math.floor(nowMs / HOUR_MS)] ?? 0) + 1;
    for (const joins of isSurge ? [this.joins, this.surgeJoins] : [this.joins]) {
      joins.all++;
      joins.placed += Number(facts.isPlaced);
      joins.nearest += Number(facts.isNearest);
      joins.near += Number(facts.isNear);
      joins.extraMs += facts.extraMs;
    }
  }

  begins(nowMs: number): void {
    if (nowMs >= 0) this.meetings++;
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
  }

  ends(): void {
    this.running--;
  }

  planned(zones: number, us: number): void {
    const plans = this.plans.get(zones) ?? { count: 0, us: 0 };
    plans.count++;
    plans.us += us;
    this.plans.set(zones, plans);
  }

  measured(tree: ZoneTree, people: ReadonlyMap<ZoneId, number>, home: ZoneId, km: KmBetween): void {
    this.zonesOfMeetings.set(people.size, (this.zonesOfMeetings.get(people.size) ?? 0) + 1);
    this.measuredMeetings++;
    for (const each of people.values()) this.measuredPeople += each;
    const [along, straight, home_] = [
      treeTraffic(tree, people, km),
      starTraffic(people, km),
      oneZoneTraffic(home, people, km),
    ];
    add(this.tree, along);
    add(this.star, straight);
    add(this.oneZone, home_);
  }

  /** `people`: there now, of all. */
  loaded(zone: ZoneId, people: number, _nowMs: number): void {
    this.#people += people - (this.#loads.get(zone) ?? 0);
    this.#loads.set(zone, people);
    this.mostPeople = Math.max(this.mostPeople, this.#people);
    this.peaks.set(zone, Math.max(this.peaks.get(zone) ?? 0, people));
  }
}

function noJoins(): Joins {
  return { all: 0, placed: 0, nearest: 0, near: 0, extraMs: 0 };
}

function add(sum: Traffic, { bps, bpsKm }: Traffic): void {
  sum.bps += bps;
  sum.bpsKm += bpsKm;
}
