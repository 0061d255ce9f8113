/** Breakout rooms: people are sent there and back, and stay a part of the meeting. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreatedMeeting } from '../proto/signalling.ts';
import { expectType, type TestClient } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

let zone: TestZone;
let meeting: CreatedMeeting;
let host: TestClient;
afterEach(() => zone.stop());
beforeEach(async () => {
  zone = await TestZone.start({}, [{}, {}]);
  const other = await zone.addController();
  await other.whenReady(2);
  meeting = await zone.controller.createMeeting();
  host = await zone.connect();
  expectType(await host.join(meeting, 'Ann', { hostKey: meeting.hostKey }), 'joined');
});

/** Somebody in the meeting; at the other controller, as nothing may depend on who is where. */
async function enter(name: string) {
  const client = await zone.connect(zone.controllers[1]);
  const { self } = expectType(await client.join(meeting, name), 'joined');
  return { client, participant: self.participant };
}

async function open(...rooms: { name: string; assigned: string[] }[]): Promise<string[]> {
  expect(await host.act({ type: 'openRooms', rooms })).toMatchObject({ type: 'done' });
  const { changes } = await host.next('state', (message) => message.changes.some(({ type }) => type === 'rooms'));
  return changes.flatMap((change) => (change.type === 'rooms' ? change.rooms.map(({ room }) => room) : []));
}

/** The client does as it is told: another connection to that meeting, then away from this one. */
async function follow(client: TestClient) {
  const goTo = await client.next('goTo');
  const next = await zone.connect();
  const joined = expectType(await next.join({ meeting: goTo.meeting }, 'ignored', { pass: goTo.pass }), 'joined');
  client.send({ type: 'leave' });
  expect(await client.next('left')).toEqual({ type: 'left', reason: 'left' });
  return { client: next, joined, goTo };
}

/** What the host sees of somebody who is in a room. */
const roomOf = async (participant: string, room: string | undefined) =>
  host.next('state', ({ changes }) =>
    changes.some((change) =>
      room === undefined
        ? change.type === 'plain' && change.participants.includes(participant)
        : change.type === 'person' && change.person.participant === participant && change.person.room === room,
    ),
  );

describe('rooms', () => {
  test('people go there by a pass, as who they are, and come back when they are closed', async () => {
    const ben = await enter('Ben');
    const { participant } = ben;
    const [blue = ''] = await open({ name: 'Blue', assigned: [participant] });
    const inRoom = await follow(ben.client);
    expect(inRoom.goTo).toMatchObject({ meeting: blue, name: 'Blue' });
    expect(inRoom.joined).toMatchObject({ self: { participant }, meeting: { id: blue, title: 'Blue' } });
    expect(inRoom.joined).toMatchObject({ state: { main: meeting.meeting }, roster: [{ participant, name: 'Ben' }] });
    await roomOf(participant, blue);
    // Nobody of this meeting's routers has him, and yet he is told, in the room.
    expect(await host.act({ type: 'closeRooms' })).toMatchObject({ type: 'done' });
    const back = await follow(inRoom.client);
    expect(back.joined).toMatchObject({ self: { participant }, meeting: { id: meeting.meeting } });
    await roomOf(participant, undefined);
    expect(await back.client.act({ type: 'raiseHand' })).toMatchObject({ type: 'done' });
  });

  test('who has not gone to his room when he comes back at another controller is sent again; who came back from it is not', async () => {
    const client = await zone.connect(zone.controllers[1]);
    const { self } = expectType(await client.join(meeting, 'Ben'), 'joined');
    const { participant, session } = self;
    const [blue = ''] = await open({ name: 'Blue', assigned: [participant] });
    await client.next('goTo');
    client.close();
    const again = await zone.connect(zone.controllers[0]);
    expectType(await again.resume(session), 'resumed');
    expect(await again.next('goTo')).toMatchObject({ meeting: blue });
    // The same controller a moment later: on the connection before, it may not have been heard.
    const onceMore = await zone.connect(zone.controllers[0]);
    expectType(await onceMore.resume(session), 'resumed');
    const inRoom = await follow(onceMore);
    expect(inRoom.goTo.meeting).toBe(blue);
    await roomOf(participant, blue);
    inRoom.client.send({ type: 'leave' });
    const back = await zone.connect();
    const home = expectType(await back.join(meeting, 'ignored', { pass: inRoom.goTo.pass }), 'joined');
    await roomOf(participant, undefined);
    const later = await zone.connect(zone.controllers[1]);
    expectType(await later.resume(home.self.session), 'resumed');
    // What is said to everybody comes after what would have been said to him.
    expect(await host.act({ type: 'lock' })).toMatchObject({ type: 'done' });
    await later.next('state', ({ changes }) => changes.some(({ type }) => type === 'settings'));
    expect(later.count('goTo')).toBe(0);
  });

  test('who goes back by himself shows the pass that led there; it leads to no other meeting', async () => {
    const ben = await enter('Ben');
    const { participant } = ben;
    const [blue = ''] = await open({ name: 'Blue', assigned: [participant] });
    const { client, goTo } = await follow(ben.client);
    await roomOf(participant, blue);
    client.send({ type: 'leave' });
    const elsewhere = await zone.controller.createMeeting();
    const back = await zone.connect();
    const lost = await back.join({ meeting: elsewhere.meeting }, 'ignored', { pass: goTo.pass });
    expect(lost).toMatchObject({ type: 'error', code: 'sessionExpired' });
    const here = await back.join({ meeting: meeting.meeting }, 'ignored', { pass: goTo.pass });
    expect(here).toMatchObject({ type: 'joined', self: { participant } });
    await roomOf(participant, undefined);
  });

  test('who is removed while he is in one is out of it', async () => {
    const ben = await enter('Ben');
    const [blue = ''] = await open({ name: 'Blue', assigned: [ben.participant] });
    const { client } = await follow(ben.client);
    await roomOf(ben.participant, blue);
    expect(await host.act({ type: 'remove', participant: ben.participant })).toMatchObject({ type: 'done' });
    expect(await client.next('left')).toEqual({ type: 'left', reason: 'removed' });
  });

  test('one is called back alone; hosts stay hosts there and here', async () => {
    const [ben, cat] = [await enter('Ben'), await enter('Cat')];
    expect(await host.act({ type: 'makeCohost', participant: cat.participant })).toMatchObject({ type: 'done' });
    const [blue = ''] = await open({ name: 'Blue', assigned: [ben.participant, cat.participant] });
    const [benThere, catThere] = [await follow(ben.client), await follow(cat.client)];
    await roomOf(cat.participant, blue);
    // There is no other host there.
    expect(catThere.joined.state.people).toMatchObject([{ participant: cat.participant, role: 'host' }]);
    expect(await host.act({ type: 'assignRoom', participant: cat.participant })).toMatchObject({ type: 'done' });
    const back = await follow(catThere.client);
    const roles = back.joined.state.people.map(({ name, role }) => [name, role]);
    expect(roles).toEqual(
      expect.arrayContaining([
        ['Ann', 'host'],
        ['Cat', 'cohost'],
      ]),
    );
    expect(benThere.client.count('goTo')).toBe(0);
  });

  test('one goes straight to another room, and is found there', async () => {
    const ben = await enter('Ben');
    const { participant } = ben;
    const [blue = '', red = ''] = await open({ name: 'Blue', assigned: [participant] }, { name: 'Red', assigned: [] });
    const inBlue = await follow(ben.client);
    await roomOf(participant, blue);
    expect(await host.act({ type: 'assignRoom', participant, room: red })).toMatchObject({ type: 'done' });
    const inRed = await follow(inBlue.client);
    expect(inRed.joined).toMatchObject({ meeting: { id: red } });
    await roomOf(participant, red);
    // By the pass of before he cannot go where he is not to be any more.
    const back = await (await zone.connect()).join({ meeting: blue }, 'ignored', { pass: inBlue.goTo.pass });
    expect(back).toMatchObject({ type: 'error', code: 'notPossible' });
    expect(await host.act({ type: 'assignRoom', participant, room: blue })).toMatchObject({ type: 'done' });
    const again = await follow(inRed.client);
    expect(again.joined).toMatchObject({ meeting: { id: blue } });
    await roomOf(participant, blue);
    expect(await host.act({ type: 'assignRoom', participant })).toMatchObject({ type: 'done' });
    expect((await follow(again.client)).joined).toMatchObject({ meeting: { id: meeting.meeting } });
  });

  test('who has been removed from the meeting comes into none by a pass of before; nor does anybody into one that is closed', async () => {
    const [ben, cat] = [await enter('Ben'), await enter('Cat')];
    const [blue = ''] = await open({ name: 'Blue', assigned: [ben.participant, cat.participant] });
    const passes = [await ben.client.next('goTo'), await cat.client.next('goTo')].map(({ pass }) => pass);
    const join = async (index: number, to = blue) =>
      (await zone.connect()).join({ meeting: to }, 'ignored', { pass: passes[index] ?? '' });
    expect(await host.act({ type: 'remove', participant: ben.participant })).toMatchObject({ type: 'done' });
    expect(await join(0)).toMatchObject({ type: 'error', code: 'notAllowed' });
    expect(await join(0, meeting.meeting)).toMatchObject({ type: 'error', code: 'notAllowed' });
    expect(await host.act({ type: 'closeRooms' })).toMatchObject({ type: 'done' });
    expect(await join(1)).toMatchObject({ type: 'error', code: 'notPossible' });
  });

  test('a co-host who is none any more does not become one again by his pass', async () => {
    const ben = await enter('Ben');
    const { participant } = ben;
    expect(await host.act({ type: 'makeCohost', participant })).toMatchObject({ type: 'done' });
    await open({ name: 'Blue', assigned: [participant] });
    const { pass } = await ben.client.next('goTo');
    expect(await host.act({ type: 'takeBackCohost', participant })).toMatchObject({ type: 'done' });
    // The connection of before has to go first, and with it all that the meeting knew of him.
    const back = expectType(await (await zone.connect()).join(meeting, 'ignored', { pass }), 'joined');
    expect(back.self.participant).toBe(participant);
    expect(back.state.people.map(({ name, role }) => [name, role])).toEqual([['Ann', 'host']]);
  });

  test('who loses his connection in one and does not come back has left the meeting, too; who comes back has not', async () => {
    await zone.stop();
    zone = await TestZone.start({ times: { resumeMs: 20, roomLeftMs: 200 } }, [{}]);
    meeting = await zone.controller.createMeeting();
    host = await zone.connect();
    expectType(await host.join(meeting, 'Ann', { hostKey: meeting.hostKey }), 'joined');
    const people = [
      await zone.enter(meeting, 'Ben'),
      await zone.enter(meeting, 'Cat'),
      await zone.enter(meeting, 'Dan'),
    ];
    const [ben = '', cat = '', dan = ''] = people.map(({ participant }) => participant);
    const [blue = ''] = await open({ name: 'Blue', assigned: [ben, cat, dan] });
    const inRoom = [];
    for (const { client } of people) inRoom.push(await follow(client));
    for (const each of [ben, cat, dan]) await roomOf(each, blue);
    // Ben and Cat lose theirs; Cat comes back by the pass that she has.
    for (const { client } of inRoom.slice(0, 2)) client.close();
    const { client: other } = inRoom[2] ?? {};
    const gone = new Set<string>();
    while (gone.size < 2)
      for (const each of (await other?.next('roster', ({ left }) => left.length > 0))?.left ?? []) gone.add(each);
    const again = await (await zone.connect()).join({ meeting: blue }, 'Cat', { pass: inRoom[1]?.goTo.pass ?? '' });
    expect(again).toMatchObject({ type: 'joined', self: { participant: cat } });
    const router = zone.router();
    const saysLeft = ({ method, request }: (typeof router.commands)[number]) =>
      method === 'Act' && JSON.stringify(request).includes('leftRoom');
    await expect.poll(() => router.commands.filter(saysLeft).length).toBeGreaterThan(0);
    // Between two looks, then for as long as one may be away, and a look.
    for (const ms of [6_000, 61_000]) router.skipInStates(ms);
    const { changes } = await host.next('state', (message) => message.changes.some(({ type }) => type === 'plain'));
    expect(changes).toContainEqual({ type: 'plain', participants: [ben] });
    const rooms = changes.find(({ type }) => type === 'rooms');
    expect(rooms).toMatchObject({ rooms: [{ assigned: [cat, dan] }] });
  });

  test('end with the meeting', async () => {
    const ben = await enter('Ben');
    const [blue = ''] = await open({ name: 'Blue', assigned: [ben.participant] });
    const { client } = await follow(ben.client);
    await roomOf(ben.participant, blue);
    host.send({ type: 'act', id: 99, act: { type: 'endMeeting' } });
    expect(await client.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
  });

  test('are opened by hosts alone, once, and are no meetings to come to without a pass', async () => {
    const ben = await enter('Ben');
    const rooms = [{ name: 'Blue', assigned: [] }];
    const refused = (code: string) => ({ type: 'error', code });
    expect(await ben.client.act({ type: 'openRooms', rooms })).toMatchObject(refused('notAllowed'));
    expect(await host.act({ type: 'openRooms', rooms: [] })).toMatchObject(refused('notPossible'));
    const [blue = ''] = await open(...rooms);
    expect(await host.act({ type: 'openRooms', rooms })).toMatchObject(refused('notPossible'));
    const eve = await zone.connect();
    const byPasscode = await eve.join({ meeting: blue, passcode: meeting.passcode }, 'Eve');
    expect(byPasscode).toMatchObject(refused('wrongPasscode'));
    const unknown = { type: 'assignRoom', participant: ben.participant, room: '12345678903' } as const;
    expect(await host.act(unknown)).toMatchObject(refused('notPossible'));
  });
});

test('the zone ends a meeting in which this controller has nobody', async () => {
  const third = await zone.addController();
  await third.whenReady(2);
  const end = `${third.url}/v1/meetings/${meeting.meeting}/end`;
  const answer = await fetch(end, { method: 'POST', headers: { 'zonecast-host-key': meeting.hostKey } });
  expect(answer.status).toBe(200);
  expect(await host.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
});

test('rooms cannot be opened and closed without end: each is a meeting of the zone', async () => {
  await zone.stop();
  zone = await TestZone.start({ limits: { openRoom: { burst: 3, perSecond: 1e-3 } } });
  const own = await zone.controller.createMeeting();
  const client = await zone.connect();
  expectType(await client.join(own, 'Eve', { hostKey: own.hostKey }), 'joined');
  const rooms = ['1', '2'].map((name) => ({ name, assigned: [] }));
  expect(await client.act({ type: 'openRooms', rooms })).toMatchObject({ type: 'done' });
  expect(await client.act({ type: 'closeRooms' })).toMatchObject({ type: 'done' });
  expect(await client.act({ type: 'openRooms', rooms })).toMatchObject({ type: 'error', code: 'rateLimited' });
  expect(await client.act({ type: 'openRooms', rooms: rooms.slice(1) })).toMatchObject({ type: 'done' });
});
