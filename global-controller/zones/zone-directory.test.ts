import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { DirectoryLab, recordOf, statusOf, trunkTo } from './zone-directory-lab.ts';
import { headRoomOf, readZoneStatus } from './zone-status.ts';

const SEED = 31;

describe('a zone', () => {
  test('that speaks is well, one that stops is silent after 2 s, and what it said last stays known', () => {
    const lab = new DirectoryLab(['a', 'b']);
    expect(lab.standing('a')).toBe('new');
    lab.say('a', { routersReady: 7 });
    lab.pass(1_999);
    expect(lab.standing('a')).toBe('well');
    lab.pass(1);
    expect(lab.standing('a')).toBe('silent');
    lab.pass(3_600_000, undefined, 60_000);
    expect(lab.standing('a')).toBe('silent');
    expect(lab.directory.zone('a' as ZoneId, lab.nowMs)).toMatchObject({
      status: { routersReady: 7 },
      silentMs: 3_602_000,
    });
    lab.say('a');
    expect(lab.events).toEqual(['a new → well', 'a well → silent', 'b new → silent', 'a silent → well']);
  });

  test('is lost when it is silent for 3 s and a zone that is heard has its trunk down', () => {
    const lab = new DirectoryLab(['a', 'b']);
    lab.say('b');
    lab.pass(2_750, () => lab.say('a', { trunks: [trunkTo('b', false)] }));
    expect(lab.standing('b')).toBe('silent');
    lab.pass(250, () => lab.say('a', { trunks: [trunkTo('b', false)] }));
    expect(lab.standing('b')).toBe('lost');
    lab.say('b');
    expect(lab.events.filter((event) => event.startsWith('b'))).toEqual([
      'b new → well',
      'b well → silent',
      'b silent → lost',
      'b lost → well',
    ]);
  });

  test('is lost when its clients come to another zone', () => {
    const lab = new DirectoryLab(['a', 'b']);
    lab.pass(3_000, () => lab.say('a', { strandedFrom: ['b' as ZoneId] }));
    expect(lab.standing('b')).toBe('lost');
  });

  test.each([
    ['nobody has a trunk to it', { a: [], c: [] }],
    ['one of two has it up', { a: [trunkTo('b', false)], c: [trunkTo('b', true)] }],
    ['one of the two trunks of a zone is up', { a: [trunkTo('b', false), trunkTo('b', true)], c: [] }],
  ])('is not lost while %s', (_, { a, c }) => {
    const lab = new DirectoryLab(['a', 'b', 'c']);
    lab.pass(60_000, () => {
      lab.say('a', { trunks: a });
      lab.say('c', { trunks: c });
    });
    expect(lab.standing('b')).toBe('silent');
  });

  test('that speaks is not lost, whatever others say of it', () => {
    const lab = new DirectoryLab(['a', 'b']);
    lab.pass(10_000, () => {
      lab.say('b');
      lab.say('a', { trunks: [trunkTo('b', false)], strandedFrom: ['b' as ZoneId] });
    });
    expect(lab.standing('b')).toBe('well');
  });

  test('that was lost stays so until it speaks, or a trunk to it is up', () => {
    const lab = new DirectoryLab(['a', 'b']);
    lab.pass(3_000, () => lab.say('a', { trunks: [trunkTo('b', false)] }));
    lab.pass(10_000, () => lab.say('a'));
    expect(lab.standing('b')).toBe('lost');
    lab.pass(10_000);
    expect(lab.standing('b')).toBe('lost');
    lab.say('a', { trunks: [trunkTo('b', true)] });
    lab.tick();
    expect(lab.standing('b')).toBe('silent');
  });

  test('is drained when its record or it itself says so', () => {
    const lab = new DirectoryLab(['a']);
    lab.say('a', { drained: true });
    lab.directory.putRecord('a' as ZoneId, recordOf({ drained: true }), lab.nowMs);
    lab.say('a', { drained: false });
    expect(lab.directory.zones(lab.nowMs)).toMatchObject([{ zone: 'a', drained: true }]);
    expect(lab.directory.putRecord('a' as ZoneId, recordOf(), lab.nowMs)).toEqual([{ type: 'undrained', zone: 'a' }]);
  });

  test('that is not recorded, or no more, counts for nothing', () => {
    const lab = new DirectoryLab(['a']);
    lab.say('a', { trunks: [trunkTo('b', false)] });
    lab.say('b');
    lab.directory.deleteRecord('a' as ZoneId);
    lab.say('a');
    expect(lab.directory.zones(lab.nowMs)).toEqual([]);
    expect(lab.directory.counts).toMatchObject({ accepted: 1, unknown: 2 });
  });
});

describe('who is cut off himself', () => {
  test('loses nobody: all are silent, so there is no witness', () => {
    const lab = new DirectoryLab(['a', 'b', 'c']);
    const all = (): void => {
      for (const zone of ['a', 'b', 'c']) lab.say(zone, { trunks: ['a', 'b', 'c'].map((to) => trunkTo(to, false)) });
    };
    all();
    lab.pass(60_000);
    expect(['a', 'b', 'c'].map((zone) => lab.standing(zone))).toEqual(['silent', 'silent', 'silent']);
    // A process that was stopped: its timer comes before what waits for it.
    lab.nowMs += 3_600_000;
    lab.tick();
    all();
    lab.tick();
    expect(['a', 'b', 'c'].map((zone) => lab.standing(zone))).toEqual(['well', 'well', 'well']);
    expect(lab.events.filter((event) => event.includes('lost'))).toEqual([]);
  });

  test('a clock that goes back does no harm', () => {
    const lab = new DirectoryLab(['a'], 1_000_000);
    lab.say('a');
    lab.nowMs = 0;
    lab.tick();
    expect(lab.standing('a')).toBe('well');
    lab.say('a');
    lab.pass(1_999);
    expect(lab.standing('a')).toBe('well');
    lab.pass(1);
    expect(lab.standing('a')).toBe('silent');
  });
});

describe('the order of statuses', () => {
  test('a gap is noticed and a snapshot asked for, again until it has come', () => {
    const lab = new DirectoryLab(['a']);
    lab.say('a', { seq: 5 });
    lab.say('a', { seq: 8 });
    lab.say('a', { seq: 9 });
    lab.pass(1_000);
    expect(lab.events).toEqual(['a new → well', 'a askSnapshot gap', 'a askSnapshot gap']);
    lab.directory.handleSnapshot('a' as ZoneId, statusOf({ seq: 9, routersReady: 7 }), lab.nowMs);
    lab.pass(1_500);
    expect(lab.directory.zone('a' as ZoneId, lab.nowMs)?.status?.routersReady).toBe(7);
    expect(lab.events).toHaveLength(3);
    expect(lab.directory.counts.gaps).toBe(1);
  });

  test('what is repeated or overtaken changes nothing, not even how long the zone is silent', () => {
    const lab = new DirectoryLab(['a']);
    lab.say('a', { seq: 5, routersReady: 5 });
    lab.pass(2_000, () => lab.say('a', { seq: 4, routersReady: 4 }));
    lab.say('a', { seq: 5, routersReady: 0 });
    expect(lab.directory.zone('a' as ZoneId, lab.nowMs)).toMatchObject({
      standing: 'silent',
      status: { routersReady: 5 },
    });
  });

  test('of an instance that was followed by another nothing more counts, until that one is silent', () => {
    const lab = new DirectoryLab(['a']);
    const ready = (): number | undefined => lab.directory.zone('a' as ZoneId, lab.nowMs)?.status?.routersReady;
    lab.say('a', { instance: 'i', seq: 7, routersReady: 1 });
    lab.say('a', { instance: 'j', seq: 1, routersReady: 2 });
    lab.say('a', { instance: 'i', seq: 8, routersReady: 3 });
    expect(ready()).toBe(2);
    lab.pass(1_500);
    lab.say('a', { instance: 'i', seq: 7, routersReady: 4 });
    expect(ready()).toBe(2);
    lab.say('a', { instance: 'i', seq: 9, routersReady: 5 });
    expect(ready()).toBe(5);
    expect(lab.events).toEqual([
      'a new → well',
      'a askSnapshot instance',
      'a askSnapshot instance',
      'a askSnapshot instance',
    ]);
  });

  test('whatever the way repeats and reorders, the newest status is known', () => {
    const instances = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    // Each is late by so many places, and comes so often.
    const ways = fc.array(fc.record({ late: fc.nat(3), times: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(instances, ways, (lengths, trouble) => {
        const sent = lengths.flatMap((length, instance) =>
          Array.from({ length }, (_, index) => ({ instance: `i${instance}`, seq: index + 1 })),
        );
        const newest = (status: { instance: string; seq: number } | undefined): number =>
          Number(status?.instance.slice(1)) * 100 + (status?.seq ?? 0);
        // No later than the next instance's second: of one never heard of nobody can tell that it is old.
        const arriving = sent
          .flatMap((status, at) => {
            const { late, times } = trouble[at % trouble.length] ?? { late: 0, times: 1 };
            const until = status.seq === 1 ? 0 : late;
            return Array.from({ length: times }, (_, copy) => ({
              status,
              at: at + (copy === 0 ? until : late) + 0.5 * copy,
            }));
          })
          .sort((a, b) => a.at - b.at);
        const lab = new DirectoryLab(['a']);
        for (const { status } of arriving) {
          // Too fast for an instance of before to be taken back.
          lab.nowMs++;
          lab.say('a', { ...status, routersReady: newest(status) });
        }
        const known = lab.directory.zone('a' as ZoneId, lab.nowMs)?.status?.routersReady;
        expect(known).toBe(newest(sent.at(-1)));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

test('what happens does not depend on where the clock began', () => {
  const step = fc.record({
    zone: fc.constantFrom('a', 'b', 'c'),
    passMs: fc.nat(2_500),
    about: fc.constantFrom('a', 'b', 'c'),
    up: fc.boolean(),
    instance: fc.constantFrom('i', 'j'),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
      (steps, startMs) => {
        const [one, other] = [new DirectoryLab(['a', 'b', 'c'], 0), new DirectoryLab(['a', 'b', 'c'], startMs)];
        for (const lab of [one, other]) {
          for (const { zone, passMs, about, up, instance } of steps) {
            lab.say(zone, { instance, trunks: about === zone ? [] : [trunkTo(about, up)] });
            lab.pass(passMs);
          }
        }
        expect(other.events).toEqual(one.events);
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
});

test('nobody is lost without two that say so', () => {
  const step = fc.record({
    zone: fc.constantFrom('a', 'b', 'c'),
    passMs: fc.nat(2_500),
    up: fc.constantFrom(true, undefined),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const lab = new DirectoryLab(['a', 'b', 'c']);
      for (const { zone, passMs, up } of steps) {
        lab.say(zone, {
          trunks: up ? ['a', 'b', 'c'].filter((other) => other !== zone).map((to) => trunkTo(to, up)) : [],
        });
        lab.pass(passMs);
      }
      expect(lab.events.some((event) => event.endsWith('lost'))).toBe(false);
    }),
    { seed: SEED, numRuns: 100 },
  );
});

describe('statuses', () => {
  test('hostile ones are none', () => {
    const good = statusOf();
    expect(readZoneStatus(good)).toEqual(good);
    for (const wrong of [
      null,
      [],
      'status',
      { ...good, seq: -1 },
      { ...good, seq: 1.5 },
      { ...good, instance: '' },
      { ...good, instance: 'x'.repeat(65) },
      { ...good, routersReady: Number.NaN },
      { ...good, trunks: Array.from({ length: 257 }, () => trunkTo('b', true)) },
      { ...good, trunks: [{ ...trunkTo('b', true), loss: 2 }] },
      { ...good, load: { ...good.load, participants: Number.POSITIVE_INFINITY } },
    ]) {
      expect(readZoneStatus(wrong)).toBeUndefined();
    }
  });

  test.each([
    [500, 100_000, 2, 0.5],
    [0, 900_000, 2, 0.1],
    [2_000, 0, 2, 0],
    [0, 0, 0, 0],
  ])('%d people and %d packets/s on %d routers leave %d', (participants, packetsPerSecond, routersReady, room) => {
    const { capacity } = statusOf().load;
    expect(headRoomOf(statusOf({ load: { participants, packetsPerSecond, capacity }, routersReady }))).toBeCloseTo(
      room,
      9,
    );
  });

  test('a zone without capacity has no room', () => {
    const capacity = { participants: 0, packetsPerSecond: 0 };
    expect(headRoomOf(statusOf({ load: { participants: 0, packetsPerSecond: 0, capacity } }))).toBe(0);
  });
});
