import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import type { PresenceRecord } from '../../global-controller/buckets.ts';
import { effectivePolicy } from '../../global-controller/policies/effective-policy.ts';
import type { PolicyRules } from '../../global-controller/policies/policy.ts';
import { definitionOf, FakeSide, placedAt } from './membership-lab.ts';
import { AS_IT_IS } from './own-bucket.ts';
import { Presences } from './shared-meetings.ts';

const OWN = 'own' as ZoneId;
const meeting = '12345678903' as MeetingId;
let zonePolicy: PolicyRules;
let blockZone: ZoneId | undefined;
let onTheWay: boolean;
let side: FakeSide;
let presences: Presences;
let known: PresenceRecord | undefined;

beforeEach(() => {
  [zonePolicy, blockZone, known, onTheWay] = [{}, OWN, undefined, false];
  side = new FakeSide();
  side.definitions.set(meeting, definitionOf());
  side.placements.set(meeting, placedAt());
  side.counts.set(meeting, 4);
  const policyIn: ConstructorParameters<typeof Presences>[0]['policyIn'] = (_, { policy } = {}) =>
    effectivePolicy({ zone: zonePolicy, account: undefined, meeting: policy, default: undefined });
  presences = new Presences({ own: OWN, policyIn, blockZone: () => blockZone, isOnTheWay: () => onTheWay }, side);
});

/** What is there after it was looked at, at that time. */
function at(nowMs: number): PresenceRecord | undefined {
  const wanted = presences.wanted(meeting, known, nowMs);
  if (wanted !== AS_IT_IS) known = wanted;
  return known;
}

describe('where a meeting is', () => {
  test('is told as its root router says that others reach it', () => {
    const root = { router: 'r-1', address: 'r-1.example.org:9702', worker: 0 };
    expect(at(0)).toEqual({ root, epoch: 1, people: 4, dials: false });
    side.definitions.set(meeting, definitionOf({ account: 'acme' }));
    side.addRouter('r-2' as RouterId);
    side.placements.set(meeting, placedAt('r-2' as RouterId, 2));
    const moved = {
      root: { router: 'r-2', address: '', worker: 0 },
      epoch: 2,
      people: 4,
      dials: true,
      account: 'acme',
    };
    expect(at(1)).toEqual(moved);
  });

  test.each<[string, PolicyRules, PolicyRules, boolean]>([
    ['nothing is said', {}, {}, true],
    ['the zone keeps all inside', { residency: 'local' }, {}, false],
    ['the zone lets guests in', { residency: 'local', guests: { via: 'hub' as ZoneId } }, {}, true],
    ['its maker keeps it inside', {}, { residency: 'local' }, false],
    ['its maker lets guests in', {}, { residency: 'local', guests: { via: 'hub' as ZoneId } }, true],
  ])('is told where policies allow it: %s', (_, ofZone, ofMeeting, isTold) => {
    zonePolicy = ofZone;
    side.definitions.set(meeting, definitionOf({ policy: ofMeeting }));
    expect(at(0) !== undefined).toBe(isTold);
  });

  test('is told only of ids whose home others can tell', () => {
    for (const zone of [undefined, 'other' as ZoneId]) {
      blockZone = zone;
      expect(at(0)).toBeUndefined();
    }
    side.definitions.set(meeting, definitionOf({ home: 'other' }));
    expect(at(0)?.people).toBe(4);
    side.definitions.delete(meeting);
    expect(at(1)).toBeUndefined();
  });

  test('is not told of again for every person', () => {
    at(0);
    side.counts.set(meeting, 8);
    expect([at(0)?.people, at(4_999)?.people, at(5_000)?.people]).toEqual([4, 4, 8]);
    side.counts.set(meeting, 9);
    expect(at(60_000)?.people).toBe(8);
    side.counts.set(meeting, 10);
    expect(at(60_000)?.people).toBe(10);
  });

  test('stays while nobody is there for a moment, or nobody has counted', () => {
    side.counts.set(meeting, 0);
    expect(at(0)).toBeUndefined();
    side.counts.set(meeting, 4);
    at(1_000);
    side.counts.set(meeting, 0);
    expect([at(2_000), at(6_999)].map((record) => record?.people)).toEqual([4, 4]);
    side.counts.set(meeting, 2);
    at(7_000);
    side.counts.set(meeting, 0);
    expect([at(8_000), at(12_999)].every((record) => record !== undefined)).toBe(true);
    expect(at(13_000)).toBeUndefined();
    side.counts.set(meeting, undefined);
    expect(at(13_001)).toBeUndefined();
    side.counts.set(meeting, 4);
    at(14_000);
    side.counts.set(meeting, undefined);
    expect(at(60_000)?.people).toBe(4);
    side.placements.set(meeting, { ...placedAt(), root: null });
    expect(at(60_001)).toBeUndefined();
  });

  test('stays without people as long as those of others meet through it', () => {
    side.counts.set(meeting, 0);
    onTheWay = true;
    expect(at(0)).toMatchObject({ people: 0, epoch: 1 });
    side.counts.set(meeting, 1);
    expect(at(1)?.people).toBe(1);
    side.counts.set(meeting, 0);
    expect([at(2)?.people, at(5_001)?.people, at(5_002)?.people]).toEqual([1, 1, 0]);
    side.placements.set(meeting, placedAt('r-1' as RouterId, 2));
    expect(at(60_000)).toMatchObject({ people: 0, epoch: 2 });
    onTheWay = false;
    expect(at(60_001)).toBeUndefined();
  });
});
