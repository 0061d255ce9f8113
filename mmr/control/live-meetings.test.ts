import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { LiveMeeting } from './live-meeting.ts';
import { LiveMeetings } from './live-meetings.ts';
import type { WireEvent } from './to-event.ts';

const id = '12345678901' as MeetingId;
const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const slots = [{ mid: '3', participant: 'bob', kind: 'camera' as const }];

/** What was sent to each controller: the kinds of events, and the last one. */
let sent: { to: string; event: WireEvent }[];
let nowMs: number;
let meetings: LiveMeetings;
beforeEach(() => {
  sent = [];
  nowMs = 0;
  meetings = new LiveMeetings({ send: (to, event) => sent.push({ to, event }) }, () => nowMs);
});

const kindsTo = (controller: string): string[] =>
  sent.flatMap(({ to, event }) => (to === controller ? Object.keys(event) : []));
const lastTo = (controller: string): WireEvent | undefined => sent.findLast(({ to }) => to === controller)?.event;

function enter(live: LiveMeeting, participant: ParticipantId, controller: string, attachment = 1): void {
  live.add(participant, { name: participant, sources: ['camera'], muted: [], home: { controller, attachment } });
  live.enter(participant);
}

describe('what controllers are told', () => {
  test('a snapshot when the first of theirs comes, deltas from then on, nothing after the last has left', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    expect([kindsTo('zc-1'), kindsTo('zc-2')]).toEqual([['snapshot'], []]);
    enter(live, bob, 'zc-2');
    expect([kindsTo('zc-1'), kindsTo('zc-2')]).toEqual([['snapshot', 'roster'], ['snapshot']]);
    expect(lastTo('zc-2')?.snapshot).toMatchObject({
      meeting: id,
      epoch: 1,
      version: 2,
      roster: [{ participant: ada }, { participant: bob }],
      homed: [{ participant: bob, attachment: 1 }],
    });
    live.apply({ type: 'left', meeting: id, participant: ada, reason: 'left' });
    live.remove(ada, nowMs);
    sent = [];
    live.setMuted(bob, 'camera', true);
    live.apply({ type: 'speakers', meeting: id, speakers: [bob] });
    expect([kindsTo('zc-1'), kindsTo('zc-2')]).toEqual([[], ['roster', 'speakers']]);
  });

  test("what is a participant's own goes to his home only", () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    enter(live, bob, 'zc-2');
    sent = [];
    live.apply({ type: 'slots', meeting: id, participant: ada, slots });
    expect([kindsTo('zc-1'), kindsTo('zc-2')]).toEqual([['slots'], []]);
  });

  test('what his worker says before it has let him in comes with his entry', () => {
    const live = meetings.open(id, 1);
    enter(live, bob, 'zc-1');
    sent = [];
    live.add(ada, { name: 'Ada', sources: [], muted: [], home: { controller: 'zc-1', attachment: 2 } });
    live.apply({ type: 'slots', meeting: id, participant: ada, slots });
    expect(sent).toEqual([]);
    live.enter(ada);
    expect(kindsTo('zc-1')).toEqual(['roster', 'homed']);
    expect(lastTo('zc-1')?.homed).toMatchObject({ participant: ada, attachment: 2, slots });
  });

  test('who is handed over: his new home gets everything, the old one is told, others see nothing', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    enter(live, bob, 'zc-3');
    live.apply({ type: 'slots', meeting: id, participant: ada, slots });
    live.apply({ type: 'speakers', meeting: id, speakers: [bob] });
    sent = [];
    live.attach(ada, { controller: 'zc-2', attachment: 9 });
    expect([kindsTo('zc-1'), kindsTo('zc-2'), kindsTo('zc-3')]).toEqual([['taken'], ['snapshot'], []]);
    expect(lastTo('zc-2')?.snapshot).toMatchObject({ speakers: [bob], homed: [{ attachment: 9, slots }] });
  });

  test('a controller that listens again is told all that concerns it', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    live.unsubscribed('zc-1', nowMs);
    sent = [];
    live.subscribe('zc-1');
    live.subscribe('zc-2');
    expect([kindsTo('zc-1'), kindsTo('zc-2')]).toEqual([['snapshot'], []]);
    expect(live.handleTimeout(9e9)).toEqual([]);
  });
});

describe('epochs', () => {
  test('a lower one than was seen is over, also when the meeting is gone', () => {
    meetings.checkEpoch(id, 5);
    expect(() => meetings.checkEpoch(id, 4)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
    meetings.drop(meetings.open(id, 5));
    expect(() => meetings.checkEpoch(id, 5)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
    meetings.checkEpoch(id, 6);
  });

  test('one that is ended takes nobody any more and is gone when the last has left', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    meetings.end(live);
    expect(meetings.get(id)).toBe(live);
    expect(() => meetings.checkEpoch(id, 1)).toThrow();
    live.remove(ada, nowMs);
    meetings.settle(live);
    expect(meetings.get(id)).toBeUndefined();
  });
});

describe('empty meetings', () => {
  test('are reported with the time since the last one left', () => {
    const live = meetings.open(id, 3);
    enter(live, ada, 'zc-1');
    expect(meetings.empty()).toEqual([]);
    nowMs = 1_000;
    live.remove(ada, nowMs);
    nowMs = 1_500;
    expect(meetings.empty()).toEqual([{ meeting: id, epoch: 3, emptyMs: 500 }]);
    live.add(bob, { name: 'Bob', sources: [], muted: [], home: { controller: 'zc-1', attachment: 1 } });
    expect(meetings.empty()).toEqual([]);
  });

  test('that nobody ends are bounded: the oldest end by themselves', () => {
    const oldest = meetings.open(id, 1);
    enter(meetings.open('in-use' as MeetingId, 1), ada, 'zc-1');
    for (let count = 0; count < 10_001; count++) meetings.open(`m${count}` as MeetingId, 1);
    expect(meetings.get(oldest.id)).toBeUndefined();
    expect(() => meetings.checkEpoch(id, 1)).toThrow();
    expect([...meetings.all]).toHaveLength(10_001);
    expect(meetings.empty()).toHaveLength(1_000);
  });
});
