/** What people do about a meeting as a whole: real sockets, real gRPC, routers without media but with real states. */
import { afterEach, describe, expect, test } from 'vitest';
import type { CreatedMeeting, ServerMessage } from '../proto/signalling.ts';
import { expectType, type TestClient } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

let zone: TestZone;
let meeting: CreatedMeeting;
afterEach(() => zone.stop());

async function start(routers = 1, controllers = 1): Promise<void> {
  zone = await TestZone.start({}, new Array(routers).fill({}));
  for (let count = 1; count < controllers; count++) await zone.addController();
  for (const controller of zone.controllers) await controller.whenReady(routers);
  meeting = await zone.controller.createMeeting();
}

/** Somebody in the meeting. */
async function enter(name: string, more: Parameters<TestClient['join']>[2] = {}, controller = zone.controller) {
  const client = await zone.connect(controller);
  const joined = expectType(await client.join(meeting, name, more), 'joined');
  return { client, joined, participant: joined.self.participant };
}

const enterHost = (name = 'Ann', controller = zone.controller) => enter(name, { hostKey: meeting.hostKey }, controller);

/** The next change of that type. */
async function change(client: TestClient, type: string) {
  const { changes } = await client.next('state', (message) => message.changes.some((each) => each.type === type));
  return changes.find((each) => each.type === type);
}

const DONE = { type: 'done' };
const refusedWith = (code: string): Partial<ServerMessage> => ({ type: 'error', code }) as Partial<ServerMessage>;

describe('roles', () => {
  test('the host key makes a host, at the join or later; others are listed only when there is something to say', async () => {
    await start();
    const ann = await enterHost();
    const entry = { participant: ann.participant, name: 'Ann', role: 'host' };
    expect(ann.joined.state).toMatchObject({ settings: { locked: false }, people: [entry], waiting: [], rooms: [] });
    const ben = await enter('Ben');
    expect(ben.joined.state.people).toEqual([entry]);
    expect(await ben.client.act({ type: 'lock' })).toMatchObject(refusedWith('notAllowed'));
    expect(await ben.client.act({ type: 'claimHost' })).toMatchObject(refusedWith('badMessage'));
    expect(await ben.client.act({ type: 'claimHost' }, { hostKey: 'guessed' })).toMatchObject(
      refusedWith('wrongPasscode'),
    );
    expect(await ben.client.act({ type: 'claimHost' }, { hostKey: meeting.hostKey })).toMatchObject(DONE);
    const { state } = await ben.client.next('wholeState');
    expect(state.people.map(({ name, role }) => [name, role])).toEqual([
      ['Ann', 'cohost'],
      ['Ben', 'host'],
    ]);
    expect(await ben.client.act({ type: 'lock' })).toMatchObject(DONE);
    expect(await change(ann.client, 'settings')).toMatchObject({ settings: { locked: true } });
  });

  test('a wrong host key at the join lets nobody in', async () => {
    await start();
    const client = await zone.connect();
    expect(await client.join(meeting, 'Eve', { hostKey: 'guessed' })).toMatchObject(refusedWith('wrongPasscode'));
  });

  test('guessing host keys in a meeting is slowed down like guessing passcodes', async () => {
    await start();
    const { client } = await enter('Eve');
    const codes = new Set<string>();
    for (let guess = 0; guess < 30; guess++) {
      codes.add(expectType(await client.act({ type: 'claimHost' }, { hostKey: `guess ${guess}` }), 'error').code);
    }
    expect([...codes]).toEqual(['wrongPasscode', 'rateLimited']);
  });

  test('a host who resumes at another controller is told all that he may see', async () => {
    await start(1, 2);
    const ann = await enterHost();
    await ann.client.act({ type: 'setSetting', setting: 'waitingRoom', value: true });
    expectType(await (await zone.connect()).join(meeting, 'Walt'), 'waiting');
    const client = await zone.connect(zone.controllers[1]);
    const resumed = expectType(await client.resume(ann.joined.self.session), 'resumed');
    expect(resumed.state).toMatchObject({ people: [{ role: 'host' }], waiting: [{ name: 'Walt' }] });
    expect(await client.act({ type: 'admitAll' })).toMatchObject(DONE);
  });

  test('when the only router is lost, the meeting goes on as it was, before anybody is back', async () => {
    await start(2);
    const ann = await enterHost();
    const [ben, eve] = [await enter('Ben'), await enter('Eve')];
    expect(await ann.client.act({ type: 'chat', text: 'kept' })).toMatchObject(DONE);
    expect(await ann.client.act({ type: 'remove', participant: eve.participant })).toMatchObject(DONE);
    expect(await eve.client.next('left')).toMatchObject({ reason: 'removed' });
    expect(await ann.client.act({ type: 'lock' })).toMatchObject(DONE);
    expect(await ann.client.act({ type: 'raiseHand' })).toMatchObject(DONE);
    await ann.client.next('state', ({ changes }) => changes.some((each) => each.type === 'person' && each.person.hand));
    zone.routers.find(({ commands }) => commands.some(({ method }) => method === 'Join'))?.stop();
    for (const { client } of [ann, ben]) await client.next('move');
    // A stranger, whose join comes first, and one who was made to leave a moment ago.
    expect(await (await zone.connect()).join(meeting, 'Cat')).toMatchObject(refusedWith('notAllowed'));
    expect(await (await zone.connect()).resume(eve.joined.self.session)).toMatchObject(refusedWith('sessionExpired'));
    expectType(await ben.client.move(), 'moved');
    expectType(await ann.client.move(), 'moved');
    const again = await zone.connect();
    const { state } = expectType(await again.resume(ann.joined.self.session), 'resumed');
    expect(state).toMatchObject({
      settings: { locked: true },
      people: [{ name: 'Ann', role: 'host', hand: expect.any(Number) }],
      chat: [{ text: 'kept' }],
    });
  });
});

describe('acts', () => {
  test('reach people at every controller', async () => {
    await start(1, 2);
    const ann = await enterHost();
    const ben = await enter('Ben', {}, zone.controllers[1]);
    expect(await ben.client.act({ type: 'raiseHand' })).toMatchObject(DONE);
    expect(await change(ann.client, 'person')).toMatchObject({ person: { name: 'Ben', hand: expect.any(Number) } });
    expect(await ann.client.act({ type: 'lowerAllHands' })).toMatchObject(DONE);
    expect(await change(ben.client, 'plain')).toEqual({ type: 'plain', participants: [ben.participant] });
    expect(await ben.client.act({ type: 'react', emoji: '🎉' })).toMatchObject(DONE);
    expect(await ann.client.next('reaction')).toEqual({ type: 'reaction', participant: ben.participant, emoji: '🎉' });
    expect(await ben.client.act({ type: 'rename', participant: ben.participant, name: 'Benedict' })).toMatchObject(
      DONE,
    );
    await ann.client.next('roster', ({ changed }) => changed.some(({ name }) => name === 'Benedict'));
  });

  test('a message to one is for the two', async () => {
    await start();
    const [ann, ben, cat] = [await enterHost(), await enter('Ben'), await enter('Cat')];
    expect(await ann.client.act({ type: 'chat', text: 'secret', to: ben.participant })).toMatchObject(DONE);
    expect(await ann.client.act({ type: 'chat', text: 'for all' })).toMatchObject(DONE);
    expect(await change(ben.client, 'chat')).toMatchObject({ message: { text: 'secret', toName: 'Ben' } });
    const { changes } = await cat.client.next('state');
    expect(changes).toMatchObject([{ type: 'chat', message: { text: 'for all', fromName: 'Ann' } }]);
    const dan = await enter('Dan');
    expect(dan.joined.state.chat.map(({ text }) => text)).toEqual(['for all']);
  });

  test('messages of one come in the order in which he wrote them', async () => {
    await start();
    const [ann, ben] = [await enterHost(), await enter('Ben')];
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`);
    await Promise.all(texts.map((text) => ann.client.act({ type: 'chat', text })));
    const heard: string[] = [];
    while (heard.length < texts.length) {
      const { changes } = await ben.client.next('state');
      heard.push(...changes.flatMap((each) => (each.type === 'chat' ? each.message.text : [])));
    }
    expect(heard).toEqual(texts);
  });

  test('a host turns off microphones, keeps them off, and asks for one', async () => {
    await start();
    const [ann, ben] = [await enterHost(), await enter('Ben')];
    expect(await ann.client.act({ type: 'setSetting', setting: 'unmuteSelf', value: false })).toMatchObject(DONE);
    expect(await ann.client.act({ type: 'muteAll' })).toMatchObject(DONE);
    expect(await ben.client.next('muted')).toEqual({ type: 'muted', source: 'microphone' });
    await ann.client.next('roster', ({ changed }) => changed.some(({ live }) => live.join() === 'camera'));
    ben.client.send({ type: 'mute', source: 'microphone', muted: false });
    expect(await ben.client.next('error')).toMatchObject(refusedWith('notAllowed'));
    expect(await ben.client.next('muted')).toEqual({ type: 'muted', source: 'microphone' });
    const ask = { type: 'askUnmute', participant: ben.participant, source: 'microphone' } as const;
    expect(await ann.client.act(ask)).toMatchObject(DONE);
    expect(await ben.client.next('askedToUnmute')).toEqual({ type: 'askedToUnmute', source: 'microphone' });
    ben.client.send({ type: 'mute', source: 'microphone', muted: false });
    await ann.client.next('roster', ({ changed }) => changed.some(({ live }) => live.join() === 'microphone,camera'));
    // Who comes with what may not be on is told that it is off.
    const cat = await enter('Cat');
    expect(await cat.client.next('muted')).toEqual({ type: 'muted', source: 'microphone' });
    expect(cat.joined.roster.at(-1)?.live).toEqual(['camera']);
  });

  test('who is removed is out, and does not come back with his stay', async () => {
    await start();
    const [ann, ben] = [await enterHost(), await enter('Ben')];
    expect(await ann.client.act({ type: 'remove', participant: ben.participant })).toMatchObject(DONE);
    expect(await ben.client.next('left')).toEqual({ type: 'left', reason: 'removed' });
    const again = await (await zone.connect()).resume(ben.joined.self.session);
    expect(again).toMatchObject(refusedWith('sessionExpired'));
  });

  test('a meeting that its host has ended is over for all, and lets nobody in', async () => {
    await start(1, 2);
    const [ann, ben] = [await enterHost(), await enter('Ben', {}, zone.controllers[1])];
    expect(await ben.client.act({ type: 'endMeeting' })).toMatchObject(refusedWith('notAllowed'));
    ann.client.send({ type: 'act', id: 99, act: { type: 'endMeeting' } });
    expect(await ann.client.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
    expect(await ben.client.next('left')).toEqual({ type: 'left', reason: 'meetingEnded' });
    const late = await zone.connect();
    await expect.poll(() => late.join(meeting, 'Late')).toMatchObject(refusedWith('noSuchMeeting'));
  });
});

describe('hostile acts', () => {
  test('before joining, about nobody, with what is no reaction, or too long', async () => {
    await start();
    const stranger = await zone.connect();
    expect(await stranger.act({ type: 'lock' })).toMatchObject(refusedWith('notJoined'));
    const { client } = await enterHost();
    const whom = 'nobody';
    expect(await client.act({ type: 'remove', participant: whom })).toMatchObject(refusedWith('notPossible'));
    expect(await client.act({ type: 'spotlight', participant: whom })).toMatchObject(refusedWith('notPossible'));
    expect(await client.act({ type: 'admit', participant: 'no id at all' })).toMatchObject(refusedWith('badMessage'));
    expect(await client.act({ type: 'react', emoji: '💣' })).toMatchObject(refusedWith('badMessage'));
    expect(await client.act({ type: 'chat', text: 'x'.repeat(2_049) })).toMatchObject(refusedWith('badMessage'));
    // Within the characters, but not within the bytes.
    expect(await client.act({ type: 'chat', text: '猫'.repeat(2_000) })).toMatchObject(refusedWith('badMessage'));
    expect(await client.act({ type: 'sendTo', participants: 'all', to: meeting.meeting } as never)).toMatchObject(
      refusedWith('badMessage'),
    );
    expect(await client.act({ type: 'raiseHand' })).toMatchObject(DONE);
  });

  test('a flood of them is told to wait; others notice nothing', async () => {
    await start();
    const [ann, eve] = [await enterHost(), await enter('Eve')];
    for (let id = 1_000; id < 1_150; id++) eve.client.send({ type: 'act', id, act: { type: 'chat', text: 'spam' } });
    expect(await eve.client.next('error')).toMatchObject(refusedWith('rateLimited'));
    expect(await ann.client.act({ type: 'setSetting', setting: 'chat', value: 'off' })).toMatchObject(DONE);
  });
});
