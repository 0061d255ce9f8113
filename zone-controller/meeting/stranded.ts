/**
 * People whom no router has, because their place was lost a moment ago, and who come back to a controller that had nothing
 * to do with them: theirs is gone as well. What is left of the meeting still shows them for a while; of a meeting that was
 * only on the router that is lost, nothing is left, and their token has to do.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { placesOf } from '../placement/placement-tree.ts';
import type { Placements } from '../placement/placements.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Carried } from './meeting-roster.ts';
import type { RouterCommands } from './router-commands.ts';
import type { Stay } from './session-tokens.ts';

/** For a client to find out that its controller is gone, too, and to reach another. */
const STRANDED_MS = 30_000;

export interface StrandedOptions {
  readonly meetings: LiveMeetings;
  readonly placements: Pick<Placements, 'find'>;
  readonly commands: Pick<RouterCommands, 'people'>;
  /** For how long a router has been lost; undefined when it is not, or was long ago. */
  readonly lostForMs: (router: RouterId) => number | undefined;
}

export class Stranded {
  readonly #options: StrandedOptions;

  constructor(options: StrandedOptions) {
    this.#options = options;
  }

  /** The meeting with everybody of whom anything is known, and his name; undefined when his stay is over. */
  async find(stay: Stay): Promise<{ readonly meeting: LiveMeeting; readonly name: string } | undefined> {
    const { meetings } = this.#options;
    const { participant } = stay;
    const here = meetings.get(stay.meeting);
    const known = here?.roster.isAwaited(participant) ? here.roster.get(participant) : undefined;
    if (here !== undefined && known !== undefined) return { meeting: here, name: known.name };
    const people = await this.#peopleOf(stay.meeting);
    const self = people.find(({ entry }) => entry.participant === participant) ?? this.#byToken(stay);
    if (self === undefined) return undefined;
    const meeting = meetings.at(stay.meeting);
    const away = { ...self, entry: { ...self.entry, connected: false } };
    meeting.expect([away, ...people.filter(({ entry }) => entry.participant !== participant)]);
    return { meeting, name: self.entry.name };
  }

  /** As its routers say, those included who were there a moment ago. */
  async #peopleOf(meeting: MeetingId): Promise<Carried[]> {
    const { placements, commands } = this.#options;
    const placement = await placements.find(meeting);
    const routers = new Set(placement === undefined ? [] : placesOf(placement).map(({ router }) => router));
    const answers = [...routers].map(async (router) => {
      try {
        return await commands.people(router, meeting);
      } catch (error) {
        if (error instanceof ZonecastError) return [];
        throw error;
      }
    });
    return (await Promise.all(answers)).flat();
  }

  #byToken({ participant, router, name }: Stay): Carried | undefined {
    const isLately = (this.#options.lostForMs(router) ?? Number.POSITIVE_INFINITY) <= STRANDED_MS;
    if (!isLately || name === undefined) return undefined;
    return { entry: { participant, name, live: [], connected: false }, router };
  }
}
