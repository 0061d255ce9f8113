import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RouterId } from '../../common/ids.ts';
import type { RosterEntry } from '../../proto/signalling.ts';
import { type Carried, MeetingRoster } from './meeting-roster.ts';

const SEED = 7;
const [A, B] = ['router-a', 'router-b'] as RouterId[] as [RouterId, RouterId];
const UNTIL_MS = 10_000;
const nobodyIsAway = () => false;
const entry = (participant: string, connected = true): RosterEntry => ({
  participant,
  name: participant.toUpperCase(),
  live: ['microphone'],
  connected,
});
const on = (router: RouterId, ...people: (string | RosterEntry)[]): Carried[] =>
  people.map((each) => ({ entry: typeof each === 'string' ? entry(each) : each, router }));

/** As router A tells it, of its own people and of those on B. */
function rosterOf(here: string[], there: string[] = []): MeetingRoster {
  const roster = new MeetingRoster();
  roster.reset(A, [...on(A, ...here), ...on(B, ...there)], nobodyIsAway, UNTIL_MS);
  roster.takeDelta();
  return roster;
}

describe('of one router', () => {
  test('a later snapshot is told as the difference, in the order of arrival', () => {
    const roster = rosterOf(['ada', 'bob']);
    roster.reset(A, on(A, 'cid', 'ada'), nobodyIsAway, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [entry('cid')], left: ['bob'] });
    expect(roster.entries()).toEqual([entry('ada'), entry('cid')]);
  });

  test('an entry that says nothing new is not told', () => {
    const roster = rosterOf(['ada']);
    roster.change(A, { changed: on(A, 'ada'), left: ['nobody'] }, nobodyIsAway, UNTIL_MS);
    expect(roster.hasDelta).toBe(false);
  });

  test('connections: the latest of those who are in, told once, gone with them', () => {
    const roster = rosterOf(['ada', 'bob']);
    roster.setQualities([{ participant: 'ada', uplink: 90 }, { participant: 'stranger' }]);
    roster.setQualities([{ participant: 'ada', downlink: 40 }]);
    expect(roster.takeQualityDelta()).toEqual([{ participant: 'ada', downlink: 40 }]);
    roster.setQualities([{ participant: 'ada', downlink: 40 }, { participant: 'bob' }]);
    expect([roster.hasQualityDelta, roster.hasDelta]).toEqual([false, false]);
    roster.setQualities([{ participant: 'ada' }, { participant: 'bob', uplink: 1 }]);
    roster.change(A, { changed: [], left: ['ada'] }, nobodyIsAway, UNTIL_MS);
    expect(roster.takeQualityDelta()).toEqual([{ participant: 'bob', uplink: 1 }]);
    expect(roster.qualities()).toEqual([{ participant: 'bob', uplink: 1 }]);
  });
});

describe('of several routers', () => {
  test('who moves is on two of them for a while, and never gone', () => {
    const roster = rosterOf(['ada', 'bob']);
    roster.reset(B, [...on(B, 'ada'), ...on(A, 'bob')], nobodyIsAway, UNTIL_MS);
    roster.change(A, { changed: [], left: ['ada'] }, nobodyIsAway, UNTIL_MS);
    expect([roster.hasDelta, roster.people]).toEqual([false, new Map([[A, 1], [B, 1]])]); // biome-ignore format: one line
    roster.change(B, { changed: [], left: ['ada'] }, nobodyIsAway, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [], left: ['ada'] });
  });

  test('what was told last of somebody holds', () => {
    const roster = rosterOf(['ada']);
    const muted = { ...entry('ada'), live: [] };
    roster.reset(B, on(B, muted), nobodyIsAway, UNTIL_MS);
    expect(roster.entries()).toEqual([muted]);
    roster.reset(A, on(A, 'ada'), nobodyIsAway, UNTIL_MS);
    expect(roster.entries()).toEqual([muted]);
  });

  test('when one tells nothing any more, those of whom only it told are kept as they were for a while', () => {
    const roster = rosterOf(['ada'], ['bob']);
    roster.forget(A, UNTIL_MS);
    expect([roster.entries(), roster.hasDelta]).toEqual([[entry('ada'), entry('bob')], false]);
    roster.reset(B, on(B, 'bob'), nobodyIsAway, UNTIL_MS);
    roster.expire(UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [], left: ['ada'] });
    expect(roster.nextTimeoutMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a router that is lost', () => {
  test('its people are away and not gone, until they come by another', () => {
    const roster = rosterOf(['ada', 'bob']);
    roster.lose(A, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [entry('ada', false), entry('bob', false)], left: [] });
    roster.reset(B, on(B, 'bob'), nobodyIsAway, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [entry('bob')], left: [] });
    expect([roster.isAwaited('ada'), roster.isAwaited('bob')]).toEqual([true, false]);
    roster.expire(UNTIL_MS - 1);
    expect(roster.hasDelta).toBe(false);
    roster.expire(UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [], left: ['ada'] });
    roster.change(B, { changed: [], left: ['bob'] }, nobodyIsAway, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [], left: ['bob'] });
  });

  test('is seen by what another one tells, too, in whatever order', () => {
    for (const order of ['lost first', 'told first']) {
      const roster = rosterOf(['ada'], ['bob']);
      const told = () => roster.change(A, { changed: [], left: ['bob'] }, (router) => router === B, UNTIL_MS);
      if (order === 'told first') told();
      roster.lose(B, UNTIL_MS);
      if (order === 'lost first') told();
      expect(roster.takeDelta()).toEqual({ changed: [entry('bob', false)], left: [] });
      expect(roster.get('ada')).toEqual(entry('ada'));
    }
  });

  test('who is not awaited any more is gone at once', () => {
    const roster = rosterOf(['ada', 'bob']);
    roster.lose(A, UNTIL_MS);
    roster.drop('ada');
    expect(roster.takeDelta().left).toEqual(['ada']);
    expect(roster.entries()).toEqual([entry('bob', false)]);
  });

  test('one whose worker died is kept while his router says that he has left', () => {
    const roster = rosterOf(['ada']);
    roster.keep('ada', UNTIL_MS);
    roster.change(A, { changed: [], left: ['ada'] }, nobodyIsAway, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [entry('ada', false)], left: [] });
    roster.change(A, { changed: on(A, 'ada'), left: [] }, nobodyIsAway, UNTIL_MS);
    expect(roster.takeDelta()).toEqual({ changed: [entry('ada')], left: [] });
    roster.expire(UNTIL_MS);
    expect(roster.hasDelta).toBe(false);
  });
});

test('whoever follows the deltas knows the roster', () => {
  const participant = fc.constantFrom('a', 'b', 'c', 'd');
  const router = fc.constantFrom(A, B);
  const step = fc.oneof(
    fc.record({ by: router, at: router, who: participant, connected: fc.boolean() }).map(
      ({ by, at, who, connected }) =>
        (roster: MeetingRoster) =>
          roster.change(by, { changed: on(at, entry(who, connected)), left: [] }, nobodyIsAway, UNTIL_MS),
    ),
    fc.record({ by: router, who: participant, isAway: fc.boolean() }).map(
      ({ by, who, isAway }) =>
        (roster: MeetingRoster) =>
          roster.change(by, { changed: [], left: [who] }, () => isAway, UNTIL_MS),
    ),
    fc.tuple(router, fc.uniqueArray(participant)).map(
      ([by, ids]) =>
        (roster: MeetingRoster) =>
          roster.reset(by, on(by, ...ids), nobodyIsAway, UNTIL_MS),
    ),
    router.map((by) => (roster: MeetingRoster) => roster.lose(by, UNTIL_MS)),
    router.map((by) => (roster: MeetingRoster) => roster.forget(by, UNTIL_MS)),
    participant.map((who) => (roster: MeetingRoster) => roster.drop(who)),
    fc.constant((roster: MeetingRoster) => roster.expire(UNTIL_MS)),
    fc.constant('tell' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const roster = new MeetingRoster();
      const known = new Map<string, RosterEntry>();
      for (const each of [...steps, 'tell' as const]) {
        if (each !== 'tell') {
          each(roster);
          continue;
        }
        const { changed, left } = roster.takeDelta();
        for (const id of left) known.delete(id);
        for (const changedEntry of changed) known.set(changedEntry.participant, changedEntry);
      }
      const sorted = (entries: Iterable<RosterEntry>): RosterEntry[] =>
        [...entries].sort((a, b) => a.participant.localeCompare(b.participant));
      expect(sorted(known.values())).toEqual(sorted(roster.entries()));
      roster.expire(UNTIL_MS);
      expect([...roster.people.values()].reduce((sum, people) => sum + people, 0)).toBe(roster.size);
    }),
    { seed: SEED, numRuns: 500 },
  );
});
