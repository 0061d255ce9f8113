/**
 * What the state of a meeting means for those whom this router serves: controllers are told of it, and what a host has
 * ordered is done here. Rules and rights are the state's.
 */
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { LeaveOrder } from '../media/meeting-registry.ts';
import type { SourceKind } from '../media/negotiated.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { StateListener } from './meeting-states.ts';
import type { StateChange } from './state/meeting-node.ts';
import type { MeetingState } from './state/meeting-state.ts';
import type { Notice } from './state/notices.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface StateOrdersOptions {
  readonly meetings: Pick<LiveMeetings, 'get' | 'settle'>;
  readonly pool: Pick<WorkerPool, 'mute' | 'leave'>;
  /** Says to the state that he is not with this router any more. */
  readonly leave: (meeting: MeetingId, participant: ParticipantId) => void;
  /** As states name this router. */
  readonly router: () => RouterId | undefined;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export class StateOrders implements StateListener {
  readonly #options: StateOrdersOptions;

  constructor(options: StateOrdersOptions) {
    this.#options = options;
  }

  whole(meeting: MeetingId, state: MeetingState, notices: readonly Notice[]): void {
    const live = this.#options.meetings.get(meeting);
    if (live === undefined) return;
    live.state.set(state, notices);
    for (const participant of live.participants) rename(live, participant, state);
    for (const notice of notices) this.#obey(live, state, notice);
  }

  changed(meeting: MeetingId, { after, changes, notices }: StateChange): void {
    const live = this.#options.meetings.get(meeting);
    if (live === undefined) return;
    live.state.change(after, changes, notices);
    for (const change of changes) if (change.type === 'person') rename(live, change.participant, after);
    for (const notice of notices) this.#obey(live, after, notice);
  }

  /** The other notices are for controllers. */
  #obey(live: LiveMeeting, state: MeetingState, notice: Notice): void {
    switch (notice.type) {
      case 'mute':
        this.mute(live, notice.participant, notice.source);
        break;
      case 'muteAll':
        for (const participant of live.participants) {
          if (state.people.get(participant)?.role === 'participant') this.mute(live, participant, 'microphone');
        }
        break;
      case 'removed':
        if (notice.from === undefined) this.#takeOut(live, notice.participant, 'removed');
        break;
      case 'admitted':
      case 'refused':
        if (notice.router === this.#options.router()) this.#judge(live, notice.participant, notice.type);
        break;
      case 'ended':
        this.#end(live);
        break;
    }
  }

  /** A source of somebody who is here, or comes. */
  mute(live: LiveMeeting, participant: ParticipantId, source: SourceKind): void {
    if (!live.has(participant)) return;
    this.#options.pool.mute(participant, source, true);
    live.setMuted(participant, source, true);
  }

  #takeOut(live: LiveMeeting, participant: ParticipantId, cause: LeaveOrder): void {
    const { guests } = live.state;
    if (live.has(participant)) this.#options.pool.leave(participant, cause);
    else if (guests.isLost(participant) || guests.get(participant)?.isAsking === false) {
      guests.delete(participant);
      this.#options.leave(live.id, participant);
      this.#options.meetings.settle(live);
    }
  }

  #judge(live: LiveMeeting, participant: ParticipantId, verdict: 'admitted' | 'refused'): void {
    const { guests } = live.state;
    const guest = guests.get(participant);
    if (guest === undefined) {
      // He is gone, and the state does not know it yet. Somebody whose media is here is looked after by that.
      if (!live.has(participant)) this.#options.leave(live.id, participant);
      return;
    }
    if (verdict === 'admitted') guests.admit(guest, this.#options.now());
    else guest.verdict = 'refused';
    // Who is just asking gets it as the answer.
    if (guest.isAsking) return;
    live.state.endWaiting(participant, guest.home, verdict === 'admitted');
    if (verdict === 'admitted') return;
    guests.delete(participant);
    this.#options.leave(live.id, participant);
    this.#options.meetings.settle(live);
  }

  #end(live: LiveMeeting): void {
    for (const participant of live.state.sendGuestsAway('meetingEnded')) this.#options.leave(live.id, participant);
    for (const participant of live.participants) this.#options.pool.leave(participant, 'meetingEnded');
    this.#options.meetings.settle(live);
  }
}

function rename(live: LiveMeeting, participant: ParticipantId, { people }: MeetingState): void {
  const name = people.get(participant)?.name;
  if (name !== undefined) live.rename(participant, name);
}
