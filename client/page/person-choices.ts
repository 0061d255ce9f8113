/** What one may do to somebody in the list of people, as the menu beside the name offers it. Pure. */
import type { SourceKind } from '../../proto/signalling.ts';
import type { MeetingRecord } from '../sdk/meeting-record.ts';
import { chatReach, isAbove, isHost, roleOf } from '../sdk/own-rights.ts';

export type PersonChoice =
  | 'write'
  | 'lowerHand'
  | 'mute'
  | 'askUnmute'
  | 'stopVideo'
  | 'askVideo'
  | 'stopSharing'
  | 'spotlight'
  | 'unspotlight'
  | 'rename'
  | 'makeCohost'
  | 'takeBackCohost'
  | 'makeHost'
  | 'remove';

export interface Listed {
  readonly participant: string;
  /** Which sources are on. */
  readonly live: readonly SourceKind[];
}

/** In the order of the menu; empty when there is nothing to choose. */
export function personChoices(record: MeetingRecord, self: string, { participant, live }: Listed): PersonChoice[] {
  const isSelf = participant === self;
  const hosts = isHost(record, self);
  const isLower = isAbove(record, self, participant);
  const isChief = roleOf(record, self) === 'host' && !isSelf;
  const hasHand = record.people.get(participant)?.hand !== undefined;
  const isLit = record.spotlight.includes(participant);
  const offered: [PersonChoice, boolean][] = [
    ['write', !isSelf && mayWriteTo(record, self, participant)],
    ['lowerHand', hasHand && (isSelf || hosts)],
    ['mute', isLower && live.includes('microphone')],
    ['askUnmute', isLower && !live.includes('microphone')],
    ['stopVideo', isLower && live.includes('camera')],
    ['askVideo', isLower && !live.includes('camera')],
    ['stopSharing', isLower && live.includes('screen')],
    ['spotlight', hosts && !isLit],
    ['unspotlight', hosts && isLit],
    ['rename', isSelf ? hosts || record.settings.renameSelf : isLower],
    ['makeCohost', isChief && roleOf(record, participant) === 'participant'],
    ['takeBackCohost', isChief && roleOf(record, participant) === 'cohost'],
    ['makeHost', isChief],
    ['remove', isLower],
  ];
  return offered.flatMap(([choice, isOffered]) => (isOffered ? choice : []));
}

export function mayWriteTo(record: MeetingRecord, self: string, participant: string): boolean {
  const reach = chatReach(record, self);
  return reach === 'all' || (reach === 'host' && isHost(record, participant));
}
