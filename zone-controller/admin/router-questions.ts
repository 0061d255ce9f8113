/** What only routers know: who is in their meetings. Asked of all routers at once; one that does not answer is told apart. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { DescribeReply__Output } from '../../proto/gen/zonecast/router/v1/DescribeReply.ts';
import type { MeetingDescription__Output } from '../../proto/gen/zonecast/router/v1/MeetingDescription.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';

/** What the routers of some meetings say of them. */
export class Descriptions {
  readonly #byRouter: ReadonlyMap<RouterId, ReadonlyMap<string, MeetingDescription__Output> | undefined>;

  constructor(byRouter: ReadonlyMap<RouterId, ReadonlyMap<string, MeetingDescription__Output> | undefined>) {
    this.#byRouter = byRouter;
  }

  /** undefined: the router did not answer. */
  of(router: RouterId, meeting: MeetingId): MeetingDescription__Output | 'notThere' | undefined {
    const answer = this.#byRouter.get(router);
    return answer === undefined ? undefined : (answer.get(meeting) ?? 'notThere');
  }

  /** How many of the meeting are on a router; undefined when it did not answer. */
  peopleOn(router: RouterId, meeting: MeetingId): number | undefined {
    const description = this.of(router, meeting);
    return description === 'notThere' ? 0 : description?.participants;
  }
}

/** Asks every router that has a place of these meetings. Never rejects. */
export async function describe(
  directory: Pick<RouterDirectory, 'link'>,
  meetings: ReadonlyMap<MeetingId, MeetingPlacement>,
  people: boolean,
): Promise<Descriptions> {
  const byRouter = new Map<RouterId, MeetingId[]>();
  for (const [meeting, placement] of meetings) {
    for (const { router } of placesIn(placement)) byRouter.set(router, [...(byRouter.get(router) ?? []), meeting]);
  }
  const answers = [...byRouter].map(async ([router, asked]) => [router, await ask(directory, router, asked, people)]);
  // The cast: pairs, as they are made in the line above.
  return new Descriptions(new Map((await Promise.all(answers)) as [RouterId, Awaited<ReturnType<typeof ask>>][]));
}

/** The root first. */
export function placesIn({ root, branches }: MeetingPlacement) {
  return root === null ? [] : [root, ...branches];
}

async function ask(
  directory: Pick<RouterDirectory, 'link'>,
  router: RouterId,
  asked: readonly MeetingId[],
  people: boolean,
): Promise<ReadonlyMap<string, MeetingDescription__Output> | undefined> {
  try {
    const request = { meetings: [...new Set(asked)], people };
    const { meetings } = await directory
      .link(router)
      .call<DescribeReply__Output>((client, options, done) => client.Describe(request, options, done));
    return new Map(meetings.map((each) => [each.meeting, each]));
  } catch {
    // Away, or of a release that cannot be asked: what it would have said is shown as not known.
    return undefined;
  }
}
