/** What people notice, and what not, when routers die, hang, or are cut off from the zone-controller. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ZonecastError } from '../common/errors.ts';
import { expectType } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

let zone: TestZone;
afterEach(() => zone.stop());
afterEach(() => vi.useRealTimers());

describe('routers', () => {
  test('meetings are spread, and each stays where it is', async () => {
    zone = await TestZone.start({}, [{}, {}]);
    const [first, second] = [await zone.controller.createMeeting(), await zone.controller.createMeeting()];
    for (const meeting of [first, second, first, second]) await zone.enter(meeting, 'Ada');
    const meetings = zone.routers.map(({ commands }) => commands.map(({ request }) => request.meeting));
    expect(meetings.map((joins) => new Set(joins).size)).toEqual([1, 1]);
    expect(meetings.map((joins) => joins.length)).toEqual([2, 2]);
  });

  test('who joins while the worker dies is let in by the one that follows', async () => {
    let isFirst = true;
    const onJoin = () => {
      if (!isFirst) return;
      isFirst = false;
      throw new ZonecastError('meetingLost', 'worker died');
    };
    zone = await TestZone.start({}, [{ onJoin }]);
    await zone.enter(await zone.controller.createMeeting(), 'Ada');
    expect((await zone.router().command('Join')).request).toMatchObject({ epoch: 1, name: 'Ada' });
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
    expect(other).toMatchObject({ type: 'error', code: 'noRouter', retryAfterMs: expect.any(Number) });
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
    zone.router().breakEvents();
    zone.router().emit({ left: { meeting: meeting.meeting, participant: bob.participant, reason: 'dtlsClosed' } });
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
    zone.router().breakEvents();
    zone.router().emit({
      slots: {
        meeting: meeting.meeting,
        participant: bob.participant,
        slots: [
          { mid: '4', participant: ada.participant, kind: 'camera', suspended: true },
          { mid: '5', participant: '', kind: '' },
        ],
      },
    });
    const slots = [{ mid: '4', participant: ada.participant, kind: 'camera', suspended: true }, { mid: '5' }];
    expect(await bob.client.next('slots')).toEqual({ type: 'slots', slots });
    const resumed = expectType(await (await zone.connect()).resume(bob.joined.self.session), 'resumed');
    expect(resumed.slots).toEqual([slots[0]]);
  });

  test('what was wanted of a source, and how connections are, while events were away, is told', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const { participant } = ada;
    zone.router().breakEvents();
    zone.router().emit({
      encodings: {
        meeting: meeting.meeting,
        participant,
        source: 'camera',
        encodings: [
          { rid: 'l', active: true, maxHeight: 180 },
          { rid: 'h', active: false },
        ],
      },
    });
    zone.router().emit({ quality: { meeting: meeting.meeting, qualities: [{ participant, downlink: 33 }] } });
    expect(await ada.client.next('encodings')).toEqual({
      type: 'encodings',
      source: 'camera',
      encodings: [
        { rid: 'l', active: true, maxHeight: 180 },
        { rid: 'h', active: false },
      ],
    });
    const qualities = [{ participant, downlink: 33 }];
    expect(await ada.client.next('quality')).toEqual({ type: 'quality', qualities });
  });

  test('who speaks is told anew when it changed while events were away', async () => {
    zone = await TestZone.start();
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.enter(meeting, 'Ada');
    const bob = await zone.enter(meeting, 'Bob');
    zone.router().emit({ speakers: { meeting: meeting.meeting, participants: [ada.participant] } });
    expect((await bob.client.next('speakers')).speakers).toEqual([ada.participant]);
    zone.router().breakEvents();
    zone.router().emit({ speakers: { meeting: meeting.meeting, participants: [bob.participant] } });
    expect((await bob.client.next('speakers')).speakers).toEqual([bob.participant]);
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
