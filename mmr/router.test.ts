import { createServer, type Server } from 'node:net';
import type { ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlotCounters } from '../client/headless/slot-receiver.ts';
import { ZonecastError } from '../common/errors.ts';
import { callUnary } from '../proto/call-unary.ts';
import type { RenegotiateReply__Output } from '../proto/gen/zonecast/router/v1/RenegotiateReply.ts';
import { until } from './control/worker-pool-test-lab.ts';
import { LAB_INSTANCE, RouterLab } from './router-test-lab.ts';

const busy = (slots: readonly SlotCounters[]): SlotCounters[] => slots.filter(({ packets }) => packets >= 20);

let lab: RouterLab;
beforeAll(async () => {
  lab = await RouterLab.start();
});
afterAll(() => lab.stop());

describe('a meeting through a router', { timeout: 20_000 }, () => {
  test('RTP of each of two participants arrives in the slots of the other; leaving is reported', async () => {
    const events = await lab.subscribe();
    const alice = await lab.join('m1', 'alice');
    const bob = await lab.join('m1', 'bob');
    for (const participant of ['alice', 'bob']) {
      await events.next(({ connected }) => connected?.participant === participant);
    }
    alice.setAudioLevel(20);
    bob.setAudioLevel(30);
    await until('RTP of both flows', () => busy(alice.slots()).length === 2 && busy(bob.slots()).length === 2);
    for (const slot of [...busy(alice.slots()), ...busy(bob.slots())]) {
      expect(slot).toMatchObject({ missing: 0, late: 0, duplicates: 0, timestampRegressions: 0, malformed: 0 });
      expect(slot.ssrcs).toHaveLength(1);
    }
    expect(busy(alice.slots()).some(({ csrc }) => csrc === bob.ssrcOf('microphone'))).toBe(true);
    expect(busy(bob.slots()).some(({ keyframes }) => keyframes >= 1)).toBe(true);
    const target = { meeting: 'm1', epoch: 1, participant: 'bob' };
    await lab.command((options, done) => lab.client.Leave(target, options, done));
    const { left } = await events.next((event) => event.left?.participant === 'bob');
    expect(left).toEqual({ meeting: 'm1', participant: 'bob', reason: 'left' });
    await lab.command((options, done) => lab.client.CloseMeeting(target, options, done));
    expect((await events.next((event) => event.left?.participant === 'alice')).left?.reason).toBe('meetingClosed');
    events.stream.cancel();
  });

  test('a subscriber that lost the picture gets a key frame of the publisher', async () => {
    const publisher = await lab.join('m2', 'publisher');
    const viewer = await lab.join('m2', 'viewer', { publish: [] });
    await until('the viewer has picture and sound', () => busy(viewer.slots()).length === 2);
    const keyframes = (): number => publisher.sent().find(({ kind }) => kind === 'camera')?.keyframes ?? 0;
    const received = (): number => viewer.slots().reduce((sum, slot) => sum + slot.keyframes, 0);
    await until("the publisher's first picture", () => received() > 0);
    const before = { sent: keyframes(), received: received() };
    // At most one a second reaches the publisher, so it may take that long.
    viewer.requestKeyframes();
    await until('a new key frame is sent and arrives', () => keyframes() > before.sent && received() > before.received);
    expect(publisher.keyframeRequests).toBeGreaterThan(0);
  });

  test('a further offer adds a slot, and what flows goes on', async () => {
    const viewer = await lab.join('m3', 'looker', { publish: [], audioSlots: 1, videoSlots: 1 });
    await lab.join('m3', 'one');
    await lab.join('m3', 'two');
    await until('two streams flow', () => busy(viewer.slots()).length === 2);
    viewer.addSlot('video');
    const request = { meeting: 'm3', epoch: 1, participant: 'looker', ...viewer.createOffer() };
    const { answer } = await callUnary<RenegotiateReply__Output>(
      (options, done) => lab.client.Renegotiate(request, options, done),
      5_000,
    );
    viewer.acceptAnswer(answer);
    await until('the added slot flows', () => busy(viewer.slots()).length === 3);
    expect(viewer.slots().every(({ missing, ssrcs }) => missing === 0 && ssrcs.length === 1)).toBe(true);
  });

  test('somebody with sound only: no picture from him or to him, whatever he sends and asks for', async () => {
    const events = await lab.subscribe();
    const quiet = await lab.join('m7', 'm7-quiet', { audioOnly: true });
    const other = await lab.join('m7', 'm7-other');
    quiet.setAudioLevel(20);
    other.setAudioLevel(30);
    const { snapshot } = await events.next((event) => event.snapshot?.meeting === 'm7');
    expect(snapshot?.homed).toMatchObject([{ participant: 'm7-quiet', audioOnly: true }]);
    expect(snapshot?.roster).toMatchObject([{ participant: 'm7-quiet', live: ['microphone'] }]);
    await until('both are heard', () => busy(quiet.slots()).length === 1 && busy(other.slots()).length === 1);
    const to = { meeting: 'm7', epoch: 1, participant: 'm7-quiet' };
    // As a client that does not keep to what it was answered.
    const view = quiet.slots().map(({ mid }) => ({ mid, fixed: { participant: 'm7-other', kind: 'camera' } }));
    await lab.command((options, done) => lab.client.SetView({ ...to, view: view.slice(2) }, options, done));
    await lab.command((options, done) => lab.client.SetMute({ ...to, source: 'camera', muted: false }, options, done));
    quiet.addSlot('video');
    const request = { ...to, ...quiet.createOffer() };
    await callUnary<RenegotiateReply__Output>((options, done) => lab.client.Renegotiate(request, options, done), 5_000);
    const before = quiet.sent().find(({ kind }) => kind === 'microphone')?.packets ?? 0;
    const sent = () => quiet.sent().find(({ kind }) => kind === 'microphone')?.packets ?? 0;
    await until('a while has passed', () => sent() > before + 20);
    const workers = await lab.router.statistics();
    const people = workers.flatMap(({ participants }) => participants);
    const found = people.find(({ participant }) => participant === 'm7-quiet');
    expect(found?.sources.map(({ kind }) => kind)).toEqual(['microphone']);
    expect(found?.slots.map(({ mid }) => mid)).toHaveLength(2);
    expect(
      people.find(({ participant }) => participant === 'm7-other')?.slots.map(({ source }) => source),
    ).not.toContain('m7-quiet/camera');
    expect([busy(quiet.slots()).length, busy(other.slots()).length]).toEqual([1, 1]);
    // What is said of them is not to be taken for something of the tests that follow.
    await lab.command((options, done) => lab.client.CloseMeeting({ meeting: 'm7', epoch: 1 }, options, done));
    for (const name of ['m7-quiet', 'm7-other']) await events.next(({ left }) => left?.participant === name);
    events.stream.cancel();
  });

  test('a muted camera leaves its slot; a slot that is switched off stays empty until it is asked for again', async () => {
    const events = await lab.subscribe();
    const publisher = await lab.join('m5', 'm5-publisher');
    const viewer = await lab.join('m5', 'm5-viewer', { publish: [], videoSlots: 1 });
    const assigned = (participant: string, kind: string) =>
      events.next(({ slots }) =>
        Boolean(
          slots?.participant === 'm5-viewer' &&
            slots.slots.some((slot) => slot.participant === participant && slot.kind === kind),
        ),
      );
    await assigned('m5-publisher', 'camera');
    await until('the picture flows', () => viewer.slots().some(({ keyframes }) => keyframes > 0));
    events.events.length = 0;
    const from = { meeting: 'm5', epoch: 1, participant: 'm5-publisher', source: 'camera' };
    await lab.command((options, done) => lab.client.SetMute({ ...from, muted: true }, options, done));
    await assigned('', '');
    await lab.command((options, done) => lab.client.SetMute({ ...from, muted: false }, options, done));
    await assigned('m5-publisher', 'camera');
    events.events.length = 0;
    const to = { meeting: 'm5', epoch: 1, participant: 'm5-viewer' };
    const mid = viewer.slots().at(-1)?.mid ?? '';
    await lab.command((options, done) => lab.client.SetView({ ...to, view: [{ mid, off: true }] }, options, done));
    await assigned('', '');
    const fixed = { participant: 'm5-publisher', kind: 'camera' };
    await lab.command((options, done) => lab.client.SetView({ ...to, view: [{ mid, fixed }] }, options, done));
    await assigned('m5-publisher', 'camera');
    expect(publisher.state).toBe('connected');
    events.stream.cancel();
  });

  test('a camera that nobody watches is told to stop, and to send again when somebody does; quality is reported', async () => {
    const events = await lab.subscribe();
    await lab.join('m6', 'm6-publisher');
    const toldTo = (active: boolean) =>
      events.next(({ encodings }) => encodings?.encodings.every((encoding) => encoding.active === active) ?? false);
    const { encodings } = await toldTo(false);
    expect(encodings).toEqual({
      meeting: 'm6',
      participant: 'm6-publisher',
      source: 'camera',
      encodings: [{ rid: '', active: false, maxHeight: 0 }],
    });
    const viewer = await lab.join('m6', 'm6-viewer', { publish: [], videoSlots: 1 });
    await toldTo(true);
    await until('the picture flows', () => viewer.slots().some(({ keyframes }) => keyframes > 0));
    const told = await events.next(({ quality }) =>
      Boolean(quality?.qualities.some(({ participant, downlink }) => participant === 'm6-viewer' && downlink)),
    );
    expect(told.quality?.meeting).toBe('m6');
    const [worker] = await lab.router.statistics();
    const publisher = worker?.participants.find(({ participant }) => participant === 'm6-publisher');
    const camera = publisher?.sources.find(({ kind }) => kind === 'camera');
    expect(camera?.encodings).toMatchObject([{ rid: '', active: true, wanted: true, viewers: 1 }]);
    const seen = worker?.participants.find(({ participant }) => participant === 'm6-viewer')?.slots.at(-1);
    expect(seen).toMatchObject({ source: 'm6-publisher/camera', suspended: false });
    expect(seen?.reason).not.toBe('');
    events.stream.cancel();
  });

  test('a worker that dies: its people are reported gone, and may join again at once', async () => {
    const other = await RouterLab.start();
    try {
      const events = await other.subscribe();
      await other.join('m4', 'alice');
      other.router.killWorker(0, 'test');
      const { left } = await events.next(({ event }) => event === 'left');
      expect(left).toEqual({ meeting: 'm4', participant: 'alice', reason: 'workerLost' });
      await events.next(({ load }) => load?.workerRestarts === 1 && load.workers.length === 1);
      await other.join('m4', 'alice');
      await events.next(({ connected }) => connected?.participant === 'alice');
    } finally {
      await other.stop();
    }
  });
});

test('a meeting goes on under a higher epoch with those who are in it; the lower one is over', async () => {
  const events = await lab.subscribe();
  await lab.join('m14', 'old', {}, 3);
  await events.next(({ connected }) => connected?.participant === 'old');
  await lab.join('m14', 'new', {}, 4);
  const { snapshot } = await events.next((event) => event.snapshot?.epoch === 4);
  expect(snapshot?.roster.map(({ participant }) => participant)).toContain('old');
  await events.next(({ connected }) => connected?.participant === 'new');
  await expect(lab.join('m14', 'late', {}, 3)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
  const [worker] = await lab.router.statistics();
  const present = worker?.participants.filter(({ meeting }) => meeting === 'm14');
  expect(present?.map(({ participant }) => participant)).toEqual(['old', 'new']);
  events.stream.cancel();
});

describe('the home of a participant', { timeout: 20_000 }, () => {
  const attach = (participant: string, instance: string, attachment: number) =>
    lab.command((options, done) =>
      lab.client.Attach({ meeting: 'm15', epoch: 1, participant, home: { instance, attachment } }, options, done),
    );

  test('goes to another controller with all that it has to know; media goes on', async () => {
    const [events, other] = [await lab.subscribe(), await lab.subscribe('other')];
    const alice = await lab.join('m15', 'alice');
    const bob = await lab.join('m15', 'bob');
    await until('pictures of both', () =>
      [alice, bob].every((each) => each.slots().some((slot) => slot.keyframes > 0)),
    );
    await events.next(({ slots }) => slots?.participant === 'bob' && slots.slots.some(({ kind }) => kind === 'camera'));
    expect(other.events.every(({ event }) => ['load', 'people', 'subscribed'].includes(`${event}`))).toBe(true);
    await attach('bob', 'other', 7);
    const { snapshot } = await other.next(({ event }) => event === 'snapshot');
    expect(snapshot).toMatchObject({ meeting: 'm15', epoch: 1, homed: [{ participant: 'bob', attachment: 7 }] });
    expect(snapshot?.roster.map(({ name, connected }) => [name, connected])).toEqual([
      ['alice', true],
      ['bob', true],
    ]);
    const source = { participant: 'alice', kind: 'camera' };
    expect(snapshot?.homed[0]?.slots).toContainEqual(expect.objectContaining(source));
    expect((await events.next(({ event }) => event === 'taken')).taken).toEqual({ meeting: 'm15', participant: 'bob' });
    const before = busy(bob.slots()).map(({ packets }) => packets);
    await until('media goes on', () =>
      busy(bob.slots()).every(({ packets }, index) => packets > (before[index] ?? 0) + 20),
    );
    for (const reader of [events, other]) reader.stream.cancel();
  });

  test('says that his client is away: he leaves after his time, unless another attaches him', async () => {
    const other = await lab.subscribe('other');
    const detach = (participant: string, instance: string, attachment: number) =>
      lab.command((options, done) => {
        const home = { instance, attachment };
        return lab.client.Detach({ meeting: 'm15', epoch: 1, participant, home, keepMs: 1 }, options, done);
      });
    await detach('bob', 'other', 6);
    await attach('alice', 'other', 8);
    await detach('alice', LAB_INSTANCE, 1);
    await detach('bob', 'other', 7);
    const away = await other.next(({ roster }) => roster?.changed.some(({ connected }) => !connected) ?? false);
    expect(away.roster?.changed).toMatchObject([{ participant: 'bob', connected: false }]);
    const { left } = await other.next(({ event }) => event === 'left');
    expect(left).toEqual({ meeting: 'm15', participant: 'bob', reason: 'left' });
    await expect(attach('bob', 'other', 9)).rejects.toMatchObject({ code: status.NOT_FOUND });
    other.stream.cancel();
  });

  test('of nobody: the router says that nobody is there, and the meeting can be closed only then', async () => {
    const events = await lab.subscribe();
    const closing = { meeting: 'm15', epoch: 1, onlyIfEmpty: true };
    const close = () => lab.command((options, done) => lab.client.CloseMeeting(closing, options, done));
    await expect(close()).rejects.toMatchObject({ code: status.ABORTED });
    const alice = { meeting: 'm15', epoch: 1, participant: 'alice' };
    const said = (count: number) =>
      events.next(
        ({ people: report }) =>
          report?.places.some(({ meeting, people }) => meeting === 'm15' && people === count) ?? false,
      );
    await said(1);
    await lab.command((options, done) => lab.client.Leave(alice, options, done));
    await said(0);
    await close();
    await expect(lab.join('m15', 'late')).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    await lab.join('m15', 'late', {}, 2);
    events.stream.cancel();
  });
});

describe('what the router refuses', () => {
  const codeOf = async (call: Promise<unknown>): Promise<[status, string]> => {
    try {
      await call;
    } catch (error) {
      const { code, metadata } = error as ServiceError;
      return [code, String(metadata.get('zonecast-code')[0])];
    }
    throw new Error('the router took it');
  };

  test('whoever comes late under an epoch that was closed before the meeting was here', async () => {
    const closing = { meeting: 'm40', epoch: 3, onlyIfEmpty: false };
    const close = () => lab.command((options, done) => lab.client.CloseMeeting(closing, options, done));
    await close();
    expect(await codeOf(lab.join('m40', 'late', {}, 3))).toEqual([status.FAILED_PRECONDITION, 'staleEpoch']);
    await lab.join('m40', 'next', {}, 4);
    expect(await codeOf(close())).toEqual([status.FAILED_PRECONDITION, 'staleEpoch']);
  });

  test('a lower epoch than it has seen', async () => {
    await lab.join('m10', 'first', {}, 5);
    expect(await codeOf(lab.join('m10', 'second', {}, 4))).toEqual([status.FAILED_PRECONDITION, 'staleEpoch']);
    const target = { meeting: 'm10', epoch: 4, participant: 'first', source: 'camera', muted: true };
    const mute = lab.command((options, done) => lab.client.SetMute(target, options, done));
    expect(await codeOf(mute)).toEqual([status.FAILED_PRECONDITION, 'staleEpoch']);
    await lab.join('m10', 'second', {}, 6);
  });

  test.each<[string, object, [status, string]]>([
    ['an offer that is not SDP', { offer: 'x' }, [status.INVALID_ARGUMENT, 'badOffer']],
    ['a source of no known kind', { sources: { '0': 'kitchen' } }, [status.INVALID_ARGUMENT, 'badMessage']],
    ['a meeting without id', { meeting: '' }, [status.INVALID_ARGUMENT, 'badMessage']],
    ['a participant id with a line break', { participant: 'a\nb' }, [status.INVALID_ARGUMENT, 'badMessage']],
  ])('%s', async (_name, change, expected) => {
    const home = { instance: LAB_INSTANCE, attachment: 1 };
    const request = { meeting: 'm11', epoch: 1, participant: 'p', name: 'P', offer: 'v=0', home, ...change };
    expect(await codeOf(callUnary((options, done) => lab.client.Join(request, options, done), 5_000))).toEqual(
      expected,
    );
  });

  test('a participant twice, and commands for one that is not there', async () => {
    await lab.join('m12', 'twice');
    expect(await codeOf(lab.join('m12', 'twice'))).toEqual([status.INVALID_ARGUMENT, 'badMessage']);
    const target = { meeting: 'm12', epoch: 1, participant: 'nobody', view: [] };
    const view = lab.command((options, done) => lab.client.SetView(target, options, done));
    expect(await codeOf(view)).toEqual([status.NOT_FOUND, 'noSuchParticipant']);
    // Leaving is what they wanted: no error.
    await lab.command((options, done) => lab.client.Leave(target, options, done));
  });

  test('more participants than the controller wants in the meeting', async () => {
    await lab.join('m16', 'm16-one');
    const home = { instance: LAB_INSTANCE, attachment: 1 };
    const who = { participant: 'm16-two', name: 'Two', home };
    const request = { meeting: 'm16', epoch: 1, ...who, offer: 'v=0', maxParticipants: 1 };
    const join = callUnary((options, done) => lab.client.Join(request, options, done), 5_000);
    expect(await codeOf(join)).toEqual([status.RESOURCE_EXHAUSTED, 'meetingFull']);
  });

  test('more participants than a worker takes', async () => {
    const small = await RouterLab.start({ maxParticipantsPerWorker: 1 });
    try {
      await small.join('m13', 'one');
      expect(await codeOf(small.join('m13', 'two'))).toEqual([status.RESOURCE_EXHAUSTED, 'workerFull']);
    } finally {
      await small.stop();
    }
  });

  test('a certificate that is none', async () => {
    const tls = { caPem: 'x', certificatePem: 'y', privateKeyPem: 'z' };
    const error = await RouterLab.start({ tls }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'badConfig', message: expect.stringContaining('PEM') });
  });

  test('ports that are taken, each by a message that names the port', async () => {
    const [mediaPort] = lab.router.mediaPorts;
    const media = await RouterLab.start({ mediaPort: mediaPort ?? 0 }).catch((error: unknown) => error);
    expect(media).toMatchObject({ code: 'portTaken', message: expect.stringContaining(String(mediaPort)) });
    const blocker: Server = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const grpc = await RouterLab.start({ grpcAddress: `127.0.0.1:${port}` }).catch((error: unknown) => error);
    expect(grpc).toBeInstanceOf(ZonecastError);
    expect(grpc).toMatchObject({ code: 'portTaken', message: expect.stringContaining(String(port)) });
    await new Promise((resolve) => blocker.close(resolve));
  });
});
