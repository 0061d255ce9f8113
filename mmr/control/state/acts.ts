/** What somebody wants to be done in a meeting. Who may is in `rights.ts`. */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import type { SourceKind } from '../../media/negotiated.ts';
import type { ChatMessage, Role, Room, Settings } from './meeting-state.ts';

/** What people can show for a moment. */
export const REACTIONS = ['👍', '👏', '❤️', '😂', '😮', '😢', '🎉', '🔥', '✅', '❌', '🐢', '🐇'] as const;
export type Reaction = (typeof REACTIONS)[number];

export type SettingChange = {
  [Key in Exclude<keyof Settings, 'locked'>]: { readonly setting: Key; readonly value: Settings[Key] };
}[Exclude<keyof Settings, 'locked'>];

interface About {
  readonly participant: ParticipantId;
}

/** Of a participant, or of an operator. */
export type PersonAct =
  | { readonly type: 'lock' | 'unlock' }
  | ({ readonly type: 'setSetting' } & SettingChange)
  | ({ readonly type: 'admit' | 'refuse' } & About)
  | { readonly type: 'admitAll' }
  | ({ readonly type: 'mute'; readonly source: SourceKind } & About)
  /** Microphones of all but the hosts. */
  | { readonly type: 'muteAll' }
  | ({ readonly type: 'askUnmute'; readonly source: 'microphone' | 'camera' } & About)
  | ({ readonly type: 'stopVideo' } & About)
  | ({ readonly type: 'remove' } & About)
  | ({ readonly type: 'rename'; readonly name: string } & About)
  | ({ readonly type: 'makeHost' | 'makeCohost' | 'takeBackCohost' } & About)
  /** Somebody whose host key the controller has found to be right. */
  | { readonly type: 'claimHost' }
  | ({ readonly type: 'spotlight' | 'unspotlight' } & About)
  | { readonly type: 'raiseHand' }
  | ({ readonly type: 'lowerHand' } & About)
  | { readonly type: 'lowerAllHands' }
  | { readonly type: 'react'; readonly emoji: Reaction }
  | { readonly type: 'chat'; readonly text: string; readonly to?: ParticipantId | undefined }
  | { readonly type: 'openRooms'; readonly rooms: readonly Room[] }
  /** Without a room: he is to be in the meeting itself. */
  | ({ readonly type: 'assignRoom'; readonly room?: MeetingId | undefined } & About)
  | { readonly type: 'closeRooms' }
  /** In a room: these people, or all, are to go to another room or back. Of the controller that heard so in the main meeting. */
  | { readonly type: 'sendTo'; readonly participants: readonly ParticipantId[] | 'all'; readonly to: MeetingId }
  /** He is about to come into that room. Of the controller by which he does: refused, he may not. */
  | ({ readonly type: 'enterRoom'; readonly room: MeetingId } & About)
  /** They are not in that room any more. Of the controller that heard so in the room. */
  | { readonly type: 'leftRoom'; readonly room: MeetingId; readonly participants: readonly ParticipantId[] }
  /** Of the zone, which will end the meeting in `leftMs`: all are told. */
  | { readonly type: 'announceEnd'; readonly leftMs: number }
  | { readonly type: 'endMeeting' };

/** Somebody who comes by a controller. */
export interface Newcomer {
  readonly participant: ParticipantId;
  readonly name: string;
  /** To which the meeting's definition entitles him. */
  readonly role: Role;
  readonly controller: string;
}

/** Somebody who is already with a router, and whom the state has lost. */
export interface Returner extends Newcomer {
  /** He was in the waiting room. */
  readonly waiting: boolean;
}

/** Of a router, about those whom it serves. */
export type RouterAct =
  | ({
      readonly type: 'join';
      readonly router: RouterId;
      /** He has been in the meeting before: neither lock nor waiting room concern him. */
      readonly returning: boolean;
    } & Newcomer)
  | { readonly type: 'rejoin'; readonly router: RouterId; readonly people: readonly Returner[] }
  | {
      readonly type: 'leave';
      /** Those who are with another one by now stay. */
      readonly router: RouterId | undefined;
      readonly participants: readonly ParticipantId[];
      /** They have gone to this room and are still part of the meeting. */
      readonly room?: MeetingId | undefined;
    }
  /** Messages of a part of the tree that was cut off. */
  | { readonly type: 'appendChat'; readonly messages: readonly ChatMessage[] };

export type Act = PersonAct | RouterAct;
export type ActType = Act['type'];

/** Who acts. 'operator': also a controller on behalf of the zone. */
export type Actor = { readonly participant: ParticipantId } | 'operator' | 'router';
