/** The meetings that this controller has people in. Each is a copy; all could be forgotten and made again. */
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Placed } from '../placement/placements.ts';
import { LiveMeeting } from './live-meeting.ts';

export class LiveMeetings {
  readonly #meetings = new Map<MeetingId, LiveMeeting>();
  readonly #superseded: (meeting: LiveMeeting) => void;

  /** `superseded`: the meeting is placed anew, and its people here are still where it was. */
  constructor(superseded: (meeting: LiveMeeting) => void) {
    this.#superseded = superseded;
  }

  get all(): Iterable<LiveMeeting> {
    return this.#meetings.values();
  }

  get(meeting: MeetingId): LiveMeeting | undefined {
    return this.#meetings.get(meeting);
  }

  on(router: RouterId): LiveMeeting[] {
    return [...this.#meetings.values()].filter(({ placed }) => placed.router === router);
  }

  /** The meeting where it is placed. When a later placement is known, it is that one. */
  at(id: MeetingId, placed: Placed): LiveMeeting {
    this.placed(id, placed.epoch);
    const present = this.#meetings.get(id);
    if (present !== undefined) return present;
    const meeting = new LiveMeeting(id, placed);
    this.#meetings.set(id, meeting);
    return meeting;
  }

  /** It has become known that the meeting is placed under this epoch. */
  placed(id: MeetingId, epoch: number): void {
    const present = this.#meetings.get(id);
    if (present === undefined || present.placed.epoch >= epoch) return;
    this.#superseded(present);
    this.delete(present);
  }

  /** To be called when somebody is out: a meeting with nobody here is forgotten. */
  settle(meeting: LiveMeeting): void {
    if (meeting.isUnused) this.delete(meeting);
  }

  delete(meeting: LiveMeeting): void {
    meeting.close();
    if (this.#meetings.get(meeting.id) === meeting) this.#meetings.delete(meeting.id);
  }
}
