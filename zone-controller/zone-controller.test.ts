/** Joining, changing, leaving, resuming: real sockets, real gRPC, routers without media. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ZonecastError } from '../common/errors.ts';
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
    expect(request).toEqual({ meeting: meeting.meeting, epoch: 1, participant: bob.participant });
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
    expect((await zone.router().command('CloseMeeting')).request).toEqual({ meeting: meeting.meeting, epoch: 1 });
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

  test('a resumed socket takes the place of one that still seems to be there', async () => {
    zone = await TestZone.start();
    const ada = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    const client = await zone.connect();
    expectType(await client.resume(ada.joined.self.session), 'resumed');
    expect(await ada.client.closed).toBe(4000);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(zone.router().commands.map(({ method }) => method)).toEqual(['Join']);
  });

  test('who is away too long is out', async () => {
    zone = await TestZone.start({ times: { resumeMs: 20 } });
    const ada = await zone.enter(await zone.controller.createMeeting(), 'Ada');
    ada.client.close();
    expect((await zone.router().command('Leave')).request).toMatchObject({ participant: ada.participant });
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

describe('routers', () => {
  test('meetings are spread, and each stays where it is', async () => {
    zone = await TestZone.start({}, [{}, {}]);
    const [first, second] = [await zone.controller.createMeeting(), await zone.controller.createMeeting()];
    for (const meeting of [first, second, first, second]) await zone.enter(meeting, 'Ada');
    const meetings = zone.routers.map(({ commands }) => commands.map(({ request }) => request.meeting));
    expect(meetings.map((joins) => new Set(joins).size)).toEqual([1, 1]);
    expect(meetings.map((joins) => joins.length)).toEqual([2, 2]);
  });

  test('a meeting whose worker died is lost for its people, and starts anew under a higher epoch', async () => {
    zone = await TestZone.start();
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.enter({ meeting, ...secrets }, 'Ada');
    zone.router().emit({ lost: { meeting, reason: 'worker died' } });
    expect(await ada.client.next('error')).toMatchObject({
      code: 'meetingLost',
      message: 'The meeting was interrupted. Join again.',
    });
    expectType(await ada.client.join({ meeting, ...secrets }), 'joined');
    await zone.router().command('Join');
    expect((await zone.router().command('Join')).request.epoch).toBe(2);
  });

  test('a router that dies loses its meetings, and they start anew on another', async () => {
    zone = await TestZone.start({}, [{}, {}]);
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const index = zone.router(0).commands.length > 0 ? 0 : 1;
    zone.router(index).stop();
    expect(await ada.client.next('error')).toMatchObject({ code: 'meetingLost' });
    expectType(await ada.client.join(meeting), 'joined');
    expect((await zone.router(1 - index).command('Join')).request).toMatchObject({
      meeting: meeting.meeting,
      epoch: 2,
    });
  });

  test('a meeting that is lost while somebody joins: an answer of the time before lets nobody in', async () => {
    const started = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    zone = await TestZone.start({}, [
      {
        onJoin: ({ offer }) => {
          if (offer !== 'offer of Ada') return;
          started.resolve();
          return answer.promise;
        },
      },
    ]);
    const { meeting, ...secrets } = await zone.controller.createMeeting();
    const ada = await zone.connect();
    const joining = ada.join({ meeting, ...secrets }, 'Ada');
    await started.promise;
    zone.router().emit({ lost: { meeting, reason: 'worker died' } });
    await expect
      .poll(async () => {
        await zone.enter({ meeting, ...secrets }, 'Bob');
        return (await zone.router().command('Join')).request.epoch;
      })
      .toBe(2);
    answer.resolve();
    expect(await joining).toMatchObject({ type: 'error', code: 'meetingLost', retryAfterMs: 1_000 });
    expect((await zone.router().command('Leave')).request).toMatchObject({ meeting, epoch: 1 });
    const again = expectType(await ada.join({ meeting, ...secrets }, 'Ada again'), 'joined');
    expect(again.roster.map(({ name }) => name)).not.toContain('Ada');
  });

  test('a router that does not answer is not asked again while there is another', async () => {
    const dead = () => {
      throw new ZonecastError('noRouter', 'no answer');
    };
    zone = await TestZone.start({}, [{ maxParticipants: 10_000, onJoin: dead }, { maxParticipants: 10 }]);
    await zone.enter(await zone.controller.createMeeting(), 'Ada');
    expect((await zone.router(1).command('Join')).request).toMatchObject({ epoch: 2 });
  });

  test('a router that only loses its registration keeps its people and gets no new meetings', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    zone.router().unregister();
    await expect.poll(() => zone.controller.readyRouters()).toEqual([]);
    expectType(await (await zone.connect()).join(meeting, 'Bob'), 'joined');
    const other = await (await zone.connect()).join(await zone.controller.createMeeting());
    expect(other).toMatchObject({ type: 'error', code: 'noRouter', retryAfterMs: 2_000 });
    zone.router().register();
    await zone.controller.whenReady(1);
    ada.client.send({ type: 'ping' });
    await ada.client.next('pong');
    expect(ada.client.count('error')).toBe(0);
  });

  test('who left a router while its events were away is found missing', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const bob = await zone.enter(meeting, 'Bob');
    zone.router().forget(bob.participant);
    zone.router().breakEvents();
    expect(await bob.client.next('left')).toEqual({ type: 'left', reason: 'consentExpired' });
    expect((await ada.client.next('roster', ({ left }) => left.length > 0)).left).toEqual([bob.participant]);
  });

  test('what a router gave to slots while its events were away is told', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const bob = await zone.enter(meeting, 'Bob');
    zone.router().emit({
      slots: {
        meeting: meeting.meeting,
        participant: bob.participant,
        slots: [{ mid: '5', participant: ada.participant, kind: 'camera' }],
      },
    });
    await bob.client.next('slots');
    zone.router().assign(bob.participant, [{ mid: '4', source: `${ada.participant}/camera` }, { mid: '5' }]);
    zone.router().breakEvents();
    const slots = [{ mid: '4', participant: ada.participant, kind: 'camera' }, { mid: '5' }];
    expect(await bob.client.next('slots')).toEqual({ type: 'slots', slots });
    const resumed = expectType(await (await zone.connect()).resume(bob.joined.self.session), 'resumed');
    expect(resumed.slots).toEqual([slots[0]]);
  });

  test('what a router says of a slot by itself is newer than what it answers when it is asked', async () => {
    const entered = Promise.withResolvers<Awaited<ReturnType<TestZone['enter']>>>();
    let meeting = { meeting: '', passcode: '' };
    zone = await TestZone.start({}, [
      {
        onStatistics: async () => {
          const { client, participant } = await entered.promise;
          const slots = [{ mid: '4', participant: 'new', kind: 'camera' }];
          zone.router().emit({ slots: { meeting: meeting.meeting, participant, slots } });
          await client.next('slots');
        },
      },
    ]);
    meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    entered.resolve(ada);
    zone.router().assign(ada.participant, [
      { mid: '4', source: 'old/camera' },
      { mid: '5', source: 'old/screen' },
    ]);
    zone.router().breakEvents();
    expect((await ada.client.next('slots', ({ slots }) => slots[0]?.mid === '5')).slots).toEqual([
      { mid: '5', participant: 'old', kind: 'screen' },
    ]);
  });

  test('a router may register under its own name only', async () => {
    zone = await TestZone.start();
    const impostor = await zone.addRouter({
      name: 'router-9',
      tls: await zone.certificates.issue('router', 'router-8'),
    });
    const refused = new Promise<Error>((resolve) => impostor.register().on('error', resolve));
    expect((await refused).message).toContain('is not that of router-9');
    const stranger = await zone.addRouter({ name: 'zc', tls: await zone.certificates.issue('zone-controller', 'zc') });
    const refusedToo = new Promise<Error>((resolve) => stranger.register().on('error', resolve));
    expect((await refusedToo).message).toContain('PERMISSION_DENIED');
    expect(zone.controller.readyRouters()).toEqual(['router-1']);
  });

  test.each([
    ['badOffer', 'The server does not understand this audio and video.'],
    ['meetingFull', 'This meeting is full.'],
  ] as const)('a join that the router refuses with %s is told in plain words', async (code, words) => {
    zone = await TestZone.start({}, [
      {
        onJoin: () => {
          throw new ZonecastError(code, 'm-line 3: internals');
        },
      },
    ]);
    const reply = await (await zone.connect()).join(await zone.controller.createMeeting());
    expect(reply).toMatchObject({ type: 'error', code, message: words });
  });

  test('a client that goes away while it joins is taken out again', async () => {
    const started = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    zone = await TestZone.start({}, [
      {
        onJoin: () => {
          started.resolve();
          return answer.promise;
        },
      },
    ]);
    const client = await zone.connect();
    void client.join(await zone.controller.createMeeting());
    await started.promise;
    client.close();
    await client.closed;
    // The controller has seen the end when it answers a later connection's frame.
    const other = await zone.connect();
    other.send({ type: 'ping' });
    await other.next('pong');
    answer.resolve();
    await zone.router().command('Leave');
  });
});
