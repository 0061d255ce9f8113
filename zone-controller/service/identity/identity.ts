/** Who somebody is by the word of an identity provider, and what follows from it for a meeting. docs/identity.md. Pure. */
import type { MeetingId } from '../../../common/ids.ts';
import type { MeetingDefinition } from '../../registry/records.ts';

export interface Identity {
  /** `{issuer} {subject}`: what definitions have as owner. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  /** As others may see him. */
  readonly name?: string;
  /** Whose policy counts for his meetings. */
  readonly account?: string;
  /** May do everything with every meeting. */
  readonly isAdmin: boolean;
  /** Host of the meetings that the token opens. */
  readonly isHost: boolean;
  /** Meetings that the token opens without a passcode. */
  readonly opens: 'all' | ReadonlySet<string>;
}

/** Whether he comes in without a passcode. */
export function opensMeeting(identity: Identity, meeting: MeetingId, definition: MeetingDefinition): boolean {
  return isMaster(identity, definition) || isNamed(identity, meeting);
}

export function isHostBy(identity: Identity, meeting: MeetingId, definition: MeetingDefinition): boolean {
  return isMaster(identity, definition) || (identity.isHost && isNamed(identity, meeting));
}

/** Whether the meeting is his to change. */
export function isMaster({ isAdmin, id }: Identity, { owner }: Pick<MeetingDefinition, 'owner'>): boolean {
  return isAdmin || owner === id;
}

function isNamed({ opens }: Identity, meeting: MeetingId): boolean {
  return opens === 'all' || opens.has(meeting);
}
