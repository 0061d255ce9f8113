/**
 * People whom no router has, because their place was lost a moment ago, and who come back to a controller that had nothing
 * to do with them: theirs is gone as well. What is left of the meeting still shows them for a while; of a meeting that was
 * only on the router that is lost, nothing is left, and their token has to do. It does not let in again who is known to have
 * left, or was made to. So it is with people of another zone that is gone, or to be emptied.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import { RecentSet } from '../../common/recent-set.ts';
import { placesOf } from '../placement/placement-tree.ts';
import type { Placements } from '../placement/placements.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Carried } from './meeting-roster.ts';
import type { PeopleAt, RouterCommands } from './router-commands.ts';
import type { Stay } from './session-tokens.ts';

/** For a client to find out that its controller is gone, too, and to reach another. */
const STRANDED_MS = 30_000;
/** Of those whose stay has ended here, so many are remembered. */
const MAX_ENDED = 20_000;

export interface StrandedOptions {
  /** This zone. */
  readonly own: ZoneId;
  readonly meetings: LiveMeetings;
  readonly placements: Pick<Placements, 'find'>;
  readonly commands: Pick<RouterCommands, 'people'>;
  /** For how long a router has been lost; undefined when it is not, or was long ago. */
  readonly lostForMs: (router: RouterId) => number | undefined;
}

export class Stranded {
  readonly #options: StrandedOptions;
  /** Meeting and participant: the same one may be in a meeting and in its rooms. */
  readonly #ended = new RecentSet<string>(MAX_ENDED);

  constructor(options: StrandedOptions) {
    this.#options = options;
  }

  /** His stay is over, whatever becomes of the router that he was on. */
  end(meeting: MeetingId, participant: ParticipantId): void {
    this.#ended.add(`${meeting} ${participant}`);
  }

  /** He is in it, perhaps again. */
  begin(meeting: MeetingId, participant: ParticipantId): void {
    this.#ended.delete(`${meeting} ${participant}`);
  }

  /** The meeting with everybody of whom anything is known, and his name; undefined when his stay is over. */
  async find(
    stay: Stay & { readonly zone: ZoneId },
  ): Promise<{ readonly meeting: LiveMeeting; readonly name: string } | undefined> {
    const { meetings } = this.#options;
    const { participant } = stay;
    if (this.#ended.has(`${stay.meeting} ${participant}`)) return undefined;
    const here = meetings.get(stay.meeting);
    const known = here?.roster.isAwaited(participant) ? here.roster.get(participant) : undefined;
    if (here !== undefined && known !== undefined) return { meeting: here, name: known.name };
    const answers = await this.#ask(stay.meeting);
    if (answers.some(({ left }) => left.includes(participant))) return undefined;
    const people = answers.flatMap((answer) => answer.people);
    const self = people.find(({ entry }) => entry.participant === participant) ?? this.#byToken(stay);
    if (self === undefined) return undefined;
    const meeting = meetings.at(stay.meeting);
    const away = { ...self, entry: { ...self.entry, connected: false } };
    meeting.expect([away, ...people.filter(({ entry }) => entry.participant !== participant)]);
    return { meeting, name: self.entry.name };
  }

  /** Its routers, as far as they answer. */
  async #ask(meeting: MeetingId): Promise<PeopleAt[]> {
    const { placements, commands } = this.#options;
    const placement = await placements.find(meeting);
    const routers = new Set(placement === undefined ? [] : placesOf(placement).map(({ router }) => router));
    const answers = [...routers].map(async (router) => {
      try {
        return await commands.people(router, meeting);
      } catch (error) {
        if (error instanceof ZonecastError) return { people: [], left: [] };
        throw error;
      }
    });
    return Promise.all(answers);
  }

  /** Of another zone, whether that is gone has been decided (which-zone.ts). */
  #byToken({ zone, participant, router, name }: Stay & { readonly zone: ZoneId }): Carried | undefined {
    const entry = { participant, name, live: [], connected: false };
    // The cast: so routers of other zones are named everywhere.
    if (zone !== this.#options.own) return { entry, router: `${zone}/${router}` as RouterId };
    const isLately = (this.#options.lostForMs(router) ?? Number.POSITIVE_INFINITY) <= STRANDED_MS;
    return isLately ? { entry, router } : undefined;
  }
}
