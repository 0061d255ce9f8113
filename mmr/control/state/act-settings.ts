/** Acts about the meeting as a whole. */
import { admitWaiting } from './act-waiting.ts';
import type { PersonAct } from './acts.ts';
import { type ActContext, type Decision, decided, NOTHING } from './decision.ts';
import { hostOf, type MeetingState, type Settings } from './meeting-state.ts';

export function set(state: MeetingState, change: Partial<Settings>, context: ActContext): Decision {
  const settings = { ...state.settings, ...change };
  const keys = Object.keys(change) as (keyof Settings)[]; // of a Partial<Settings>
  if (keys.every((key) => settings[key] === state.settings[key])) return NOTHING;
  const admitted = noLongerWaits(state, settings) ? admitWaiting(state, [...state.waiting.keys()], context) : NOTHING;
  if ('refusal' in admitted) return admitted;
  return decided([{ type: 'settings', settings }, ...admitted.changes], admitted.notices);
}

export function setSetting(
  state: MeetingState,
  act: Extract<PersonAct, { type: 'setSetting' }>,
  context: ActContext,
): Decision {
  return set(state, { [act.setting]: act.value }, context);
}

export function announceEnd({ leftMs }: Extract<PersonAct, { type: 'announceEnd' }>): Decision {
  return decided([], [{ type: 'endsSoon', leftMs }]);
}

export function endMeeting(): Decision {
  return decided([{ type: 'ended' }], [{ type: 'ended' }]);
}

/** What made people wait is no more: turning the waiting room off lets them in. */
function noLongerWaits(state: MeetingState, settings: Settings): boolean {
  return !settings.waitingRoom && (settings.joinBeforeHost || hostOf(state) !== undefined);
}
