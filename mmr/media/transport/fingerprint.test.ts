import { describe, expect, test } from 'vitest';
import { EgressPlan } from '../egress/egress-plan.ts';
import { DtlsAssociation } from './dtls-association.ts';
import { equalInConstantTime, matchesFingerprint } from './fingerprint.ts';
import { encode, NEGOTIATED, ScriptedDtls } from './transport-test-lab.ts';

describe('comparison', () => {
  test.each<[number[], number[], boolean]>([
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [1, 2, 4], false],
    [[1, 2, 3], [0, 2, 3], false],
    [[1, 2, 3], [1, 2], false],
    [[1, 2], [1, 2, 3], false],
    [[0, 0], [0], false],
    [[], [], false],
    [[128], [0], false],
  ])('%j and %j: %j', (a, b, equal) => {
    expect(equalInConstantTime(Uint8Array.from(a), Uint8Array.from(b))).toBe(equal);
  });
});

test('only the first 16 fingerprints are looked at', () => {
  const session = new ScriptedDtls();
  const right = { algorithm: 'sha-256', value: new Uint8Array(32).fill(7) } as const;
  const wrong = { algorithm: 'sha-256', value: new Uint8Array(32) } as const;
  expect(matchesFingerprint(session, [...Array<typeof wrong>(15).fill(wrong), right])).toBe(true);
  expect(matchesFingerprint(session, [...Array<typeof wrong>(16).fill(wrong), right])).toBe(false);
});

test('an association that is over opens no other session', () => {
  let opened = 0;
  const association = new DtlsAssociation(1, NEGOTIATED.remoteFingerprints, () => {
    opened++;
    return new ScriptedDtls();
  });
  const out = new EgressPlan();
  association.handle(0, encode('hello'), out);
  association.close(out);
  expect(association.state).toBe('closed');
  expect(association.handle(0, encode('hello'), out)).toBeUndefined();
  expect(opened).toBe(1);
});
