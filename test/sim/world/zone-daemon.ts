/**
 * The controller that speaks for a zone: status, presence, blocks of ids, links of its routers by the trees, and the answers to people
 * who come. Killed, another one begins where the bus and the routers are. What it writes and what it tells routers is decided
 * by the real parts of zone-controller/world; status and joins are modelled.
 */
import { ABSENT } from '../../../bus/bucket.ts';
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import { blockOf } from '../../../global-controller/blocks/meeting-ids.ts';
import { BLOCKS_AHEAD, chooseBlock } from '../../../global-controller/blocks/plan-blocks.ts';
import {
  BLOCKS_BUCKET,
  type PresenceRecord,
  presenceBucket,
  presenceRecord,
  statusCall,
  statusSubject,
} from '../../../global-controller/buckets.ts';
import { Policies } from '../../../global-controller/policies/policies.ts';
import type { Ranking } from '../../../global-controller/ranking/ranking.ts';
import { STATUS_PERIOD_MS, type ZoneStatus } from '../../../global-controller/zones/zone-status.ts';
import { LinkSender } from '../../../zone-controller/world/link-sender.ts';
import { NeighbourPresences } from '../../../zone-controller/world/neighbour-presences.ts';
import { OwnBucket } from '../../../zone-controller/world/own-bucket.ts';
import { Presences } from '../../../zone-controller/world/shared-meetings.ts';
import { WorldCounts } from '../../../zone-controller/world/world-counts.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { Chance } from '../network/chance.ts';
import type { Bug } from './bugs.ts';
import type { VirtualBus } from './bus/virtual-bus.ts';
import type { DaemonProcess } from './daemon-process.ts';
import type { Person } from './person.ts';
import { routersOf } from './site-routers.ts';
import type { Trunks } from './trunks.ts';
import { ZoneKnowledge } from './zone-knowledge.ts';
import type { ZoneSite } from './zone-site.ts';

const CAPACITY = 200;
/** A zone says of whom it has heard that he could not reach his zone for so long. */
const STRANDED_MS = 5_000;

export type Answer =
  | { readonly type: 'placed' }
  | { readonly type: 'redirect'; readonly zone: ZoneId }
  | { readonly type: 'refused'; readonly why: string };

export interface ZoneDaemonOptions {
  readonly process: DaemonProcess;
  readonly bus: VirtualBus;
  readonly site: ZoneSite;
  readonly trunks: Trunks;
  readonly clock: SimClock;
  readonly chance: Chance;
  readonly accountOf: (meeting: MeetingId) => string | undefined;
  readonly decides: (knowledge: ZoneKnowledge) => void;
  readonly placed: (person: Person) => void;
  readonly bug: Bug | undefined;
  readonly log: Logger;
}

export class ZoneDaemon {
  readonly own: ZoneId;
  readonly process: DaemonProcess;
  readonly bus: VirtualBus;
  readonly knowledge: ZoneKnowledge;
  /** It wants nobody new: its own operator has said so. */
  drained = false;
  readonly #options: ZoneDaemonOptions;
  readonly #instance: string;
  readonly #stranded = new Map<ZoneId, number>();
  readonly #presences: OwnBucket<PresenceRecord>;
  readonly #links: LinkSender;
  #seq = 0;

  constructor(options: ZoneDaemonOptions) {
    const { process, bus, site, log, bug, accountOf } = options;
    const { now } = process;
    this.#options = options;
    this.own = site.zone;
    this.process = process;
    this.bus = bus;
    this.#instance = `${process.name}-${process.host.incarnation}`;
    const treeChanged = (meeting: MeetingId): void => this.#linkLater(meeting);
    this.knowledge = new ZoneKnowledge({ bus, own: site.zone, now, treeChanged, log });
    const counts = new WorldCounts();
    const zone = routersOf(site, accountOf, (meeting) => this.knowledge.blockZone(meeting), bug);
    const presences = new Presences(this.knowledge, zone);
    this.#presences = new OwnBucket({
      bus,
      bucket: presenceBucket(site.zone),
      kind: 'presence',
      schema: presenceRecord,
      wanted: (meeting, known) => {
        this.#place(meeting);
        return presences.wanted(meeting, known, now());
      },
      mayWrite: () => true,
      counts,
      log,
    });
    const neighbours = new NeighbourPresences(bus, treeChanged, log);
    this.#links = new LinkSender({
      own: site.zone,
      zone,
      treeOf: (meeting) => this.knowledge.records.meetings.get(meeting)?.tree,
      presenceOf: (other, meeting) => neighbours.get(other, meeting),
      counts,
      log,
    });
    this.#start();
    if (bug === 'oldPolicyWins') this.#goBackToOldPolicies();
  }

  get isWorking(): boolean {
    const { host } = this.process;
    const canWrite = this.bus.state === 'connected' && this.bus.clock.isTrusted;
    return host.isAlive && !host.isFrozen && canWrite && this.knowledge.records.isComplete;
  }

  get isDrained(): boolean {
    return this.knowledge.zone(this.own)?.drained === true || this.drained;
  }

  /** undefined: too little is known. */
  rank(meeting: MeetingId, account: string | undefined, rttMs: ReadonlyMap<ZoneId, number>): Ranking | undefined {
    return this.knowledge.rank(meeting, this.#options.site.peopleIn(meeting) > 0, account, rttMs);
  }

  /** `lost`: the zone that he was in and does not reach, or has to leave; `isResuming`: he was here. Neither: he is new. */
  join(person: Person, rttMs: ReadonlyMap<ZoneId, number>, lost: ZoneId | undefined, isResuming: boolean): Answer {
    const { meeting } = person;
    const { site, decides, accountOf } = this.#options;
    if (isResuming && site.has(meeting, person)) return this.#letIn(person);
    if (lost !== undefined && lost !== this.own) {
      this.#stranded.set(lost, this.process.now());
      const view = this.knowledge.zone(lost);
      if (view?.standing === 'well' && !view.drained) return { type: 'redirect', zone: lost };
    }
    const ranking = this.rank(meeting, accountOf(meeting), rttMs);
    if (ranking === undefined) {
      // A zone goes on alone with what lives in it.
      const isHere = site.peopleIn(meeting) > 0 || site.blocks.has(blockOf(meeting));
      return isHere ? this.#letIn(person) : { type: 'refused', why: 'the meeting is not known here yet' };
    }
    decides(this.knowledge);
    const [best] = ranking.candidates;
    if (best === undefined) return { type: 'refused', why: ranking.excluded.map(({ reason }) => reason).join(' ') };
    return best.zone === this.own ? this.#letIn(person) : { type: 'redirect', zone: best.zone };
  }

  leave(person: Person): void {
    this.#options.site.leave(person.meeting, person);
  }

  #start(): void {
    const { bus } = this;
    const { host } = this.process;
    bus.respond(statusCall(this.own), () => this.#status());
    host.each(STATUS_PERIOD_MS, () => {
      // As zone-voice.ts: numbers are of what was sent.
      if (bus.publish(statusSubject(this.own), { ...this.#status(), seq: this.#seq + 1 })) this.#seq++;
      this.#presences.markKnown();
      this.#presences.mark(this.#options.site.meetings);
      this.#presences.mark([...this.knowledge.records.meetings.all()].map(({ meeting }) => meeting));
      void this.#presences.run();
      void this.#takeBlock();
    });
    host.each(1_000, () => {
      const { meetings } = this.knowledge.records;
      for (const { meeting } of meetings.all()) this.#links.mark(meeting);
      for (const meeting of this.#options.site.meetings) this.#links.mark(meeting);
      this.#options.site.close();
      void this.#links.run();
    });
    host.each(2_000, () => this.#emptyIfDrained());
  }

  /** Nobody is here, but others reach each other through this zone: it is to have a place for the meeting. */
  #place(meeting: MeetingId): void {
    const { site } = this.#options;
    site.setOnTheWay(meeting, this.knowledge.isOnTheWay(meeting) && site.peopleIn(meeting) === 0);
  }

  #letIn(person: Person): Answer {
    const { site, clock, placed } = this.#options;
    site.join(person.meeting, person, clock.nowMs);
    placed(person);
    return { type: 'placed' };
  }

  #status(): ZoneStatus {
    const { site, trunks, process, clock, bug } = this.#options;
    const participants = site.people.length;
    const stranded = [...this.#stranded].filter(([, atMs]) => process.now() - atMs < STRANDED_MS);
    const health = trunks.healthOf(site.zone, clock.nowMs);
    return {
      instance: this.#instance,
      seq: this.#seq,
      load: {
        participants,
        packetsPerSecond: participants * 100,
        capacity: { participants: CAPACITY, packetsPerSecond: CAPACITY * 1_000 },
      },
      routersReady: 1,
      releases: [],
      trunks: bug === 'trunksAlwaysUp' ? health.map((each) => ({ ...each, loss: 0, up: true })) : health,
      strandedFrom: stranded.map(([zone]) => zone),
      drained: this.drained,
    };
  }

  async #takeBlock(): Promise<void> {
    const { site, chance } = this.#options;
    if (site.blocks.size >= BLOCKS_AHEAD || !this.knowledge.records.isComplete) return;
    const block = chooseBlock((each) => this.knowledge.homes.isBlockTaken(each), chance.uniform());
    if (block === undefined) return;
    try {
      await this.bus.bucket(BLOCKS_BUCKET).put(block, { zone: this.own }, ABSENT);
      site.blocks.add(block);
    } catch (error) {
      // Nobody knows whether it was taken: then it is a block without meetings.
      if (!(error instanceof ZonecastError)) throw error;
    }
  }

  #linkLater(meeting: MeetingId): void {
    const { site, bug } = this.#options;
    if (bug === 'deafToTrees' && site.neighboursIn(meeting).size > 0) return;
    this.#links.mark(meeting);
    void this.#links.run();
  }

  #emptyIfDrained(): void {
    if (!this.isDrained) return;
    for (const person of this.#options.site.people) person.told(this.own, 'drained');
  }

  #goBackToOldPolicies(): void {
    const { knowledge } = this;
    const first = new Policies();
    this.process.host.after(8_000, () => {
      for (const { scope, policy } of knowledge.policies.all()) first.put(scope, policy);
    });
    this.bus.onState((state) => {
      if (state === 'connected' && first.all().length > 0) knowledge.policies = first;
    });
  }
}
