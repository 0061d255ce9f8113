import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inviteLink, readInvite } from './invite-link.ts';

describe('invite links', () => {
  test('keep both values in the fragment', () => {
    const link = inviteLink('https://meet.example', { meeting: '12345678901', passcode: '48 29&13' });
    expect(link).toBe('https://meet.example/#meeting=12345678901&passcode=48+29%2613');
    expect(new URL(link).search).toBe('');
  });

  test.each([
    ['', undefined],
    ['#', undefined],
    ['#passcode=1', undefined],
    ['#meeting=', undefined],
    ['#meeting=123+4567+8901', { meeting: '12345678901', passcode: '' }],
    ['#passcode=x&meeting=12345678901&more=1', { meeting: '12345678901', passcode: 'x' }],
  ])('the fragment %j is read as %j', (fragment, invite) => {
    expect(readInvite(fragment)).toEqual(invite);
  });

  test('what was put in comes out again', () => {
    const values = fc.record({ meeting: fc.stringMatching(/^\d{11}$/), passcode: fc.string({ unit: 'grapheme' }) });
    fc.assert(
      fc.property(values, (invite) => {
        const { hash } = new URL(inviteLink('https://meet.example', invite));
        expect(readInvite(hash)).toEqual(invite);
      }),
      { seed: 7_041 },
    );
  });
});
