/** The meetings that this controller has people in. Each is a copy; all could be forgotten and made again. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import { type MeetingStart, startAgain } from '../../mmr/control/state/meeting-state.ts';
import { LastStates } from './last-states.ts';
import { LiveMeeting } from './live-meeting.ts';
import type { PlaceMirror } from './place-mirror.ts';

export class LiveMeetings {
  readonly #meetings = new Map<MeetingId, LiveMeeting>();
  readonly #lastStates: LastStates;
  readonly #isAway: (router: RouterId, meeting: MeetingId) => boolean;
  readonly #now: () => number;

  /**
   * `isAway`: whether people of a router are awaited elsewhere, because it is lost or the meeting is not there any more.
   * `now`: monotonic, milliseconds.
   */
  constructor(isAway: (router: RouterId, meeting: MeetingId) => boolean, now: () => number) {
    this.#lastStates = new LastStates(now);
    this.#isAway = isAway;
    this.#now = now;
  }

  /**
   * With what the meeting is to begin on a router if no router knows it: as it was a moment ago, or as planned.
   *
   * @param isSilent whether a router that has told it cannot be asked
   */
  startOf(meeting: LiveMeeting, planned: MeetingStart, isSilent: (router: RouterId) => boolean): MeetingStart {
    if (meeting.stateBy((router) => !isSilent(router)) !== undefined) return planned;
    const last = meeting.stateBy(isSilent);
    return last === undefined || last.ended ? this.#lastStates.startOf(meeting.id, planned) : startAgain(last);
  }

  get all(): Iterable<LiveMeeting> {
    return this.#meetings.values();
  }

  get(meeting: MeetingId): LiveMeeting | undefined {
    return this.#meetings.get(meeting);
  }

  /** Its mirrors of that router. */
  on(router: RouterId): { readonly meeting: LiveMeeting; readonly mirror: PlaceMirror }[] {
    return [...this.#meetings.values()].flatMap((meeting) => {
      const mirror = meeting.mirror(router);
      return mirror === undefined ? [] : [{ meeting, mirror }];
    });
  }

  /** The meeting; `settle` must follow when nobody comes. */
  at(id: MeetingId): LiveMeeting {
    const present = this.#meetings.get(id);
    if (present !== undefined) return present;
    const meeting: LiveMeeting = new LiveMeeting(id, {
      isAway: (router) => this.#isAway(router, id),
      stateLost: (state) => this.#lastStates.keep(id, state),
      idle: () => this.settle(meeting),
      now: this.#now,
    });
    this.#meetings.set(id, meeting);
    return meeting;
  }

  /** To be called when somebody is out: a meeting with nobody here is forgotten. */
  settle(meeting: LiveMeeting): void {
    meeting.settle();
    if (meeting.isUnused) this.delete(meeting);
  }

  delete(meeting: LiveMeeting): void {
    meeting.close();
    if (this.#meetings.get(meeting.id) === meeting) this.#meetings.delete(meeting.id);
  }
}
