/** Why an act is not done: a code of ours, and words for the person who wanted it. */
import { type ErrorCode, ZonecastError } from '../../../common/errors.ts';

export type RefusalCode = Extract<
  ErrorCode,
  'badMessage' | 'notAllowed' | 'notPossible' | 'meetingFull' | 'noSuchMeeting' | 'tryAgain'
>;

export const REFUSAL_CODES: readonly RefusalCode[] = [
  'badMessage',
  'notAllowed',
  'notPossible',
  'meetingFull',
  'noSuchMeeting',
  'tryAgain',
];

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

const RETRY_AFTER_MS = 1_000;

export function toError({ code, message }: Refusal): ZonecastError {
  return new ZonecastError(code, message, code === 'tryAgain' ? { retryAfterMs: RETRY_AFTER_MS } : {});
}

export const REFUSALS = {
  ended: { code: 'noSuchMeeting', message: 'The meeting has ended.' },
  locked: { code: 'notAllowed', message: 'The meeting is locked.' },
  outside: { code: 'notAllowed', message: 'You have been removed from this meeting.' },
  full: { code: 'meetingFull', message: 'This meeting is full.' },
  waitingFull: { code: 'meetingFull', message: 'Too many people are waiting already.' },
  notHere: { code: 'notAllowed', message: 'You are not in the meeting.' },
  targetGone: { code: 'notPossible', message: 'That person is not in the meeting any more.' },
  notWaiting: { code: 'notPossible', message: 'That person is not waiting any more.' },
  away: { code: 'tryAgain', message: 'The meeting is not reachable for a moment. Try again.' },
  unknown: { code: 'tryAgain', message: 'No answer came in time. Have a look whether it was done, and try again.' },
  busy: { code: 'tryAgain', message: 'Too much is happening at once. Try again.' },
  notUnderstood: { code: 'badMessage', message: 'That is not understood.' },
} as const satisfies Record<string, Refusal>;
