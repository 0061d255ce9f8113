/**
 * What is left of a meeting when routers are lost: the places elsewhere go on and are joined up again; if there are
 * none, the meeting starts anew. Those who were on lost routers come back one by one, as joins.
 */
import type { RouterId } from '../../common/ids.ts';
import type { Decision, PlacedDecision } from './decision.ts';
import { Verdicts } from './explanation.ts';
import { type MeetingTree, peopleIn, withoutPlaces, withPeople } from './meeting-tree.ts';
import { placeMeeting } from './place-meeting.ts';
import { addedDemands } from './tree-room.ts';
import type { ZoneCapacity } from './zone-capacity.ts';

/** The tree has those people in it who are still there. `place` is the root. To be told to `capacity.expect`; nobody joins yet. */
export function rerootTree(
  capacity: ZoneCapacity,
  tree: MeetingTree,
  isLost: (router: RouterId) => boolean,
  nowMs: number,
): Decision {
  // One that nothing is known of may merely not have been heard of yet.
  const rest = withoutPlaces(tree, ({ router }) => !isLost(router), nowMs);
  return rest === undefined ? startAnew(capacity, tree, nowMs) : joinedUp(capacity, tree, rest);
}

function joinedUp(capacity: ZoneCapacity, tree: MeetingTree, rest: MeetingTree): PlacedDecision {
  const [root] = rest.places;
  if (root === undefined) throw new Error('a tree without a root');
  const verdicts = new Verdicts();
  for (const [index, { router, worker }] of rest.places.entries()) {
    verdicts.add(router, worker, undefined, index === 0 ? 'chosen' : 'notNeeded');
  }
  const reservations = addedDemands(tree, rest, capacity.policy.media);
  const demand = { participants: peopleIn(rest), packetsPerSecond: 0 };
  const explanation = verdicts.explain('root of what is left', demand);
  return { outcome: 'placed', place: root, media: 'full', tree: rest, people: 0, reservations, explanation };
}

/** With room for all of them, or, if no worker has that, for a few: the others then make it grow. */
function startAnew(capacity: ZoneCapacity, tree: MeetingTree, nowMs: number): Decision {
  const request = { meeting: tree.meeting, nowMs };
  const forAll = placeMeeting(capacity, { ...request, people: Math.max(1, peopleIn(tree)) });
  const isRoomForAll = forAll.outcome === 'placed' && forAll.media === 'full';
  const decision = isRoomForAll ? forAll : placeMeeting(capacity, request);
  return decision.outcome === 'placed' ? { ...decision, tree: withPeople(decision.tree, 0, -1) } : decision;
}
