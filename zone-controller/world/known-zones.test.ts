import { beforeEach, describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import type { WorldDigest } from '../../global-controller/world/world-digest.ts';
import { recordOf, statusOf } from '../../global-controller/zones/zone-directory-lab.ts';
import { KnownZones } from './known-zones.ts';

type Told = WorldDigest['zones'][number];
const [EU, US] = ['eu', 'us'] as ZoneId[] as [ZoneId, ZoneId];
let zones: KnownZones;

beforeEach(() => {
  zones = new KnownZones();
  for (const zone of [US, EU]) zones.putRecord(zone, recordOf(), 0);
});

/** A zone that has spoken so long ago; `new`: never. */
function told(zone: ZoneId, standing: Told['standing'], silentMs: number, drained = false): Told {
  const said = { zone, standing, silentMs, drained };
  return standing === 'new' ? said : { ...said, status: statusOf({}) };
}
const tell = (nowMs: number, from: string, ...all: Told[]): boolean => zones.handleDigest(from, { zones: all }, nowMs);
const known = (nowMs: number): string[] =>
  zones
    .all(nowMs)
    .map(({ zone, standing, silentMs, drained }) => `${zone} ${standing} ${silentMs}${drained ? ' drained' : ''}`);

describe('the zones as one of them knows them', () => {
  test('are new until a global controller tells of them, and then as it tells', () => {
    expect([known(100), zones.digestAgeMs(100)]).toEqual([['eu new 100', 'us new 100'], Number.POSITIVE_INFINITY]);
    expect(tell(1_000, 'gc-1', told(EU, 'well', 50), told(US, 'silent', 2_500, true))).toBe(true);
    expect(known(1_200)).toEqual(['eu well 250', 'us silent 2700 drained']);
    expect(tell(2_000, 'gc-1', told(EU, 'well', 60), told(US, 'silent', 3_500, true))).toBe(false);
  });

  test('of several global controllers the one counts that has heard a zone last; not one that has just started', () => {
    tell(1_000, 'gc-1', told(EU, 'well', 50), told(US, 'lost', 60_000));
    tell(1_100, 'gc-2', told(EU, 'silent', 2_900), told(US, 'new', 10));
    expect(known(1_100)).toEqual(['eu well 150', 'us lost 60100']);
    // The first is cut off or gone: what the other says counts alone.
    tell(3_100, 'gc-2', told(EU, 'lost', 4_900), told(US, 'well', 10));
    expect(known(3_100)).toEqual(['eu lost 4900', 'us well 10']);
  });

  test('nobody tells any more: who was well may not be, all else stays', () => {
    tell(1_000, 'gc-1', told(EU, 'well', 50), told(US, 'lost', 9_000));
    expect(known(5_999)).toEqual(['eu well 5049', 'us lost 13999']);
    expect(known(6_000)).toEqual(['eu silent 5050', 'us lost 14000']);
    expect(tell(7_000, 'gc-2', told(EU, 'well', 50), told(US, 'lost', 15_000))).toBe(true);
    expect(known(7_000)).toEqual(['eu well 50', 'us lost 15000']);
  });

  test('a zone that is not recorded is not there, whoever speaks of it', () => {
    tell(1_000, 'gc-1', told('gone' as ZoneId, 'well', 1));
    zones.deleteRecord(US);
    expect(known(1_000)).toEqual(['eu new 1000']);
    zones.putRecord(EU, recordOf({ drained: true }), 2_000);
    expect(known(2_000)).toEqual(['eu new 2000 drained']);
  });
});
