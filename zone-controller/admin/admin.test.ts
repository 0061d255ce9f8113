/** The admin service as operators use it: real controllers, routers that speak the real services, gRPC in between. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import type { ZoneClient } from '../../zonectl/operator/zone-client.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { MemoryStore } from '../registry/memory-store.ts';
import { type MoveWish, ZoneRecords } from '../registry/records.ts';
import { AdminLab } from './admin-lab.ts';

const UNKNOWN = '99999999999';

let store: MemoryStore;
let lab: AdminLab;
let operator: ZoneClient;
beforeEach(async () => {
  store = new MemoryStore();
  lab = await AdminLab.start({ registry: new MemoryRegistry(store) }, [{}, { workers: 2 }]);
  operator = await lab.client();
});
afterEach(() => lab.stop());

/** What the zone's registry holds. */
function records(): ZoneRecords {
  return new ZoneRecords(new MemoryRegistry(store), 'test' as ZoneId, createLogger({ name: 'test', level: 'silent' }));
}

/** A meeting with Ada and Grace in it. */
async function meetingOfTwo() {
  const created = await lab.zone.controller.createMeeting();
  const ada = await lab.zone.enter(created, 'Ada');
  const grace = await lab.zone.enter(created, 'Grace');
  const { meetings } = await operator.meetings({});
  const [place] = meetings[0]?.places ?? [];
  if (place === undefined) throw new Error('the meeting is nowhere');
  return { ...created, ada, grace, router: place.router, other: place.router === 'router-1' ? 'router-2' : 'router-1' };
}

/** Calls until the answer is as wanted: what routers report and registries tell arrives a moment later. */
async function eventually<Answer>(ask: () => Promise<Answer>, isRight: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('who may ask', () => {
  test.each(['router', 'zone-controller', 'etcd'] as const)('a certificate of the role %s is refused', async (role) => {
    const stranger = await lab.client(role);
    const refusal = { exitCode: 4, message: expect.stringContaining(`"some-${role}", whose role is "${role}"`) };
    await expect(stranger.status()).rejects.toMatchObject(refusal);
    await expect(stranger.kick({ meeting: UNKNOWN, participant: 'x' })).rejects.toMatchObject(refusal);
    const drain = stranger.drain('router-1', 60_000, true);
    await expect(drain.next()).rejects.toMatchObject(refusal);
    expect((await records().drain('router-1' as RouterId)).value).toBeUndefined();
  });
});

describe('questions', () => {
  test('status: controllers, leader, registry, totals, problems', async () => {
    await meetingOfTwo();
    const status = await eventually(
      () => operator.status(),
      ({ leader, controllers }) => leader !== '' && controllers.length === 1,
    );
    expect(status).toMatchObject({
      zone: 'test',
      controller: 'zc-1',
      leader: 'zc-1',
      controllers: [{ name: 'zc-1', release: '0.1.0', address: `localhost:${lab.zone.controller.grpcPort}` }],
      registry: { available: true, read: true, malformed: 0 },
      totals: { routers: { open: 2 }, workers: 3, meetings: 1, liveMeetings: 1 },
      problems: [],
    });
  });

  test('routers: records, workers, state; one by name; unknown ones are refused', async () => {
    const { routers, nextPageToken } = await operator.routers({});
    expect(nextPageToken).toBe('');
    expect(routers).toMatchObject([
      { router: 'router-1', state: 'open', controller: 'zc-1', release: 'test', maxParticipants: 100 },
      { router: 'router-2', state: 'open', workers: [{ index: 0 }, { index: 1 }] },
    ]);
    expect((await operator.routers({ router: 'router-2' })).routers).toEqual([routers[1]]);
    await expect(operator.routers({ router: 'r9' })).rejects.toThrow('There is no router "r9".');
  });

  test('meetings and who is in them, also at a controller that has none of them', async () => {
    const { meeting, ada, grace, router } = await meetingOfTwo();
    const second = await lab.zone.addController({ registry: new MemoryRegistry(store) });
    await second.whenReady(2);
    const elsewhere = await lab.client('operator', [second]);
    for (const asked of [operator, elsewhere]) {
      const { meetings } = await eventually(
        () => asked.meetings({}),
        (reply) => reply.meetings.length === 1,
      );
      expect(meetings).toMatchObject([
        { meeting, epoch: 1, participants: 2, places: [{ router, worker: 0, participants: 2 }] },
      ]);
      const { participants, silent } = await asked.participants({ meeting });
      expect(silent).toEqual([]);
      expect(participants).toHaveLength(2);
      for (const [name, { participant }] of Object.entries({ Ada: ada, Grace: grace })) {
        expect(participants).toContainEqual(
          expect.objectContaining({ participant, name, router, connected: true, sources: ['microphone', 'camera'] }),
        );
      }
    }
    const there = async (on: string) => (await operator.meetings({ router: on })).meetings.length;
    expect([await there(router), await there('router-9')]).toEqual([1, 0]);
    await expect(operator.participants({ meeting: UNKNOWN })).rejects.toMatchObject({ exitCode: 4 });
  });

  test('lists come in pages', async () => {
    const expected = new Set<string>();
    for (let count = 0; count < 5; count++) {
      const created = await lab.zone.controller.createMeeting();
      await lab.zone.enter(created, 'Ada');
      expected.add(created.meeting);
    }
    const seen: string[] = [];
    let pages = 0;
    let pageToken = '';
    do {
      const page = await operator.meetings({ pageSize: 2, pageToken });
      seen.push(...page.meetings.map((each) => each.meeting));
      pageToken = page.nextPageToken;
      pages++;
    } while (pageToken !== '');
    expect(pages).toBe(3);
    expect(seen).toEqual([...expected].sort());
  });

  test('a router that does not answer is told apart', async () => {
    const { meeting, router } = await meetingOfTwo();
    lab.zone.routers.find((each) => each.name === router)?.stopServing();
    const { participants, silent } = await operator.participants({ meeting });
    expect({ participants, silent }).toEqual({ participants: [], silent: [router] });
    const [listed] = (await operator.meetings({})).meetings;
    expect(listed?.participants).toBe(0);
    expect(listed?.places[0]?.participants).toBeUndefined();
  });
});

describe('explain', () => {
  test('a meeting that is nowhere yet: the candidates, and why each lost', async () => {
    const explanation = await operator.explain({ newMeeting: {} });
    expect(explanation).toMatchObject({ question: 'new meeting', media: 'full', people: 4, routers: { open: 2 } });
    expect(explanation.candidates.map(({ reason }) => reason)).toEqual(['chosen', 'sameLoad']);
    expect(explanation.chosen?.router).toBe(explanation.candidates[0]?.router);
    expect(explanation.text).toContain('chosen, load');
  });

  test('who joins a meeting next: where it is, with its people; nothing is promised by asking', async () => {
    const { meeting, router } = await meetingOfTwo();
    const loadOf = async () => (await operator.routers({ router })).routers[0]?.workers[0]?.load;
    const before = await loadOf();
    const explanation = await operator.explain({ meeting });
    expect(explanation).toMatchObject({
      question: 'join',
      places: [{ router, worker: 0, participants: 2 }],
      chosen: { router, worker: 0 },
      candidates: [{ router, worker: 0, reason: 'kept', words: 'has the meeting, and room' }],
    });
    expect(await loadOf()).toBe(before);
  });

  test('too large for any worker: refused, with the reason', async () => {
    const explanation = await operator.explain({ newMeeting: { people: 101 } });
    expect(explanation).toMatchObject({ refusal: 'full', others: { full: 2 } });
    expect(explanation.chosen ?? undefined).toBeUndefined();
    expect(explanation.retryAfterMs).toBeGreaterThan(0);
    await expect(operator.explain({ meeting: UNKNOWN })).rejects.toThrow('There is no meeting');
    await expect(operator.explain({})).rejects.toThrow('No question was asked.');
  });
});

describe('drain', () => {
  test('is recorded, told until the router is empty, and taken back', async () => {
    const states: string[] = [];
    for await (const { state } of operator.drain('router-1', 60_000, true)) states.push(state);
    expect(states.at(-1)).toBe('EMPTY');
    const { value } = await records().drain('router-1' as RouterId);
    expect(value).toMatchObject({ by: 'some-operator' });
    expect((value?.deadlineMs ?? 0) - (value?.startedMs ?? 0)).toBeGreaterThanOrEqual(60_000);
    const [router] = (await operator.routers({ router: 'router-1' })).routers;
    expect(router).toMatchObject({ state: 'draining', drain: { by: 'some-operator' } });
    expect(await operator.undrain('router-1')).toEqual({ wasDraining: true });
    expect(await operator.undrain('router-1')).toEqual({ wasDraining: false });
    await eventually(
      () => operator.routers({ router: 'router-1' }),
      ({ routers }) => routers[0]?.state === 'open' && !routers[0].drain,
    );
  });

  test('whoever follows one hears when another operator ends it', async () => {
    lab.zone.router(0).report([{ participants: 3, meetings: 1 }]);
    await eventually(
      () => operator.routers({ router: 'router-1' }),
      ({ routers }) => routers[0]?.participants === 3,
    );
    const drain = operator.drain('router-1', 60_000, true);
    expect((await drain.next()).value).toMatchObject({ state: 'DRAINING', participants: 3, meetings: 1 });
    await operator.undrain('router-1');
    const rest: string[] = [];
    for await (const { state } of drain) rest.push(state);
    expect(rest.at(-1)).toBe('UNDRAINED');
  });

  test('ends at its deadline with those who are left', async () => {
    lab.zone.router(0).report([{ participants: 3, meetings: 1 }]);
    await eventually(
      () => operator.routers({ router: 'router-1' }),
      ({ routers }) => routers[0]?.participants === 3,
    );
    let last: unknown;
    for await (const progress of operator.drain('router-1', 1_000, true)) last = progress;
    expect(last).toMatchObject({ state: 'DEADLINE', participants: 3 });
  });

  test('goes on when nobody follows it, and at another controller', async () => {
    lab.zone.router(0).report([{ participants: 3, meetings: 1 }]);
    const second = await lab.zone.addController({ registry: new MemoryRegistry(store) });
    await second.whenReady(2);
    const both = await lab.client();
    const told: unknown[] = [];
    for await (const progress of both.drain('router-1', 60_000, false)) told.push(progress);
    expect(told).toHaveLength(1);
    const elsewhere = await lab.client('operator', [second]);
    await eventually(
      () => elsewhere.routers({ router: 'router-1' }),
      ({ routers }) => routers[0]?.state === 'draining',
    );
  });

  test('makes sense, or is refused', async () => {
    const first = (router: string, ms: number) => operator.drain(router, ms, true).next();
    await expect(first('r9', 60_000)).rejects.toThrow('There is no router "r9".');
    await expect(first('router-1', 8 * 24 * 3_600_000)).rejects.toThrow('seven days');
  });
});

describe('move', () => {
  /** The wishes that are recorded. */
  async function wishes(): Promise<Map<string, MoveWish>> {
    const found = new Map<string, MoveWish>();
    const view = records().viewMoves((id, wish) => wish && found.set(id, wish));
    await view.listed;
    view.close();
    return found;
  }

  test('a participant: his router is found out, the wish recorded', async () => {
    const { meeting, ada, router, other } = await meetingOfTwo();
    // Who carries it out deletes it at once.
    const recorded = new Promise<[string, MoveWish]>((resolve) => {
      const view = records().viewMoves((id, wish) => {
        if (wish === undefined) return;
        view.close();
        resolve([id, wish]);
      });
    });
    const reply = await operator.move({ meeting, participant: ada.participant, toRouter: other, toWorker: 0 });
    expect(reply.from).toBe(router);
    const [id, wish] = await recorded;
    expect(id).toBe(`${meeting}+${ada.participant}`);
    expect(wish).toMatchObject({
      participant: ada.participant,
      from: { router },
      to: { router: other, worker: 0 },
      by: 'some-operator',
    });
  });

  test('a place, wherever there is room', async () => {
    const { meeting, router } = await meetingOfTwo();
    const recorded = new Promise<MoveWish>((resolve) => {
      const view = records().viewMoves((_id, wish) => {
        if (wish === undefined) return;
        view.close();
        resolve(wish);
      });
    });
    await operator.move({ meeting });
    const wish = await recorded;
    expect(wish).toMatchObject({ from: { router, worker: 0 } });
    expect(wish.to).toBeUndefined();
  });

  test('makes sense, or is refused', async () => {
    const { meeting, ada, router, other } = await meetingOfTwo();
    const { participant } = ada;
    await expect(operator.move({ meeting: UNKNOWN })).rejects.toThrow('Nobody is in a meeting');
    await expect(operator.move({ meeting, participant: 'x' })).rejects.toThrow('No participant "x"');
    await expect(operator.move({ meeting, toRouter: 'r9' })).rejects.toThrow('There is no router');
    await expect(operator.move({ meeting, toRouter: router })).rejects.toThrow('already');
    await expect(operator.move({ meeting, toRouter: other, toWorker: 7 })).rejects.toThrow('numbered from 0');
    await expect(operator.move({ meeting, participant, toWorker: 0 })).rejects.toThrow('without its router');
    await lab.zone.controller.whenReady(2);
    await records().putDrain(other as RouterId, { startedMs: 0, deadlineMs: Date.now() + 60_000, by: 'x' });
    await expect.poll(() => lab.zone.controller.readyRouters()).not.toContain(other);
    const closed = { exitCode: 4, message: `Nobody can be moved to ${other}: on its way out.` };
    await expect(operator.move({ meeting, participant, toRouter: other })).rejects.toMatchObject(closed);
    await expect(operator.move({ meeting, toRouter: other })).rejects.toMatchObject(closed);
    await records().deleteDrain(other as RouterId);
    await lab.zone.controller.whenReady(2);
    const full = Array.from({ length: 2 }, (_, index) => ({ index, participants: 100 }));
    lab.zone.routers.find(({ name }) => name === other)?.report(full);
    await eventually(
      () => operator.routers({ router: other }),
      ({ routers }) => routers[0]?.workers[0]?.participants === 100,
    );
    await expect(operator.move({ meeting, participant, toRouter: other })).rejects.toThrow(
      `Nobody can be moved to ${other}: no room.`,
    );
    await expect(operator.move({ meeting, from: other })).rejects.toThrow(`The meeting is on ${router}/0`);
    expect((await wishes()).size).toBe(0);
  });
});

describe('kick', () => {
  test('his client is told that he has left, the others that he is gone', async () => {
    const { meeting, ada, grace, router } = await meetingOfTwo();
    expect(await operator.kick({ meeting, participant: ada.participant, reason: 'loud' })).toEqual({ router });
    expect((await ada.client.next('left')).reason).toBe('removed');
    await grace.client.next('roster', ({ left }) => left.includes(ada.participant));
    const { participants } = await operator.participants({ meeting });
    expect(participants.map(({ name }) => name)).toEqual(['Grace']);
    await expect(operator.kick({ meeting, participant: ada.participant })).rejects.toMatchObject({ exitCode: 4 });
  });

  test('his token is not enough where that was ordered either, when his router is lost later', async () => {
    const { meeting, ada, router } = await meetingOfTwo();
    const other = await lab.zone.addController();
    await other.whenReady(lab.zone.routers.length);
    await (await lab.client('operator', [other])).kick({ meeting, participant: ada.participant });
    lab.zone.routers.find(({ name }) => name === router)?.stop();
    await expect.poll(() => other.readyRouters(), { timeout: 5_000 }).toHaveLength(lab.zone.routers.length - 1);
    const resume = async () => (await lab.zone.connect(other)).resume(ada.joined.self.session);
    await expect.poll(resume, { timeout: 5_000 }).not.toMatchObject({ type: 'error', code: 'noRouter' });
    expect(await resume()).toMatchObject({ type: 'error', code: 'sessionExpired' });
  });
});

describe('metrics', () => {
  test('what happened is counted, and how things are', async () => {
    const { meeting } = await meetingOfTwo();
    const client = await lab.zone.connect();
    await client.join({ meeting, passcode: 'wrong' });
    const text = await lab.zone.controller.metrics();
    const sampleOf = (series: string) => {
      const line = text.split('\n').find((each) => each.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    };
    expect(sampleOf('zonecast_controller_entries_total{kind="join",outcome="ok"}')).toBe(2);
    expect(sampleOf('zonecast_controller_entries_total{kind="join",outcome="wrongPasscode"}')).toBe(1);
    expect(sampleOf('zonecast_controller_entry_seconds_count{kind="join"}')).toBe(3);
    expect(sampleOf('zonecast_controller_messages_total{type="join"}')).toBe(3);
    expect(sampleOf('zonecast_controller_errors_total{code="wrongPasscode"}')).toBe(1);
    expect(sampleOf('zonecast_controller_placements_total{outcome="placed"}')).toBe(2);
    expect(sampleOf('zonecast_controller_placement_seconds_count')).toBe(2);
    expect(sampleOf('zonecast_controller_routers{state="open"}')).toBe(2);
    expect(sampleOf('zonecast_controller_sessions')).toBe(2);
    expect(sampleOf('zonecast_controller_connections')).toBe(3);
    expect(sampleOf('zonecast_controller_live_meetings')).toBe(1);
    expect(sampleOf('zonecast_controller_registry_available')).toBe(1);
    expect(sampleOf('zonecast_controller_registry_calls_total{call="put",outcome="ok"}')).toBeGreaterThan(0);
    expect(text).not.toContain(meeting);
  });
});
