/** Joining, changing, leaving, resuming: real sockets, real gRPC, routers without media. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { expectType } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

let zone: TestZone;
afterEach(() => zone.stop());
afterEach(() => vi.useRealTimers());

describe('a meeting', () => {
  test('three people join, see each other, and one leaves', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    expect(ada.joined).toMatchObject({
      answer: 'answer to offer of Ada',
      meeting: { id: meeting.meeting, passcode: meeting.passcode },
      roster: [{ participant: ada.participant, name: 'Ada', live: ['microphone', 'camera'], connected: true }],
      slots: [],
      speakers: [],
    });
    const bob = await zone.enter(meeting, 'Bob');
    expect(bob.joined.roster.map(({ name }) => name)).toEqual(['Ada', 'Bob']);
    const delta = await ada.client.next('roster', ({ changed }) => changed.some(({ name }) => name === 'Bob'));
    expect(delta.left).toEqual([]);
    bob.client.send({ type: 'leave' });
    expect(await bob.client.next('left')).toEqual({ type: 'left', reason: 'left' });
    expect(await bob.client.closed).toBe(1000);
    const gone = await ada.client.next('roster', ({ left }) => left.length > 0);
    expect(gone).toEqual({ type: 'roster', changed: [], left: [bob.participant] });
    const { request } = await zone.router().command('Leave');
    expect(request).toEqual({
      meeting: meeting.meeting,
      epoch: 1,
      participant: bob.participant,
      kicked: false,
      room: '',
    });
  });

  test('what a client asks for reaches the router in order', async () => {
    zone = await TestZone.start();
    const { client, participant } = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    const { request: join } = await zone.router().command('Join');
    expect(join).toMatchObject({ participant, sources: { '0': 'microphone' }, muted: ['screen'] });
    client.send({ type: 'mute', source: 'screen', muted: false });
    const delta = await client.next('roster', ({ changed }) => changed[0]?.live.includes('screen') ?? false);
    expect(delta.changed[0]?.live).toEqual(['microphone', 'camera', 'screen']);
    expect((await zone.router().command('SetMute')).request).toMatchObject({ source: 'screen', muted: false });
    client.send({
      type: 'view',
      view: [
        { mid: '5', source: { participant: 'p', kind: 'camera' }, maxHeight: 720 },
        { mid: '6', source: 'auto' },
        { mid: '7', source: 'off', maxFps: 15 },
      ],
    });
    expect((await zone.router().command('SetView')).request).toMatchObject({
      view: [
        { mid: '5', source: 'fixed', fixed: { participant: 'p', kind: 'camera' }, maxHeight: 720, maxFps: 0 },
        { mid: '6', source: 'auto', auto: true },
        { mid: '7', source: 'off', off: true, maxFps: 15 },
      ],
    });
    client.send({ type: 'offer', id: 9, offer: 'more slots', sources: { '0': 'microphone' } });
    expect(await client.answer(9)).toEqual({ type: 'answer', id: 9, answer: 'answer to more slots' });
    client.send({ type: 'ping' });
    expect(await client.next('pong')).toEqual({ type: 'pong' });
  });

  test("the router's events reach those whom they are for", async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    const assigned = { mid: '4', participant: ada.participant, kind: 'camera' };
    const empty = { mid: '5', participant: '', kind: '' };
    zone.router().emit({ slots: { meeting, participant: bob.participant, slots: [assigned, empty] } });
    expect((await bob.client.next('slots')).slots).toEqual([assigned, { mid: '5' }]);
    zone.router().emit({ speakers: { meeting, participants: [bob.participant, 'stranger', ada.participant] } });
    expect((await ada.client.next('speakers')).speakers).toEqual([bob.participant, ada.participant]);
    expect(ada.client.count('slots')).toBe(0);
    const late = await zone.enter({ meeting, ...secrets }, 'Cleo');
    expect(late.joined.speakers).toEqual([bob.participant, ada.participant]);
  });

  test('slots that the router assigns before its answer arrives are in `joined`', async () => {
    zone = await TestZone.start({}, [
      {
        onJoin: ({ meeting, participant }) =>
          zone
            .router()
            .emit({ slots: { meeting, participant, slots: [{ mid: '4', participant: 'p', kind: 'camera' }] } }),
      },
    ]);
    const { joined, client } = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    const slots = joined.slots.length > 0 ? joined.slots : (await client.next('slots')).slots;
    expect(slots).toEqual([{ mid: '4', participant: 'p', kind: 'camera' }]);
  });

  test('which encodings are wanted is told to whose they are, once more after a resume, and to nobody else', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    const encodings = [
      { rid: 'l', active: true },
      { rid: 'h', active: false, maxHeight: 180 },
    ];
    zone.router().emit({ encodings: { meeting, participant: ada.participant, source: 'camera', encodings } });
    expect(await ada.client.next('encodings')).toEqual({ type: 'encodings', source: 'camera', encodings });
    ada.client.close();
    const client = await zone.connect();
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    expect(await client.next('encodings')).toEqual({ type: 'encodings', source: 'camera', encodings });
    expect(bob.client.count('encodings')).toBe(0);
  });

  test('connections are told to everybody in batches, and to those who come later', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    const [a, b] = [ada.participant, bob.participant];
    zone.router().emit({ quality: { meeting, qualities: [{ participant: a, uplink: 80 }] } });
    zone.router().emit({ quality: { meeting, qualities: [{ participant: b, uplink: 0, downlink: 55 }] } });
    const qualities = [
      { participant: a, uplink: 80 },
      { participant: b, uplink: 0, downlink: 55 },
    ];
    for (const { client } of [ada, bob]) expect(await client.next('quality')).toEqual({ type: 'quality', qualities });
    const cid = await zone.enter({ meeting, ...secrets }, 'Cid');
    expect(await cid.client.next('quality')).toEqual({ type: 'quality', qualities });
  });

  test('a slot whose picture is suspended says so, until it is not', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const { client, participant, joined } = await zone.enter({ meeting, ...secrets }, 'Ada');
    const slot = { mid: '4', participant: 'p', kind: 'camera' } as const;
    zone.router().emit({ slots: { meeting, participant, slots: [{ ...slot, suspended: true }] } });
    expect((await client.next('slots')).slots).toEqual([{ ...slot, suspended: true }]);
    const again = await zone.connect();
    const resumed = expectType(await again.resume(joined.self.session), 'resumed');
    expect(resumed.slots).toEqual([{ ...slot, suspended: true }]);
    zone.router().emit({ slots: { meeting, participant, slots: [slot] } });
    expect((await again.next('slots')).slots).toEqual([slot]);
  });

  test('somebody whose media ends is out, and may join again on the same socket', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    zone.router().emit({ left: { meeting, participant: bob.participant, reason: 'consentExpired' } });
    expect(await bob.client.next('left')).toEqual({ type: 'left', reason: 'consentExpired' });
    expect((await ada.client.next('roster', ({ left }) => left.length > 0)).left).toEqual([bob.participant]);
    bob.client.send({ type: 'mute', source: 'camera', muted: true });
    expect(await bob.client.next('error')).toMatchObject({ code: 'notJoined', message: 'You are not in a meeting.' });
    expectType(await bob.client.join({ meeting, ...secrets }, 'Bob'), 'joined');
  });

  test('the roster is told in batches', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const people = await Promise.all(Array.from({ length: 30 }, (_, index) => zone.enter(meeting, `Person ${index}`)));
    const names = new Set<string>();
    let batches = 0;
    while (names.size < people.length) {
      const { changed } = await ada.client.next('roster');
      batches++;
      for (const { name } of changed) if (name !== 'Ada') names.add(name);
    }
    expect(batches).toBeLessThan(people.length / 2);
    expect(new Set(people.map(({ participant }) => participant)).size).toBe(people.length);
  });

  test('closing an empty meeting does not touch one that somebody enters meanwhile', async () => {
    zone = await TestZone.start({ times: { emptyMeetingMs: 1 } });
    const meeting = await zone.controller.createMeeting();
    for (let round = 1; round <= 10; round++) {
      const { client } = await zone.enter(meeting, 'Ada');
      client.send({ type: 'leave' });
      await client.closed;
    }
    const last = await zone.enter(meeting, 'Bob');
    const epochs = zone.router().commands.flatMap(({ method, request }) => (method === 'Join' ? [request.epoch] : []));
    const closes = zone.router().commands.filter(({ method }) => method === 'CloseMeeting');
    for (const { request } of closes) expect(request.epoch).toBeLessThan(Number(epochs.at(-1)));
    expect(last.joined.roster).toHaveLength(1);
  });

  test('a meeting with nobody in it is closed on its router and can be joined again', async () => {
    zone = await TestZone.start({ times: { emptyMeetingMs: 20 } });
    const meeting = await zone.controller.createMeeting();
    const { client } = await zone.enter(meeting, 'Ada');
    client.send({ type: 'leave' });
    const { request } = await zone.router().command('CloseMeeting');
    expect(request).toEqual({ meeting: meeting.meeting, epoch: 1, onlyIfEmpty: true });
    await zone.enter(meeting, 'Ada');
    expect((await zone.router().command('Join')).request).toMatchObject({ epoch: 1 });
    expect((await zone.router().command('Join')).request).toMatchObject({ epoch: 2 });
  });
});

describe('limits of a meeting', () => {
  test('a full meeting takes nobody, not even while the last one is still joining, until somebody leaves', async () => {
    const held = Promise.withResolvers<void>();
    zone = await TestZone.start({ limits: { participantsPerMeeting: 2 } }, [
      { onJoin: ({ offer }) => (offer === 'offer of Bob' ? held.promise : undefined) },
    ]);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const bob = await zone.connect();
    const joining = bob.join(meeting, 'Bob');
    const cleo = await zone.connect();
    const full = { type: 'error', code: 'meetingFull', message: 'This meeting is full.' };
    expect(await cleo.join(meeting, 'Cleo')).toMatchObject(full);
    held.resolve();
    expectType(await joining, 'joined');
    expect(await cleo.join(meeting, 'Cleo')).toMatchObject(full);
    ada.client.send({ type: 'leave' });
    await ada.client.closed;
    expectType(await cleo.join(meeting, 'Cleo'), 'joined');
  });

  test('one that lasted longer than an unused meeting is kept can still be joined after it', async () => {
    zone = await TestZone.start({ times: { emptyMeetingMs: 20 } });
    const meeting = await zone.controller.createMeeting();
    const { client } = await zone.enter(meeting, 'Ada');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3_600_000 });
    client.send({ type: 'leave' });
    await zone.router().command('CloseMeeting');
    await zone.enter(meeting, 'Ada');
  });

  test('who leaves is taken off the router at once, whatever of theirs still waits for it', async () => {
    zone = await TestZone.start({ limits: { message: { burst: 200, perSecond: 200 } } }, [
      { onView: () => new Promise(() => undefined) },
    ]);
    const { client, participant } = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    for (let count = 0; count < 100; count++) client.send({ type: 'view', view: [] });
    expect(await client.next('error')).toMatchObject({ code: 'rateLimited', message: 'Too many changes at once.' });
    client.send({ type: 'leave' });
    await client.next('left');
    expect((await zone.router().command('Leave')).request).toMatchObject({ participant });
  });
});

describe('resume', () => {
  test('ends with leaving', async () => {
    zone = await TestZone.start();
    const ada = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    ada.client.send({ type: 'leave' });
    await ada.client.closed;
    expect(await (await zone.connect()).resume(ada.joined.self.session)).toMatchObject({ code: 'sessionExpired' });
  });

  test('a second one takes the place of the first, which has nothing to say any more', async () => {
    zone = await TestZone.start();
    const ada = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    ada.client.close();
    const [first, second] = [await zone.connect(), await zone.connect()];
    const { session } = ada.joined.self;
    const [replies] = [await Promise.all([first.resume(session), second.resume(session)])];
    expect(replies.map(({ type }) => type)).toEqual(['resumed', 'resumed']);
    first.send({ type: 'leave' });
    expect(await first.closed).toBe(4000);
    second.send({ type: 'mute', source: 'camera', muted: true });
    await zone.router().command('SetMute');
    expect(zone.router().commands.filter(({ method }) => method === 'Leave')).toEqual([]);
  });

  test('a lost WebSocket comes back with its token; nobody leaves meanwhile', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    bob.client.close();
    const away = await ada.client.next('roster', ({ changed }) => changed.some(({ connected }) => !connected));
    expect(away.changed.find(({ connected }) => !connected)?.participant).toBe(bob.participant);
    zone.router().emit({
      slots: {
        meeting,
        participant: bob.participant,
        slots: [{ mid: '4', participant: ada.participant, kind: 'camera' }],
      },
    });
    zone.router().emit({ speakers: { meeting, participants: [ada.participant] } });
    await ada.client.next('speakers');
    const client = await zone.connect();
    const resumed = expectType(await client.resume(bob.joined.self.session), 'resumed');
    expect(resumed).toMatchObject({
      self: bob.joined.self,
      slots: [{ mid: '4', participant: ada.participant, kind: 'camera' }],
      speakers: [ada.participant],
    });
    expect(resumed.roster.map(({ connected }) => connected)).toEqual([true, true]);
    await ada.client.next('roster', ({ changed }) => changed.every(({ connected }) => connected));
    client.send({ type: 'mute', source: 'camera', muted: true });
    expect((await zone.router().command('SetMute')).request).toMatchObject({ participant: bob.participant });
    expect(zone.router().commands.filter(({ method }) => method === 'Leave')).toEqual([]);
  });

  test('what was said while the WebSocket was away is told: who speaks, what is wanted, how connections are', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    const [a, b] = [ada.participant, bob.participant];
    const tell = (active: boolean, speakers: string[], uplink: number) => {
      const encodings = [{ rid: 'h', active, maxHeight: 0 }];
      zone.router().emit({ encodings: { meeting, participant: b, source: 'camera', encodings } });
      zone.router().emit({ speakers: { meeting, participants: speakers } });
      zone.router().emit({ quality: { meeting, qualities: [{ participant: a, uplink }] } });
      return ada.client.next('quality');
    };
    await tell(true, [a, b], 95);
    bob.client.close();
    await ada.client.next('roster', ({ changed }) => changed.some(({ connected }) => !connected));
    await tell(false, [b], 20);
    const client = await zone.connect();
    const resumed = expectType(await client.resume(bob.joined.self.session), 'resumed');
    expect(resumed.speakers).toEqual([b]);
    const encodings = [{ rid: 'h', active: false }];
    expect(await client.next('encodings')).toEqual({ type: 'encodings', source: 'camera', encodings });
    const qualities = [{ participant: a, uplink: 20 }];
    expect(await client.next('quality')).toEqual({ type: 'quality', qualities });
  });

  test('a resumed socket takes the place of one that still seems to be there', async () => {
    zone = await TestZone.start();
    const ada = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    const client = await zone.connect();
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    expect(await ada.client.closed).toBe(4000);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(zone.router().commands.map(({ method }) => method)).toEqual(['Join', 'Attach']);
  });

  test('who is away too long is out', async () => {
    zone = await TestZone.start({ times: { resumeMs: 20 } });
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const bob = await zone.enter(meeting, 'Bob');
    ada.client.close();
    const { request } = await zone.router().command('Detach');
    expect(request).toMatchObject({ participant: ada.participant, keepMs: 20 });
    await bob.client.next('roster', ({ left }) => left.includes(ada.participant));
    const client = await zone.connect();
    const refusal = expectType(await client.resume(ada.joined.self.session), 'error');
    expect(refusal).toMatchObject({ code: 'sessionExpired', message: 'You were away for too long. Join again.' });
  });

  test('who leaves while away by losing media cannot resume', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    const bob = await zone.enter({ meeting, ...secrets }, 'Bob');
    bob.client.close();
    zone.router().emit({ left: { meeting, participant: bob.participant, reason: 'consentExpired' } });
    await ada.client.next('roster', ({ left }) => left.includes(bob.participant));
    expectType(await (await zone.connect()).resume(bob.joined.self.session), 'error');
  });
});
