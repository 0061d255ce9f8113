import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParticipantId, RouterId } from '../../common/ids.ts';
import { type Home, Roster, type RosterDelta, type RosterEntry } from './roster.ts';

const SEED = 11;
const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const homeAt = (controller: string, attachment = 1): Home => ({ controller, attachment });

/** With these people in it, at home with `zc-1`. */
function rosterOf(...participants: ParticipantId[]): Roster {
  const roster = new Roster();
  for (const participant of participants) {
    roster.add(participant, newcomer());
    roster.enter(participant);
  }
  return roster;
}

function newcomer(controller = 'zc-1') {
  return { name: 'Ada', sources: ['microphone', 'camera'], muted: ['camera'], home: homeAt(controller) } as const;
}

const entry = (roster: Roster, participant: ParticipantId): RosterEntry | undefined =>
  roster.entries().find((each) => each.participant === participant);

describe('the roster of a meeting', () => {
  test('somebody who joins is counted, but told only when he is in', () => {
    const roster = new Roster();
    roster.add(ada, newcomer());
    expect([roster.size, roster.entries(), roster.version, roster.homes.size]).toEqual([1, [], 0, 0]);
    const expected = { participant: ada, name: 'Ada', live: ['microphone'], connected: true, router: undefined };
    expect(roster.enter(ada)).toEqual({ version: 1, changed: [expected], left: [] });
    expect([roster.entries(), [...roster.homes]]).toEqual([[expected], [['zc-1', 1]]]);
    expect(roster.enter(ada)).toBeUndefined();
  });

  test('somebody who was never let in leaves without a word', () => {
    const roster = rosterOf(bob);
    roster.add(ada, newcomer());
    expect([roster.remove(ada), roster.version, roster.size]).toEqual([undefined, 1, 1]);
    expect(roster.remove(bob)).toEqual({ version: 2, changed: [], left: [bob] });
    expect([roster.isEmpty, roster.homes.size]).toEqual([true, 0]);
  });

  test('what says nothing new gives no delta', () => {
    const roster = rosterOf(ada);
    expect(roster.setMuted(ada, 'camera', true)).toBeUndefined();
    expect(roster.attach(ada, homeAt('zc-1', 2))).toBeUndefined();
    expect(roster.remove(bob)).toBeUndefined();
    expect(roster.version).toBe(1);
  });

  test('a mute before the worker has answered is on the entry from the beginning', () => {
    const roster = new Roster();
    roster.add(ada, newcomer());
    expect(roster.setMuted(ada, 'camera', false)).toBeUndefined();
    expect(roster.enter(ada)?.changed[0]?.live).toEqual(['microphone', 'camera']);
  });

  test('who is detached is away, and has to leave at his time unless he is attached', () => {
    const roster = rosterOf(ada, bob);
    for (const participant of [ada, bob]) {
      expect(roster.detach(participant, homeAt('zc-1'), 1_000)?.changed[0]?.connected).toBe(false);
    }
    expect(roster.attach(bob, homeAt('zc-2', 7))?.changed[0]?.connected).toBe(true);
    expect(roster.handleTimeout(999).expired).toEqual([]);
    expect(roster.handleTimeout(1_000)).toEqual({ delta: undefined, expired: [ada] });
    expect(roster.handleTimeout(1_000).expired).toEqual([]);
    expect([...roster.homes]).toEqual([
      ['zc-1', 1],
      ['zc-2', 1],
    ]);
  });

  test('a detachment of an earlier home or attachment comes too late', () => {
    const roster = rosterOf(ada);
    roster.attach(ada, homeAt('zc-1', 3));
    expect(roster.detach(ada, homeAt('zc-1', 1), 0)).toBeUndefined();
    roster.attach(ada, homeAt('zc-2', 1));
    expect(roster.detach(ada, homeAt('zc-1', 3), 0)).toBeUndefined();
    expect([entry(roster, ada)?.connected, roster.handleTimeout(9e9).expired]).toEqual([true, []]);
  });

  test('of two attachments of one controller the later counts, in whatever order they come', () => {
    const roster = rosterOf(ada);
    roster.attach(ada, homeAt('zc-1', 5));
    roster.attach(ada, homeAt('zc-1', 4));
    expect(roster.detach(ada, homeAt('zc-1', 4), 0)).toBeUndefined();
    expect(roster.detach(ada, homeAt('zc-1', 5), 0)).toBeDefined();
  });

  test('people of a lost controller are shown as away after a moment, and never have to leave for it', () => {
    const roster = rosterOf(ada, bob);
    roster.homeLost('zc-1', 1_000);
    roster.attach(bob, homeAt('zc-2'));
    expect(roster.handleTimeout(2_999)).toEqual({ delta: undefined, expired: [] });
    const { delta, expired } = roster.handleTimeout(3_000);
    expect(delta?.changed.map(({ participant, connected }) => [participant, connected])).toEqual([[ada, false]]);
    expect([expired, roster.handleTimeout(9e9).expired]).toEqual([[], []]);
  });

  test('a controller that is back in time was never away', () => {
    const roster = rosterOf(ada);
    roster.homeLost('zc-1', 0);
    roster.homeFound('zc-1');
    expect(roster.handleTimeout(9e9).delta).toBeUndefined();
  });

  test('people of other routers are on it, and stay on theirs', () => {
    const roster = rosterOf(ada);
    const router = 'router-2' as RouterId;
    const changed = [{ participant: bob, name: 'Bob', live: [], connected: true, router }];
    expect(roster.applyElsewhere({ changed, left: [] }, 0)).toEqual({ version: 2, changed, left: [] });
    expect([roster.size, roster.has(bob), entry(roster, bob)?.router]).toEqual([2, false, router]);
    roster.remove(ada);
    expect([roster.isEmpty, roster.size]).toEqual([true, 1]);
    expect(roster.applyElsewhere({ changed: [], left: [bob] }, 0).left).toEqual([bob]);
  });

  test('who has left is remembered until he is back; who is lost, moves, or was never in has not left', () => {
    const roster = rosterOf(ada, bob);
    const at = (participant: ParticipantId, connected = true) =>
      ({ participant, name: '', live: [], connected, router: 'r2' as RouterId }) as const;
    const left = () => [...roster.left];
    roster.applyElsewhere({ changed: [at(bob)], left: [] }, 0);
    roster.remove(bob);
    roster.lose(ada, 1_000);
    expect(left()).toEqual([]);
    roster.add(ada, newcomer());
    roster.remove(ada);
    roster.applyElsewhere({ changed: [], left: [], lost: [bob] }, 1_000);
    roster.handleTimeout(1_000);
    expect([left(), roster.entries()]).toEqual([[], []]);
    for (const connected of [false, true]) {
      roster.applyElsewhere({ changed: [at(bob, connected)], left: [] }, 0);
      roster.applyElsewhere({ changed: [], left: [bob] }, 0);
      expect(left()).toEqual(connected ? [bob] : []);
    }
    roster.add(ada, newcomer());
    roster.enter(ada);
    roster.remove(ada);
    expect(left()).toEqual([bob, ada]);
    roster.applyElsewhere({ changed: [at(bob)], left: [] }, 0);
    roster.add(ada, newcomer());
    roster.enter(ada);
    expect(left()).toEqual([]);
  });

  test('whoever follows the deltas from any version on knows the roster; versions have no gaps', () => {
    const participant = fc.constantFrom(...(['a', 'b', 'c', 'd'] as ParticipantId[]));
    const home = fc.tuple(fc.constantFrom('zc-1', 'zc-2'), fc.nat(3)).map(([at, attachment]) => homeAt(at, attachment));
    type Step = (roster: Roster, nowMs: number) => RosterDelta | undefined;
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.tuple(participant, home).map(([id, at]) => (roster: Roster) => {
        // Ids are never used twice: nobody joins as somebody who is there.
        if (!roster.has(id)) roster.add(id, { ...newcomer(), home: at });
        return undefined;
      }),
      participant.map((id) => (roster: Roster) => roster.enter(id)),
      participant.map((id) => (roster: Roster) => roster.remove(id)),
      fc.tuple(participant, fc.boolean()).map(
        ([id, muted]) =>
          (roster: Roster) =>
            roster.setMuted(id, 'camera', muted),
      ),
      fc.tuple(participant, home).map(
        ([id, at]) =>
          (roster: Roster) =>
            roster.attach(id, at),
      ),
      fc.tuple(participant, home).map(
        ([id, at]) =>
          (roster: Roster, nowMs: number) =>
            roster.detach(id, at, nowMs + 5),
      ),
      home.map(({ controller }) => (roster: Roster, nowMs: number) => {
        roster.homeLost(controller, nowMs);
        return undefined;
      }),
      fc.constant((roster: Roster, nowMs: number) => roster.handleTimeout(nowMs).delta),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(80), (steps, joinsAt) => {
        const roster = new Roster();
        let known: Map<string, RosterEntry> | undefined;
        let version = 0;
        for (const [index, apply] of steps.entries()) {
          if (index === joinsAt) known = new Map(roster.entries().map((each) => [each.participant, each]));
          const delta = apply(roster, index * 500);
          if (delta === undefined) continue;
          expect(delta.version).toBe(++version);
          for (const id of delta.left) known?.delete(id);
          for (const each of delta.changed) known?.set(each.participant, each);
        }
        if (known === undefined) return;
        const byId = (a: RosterEntry, b: RosterEntry) => a.participant.localeCompare(b.participant);
        expect([...known.values()].sort(byId)).toEqual(roster.entries().sort(byId));
        const homed = [...roster.homes].map(([controller, count]) => roster.homedAt(controller).length === count);
        expect(homed.every(Boolean)).toBe(true);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
