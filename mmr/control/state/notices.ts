/** What concerns somebody at this moment and is no part of the state. It goes down the tree in order with the changes. */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type { SourceKind } from '../../media/negotiated.ts';
import type { Reaction } from './acts.ts';
import type { MeetingState } from './meeting-state.ts';

export type Notice =
  | { readonly type: 'reaction'; readonly participant: ParticipantId; readonly emoji: Reaction }
  /** His router turns the source off. */
  | { readonly type: 'mute'; readonly participant: ParticipantId; readonly source: SourceKind }
  /** Routers turn off the microphones of all who are no hosts. */
  | { readonly type: 'muteAll' }
  | { readonly type: 'askUnmute'; readonly participant: ParticipantId; readonly source: 'microphone' | 'camera' }
  /** His router ends his stay. `from`: the room where he is; a controller passes it on to there. */
  | { readonly type: 'removed'; readonly participant: ParticipantId; readonly from?: MeetingId | undefined }
  /** Of the waiting room: that router tells that controller. */
  | {
      readonly type: 'admitted' | 'refused';
      readonly participant: ParticipantId;
      readonly router: RouterId;
      readonly controller: string;
    }
  /** His controller has his client join that meeting. `from`: as above. */
  | {
      readonly type: 'goToRoom';
      readonly participant: ParticipantId;
      readonly room: MeetingId;
      readonly from?: MeetingId | undefined;
    }
  /** As 'goToRoom'. */
  | {
      readonly type: 'returnToMain';
      readonly participants: readonly ParticipantId[] | 'all';
      readonly main?: MeetingId | undefined;
      readonly from?: MeetingId | undefined;
    }
  /** The meeting will be ended in so long. */
  | { readonly type: 'endsSoon'; readonly leftMs: number }
  | { readonly type: 'ended' };

/** Whether his client hears of it. What is for the waiting is no client's in the meeting. */
export function isFor(notice: Notice, state: MeetingState, participant: ParticipantId): boolean {
  switch (notice.type) {
    case 'reaction':
    case 'endsSoon':
    case 'ended':
      return true;
    case 'muteAll':
      return state.people.get(participant)?.role === 'participant';
    case 'returnToMain':
      return notice.from === undefined && (notice.participants === 'all' || notice.participants.includes(participant));
    case 'goToRoom':
      return notice.from === undefined && notice.participant === participant;
    case 'mute':
    case 'askUnmute':
    case 'removed':
      return notice.participant === participant;
    case 'admitted':
    case 'refused':
      return false;
  }
}
