/** Routers of one meeting, joined by their own messages at once. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import { MeetingStates } from './meeting-states.ts';
import { CHECK_EVERY_MS } from './state/meeting-node.ts';
import type { Role } from './state/meeting-state.ts';
import type { Notice } from './state/notices.ts';
import { ALONE_AFTER_MS } from './state/upstream.ts';

const M = '12345678903' as MeetingId;
const START = { settings: { ...DEFAULT_SETTINGS, waitingRoom: true } };
const [a, b] = ['a', 'b'] as RouterId[] as [RouterId, RouterId];

let nowMs: number;
let routers: Map<RouterId, MeetingStates>;
let notices: string[];
beforeEach(() => {
  nowMs = 0;
  routers = new Map();
  notices = [];
});

/** `as`: how others name it. */
function start(
  router: RouterId,
  onNotice: (notice: Notice) => void = () => undefined,
  as: RouterId = router,
): MeetingStates {
  const note = (told: readonly Notice[]): void => {
    for (const notice of told) {
      notices.push(`${router} ${notice.type}`);
      onNotice(notice);
    }
  };
  const states = new MeetingStates({
    router,
    // As a stream: after what has said it.
    send: (to, meeting, json) => queueMicrotask(() => routers.get(to)?.handle(as, meeting, json)),
    listener: { whole: (_, __, told) => note(told), changed: (_, change) => note(change.notices) },
    now: () => nowMs,
  });
  routers.set(as, states);
  return states;
}

function startTwo(onNotice?: (notice: Notice) => void): [MeetingStates, MeetingStates] {
  const [root, child] = [start(a, onNotice), start(b, onNotice)];
  root.reachable(b);
  child.reachable(a);
  root.setTree(M, { parent: undefined, children: [b] });
  child.setTree(M, { parent: a, children: [] });
  return [root, child];
}

const newcomer = (name: string, role: Role = 'participant') => ({
  participant: name as ParticipantId,
  name,
  role,
  controller: 'c',
});

function join(states: MeetingStates, name: string, role?: Role): Promise<string> {
  states.open(M, START);
  return states.join(M, newcomer(name, role), false);
}

function pass(ms: number): void {
  nowMs += ms;
  for (const states of routers.values()) states.handleTimeout();
}

describe('one router', () => {
  test('the first who comes begins the meeting; when it is dropped, the next begins another', async () => {
    const states = start(a);
    states.setTree(M, { parent: undefined, children: [] });
    expect(states.state(M)).toBeUndefined();
    expect(await join(states, 'ann', 'host')).toBe('entered');
    expect(await join(states, 'dan')).toBe('waiting');
    states.drop(M);
    expect(states.state(M)).toBeUndefined();
    states.open(M, { settings: DEFAULT_SETTINGS });
    expect(await states.join(M, newcomer('dan'), false)).toBe('entered');
    expect(states.counts.acts).toEqual([
      { type: 'join', outcome: 'done', count: 2 },
      { type: 'join', outcome: 'waiting', count: 1 },
    ]);
  });

  test('what is refused says why, and is counted', async () => {
    const states = start(a);
    await join(states, 'ann', 'host');
    const dan = { participant: 'dan' as ParticipantId };
    await expect(states.act(M, dan, { type: 'lock' })).rejects.toMatchObject({ code: 'notAllowed' });
    await expect(states.act('x' as MeetingId, 'operator', { type: 'lock' })).rejects.toMatchObject({
      code: 'tryAgain',
    });
    await states.act(M, 'operator', { type: 'lock' });
    expect(states.counts.acts.filter(({ type }) => type === 'lock').map(({ outcome }) => outcome)).toEqual([
      'notAllowed',
      'tryAgain',
      'done',
    ]);
  });

  test('who is told of something may say something at once', async () => {
    const states = start(a, (notice) => {
      if (notice.type === 'refused') states.leave(M, notice.participant);
    });
    await join(states, 'ann', 'host');
    await join(states, 'dan');
    await states.act(M, 'operator', { type: 'refuse', participant: 'dan' as ParticipantId });
    expect(notices).toEqual(['a refused']);
    // He is not told again with each check, for he has left.
    pass(CHECK_EVERY_MS);
    expect(notices).toEqual(['a refused']);
  });
});

describe('two routers', () => {
  test('have one state; who goes from one to the other is with that one', async () => {
    const [root, child] = startTwo();
    expect(await join(root, 'ann', 'host')).toBe('entered');
    expect(await join(child, 'dan')).toBe('waiting');
    await root.act(M, 'operator', { type: 'admitAll' });
    await child.act(M, { participant: 'dan' as ParticipantId }, { type: 'chat', text: 'Hi' });
    expect(child.state(M)).toEqual(root.state(M));
    expect(notices).toEqual(['a admitted', 'b admitted']);
    expect(await child.join(M, newcomer('ann', 'host'), true)).toBe('entered');
    root.leave(M, 'ann' as ParticipantId);
    pass(CHECK_EVERY_MS);
    expect(root.state(M)?.people.get('ann' as ParticipantId)).toMatchObject({ role: 'host', router: child.router });
  });

  test('of the same name in two zones are two: neither takes out the people of the other', async () => {
    const [up, down] = ['up/a', 'down/a'] as RouterId[] as [RouterId, RouterId];
    const [root, child] = [start(a, () => undefined, up), start(a, () => undefined, down)];
    root.reachable(down);
    child.reachable(up);
    root.setTree(M, { parent: undefined, children: [down] });
    child.setTree(M, { parent: up, children: [] });
    await join(root, 'ann', 'host');
    await join(child, 'ben', 'cohost');
    for (let i = 0; i < 5; i++) pass(CHECK_EVERY_MS);
    await child.act(M, 'operator', { type: 'lock' });
    expect([...(root.state(M)?.people.keys() ?? [])]).toEqual(['ann', 'ben']);
  });

  test('the root is away: the other one decides after a while, for what is under way, too', async () => {
    const [root, child] = startTwo();
    await join(root, 'ann', 'host');
    await join(child, 'ben', 'cohost');
    child.unreachable(a);
    routers.delete(a);
    const locked = child.act(M, { participant: 'ben' as ParticipantId }, { type: 'lock' });
    pass(ALONE_AFTER_MS);
    await locked;
    expect([child.state(M)?.settings.locked, root.state(M)?.settings.locked]).toEqual([true, false]);
  });
});

describe('what other routers say', () => {
  test('that is no message, or of a meeting that is not here, is counted, and changes nothing', async () => {
    const [root] = startTwo();
    await join(root, 'ann', 'host');
    const before = { ...root.counts.messages };
    const state = root.state(M);
    for (const json of ['', '{', 'null', '7', '{"type":"boom"}', '{"type":"follow","link":-1,"routers":[]}']) {
      root.handle(b, M, json);
    }
    const lead = '{"type":"lead"}';
    for (const meeting of ['x', '', '__proto__']) root.handle(b, meeting as MeetingId, lead);
    // Of a router that is no neighbour; and what only a parent says, of a child.
    root.handle('z' as RouterId, M, '{"type":"follow","link":1,"routers":["z"]}');
    root.handle(b, M, lead);
    const { taken, ...others } = root.counts.messages;
    expect(others).toEqual({ notUnderstood: before.notUnderstood + 6, unknown: before.unknown + 3 });
    expect([taken - before.taken, root.state(M)]).toEqual([2, state]);
  });
});
