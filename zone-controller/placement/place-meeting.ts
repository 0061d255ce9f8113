/** Where a new meeting goes: to the least loaded worker of the zone, or back to the router it was on. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { type Decision, retryAfterMs } from './decision.ts';
import { Verdicts } from './explanation.ts';
import { findWorker } from './find-worker.ts';
import { hash32 } from './hash.ts';
import { type MediaProfile, meetingDemand, withoutVideo } from './meeting-cost.ts';
import { rootAt, type WorkerPlace } from './meeting-tree.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

export interface MeetingRequest {
  readonly meeting: MeetingId;
  readonly nowMs: number;
  /** How many to expect, and no fewer. Default: as the policy says, or whoever asks. */
  readonly people?: number;
  /** Where it was; it goes back there if there is room. */
  readonly previous?: RouterId | undefined;
  /** Routers that have just failed it. They come last. */
  readonly failed?: ReadonlySet<RouterId>;
  /** A taint: routers that have it are preferred to ordinary ones. */
  readonly tolerate?: string;
  /** Labels to be near to. */
  readonly near?: Readonly<Record<string, string>>;
}

/** The tree has one person in it, who asked. */
export function placeMeeting(capacity: ZoneCapacity, request: MeetingRequest): Decision {
  const { policy } = capacity;
  const decision = tryPlace(capacity, request, policy.media, 'full');
  if (decision.outcome === 'placed' || policy.whenFull === 'refuse') return decision;
  const audioOnly = tryPlace(capacity, request, withoutVideo(policy.media), 'audioOnly');
  return audioOnly.outcome === 'placed' ? audioOnly : decision;
}

/** For as many as are expected; if there is no room for those, for the one who asks. */
function tryPlace(
  capacity: ZoneCapacity,
  request: MeetingRequest,
  profile: MediaProfile,
  media: 'full' | 'audioOnly',
): Decision {
  const { people } = request;
  if (people !== undefined) return placeFor(people, capacity, request, profile, media);
  const decision = placeFor(capacity.policy.expectedPeople, capacity, request, profile, media);
  return decision.outcome === 'placed' ? decision : placeFor(1, capacity, request, profile, media);
}

function placeFor(
  people: number,
  capacity: ZoneCapacity,
  request: MeetingRequest,
  profile: MediaProfile,
  media: 'full' | 'audioOnly',
): Decision {
  const { meeting, nowMs, failed, tolerate, near } = request;
  const demand = meetingDemand(people, profile);
  const verdicts = new Verdicts();
  const avoid = failed?.size
    ? ({ id }: { readonly id: RouterId }) => (failed.has(id) ? ('failed' as const) : undefined)
    : undefined;
  const place =
    previousPlace(capacity, request, demand, verdicts) ??
    findWorker(capacity, { nowMs, demand, hash: hash32(meeting), tolerate, near, avoid }, verdicts);
  const explanation = verdicts.explain(media === 'full' ? 'new meeting' : 'new meeting, sound only', demand);
  if (place === undefined) {
    const wait = retryAfterMs(capacity.policy, meeting, '', nowMs);
    return { outcome: 'refused', why: 'full', retryAfterMs: wait, explanation };
  }
  const tree = rootAt(meeting, place, 1, nowMs);
  return { outcome: 'placed', place, media, tree, people, reservations: [{ ...place, demand }], explanation };
}

function previousPlace(
  capacity: ZoneCapacity,
  { previous, failed, nowMs }: MeetingRequest,
  demand: ReturnType<typeof meetingDemand>,
  verdicts: Verdicts,
): WorkerPlace | undefined {
  if (previous === undefined || failed?.has(previous)) return undefined;
  capacity.expire(nowMs);
  const router = capacity.router(previous);
  if (router?.standing !== 'open') return undefined;
  const load = router.loadWith(nowMs, router.idlest, demand);
  verdicts.add(previous, router.idlest, load, load <= 1 ? 'kept' : 'full');
  return load <= 1 ? { router: previous, worker: router.idlest } : undefined;
}
