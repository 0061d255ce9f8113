import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientMessage } from '../../proto/signalling.ts';
import { MESSAGE_BYTES, nestingDepth, readMessage } from './read-message.ts';

const SEED = 5;
const JOIN: ClientMessage = {
  type: 'join',
  id: 1,
  meeting: '12345678901',
  passcode: 'secret',
  name: 'Ada',
  offer: 'v=0',
  sources: { '0': 'microphone', a1: 'camera' },
  muted: ['camera'],
};

function refusal(text: string) {
  const read = readMessage(text);
  if (!('error' in read)) throw new Error(`not refused: ${text.slice(0, 100)}`);
  return { code: read.error.code, message: read.error.message, id: read.id };
}

describe('reading a message', () => {
  test.each<ClientMessage>([
    JOIN,
    { type: 'resume', id: 0, session: 'token' },
    { type: 'offer', id: 2, offer: 'v=0', sources: {} },
    { type: 'view', view: [{ mid: '3', source: { participant: 'p', kind: 'screen' }, maxHeight: 720, maxFps: 30 }] },
    {
      type: 'view',
      view: [
        { mid: '3', source: 'auto' },
        { mid: '4', source: 'off' },
      ],
    },
    { type: 'mute', source: 'microphone', muted: true },
    { type: 'move', id: 3, offer: 'v=0', sources: {}, muted: ['camera'] },
    { type: 'moveDone' },
    { type: 'mediaLost' },
    { type: 'leave' },
    { type: 'ping' },
  ])('%j is what was sent', (message) => {
    expect(readMessage(JSON.stringify(message))).toEqual({ message });
  });

  test('fields of a newer client are dropped', () => {
    expect(readMessage('{"type":"ping","newer":1}')).toEqual({ message: { type: 'ping' } });
  });

  test.each(['李', 'Ада', '🦊', '-', 'O’Brien', 'नमस्ते'])('%s is a name', (name) => {
    expect(readMessage(JSON.stringify({ ...JOIN, name }))).toMatchObject({ message: { name } });
  });

  test('names are trimmed', () => {
    expect(readMessage(JSON.stringify({ ...JOIN, name: '  Ada Lovelace ' }))).toMatchObject({
      message: { name: 'Ada Lovelace' },
    });
  });

  test.each([
    ['', 'The message is not JSON.'],
    ['null', 'The message is not understood (message).'],
    ['[]', 'The message is not understood (message).'],
    ['{"type":"shout"}', 'The message is not understood (type).'],
    ['{"type":"mute","source":"tuba","muted":true}', 'The message is not understood (source).'],
    ['{"type":"mute","source":"camera","muted":"yes"}', 'The message is not understood (muted).'],
    [JSON.stringify({ ...JOIN, name: ' ' }), 'The message is not understood (name).'],
    [JSON.stringify({ ...JOIN, name: 'a\u202Eb' }), 'The message is not understood (name).'],
    [JSON.stringify({ ...JOIN, name: 'a\nb' }), 'The message is not understood (name).'],
    [JSON.stringify({ ...JOIN, name: '\u200B\u2060\u200D' }), 'The message is not understood (name).'],
    [JSON.stringify({ ...JOIN, name: 'x'.repeat(81) }), 'The message is not understood (name).'],
    [JSON.stringify({ ...JOIN, offer: '' }), 'The message is not understood (offer).'],
    [JSON.stringify({ ...JOIN, sources: { 'a b': 'camera' } }), 'The message is not understood (sources.a b).'],
    [JSON.stringify({ ...JOIN, passcode: 7 }), 'The message is not understood (passcode).'],
    [JSON.stringify({ ...JOIN, roundTrips: { a: -1 } }), 'The message is not understood (roundTrips.a).'],
    [JSON.stringify({ ...JOIN, tried: 'a' }), 'The message is not understood (tried).'],
    [JSON.stringify({ ...JOIN, tried: Array(17).fill('a') }), 'The message is not understood (tried).'],
    ['{"type":"resume","id":1,"session":"s","tried":[7]}', 'The message is not understood (tried.0).'],
    [`{"type":"ping","x":"${'x'.repeat(MESSAGE_BYTES)}"}`, 'The message is too long.'],
    [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'The message is nested too deeply.'],
    [`{"a":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`, 'The message is nested too deeply.'],
  ])('refuses %.60j', (text, message) => {
    expect(refusal(text)).toMatchObject({ code: 'badMessage', message });
  });

  test('the refusal of a request carries its id', () => {
    expect(refusal('{"type":"join","id":7}').id).toBe(7);
    expect(refusal('{"type":"join","id":"7"}').id).toBeUndefined();
    expect(refusal('{"type":"join","id":1e99}').id).toBeUndefined();
  });

  test('__proto__ pollutes nothing, wherever it stands', () => {
    const texts = [
      '{"type":"ping","__proto__":{"polluted":1}}',
      '{"__proto__":{"type":"ping"}}',
      '{"type":"join","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      JSON.stringify(JOIN).replace('"a1"', '"__proto__"'),
    ];
    const results = texts.map(readMessage);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(results[0]).toEqual({ message: { type: 'ping' } });
    expect(results.slice(1, 3).every((result) => 'error' in result)).toBe(true);
    const last = results[3];
    if (last === undefined || 'error' in last) return;
    // The key is dropped or refused; it never becomes the record's prototype.
    const { sources } = last.message as Extract<ClientMessage, { type: 'join' }>;
    expect(Object.getPrototypeOf(sources)).toBe(Object.prototype);
    expect(Object.keys(sources)).toEqual(['0']);
  });

  test('never throws, whatever the text', () => {
    const json = fc.json({ maxDepth: 12 });
    const damaged = fc
      .tuple(fc.constant(JSON.stringify(JOIN)), fc.nat(160), fc.string({ maxLength: 3 }))
      .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(json, damaged, fc.string()), (text) => {
        const read = readMessage(text);
        expect('error' in read || 'message' in read).toBe(true);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  test('nesting is counted as JSON does', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(nestingDepth(JSON.stringify(value), 100)).toBe(depthOf(value));
      }),
      { seed: SEED, numRuns: 500 },
    );
    expect(nestingDepth('{"a":"[[[[\\"[[["}', 10)).toBe(1);
    expect(nestingDepth('['.repeat(1_000_000), 10)).toBe(11);
  });
});
