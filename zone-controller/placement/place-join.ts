/**
 * Where somebody goes who joins a meeting that is placed: to the root while it has room, to the least loaded branch that
 * has, and only then to a new branch. A large meeting branches out a little earlier.
 */
import { type Decision, type PlacedDecision, retryAfterMs } from './decision.ts';
import { type Reason, Verdicts } from './explanation.ts';
import { type Growth, growTree } from './grow-tree.ts';
import { type Demand, type MediaProfile, withoutVideo } from './meeting-cost.ts';
import { isSamePlace, type MeetingTree, peopleIn, type TreePlace, withPeople } from './meeting-tree.ts';
import { addedDemands, whyNoRoom } from './tree-room.ts';
import { differenceOf } from './worker-limits.ts';
import type { Reservation, ZoneCapacity } from './zone-capacity.ts';

export interface JoinRequest extends Growth {
  /** Anything that differs between those who ask: spreads `retryAfterMs`. */
  readonly who: string;
  /** Why nobody may come to a place that the meeting has; undefined when one may. */
  readonly avoid?: (place: TreePlace) => Reason | undefined;
}

const NOTHING: Demand = { participants: 0, packetsPerSecond: 0 };

export function placeJoin(capacity: ZoneCapacity, tree: MeetingTree, request: JoinRequest): Decision {
  const { media, whenFull } = capacity.policy;
  capacity.expire(request.nowMs);
  const decision = new JoinAttempt(capacity, tree, request, 'full', media).decide();
  if (decision.outcome === 'placed' || decision.why === 'joinRate' || whenFull === 'refuse') return decision;
  const audioOnly = new JoinAttempt(capacity, tree, request, 'audioOnly', withoutVideo(media)).decide();
  return audioOnly.outcome === 'placed' ? audioOnly : decision;
}

/** Where there would be room for pictures of somebody who has sound only, with something to spare. undefined: nowhere. */
export function placeUpgrade(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  request: JoinRequest,
): PlacedDecision | undefined {
  capacity.expire(request.nowMs);
  return new JoinAttempt(capacity, tree, request, 'full', capacity.policy.media).upgrade();
}

type Judged =
  | { readonly why: undefined; readonly demand: Demand; readonly added: readonly Reservation[] }
  | { readonly why: Reason; readonly waitMs: number };

/** With video, or without. */
class JoinAttempt {
  readonly #capacity: ZoneCapacity;
  readonly #tree: MeetingTree;
  readonly #request: JoinRequest;
  readonly #media: 'full' | 'audioOnly';
  readonly #profile: MediaProfile;
  readonly #verdicts = new Verdicts();
  #whyNoBranch: Reason = 'full';

  constructor(
    capacity: ZoneCapacity,
    tree: MeetingTree,
    request: JoinRequest,
    media: 'full' | 'audioOnly',
    profile: MediaProfile,
  ) {
    this.#capacity = capacity;
    this.#tree = tree;
    this.#request = request;
    this.#media = media;
    this.#profile = profile;
  }

  decide(): Decision {
    return this.#search() ?? this.#refuse(this.#whyNoBranch, 0);
  }

  upgrade(): PlacedDecision | undefined {
    const { upgradeBelow, expectedBranchPeople } = this.#capacity.policy;
    const decision = this.#onTree(upgradeBelow) ?? this.#onBranch(expectedBranchPeople);
    return decision?.outcome === 'placed' ? decision : undefined;
  }

  /** A branch for one is better than none. */
  #search(): Decision | undefined {
    const { largeFrom, largeFullAt, expectedBranchPeople } = this.#capacity.policy;
    const fullAt = peopleIn(this.#tree) < largeFrom ? 1 : largeFullAt;
    const better = this.#onTree(fullAt) ?? this.#onBranch(expectedBranchPeople);
    if (better !== undefined) return better;
    return (fullAt < 1 ? this.#onTree(1) : undefined) ?? this.#onBranch(1);
  }

  /** At a place that the meeting has, if that is then no fuller than `fullAt`. */
  #onTree(fullAt: number): Decision | undefined {
    let waitMs = Number.POSITIVE_INFINITY;
    for (const index of this.#inOrder()) {
      const judged = this.#judge(index, fullAt);
      if (judged.why === undefined) return this.#join(index, judged.demand, judged.added);
      if (judged.why === 'joinRate') waitMs = Math.min(waitMs, judged.waitMs);
    }
    // Many at once are no reason to spread a meeting over more workers: there is room, a moment later.
    return waitMs < Number.POSITIVE_INFINITY ? this.#refuse('joinRate', waitMs) : undefined;
  }

  #onBranch(people: number): Decision | undefined {
    const grown = growTree(this.#capacity, this.#tree, this.#request, people, this.#profile, this.#verdicts);
    if (typeof grown === 'string') {
      this.#whyNoBranch = grown;
      return undefined;
    }
    const { place, tree, demand, reservations } = grown;
    const explanation = this.#explain(demand);
    return { outcome: 'placed', place, media: this.#media, tree, people, reservations, explanation };
  }

  /** The root, then its branches, the least loaded first. */
  #inOrder(): readonly number[] {
    const { nowMs } = this.#request;
    if (this.#tree.places.length === 1) return [0];
    const loads = this.#tree.places.map(
      ({ router, worker }) => this.#capacity.router(router)?.loadWith(nowMs, worker, NOTHING) ?? 0,
    );
    const [root, ...branches] = loads.keys();
    if (root === undefined) return [];
    return [root, ...branches.sort((a, b) => (loads[a] ?? 0) - (loads[b] ?? 0) || a - b)];
  }

  /** Whether one more person fits at a place of the tree. */
  #judge(index: number, fullAt: number): Judged {
    const place = this.#tree.places[index] as TreePlace; // an index of the tree
    const { nowMs } = this.#request;
    const router = this.#capacity.router(place.router);
    const added = addedDemands(this.#tree, withPeople(this.#tree, index, 1), this.#profile);
    const expected = this.#capacity.expectedAt(this.#tree.meeting, place);
    const beyond = expected === undefined ? added : without(added, expected.reservations);
    const demand = beyond.find((item) => isSamePlace(item, place))?.demand ?? NOTHING;
    const load = router?.loadWith(nowMs, place.worker, demand) ?? Number.POSITIVE_INFINITY;
    const waitMs = router?.joins.waitMs(nowMs) ?? 0;
    const why =
      this.#request.avoid?.(place) ??
      (router === undefined ? 'lost' : router.refusesJoins(nowMs)) ??
      whyNoRoom(this.#capacity, nowMs, beyond, place) ??
      (load > fullAt ? 'keptFree' : undefined) ??
      (waitMs > 0 ? 'joinRate' : undefined);
    this.#verdicts.steps++;
    this.#verdicts.add(place.router, place.worker, load, why ?? 'kept');
    return why === undefined ? { why, demand, added } : { why, waitMs };
  }

  #join(index: number, demand: Demand, reservations: readonly Reservation[]): Decision {
    const { router, worker } = this.#tree.places[index] as TreePlace; // an index of the tree
    const tree = withPeople(this.#tree, index, 1);
    const explanation = this.#explain(demand);
    const media = this.#media;
    return { outcome: 'placed', place: { router, worker }, media, tree, people: 1, reservations, explanation };
  }

  #refuse(why: Reason, waitMs: number): Decision {
    const { who, nowMs } = this.#request;
    const spreadMs = retryAfterMs(this.#capacity.policy, this.#tree.meeting, who, nowMs);
    return {
      outcome: 'refused',
      why,
      retryAfterMs: Math.max(waitMs, spreadMs),
      explanation: this.#explain({ participants: 1, packetsPerSecond: 0 }),
    };
  }

  #explain(demand: Demand) {
    return this.#verdicts.explain(this.#media === 'full' ? 'join' : 'join, sound only', demand);
  }
}

/** What is needed beyond what is promised already. */
function without(added: readonly Reservation[], promised: readonly Reservation[]): Reservation[] {
  return added.map(({ router, worker, demand }) => {
    const covered = promised.find((item) => isSamePlace(item, { router, worker }));
    return { router, worker, demand: covered === undefined ? demand : differenceOf(demand, covered.demand) };
  });
}
