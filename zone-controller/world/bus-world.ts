/**
 * The other zones as the bus tells of them. What is known is kept while the bus is away, and answers come from it at once; the bus is
 * waited for only by `definitionOf`, `endMeeting`, `handOn` and `act`, and never at start.
 */
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Bus } from '../../bus/bus.ts';
import { BusCounters } from '../../bus/bus-observer.ts';
import { GrowingKeyRing, readPublicKey } from '../../bus/key-ring.ts';
import { GLOBAL_ZONE } from '../../bus/sender.ts';
import { SignedBus } from '../../bus/signed-bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { SECRET_BYTES } from '../../global-controller/blocks/block-numbers.ts';
import { cameFromCall, definitionsBucket, type PresenceRecord } from '../../global-controller/buckets.ts';
import { WorldRecords } from '../../global-controller/mirror/world-records.ts';
import type { EffectivePolicy } from '../../global-controller/policies/effective-policy.ts';
import { whyForbidden } from '../../global-controller/ranking/allowed-zones.ts';
import { rankZones } from '../../global-controller/ranking/rank-zones.ts';
import type { Ranking } from '../../global-controller/ranking/ranking.ts';
import type { Kept } from '../../global-controller/world/meeting-world.ts';
import { DIGEST_SUBJECT, readDigest } from '../../global-controller/world/world-digest.ts';
import type { ZoneView } from '../../global-controller/zones/known-zone.ts';
import type { ZoneRecord } from '../../global-controller/zones/zone-record.ts';
import { headRoomOf, type ToldStatus } from '../../global-controller/zones/zone-status.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import { definition, type MeetingDefinition } from '../registry/records.ts';
import { CameFrom } from './came-from.ts';
import { askZone } from './definition-calls.ts';
import { KnownZones } from './known-zones.ts';
import { LonelyWorld } from './lonely-world.ts';
import { MeetingIds } from './meeting-ids.ts';
import { handOn, type MeetingAnswer, type MeetingRequest, unreachable } from './meeting-requests.ts';
import { NeighbourPresences } from './neighbour-presences.ts';
import { isOnTheWay } from './on-the-way.ts';
import { askToAct } from './room-acts.ts';
import type { JoinQuery, World } from './world.ts';
import { WorldCounts } from './world-counts.ts';
import type { WorldOptions } from './world-options.ts';

/** For the bus, altogether. */
const WAIT_MS = 2_000;
/** Routers report each second: how they are altogether is added up no more often than this. */
const OWN_STATUS_MS = 250;

export interface BusWorldOptions extends WorldOptions {
  readonly own: ZoneId;
  /** Name of this controller. */
  readonly controller: string;
  /** How this zone is; the directory tells of it only as others saw it a moment ago. */
  readonly status: () => ToldStatus;
  /** Whether a meeting is in this zone. */
  readonly isHere: (meeting: MeetingId) => boolean;
  /** A meeting's tree between zones has changed. */
  readonly treeChanged: (meeting: MeetingId) => void;
  /** Where a meeting is in a zone next to this one has changed. */
  readonly linksChanged: (meeting: MeetingId) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class BusWorld implements World {
  readonly own: ZoneId;
  readonly records: WorldRecords;
  readonly ids: MeetingIds;
  readonly counts = new WorldCounts();
  readonly counters = new BusCounters();
  readonly #options: BusWorldOptions;
  readonly #zones = new KnownZones();
  readonly #keys: GrowingKeyRing;
  readonly #cameFrom = new CameFrom();
  readonly #listeners = new Set<() => void>();
  #bus: Bus | undefined;
  #presences: NeighbourPresences | undefined;
  #statusMemo: { readonly atMs: number; readonly status: ToldStatus } | undefined;
  #isDirectoryRead = false;
  #wrongDigests = 0;

  constructor(options: BusWorldOptions) {
    this.#options = options;
    const { own, privateKey, worldKey, treeChanged, log } = options;
    this.own = own;
    this.ids = new MeetingIds(own, randomBytes(SECRET_BYTES), Math.random);
    this.#keys = new GrowingKeyRing(
      new Map([
        [GLOBAL_ZONE, worldKey],
        [own, createPublicKey(privateKey)],
      ]),
    );
    this.records = new WorldRecords(
      {
        zone: (zone, record) => this.#zone(zone, record),
        directoryRead: () => this.#directoryRead(),
        policy: () => this.#changed(),
        block: (block, zone) => this.ids.putBlock(block, zone),
        tree: treeChanged,
      },
      log,
    );
  }

  /** Returns at once; the bus may come later, or never. */
  start(): Bus {
    const { own, controller, privateKey, transport, linksChanged, log } = this.#options;
    const identity = { sender: { zone: own, instance: controller }, privateKey };
    const observer = this.counters;
    const bus = new SignedBus({ transport: transport(), identity, keyRing: this.#keys, observer, log });
    this.#bus = bus;
    this.#presences = new NeighbourPresences(bus, linksChanged, log);
    bus.subscribe(DIGEST_SUBJECT, { message: ({ sender, payload }) => this.#digest(sender.instance, payload) });
    bus.onState((state) => log.info({ state }, 'the bus between the zones'));
    this.records.start(bus);
    return bus;
  }

  async close(): Promise<void> {
    this.records.close();
    this.#presences?.close();
    await this.#bus?.close();
  }

  get isConnected(): boolean {
    return this.#bus?.state === 'connected';
  }

  /** Milliseconds since a global controller has told how zones are; Infinity: none ever has. */
  get digestAgeMs(): number {
    return this.#zones.digestAgeMs(this.#options.now());
  }

  get malformed(): number {
    return this.records.malformed + (this.#presences?.malformed ?? 0) + this.#wrongDigests;
  }

  /** All that routers need to know of other zones; undefined: not known yet. */
  get directory(): ReadonlyMap<ZoneId, { readonly record: ZoneRecord }> | undefined {
    return this.#isDirectoryRead ? this.#zones.records : undefined;
  }

  get isDrained(): boolean {
    return this.#zones.zone(this.own, this.#options.now())?.drained ?? false;
  }

  zones(): readonly ZoneView[] {
    return this.#zones.all(this.#options.now()).map((view) => this.#asItIs(view));
  }

  zone(zone: ZoneId): ZoneView | undefined {
    const view = this.#zones.zone(zone, this.#options.now());
    return view && this.#asItIs(view);
  }

  homeOf(meeting: MeetingId): ZoneId | undefined {
    return this.records.meetings.homes.home(meeting)?.zone;
  }

  /** Whose block the id is of: that zone tells the meeting's definition, wherever its home is. */
  blockZone(meeting: MeetingId): ZoneId | undefined {
    return this.records.meetings.homes.blockZone(meeting);
  }

  policyIn(zone: ZoneId, { account, policy }: JoinQuery['rules'] = {}): EffectivePolicy {
    return this.records.policies.effective(zone, account, policy);
  }

  rank({ meeting, rules, rttMs, address }: JoinQuery): Ranking {
    const { own } = this;
    // As long as others do not know of this zone, or it has not read all policies, nobody is sent out.
    if (this.#zones.record(own) === undefined || !this.records.isComplete) return new LonelyWorld(own).rank();
    return rankZones({
      zones: this.zones(),
      meeting: {
        home: this.homeOf(meeting) ?? own,
        present: this.#presentIn(meeting),
        policyIn: (zone) => this.policyIn(zone, rules),
      },
      participant: {
        // Who reaches a controller of a zone that keeps its people is one of them.
        own: this.policyIn(own).residency === 'local' ? own : undefined,
        reached: own,
        rttMs,
        place: address === undefined ? undefined : this.#options.geo?.find(address),
      },
      policyOf: (zone) => this.policyIn(zone),
    });
  }

  mayBeIn(zone: ZoneId, meeting: MeetingId, rules: JoinQuery['rules']): boolean {
    const home = this.homeOf(meeting);
    if (home === undefined || !this.records.isComplete) return true;
    const policyOf = (of: ZoneId): EffectivePolicy => this.policyIn(of);
    // Who is in a zone that keeps its people is one of them.
    const own = policyOf(zone).residency === 'local' ? zone : undefined;
    const of = { home, policyIn: (in_: ZoneId) => this.policyIn(in_, rules) };
    return whyForbidden(zone, { meeting: of, participant: { own }, policyOf }) === undefined;
  }

  /** People of other zones reach each other through this one, whether or not anybody of the meeting is here. */
  isOnTheWay(meeting: MeetingId): boolean {
    return isOnTheWay(this.own, this.records.meetings.get(meeting)?.tree?.value);
  }

  async definitionOf(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const zone = this.blockZone(meeting);
    if (zone === undefined || zone === this.own) return undefined;
    return inTime(this.#definitionIn(this.#started(), zone, meeting));
  }

  async endMeeting(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const zone = this.blockZone(meeting);
    if (zone === undefined || zone === this.own) return undefined;
    return inTime(askZone(this.#started(), zone, 'endMeeting', meeting));
  }

  async handOn(zone: ZoneId, request: MeetingRequest): Promise<MeetingAnswer> {
    if (this.#bus === undefined) throw unreachable(zone);
    return handOn(this.#bus, zone, request);
  }

  async act(meeting: MeetingId, rules: JoinQuery['rules'], act: PersonAct): Promise<void> {
    const bus = this.#bus;
    if (bus === undefined) return;
    const tree = this.records.meetings.get(meeting)?.tree?.value;
    // Where a meeting without a tree is, only that zone knows.
    const zones =
      tree === undefined ? [...this.#zones.records.keys()] : [tree.root, ...tree.edges.map(({ zone }) => zone)];
    const others = zones.filter(
      (zone) => zone !== this.own && this.zone(zone)?.standing === 'well' && this.mayBeIn(zone, meeting, rules),
    );
    const answers = await Promise.allSettled(others.map((zone) => askToAct(bus, zone, meeting, act)));
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') continue;
      const context = { meeting, zone: others[index], act: act.type, err: answer.reason as unknown };
      this.#options.log.warn(context, 'another zone did not do what was ordered about rooms');
    }
  }

  drawId(): MeetingId {
    return this.ids.draw();
  }

  publicKeyOf(zone: ZoneId): KeyObject | undefined {
    return this.#keys.publicKey({ zone });
  }

  urlsOf(zone: ZoneId): readonly string[] {
    return this.#zones.record(zone)?.urls ?? [];
  }

  otherZonesUrls(): readonly (readonly string[])[] {
    const order = (view: ZoneView): number[] => [
      view.standing === 'well' ? 0 : 1,
      view.status === undefined ? 1 : -headRoomOf(view.status),
    ];
    const others = this.zones().filter(
      ({ zone, standing, drained }) =>
        zone !== this.own && standing !== 'lost' && !drained && this.policyIn(zone).residency === 'anywhere',
    );
    if (this.policyIn(this.own).residency === 'local') return [];
    const ordered = others.toSorted((a, b) => compareNumbers(order(a), order(b)));
    return ordered.map(({ record }) => record.urls);
  }

  cameFrom(zone: ZoneId): void {
    const nowMs = this.#options.now();
    this.noteCameFrom(zone);
    // Whoever speaks for the zone: perhaps another controller.
    if (this.#bus === undefined || !this.#cameFrom.shouldTell(zone, nowMs)) return;
    this.#bus.request(cameFromCall(this.own), zone).catch(() => undefined); // the next one tells again
  }

  /** As `cameFrom`, as another controller of the zone tells it. */
  noteCameFrom(zone: ZoneId): void {
    if (this.#zones.record(zone) !== undefined) this.#cameFrom.note(zone, this.#options.now());
  }

  strandedFrom(): ZoneId[] {
    return this.#cameFrom.lately(this.#options.now());
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Where a meeting is in a zone next to this one, as far as that is known. */
  presenceIn(zone: ZoneId, meeting: MeetingId): Kept<PresenceRecord> | undefined {
    return this.#presences?.get(zone, meeting);
  }

  #started(): Bus {
    if (this.#bus === undefined) throw new ZonecastError('busUnavailable', 'The server is still starting. Try again.');
    return this.#bus;
  }

  /** What was made a moment ago its zone knows before the bucket does. */
  async #definitionIn(bus: Bus, zone: ZoneId, meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const entry = await bus.bucket(definitionsBucket(zone)).get(meeting);
    const read = definition.safeParse(entry?.value);
    if (read.success) return { ...read.data, home: zone };
    try {
      return await askZone(bus, zone, 'definition', meeting);
    } catch (error) {
      // Of a zone that is away, the bucket has all that will be told.
      if (!(error instanceof ZonecastError) || this.zone(zone)?.standing === 'well') throw error;
      return undefined;
    }
  }

  /** Of a meeting without a tree nobody but its zone knows where it is; mostly that is its home. */
  #presentIn(meeting: MeetingId): Set<ZoneId> {
    const { own } = this;
    const tree = this.records.meetings.get(meeting)?.tree?.value;
    const present = new Set(tree === undefined ? [] : [tree.root, ...tree.edges.map(({ zone }) => zone)]);
    const isHere = this.#options.isHere(meeting);
    if (isHere) present.add(own);
    const home = this.homeOf(meeting);
    if (tree === undefined && !isHere && home !== undefined && home !== own) present.add(home);
    return present;
  }

  /** Of the own zone this controller knows best. */
  #asItIs(view: ZoneView): ZoneView {
    if (view.zone !== this.own) return view;
    return { ...view, standing: 'well', silentMs: 0, status: this.#ownStatus() };
  }

  #ownStatus(): ToldStatus {
    const { status, now } = this.#options;
    const nowMs = now();
    if (this.#statusMemo === undefined || nowMs - this.#statusMemo.atMs >= OWN_STATUS_MS) {
      this.#statusMemo = { atMs: nowMs, status: status() };
    }
    return this.#statusMemo.status;
  }

  #zone(zone: ZoneId, record: ZoneRecord | undefined): void {
    if (zone === GLOBAL_ZONE) return;
    if (record === undefined) {
      this.#zones.deleteRecord(zone);
      this.#presences?.forget(zone);
    } else this.#zones.putRecord(zone, record, this.#options.now());
    const key = record && this.#readKey(zone, record.publicKey);
    if (zone === this.own && key !== undefined && this.publicKeyOf(zone)?.equals(key) === false) {
      this.#options.log.error(
        'the directory has another key for this zone than its own: other zones do not believe it',
      );
    }
    if (this.#keys.learn(zone, key) && this.#isDirectoryRead) {
      this.records.readBlocks();
      this.#presences?.readAgain(zone);
    }
    this.#changed();
  }

  /** Only now is it known whose signatures hold. */
  #directoryRead(): void {
    this.#isDirectoryRead = true;
    this.records.readBlocks();
    this.#changed();
  }

  #readKey(zone: ZoneId, pem: string): KeyObject | undefined {
    try {
      return readPublicKey(pem);
    } catch (error) {
      this.#options.log.error({ zone, err: error }, 'the key of a zone cannot be read');
      return undefined;
    }
  }

  #digest(from: string, payload: unknown): void {
    const digest = readDigest(payload);
    if (digest === undefined) this.#wrongDigests++;
    else if (this.#zones.handleDigest(from, digest, this.#options.now())) this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

async function inTime<Result>(answer: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new ZonecastError('requestTimedOut', 'The bus between the zones does not answer in time.')),
    WAIT_MS,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
