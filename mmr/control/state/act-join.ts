/** People who come and go, as their routers say. */
import type { ParticipantId, RouterId } from '../../../common/ids.ts';
import { admitWaiting } from './act-waiting.ts';
import type { Newcomer, Returner, RouterAct } from './acts.ts';
import { applyChanges, type Change } from './changes.ts';
import { type ActContext, changed, type Decision, decided, NOTHING, refused } from './decision.ts';
import { MAX_PEOPLE, MAX_WAITING } from './limits.ts';
import { hostOf, isHost, type MeetingState, type Person, type Role } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { REFUSALS } from './refusal.ts';

type Of<Type> = Extract<RouterAct, { type: Type }>;

export function join(state: MeetingState, act: Of<'join'>, context: ActContext): Decision {
  const { participant, router, returning, role } = act;
  const known = state.people.get(participant);
  if (known !== undefined) return decided(arrived(state, participant, known, router));
  if (state.removed.includes(participant)) return refused(REFUSALS.outside);
  if (!returning && role === 'participant') {
    if (state.waiting.has(participant)) return wait(state, act, context);
    if (state.settings.locked) return refused(REFUSALS.locked);
    if (mustWait(state)) return wait(state, act, context);
  }
  return come(state, act, context);
}

/** Those who are with a router already, and unknown here: the rest of the meeting has been away from them, or they from it. */
export function rejoin(state: MeetingState, act: Of<'rejoin'>, context: ActContext): Decision {
  const changes: Change[] = [];
  const notices: Notice[] = [];
  // Few have to do with each other; a state for each of many would take long.
  let next = state;
  let behind: Change[] = [];
  const seen = new Set<ParticipantId>();
  for (const returner of act.people) {
    if (seen.has(returner.participant) || next.people.size + behind.length >= MAX_PEOPLE) continue;
    seen.add(returner.participant);
    if (concernsOthers(next, returner)) {
      next = applyChanges(next, behind, context.stamp);
      behind = [];
    }
    const decision = rejoinOne(next, returner, act.router, context);
    if ('refusal' in decision) continue;
    changes.push(...decision.changes);
    notices.push(...decision.notices);
    behind.push(...decision.changes);
  }
  return decided(changes, notices);
}

export function leave(state: MeetingState, { participants, router, room }: Of<'leave'>): Decision {
  const gone: ParticipantId[] = [];
  const changes: Change[] = [];
  const isServed = (by: RouterId | undefined) => by === router;
  const notWaiting = participants.filter((each) => {
    const entry = state.waiting.get(each);
    return entry !== undefined && isServed(entry.router);
  });
  if (notWaiting.length > 0) changes.push({ type: 'notWaiting', participants: notWaiting });
  for (const participant of participants) {
    const person = state.people.get(participant);
    if (person === undefined || !isServed(person.router)) continue;
    if (room === undefined) gone.push(participant);
    else changes.push(...changed(participant, person, { router: undefined, room, away: undefined, hand: undefined }));
  }
  if (gone.length > 0) changes.push({ type: 'left', participants: gone }, ...succession(state, new Set(gone)));
  return decided(changes);
}

/** The meeting without a host: the co-host who has been there longest becomes it. */
export function succession(state: MeetingState, gone: ReadonlySet<ParticipantId>): Change[] {
  const host = hostOf(state);
  if (host !== undefined && !gone.has(host)) return [];
  let heir: readonly [ParticipantId, Person] | undefined;
  for (const [participant, person] of state.people) {
    if (person.role !== 'cohost' || gone.has(participant)) continue;
    if (heir === undefined || person.since < heir[1].since) heir = [participant, person];
  }
  return heir === undefined ? [] : changed(heir[0], heir[1], { role: 'host' });
}

function rejoinOne(state: MeetingState, returner: Returner, router: RouterId, context: ActContext): Decision {
  const { participant, controller, waiting } = returner;
  if (!waiting) return join(state, { ...returner, type: 'join', router, returning: true }, context);
  if (state.removed.includes(participant)) return refused(REFUSALS.outside);
  if (state.people.has(participant)) return NOTHING;
  if (mustWait(state)) return wait(state, { ...returner, router }, context);
  const came = come(state, { ...returner, router }, context);
  if ('refusal' in came) return came;
  return decided(came.changes, [...came.notices, { type: 'admitted', participant, router, controller }]);
}

/** What becomes of him goes by what the act has changed already, or counts for the others. */
function concernsOthers({ people, waiting }: MeetingState, { participant, role, ...returner }: Returner): boolean {
  return returner.waiting || role !== 'participant' || waiting.has(participant) || isHost(people.get(participant));
}

function mustWait(state: MeetingState): boolean {
  const { waitingRoom, joinBeforeHost } = state.settings;
  return waitingRoom || (!joinBeforeHost && hostOf(state) === undefined);
}

/** He is with this router now. Who comes back from a room is not assigned to it any more. */
function arrived(state: MeetingState, participant: ParticipantId, person: Person, router: RouterId): Change[] {
  const changes = changed(participant, person, { router, room: undefined, away: undefined });
  const isAssigned = state.rooms.some(({ assigned }) => assigned.includes(participant));
  return person.room === undefined || !isAssigned ? changes : [...changes, { type: 'assigned', participant }];
}

function wait(state: MeetingState, act: Newcomer & { router: RouterId }, { unixMs }: ActContext): Decision {
  const { participant, name, controller, router } = act;
  const before = state.waiting.get(participant);
  const entry = { name, sinceMs: before?.sinceMs ?? unixMs, controller, router };
  const isSame = before?.controller === controller && before.router === router && before.name === name;
  if (isSame) return NOTHING;
  if (before === undefined && state.waiting.size >= MAX_WAITING) return refused(REFUSALS.waitingFull);
  return decided([{ type: 'waiting', participant, entry }]);
}

function come(
  state: MeetingState,
  act: Newcomer & { router: RouterId; returning?: boolean },
  context: ActContext,
): Decision {
  if (state.people.size >= MAX_PEOPLE) return refused(REFUSALS.full);
  const { participant, name, router } = act;
  const host = hostOf(state);
  const role = roleOf(act, host !== undefined, state.main !== undefined);
  const changes: Change[] = [];
  if (state.waiting.has(participant)) changes.push({ type: 'notWaiting', participants: [participant] });
  if (role === 'host') changes.push(...stepDown(state));
  changes.push({ type: 'person', participant, person: { name, role, since: context.stamp.version, router } });
  if (host !== undefined || role !== 'host' || state.settings.waitingRoom) return decided(changes);
  // Those who waited for a host.
  const others = [...state.waiting.keys()].filter((each) => each !== participant);
  const admitted = admitWaiting(state, others, context, 1);
  return 'refusal' in admitted ? admitted : decided([...changes, ...admitted.changes], admitted.notices);
}

/**
 * Who returns does not take the place of a host whom others have by now; but in a room, the meeting's host is nobody's
 * co-host. A co-host without a host is one.
 */
function roleOf({ role, returning }: { role: Role; returning?: boolean }, hasHost: boolean, isRoom: boolean): Role {
  if (role === 'participant') return role;
  if (!hasHost) return 'host';
  return role === 'host' && (isRoom || returning !== true) ? 'host' : 'cohost';
}

/** There is one host: the present one becomes a co-host. */
export function stepDown(state: MeetingState): Change[] {
  const host = hostOf(state);
  const person = host === undefined ? undefined : state.people.get(host);
  return host === undefined || person === undefined ? [] : changed(host, person, { role: 'cohost' });
}
