import type { SignallingErrorCode } from '../../proto/signalling.ts';

export type MeetingErrorCode =
  | SignallingErrorCode
  | 'unreachable'
  | 'timeout'
  | 'unsupported'
  | 'noMedia'
  | 'closed'
  | 'removed'
  | 'refused'
  | 'meetingEnded'
  | 'notAllowedHere'
  | 'givenUp';

/** What went wrong, with words that can be shown to a person as they are. */
export class MeetingError extends Error {
  readonly code: MeetingErrorCode;
  readonly retryAfterMs: number | undefined;
  /** What the server said, for logs; the message is for people. */
  readonly detail: string | undefined;

  constructor(code: MeetingErrorCode, detail?: string, retryAfterMs?: number) {
    super(inPlainWords(code, detail, retryAfterMs));
    this.name = 'MeetingError';
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }

  /** True when trying again with the same values cannot help. */
  get isFinal(): boolean {
    return FINAL_CODES.has(this.code);
  }
}

const FINAL_CODES: ReadonlySet<MeetingErrorCode> = new Set([
  'wrongPasscode',
  'noSuchMeeting',
  'badMessage',
  'badOffer',
  'unsupported',
  'closed',
  'removed',
  'refused',
  'meetingEnded',
  'notAllowedHere',
  'givenUp',
  'notAllowed',
]);

/** What the server says of these is written for people, and more than we know. */
const SERVERS_OWN_WORDS: ReadonlySet<MeetingErrorCode> = new Set(['notAllowed', 'notPossible']);

const WORDS: Readonly<Record<Exclude<MeetingErrorCode, 'rateLimited'>, string>> = {
  wrongPasscode: 'That passcode is not right for this meeting. Check it and try again.',
  noSuchMeeting: 'There is no meeting with this ID. Check the number and try again.',
  meetingFull: 'This meeting is full. Try again when somebody has left.',
  noRouter: 'The server has no room for this meeting at the moment. Try again in a little while.',
  meetingLost: 'The meeting was interrupted by a fault of the server. Join again.',
  sessionExpired: 'You were away for too long. Join again.',
  notJoined: 'You are not in the meeting any more. Join again.',
  badOffer: 'The server does not understand this browser’s audio and video. Try another browser.',
  badMessage: 'The server did not accept what was entered. Check the name, the meeting ID and the passcode.',
  notAllowed: 'Your role in this meeting does not allow that.',
  notPossible: 'That is not possible any more: the meeting has changed meanwhile.',
  tryAgain: 'That could not be done just now. Try again in a moment.',
  internal: 'Something went wrong on the server. Try again in a little while.',
  unreachable: 'The server cannot be reached. Check your connection and try again.',
  timeout: 'The server does not answer. Check your connection and try again.',
  unsupported: 'This browser cannot take part in meetings. Use a current Chrome, Edge, Firefox or Safari.',
  noMedia: 'Audio and video cannot reach the server from this network. It may block UDP; try another network.',
  removed: 'You were removed from the meeting.',
  refused: 'The host did not let you in.',
  meetingEnded: 'The host has ended the meeting for everybody.',
  notAllowedHere:
    'This meeting may not be held any more where you are connected. Its host can tell you who may take part.',
  givenUp: 'You have stopped waiting.',
  closed: 'The meeting has ended. Start a new one, or ask for another invite.',
};

function inPlainWords(code: MeetingErrorCode, detail: string | undefined, retryAfterMs: number | undefined): string {
  if (SERVERS_OWN_WORDS.has(code) && detail) return detail;
  // Of a newer server, perhaps one that we do not know.
  if (code !== 'rateLimited') return WORDS[Object.hasOwn(WORDS, code) ? code : 'internal'];
  if (retryAfterMs === undefined) return 'Too many attempts. Wait a moment and try again.';
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return `Too many attempts. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`;
}
