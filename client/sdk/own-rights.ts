/**
 * What a participant may do, as far as his client can tell, so that it offers nothing that would be refused. What counts
 * is what the meeting's routers say (mmr/control/state/rights.ts). Pure.
 */
import type { Role, SourceKind } from '../../proto/signalling.ts';
import type { MeetingRecord } from './meeting-record.ts';

export function roleOf(record: MeetingRecord, participant: string): Role {
  return record.people.get(participant)?.role ?? 'participant';
}

/** Co-hosts too. */
export function isHost(record: MeetingRecord, participant: string): boolean {
  return roleOf(record, participant) !== 'participant';
}

const RANKS: Readonly<Record<Role, number>> = { host: 2, cohost: 1, participant: 0 };

/** Hosts give orders to those of a lower role. */
export function isAbove(record: MeetingRecord, participant: string, other: string): boolean {
  return RANKS[roleOf(record, participant)] > RANKS[roleOf(record, other)];
}

/** Why somebody may not turn on a source of his own, in words for him; undefined: he may. */
export function forbidsTurningOn(record: MeetingRecord, self: string, source: SourceKind): string | undefined {
  const person = record.people.get(self);
  if (isHost(record, self)) return undefined;
  const { unmuteSelf, shareBy } = record.settings;
  if (source === 'microphone' && !unmuteSelf && !person?.mayUnmute) {
    return 'The host keeps participants muted. Raise your hand to be asked to speak.';
  }
  if (source === 'camera' && person?.videoStopped) return 'The host has stopped your video.';
  if (source === 'screen' && shareBy === 'host') return 'Only hosts may share their screen.';
  return undefined;
}

/** To whom he may write. */
export function chatReach(record: MeetingRecord, self: string): 'all' | 'host' | 'off' {
  return isHost(record, self) ? 'all' : record.settings.chat;
}
