import { describe, expect, test } from 'vitest';
import { parseSender } from './sender.ts';
import {
  callSubject,
  inboxOf,
  isBucketName,
  isKey,
  isMatch,
  isPattern,
  isSubject,
  keySubject,
  mayAnswer,
  maySpeak,
  tokenOf,
  zoneSubject,
} from './subjects.ts';

describe('subjects', () => {
  test.each([
    ['a', true, true],
    ['zonecast.zones.eu=west.status', true, true],
    ['$KV.b.a/b=c', true, true],
    ['a.*', false, true],
    ['*.a.>', false, true],
    ['>', false, true],
    ['*', false, true],
    ['a.>.b', false, false],
    ['a*', false, false],
    ['', false, false],
    ['.', false, false],
    ['a..b', false, false],
    ['a b', false, false],
    ['a\r\n', false, false],
    ['a\n', false, false],
    ['é', false, false],
    ['x'.repeat(255), true, true],
    ['x'.repeat(256), false, false],
  ])('%j', (subject, isOne, isOneWithWildcards) => {
    expect([isSubject(subject), isPattern(subject)]).toEqual([isOne, isOneWithWildcards]);
  });

  test('of names with dots and without are different, and one token each', () => {
    const names = ['eu.west', 'eu-west', 'eu_west', 'euwest', 'eu', 'west.eu'];
    expect(new Set(names.map(tokenOf)).size).toBe(names.length);
    for (const name of names) expect(zoneSubject(name, 'status').split('.')).toHaveLength(4);
  });

  test('say who may speak there', () => {
    const speakers = (subject: string) => ['eu.west', 'us', 'global'].filter((zone) => maySpeak(zone, subject));
    expect(speakers(zoneSubject('us', 'status'))).toEqual(['us']);
    expect(speakers(zoneSubject('eu.west', 'a.b'))).toEqual(['eu.west']);
    expect(speakers(callSubject('us', 'global', 'm'))).toEqual(['global']);
    expect(speakers(inboxOf({ zone: 'us', instance: 'one' }))).toEqual([]);
    expect(speakers('zonecast.else.us.us')).toEqual([]);
    expect(speakers('zonecast.zones')).toEqual([]);
    expect(speakers('free')).toEqual(['eu.west', 'us', 'global']);
  });

  test('say who may answer there', () => {
    const answerers = (subject: string) => ['eu.west', 'us', 'global'].filter((zone) => mayAnswer(zone, subject));
    expect(answerers(callSubject('eu.west', 'us', 'm'))).toEqual(['eu.west']);
    expect(answerers(zoneSubject('us', 'status'))).toEqual([]);
    expect(answerers('free')).toEqual(['eu.west', 'us', 'global']);
  });

  test.each([
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'a.b', false],
    ['a.b', 'a', false],
    ['*', 'a', true],
    ['*', 'a.b', false],
    ['a.*.c', 'a.b.c', true],
    ['a.*.c', 'a.b.d', false],
    ['>', 'a.b', true],
    ['a.>', 'a', false],
    ['a.>', 'a.b', true],
    ['a.>', 'a.b.c', true],
    ['b.>', 'a.b', false],
  ])('%s takes %s: %s', (pattern, subject, expected) => {
    expect(isMatch(pattern, subject)).toBe(expected);
  });
});

test('keys and buckets', () => {
  for (const key of ['a', 'a.b', 'A-/=_0', 'x'.repeat(160)]) expect(isKey(key)).toBe(true);
  for (const key of ['', '.a', 'a.', 'a..b', 'a b', '*', 'a.>', '$a', 'ä', 'a\n', 'x'.repeat(161)])
    expect(isKey(key)).toBe(false);
  for (const name of ['a', 'A_b-1']) expect(isBucketName(name)).toBe(true);
  for (const name of ['', 'a.b', 'a b', 'x'.repeat(65), 'a\n']) expect(isBucketName(name)).toBe(false);
  expect(isSubject(keySubject('x'.repeat(64), 'x'.repeat(160)))).toBe(true);
});

test.each([
  ['zone/one', { zone: 'zone', instance: 'one' }],
  ['eu.west/zc-1', { zone: 'eu.west', instance: 'zc-1' }],
  ['', undefined],
  ['zone', undefined],
  ['zone/', undefined],
  ['/one', undefined],
  ['a/b/c', undefined],
  [`${'z'.repeat(65)}/a`, undefined],
  ['zo ne/one', undefined],
])('sender %j', (text, expected) => {
  expect(parseSender(text)).toEqual(expected);
});
