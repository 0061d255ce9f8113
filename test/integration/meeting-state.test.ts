/** The state of meetings on several routers: what hosts order is done where the people are. Real workers and clients. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HeadlessMedia } from '../../client/headless/headless-media.ts';
import { fromGrpcError } from '../../common/grpc-errors.ts';
import type { ParticipantId, RouterId } from '../../common/ids.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { MeetingState, Settings } from '../../mmr/control/state/meeting-state.ts';
import type { Notice } from '../../mmr/control/state/notices.ts';
import { readChanged, readState, withChanged, writeStart } from '../../mmr/control/state/state-wire.ts';
import { type EventReader, RouterLab } from '../../mmr/router-test-lab.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';

const patience = { timeout: 15_000, interval: 50 };
const id = (name: string, meeting: string) => `${name}-${meeting}` as ParticipantId;

let authority: ZoneCertificates;
const labs = new Map<string, RouterLab>();
const events = new Map<string, EventReader>();

async function startRouter(name: string): Promise<void> {
  labs.set(name, await RouterLab.start({ router: name as RouterId }, authority));
  events.set(name, await labOf(name).subscribe());
}

beforeAll(async () => {
  authority = await mintZoneCertificates();
  for (const router of ['r1', 'r2', 'r3']) await startRouter(router);
});
afterAll(() => Promise.all([...labs.values()].map((lab) => lab.stop())));

function labOf(router: string): RouterLab {
  const lab = labs.get(router);
  if (lab === undefined) throw new Error(`no router ${router}`);
  return lab;
}

/** The first of these routers is the root, the others are its children. */
async function setTree(meeting: string, routers: readonly string[], epoch = 1): Promise<void> {
  const places = routers.map((router, index) => ({
    router,
    address: `localhost:${labOf(router).router.grpcPort}`,
    worker: 0,
    ...(index === 0 ? {} : { parent: 0 }),
  }));
  for (const router of routers) {
    const { client } = labOf(router);
    await labOf(router).command((call, done) => client.SetTree({ meeting, epoch, version: 1, places }, call, done));
  }
}

interface Coming {
  readonly role?: string;
  readonly returning?: boolean;
  readonly settings?: Partial<Settings>;
  readonly epoch?: number;
}

/** Undefined: he waits. */
function ask(
  meeting: string,
  name: string,
  router: string,
  { role = 'participant', returning = false, settings = {}, epoch = 1 }: Coming = {},
): Promise<HeadlessMedia | undefined> {
  const entry = { role, returning, start: writeStart({ settings: { ...DEFAULT_SETTINGS, ...settings } }) };
  return labOf(router).come({ meeting, participant: id(name, meeting), name, epoch, entry });
}

async function join(meeting: string, name: string, router: string, coming: Coming = {}): Promise<HeadlessMedia> {
  const media = await ask(meeting, name, router, coming);
  if (media === undefined) throw new Error(`${name} waits`);
  return media;
}

const act = (meeting: string, name: string, router: string, wanted: PersonAct, epoch = 1): Promise<void> =>
  labOf(router).act(meeting, name === '' ? '' : id(name, meeting), wanted, epoch);

/** As a controller keeps it that hears this router. */
function follow(router: string, meeting: string): { state: MeetingState | undefined; notices: Notice[] } {
  let state: MeetingState | undefined;
  const notices: Notice[] = [];
  for (const { snapshot, state: told } of events.get(router)?.events ?? []) {
    const whole = snapshot?.meeting === meeting ? snapshot.state : told?.meeting === meeting ? told.whole : undefined;
    if (whole) state = readState(whole);
    if (told?.meeting !== meeting || told.changed === undefined) continue;
    const changed = readChanged(told.changed);
    if (state === undefined || changed === undefined) throw new Error(`not understood: ${told.changed}`);
    state = withChanged(state, changed);
    notices.push(...changed.notices);
  }
  return { state, notices };
}

/** `ann host, ben`: who is in the meeting, as that router's controllers know. */
function people(router: string, meeting: string): string {
  const { state } = follow(router, meeting);
  const entries = [...(state?.people ?? [])].map(([participant, { role, hand }]) =>
    [participant.replace(`-${meeting}`, ''), ...(role === 'participant' ? [] : [role]), ...(hand ? ['hand'] : [])].join(
      ' ',
    ),
  );
  return entries.sort().join(', ');
}

const waiting = (router: string, meeting: string): string[] => [
  ...(follow(router, meeting).state?.waiting.keys() ?? []),
];
const chat = (router: string, meeting: string): string[] =>
  (follow(router, meeting).state?.chat ?? []).map(({ fromName, text }) => `${fromName}: ${text}`);

/** Of the roster at a router: names, and what is live. */
function roster(router: string, meeting: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const { snapshot, roster: delta } of events.get(router)?.events ?? []) {
    if (snapshot?.meeting === meeting) entries.clear();
    const changed =
      snapshot?.meeting === meeting ? snapshot.roster : delta?.meeting === meeting ? delta.changed : undefined;
    for (const { participant, name, live } of changed ?? []) entries.set(participant, `${name}: ${live.join(' ')}`);
    if (delta?.meeting === meeting) for (const participant of delta.left) entries.delete(participant);
  }
  return new Map([...entries].map(([key, text]) => [key.replace(`-${meeting}`, ''), text]));
}

const reasonOf = (router: string, participant: ParticipantId): Promise<string | undefined> =>
  labReader(router)
    .next(({ left }) => left?.participant === participant)
    .then(({ left }) => left?.reason);

function labReader(router: string): EventReader {
  const reader = events.get(router);
  if (reader === undefined) throw new Error(`no events of ${router}`);
  return reader;
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => fromGrpcError(error).code,
  );

const setMute = (meeting: string, name: string, router: string, source: string, muted: boolean): Promise<string> => {
  const request = { meeting, epoch: 1, participant: id(name, meeting), source, muted };
  return codeOf(labOf(router).command((call, done) => labOf(router).client.SetMute(request, call, done)));
};

function leave(meeting: string, name: string, router: string, more = {}): Promise<void> {
  const request = { meeting, epoch: 1, participant: id(name, meeting), ...more };
  return labOf(router).command((call, done) => labOf(router).client.Leave(request, call, done));
}

/** Packets of pictures and sound that have come in. */
const packets = (media: HeadlessMedia): number => media.slots().reduce((sum, slot) => sum + slot.packets, 0);

/** Still nothing comes, while `other` gets so much that it would have. */
async function isSilent(media: HeadlessMedia, other: HeadlessMedia): Promise<boolean> {
  const [before, enough] = [packets(media), packets(other) + 100];
  await expect.poll(() => packets(other) > enough, patience).toBe(true);
  return packets(media) === before;
}

describe('orders of hosts', { timeout: 60_000 }, () => {
  test('a host on one router mutes somebody on another: nothing of him is forwarded until he may turn it on', async () => {
    const m = 'm1';
    await setTree(m, ['r1', 'r2', 'r3']);
    const settings = { unmuteSelf: false };
    const ann = await join(m, 'ann', 'r1', { role: 'host', settings });
    const ben = await join(m, 'ben', 'r2', { settings });
    await join(m, 'cid', 'r3', { role: 'cohost', settings });
    ben.setAudioLevel(20);
    await expect.poll(() => packets(ann) > 50, patience).toBe(true);
    await expect.poll(() => people('r2', m), patience).toBe('ann host, ben, cid cohost');
    // Who is kept muted comes muted, and is told so.
    await expect.poll(() => roster('r1', m).get('ben'), patience).toBe('ben: camera');
    expect(follow('r2', m).notices).toContainEqual({ type: 'mute', participant: id('ben', m), source: 'microphone' });
    expect(await setMute(m, 'ben', 'r2', 'microphone', false)).toBe('notAllowed');
    await act(m, 'ann', 'r1', { type: 'askUnmute', participant: id('ben', m), source: 'microphone' });
    // It is done at the root; the step is on its way to him.
    await expect.poll(() => setMute(m, 'ben', 'r2', 'microphone', false), patience).toBe('done');
    await expect.poll(() => roster('r1', m).get('ben'), patience).toBe('ben: microphone camera');
    await act(m, 'cid', 'r3', { type: 'stopVideo', participant: id('ben', m) });
    await act(m, 'ann', 'r1', { type: 'muteAll' });
    await expect.poll(() => roster('r1', m).get('ben'), patience).toBe('ben: ');
    expect(roster('r1', m).get('cid')).toBe('cid: microphone camera');
    expect(await setMute(m, 'ben', 'r2', 'camera', false)).toBe('notAllowed');
    expect(await setMute(m, 'ann', 'r1', 'microphone', true)).toBe('done');
    // His client sends on; without cid, ann gets nothing any more.
    await setMute(m, 'cid', 'r3', 'microphone', true);
    await setMute(m, 'cid', 'r3', 'camera', true);
    await expect.poll(() => roster('r1', m).get('cid'), patience).toBe('cid: ');
    const sent = (): number => ben.sent().reduce((sum, source) => sum + source.packets, 0);
    const before = sent();
    await expect.poll(() => isSilent(ann, ben), patience).toBe(true);
    expect(sent()).toBeGreaterThan(before);
  });

  test('who is removed is out, and stays out; who is renamed is so on every roster', async () => {
    const m = 'm2';
    await setTree(m, ['r1', 'r2']);
    await join(m, 'ann', 'r1', { role: 'host' });
    await join(m, 'ben', 'r2');
    await act(m, 'ben', 'r2', { type: 'rename', participant: id('ben', m), name: 'Benjamin' });
    await expect.poll(() => roster('r1', m).get('ben'), patience).toMatch('Benjamin: ');
    await act(m, 'ann', 'r1', { type: 'remove', participant: id('ben', m) });
    expect(await reasonOf('r2', id('ben', m))).toBe('removed');
    await expect.poll(() => roster('r1', m).get('ben'), patience).toBe(undefined);
    for (const returning of [false, true]) {
      expect(await codeOf(join(m, 'ben', 'r2', { returning }))).toBe('notAllowed');
    }
    expect(people('r1', m)).toBe('ann host');
  });

  test('a meeting that is ended is over on all routers, for those who wait too, and nobody comes in again', async () => {
    const m = 'm3';
    await setTree(m, ['r1', 'r2']);
    const settings = { waitingRoom: true };
    await join(m, 'ann', 'r1', { role: 'host', settings });
    await join(m, 'ben', 'r2', { role: 'cohost', settings });
    expect(await ask(m, 'dan', 'r2', { settings })).toBe(undefined);
    expect(await codeOf(act(m, 'ben', 'r2', { type: 'endMeeting' }))).toBe('notAllowed');
    await act(m, '', 'r2', { type: 'endMeeting' });
    expect(await reasonOf('r1', id('ann', m))).toBe('meetingEnded');
    expect(await reasonOf('r2', id('ben', m))).toBe('meetingEnded');
    expect(await reasonOf('r2', id('dan', m))).toBe('meetingEnded');
    expect(await codeOf(join(m, 'eve', 'r1'))).toBe('noSuchMeeting');
    // The next epoch is another meeting.
    await labOf('r1').command((call, done) => labOf('r1').client.CloseMeeting({ meeting: m, epoch: 1 }, call, done));
    await join(m, 'eve', 'r1', { epoch: 2 });
  });
});

describe('the waiting room', { timeout: 60_000 }, () => {
  const settings = { waitingRoom: true };

  test('who waits on one router is let in, or not, by a host on another', async () => {
    const m = 'w1';
    await setTree(m, ['r1', 'r2']);
    const ann = await join(m, 'ann', 'r1', { role: 'host', settings });
    for (const name of ['dan', 'eve', 'flo']) expect(await ask(m, name, 'r2', { settings })).toBe(undefined);
    await expect.poll(() => waiting('r1', m), patience).toEqual(['dan', 'eve', 'flo'].map((name) => id(name, m)));
    expect([...roster('r1', m).keys()]).toEqual(['ann']);
    const ended = (name: string) =>
      labReader('r2').next(({ waitingEnded }) => waitingEnded?.participant === id(name, m));
    await leave(m, 'flo', 'r2');
    await expect.poll(() => waiting('r1', m), patience).toHaveLength(2);
    await act(m, 'ann', 'r1', { type: 'refuse', participant: id('eve', m) });
    expect((await ended('eve')).waitingEnded).toMatchObject({ meeting: m, admitted: false });
    expect(await codeOf(ask(m, 'eve', 'r2', { settings }))).toBe('notAllowed');
    await act(m, 'ann', 'r1', { type: 'admit', participant: id('dan', m) });
    expect((await ended('dan')).waitingEnded).toMatchObject({ meeting: m, admitted: true });
    const dan = await join(m, 'dan', 'r2', { settings });
    await expect.poll(() => [ann, dan].map((media) => packets(media) > 50), patience).toEqual([true, true]);
    expect(people('r1', m)).toBe('ann host, dan');
  });

  test('a router on which people only wait keeps its meeting; when that is closed, they are told to come anew', async () => {
    const m = 'w2';
    expect(await ask(m, 'dan', 'r2', { settings })).toBe(undefined);
    await expect.poll(() => waiting('r2', m), patience).toEqual([id('dan', m)]);
    const close = (onlyIfEmpty: boolean) =>
      codeOf(
        labOf('r2').command((call, done) =>
          labOf('r2').client.CloseMeeting({ meeting: m, epoch: 1, onlyIfEmpty }, call, done),
        ),
      );
    expect(await close(true)).toBe('revisionConflict');
    // By another controller, or the same anew: he waits once.
    expect(await ask(m, 'dan', 'r2', { settings })).toBe(undefined);
    expect(await close(false)).toBe('done');
    expect(await reasonOf('r2', id('dan', m))).toBe('meetingClosed');
    expect(await ask(m, 'dan', 'r2', { settings, epoch: 2 })).toBe(undefined);
  });

  test('whoever is let in and whose media does not come is out again; a locked meeting takes hosts alone', async () => {
    const m = 'w3';
    await join(m, 'ann', 'r1', { role: 'host' });
    const { client } = labOf('r1');
    const home = { instance: 'lab', attachment: 1 };
    const bad = { meeting: m, epoch: 1, participant: id('ben', m), name: 'ben', offer: 'x', home };
    expect(await codeOf(labOf('r1').command((call, done) => client.Join(bad, call, done)))).toBe('badOffer');
    await expect.poll(() => people('r1', m), patience).toBe('ann host');
    await act(m, 'ann', 'r1', { type: 'lock' });
    expect(await codeOf(join(m, 'ben', 'r1'))).toBe('notAllowed');
    await join(m, 'cid', 'r1', { role: 'cohost' });
    expect(people('r1', m)).toBe('ann host, cid cohost');
  });
});

describe('what people keep', { timeout: 60_000 }, () => {
  test('chat across routers, and what a router that comes later knows', async () => {
    const m = 'k1';
    await setTree(m, ['r1', 'r2']);
    await join(m, 'ann', 'r1', { role: 'host' });
    await join(m, 'ben', 'r2');
    await act(m, 'ann', 'r1', { type: 'chat', text: 'Hello' });
    await act(m, 'ben', 'r2', { type: 'chat', text: 'Hi', to: id('ann', m) });
    for (const router of ['r1', 'r2']) {
      await expect.poll(() => chat(router, m), patience).toEqual(['ann: Hello', 'ben: Hi']);
    }
    await act(m, 'ben', 'r2', { type: 'react', emoji: '👍' });
    await expect
      .poll(() => follow('r1', m).notices, patience)
      .toContainEqual({ type: 'reaction', participant: id('ben', m), emoji: '👍' });
  });

  test('a worker dies, and who comes back has role and hand; who moves to another router, too', async () => {
    const m = 'k2';
    await setTree(m, ['r1', 'r2']);
    await join(m, 'ann', 'r1', { role: 'host' });
    await join(m, 'ben', 'r2');
    await act(m, 'ann', 'r1', { type: 'makeCohost', participant: id('ben', m) });
    await act(m, 'ben', 'r2', { type: 'raiseHand' });
    labOf('r2').router.killWorker(0, 'test');
    expect(await reasonOf('r2', id('ben', m))).toBe('workerLost');
    // He may still say something.
    await act(m, 'ben', 'r2', { type: 'chat', text: 'Wait' });
    await expect.poll(() => codeOf(join(m, 'ben', 'r2', { returning: true })), patience).toBe('done');
    expect(people('r2', m)).toBe('ann host, ben cohost hand');
    await act(m, 'ann', 'r1', { type: 'raiseHand' });
    await join(m, 'ann', 'r2', { returning: true });
    await leave(m, 'ann', 'r1');
    expect(await reasonOf('r1', id('ann', m))).toBe('left');
    await act(m, 'ann', 'r2', { type: 'chat', text: 'Moved' });
    expect(people('r2', m)).toBe('ann host hand, ben cohost hand');
    // Into a room: he stays a part of the meeting.
    await leave(m, 'ben', 'r2', { room: 'k2-room' });
    await expect.poll(() => follow('r2', m).state?.people.get(id('ben', m))?.room, patience).toBe('k2-room');
    expect(people('r2', m)).toBe('ann host hand, ben cohost');
  });

  test('the root is lost: the others go on with the same state, and its people come back as what they were', async () => {
    const m = 'k3';
    await startRouter('r4');
    await setTree(m, ['r4', 'r2', 'r3']);
    await join(m, 'ann', 'r4', { role: 'host' });
    await join(m, 'ben', 'r2');
    await join(m, 'cid', 'r3');
    await act(m, 'cid', 'r3', { type: 'chat', text: 'Before' });
    await act(m, 'ann', 'r4', { type: 'lock' });
    await expect.poll(() => follow('r3', m).state?.settings.locked, patience).toBe(true);
    await labOf('r4').stop();
    labs.delete('r4');
    await setTree(m, ['r2', 'r3'], 2);
    await act(m, 'ben', 'r2', { type: 'chat', text: 'After' }, 2);
    await expect.poll(() => chat('r3', m), patience).toEqual(['cid: Before', 'ben: After']);
    expect(await codeOf(join(m, 'dan', 'r2', { epoch: 2 }))).toBe('notAllowed');
    await join(m, 'ann', 'r3', { returning: true, epoch: 2 });
    await act(m, 'ann', 'r3', { type: 'unlock' }, 2);
    await expect.poll(() => people('r2', m), patience).toBe('ann host, ben, cid');
    await join(m, 'dan', 'r2', { epoch: 2 });
  });
});

describe('what is refused', { timeout: 60_000 }, () => {
  test('acts that are none, of those who are not here, and for meetings that are not here', async () => {
    const m = 'h1';
    await join(m, 'ann', 'r1', { role: 'host' });
    const { client } = labOf('r1');
    const send = (fields: object): Promise<string> =>
      codeOf(
        labOf('r1').command((call, done) =>
          client.Act({ meeting: m, epoch: 1, participant: id('ann', m), ...fields }, call, done),
        ),
      );
    for (const json of ['', '{', 'null', '[]', '{"type":"fly"}', '{"type":"join"}', '{"type":"chat","text":7}']) {
      expect([json, await send({ act: json })]).toEqual([json, 'badMessage']);
    }
    const raise = JSON.stringify({ type: 'raiseHand' });
    expect(await send({ act: raise, participant: 'nobody' })).toBe('notAllowed');
    expect(await send({ act: raise, participant: '' })).toBe('notAllowed');
    expect(await send({ act: raise, meeting: 'nowhere' })).toBe('noSuchMeeting');
    expect(await send({ act: raise, participant: '../x' })).toBe('badMessage');
    expect(await send({ act: raise, epoch: 1 })).toBe('done');
    const { acts } = await labOf('r1').router.meters();
    expect(acts).toContainEqual({ type: 'raiseHand', outcome: 'notAllowed', count: 1 });
    for (const entry of [
      { role: 'king', returning: false, start: '' },
      { role: 'host', returning: false, start: '{' },
      { role: 'host', returning: false, start: '{"settings":{"locked":3}}' },
    ]) {
      const comes = labOf('r1').come({ meeting: m, participant: 'eve', entry });
      expect(await codeOf(comes)).toBe('badMessage');
    }
  });
});
