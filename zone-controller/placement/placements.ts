/**
 * Where meetings are, and the decision where they go: what is known now, decided by the pure parts of this folder, then
 * a compare-and-swap, so that of several controllers that change the same placement one wins and the others go by it.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { Lookup, MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { ABSENT } from '../registry/registry.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { ComingPeople } from './coming-people.ts';
import { commit, type Decision, insist, type PlacedDecision, type RefusedDecision } from './decision.ts';
import { describeExplanation, type Reason } from './explanation.ts';
import { type Destination, isAsked } from './grow-tree.ts';
import { isSamePlace, type MeetingTree, peopleIn, type TreePlace, type WorkerPlace } from './meeting-tree.ts';
import { placeJoin, placeUpgrade } from './place-join.ts';
import { placeMeeting } from './place-meeting.ts';
import { isNewer, placedAnew, placesOf, toTree, withTree } from './placement-tree.ts';
import { rerootTree } from './reroot-tree.ts';

const MAX_CONFLICTS = 8;
const RETRY_MS = 2_000;

/** Where somebody joins. */
export interface Placed extends WorkerPlace {
  readonly placement: MeetingPlacement;
  /** Decided just now: nobody is there yet. */
  readonly isNew: boolean;
  /** `audioOnly`: there is no room for pictures. */
  readonly media: 'full' | 'audioOnly';
}

/** Somebody who is in a meeting with sound only. */
export interface Unseen {
  readonly meeting: MeetingId;
  readonly who: string;
}

/** What has just been found out about a meeting's placement. */
export interface Findings {
  /** Up to these epochs the routers take nobody any more. */
  readonly over?: ReadonlyMap<RouterId, number>;
  /** Routers that did not answer. They come last. */
  readonly failed?: ReadonlySet<RouterId>;
  /** Filled by others before their routers' reports said so. */
  readonly full?: readonly WorkerPlace[];
}

/** What placing needs of the directory. */
export type RoutersToPlace = Pick<RouterDirectory, 'capacity' | 'nowMs' | 'has'>;

export interface PlacementsOptions {
  readonly records: ZoneRecords;
  readonly mirror: Pick<ZoneMirror, 'placements'>;
  readonly routers: RoutersToPlace;
  /** How many of a meeting are on each router, as far as that is known here. */
  readonly people: (meeting: MeetingId) => ReadonlyMap<RouterId, number>;
  /** A placement was written, or found to be newer than what was known. */
  readonly changed: (meeting: MeetingId, placement: MeetingPlacement) => void;
  /** Runs each decision where somebody joins: it is measured. */
  readonly measure?: (decide: () => Promise<Placed>) => Promise<Placed>;
  readonly log: Logger;
}

interface Whole {
  readonly placement: MeetingPlacement;
  readonly isNew: boolean;
}

export class Placements {
  readonly #options: PlacementsOptions;
  /** Those that are newer than what the mirror has shown. */
  readonly #seen = new Map<MeetingId, MeetingPlacement>();
  /** Joins that come together place the meeting once, and make it grow once. */
  readonly #settling = new Map<MeetingId, Promise<Whole>>();
  readonly #growing = new Map<MeetingId, Promise<MeetingPlacement | undefined>>();
  readonly #coming = new ComingPeople();
  /** Epochs of meetings that were placed here and to which nobody has come by us. */
  readonly #untouched = new Map<MeetingId, number>();

  constructor(options: PlacementsOptions) {
    this.#options = options;
  }

  /** Where the meeting is as last seen; undefined when that was never. */
  current(meeting: MeetingId): MeetingPlacement | undefined {
    return this.#seen.get(meeting) ?? this.#options.mirror.placements.get(meeting);
  }

  /** As `current`, but asks the registry about a meeting that was never seen. */
  async find(meeting: MeetingId): Promise<MeetingPlacement | undefined> {
    return this.current(meeting) ?? this.refresh(meeting);
  }

  /** As the registry has it. */
  async refresh(meeting: MeetingId): Promise<MeetingPlacement | undefined> {
    const { value } = await this.#options.records.placement(meeting);
    if (value !== undefined) this.see(meeting, value);
    return value;
  }

  /** The mirror shows this one now, which may be older than what is known; undefined: the meeting is forgotten. */
  mirrored(meeting: MeetingId, placement: MeetingPlacement | undefined): void {
    const seen = this.#seen.get(meeting);
    if (seen !== undefined && placement !== undefined && isNewer(seen, placement)) return;
    this.#seen.delete(meeting);
    if (placement?.root == null) this.#untouched.delete(meeting);
    if (placement !== undefined) this.#options.changed(meeting, placement);
  }

  /** The registry has this one now; perhaps it is news. */
  see(meeting: MeetingId, placement: MeetingPlacement): void {
    const known = this.current(meeting);
    if (known !== undefined && !isNewer(placement, known)) return;
    this.#seen.set(meeting, placement);
    this.#options.changed(meeting, placement);
  }

  /**
   * The meeting with nothing of it on routers that are gone: where it is, joined up anew, or placed when it is nowhere.
   * Throws ZonecastError `noRouter`, `registryUnavailable`, and `badRecord` when there is a placement that cannot be
   * read: of a newer release perhaps, with an epoch that is higher than any we could choose.
   */
  whole(meeting: MeetingId, findings: Findings = {}): Promise<Whole> {
    const known = this.current(meeting);
    if (known?.root && this.#suspects(known, findings).length === 0) {
      return Promise.resolve({ placement: known, isNew: false });
    }
    let settling = this.#settling.get(meeting);
    if (settling === undefined) {
      settling = this.#settle(meeting, findings).finally(() => this.#settling.delete(meeting));
      this.#settling.set(meeting, settling);
    }
    return settling;
  }

  /** Where `who` joins, `at` nowhere but there; a full meeting grows. `settled` is to follow. Throws as `whole`. */
  forJoin(meeting: MeetingId, who: string, findings: Findings = {}, at?: Destination): Promise<Placed> {
    const decide = (): Promise<Placed> => this.#decide(meeting, who, findings, at);
    return this.#options.measure?.(decide) ?? decide();
  }

  async #decide(meeting: MeetingId, who: string, findings: Findings, at?: Destination): Promise<Placed> {
    let hasGrown = false;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; ) {
      const { placement, isNew } = await this.#wholeEnough(meeting, findings);
      const place = at === undefined ? this.#onlyPlace(placement) : undefined;
      if (place !== undefined) return { placement, ...place, isNew, media: 'full' };
      const decision = this.#placeJoin(meeting, placement, who, findings, at);
      const isThere = placesOf(placement).some((each) => isSamePlace(each, decision.place));
      const growing = isThere ? undefined : this.#growing.get(meeting);
      if (growing === undefined) this.#send(meeting, who, decision);
      const { media } = decision;
      if (isThere) return { placement, ...decision.place, isNew: isNew || hasGrown, media };
      const grown = await (growing ?? this.#growFor(meeting, placement, who, decision));
      if (grown === undefined) conflicts++;
      else if (growing === undefined) return { placement: grown, ...decision.place, isNew: true, media };
      // It grew because of another: the next decision goes by that.
      hasGrown = true;
    }
    throw overrun();
  }

  /** Those of them for whom there is room for pictures now, at most `limit`. Promises nothing: they have to join again. */
  upgradable(candidates: Iterable<Unseen>, limit: number): Unseen[] {
    const { capacity, nowMs } = this.#options.routers;
    const upgradable: Unseen[] = [];
    // While we look, room only becomes less.
    const full = new Set<MeetingId>();
    capacity.tentatively(nowMs, (reserve) => {
      for (const { meeting, who } of candidates) {
        const placement = this.current(meeting);
        if (upgradable.length === limit) return;
        if (placement === undefined || full.has(meeting)) continue;
        const avoid = (place: TreePlace): Reason | undefined => this.#whyNobody(placement, place, {});
        const decision = placeUpgrade(capacity, this.#tree(meeting, placement), { nowMs, who, avoid });
        if (decision === undefined) {
          full.add(meeting);
          continue;
        }
        reserve(decision.reservations);
        upgradable.push({ meeting, who });
      }
    });
    return upgradable;
  }

  /** How it went on with `who` after `forJoin`: he is there, or he will not come. The first that is said counts. */
  settled(meeting: MeetingId, who: string, hasCome: boolean): void {
    const { capacity, nowMs } = this.#options.routers;
    if (hasCome) this.#untouched.delete(meeting);
    const coming = this.#coming.take(meeting, who);
    if (coming === undefined) return;
    if (hasCome) capacity.arrived(coming.promised.atMs, coming.place);
    else capacity.giveBack(nowMs, coming.promised);
  }

  /** Where somebody was to join was decided for him, and nobody else has come there by us meanwhile. */
  isUntouched(meeting: MeetingId, { isNew, placement }: Placed): boolean {
    return isNew && this.#untouched.get(meeting) === placement.epoch;
  }

  /** Promised at once, so that whoever is decided about next does not get the same. */
  #send(meeting: MeetingId, who: string, decision: PlacedDecision): void {
    const { capacity, nowMs } = this.#options.routers;
    this.settled(meeting, who, false);
    this.#coming.add(meeting, who, { place: decision.place, promised: commit(capacity, nowMs, decision) });
  }

  /** Whether the router is gone for the whole zone. Throws ZonecastError `registryUnavailable`. */
  async isGone(router: RouterId): Promise<boolean> {
    const { routers, records } = this.#options;
    return !routers.has(router) && (await records.router(router)).revision === ABSENT;
  }

  /** While a router is merely silent and the registry away, the rest of the meeting can be joined. */
  async #wholeEnough(meeting: MeetingId, findings: Findings): Promise<Whole> {
    try {
      return await this.whole(meeting, findings);
    } catch (error) {
      const known = this.current(meeting);
      const suspects = known === undefined ? [] : this.#suspects(known, findings);
      if (known === undefined || placesOf(known).every(({ router }) => suspects.includes(router))) throw error;
      return { placement: known, isNew: false };
    }
  }

  async #settle(meeting: MeetingId, findings: Findings): Promise<Whole> {
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const found = await this.#options.records.placement(meeting);
      const was = found.value;
      if (found.revision !== ABSENT && was === undefined) {
        throw new ZonecastError('badRecord', 'The record of where this meeting is cannot be read.');
      }
      const gone = was?.root == null ? [] : await this.#gone(was, findings);
      if (was?.root != null && gone.length === 0) {
        this.see(meeting, was);
        return { placement: was, isNew: false };
      }
      const rest = was?.root == null ? undefined : this.#reroot(meeting, was, gone);
      const next = rest ?? this.#placeAnew(meeting, was, findings);
      let isWritten = false;
      try {
        isWritten = await this.#swap(meeting, next, found);
      } finally {
        const { capacity, nowMs } = this.#options.routers;
        if (!isWritten && next.root !== null) capacity.forgetExpected(nowMs, meeting, next.root);
      }
      if (!isWritten) continue;
      if (rest === undefined) this.#untouched.set(meeting, next.epoch);
      return { placement: next, isNew: rest === undefined };
    }
    throw overrun();
  }

  /** Routers of the placement that may be gone. */
  #suspects(placement: MeetingPlacement, { over }: Findings): RouterId[] {
    const isSuspect = (router: RouterId): boolean =>
      !this.#options.routers.has(router) || (over?.get(router) ?? 0) >= placement.epoch;
    return [...new Set(placesOf(placement).map(({ router }) => router))].filter(isSuspect);
  }

  /**
   * A place is taken from a router only when the epoch is over there, or the router is gone for the whole zone: one that
   * merely does not answer us may have people in it. Throws ZonecastError `noRouter` when no place is left to join at.
   */
  async #gone(placement: MeetingPlacement, findings: Findings): Promise<RouterId[]> {
    const suspects = this.#suspects(placement, findings);
    const isOver = (router: RouterId): boolean => (findings.over?.get(router) ?? 0) >= placement.epoch;
    const answers = await Promise.all(suspects.map(async (router) => isOver(router) || (await this.isGone(router))));
    const gone = suspects.filter((_, index) => answers[index]);
    const isReachable = placesOf(placement).some(({ router }) => !suspects.includes(router));
    if (gone.length > 0 || isReachable) return gone;
    const message = 'The server that carries this meeting does not answer.';
    throw new ZonecastError('noRouter', message, { retryAfterMs: RETRY_MS });
  }

  /** What is left without these routers; undefined when that is nothing. */
  #reroot(meeting: MeetingId, was: MeetingPlacement, gone: readonly RouterId[]): MeetingPlacement | undefined {
    const left = placesOf(was).filter(({ router }) => !gone.includes(router));
    if (left.length === 0) return undefined;
    const { capacity, nowMs } = this.#options.routers;
    const decision = rerootTree(capacity, this.#tree(meeting, was), (router) => gone.includes(router), nowMs);
    if (decision.outcome === 'refused') throw noRoom(decision);
    capacity.expect(nowMs, meeting, decision.place, decision.people, decision.reservations);
    this.#explain(meeting, 'meeting joined up anew', decision);
    return withTree(was, decision.tree, was.epoch + 1);
  }

  /** On the router it was on if that has room, or another; always under a new epoch. */
  #placeAnew(meeting: MeetingId, was: MeetingPlacement | undefined, { over, failed }: Findings): MeetingPlacement {
    const { capacity, nowMs } = this.#options.routers;
    const previous = was?.root?.router;
    const request = { meeting, nowMs, previous, ...(failed === undefined ? {} : { failed }) };
    const people = was === undefined ? 0 : peopleIn(this.#tree(meeting, was));
    const isLarge = people > capacity.policy.expectedPeople;
    const forAll = isLarge ? placeMeeting(capacity, { ...request, people }) : undefined;
    const isForAll = forAll?.outcome === 'placed' && forAll.media === 'full';
    const decision = isForAll ? forAll : insist(capacity, nowMs, () => placeMeeting(capacity, request));
    this.#explain(meeting, 'meeting placed', decision);
    if (decision.outcome === 'refused') throw noRoom(decision);
    capacity.expect(nowMs, meeting, decision.place, decision.people, decision.reservations);
    const epoch = Math.max(was?.epoch ?? 0, ...(over?.values() ?? [])) + 1;
    return placedAnew(was, decision.place, epoch);
  }

  /** Where there is nothing to decide: one place, on a router whose room is not known yet. */
  #onlyPlace(placement: MeetingPlacement): WorkerPlace | undefined {
    const { capacity, nowMs } = this.#options.routers;
    const { root, branches } = placement;
    if (root === null || branches.length > 0 || capacity.router(root.router) !== undefined) return undefined;
    capacity.countJoin(nowMs, root.router);
    return root;
  }

  #placeJoin(
    meeting: MeetingId,
    placement: MeetingPlacement,
    who: string,
    findings: Findings,
    at: Destination | undefined,
  ): PlacedDecision {
    const { capacity, nowMs } = this.#options.routers;
    const avoid = (place: TreePlace): Reason | undefined => {
      return at !== undefined && !isAsked(at, place) ? 'notAsked' : this.#whyNobody(placement, place, findings);
    };
    const tree = this.#tree(meeting, placement);
    const decision = insist(capacity, nowMs, () => placeJoin(capacity, tree, { nowMs, who, avoid, at }));
    if (decision.outcome === 'placed') return decision;
    this.#explain(meeting, 'join refused', decision);
    throw noRoom(decision);
  }

  /** Why nobody may come to a place that the meeting has; undefined when one may. */
  #whyNobody({ leaving }: MeetingPlacement, place: TreePlace, { failed, full }: Findings): Reason | undefined {
    if (failed?.has(place.router)) return 'failed';
    if (full?.some((each) => isSamePlace(each, place))) return 'full';
    if (!this.#options.routers.has(place.router)) return 'lost';
    return leaving.some((each) => isSamePlace(each, place)) ? 'draining' : undefined;
  }

  /** undefined when another was faster; then nothing is promised any more. */
  async #growFor(
    meeting: MeetingId,
    placement: MeetingPlacement,
    who: string,
    decision: PlacedDecision,
  ): Promise<MeetingPlacement | undefined> {
    const growing = this.#grow(meeting, placement, decision).finally(() => this.#growing.delete(meeting));
    this.#growing.set(meeting, growing);
    let grown: MeetingPlacement | undefined;
    try {
      grown = await growing;
    } finally {
      if (grown === undefined) {
        const { capacity, nowMs } = this.#options.routers;
        this.settled(meeting, who, false);
        capacity.forgetExpected(nowMs, meeting, decision.place);
      }
    }
    return grown;
  }

  async #grow(
    meeting: MeetingId,
    placement: MeetingPlacement,
    decision: PlacedDecision,
  ): Promise<MeetingPlacement | undefined> {
    const found = await this.#options.records.placement(meeting);
    const { value } = found;
    const isSame = value?.epoch === placement.epoch && value.version === placement.version;
    if (!isSame) {
      if (value !== undefined) this.see(meeting, value);
      return undefined;
    }
    this.#explain(meeting, 'meeting grows', decision);
    const next = withTree(placement, decision.tree, placement.epoch);
    return (await this.#swap(meeting, next, found)) ? next : undefined;
  }

  async #swap(meeting: MeetingId, next: MeetingPlacement, found: Lookup<MeetingPlacement>): Promise<boolean> {
    try {
      await this.#options.records.putPlacement(meeting, next, found.revision);
    } catch (error) {
      if (error instanceof ZonecastError && error.code === 'revisionConflict') return false;
      throw error;
    }
    this.see(meeting, next);
    return true;
  }

  #tree(meeting: MeetingId, placement: MeetingPlacement): MeetingTree {
    const coming = (place: WorkerPlace): number => this.#coming.count(meeting, place);
    return toTree(meeting, placement, this.#options.people(meeting), coming);
  }

  #explain(meeting: MeetingId, words: string, { explanation }: Decision): void {
    this.#options.log.info({ meeting, why: describeExplanation(explanation) }, words);
  }
}

/**
 * What a failed join tells about where the meeting is; undefined when another attempt makes no sense. `isUntouched`: as
 * Placements.isUntouched says now.
 */
export function afterFailedJoin(
  findings: Findings,
  placed: Placed,
  isUntouched: boolean,
  error: unknown,
): Findings | undefined {
  if (!(error instanceof ZonecastError)) return undefined;
  const { placement, router, worker } = placed;
  const over = new Map(findings.over).set(router, placement.epoch);
  // With its worker or router, while he was on his way; what is lost for all is seen otherwise.
  if (error.code === 'meetingLost') return findings;
  if (error.code === 'staleEpoch') return { ...findings, over };
  if (error.code === 'workerFull') return { ...findings, full: [...(findings.full ?? []), { router, worker }] };
  if (error.code !== 'noRouter') return undefined;
  const failed = new Set(findings.failed).add(router);
  if (placement.branches.length > 0) return { ...findings, failed };
  // Where people may be in it, the meeting stays, whether its router answers us or not.
  return isUntouched ? { over, failed } : undefined;
}

function noRoom({ why, retryAfterMs }: RefusedDecision): ZonecastError {
  if (why === 'joinRate') {
    return new ZonecastError('rateLimited', 'Many people are joining at once. Wait a moment.', { retryAfterMs });
  }
  return new ZonecastError('noRouter', 'There is no room for this meeting at the moment.', { retryAfterMs });
}

function overrun(): ZonecastError {
  return new ZonecastError('noRouter', 'The meeting could not be placed. Try again.', { retryAfterMs: RETRY_MS });
}
