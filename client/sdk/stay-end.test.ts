import { describe, expect, test } from 'vitest';
import { MeetingError, type MeetingErrorCode } from './meeting-error.ts';
import { afterLeft, afterRefusal, type NextStep, type Phase } from './stay-end.ts';

/** What is done, and with which words. */
function told(next: NextStep): unknown[] {
  return 'error' in next ? [next.type, next.error.code, next.isTold === true] : [next.type];
}

describe('what follows from a refusal', () => {
  test.each<[MeetingErrorCode, Phase, unknown[]]>([
    ['wrongPasscode', 'entering', ['end', 'wrongPasscode', false]],
    ['noRouter', 'entering', ['end', 'noRouter', false]],
    ['unreachable', 'waiting', ['nothing']],
    ['unreachable', 'inside', ['nothing']],
    ['sessionExpired', 'inside', ['startAfresh']],
    ['sessionExpired', 'waiting', ['end', 'sessionExpired', false]],
    ['noSuchMeeting', 'inside', ['end', 'closed', false]],
    ['notAllowed', 'waiting', ['end', 'notAllowed', true]],
    ['meetingFull', 'inside', ['tryAgain', 'meetingFull', true]],
    ['tryAgain', 'inside', ['tryAgain', 'tryAgain', false]],
    ['internal', 'over', ['nothing']],
  ])('%s while %s', (code, phase, expected) => {
    expect(told(afterRefusal(new MeetingError(code), phase))).toEqual(expected);
  });
});

describe('what follows from the end of a stay', () => {
  test.each<[string, Phase, unknown[]]>([
    ['consentExpired', 'inside', ['startAfresh']],
    ['consentExpired', 'waiting', ['end', 'notJoined', false]],
    ['refused', 'waiting', ['end', 'refused', false]],
    ['kicked', 'inside', ['end', 'removed', false]],
    ['meetingClosed', 'inside', ['end', 'closed', false]],
    ['constructor', 'inside', ['end', 'notJoined', false]],
  ])('%s while %s', (reason, phase, expected) => {
    expect(told(afterLeft(reason, phase))).toEqual(expected);
  });
});
