/** The state of one meeting on several routers. The scenarios have the numbers of docs/meeting-state.md. */
import { expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../../proto/meeting-settings.ts';
import { LOST_AFTER_MS, RETURN_WITHIN_MS } from './absences.ts';
import { MAX_ACTS_IN_FLIGHT, MAX_PEOPLE } from './limits.ts';
import { CHECK_EVERY_MS } from './meeting-node.ts';
import { startAgain } from './meeting-state.ts';
import { ACT_TIMEOUT_MS } from './pending-acts.ts';
import { StateExchange } from './state-exchange.ts';
import { LAB_UNIX_MS, MEETING, StateLab } from './state-lab.ts';
import { readStart, writeStart } from './state-wire.ts';
import { ALONE_AFTER_MS } from './upstream.ts';
import type { WholeState } from './whole-state.ts';

const id = (name: string): ParticipantId => name as ParticipantId;
const ROOM = '10000000000' as MeetingId;

/** As a parent p tells it. */
const EMPTY: WholeState = {
  ...{ term: 'p.1', version: 0, settings: DEFAULT_SETTINGS, ended: false, lineage: [{ term: 'p.1', from: 0 }] },
  ...{ people: [], waiting: [], spotlight: [], chat: [], rooms: [], removed: [], remembered: [] },
};

/** a is the root, b its child, c the child of b; ann, the host, is on a, ben on b, cat on c. */
function line(start = {}): StateLab {
  const lab = new StateLab(['a', 'b', 'c'], { start: { settings: { ...DEFAULT_SETTINGS, ...start } } });
  lab.setTree({ a: undefined, b: 'a', c: 'b' });
  lab.advance(100);
  lab.join('a', 'ann', { role: 'host' });
  lab.join('b', 'ben');
  lab.join('c', 'cat');
  lab.advance(100);
  return lab;
}

function texts(lab: StateLab, router: string): string[] {
  return lab.state(router).chat.map(({ text }) => text);
}

function people(lab: StateLab, router: string): string[] {
  return [...lab.state(router).people.keys()];
}

function expectAlike(lab: StateLab, ...routers: string[]): void {
  for (const router of routers) expect(lab.picture(router)).toEqual(lab.picture(routers[0] as string));
}

test('13. an act goes up, is decided at the root, and its changes come down before its outcome', () => {
  const lab = line();
  expect(people(lab, 'c')).toEqual(['ann', 'ben', 'cat']);
  lab.messages = [];
  const outcome = lab.act('c', 'cat', { type: 'chat', text: 'hello' });
  expect(outcome.done).toBeUndefined();
  lab.advance(100);
  expect(outcome.done).toBe(true);
  expect(lab.messages.map(({ from, to, message }) => `${from}${to} ${message.type}`)).toEqual([
    'cb act',
    'ba act',
    'ab step',
    'ab outcome',
    'bc step',
    'bc outcome',
  ]);
  expect(lab.state('b').chat).toMatchObject([{ from: 'cat', fromName: 'cat', text: 'hello' }]);
  expect(lab.state('b').chat[0]?.sentMs).toBeGreaterThan(LAB_UNIX_MS);
  expectAlike(lab, 'a', 'b', 'c');
});

test('14. a refusal comes back with its words, and nothing is told to others', () => {
  const lab = line();
  lab.messages = [];
  const outcome = lab.act('c', 'cat', { type: 'lock' });
  lab.advance(100);
  expect(outcome.error).toMatchObject({ code: 'notAllowed', message: expect.stringContaining('not allowed') });
  expect(lab.messages.filter(({ message }) => message.type === 'step')).toEqual([]);
});

test('15. somebody waits on one router, and is admitted on another: his router hears for which controller', () => {
  const lab = line({ waitingRoom: true });
  const dan = lab.join('c', 'dan');
  lab.advance(100);
  expect(dan.joined).toBe('waiting');
  lab.act('a', 'ann', { type: 'admit', participant: id('dan') });
  lab.advance(100);
  expect(lab.notices('c')).toContainEqual({
    type: 'admitted',
    participant: 'dan',
    router: 'c',
    controller: 'controller-c',
  });
  expect(people(lab, 'a')).toContain('dan');
});

test('16. a stream breaks for a moment: what was missed is caught up, acts meanwhile are done once', () => {
  const lab = line();
  lab.cut('a', 'b');
  const fromBelow = lab.act('c', 'cat', { type: 'chat', text: 'from below' });
  lab.act('a', 'ann', { type: 'mute', participant: id('cat'), source: 'microphone' });
  lab.advance(ALONE_AFTER_MS / 2);
  lab.messages = [];
  lab.mend('a', 'b');
  lab.advance(200);
  expect(fromBelow.done).toBe(true);
  expect(lab.messages.filter(({ message }) => message.type === 'whole')).toEqual([]);
  expect(lab.notices('c')).toContainEqual({ type: 'mute', participant: 'cat', source: 'microphone' });
  expectAlike(lab, 'a', 'b', 'c');
});

test('an act whose outcome is lost with the stream is said again, and not done again', () => {
  const lab = line();
  // The act arrives and is done; neither step nor outcome come back.
  lab.onState = (router) => router === 'a' && lab.cut('a', 'b');
  const outcome = lab.act('b', 'ben', { type: 'chat', text: 'once' });
  lab.advance(100);
  lab.onState = () => undefined;
  expect([outcome.done, texts(lab, 'a'), texts(lab, 'b')]).toEqual([undefined, ['once'], []]);
  lab.act('a', 'ann', { type: 'lock' });
  lab.mend('a', 'b');
  lab.advance(100);
  expect([outcome.done, texts(lab, 'a'), texts(lab, 'b')]).toEqual([true, ['once'], ['once']]);
});

test('what is decided alone while the parent comes back is seen by nobody as its state', () => {
  const lab = line();
  lab.cut('a', 'b');
  lab.advance(ALONE_AFTER_MS + 100);
  lab.mend('a', 'b');
  // b has asked to follow, and a's answer is on its way.
  while (!lab.messages.some(({ message }) => message.type === 'follow' && lab.nowMs > ALONE_AFTER_MS)) lab.advance(1);
  lab.act('b', 'ben', { type: 'raiseHand' });
  lab.advance(100);
  expectAlike(lab, 'a', 'b', 'c');
});

test('17. the parent is away for long: the part below goes on, and the upper part wins when it is back', () => {
  const lab = line();
  lab.cut('a', 'b');
  lab.advance(ALONE_AFTER_MS + 100);
  const claim = lab.act('c', 'cat', { type: 'raiseHand' });
  lab.act('b', 'ben', { type: 'chat', text: 'below' });
  lab.act('a', 'ann', { type: 'chat', text: 'above' });
  lab.act('a', 'ann', { type: 'lock' });
  lab.advance(100);
  expect([claim.done, texts(lab, 'a'), texts(lab, 'c')]).toEqual([true, ['above'], ['below']]);
  expect(lab.state('c').settings.locked).toBe(false);
  lab.mend('a', 'b');
  lab.advance(100);
  expectAlike(lab, 'a', 'b', 'c');
  expect(texts(lab, 'a')).toEqual(['above', 'below']);
  expect(lab.state('c').settings.locked).toBe(true);
  expect(lab.state('c').people.get(id('cat'))?.hand).toBeUndefined();
});

test('18. a part that was away for very long comes back: its people are there again, with their roles', () => {
  const lab = line();
  lab.act('a', 'ann', { type: 'makeCohost', participant: id('cat') });
  lab.advance(100);
  lab.cut('a', 'b');
  lab.advance(LOST_AFTER_MS + 2 * CHECK_EVERY_MS + ALONE_AFTER_MS);
  // In each part the others have left; below, the co-host is the host by now.
  expect([people(lab, 'a'), people(lab, 'c')]).toEqual([['ann'], ['ben', 'cat']]);
  expect(lab.state('c').people.get(id('cat'))?.role).toBe('host');
  lab.mend('a', 'b');
  lab.advance(CHECK_EVERY_MS + 100);
  expectAlike(lab, 'a', 'b', 'c');
  const roles = Object.fromEntries([...lab.state('a').people].map(([name, { role }]) => [name, role]));
  expect(roles).toEqual({ ann: 'host', ben: 'participant', cat: 'cohost' });
});

test('19. who was removed while his router was cut off is out when it is back', () => {
  const lab = line();
  lab.cut('b', 'c');
  lab.act('a', 'ann', { type: 'remove', participant: id('cat') });
  lab.advance(ALONE_AFTER_MS + 100);
  lab.mend('b', 'c');
  lab.advance(100);
  expect(lab.notices('c')).toContainEqual({ type: 'removed', participant: 'cat' });
  expect(people(lab, 'c')).toEqual(['ann', 'ben']);
});

test('20. the root moves: the new one goes on under a term of its own, and what only the old one knew is not lost', () => {
  const lab = line();
  const before = lab.state('c').term;
  lab.cut('a', 'b');
  const late = lab.act('a', 'ann', { type: 'chat', text: 'late' });
  expect(late.done).toBe(true);
  lab.setTree({ c: undefined, b: 'c', a: 'b' });
  lab.advance(50);
  lab.act('c', 'cat', { type: 'chat', text: 'new' });
  lab.mend('a', 'b');
  lab.advance(100);
  expectAlike(lab, 'a', 'b', 'c');
  expect(texts(lab, 'c')).toEqual(['new', 'late']);
  expect(lab.state('a').term).not.toBe(before);
});

test('21. the root dies with an act in flight: the next one does it, and what was done stays done', () => {
  const lab = line();
  lab.cut('b', 'c');
  const outcome = lab.act('b', 'ben', { type: 'chat', text: 'once' });
  // b has heard of it, c has not.
  lab.advance(100);
  expect(outcome.done).toBe(true);
  lab.mend('b', 'c');
  lab.crash('a');
  const next = lab.act('b', 'ben', { type: 'chat', text: 'in flight' });
  lab.setTree({ b: undefined, c: 'b' });
  lab.advance(100);
  expect([next.done, texts(lab, 'b'), texts(lab, 'c')]).toEqual([true, ['once', 'in flight'], ['once', 'in flight']]);
});

test('without a router that decides, or with too many acts at once, one is told to try again', () => {
  const exchange = new StateExchange(
    { router: 'x' as RouterId, instance: 'x1' },
    { send: () => undefined, whole: () => undefined, changed: () => undefined, toUnixMs: (nowMs) => nowMs },
  );
  const errors: string[] = [];
  const chat = (text: string): void =>
    exchange.act(0, MEETING, { participant: id('xia') }, { type: 'chat', text }, (error) =>
      errors.push(error?.code ?? 'done'),
    );
  chat('no such meeting');
  expect(errors.splice(0)).toEqual(['tryAgain']);
  const start = { settings: DEFAULT_SETTINGS };
  exchange.setTree(0, MEETING, { parent: 'p' as RouterId, children: [], start });
  chat('nobody decides');
  for (let i = 0; i < MAX_ACTS_IN_FLIGHT; i++) chat('too many');
  expect(errors.splice(0)).toEqual(['tryAgain']);
  exchange.drop(0, MEETING);
  expect(errors).toHaveLength(MAX_ACTS_IN_FLIGHT);
  expect(new Set(errors)).toEqual(new Set(['tryAgain']));
});

test('22. no outcome in time: an error that says so', () => {
  let nowMs = 0;
  const exchange = new StateExchange(
    { router: 'x' as RouterId, instance: 'x1' },
    {
      // The parent lets us follow, and never answers anything.
      send: (peer, meeting, message) => {
        if (message.type === 'follow') {
          queue.push(() => exchange.handle(nowMs, peer, meeting, { type: 'whole', link: message.link, whole: EMPTY }));
          queue.push(() =>
            exchange.handle(nowMs, peer, meeting, {
              type: 'synced',
              link: message.link,
              stamp: { term: 'p.1', version: 0 },
            }),
          );
        }
      },
      whole: () => undefined,
      changed: () => undefined,
      toUnixMs: (ms) => ms,
    },
  );
  const queue: (() => void)[] = [];
  exchange.reachable(0, 'p' as RouterId);
  exchange.setTree(0, MEETING, { parent: 'p' as RouterId, children: [], start: { settings: DEFAULT_SETTINGS } });
  for (const run of queue.splice(0)) run();
  const errors: unknown[] = [];
  exchange.act(nowMs, MEETING, { participant: id('xia') }, { type: 'raiseHand' }, (error) => errors.push(error));
  nowMs = ACT_TIMEOUT_MS - 1;
  exchange.handleTimeout(nowMs);
  expect(errors).toEqual([]);
  expect(exchange.nextTimeoutMs()).toBeLessThanOrEqual(ACT_TIMEOUT_MS);
  nowMs = ACT_TIMEOUT_MS;
  exchange.handleTimeout(nowMs);
  expect(errors).toEqual([
    expect.objectContaining({ code: 'tryAgain', retryAfterMs: 1_000, message: expect.stringContaining('No answer') }),
  ]);
});

test('23. a router is lost with its people: they have left after a while, unless they are with another one', () => {
  const lab = line();
  lab.join('c', 'dan');
  lab.advance(100);
  lab.crash('c');
  lab.setTree({ a: undefined, b: 'a' });
  lab.join('b', 'dan', { returning: true });
  lab.advance(LOST_AFTER_MS + 2 * CHECK_EVERY_MS);
  expect(people(lab, 'a')).toEqual(['ann', 'ben', 'dan']);
  expect(lab.state('a').people.get(id('dan'))?.router).toBe('b');
});

test('24. somebody moves from one router to another: leaving the first one later does not take him out', () => {
  const lab = line();
  lab.act('a', 'ann', { type: 'makeCohost', participant: id('cat') });
  lab.advance(100);
  lab.join('b', 'cat', { returning: true });
  lab.advance(100);
  lab.leave('c', 'cat');
  lab.advance(CHECK_EVERY_MS);
  expect(lab.state('a').people.get(id('cat'))).toMatchObject({ router: 'b', role: 'cohost' });
});

test('25. a router that comes into the tree, or comes back without a memory, learns the state', () => {
  const lab = new StateLab(['a', 'b', 'n']);
  lab.setTree({ a: undefined, b: 'a' });
  lab.advance(100);
  lab.join('b', 'ben');
  lab.act('b', 'ben', { type: 'chat', text: 'before' });
  lab.advance(100);
  // As a leaf; then the root dies, and is the root again, knowing nothing.
  lab.setTree({ a: undefined, b: 'a', n: 'b' });
  lab.advance(100);
  expectAlike(lab, 'a', 'b', 'n');
  lab.crash('a');
  lab.restart('a');
  lab.advance(100);
  expect(lab.state('a').people.has(id('ben'))).toBe(true);
  expectAlike(lab, 'a', 'b', 'n');
});

test('26. people in rooms stay part of the meeting; who does not come back in time has left', () => {
  const lab = line();
  const rooms = [{ room: ROOM, name: 'one', assigned: [id('ben'), id('cat')] }];
  lab.act('a', 'ann', { type: 'openRooms', rooms });
  lab.advance(100);
  expect(lab.notices('c')).toContainEqual({ type: 'goToRoom', participant: 'cat', room: ROOM });
  lab.leave('b', 'ben', ROOM);
  lab.leave('c', 'cat', ROOM);
  lab.advance(LOST_AFTER_MS + 2 * CHECK_EVERY_MS);
  expect(people(lab, 'a')).toEqual(['ann', 'ben', 'cat']);
  lab.act('a', 'ann', { type: 'closeRooms' });
  lab.advance(100);
  expect(lab.notices('c')).toContainEqual({ type: 'returnToMain', participants: 'all', from: ROOM });
  lab.join('c', 'ben', { returning: true });
  lab.advance(RETURN_WITHIN_MS + 2 * CHECK_EVERY_MS);
  expect(people(lab, 'a')).toEqual(['ann', 'ben']);
});

test('26. who has left his room, and does not come back, has left the meeting', () => {
  const lab = line();
  const rooms = [{ room: ROOM, name: 'one', assigned: [id('ben'), id('cat')] }];
  lab.act('a', 'ann', { type: 'openRooms', rooms });
  lab.leave('b', 'ben', ROOM);
  lab.leave('c', 'cat', ROOM);
  lab.advance(100);
  lab.act('b', 'operator', { type: 'leftRoom', room: ROOM, participants: [id('ben'), id('cat')] });
  lab.advance(RETURN_WITHIN_MS - 2 * CHECK_EVERY_MS);
  expect(people(lab, 'a')).toEqual(['ann', 'ben', 'cat']);
  lab.act('a', 'operator', { type: 'enterRoom', room: ROOM, participant: id('cat') });
  lab.advance(4 * CHECK_EVERY_MS);
  expect(people(lab, 'a')).toEqual(['ann', 'cat']);
});

test('who ends the meeting is told so, though it is closed at once', () => {
  const lab = line();
  lab.onState = (router, state) => {
    if (state.ended) lab.routers.get(router)?.exchange.drop(lab.nowMs, MEETING);
  };
  const outcome = lab.act('a', 'ann', { type: 'endMeeting' });
  expect(outcome.done).toBe(true);
  lab.advance(100);
  for (const router of ['a', 'b', 'c']) {
    expect(lab.hasState(router)).toBe(false);
    expect(lab.notices(router)).toContainEqual({ type: 'ended' });
  }
});

test('a step that leads beyond the bounds is not taken, and the parent not asked again at once', () => {
  const sent: string[] = [];
  const exchange = new StateExchange(
    { router: 'x' as RouterId, instance: 'x1' },
    {
      send: (_, __, message) => sent.push(message.type),
      whole: () => undefined,
      changed: () => undefined,
      toUnixMs: (ms) => ms,
    },
  );
  const parent = 'p' as RouterId;
  exchange.reachable(0, parent);
  exchange.setTree(0, MEETING, { parent, children: [], start: { settings: DEFAULT_SETTINGS } });
  exchange.handle(0, parent, MEETING, { type: 'whole', link: 1, whole: EMPTY });
  exchange.handle(0, parent, MEETING, { type: 'synced', link: 1, stamp: { term: 'p.1', version: 0 } });
  const person = { name: 'x', role: 'participant', since: 1, router: parent } as const;
  const changes = Array.from({ length: MAX_PEOPLE + 1 }, (_, i) => ({
    type: 'person' as const,
    participant: id(`p${i}`),
    person,
  }));
  const step = { id: 'p.2', term: 'p.1', version: 1, changes, notices: [] };
  exchange.handle(0, parent, MEETING, { type: 'step', link: 1, step });
  expect([exchange.state(MEETING)?.people.size, sent]).toEqual([0, ['follow']]);
  exchange.handle(0, parent, MEETING, { type: 'step', link: 1, step: { ...step, changes: [], version: 2 } });
  expect(sent).toEqual(['follow', 'follow']);
});

test('27. with what a meeting begins comes up from the router by which the first one comes', () => {
  const lab = new StateLab(['a', 'b', 'c'], { start: { settings: { ...DEFAULT_SETTINGS, waitingRoom: true } } });
  const { start } = lab;
  lab.startOf = () => undefined;
  lab.setTree({ a: undefined, b: 'a', c: 'b' });
  // Nobody knows: nobody begins.
  lab.advance(3 * ALONE_AFTER_MS);
  expect(['a', 'b', 'c'].map((router) => lab.hasState(router))).toEqual([false, false, false]);
  lab.startOf = (router) => (router === 'c' ? start : undefined);
  lab.setTree({ a: undefined, b: 'a', c: 'b' });
  lab.advance(100);
  const joined = lab.join('c', 'dan');
  lab.advance(2 * CHECK_EVERY_MS);
  expect([joined.joined, lab.state('a').settings.waitingRoom]).toEqual(['waiting', true]);
  expect([...lab.state('a').waiting.keys()]).toEqual(['dan']);
  expectAlike(lab, 'a', 'b', 'c');
});

test('a join and a leave that are lost are made good', () => {
  const lab = line();
  lab.leave('c', 'cat');
  lab.cut('b', 'c');
  lab.advance(10);
  lab.mend('b', 'c');
  lab.advance(2 * CHECK_EVERY_MS);
  expect(people(lab, 'a')).toEqual(['ann', 'ben']);
});

test('many come at once, through a tree: all are there, and it takes few messages', () => {
  const lab = line();
  lab.messages = [];
  for (let i = 0; i < 500; i++) lab.join('c', `p${i}`);
  lab.advance(500);
  expect(people(lab, 'a')).toHaveLength(503);
  expect(lab.messages).toHaveLength(500 * 6);
  lab.messages = [];
  lab.advance(20_000);
  expect(lab.messages).toEqual([]);
});

test('28. all routers are lost: with what a controller knew, the meeting goes on', () => {
  const lab = new StateLab(['a', 'x']);
  lab.setTree({ a: undefined });
  lab.advance(50);
  for (const [person, role] of [['ann', 'host'], ['ben', 'cohost'], ['cat'], ['eve'], ['rob']] as const) {
    lab.join('a', person, role && { role });
    lab.advance(50);
  }
  const rooms = [{ room: '10000000000' as MeetingId, name: 'Blue', assigned: [id('rob')] }];
  lab.act('a', 'ann', { type: 'openRooms', rooms });
  lab.leave('a', 'rob', '10000000000');
  for (const act of [
    { type: 'lock' } as const,
    { type: 'chat', text: 'kept' } as const,
    { type: 'remove', participant: id('eve') } as const,
    { type: 'spotlight', participant: id('cat') } as const,
  ])
    lab.act('a', 'ann', act);
  lab.advance(50);
  const last = lab.state('a');
  lab.crash('a');
  const start = readStart(writeStart(startAgain(last)));
  lab.startOf = () => start;
  lab.setTree({ x: undefined });
  lab.advance(50);
  const [stranger, removed] = [lab.join('x', 'dan'), lab.join('x', 'eve', { returning: true })];
  // As his controller says; he is a host no longer than there is none.
  const back = lab.join('x', 'ben', { role: 'participant', returning: true });
  lab.advance(50);
  expect([stranger.joined, removed.joined]).toMatchObject([{ code: 'notAllowed' }, { code: 'notAllowed' }]);
  expect(back.joined).toBe('entered');
  expect([lab.state('x').settings.locked, texts(lab, 'x'), lab.state('x').rooms]).toEqual([true, ['kept'], rooms]);
  expect(lab.state('x').people.get(id('ben'))?.role).toBe('cohost');
  expect(lab.state('x').version).toBeGreaterThan(last.version);
  lab.advance(LOST_AFTER_MS + 2 * CHECK_EVERY_MS);
  // Ann has not come back, and rob is in his room.
  expect([...lab.state('x').people].map(([who, { role, room }]) => [who, role, room])).toEqual([
    ['ben', 'host', undefined],
    ['rob', 'participant', '10000000000'],
  ]);
});
