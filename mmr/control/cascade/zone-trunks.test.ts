import { beforeEach, describe, expect, test } from 'vitest';
import type { ZoneId } from '../../../common/ids.ts';
import type { TrunkId } from '../../media/trunk/trunk-messages.ts';
import { ZoneTrunks } from './zone-trunks.ts';

const zone = 'us' as ZoneId;
const name = { worker: 0, trunk: 't' as TrunkId };
let trunks: ZoneTrunks;
const said = (nowMs: number): (number | string)[][] =>
  trunks.all(nowMs).map(({ zone: to, rttMs, loss, up }) => [to, rttMs, loss, up ? 'up' : 'down']);
const report = (nowMs: number, state: 'connecting' | 'up' | 'down' | 'closed', roundTripMs?: number): void =>
  trunks.reported(nowMs, name, { state, roundTripMs, lossFraction: 0.01 });

beforeEach(() => {
  trunks = new ZoneTrunks();
  trunks.want(0, [{ zone, ...name }]);
});

describe('trunks to other zones', () => {
  test('one that comes up is told of when its round trip is known', () => {
    report(100, 'connecting');
    expect(said(100)).toEqual([]);
    report(200, 'up');
    expect(said(200)).toEqual([]);
    report(1_200, 'up', 90);
    expect(said(1_200)).toEqual([['us', 90, 0.01, 'up']]);
  });

  test('one that does not come up is down after a while, and up when it does', () => {
    report(100, 'connecting');
    report(7_000, 'closed');
    expect(said(7_999)).toEqual([]);
    expect(said(8_000)).toEqual([['us', 0, 0, 'down']]);
    report(9_000, 'up', 80);
    expect(said(9_000)).toEqual([['us', 80, 0.01, 'up']]);
  });

  test('one that breaks is down a second later, with what was measured last', () => {
    report(1_000, 'up', 90);
    report(5_000, 'down');
    expect(said(5_999)).toEqual([['us', 90, 0.01, 'up']]);
    report(5_500, 'closed');
    expect(said(6_000)).toEqual([['us', 90, 0.01, 'down']]);
  });

  test('one that breaks off for a moment is not', () => {
    report(1_000, 'up', 90);
    report(5_000, 'closed');
    report(5_800, 'up');
    expect(said(7_000)).toEqual([]);
    report(7_000, 'up', 95);
    expect(said(7_000)).toEqual([['us', 95, 0.01, 'up']]);
  });

  test('one that no meeting needs is of no concern', () => {
    report(1_000, 'up', 90);
    trunks.want(2_000, []);
    report(3_000, 'closed');
    expect(said(60_000)).toEqual([]);
  });
});
