import { describe, expect, test } from 'vitest';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import { EventQueue } from './event-queue.ts';

const connected = (participant: string): Event => ({ connected: { meeting: 'm', participant } });
const speakers = (meeting: string, ...participants: string[]): Event => ({ speakers: { meeting, participants } });
const slot = (participant: string, ...entries: [mid: string, source: string][]): Event => ({
  slots: { meeting: 'm', participant, slots: entries.map(([mid, source]) => ({ mid, participant: source })) },
});
const encodings = (participant: string, active: boolean): Event => ({
  encodings: { meeting: 'm', participant, source: 'camera', encodings: [{ rid: 'h', active, maxHeight: 0 }] },
});
const quality = (...entries: [participant: string, uplink: number][]): Event => ({
  quality: { meeting: 'm', qualities: entries.map(([participant, uplink]) => ({ participant, uplink })) },
});

function drain(queue: EventQueue): Event[] {
  const events: Event[] = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) events.push(event);
  return events;
}

describe('EventQueue', () => {
  test('keeps every event, in order, below its maximum', () => {
    const queue = new EventQueue(4);
    const events = [speakers('m', 'a'), speakers('m', 'b'), connected('x')];
    for (const event of events) queue.push(event);
    expect(queue.size).toBe(3);
    expect(drain(queue)).toEqual(events);
  });

  test('at its maximum drops state that a later event replaces, and only that', () => {
    const queue = new EventQueue(6);
    queue.push(speakers('m', 'a'));
    queue.push(slot('p', ['1', 'a'], ['2', 'b']));
    queue.push(connected('x'));
    queue.push(speakers('n', 'z'));
    queue.push(slot('p', ['1', 'c']));
    queue.push(speakers('m', 'b'));
    queue.push(connected('y'));
    expect(queue.overflowed).toBe(false);
    expect(queue.superseded).toBe(1);
    expect(drain(queue)).toEqual([
      slot('p', ['2', 'b']),
      connected('x'),
      speakers('n', 'z'),
      slot('p', ['1', 'c']),
      speakers('m', 'b'),
      connected('y'),
    ]);
  });

  test('a slot change whose every entry is replaced goes as a whole; the same mid of another participant stays', () => {
    const queue = new EventQueue(3);
    queue.push(slot('p', ['1', 'a']));
    queue.push(slot('q', ['1', 'a']));
    queue.push(slot('p', ['1', 'b']));
    queue.push(connected('x'));
    expect(drain(queue)).toEqual([slot('q', ['1', 'a']), slot('p', ['1', 'b']), connected('x')]);
  });

  test('of the encodings of a source and of a participant’s quality only the last counts', () => {
    const queue = new EventQueue(4);
    queue.push(encodings('a', false));
    queue.push(quality(['a', 90], ['b', 80]));
    queue.push(encodings('a', true));
    queue.push(quality(['b', 30]));
    queue.push(connected('x'));
    expect(drain(queue)).toEqual([quality(['a', 90]), encodings('a', true), quality(['b', 30]), connected('x')]);
  });

  test('overflows when there is hardly anything to drop: it is not searched again for each event', () => {
    const queue = new EventQueue(800);
    for (let i = 0; i < 790; i++) queue.push(connected(`p${i}`));
    for (let i = 0; i < 20; i++) queue.push(speakers('m', `p${i}`));
    expect(queue.overflowed).toBe(true);
  });

  test('overflows when facts fill it, and takes nothing more', () => {
    const queue = new EventQueue(3);
    for (const participant of ['a', 'b', 'c']) queue.push(connected(participant));
    expect(queue.overflowed).toBe(false);
    queue.push(connected('d'));
    expect(queue.overflowed).toBe(true);
    queue.push(connected('e'));
    expect(queue.size).toBe(3);
  });
});
