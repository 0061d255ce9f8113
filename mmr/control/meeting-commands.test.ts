/** One router's meetings on virtual time, with workers that let everybody in: state, media and roster go together. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { SlotAssignment, SourceKind } from '../media/negotiated.ts';
import { LiveMeetings } from './live-meetings.ts';
import { MeetingCommands } from './meeting-commands.ts';
import { MeetingStates } from './meeting-states.ts';
import { initialState, type MeetingState, type Role, type Settings, startAgain } from './state/meeting-state.ts';
import { readChanged } from './state/state-wire.ts';
import { ALONE_AFTER_MS } from './state/upstream.ts';
import { StateOrders } from './state-orders.ts';
import type { WireEvent } from './to-event.ts';
import type { WorkerEvent, WorkerPool } from './worker-pool.ts';
import { WorkerPoolError } from './worker-pool-error.ts';

const meeting = '12345678901' as MeetingId;
const sources = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
const offer = readFileSync(new URL('../sdp/fixtures/chromium-156-join.sdp', import.meta.url), 'utf8');
const [r1, far] = ['r1', 'far'] as RouterId[] as [RouterId, RouterId];
const [ann, ben] = ['ann', 'ben'] as ParticipantId[] as [ParticipantId, ParticipantId];

let nowMs: number;
let sent: WireEvent[];
/** What workers were told. */
let ordered: string[];
/** The root of the meeting's tree, once there is one besides this router. */
let root: MeetingStates | undefined;
/** A worker that takes a second connection. */
let opened: (participant: ParticipantId, ufrag: string) => Promise<void>;
let commands: MeetingCommands;
let meetings: LiveMeetings;
let states: MeetingStates;

beforeEach(() => {
  nowMs = 0;
  sent = [];
  ordered = [];
  root = undefined;
  opened = async (participant, ufrag) => connection(participant, ufrag);
  const now = () => nowMs;
  const sink = { send: (_: string, event: WireEvent) => sent.push(event) };
  meetings = new LiveMeetings(sink, { changedHere: () => undefined, forgotten: (id) => states.drop(id) });
  const left = (participant: ParticipantId, reason: string): void =>
    commands.handleWorkerEvent({ type: 'left', meeting, participant, reason } as WorkerEvent);
  const pool = {
    workerFor: () => 0,
    ports: [5_000],
    join: async () => ({ port: 5_000 }),
    update: async () => undefined,
    portOf: () => 5_000,
    openConnection: (participant: ParticipantId, { localUfrag: ufrag }: { localUfrag: string }) =>
      opened(participant, ufrag),
    settleConnection: (participant: ParticipantId, isGivenUp: boolean) =>
      ordered.push(`${participant} ${isGivenUp ? 'given up' : 'settled'}`),
    mute: (participant: ParticipantId, source: SourceKind, muted: boolean) =>
      ordered.push(`${participant} ${source} ${muted ? 'off' : 'on'}`),
    leave: (participant: ParticipantId, cause = 'left') => queueMicrotask(() => left(participant, cause)),
    closeMeeting: () => undefined,
  } as unknown as WorkerPool; // what these tests come by
  const orders = new StateOrders({
    meetings,
    pool,
    leave: (id, participant) => states.leave(id, participant),
    router: () => states.router,
    now,
  });
  states = new MeetingStates({
    router: r1,
    send: (_, id, json) => queueMicrotask(() => root?.handle(r1, id, json)),
    listener: orders,
    now,
  });
  const identity = { fingerprintSha256: new Uint8Array(32), announce: ['192.0.2.1'], iceTcp: true };
  const cascade = { setTree: () => undefined, drop: () => undefined };
  commands = new MeetingCommands({ pool, identity, meetings, cascade, states, orders, now });
});

/** The worker speaks of this one from now on. */
function connection(participant: ParticipantId, ufrag: string, slots: readonly SlotAssignment[] = []): void {
  commands.handleWorkerEvent({ type: 'connection', meeting, participant, ufrag, slots });
}

interface Coming {
  readonly role?: Role;
  readonly returning?: boolean;
  readonly settings?: Partial<Settings>;
  /** What his controller was told last. */
  readonly before?: MeetingState;
}

const target = (participant: ParticipantId) => ({ meeting, epoch: 1, participant });

/** `in`, `waits`, or why not. */
async function join(participant: ParticipantId, coming: Coming = {}): Promise<string> {
  const { role = 'participant', returning = false, settings = {}, before } = coming;
  const start = before ? startAgain(before) : { settings: { ...DEFAULT_SETTINGS, ...settings } };
  const command = {
    ...target(participant),
    ...{ name: participant, offer, sources, muted: [], worker: undefined, maxParticipants: 0, audioOnly: false },
    home: { controller: 'zc-1', attachment: 1 },
    entry: { role, returning, start, controller: 'lab' },
  };
  try {
    return 'waiting' in (await commands.join(command)) ? 'waits' : 'in';
  } catch (error) {
    return (error as ZonecastError).code;
  }
}

async function pass(ms: number): Promise<void> {
  nowMs += ms;
  commands.handleTimeout();
  await Promise.resolve();
}

const people = (): string[] => [...(states.state(meeting)?.people.keys() ?? [])];
const waiting = (): string[] => [...(states.state(meeting)?.waiting.keys() ?? [])];
const rosterOf = (participant: ParticipantId) =>
  meetings.get(meeting)?.entriesHere.find((entry) => entry.participant === participant);
const notices = () => sent.flatMap(({ state }) => (state?.changed ? (readChanged(state.changed)?.notices ?? []) : []));

describe('those who wait', () => {
  const settings = { waitingRoom: true };
  beforeEach(async () => {
    expect(await join(ann, { role: 'host', settings })).toBe('in');
    expect(await join(ben, { settings })).toBe('waits');
  });

  test('who is let in and does not come has left after 15 s', async () => {
    await commands.act({ meeting, epoch: 1, participant: ann, act: { type: 'admit', participant: ben } });
    expect(sent.findLast(({ waitingEnded }) => waitingEnded)?.waitingEnded).toMatchObject({ admitted: true });
    await pass(14_000);
    expect(people()).toEqual([ann, ben]);
    await pass(2_000);
    expect(people()).toEqual([ann]);
    expect(await join(ben, { settings })).toBe('waits');
  });

  test('whose client is away leaves after the time that his controller gives him', async () => {
    expect(() => commands.attach(target(ben), { controller: 'zc-2', attachment: 1 })).toThrow('not in the meeting');
    commands.detach(target(ben), { controller: 'zc-1', attachment: 1 }, 3_000);
    await pass(2_000);
    expect(waiting()).toEqual([ben]);
    await pass(2_000);
    expect(waiting()).toEqual([]);
  });

  test('who leaves is gone at once; acts of his are refused before that, too', async () => {
    const raise = { meeting, epoch: 1, participant: ben, act: { type: 'raiseHand' } } as const;
    expect(() => commands.act(raise)).toThrow('You are not in the meeting.');
    commands.leave(target(ben));
    expect(waiting()).toEqual([]);
    expect(await join(ben, { settings })).toBe('waits');
    commands.closeMeeting({ meeting, epoch: 1 }, false);
    expect(sent.findLast(({ left }) => left?.participant === ben)?.left?.reason).toBe('meetingClosed');
    expect(states.state(meeting)).toBeUndefined();
  });
});

describe('those who are in it', () => {
  beforeEach(async () => {
    await join(ann, { role: 'host' });
    await join(ben);
  });

  test('who has lost his media may act, and has left after 10 s, unless he comes back', async () => {
    for (const participant of [ann, ben]) {
      commands.handleWorkerEvent({ type: 'left', meeting, participant, reason: 'workerLost' });
    }
    await pass(5_000);
    await commands.act({ meeting, epoch: 1, participant: ben, act: { type: 'raiseHand' } });
    expect(await join(ben, { returning: true })).toBe('in');
    await pass(6_000);
    expect(people()).toEqual([ben]);
    expect(states.state(meeting)?.people.get(ben)?.hand).toBeDefined();
  });

  test('who goes into a room stays a part of the meeting; who is taken out while his media is lost is out', async () => {
    commands.leave(target(ben), 'left', 'room' as MeetingId);
    await pass(0);
    expect([states.state(meeting)?.people.get(ben)?.room, rosterOf(ben)]).toEqual(['room', undefined]);
    expect(await join(ben, { returning: true })).toBe('in');
    commands.handleWorkerEvent({ type: 'left', meeting, participant: ben, reason: 'workerLost' });
    await commands.act({ meeting, epoch: 1, participant: undefined, act: { type: 'remove', participant: ben } });
    expect(await join(ben, { returning: true })).toBe('notAllowed');
  });

  test('what may not be on comes off, and his home is told; a further offer turns off nothing that is on', async () => {
    const share = { type: 'setSetting', setting: 'shareBy', value: 'host' } as const;
    await commands.act({ meeting, epoch: 1, participant: ann, act: share });
    commands.leave(target(ben));
    await pass(0);
    expect(await join(ben)).toBe('in');
    expect([rosterOf(ben)?.live, ordered]).toEqual([['microphone', 'camera'], ['ben screen off']]);
    expect(notices()).toEqual([{ type: 'mute', participant: ben, source: 'screen' }]);
    expect(() => commands.setMute(target(ben), 'screen', false)).toThrow('Only hosts may share their screen.');
    commands.setMute(target(ben), 'microphone', false);
    expect(ordered.slice(1)).toEqual(['ben microphone on']);
    // Of the host, all that is the same.
    await commands.renegotiate({ ...target(ann), offer, sources });
    expect(notices()).toHaveLength(1);
  });

  test('the host keeps microphones off: those that are on stay on, a new one is off', async () => {
    const keep = { type: 'setSetting', setting: 'unmuteSelf', value: false } as const;
    await commands.act({ meeting, epoch: 1, participant: ann, act: keep });
    commands.setMute(target(ben), 'microphone', false);
    await commands.act({ meeting, epoch: 1, participant: ann, act: { type: 'muteAll' } });
    expect([rosterOf(ann)?.live, rosterOf(ben)?.live]).toEqual([
      ['microphone', 'camera', 'screen'],
      ['camera', 'screen'],
    ]);
    expect(() => commands.setMute(target(ben), 'microphone', false)).toThrow('The host keeps participants muted');
    commands.setMute(target(ben), 'camera', true);
  });

  test('a name that was changed is that of the roster, and stays when he comes back', async () => {
    const rename = { type: 'rename', participant: ben, name: 'Benjamin' } as const;
    await commands.act({ meeting, epoch: 1, participant: ben, act: rename });
    expect(rosterOf(ben)?.name).toBe('Benjamin');
    commands.handleWorkerEvent({ type: 'left', meeting, participant: ben, reason: 'workerLost' });
    await join(ben, { returning: true });
    expect(rosterOf(ben)?.name).toBe('Benjamin');
  });

  test('nobody is here any more: the next epoch is another meeting', async () => {
    await commands.act({ meeting, epoch: 1, participant: ann, act: { type: 'endMeeting' } });
    await pass(0);
    expect([rosterOf(ann), await join(ben)]).toEqual([undefined, 'noSuchMeeting']);
    commands.closeMeeting({ meeting, epoch: 1 }, true);
    expect([meetings.get(meeting), states.state(meeting)]).toEqual([undefined, undefined]);
  });
});

describe('another way to the same place', () => {
  const path = (participant: ParticipantId, muted: readonly SourceKind[] = [], as = 7) =>
    commands.openConnection({ ...target(participant), offer, sources, muted, connection: as });
  const ufragOf = (answer: string) => /a=ice-ufrag:(\S+)/.exec(answer)?.[1] ?? '';
  const homed = () => sent.flatMap((event) => event.homed ?? []);

  beforeEach(async () => {
    await join(ann, { role: 'host' });
    await join(ben);
    sent = [];
    ordered = [];
  });

  test('his home is told anew, of that connection; nobody else hears of it', async () => {
    const slots = [{ mid: '3', participant: ann, kind: 'camera' as const, suspended: false }];
    commands.handleWorkerEvent({ type: 'slots', meeting, participant: ben, slots });
    const answer = await path(ben);
    expect(answer).toContain('a=candidate');
    expect(homed()).toMatchObject([{ participant: ben, attachment: 1, connection: 7, slots: [], encodings: [] }]);
    expect(sent.filter(({ roster, left }) => roster ?? left)).toEqual([]);
    expect([ordered, rosterOf(ben)?.live]).toEqual([[], ['microphone', 'camera', 'screen']]);
    commands.settleConnection(target(ben), false);
    commands.settleConnection(target(ben), true);
    expect(ordered).toEqual(['ben settled', 'ben given up']);
  });

  test('when it comes to nothing, his home is told what the one before carries', async () => {
    const slots = [{ mid: '3', participant: ann, kind: 'camera' as const, suspended: false }];
    const ufrags = [await path(ben, [], 7), await path(ben, [], 8)].map(ufragOf);
    connection(ben, ufrags[0] ?? '', slots);
    expect(homed()).toMatchObject([
      { connection: 7, slots: [] },
      { connection: 8, slots: [] },
      { connection: 7, slots },
    ]);
    // Whichever controller asks.
    commands.attach(target(ben), { controller: 'zc-1', attachment: 2 });
    expect(homed().at(-1)).toMatchObject({ attachment: 2, connection: 7, slots });
  });

  test('further offers are about the connection that is spoken of', async () => {
    const answers = [await path(ben), await path(ben)].map(ufragOf);
    expect(new Set(answers).size).toBe(2);
    const renegotiated = async () => ufragOf(await commands.renegotiate({ ...target(ben), offer, sources }));
    expect(await renegotiated()).toBe(answers[1]);
    connection(ben, answers[0] ?? '');
    expect(await renegotiated()).toBe(answers[0]);
  });

  test('what he says to be off is off, and what he may not turn on stays off', async () => {
    const keep = { type: 'setSetting', setting: 'unmuteSelf', value: false } as const;
    await commands.act({ meeting, epoch: 1, participant: ann, act: keep });
    await path(ben, ['camera']);
    expect([ordered, rosterOf(ben)?.live]).toEqual([['ben camera off'], ['microphone', 'screen']]);
    commands.setMute(target(ben), 'microphone', true);
    await path(ben, ['camera']);
    expect(rosterOf(ben)?.live).toEqual(['screen']);
  });

  test('one that the worker refuses leaves everything as it was', async () => {
    const before = ufragOf(await path(ben));
    opened = () => Promise.reject(new WorkerPoolError('badMedia', 'no'));
    await expect(path(ben)).rejects.toMatchObject({ code: 'badOffer' });
    expect(ufragOf(await commands.renegotiate({ ...target(ben), offer, sources }))).toBe(before);
    await expect(path('cat' as ParticipantId)).rejects.toMatchObject({ code: 'noSuchParticipant' });
    commands.settleConnection(target('cat' as ParticipantId), true);
    expect(ordered).toEqual([]);
  });
});

describe('the root does not answer', () => {
  const media = { type: 'left', meeting, reason: 'workerLost' } as const;
  const below = { parent: far, children: [] };
  const lastLeft = () => sent.findLast(({ left }) => left !== undefined)?.left;

  test('who is in the meeting by the copy comes back at once, and the state follows', async () => {
    await join(ann, { role: 'host' });
    await join(ben);
    states.setTree(meeting, below);
    commands.handleWorkerEvent({ ...media, participant: ben });
    // No time passes.
    expect(await join(ben, { returning: true })).toBe('in');
    expect(rosterOf(ben)?.connected).toBe(true);
    await pass(ALONE_AFTER_MS);
    await pass(15_000);
    expect([people(), rosterOf(ben)?.connected]).toEqual([[ann, ben], true]);
  });

  test('whom the copy does not have waits for the state, be he new or back', async () => {
    await join(ann, { role: 'host' });
    states.setTree(meeting, below);
    const coming = [join(ben, { returning: true }), join('cat' as ParticipantId)];
    const isIn = () => Promise.race([...coming, Promise.resolve('asking')]);
    for (let i = 0; i < 20; i++) expect(await isIn()).toBe('asking');
    expect(rosterOf(ben)).toBeUndefined();
    await pass(ALONE_AFTER_MS);
    expect(await Promise.all(coming)).toEqual(['in', 'in']);
  });

  test('without a copy, what his controller was told last holds, and the meeting goes on from there', async () => {
    const settings = { ...DEFAULT_SETTINGS, locked: true, shareBy: 'host' } as const;
    const cat = 'cat' as ParticipantId;
    const dark = { name: 'Cat', role: 'participant', since: 1, videoStopped: true } as const;
    const before = { ...initialState({ settings }, 't'), version: 7, people: new Map([[cat, dark]]), removed: [ann] };
    states.setTree(meeting, below);
    expect(await join(ben, { returning: true, before })).toBe('in');
    expect(await join(cat, { returning: true, before })).toBe('in');
    expect([rosterOf(ben)?.live, rosterOf(cat)?.live]).toEqual([['microphone', 'camera'], ['microphone']]);
    const outside = join(ann, { returning: true, before });
    expect(states.state(meeting)).toBeUndefined();
    await pass(ALONE_AFTER_MS);
    expect(await outside).toBe('notAllowed');
    expect([people(), states.state(meeting)?.settings.locked]).toEqual([[cat, ben], true]);
  });

  test('who was removed meanwhile comes back where that is not known, until it is', async () => {
    const listener = { whole: () => undefined, changed: () => undefined };
    const send = (_: RouterId, id: MeetingId, json: string) => queueMicrotask(() => states.handle(far, id, json));
    const up = new MeetingStates({ router: far, send, listener, now: () => nowMs });
    root = up;
    up.reachable(r1);
    up.setTree(meeting, { parent: undefined, children: [r1] });
    states.setTree(meeting, below);
    states.reachable(far);
    await join(ann, { role: 'host' });
    await join(ben);
    states.unreachable(far);
    up.unreachable(r1);
    await up.act(meeting, 'operator', { type: 'remove', participant: ben });
    commands.handleWorkerEvent({ ...media, participant: ben });
    expect(await join(ben, { returning: true })).toBe('in');
    states.reachable(far);
    await vi.waitFor(() => expect(lastLeft()).toMatchObject({ participant: ben, reason: 'removed' }));
    expect([people(), rosterOf(ben), [...(up.state(meeting)?.people.keys() ?? [])]]).toEqual([[ann], undefined, [ann]]);
  });
});
