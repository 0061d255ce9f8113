/** How placement would decide at this moment. Asks what a join would ask, and promises nothing to any worker. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { ExplainRequest__Output } from '../../proto/gen/zonecast/admin/v1/ExplainRequest.ts';
import type { Explanation as WireExplanation } from '../../proto/gen/zonecast/admin/v1/Explanation.ts';
import type { NewMeeting__Output } from '../../proto/gen/zonecast/admin/v1/NewMeeting.ts';
import type { Place } from '../../proto/gen/zonecast/admin/v1/Place.ts';
import type { Decision } from '../placement/decision.ts';
import { describeExplanation, REASON_WORDS } from '../placement/explanation.ts';
import type { MeetingTree } from '../placement/meeting-tree.ts';
import { placeJoin } from '../placement/place-join.ts';
import { placeMeeting } from '../placement/place-meeting.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { type Descriptions, describe, placesIn } from './router-questions.ts';
import { toPlaces, type ZoneReport } from './zone-report.ts';

/** Where a meeting that is nowhere goes depends on its number only among routers that are loaded alike. */
const ANY_MEETING = 'any' as MeetingId;
const MAX_PEOPLE = 10_000;

export interface ExplainOptions {
  readonly mirror: Pick<ZoneMirror, 'definitions' | 'placements'>;
  readonly directory: RouterDirectory;
  readonly report: ZoneReport;
}

/** @throws ZonecastError `noSuchMeeting`, or `badMessage` when nothing is asked */
export async function explain(
  options: ExplainOptions,
  { meeting, newMeeting }: ExplainRequest__Output,
): Promise<WireExplanation> {
  if (newMeeting) return explainNew(options, newMeeting);
  if (meeting === undefined || meeting === '') throw new ZonecastError('badMessage', 'No question was asked.');
  return explainMeeting(options, meeting as MeetingId); // a key to look for
}

function explainNew({ directory, report }: ExplainOptions, asked: NewMeeting__Output): WireExplanation {
  const { people, tolerate, near } = asked;
  if (people > MAX_PEOPLE) throw new ZonecastError('badMessage', `A meeting has at most ${MAX_PEOPLE} people.`);
  const decision = placeMeeting(directory.capacity, {
    meeting: ANY_MEETING,
    nowMs: directory.nowMs,
    near,
    ...(people === 0 ? {} : { people }),
    ...(tolerate === '' ? {} : { tolerate }),
  });
  return toWire(decision, [], report);
}

async function explainMeeting(
  { mirror, directory, report }: ExplainOptions,
  meeting: MeetingId,
): Promise<WireExplanation> {
  const placement = mirror.placements.get(meeting);
  if (placement === undefined && !mirror.definitions.has(meeting)) {
    throw new ZonecastError('noSuchMeeting', `There is no meeting "${meeting}".`);
  }
  const { capacity, nowMs } = directory;
  if (placement?.root == null) return toWire(placeMeeting(capacity, { meeting, nowMs }), [], report);
  const answers = await describe(directory, new Map([[meeting, placement]]), false);
  const tree = treeOf(meeting, placement, answers);
  return toWire(placeJoin(capacity, tree, { nowMs, who: '' }), toPlaces(meeting, placement, answers), report);
}

/** With the people that routers have just said are there. */
export function treeOf(meeting: MeetingId, placement: MeetingPlacement, answers: Descriptions): MeetingTree {
  const counts = toPlaces(meeting, placement, answers);
  const places = placesIn(placement).map((place, index) => ({
    router: place.router,
    worker: place.worker,
    parent: index === 0 ? undefined : (placement.branches[index - 1]?.parent ?? 0),
    people: counts[index]?.participants ?? 0,
  }));
  return { meeting, places, changedMs: 0 };
}

function toWire(decision: Decision, places: Place[], report: ZoneReport): WireExplanation {
  const { explanation } = decision;
  const common = {
    text: describeExplanation(explanation),
    question: explanation.question,
    places,
    people: explanation.demand.participants,
    packetsPerSecond: explanation.demand.packetsPerSecond,
    candidates: explanation.verdicts.map(({ router, worker, load, reason }) => ({
      router,
      words: REASON_WORDS[reason],
      reason,
      ...(worker === undefined ? {} : { worker }),
      ...(load === undefined ? {} : { load }),
    })),
    others: { ...explanation.others },
    routers: report.routerStates(),
  };
  if (decision.outcome === 'refused') {
    return { ...common, refusal: decision.why, retryAfterMs: decision.retryAfterMs };
  }
  const { router, worker } = decision.place;
  return { ...common, chosen: { router, worker }, media: decision.media };
}
