/**
 * A zone of many routers on virtual time: meetings begin, fill, thin out and end, routers are lost. Everything random
 * comes from the seed; decisions are those of zone-controller/placement, made on what routers report.
 */
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import { commit, type Decision } from '../../../zone-controller/placement/decision.ts';
import { peopleIn, rootAt, withPeople } from '../../../zone-controller/placement/meeting-tree.ts';
import { placeJoin } from '../../../zone-controller/placement/place-join.ts';
import { placeMeeting } from '../../../zone-controller/placement/place-meeting.ts';
import { DEFAULT_POLICY } from '../../../zone-controller/placement/placement-policy.ts';
import { rerootTree } from '../../../zone-controller/placement/reroot-tree.ts';
import { shrinkTree } from '../../../zone-controller/placement/shrink-tree.ts';
import { suggestMoves } from '../../../zone-controller/placement/suggest-moves.ts';
import { ZoneCapacity } from '../../../zone-controller/placement/zone-capacity.ts';
import { Chance } from '../network/chance.ts';
import { Calendar, STEP_MS } from './calendar.ts';
import { drawActivity, drawJoinGapMs, drawSize } from './population.ts';
import { type RealMeeting, RealZone } from './real-zone.ts';
import { balanceOf, type Cost, Tally } from './tally.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly routers: number;
  readonly workers: number;
  /** Running at the same time, once they all are. */
  readonly meetings: number;
  /** Until all have begun; then as long as people come and go; then after routers were lost. */
  readonly rampMs: number;
  readonly steadyMs: number;
  readonly afterLossMs: number;
  /** Size of the largest meetings, at most 1000. */
  readonly largest: number;
  /** Share of the routers that are lost at once. */
  readonly lostShare: number;
  /** Microseconds; without it, costs are counted in steps only. */
  readonly nowUs?: () => number;
}

const REBALANCE_MS = 10_000;
/** Of the routers: so many moves at a time. */
const MOVES_AT_ONCE = 0.05;
/** Of the meetings, per second of the steady part: end and are followed by new ones; lose half their people. */
const ENDING = 0.002;
const THINNING = 0.002;

export class Simulation {
  readonly #options: SimulationOptions;
  readonly #capacity = new ZoneCapacity(DEFAULT_POLICY);
  readonly #zone: RealZone;
  readonly #chance: Chance;
  readonly #nowUs: () => number;
  readonly #joins = new Calendar<RealMeeting>();
  readonly #begins = new Calendar<MeetingId>();
  readonly #meetings: RealMeeting[] = [];
  readonly #tally = new Tally();
  readonly #spread = new Set<RealMeeting>();
  #nowMs = 0;
  #begun = 0;
  #people = 0;
  /** Those of lost routers who are not placed again yet. */
  #homeless = 0;
  readonly #waiting = new Map<RealMeeting, number>();
  #lossMs = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#chance = new Chance(options.seed, 'placement');
    this.#zone = new RealZone(this.#capacity, options.routers, options.workers);
    this.#nowUs = options.nowUs ?? (() => 0);
  }

  run(): Tally {
    const { meetings, rampMs, steadyMs, afterLossMs, lostShare } = this.#options;
    for (let index = 0; index < meetings; index++) this.#begins.at((index / meetings) * rampMs, this.#newId());
    this.#pass(rampMs, () => undefined);
    this.#measure('all have begun');
    this.#pass(steadyMs, () => this.#comeAndGo());
    this.#measure('people came and went');
    this.#loseRouters(lostShare);
    this.#pass(afterLossMs, () => undefined);
    this.#measure('after the loss');
    return this.#tally;
  }

  #pass(forMs: number, eachSecond: () => void): void {
    for (const untilMs = this.#nowMs + forMs; this.#nowMs < untilMs; ) {
      this.#nowMs += STEP_MS;
      const step = this.#nowMs / STEP_MS;
      this.#report(step % 10);
      for (const id of this.#begins.take(this.#nowMs)) this.#begin(id);
      for (const meeting of this.#joins.take(this.#nowMs)) this.#join(meeting);
      if (step % 10 !== 0) continue;
      eachSecond();
      this.#shrink();
      if (this.#nowMs % REBALANCE_MS === 0) this.#rebalance();
      for (const load of this.#zone.loads()) if (load > 1) this.#tally.overloads++;
    }
  }

  #newId(): MeetingId {
    return `${this.#options.seed}-${this.#begun++}` as MeetingId;
  }

  #report(tenth: number): void {
    const startUs = this.#nowUs();
    this.#zone.report(this.#nowMs, tenth);
    this.#tally.reportUs += this.#nowUs() - startUs;
    this.#tally.reports += this.#capacity.size / 10;
  }

  #begin(id: MeetingId): void {
    const decision = this.#decide(this.#tally.placing, () =>
      placeMeeting(this.#capacity, { meeting: id, nowMs: this.#nowMs }),
    );
    if (decision.outcome === 'refused') {
      this.#tally.refusedMeetings++;
      this.#begins.at(this.#nowMs + decision.retryAfterMs, id);
      return;
    }
    const size = Math.min(this.#options.largest, drawSize(this.#chance));
    const meeting = { tree: decision.tree, size, activity: drawActivity(this.#chance), hasEnded: false };
    this.#zone.start(meeting);
    this.#meetings.push(meeting);
    this.#people++;
    if (size > 1) this.#joins.at(this.#nowMs + drawJoinGapMs(this.#chance, size), meeting);
  }

  /** The next one of a meeting joins. */
  #join(meeting: RealMeeting): void {
    if (meeting.hasEnded || peopleIn(meeting.tree) >= meeting.size) return;
    const places = meeting.tree.places.length;
    const who = `${this.#chance.uniform()}`;
    const decide = () => placeJoin(this.#capacity, meeting.tree, { nowMs: this.#nowMs, who });
    const decision = this.#decide(this.#tally.joining, decide);
    if (decision.outcome === 'refused') {
      this.#tally.refused(decision.why);
      this.#joins.at(this.#nowMs + decision.retryAfterMs, meeting);
      return;
    }
    if (decision.tree.places.length > places) {
      this.#tally.growing.add(decision.explanation, 0);
      this.#spread.add(meeting);
      this.#tally.largestTree = Math.max(this.#tally.largestTree, decision.tree.places.length);
    }
    this.#zone.move(meeting, decision.tree);
    this.#people++;
    this.#housed(meeting);
    const isMore = peopleIn(meeting.tree) < meeting.size && !this.#waiting.has(meeting);
    if (isMore) this.#joins.at(this.#nowMs + drawJoinGapMs(this.#chance, meeting.size), meeting);
  }

  #decide(cost: Cost, decide: () => Decision): Decision {
    const startUs = this.#nowUs();
    const decision = decide();
    if (decision.outcome === 'placed') commit(this.#capacity, this.#nowMs, decision);
    cost.add(decision.explanation, this.#nowUs() - startUs);
    return decision;
  }

  #comeAndGo(): void {
    const count = this.#meetings.length;
    for (let index = 0; index < count * ENDING; index++) {
      const at = Math.floor(this.#chance.uniform() * this.#meetings.length);
      const meeting = this.#meetings[at];
      const last = this.#meetings.pop();
      if (meeting === undefined || last === undefined) return;
      if (last !== meeting) this.#meetings[at] = last;
      this.#people -= peopleIn(meeting.tree);
      meeting.hasEnded = true;
      this.#spread.delete(meeting);
      this.#zone.move(meeting, undefined);
      this.#begins.at(this.#nowMs + this.#chance.between(0, 1_000), this.#newId());
    }
    for (let index = 0; index < count * THINNING; index++) this.#thin();
  }

  /** Half of each place's people leave. */
  #thin(): void {
    const meeting = this.#meetings[Math.floor(this.#chance.uniform() * this.#meetings.length)];
    if (meeting === undefined) return;
    let { tree } = meeting;
    for (const [index, { people }] of tree.places.entries()) tree = withPeople(tree, index, -Math.floor(people / 2));
    this.#people -= peopleIn(meeting.tree) - peopleIn(tree);
    this.#zone.move(meeting, tree);
  }

  #shrink(): void {
    for (const meeting of this.#spread) {
      const shrink = shrinkTree(this.#capacity, meeting.tree, this.#nowMs);
      if (shrink === undefined) continue;
      this.#tally.shrinks++;
      this.#capacity.reserve(this.#nowMs, shrink.reservations);
      this.#zone.move(meeting, shrink.tree);
      if (shrink.tree.places.length === 1) this.#spread.delete(meeting);
    }
  }

  #rebalance(): void {
    const meetings = new Map<MeetingId, RealMeeting>();
    const zone = this.#zone;
    const moves = suggestMoves(
      this.#capacity,
      this.#nowMs,
      Math.ceil(this.#options.routers * MOVES_AT_ONCE),
      function* (place) {
        for (const meeting of zone.meetingsAt(place)) {
          meetings.set(meeting.tree.meeting, meeting);
          yield meeting.tree;
        }
      },
    );
    for (const { tree, reservations } of moves) {
      const meeting = meetings.get(tree.meeting);
      if (meeting === undefined) continue;
      this.#tally.moves++;
      this.#capacity.reserve(this.#nowMs, reservations);
      this.#zone.move(meeting, tree);
    }
  }

  #loseRouters(share: number): void {
    this.#lossMs = this.#nowMs;
    const routers = [...this.#zone.routers];
    for (let count = Math.round(routers.length * share); count > 0; count--) {
      const [lost] = routers.splice(Math.floor(this.#chance.uniform() * routers.length), 1);
      if (lost !== undefined) for (const meeting of this.#zone.kill(lost)) this.#reroot(meeting, lost);
    }
  }

  /** Whoever was on the lost router comes back, one by one, within three seconds. */
  #reroot(meeting: RealMeeting, lost: RouterId): void {
    const before = peopleIn(meeting.tree);
    const startUs = this.#nowUs();
    const decision = rerootTree(this.#capacity, meeting.tree, (router) => router === lost, this.#nowMs);
    this.#tally.rerooting.add(decision.explanation, this.#nowUs() - startUs);
    this.#tally.rerooted++;
    if (decision.outcome === 'placed') this.#capacity.reserve(this.#nowMs, decision.reservations);
    const tree =
      decision.outcome === 'placed' ? decision.tree : rootAt(meeting.tree.meeting, { router: lost, worker: 0 }, 0, 0);
    this.#zone.move(meeting, tree);
    const homeless = before - peopleIn(tree);
    this.#people -= homeless;
    this.#homeless += homeless;
    if (homeless > 0) this.#waiting.set(meeting, (this.#waiting.get(meeting) ?? 0) + homeless);
    for (let each = 0; each < homeless; each++) {
      this.#joins.at(this.#nowMs + this.#chance.between(STEP_MS, 3_000), meeting);
    }
  }

  #housed(meeting: RealMeeting): void {
    const waiting = this.#waiting.get(meeting);
    if (waiting === undefined) return;
    if (waiting > 1) this.#waiting.set(meeting, waiting - 1);
    else this.#waiting.delete(meeting);
    if (--this.#homeless === 0) this.#tally.recoveredMs = this.#nowMs - this.#lossMs;
  }

  #measure(when: string): void {
    this.#tally.balances.push(balanceOf(when, this.#meetings.length, this.#people, this.#zone.loads()));
  }
}
