/** What acts do. The scenarios have the numbers of docs/meeting-state.md. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import { anything } from './act-arbitraries.ts';
import { ApplyLab, id, meetingId, ROUTER } from './apply-lab.ts';
import { applyChanges } from './changes.ts';
import { sizeBytes } from './chat-history.ts';
import {
  MAX_CHAT_BYTES,
  MAX_CHAT_MESSAGES,
  MAX_PEOPLE,
  MAX_REMOVED,
  MAX_SPOTLIGHTED,
  MAX_TEXT_BYTES,
  MAX_WAITING,
} from './limits.ts';
import { hostOf, type MeetingState } from './meeting-state.ts';
import { toWhole } from './whole-state.ts';

const ROOM = meetingId('10000000000');
const OTHER = 'other' as RouterId;

describe('scenarios', () => {
  test('1. without joinBeforeHost all wait; with the host they come in', () => {
    const lab = new ApplyLab({ joinBeforeHost: false }).join('pat').join('quinn');
    expect([lab.people, lab.waiting]).toEqual([[], ['pat', 'quinn']]);
    lab.join('ann', 'host');
    expect([lab.people, lab.waiting]).toEqual([['ann', 'pat', 'quinn'], []]);
    expect(lab.notices).toEqual([
      { type: 'admitted', participant: 'pat', router: ROUTER, controller: 'c' },
      { type: 'admitted', participant: 'quinn', router: ROUTER, controller: 'c' },
    ]);
  });

  test('2. the waiting room: one is admitted, one is refused and stays outside, one goes away', () => {
    const lab = new ApplyLab({ waitingRoom: true }).join('ann', 'host').join('pat').join('quinn').join('rob');
    lab.do('ann', { type: 'admit', participant: id('pat') });
    expect(lab.notices).toEqual([{ type: 'admitted', participant: 'pat', router: ROUTER, controller: 'c' }]);
    lab.do('ann', { type: 'refuse', participant: id('quinn') });
    expect(lab.notices).toEqual([{ type: 'refused', participant: 'quinn', router: ROUTER, controller: 'c' }]);
    lab.leave('rob').join('quinn');
    expect([lab.people, lab.waiting]).toEqual([['ann', 'pat'], []]);
    expect(lab.try('ann', { type: 'admit', participant: id('rob') })).toBe('notPossible');
  });

  test('turning the waiting room off lets those in who wait', () => {
    const lab = new ApplyLab({ waitingRoom: true }).join('ann', 'host').join('pat');
    lab.do('ann', { type: 'setSetting', setting: 'waitingRoom', value: false });
    expect([lab.people, lab.waiting]).toEqual([['ann', 'pat'], []]);
  });

  test('3. a locked meeting: nobody new comes in, a host and those who come back do', () => {
    const lab = ApplyLab.meeting().do('ann', { type: 'lock' });
    lab.join('rob').join('sue', 'participant', true).join('tom', 'cohost');
    expect(lab.people).toEqual(['ann', 'cora', 'pat', 'quinn', 'sue', 'tom']);
  });

  test('4. the host leaves: who has been co-host longest follows him; without one, somebody claims it', () => {
    const lab = ApplyLab.meeting()
      .do('ann', { type: 'makeCohost', participant: id('quinn') })
      .leave('ann');
    expect([lab.role('cora'), lab.role('quinn')]).toEqual(['host', 'cohost']);
    lab.leave('cora', 'quinn');
    expect([lab.people, lab.role('pat')]).toEqual([['pat'], 'participant']);
    lab.do('pat', { type: 'claimHost' });
    expect(lab.role('pat')).toBe('host');
  });

  test('5. the host makes another one host, and comes back as the host that the definition names', () => {
    const lab = ApplyLab.meeting().do('ann', { type: 'makeHost', participant: id('pat') });
    expect([lab.role('ann'), lab.role('pat')]).toEqual(['cohost', 'host']);
    lab.leave('ann').join('ann', 'host');
    expect([lab.role('ann'), lab.role('pat')]).toEqual(['host', 'cohost']);
    // Cora has been a co-host for longer than pat.
    lab.leave('ann').join('ann', 'host', true);
    expect([lab.role('ann'), lab.role('cora')]).toEqual(['cohost', 'host']);
  });

  test('5. of several who come back at once, one is the host, also when one of them was it before here', () => {
    const returner = (name: string, role: 'host' | 'participant', waiting: boolean) => ({
      ...{ participant: id(name), name, role, waiting },
      controller: 'c',
    });
    for (const people of [
      [returner('ann', 'host', true), returner('dan', 'participant', false)],
      [returner('dan', 'participant', false), returner('ann', 'host', true)],
    ]) {
      const lab = new ApplyLab().join('dan', 'host').do('router', { type: 'rejoin', router: OTHER, people });
      expect([lab.role('ann'), lab.role('dan')]).toEqual(['host', 'cohost']);
      expect(lab.state.people.get(id('dan'))?.router).toBe(OTHER);
    }
  });

  test('who comes back from where he waited is let in by a host who comes back with him, once', () => {
    const lab = new ApplyLab({ joinBeforeHost: false }).join('pat');
    const people = [
      { participant: id('ann'), name: 'ann', role: 'host', waiting: false, controller: 'c' },
      { participant: id('pat'), name: 'pat', role: 'participant', waiting: false, controller: 'c' },
    ] as const;
    lab.do('router', { type: 'rejoin', router: OTHER, people });
    expect([lab.people, lab.waiting]).toEqual([['ann', 'pat'], []]);
    expect(lab.state.people.get(id('pat'))?.router).toBe(OTHER);
  });

  test('6. who is removed does not come back with this stay, whatever he says', () => {
    const lab = ApplyLab.meeting().do('ann', { type: 'spotlight', participant: id('pat') });
    lab.do('cora', { type: 'remove', participant: id('pat') });
    expect([lab.notices, lab.state.spotlight]).toEqual([[{ type: 'removed', participant: 'pat' }], []]);
    lab.join('pat').join('pat', 'participant', true).join('pat', 'host');
    expect(lab.people).toEqual(['ann', 'cora', 'quinn']);
  });

  test('7. hands have the order in which they were raised', () => {
    const lab = ApplyLab.meeting().do('quinn', { type: 'raiseHand' }).do('pat', { type: 'raiseHand' });
    lab.do('quinn', { type: 'raiseHand' });
    const hand = (name: string): number => lab.state.people.get(id(name))?.hand ?? Number.NaN;
    expect(hand('quinn')).toBeLessThan(hand('pat'));
    lab.do('cora', { type: 'lowerAllHands' });
    expect([hand('quinn'), hand('pat')]).toEqual([Number.NaN, Number.NaN]);
  });

  test('8. orders about media reach whom they concern', () => {
    const lab = ApplyLab.meeting();
    lab.do('cora', { type: 'mute', participant: id('pat'), source: 'screen' });
    expect(lab.notices).toEqual([{ type: 'mute', participant: 'pat', source: 'screen' }]);
    lab.do('cora', { type: 'stopVideo', participant: id('pat') });
    expect(lab.notices).toEqual([{ type: 'mute', participant: 'pat', source: 'camera' }]);
    lab.do('cora', { type: 'askUnmute', participant: id('pat'), source: 'camera' });
    expect(lab.notices).toEqual([{ type: 'askUnmute', participant: 'pat', source: 'camera' }]);
    expect(lab.state.people.get(id('pat'))?.videoStopped).toBeUndefined();
  });

  test('9. rooms: people go, come back, and are called back; who does not come has left', () => {
    const lab = ApplyLab.meeting();
    lab.do('ann', {
      type: 'openRooms',
      rooms: [{ room: ROOM, name: 'one', assigned: ['pat', 'quinn', 'gone'].map(id) }],
    });
    expect(lab.state.rooms).toEqual([{ room: ROOM, name: 'one', assigned: ['pat', 'quinn'] }]);
    expect(lab.notices.map((notice) => notice.type)).toEqual(['goToRoom', 'goToRoom']);
    for (const name of ['pat', 'quinn']) {
      lab.do('router', { type: 'leave', router: ROUTER, participants: [id(name)], room: ROOM });
    }
    expect(lab.state.people.get(id('pat'))).toMatchObject({ room: ROOM });
    expect(lab.state.people.get(id('pat'))?.router).toBeUndefined();
    expect(lab.try('pat', { type: 'raiseHand' })).toBe('notAllowed');
    expect(lab.try('ann', { type: 'mute', participant: id('pat'), source: 'microphone' })).toBe('notPossible');
    lab.join('pat');
    expect(lab.state.rooms[0]?.assigned).toEqual(['quinn']);
    lab.do('ann', { type: 'assignRoom', participant: id('quinn') });
    expect(lab.notices).toEqual([{ type: 'returnToMain', participants: ['quinn'], from: ROOM }]);
    lab.do('ann', { type: 'closeRooms' });
    expect(lab.notices).toEqual([{ type: 'returnToMain', participants: 'all', from: ROOM }]);
    lab.do('router', { type: 'leave', router: undefined, participants: [id('quinn')] });
    expect(lab.people).toEqual(['ann', 'cora', 'pat']);
  });

  test('9. who has left his room is away, until he is back there, in the meeting, or in another room', () => {
    const [one, two] = [ROOM, meetingId('20000000000')];
    const lab = ApplyLab.meeting().do('ann', {
      type: 'openRooms',
      rooms: [
        { room: one, name: 'one', assigned: [id('pat')] },
        { room: two, name: 'two', assigned: [] },
      ],
    });
    const [gone, participants] = [() => lab.state.people.get(id('pat'))?.away, [id('pat'), id('nobody')]];
    const go = () => lab.do('router', { type: 'leave', router: ROUTER, participants: [id('pat')], room: one });
    const leave = (room: MeetingId) => lab.do('operator', { type: 'leftRoom', room, participants });
    leave(one);
    expect(gone()).toBeUndefined();
    go();
    leave(two);
    expect(gone()).toBeUndefined();
    leave(one);
    expect(gone()).toBe(true);
    lab.do('operator', { type: 'enterRoom', participant: id('pat'), room: one });
    expect(gone()).toBeUndefined();
    leave(one).join('pat');
    expect([gone(), lab.state.people.get(id('pat'))?.router]).toEqual([undefined, ROUTER]);
    go();
    expect(gone()).toBeUndefined();
    expect(lab.try('ann', { type: 'leftRoom', room: one, participants })).toBe('notAllowed');
  });

  test('all hear that the zone will end the meeting; nobody else may say so', () => {
    const lab = ApplyLab.meeting().do('operator', { type: 'announceEnd', leftMs: 60_000 });
    expect(lab.notices).toEqual([{ type: 'endsSoon', leftMs: 60_000 }]);
    expect(lab.try('ann', { type: 'announceEnd', leftMs: 1 })).toBe('notAllowed');
  });

  test('10. in a room, what the main meeting has ordered', () => {
    const main = meetingId('12345678903');
    const lab = new ApplyLab({}, main).join('pat');
    lab.do('operator', { type: 'sendTo', participants: 'all', to: main });
    expect(lab.notices).toEqual([{ type: 'returnToMain', participants: 'all', main }]);
    lab.do('operator', { type: 'sendTo', participants: [id('pat'), id('gone')], to: ROOM });
    expect(lab.notices).toEqual([{ type: 'goToRoom', participant: 'pat', room: ROOM }]);
    expect(lab.join('ann', 'host').try('ann', { type: 'openRooms', rooms: [] })).toBe('notPossible');
  });

  test('10. into a room comes who is to be there: also straight from another one', () => {
    const lab = ApplyLab.meeting();
    const [one, two] = [ROOM, meetingId('20000000000')];
    const enter = (name: string, room: MeetingId) =>
      lab.try('operator', { type: 'enterRoom', participant: id(name), room });
    expect(enter('pat', one)).toBe('notPossible');
    const rooms = [
      { room: one, name: 'one', assigned: ['pat', 'quinn'].map(id) },
      { room: two, name: 'two', assigned: [] },
    ];
    lab.do('ann', { type: 'openRooms', rooms });
    // His router will say that he has gone there.
    expect(enter('pat', one)).toBe('done');
    expect(lab.state.people.get(id('pat'))?.router).toBe(ROUTER);
    lab.do('router', { type: 'leave', router: ROUTER, participants: [id('pat')], room: one });
    lab.do('ann', { type: 'assignRoom', participant: id('pat'), room: two });
    expect(lab.notices).toEqual([{ type: 'goToRoom', participant: 'pat', room: two, from: one }]);
    expect([enter('pat', one), enter('pat', two), enter('gone', two)]).toEqual(['notPossible', 'done', 'notPossible']);
    expect(lab.state.people.get(id('pat'))).toMatchObject({ room: two });
    lab.do('ann', { type: 'assignRoom', participant: id('pat'), room: one });
    expect(lab.notices).toEqual([{ type: 'goToRoom', participant: 'pat', room: one, from: two }]);
    lab.do('ann', { type: 'remove', participant: id('quinn') });
    expect([enter('quinn', one), enter('cora', one)]).toEqual(['notAllowed', 'notPossible']);
    lab.do('ann', { type: 'closeRooms' });
    expect(enter('pat', one)).toBe('notPossible');
  });

  test('10. in a room, the host of the meeting is the host, whoever was it before he came', () => {
    const lab = new ApplyLab({}, meetingId('12345678903')).join('cora', 'cohost', true).join('ann', 'host', true);
    expect([lab.role('ann'), lab.role('cora')]).toEqual(['host', 'cohost']);
    expect(lab.try('cora', { type: 'remove', participant: id('ann') })).toBe('notAllowed');
  });

  test('11. an ended meeting takes no acts', () => {
    const lab = ApplyLab.meeting().do('ann', { type: 'endMeeting' });
    expect(lab.notices).toEqual([{ type: 'ended' }]);
    expect(lab.try('ann', { type: 'unlock' })).toBe('noSuchMeeting');
  });
});

describe('bounds', () => {
  test('people and those who wait', { timeout: 120_000 }, () => {
    const lab = new ApplyLab();
    const person = { name: 'x', role: 'participant', since: 1, router: ROUTER } as const;
    const entry = { name: 'x', sinceMs: 1, controller: 'c', router: ROUTER };
    const people = Array.from({ length: MAX_PEOPLE - 1 }, (_, i) => [id(`p${i}`), person] as const);
    const waiting = Array.from({ length: MAX_WAITING }, (_, i) => [id(`w${i}`), entry] as const);
    lab.state = { ...lab.state, people: new Map(people), waiting: new Map(waiting) };
    const newcomer = { type: 'join', name: 'n', role: 'participant', controller: 'c', router: ROUTER } as const;
    const join = { ...newcomer, participant: id('new'), returning: false };
    lab.do('operator', { type: 'admitAll' });
    expect([lab.people.length, lab.waiting.length]).toEqual([MAX_PEOPLE, MAX_WAITING - 1]);
    expect(lab.try('router', join)).toBe('meetingFull');
    expect(lab.try('operator', { type: 'admit', participant: id('w5') })).toBe('meetingFull');
    lab.do('operator', { type: 'setSetting', setting: 'waitingRoom', value: true });
    expect(lab.try('router', join)).toBe('done');
    expect(lab.try('router', { ...join, participant: id('another') })).toBe('meetingFull');
  });

  test('chat: as many messages as fit, and the last ones', () => {
    const lab = ApplyLab.meeting();
    for (let i = 0; i < MAX_CHAT_MESSAGES + 5; i++) lab.do('pat', { type: 'chat', text: `short ${i}` });
    expect([lab.state.chat.length, lab.state.chat[0]?.text]).toEqual([MAX_CHAT_MESSAGES, 'short 5']);
    for (let i = 0; i < 40; i++) lab.do('pat', { type: 'chat', text: `${i}`.padEnd(MAX_TEXT_BYTES, '.') });
    const bytes = lab.state.chat.reduce((sum, message) => sum + sizeBytes(message), 0);
    expect(bytes).toBeLessThanOrEqual(MAX_CHAT_BYTES);
    expect([lab.state.chat.length, lab.state.chat.at(-1)?.text.slice(0, 3)]).toEqual([31, '39.']);
  });

  test('spotlight, and those who are to stay outside', () => {
    const lab = new ApplyLab().join('ann', 'host');
    for (let i = 0; i <= MAX_REMOVED; i++) lab.join(`p${i}`).do('ann', { type: 'remove', participant: id(`p${i}`) });
    expect([lab.state.removed.length, lab.state.removed[0]]).toEqual([MAX_REMOVED, 'p1']);
    for (let i = 0; i < MAX_SPOTLIGHTED; i++)
      lab.join(`s${i}`).do('ann', { type: 'spotlight', participant: id(`s${i}`) });
    expect(lab.try('ann', { type: 'spotlight', participant: id('ann') })).toBe('notPossible');
  });
});

test('whatever is wanted: who applies the changes has the same state, and participants change nothing but their own', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 60 }), (wants) => {
      const lab = new ApplyLab();
      for (const { by, act } of wants) {
        const before = lab.state;
        const role = lab.role(by);
        const outcome = lab.outcome(by, act);
        if ('refusal' in outcome) continue;
        const version = before.version + 1;
        const isNothing = outcome.changes.length === 0 && outcome.notices.length === 0;
        const copied = isNothing ? before : applyChanges(before, outcome.changes, { term: 't.1', version });
        expect(toWhole(copied, [], [])).toEqual(toWhole(outcome.state, [], []));
        lab.state = outcome.state;
        checkInvariants(lab.state);
        if (by !== 'operator' && by !== 'router') expect(role).toBeDefined();
        if (role === 'participant' && act.type !== 'claimHost') {
          expect(othersPart(outcome.state, by)).toEqual(othersPart(before, by));
          for (const notice of outcome.notices) expect(notice).toMatchObject({ type: 'reaction', participant: by });
        }
      }
    }),
    { numRuns: 500 },
  );
});

function checkInvariants(state: MeetingState): void {
  const roles = [...state.people.values()].map(({ role }) => role);
  expect(roles.filter((role) => role === 'host').length).toBeLessThanOrEqual(1);
  if (roles.includes('cohost')) expect(hostOf(state)).toBeDefined();
  for (const participant of state.waiting.keys()) {
    expect(state.people.has(participant)).toBe(false);
    expect(state.removed).not.toContain(participant);
  }
  const { waitingRoom, joinBeforeHost } = state.settings;
  if (!waitingRoom && (joinBeforeHost || hostOf(state) !== undefined)) expect(state.waiting.size).toBe(0);
  for (const participant of state.spotlight) expect(state.people.has(participant)).toBe(true);
  for (const participant of state.removed) expect(state.people.has(participant)).toBe(false);
  const assigned = state.rooms.flatMap((room) => room.assigned);
  expect(new Set(assigned).size).toBe(assigned.length);
  for (const participant of assigned) expect(state.people.has(participant)).toBe(true);
  for (const { router, room, away } of state.people.values()) {
    expect((router === undefined) !== (room === undefined)).toBe(true);
    if (away) expect(room).toBeDefined();
  }
}

/** All that is not somebody's own: his hand, his name and what he writes. */
function othersPart(state: MeetingState, self: string): object {
  const whole = toWhole(state, [], []);
  const people = whole.people.map(({ participant, person }) =>
    participant === self ? { participant, person: { ...person, name: '', hand: undefined } } : { participant, person },
  );
  return { ...whole, version: 0, people, chat: whole.chat.filter(({ from }) => from !== self) };
}
