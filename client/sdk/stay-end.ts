/** What follows from what a server says against our stay: an end, a fresh start, another attempt. Pure. */
import { MeetingError, type MeetingErrorCode } from './meeting-error.ts';

/** `over` is for good. `waiting`: for a host to let us in. */
export type Phase = 'entering' | 'waiting' | 'inside' | 'over';

export type NextStep =
  | { type: 'nothing' }
  /** `isTold`: as something that went wrong, too. */
  | { type: 'end'; error: MeetingError; isTold?: true }
  /** As a new participant in the same meeting. */
  | { type: 'startAfresh' }
  /** After the pause that the server wants, or as long as it seems good. */
  | { type: 'tryAgain'; error: MeetingError; isTold: boolean };

/** The server has nothing left of us, but takes us in once more. */
export const REJOIN_CODES: ReadonlySet<MeetingErrorCode> = new Set(['sessionExpired', 'notJoined', 'meetingLost']);
/** Media was lost, not the stay. */
const REJOIN_REASONS: ReadonlySet<string> = new Set(['consentExpired', 'neverConnected', 'dtlsFailed', 'dtlsClosed']);
/** What `left` means to a person whose stay is over by it. */
const END_CODES: Readonly<Record<string, MeetingErrorCode>> = {
  meetingClosed: 'closed',
  meetingEnded: 'meetingEnded',
  refused: 'refused',
  removed: 'removed',
  kicked: 'removed',
  notAllowedHere: 'notAllowedHere',
};

/** After `join` or `resume` has failed. */
export function afterRefusal(error: MeetingError, phase: Phase): NextStep {
  if (phase === 'over') return { type: 'nothing' };
  if (phase === 'entering') return { type: 'end', error };
  // The socket went away meanwhile; the next one is being opened already.
  if (error.code === 'unreachable') return { type: 'nothing' };
  if (REJOIN_CODES.has(error.code)) return phase === 'inside' ? { type: 'startAfresh' } : { type: 'end', error };
  // We were in it a moment ago: a server that was started anew, or gave the meeting up, does not know it any more.
  if (error.code === 'noSuchMeeting' || error.code === 'wrongPasscode') {
    return { type: 'end', error: new MeetingError('closed', error.detail) };
  }
  if (error.isFinal) return { type: 'end', error, isTold: true };
  // Between zones it is not clear for a moment who goes on with us.
  return { type: 'tryAgain', error, isTold: error.code !== 'tryAgain' };
}

/** After `left` with this reason. */
export function afterLeft(reason: string, phase: Phase): NextStep {
  if (phase === 'inside' && REJOIN_REASONS.has(reason)) return { type: 'startAfresh' };
  const code = Object.hasOwn(END_CODES, reason) ? END_CODES[reason] : undefined;
  return { type: 'end', error: new MeetingError(code ?? 'notJoined', reason) };
}
