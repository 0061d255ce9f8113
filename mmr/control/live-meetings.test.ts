import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { LiveMeeting } from './live-meeting.ts';
import { LiveMeetings } from './live-meetings.ts';
import { initialState } from './state/meeting-state.ts';
import { readChanged, readState } from './state/state-wire.ts';
import type { WireEvent } from './to-event.ts';

const id = '12345678901' as MeetingId;
const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const slots = [{ mid: '3', participant: 'bob', kind: 'camera' as const }];

/** What was sent to each controller: the kinds of events, and the last one. */
let sent: { to: string; event: WireEvent }[];
let nowMs: number;
/** Of whom the other routers were told. */
let told: string[];
let forgotten: string[];
let meetings: LiveMeetings;
beforeEach(() => {
  sent = [];
  told = [];
  forgotten = [];
  nowMs = 0;
  meetings = new LiveMeetings(
    { send: (to, event) => sent.push({ to, event }) },
    { changedHere: (_, participants) => told.push(...participants), forgotten: (meeting) => forgotten.push(meeting) },
  );
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
    live.remove(ada);
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

describe('the state of a meeting', () => {
  const state = initialState({ settings: DEFAULT_SETTINGS }, 't');
  const wait = (live: LiveMeeting, participant: ParticipantId, controller: string): void => {
    live.state.guests.ask(participant, { controller, attachment: 1 });
    live.state.wait(participant);
  };

  test('comes with the snapshot, then as it changes, in the order of the roster', () => {
    const live = meetings.open(id, 1);
    live.state.set(state, []);
    enter(live, ada, 'zc-1');
    expect(readState(lastTo('zc-1')?.snapshot?.state ?? '')).toEqual(state);
    const person = { name: 'Ada', role: 'host' as const, since: 1 };
    const changes = [{ type: 'person' as const, participant: ada, person }];
    live.state.change({ ...state, version: 1, people: new Map([[ada, person]]) }, changes, []);
    live.rename(ada, 'Ada');
    expect(kindsTo('zc-1')).toEqual(['snapshot', 'state', 'roster']);
    live.raise(2);
    expect(readState(lastTo('zc-1')?.snapshot?.state ?? '')?.people.get(ada)).toEqual(person);
    expect(lastTo('zc-1')?.snapshot?.roster[0]?.name).toBe('Ada');
  });

  test('a controller by which somebody waits hears of it alone, also when it listens again', () => {
    const live = meetings.open(id, 1);
    live.state.set(state, []);
    wait(live, ada, 'zc-1');
    wait(live, bob, 'zc-1');
    enter(live, 'cid' as ParticipantId, 'zc-2');
    live.state.change({ ...state, version: 1 }, [], []);
    live.subscribe('zc-1');
    expect([kindsTo('zc-1'), kindsTo('zc-2')]).toEqual([
      ['state', 'state', 'state'],
      ['snapshot', 'state'],
    ]);
    live.state.set(state, [{ type: 'ended' }]);
    expect(kindsTo('zc-1').slice(3)).toEqual(['state', 'state']);
    expect(readChanged(lastTo('zc-1')?.state?.changed ?? '')?.notices).toEqual([{ type: 'ended' }]);
  });

  test('while somebody waits, the meeting is not forgotten; who waits is told that it is closed', () => {
    const live = meetings.open(id, 1);
    wait(live, ada, 'zc-1');
    expect([live.isEmpty, live.isUnused, live.isDeserted]).toEqual([true, false, false]);
    meetings.end(id, 1);
    expect([meetings.get(id), forgotten]).toEqual([live, []]);
    expect(live.state.sendGuestsAway('meetingClosed')).toEqual([ada]);
    expect(lastTo('zc-1')?.left).toEqual({ meeting: id, participant: ada, reason: 'meetingClosed' });
    meetings.settle(live);
    expect([meetings.get(id), forgotten]).toEqual([undefined, [id]]);
  });
});

describe('a meeting on several routers', () => {
  const bob = { participant: 'bob' as ParticipantId, name: 'Bob', live: [], connected: true, router: 'r2' as RouterId };

  test('controllers are told of people elsewhere, other routers of those here', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    expect(told).toEqual([ada]);
    live.applyElsewhere({ changed: [bob], left: [] }, nowMs);
    expect(lastTo('zc-1')?.roster).toMatchObject({ changed: [{ participant: 'bob', router: 'r2' }], left: [] });
    expect(told).toEqual([ada]);
  });

  test('it is not empty while somebody is elsewhere, nor over while somebody is here', () => {
    const live = meetings.open(id, 1);
    live.applyElsewhere({ changed: [bob], left: [] }, nowMs);
    expect([live.isEmpty, live.isDeserted]).toEqual([true, false]);
    nowMs = 500;
    live.applyElsewhere({ changed: [], left: [bob.participant] }, nowMs);
    expect(live.isDeserted).toBe(true);
  });

  test('people who are lost with a router are away for ten seconds, and told so by those who knew them', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    live.applyElsewhere({ changed: [bob], left: [] }, nowMs);
    told = [];
    live.applyElsewhere({ changed: [], left: [], lost: [bob.participant] }, nowMs);
    expect(lastTo('zc-1')?.roster).toMatchObject({ changed: [{ participant: 'bob', connected: false }], left: [] });
    expect([told, live.entriesHere.map(({ participant }) => participant)]).toEqual([['bob'], [ada, 'bob']]);
    live.handleTimeout(9_999);
    expect(live.size).toBe(2);
    live.handleTimeout(10_000);
    expect(lastTo('zc-1')?.roster).toMatchObject({ changed: [], left: ['bob'] });
    expect(live.size).toBe(1);
  });

  test('somebody whose worker died is away until he is back, here or elsewhere', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    enter(live, bob.participant, 'zc-1');
    live.lose(bob.participant, nowMs);
    expect(lastTo('zc-1')?.roster).toMatchObject({ changed: [{ participant: 'bob', connected: false }] });
    live.applyElsewhere({ changed: [bob], left: [] }, nowMs);
    expect(lastTo('zc-1')?.roster).toMatchObject({ changed: [{ participant: 'bob', connected: true, router: 'r2' }] });
    expect(live.entriesHere.map(({ participant }) => participant)).toEqual([ada]);
    expect(live.handleTimeout(20_000)).toEqual([]);
    expect(live.size).toBe(2);
  });

  test('somebody who moves is never gone: on both routers for a while, then on one', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    enter(live, bob.participant, 'zc-1');
    live.applyElsewhere({ changed: [bob], left: [] }, nowMs);
    expect(live.size).toBe(2);
    live.remove(bob.participant);
    expect(lastTo('zc-1')?.roster).toMatchObject({ changed: [{ participant: 'bob', router: 'r2' }], left: [] });
    expect(sent.flatMap(({ event }) => event.roster?.left ?? [])).toEqual([]);
  });

  test('a new epoch keeps those who are here; their controllers hear of it', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    live.raise(4);
    expect(lastTo('zc-1')?.snapshot).toMatchObject({ epoch: 4, roster: [{ participant: ada }] });
  });
});

describe('epochs', () => {
  test('a lower one than was seen is over, also when the meeting is gone', () => {
    meetings.checkEpoch(id, 5);
    expect(() => meetings.checkEpoch(id, 4)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
    meetings.open(id, 5);
    meetings.end(id, 5);
    expect(meetings.get(id)).toBeUndefined();
    expect(() => meetings.checkEpoch(id, 5)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
    meetings.checkEpoch(id, 6);
  });

  test('one that is ended takes nobody any more and is gone when the last has left', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    meetings.end(id, 1);
    expect(meetings.get(id)).toBe(live);
    expect(() => meetings.checkEpoch(id, 1)).toThrow();
    live.remove(ada);
    meetings.settle(live);
    expect(meetings.get(id)).toBeUndefined();
  });
});

describe('an epoch that is ended', () => {
  test('takes nobody who comes late, also of a meeting that is not here', () => {
    meetings.end(id, 3);
    expect(meetings.get(id)).toBeUndefined();
    expect(() => meetings.checkEpoch(id, 3)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
    meetings.checkEpoch(id, 4);
  });

  test('below which a meeting has fallen behind ends with those before', () => {
    enter(meetings.open(id, 1), ada, 'zc-1');
    meetings.end(id, 3);
    expect(() => meetings.checkEpoch(id, 2)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
    expect(() => meetings.checkEpoch(id, 3)).toThrow(expect.objectContaining({ code: 'staleEpoch' }));
  });

  test('is followed by another while somebody of it is still leaving: the meeting goes on, also when he has left', () => {
    const live = meetings.open(id, 1);
    enter(live, ada, 'zc-1');
    meetings.end(id, 1);
    live.raise(2);
    live.remove(ada);
    meetings.settle(live);
    expect(meetings.get(id)).toBe(live);
  });
});

describe('empty meetings', () => {
  test('that nobody ends are bounded: the oldest end by themselves', () => {
    const oldest = meetings.open(id, 1);
    enter(meetings.open('in-use' as MeetingId, 1), ada, 'zc-1');
    for (let count = 0; count < 10_001; count++) meetings.open(`m${count}` as MeetingId, 1);
    expect(meetings.get(oldest.id)).toBeUndefined();
    expect(() => meetings.checkEpoch(id, 1)).toThrow();
    expect([...meetings.all]).toHaveLength(10_001);
  });
});
