import { describe, expect, test } from 'vitest';
import type { Tunnel__Output } from '../../proto/gen/zonecast/admin/v1/Tunnel.ts';
import { type TunnelDrainProgress, viewTunnel, viewTunnelDrain, viewTunnels } from './tunnel-views.ts';

const NOW_MS = 1_000_000;
const DRAIN = { startedMs: NOW_MS - 61_000, by: 'alice' };

const OPEN: Tunnel__Output = {
  tunnel: 't1',
  state: 'open',
  urls: ['https://t1.example'],
  turnUrls: ['turns:t1.example:443?transport=tcp'],
  load: 0.2,
  release: '1.0.0',
  controller: 'zc-1',
  drain: null,
};

function cellsOf(tunnel: Partial<Tunnel__Output>): string[] {
  const [, line = ''] = viewTunnels([{ ...OPEN, ...tunnel }]).split('\n');
  return line.split(/ {2,}/);
}

test.each([
  [{}, ['t1', 'open', '20 %', '-', '1.0.0', 'zc-1', 'https://t1.example']],
  [{ state: 'draining', left: 3 }, ['t1', 'draining', '20 %', '3', '1.0.0', 'zc-1', 'https://t1.example']],
  [{ state: 'draining', left: 0, drain: DRAIN }, ['t1', 'drained', '20 %', '0', '1.0.0', 'zc-1', 'https://t1.example']],
  // It is about to stop.
  [{ state: 'draining', left: 0 }, ['t1', 'draining', '20 %', '0', '1.0.0', 'zc-1', 'https://t1.example']],
  [{ state: 'lost', controller: '', urls: [], release: '', drain: DRAIN }, ['t1', 'lost', '-', '-', '-', '-', '-']],
] satisfies [Partial<Tunnel__Output>, string[]][])('a line: %j', (tunnel, cells) => {
  expect(cellsOf(tunnel)).toEqual(cells);
});

test('one tunnel: where its TURN is, and who drains it', () => {
  const text = viewTunnel({ ...OPEN, state: 'draining', drain: DRAIN }, NOW_MS);
  expect(text).toMatch(/^TURN +turns:t1.example:443\?transport=tcp$/m);
  expect(text).toMatch(/^Drain +by alice, begun 1 min 1 s ago$/m);
  expect(viewTunnel({ ...OPEN, turnUrls: [] }, NOW_MS)).toMatch(/^TURN +none$/m);
});

describe('a drain', () => {
  const progress: TunnelDrainProgress = {
    state: 'DRAINING',
    left: 2,
    startedMs: NOW_MS - 3_000,
    deadlineMs: NOW_MS + 5_000,
  };
  test.each([
    [{}, 't1: 2 connections left, 5 s to the deadline'],
    [{ left: undefined }, 't1: it has not said yet how many connections are left, 5 s to the deadline'],
    [{ state: 'EMPTY', left: 0 }, 't1 is empty after 3 s. "zonectl undrain --tunnel t1" opens it again.'],
    [{ state: 'DEADLINE', left: 1 }, 't1: the deadline has passed; 1 connection left.'],
    [{ state: 'UNDRAINED' }, 't1: somebody has ended the drain; 2 connections left.'],
    [{ state: 'LOST' }, 't1 is gone.'],
  ] satisfies [Partial<TunnelDrainProgress>, string][])('%j', (change, text) => {
    expect(viewTunnelDrain('t1', { ...progress, ...change }, NOW_MS)).toBe(text);
  });
});
