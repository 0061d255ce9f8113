/** What comes from outside: what is right comes through as it is, all else is refused, and nothing throws. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../proto/meeting-settings.ts';
import { anything } from './act-arbitraries.ts';
import type { Act } from './acts.ts';
import { ApplyLab, id } from './apply-lab.ts';
import {
  MAX_CHAT_BYTES,
  MAX_CHAT_MESSAGES,
  MAX_ID,
  MAX_PEOPLE,
  MAX_QUALIFIED_ID,
  MAX_REMEMBERED_ACTS,
  MAX_REMOVED,
  MAX_ROOMS,
  MAX_TERMS,
  MAX_WAITING,
} from './limits.ts';
import { MeetingCopy } from './meeting-copy.ts';
import { readAct, readPersonAct } from './read-act.ts';
import { name, text } from './read-fields.ts';
import { readStateMessage } from './state-messages.ts';
import { readWhole, type WholeState } from './whole-state.ts';

const overJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('acts, steps and states come through as they are', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 40 }), (wants) => {
      const copy = MeetingCopy.begin({ settings: DEFAULT_SETTINGS }, 't');
      const lab = new ApplyLab();
      for (const [index, { by, act }] of wants.entries()) {
        expect(readAct(overJson(act))).toEqual(act);
        const actor = by === 'router' || by === 'operator' ? by : { participant: id(by) };
        const { step } = copy.apply(act, { id: `a.${index}`, actor, unixMs: lab.unixMs }, 't');
        const message = { type: 'step', link: 1, step };
        if (step !== undefined) expect(readStateMessage(overJson(message))).toEqual(message);
      }
      expect(readWhole(overJson(copy.whole()))).toEqual(copy.whole());
    }),
  );
});

/** Something of the value is another one. */
function spoilt(value: unknown, path: readonly number[], other: unknown): unknown {
  if (typeof value !== 'object' || value === null || path.length === 0) return other;
  const keys = Object.keys(value);
  const key = keys[(path[0] ?? 0) % Math.max(1, keys.length)];
  if (key === undefined) return other;
  const inner = spoilt((value as Record<string, unknown>)[key], path.slice(1), other);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner };
}

test('hostile values: taken or not, but never thrown at us; what is taken can be applied', () => {
  const copy = MeetingCopy.begin({ settings: DEFAULT_SETTINGS }, 't');
  const join = {
    type: 'join',
    participant: id('ann'),
    name: 'Ann',
    role: 'host',
    controller: 'c',
    router: 'r',
    returning: false,
  };
  copy.apply(join as Act, { id: 'a.1', actor: 'router', unixMs: 1 }, 't');
  const samples: unknown[] = [
    { type: 'follow', link: 1, stamp: { term: 't', version: 1 }, routers: ['a', 'z/b'] },
    { type: 'act', link: 1, id: 'a.2', actor: { participant: 'ann' }, act: { type: 'chat', text: 'x' }, leftMs: 9 },
    { type: 'whole', link: 1, whole: copy.whole() },
    { type: 'step', link: 1, step: copy.stepsSince({ term: 't', version: 0 })?.[0] },
    { type: 'outcome', link: 1, id: 'a.2', refusal: { code: 'notAllowed', message: 'No.' } },
  ];
  for (const sample of samples) expect(readStateMessage(sample)).toEqual(sample);
  const junk = fc.oneof(
    fc.anything(),
    fc.constantFrom('__proto__', 'constructor', -1, 1e99, Number.NaN, '\ud800', '\u202e'),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(fc.nat({ max: 20 }), { maxLength: 6 }),
      junk,
      (sample, path, other) => {
        const read = readStateMessage(spoilt(sample, path, other));
        if (read?.type === 'step') MeetingCopy.of(copy.whole()).take(read.step);
        if (read?.type === 'whole') expect(MeetingCopy.of(read.whole).whole()).toEqual(read.whole);
      },
    ),
    { numRuns: 5_000 },
  );
});

describe('fields', () => {
  test('what is not known of an act is not taken over', () => {
    const act = { type: 'raiseHand', junk: 'x'.repeat(100), participant: { a: 1 } };
    expect(readPersonAct(act)).toEqual({ type: 'raiseHand' });
  });

  test.each([
    ['nothing', undefined],
    ['an act of a router', { type: 'leave', router: 'r', participants: [] }],
    ['no type', { type: 'toString' }],
    ['a setting of another kind', { type: 'setSetting', setting: 'chat', value: true }],
    ['a setting that is an act', { type: 'setSetting', setting: 'locked', value: true }],
    ['no emoji of ours', { type: 'react', emoji: '🍆' }],
    ['no id', { type: 'remove', participant: 'a b' }],
    ['somebody twice', { type: 'openRooms', rooms: [{ room: '1', name: 'x', assigned: ['a', 'a'] }] }],
  ])('of a client: %s', (_, act) => {
    expect(readPersonAct(act)).toBeUndefined();
  });

  test.each(['', ' ', ' x', 'x'.repeat(81), 'a\nb', 'a\u202eb', '\u200b', '\ud800', 7])('no name: %j', (value) => {
    expect(name(value)).toBeUndefined();
  });

  test.each(['', ' \n', 'a\u0000b', '\ud800', 'é'.repeat(1_025), {}])('no text: %j', (value) => {
    expect(text(value)).toBeUndefined();
  });

  test.each(['Ann', '猫', "Zoë O'Neill", 'x'.repeat(80), '👍'])('a name: %s', (value) => {
    expect(name(value)).toBe(value);
  });

  test.each(['two\nlines\tand a tab', 'é'.repeat(1_024), 'שלום'])('a text: %s', (value) => {
    expect(text(value)).toBe(value);
  });
});

/** Of gRPC, between routers. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

test('the largest state fits into one frame', () => {
  const long = (kind: string, i: number, length = MAX_ID): string => `${kind}${i}`.padEnd(length, '-');
  const router = `${long('z', 0)}/${long('r', 0)}`.slice(0, MAX_QUALIFIED_ID);
  const fullName = '猫'.repeat(80);
  const one = <Item>(length: number, make: (i: number) => Item): Item[] => Array.from({ length }, (_, i) => make(i));
  const count = Number.MAX_SAFE_INTEGER;
  const person = {
    name: fullName,
    role: 'participant',
    since: count,
    router,
    hand: count,
    mayUnmute: true,
    videoStopped: true,
  };
  const message = (i: number) => ({
    id: long('a', i),
    from: long('p', i),
    fromName: 'n',
    to: long('p', 1),
    toName: 'n',
    text: '"'.repeat(MAX_CHAT_BYTES / MAX_CHAT_MESSAGES - 2),
    sentMs: count,
    stamp: { term: long('t', 0), version: count },
  });
  const whole = {
    term: long('t', 0),
    version: count,
    main: long('m', 0),
    settings: DEFAULT_SETTINGS,
    people: one(MAX_PEOPLE, (i) => ({ participant: long('p', i), person })),
    waiting: one(MAX_WAITING, (i) => ({
      participant: long('w', i),
      entry: { name: fullName, sinceMs: count, controller: router, router },
    })),
    spotlight: one(9, (i) => long('p', i)),
    chat: one(MAX_CHAT_MESSAGES, message),
    rooms: one(MAX_ROOMS, (i) => ({
      room: long('m', i),
      name: fullName,
      assigned: one(MAX_PEOPLE / MAX_ROOMS, (k) => long('p', i * 100 + k)),
    })),
    removed: one(MAX_REMOVED, (i) => long('p', i)),
    ended: false,
    lineage: one(MAX_TERMS, (i) => ({ term: long('t', i), from: i })),
    remembered: one(MAX_REMEMBERED_ACTS, (i) => long('a', i)),
  } as unknown as WholeState; // ids are strings here
  expect(readWhole(whole)).toEqual(whole);
  expect(Buffer.byteLength(JSON.stringify({ type: 'whole', link: count, whole }))).toBeLessThan(MAX_FRAME_BYTES);
});
