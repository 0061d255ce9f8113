import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import { ActiveSpeakers, DECISION_INTERVAL_US, MAX_SPEAKERS, type Speaker } from './active-speaker.ts';

/** A room on virtual time; everybody sends 15 packets an interval, of which the last one is the gap between two words. */
class Room {
  readonly speakers = new ActiveSpeakers();
  readonly #people = new Map<string, Speaker>();
  readonly #humming = new Set<string>();
  #nowUs = 0;
  changes = 0;

  constructor(...names: string[]) {
    for (const name of names) this.#people.set(name, this.speakers.add(name as ParticipantId));
    this.speakers.handleTimeout(0);
  }
  /** Levels in −dBov, by name; others are silent. */
  intervals(count: number, levels: Readonly<Record<string, number>>): void {
    for (let i = 0; i < count; i++) {
      for (const [name, speaker] of this.#people) {
        const level = levels[name] ?? 127;
        const hums = this.#humming.has(name);
        for (let packet = 0; packet < 15; packet++) speaker.handleLevel(packet < 14 || hums ? level : 127);
      }
      this.#nowUs += DECISION_INTERVAL_US;
      if (this.speakers.handleTimeout(this.#nowUs)) this.changes++;
    }
  }
  /** A fan is not a voice: what this one sends has no gaps. */
  hum(name: string): void {
    this.#humming.add(name);
  }
  mute(name: string): void {
    this.#people.get(name)?.silence();
  }
  leave(name: string): void {
    const speaker = this.#people.get(name);
    if (speaker !== undefined) this.speakers.remove(speaker);
    this.#people.delete(name);
  }
  /** As they are to be heard. */
  get order(): string {
    return this.speakers.byLoudness.map(({ participant }) => participant).join('');
  }
  /** As they are to be seen. */
  get seen(): string {
    return this.speakers.byPresence.map(({ participant }) => participant).join('');
  }
  get speaking(): string {
    return this.speakers.speaking.join('');
  }
}

describe('active speaker', () => {
  test('who speaks is first within two intervals', () => {
    const room = new Room('a', 'b', 'c');
    room.intervals(2, { c: 25 });
    expect([room.order, room.speaking]).toEqual(['cab', 'c']);
  });

  test('the order stays in silence, the speakers do not', () => {
    const room = new Room('a', 'b', 'c');
    room.intervals(5, { b: 25 });
    room.intervals(30, {});
    expect([room.order, room.speaking]).toEqual(['bac', '']);
  });

  test('a pause between words does not end a speech', () => {
    const room = new Room('a', 'b');
    room.intervals(4, { b: 25 });
    room.intervals(3, {});
    expect(room.speaking).toBe('b');
  });

  test('two equally loud ones do not take turns', () => {
    const room = new Room('a', 'b');
    room.intervals(4, { a: 30, b: 31 });
    const before = room.changes;
    for (let i = 0; i < 50; i++) room.intervals(1, { a: 30 + (i % 3), b: 30 + ((i + 1) % 3) });
    expect(room.changes).toBe(before);
  });

  test('a cough is heard, but neither seen nor called speech', () => {
    const room = new Room('a', 'b', 'c');
    room.intervals(1, { c: 15 });
    expect([room.order, room.seen, room.speaking]).toEqual(['cab', 'abc', '']);
    room.intervals(6, { b: 25 });
    room.intervals(1, { a: 10 });
    expect([room.seen, room.speaking]).toEqual(['bac', 'b']);
  });

  test('the dominant speaker stays through his pauses and through short remarks of others', () => {
    const room = new Room('a', 'b');
    room.intervals(10, { b: 25 });
    const before = room.changes;
    for (let i = 0; i < 20; i++) {
      room.intervals(2, {});
      room.intervals(1, { a: 20 });
      room.intervals(4, { b: 25 });
      expect(room.seen).toBe('ba');
    }
    // Heard is also the remark, where the speaker has paused before it.
    expect(room.changes - before).toBeLessThanOrEqual(40);
  });

  test('who takes the floor is seen first within 2 s', () => {
    const room = new Room('a', 'b', 'c');
    room.intervals(20, { a: 20 });
    room.intervals(7, { c: 30 });
    expect(room.seen).toBe('cab');
    expect(room.speaking[0]).toBe('c');
  });

  test('two who talk at once do not take turns in the picture', () => {
    const room = new Room('a', 'b');
    room.intervals(10, { a: 30, b: 31 });
    const before = room.changes;
    for (let i = 0; i < 100; i++) room.intervals(1, { a: 25 + ((i * 7) % 11), b: 25 + ((i * 5) % 11) });
    expect([room.seen, room.changes - before]).toEqual(['ab', 0]);
  });

  test('a humming room is nobody', () => {
    const room = new Room('a', 'b');
    room.intervals(20, { b: 66 });
    expect([room.order, room.speaking]).toEqual(['ab', '']);
  });

  test('a fan next to a microphone does not keep the floor, however loud it is', () => {
    const room = new Room('a', 'b', 'c');
    room.hum('b');
    room.intervals(50, { b: 20 });
    expect(room.speaking).toBe('');
    for (let i = 0; i < 5; i++) room.intervals(3, { b: 19 + (i % 5), c: 35 });
    expect([room.order[0], room.seen[0], room.speaking]).toEqual(['c', 'c', 'c']);
  });

  test('who claims to be louder than everybody all the time is taken for a fan', () => {
    const room = new Room('a', 'b');
    room.hum('a');
    room.intervals(50, { a: 0 });
    room.intervals(7, { a: 0, b: 30 });
    expect([room.order, room.speaking]).toEqual(['ba', 'b']);
  });

  test('a voice is heard over the noise of its own room', () => {
    const room = new Room('a', 'b');
    room.hum('b');
    room.intervals(50, { b: 48 });
    for (let i = 0; i < 10; i++) {
      room.intervals(3, { b: 25 });
      room.intervals(1, { b: 48 });
    }
    expect([room.order, room.speaking]).toEqual(['ba', 'b']);
  });

  test('somebody who talks for minutes without a pause stays a speaker', () => {
    const room = new Room('a', 'b');
    room.intervals(3, { b: 25 });
    const before = room.changes;
    for (let i = 0; i < 600; i++) {
      room.intervals(1, { b: 22 + ((i * 5) % 9) });
      expect(room.speaking).toBe('b');
    }
    expect(room.changes).toBe(before);
  });

  test('who mutes himself has stopped at once, and has nothing left over when he comes back', () => {
    const room = new Room('a', 'b');
    room.intervals(10, { b: 20 });
    room.mute('b');
    expect(room.speaking).toBe('');
    room.intervals(1, { b: 20 });
    expect(room.speaking).toBe('');
  });

  test('when all shout, as many speakers are told as one can look at', () => {
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`);
    const room = new Room(...names);
    room.intervals(5, Object.fromEntries(names.map((name) => [name, 20])));
    expect(room.speakers.speaking).toHaveLength(MAX_SPEAKERS);
  });

  test('no decision before its time, none about who has left', () => {
    const room = new Room('a', 'b', 'c');
    expect(room.speakers.handleTimeout(DECISION_INTERVAL_US - 1)).toBe(false);
    room.intervals(3, { c: 20 });
    room.leave('c');
    room.intervals(1, {});
    expect([room.order, room.speaking]).toEqual(['ab', '']);
  });

  test('a thousand people are ranked in order of loudness', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `p${i}`);
    const room = new Room(...names);
    room.intervals(6, { p999: 10, p500: 30, p3: 50 });
    expect(room.speakers.byLoudness.slice(0, 3).map(({ participant }) => participant)).toEqual(['p999', 'p500', 'p3']);
  });
});
