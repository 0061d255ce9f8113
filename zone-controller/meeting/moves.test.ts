import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import type { AccessEntry, ServerMessage, SlotEntry } from '../../proto/signalling.ts';
import type { Entrance } from './entrance.ts';
import { KEPT_MS, LiveMeeting } from './live-meeting.ts';
import { Moves } from './moves.ts';
import { tellConnection } from './picture.ts';
import { type Client, Session } from './session.ts';

const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const [A, B] = ['a', 'b'] as RouterId[] as [RouterId, RouterId];
const offer = { type: 'move' as const, id: 1, offer: 'sdp', sources: {}, muted: [] };

let meeting: LiveMeeting;
let session: Session;
let moves: Moves;
let said: ServerMessage[];
/** What the routers are asked beyond letting in. */
let left: RouterId[];
let enter: () => Promise<unknown>;
/** Second connections to the same place: what the router says, and where the first one is not needed any more. */
let openConnection: () => Promise<unknown>;
let settled: RouterId[];
let givenUp: number;
/** What clients are told of tunnels. */
let access: AccessEntry | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  [said, left, settled] = [[], [], []];
  access = undefined;
  givenUp = 0;
  meeting = new LiveMeeting('12345678901' as MeetingId, {
    isAway: () => false,
    stateLost: () => undefined,
    idle: () => undefined,
    now: () => performance.now(),
  });
  const client: Client = {
    address: '',
    isOpen: true,
    send: (message) => void said.push(message),
    sendText: (text) => void said.push(JSON.parse(text) as ServerMessage),
    refuse: () => undefined,
    take: () => undefined,
    release: () => undefined,
    close: () => undefined,
  };
  session = new Session({ meeting, participant: ada, name: 'Ada', role: 'participant', client, place: placeOn(A) });
  meeting.add(session);
  const people = [ada, bob].map((participant) => ({ participant, name: participant, live: [], connected: true }));
  meeting.resetRoster(
    A,
    people.map((entry) => ({ entry, router: A })),
  );
  meeting.roster.takeDelta();
  enter = async () => ({ entry: { meeting, participant: ada, place: placeOn(B), token: 'token' }, answer: 'answer' });
  openConnection = async () => ({ answer: 'second', token: 'token', connection: 7 });
  const entrance = {
    enter: () => enter(),
    openConnection: (_session: Session, _place: unknown, _offer: unknown, come: () => void) => {
      come();
      speakOf(7);
      return openConnection();
    },
    settleConnection: (_: ParticipantId, { mirror }: ReturnType<typeof placeOn>, isGivenUp: boolean) =>
      isGivenUp ? givenUp++ : settled.push(mirror.router),
    leave: ({ place }: { place: ReturnType<typeof placeOn> }) => left.push(place.mirror.router),
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  const definitions = { find: async () => undefined };
  // The cast: of the entrance, what moves use.
  const options = { entrance: entrance as unknown as Entrance, definitions, moved: () => undefined, log };
  moves = new Moves({ ...options, access: { tell: () => (access === undefined ? {} : { access }) } });
});

afterEach(() => {
  moves.cease(session);
  meeting.close();
  vi.useRealTimers();
});

function placeOn(router: RouterId) {
  const mirror = meeting.mirrorAt(router, 1);
  mirror.home({ participant: ada, attachment: 1, connection: 0, slots: [], encodings: [], audioOnly: false });
  return { mirror, worker: 0, attachment: 1 };
}

/** The router where he is: of which of his connections it tells, and what that carries. */
function speakOf(connection: number, slots: SlotEntry[] = []): void {
  session.place?.mirror.home({ participant: ada, attachment: 1, connection, slots, encodings: [], audioOnly: false });
}

const types = () => said.map(({ type }) => type);

test('whoever never says that he is done leaves the place before after ten seconds', async () => {
  moves.displace(session, 'drain', false);
  await moves.move(session, offer);
  expect([types(), session.place?.mirror.router, session.displaced]).toEqual([['move', 'moved'], B, undefined]);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(left).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(left).toEqual([A]);
  moves.done(session);
  expect(left).toEqual([A]);
});

test('nobody is asked twice, and who was not asked does not move', async () => {
  await expect(moves.move(session, offer)).rejects.toMatchObject({ code: 'badMessage' });
  moves.displace(session, 'drain', false);
  moves.displace(session, 'routerLost', true);
  expect([types(), session.place]).toEqual([['move'], undefined]);
  await moves.move(session, offer);
  // There is no place before.
  await vi.advanceTimersByTimeAsync(20_000);
  expect(left).toEqual([]);
});

test('one move at a time', async () => {
  const first = Promise.withResolvers<unknown>();
  const answer = await enter();
  enter = () => first.promise;
  moves.displace(session, 'drain', false);
  const moving = moves.move(session, offer);
  await expect(moves.move(session, offer)).rejects.toMatchObject({ code: 'rateLimited', retryAfterMs: 200 });
  first.resolve(answer);
  await moving;
  expect(types()).toEqual(['move', 'moved']);
});

test('by the way, he is told how to get in by tunnels', async () => {
  access = { turn: [], tunnels: ['https://t1.example'], ticket: 'ticket' };
  moves.displace(session, 'drain', false);
  await moves.move(session, offer);
  await moves.move(session, { ...offer, why: 'path' });
  expect(said.filter(({ type }) => type === 'moved')).toMatchObject([{ access }, { access }]);
});

describe('another way to the same place', () => {
  const path = { ...offer, why: 'path' as const };

  test('needs not be asked for; the first goes when the client says so', async () => {
    const place = session.place;
    await moves.move(session, path);
    expect(said).toEqual([{ type: 'moved', id: 1, answer: 'second', session: 'token', slots: [] }]);
    expect([session.place, session.isBetween, session.isMoving, settled]).toEqual([place, false, false, []]);
    moves.done(session);
    moves.done(session);
    expect([settled, left]).toEqual([[A], []]);
  });

  test('is refused by itself, and told of in time', async () => {
    const answer = Promise.withResolvers<unknown>();
    openConnection = () => answer.promise;
    const moving = moves.move(session, path);
    expect(session.isBetween).toBe(true);
    await expect(moves.move(session, path)).rejects.toMatchObject({ code: 'badMessage' });
    answer.reject(new ZonecastError('badOffer', ''));
    await expect(moving).rejects.toMatchObject({ code: 'badOffer' });
    expect([session.isBetween, session.isMoving, session.place?.mirror.router]).toEqual([false, false, A]);
    // The router had told of it already.
    expect(said).toEqual([{ type: 'moveUndone', slots: [] }]);
    moves.done(session);
    expect(settled).toEqual([]);
  });

  test('that is with the router when he is asked to go elsewhere is waited for, and does not keep him', async () => {
    const answer = Promise.withResolvers<unknown>();
    openConnection = () => answer.promise;
    const moving = moves.move(session, path);
    moves.displace(session, 'drain', false);
    await expect(moves.move(session, offer)).rejects.toMatchObject({ code: 'rateLimited', retryAfterMs: 200 });
    answer.resolve({ answer: 'second', token: 'token', connection: 7 });
    await moving;
    await moves.move(session, offer);
    expect([types(), session.place?.mirror.router]).toEqual([['move', 'moved', 'moved'], B]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(left).toEqual([A]);
  });

  test('that has come to nothing is told of, with what the first carries', async () => {
    const slots = [{ mid: '3', participant: bob, kind: 'camera' as const }];
    await moves.move(session, path);
    tellConnection(session);
    expect(types()).toEqual(['moved']);
    speakOf(0, slots);
    tellConnection(session);
    tellConnection(session);
    expect(said.slice(1)).toEqual([{ type: 'moveUndone', slots }]);
  });

  test('that has come to nothing is not told of while the next is with the router', async () => {
    await moves.move(session, path);
    const answer = Promise.withResolvers<unknown>();
    openConnection = () => answer.promise;
    const moving = moves.move(session, path);
    speakOf(0);
    tellConnection(session);
    expect(types()).toEqual(['moved']);
    answer.reject(new ZonecastError('badOffer', ''));
    await expect(moving).rejects.toMatchObject({ code: 'badOffer' });
    expect(types()).toEqual(['moved', 'moveUndone']);
  });

  test('is given up when the client says so, also while it is with the router, and after another session made it', async () => {
    await moves.move(session, path);
    moves.stay(session);
    moves.done(session);
    expect([givenUp, settled]).toEqual([1, []]);
    const answer = Promise.withResolvers<unknown>();
    openConnection = () => answer.promise;
    const moving = moves.move(session, path);
    moves.stay(session);
    expect(givenUp).toBe(1);
    answer.resolve({ answer: 'second', token: 'token', connection: 7 });
    await moving;
    expect(givenUp).toBe(2);
    moves.stay(session);
    expect([givenUp, session.isGivenUp]).toEqual([3, false]);
  });

  test('that is given up when he is asked to go elsewhere does not hold him', async () => {
    const answer = Promise.withResolvers<unknown>();
    openConnection = () => answer.promise;
    const moving = moves.move(session, path);
    moves.displace(session, 'routerLost', true);
    moves.stay(session);
    answer.reject(new ZonecastError('meetingLost', ''));
    await expect(moving).rejects.toMatchObject({ code: 'meetingLost' });
    await moves.move(session, offer);
    expect([session.place?.mirror.router, givenUp]).toEqual([B, 0]);
  });

  test('may be tried four times, then once in three seconds', async () => {
    for (let i = 0; i < 4; i++) await moves.move(session, path);
    await expect(moves.move(session, path)).rejects.toMatchObject({ code: 'rateLimited', retryAfterMs: 3_000 });
    await vi.advanceTimersByTimeAsync(3_000);
    await moves.move(session, path);
    await expect(moves.move(session, path)).rejects.toMatchObject({ code: 'rateLimited' });
    expect(types()).toEqual(Array.from({ length: 5 }, () => 'moved'));
  });

  test('of who is asked to go elsewhere, takes him there', async () => {
    moves.displace(session, 'drain', false);
    await moves.move(session, path);
    expect(session.place?.mirror.router).toBe(B);
    moves.done(session);
    expect([left, settled]).toEqual([[A], []]);
  });

  test('is interrupted with the place', async () => {
    openConnection = () => Promise.reject(new ZonecastError('meetingLost', '', { retryAfterMs: 1_000 }));
    await expect(moves.move(session, path)).rejects.toMatchObject({ code: 'meetingLost' });
  });
});

test.each([
  ['noRouter', { retryAfterMs: 1_000 }],
  ['meetingLost', { retryAfterMs: 1_000 }],
  ['badOffer', { retryAfterMs: undefined }],
] as const)(
  'a move that fails with %s says whether it may be tried again, and stays asked for',
  async (code, fields) => {
    const working = enter;
    enter = () => Promise.reject(new ZonecastError(code, ''));
    moves.displace(session, 'drain', false);
    await expect(moves.move(session, offer)).rejects.toMatchObject({ code, ...fields });
    enter = working;
    await moves.move(session, offer);
    expect(types()).toEqual(['move', 'moved']);
  },
);

test.each([undefined, { router: B }])('an operator who finds no room for him (to %o) lets him stay', async (to) => {
  enter = () => Promise.reject(new ZonecastError('noRouter', '', { retryAfterMs: 3_000 }));
  moves.send(session, A, to);
  await expect(moves.move(session, offer)).rejects.toMatchObject({ code: 'noRouter', retryAfterMs: undefined });
  await expect(moves.move(session, offer)).rejects.toMatchObject({ code: 'badMessage' });
  expect(session.place?.mirror.router).toBe(A);
});

test('a client that has gone meanwhile leaves the new place', async () => {
  moves.displace(session, 'drain', false);
  const moving = moves.move(session, offer);
  session.end();
  await expect(moving).rejects.toMatchObject({ code: 'meetingLost' });
  expect(left).toEqual([B]);
});

test('who is awaited goes after ten seconds, unless his client is still here', async () => {
  meeting.lose(A);
  moves.displace(session, 'routerLost', true);
  await vi.advanceTimersByTimeAsync(KEPT_MS + 100);
  const rosters = said.filter((message) => message.type === 'roster');
  expect(rosters.map(({ changed, left: gone }) => [changed.map(({ connected }) => connected), gone])).toEqual([
    [[false, false], []],
    [[], [bob]],
  ]);
  expect(meeting.roster.get(ada)).toMatchObject({ connected: false });
});
