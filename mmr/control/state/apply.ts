/** From an act to what it changes: the one way by which a meeting's state becomes another. */
import * as chat from './act-chat.ts';
import { join, leave, rejoin } from './act-join.ts';
import * as media from './act-media.ts';
import * as people from './act-people.ts';
import * as rooms from './act-rooms.ts';
import { announceEnd, endMeeting, set, setSetting } from './act-settings.ts';
import { admit, admitWaiting, refuse } from './act-waiting.ts';
import type { Act } from './acts.ts';
import { applyChanges, type Change } from './changes.ts';
import { type ActContext, type Decision, refused } from './decision.ts';
import type { MeetingState } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { REFUSALS, type Refusal } from './refusal.ts';
import { forbids } from './rights.ts';

export type Outcome =
  | { readonly state: MeetingState; readonly changes: readonly Change[]; readonly notices: readonly Notice[] }
  | { readonly refusal: Refusal };

/** Checked for its form before (`read-act.ts`); here it is looked at who wants it, and what it means now. */
export function apply(state: MeetingState, act: Act, context: ActContext): Outcome {
  const decision = decide(state, act, context);
  if ('refusal' in decision) return decision;
  const { changes, notices } = decision;
  const isNothing = changes.length === 0 && notices.length === 0;
  return { state: isNothing ? state : applyChanges(state, changes, context.stamp), changes, notices };
}

function decide(state: MeetingState, act: Act, context: ActContext): Decision {
  if (state.ended) return refused(REFUSALS.ended);
  const forbidden = forbids(state, context.actor, act);
  if (forbidden !== undefined) return refused(forbidden);
  switch (act.type) {
    case 'lock':
      return set(state, { locked: true }, context);
    case 'unlock':
      return set(state, { locked: false }, context);
    case 'setSetting':
      return setSetting(state, act, context);
    case 'endMeeting':
      return endMeeting();
    case 'join':
      return join(state, act, context);
    case 'rejoin':
      return rejoin(state, act, context);
    case 'leave':
      return leave(state, act);
    case 'admit':
      return admit(state, act.participant, context);
    case 'refuse':
      return refuse(state, act.participant);
    case 'admitAll':
      return admitWaiting(state, [...state.waiting.keys()], context);
    case 'mute':
      return media.mute(state, act.participant, act.source);
    case 'muteAll':
      return media.muteAll(state);
    case 'askUnmute':
      return media.askUnmute(state, act.participant, act.source);
    case 'stopVideo':
      return media.stopVideo(state, act.participant);
    case 'rename':
      return people.rename(state, act.participant, act.name);
    case 'makeHost':
      return people.makeHost(state, act.participant, context);
    case 'makeCohost':
      return people.makeCohost(state, act.participant, context);
    case 'takeBackCohost':
      return people.takeBackCohost(state, act.participant);
    case 'remove':
      return people.remove(state, act.participant);
    case 'spotlight':
      return people.spotlight(state, act.participant);
    case 'unspotlight':
      return people.unspotlight(state, act.participant);
    case 'lowerHand':
      return people.lowerHand(state, act.participant);
    case 'lowerAllHands':
      return people.lowerAllHands(state);
    case 'appendChat':
      return chat.appendChat(state, act, context);
    case 'openRooms':
      return rooms.openRooms(state, act.rooms);
    case 'assignRoom':
      return rooms.assignRoom(state, act);
    case 'closeRooms':
      return rooms.closeRooms(state);
    case 'sendTo':
      return rooms.sendTo(state, act);
    case 'enterRoom':
      return rooms.enterRoom(state, act);
    case 'leftRoom':
      return rooms.leftRoom(state, act);
    case 'announceEnd':
      return announceEnd(act);
    case 'claimHost':
    case 'raiseHand':
    case 'react':
    case 'chat':
      return typeof context.actor === 'string'
        ? refused(REFUSALS.notHere)
        : own(state, act, context.actor.participant, context);
  }
}

/** Acts of somebody about himself. */
function own(
  state: MeetingState,
  act: Extract<Act, { type: 'claimHost' | 'raiseHand' | 'react' | 'chat' }>,
  self: Parameters<typeof people.makeHost>[1],
  context: ActContext,
): Decision {
  switch (act.type) {
    case 'claimHost':
      return people.makeHost(state, self, context);
    case 'raiseHand':
      return people.raiseHand(state, self, context);
    case 'react':
      return chat.react(self, act.emoji);
    case 'chat':
      return chat.chat(state, self, act, context);
  }
}
