import { beforeEach, describe, expect, test } from 'vitest';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { type MeetingPlacement, type TunnelRecord, ZoneRecords } from './records.ts';
import type { Lease } from './registry.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const meeting = '12345678901' as MeetingId;
const router = 'router-1' as RouterId;
const nowhere = (epoch: number, root: MeetingPlacement['root'] = null): MeetingPlacement => ({
  epoch,
  version: 1,
  root,
  branches: [],
  leaving: [],
});
const PLACEMENT_KEY = `/zonecast/zones/z/placements/${meeting}`;

let registry: MemoryRegistry;
let records: ZoneRecords;
beforeEach(() => {
  registry = new MemoryRegistry();
  records = new ZoneRecords(registry, 'z' as ZoneId, log);
});

describe('a placement', () => {
  test('comes back as it was put', async () => {
    const other = { router: 'router-2' as RouterId, worker: 0 };
    const value = {
      epoch: 3,
      version: 7,
      root: { router, worker: 1 },
      branches: [{ ...other, parent: 0 }],
      leaving: [{ ...other, why: 'drain' as const }],
    };
    const revision = await records.putPlacement(meeting, value, 0);
    expect(await records.placement(meeting)).toEqual({ value, revision });
    expect(JSON.parse((await registry.get(PLACEMENT_KEY))?.value ?? '')).toEqual({ format: 1, ...value });
  });

  test.each([
    ['{"epoch":2,"router":"router-1"}', nowhere(2, { router, worker: 0 })],
    ['{"epoch":2,"router":null}', nowhere(2)],
    ['{"epoch":2,"root":null}', nowhere(2)],
    ['{"format":1,"epoch":2,"root":{"router":"router-1"},"color":"blue"}', nowhere(2, { router, worker: 0 })],
  ])('is read from %s', async (text, value) => {
    const revision = await registry.put(PLACEMENT_KEY, text);
    expect(await records.placement(meeting)).toEqual({ value, revision });
    expect(records.malformed).toBe(0);
  });

  test.each([
    'not JSON',
    'null',
    '[]',
    '{}',
    '{"epoch":"1","root":null}',
    '{"epoch":0,"root":null}',
    '{"epoch":1,"root":{"worker":1}}',
    '{"epoch":1,"root":{"router":"r","worker":-1}}',
    '{"epoch":1,"root":{"router":"r"},"branches":[{"router":"s","parent":1}]}',
    '{"format":2,"epoch":1,"root":null}',
  ])('that is %s is ignored, counted and not overwritten by accident', async (text) => {
    const revision = await registry.put(PLACEMENT_KEY, text);
    expect(await records.placement(meeting)).toEqual({ value: undefined, revision });
    expect(records.malformed).toBe(1);
    await expect(records.putPlacement(meeting, nowhere(1), 0)).rejects.toMatchObject({ code: 'revisionConflict' });
  });
});

describe('a view of records', () => {
  const record = {
    address: '192.0.2.1:9701',
    workers: 4,
    limits: { participants: 100, packetsPerSecond: 300_000 },
    media: [{ address: '192.0.2.1', port: 40_000 }],
    labels: { rack: 'a1' },
    taints: [],
    release: '1',
    controller: 'zc-1',
  };
  const put = (lease: Lease, { key, value }: { readonly key: string; readonly value: string }) => lease.put(key, value);

  test('tells of routers that come, change and go', async () => {
    const told: unknown[] = [];
    const lease = await registry.lease(10);
    await put(lease, records.routerEntry(router, record));
    const view = records.viewRouters((...change) => told.push(change));
    await view.listed;
    await put(lease, records.routerEntry(router, { ...record, taints: ['no-new'] }));
    await registry.put('/zonecast/zones/z/routers/odd', '{"format":9}');
    await lease.revoke();
    await Promise.resolve();
    expect(told).toEqual([
      [router, record],
      [router, { ...record, taints: ['no-new'] }],
      ['odd', undefined],
      [router, undefined],
    ]);
    expect(records.malformed).toBe(1);
    view.close();
  });

  test('tells of HTTP tunnels, of none that clients could not reach', async () => {
    const told: unknown[] = [];
    const view = records.viewTunnels((...change) => told.push(change));
    await view.listed;
    const lease = await registry.lease(10);
    const tunnel: TunnelRecord = {
      urls: ['https://t1.example'],
      turnUrls: ['turn:t1.example:3478?transport=udp', 'turns:[2001:db8::1]:443?transport=tcp'],
      load: 0.3,
      draining: false,
      release: '1',
      controller: 'zc-1',
    };
    await put(lease, records.tunnelEntry('t1', tunnel));
    const wrong: Partial<TunnelRecord>[] = [
      { urls: [] },
      ...['http://t1.example', 'https://a;sandbox', 'https://*', 'https://me@t1.example', 'https://t1.example/x'].map(
        (url) => ({ urls: [url] }),
      ),
      ...['stun:t1.example', 'turn:a:b:c', 'turn:2001:db8::1', 'turn:t1.example:3478;x'].map((url) => ({
        turnUrls: [url],
      })),
      { load: 2 },
    ];
    for (const each of wrong) await put(lease, records.tunnelEntry('t2', { ...tunnel, ...each }));
    await lease.revoke();
    await Promise.resolve();
    expect(told).toEqual([
      ['t1', tunnel],
      ...new Array(wrong.length).fill(['t2', undefined]),
      ['t1', undefined],
      ['t2', undefined],
    ]);
    expect(records.malformed).toBe(wrong.length);
    view.close();
  });

  test('leaves a router that went over to another controller there when the first one is gone', async () => {
    const [first, second] = [await registry.lease(10), await registry.lease(10)];
    await put(first, records.routerEntry(router, record));
    await put(second, records.routerEntry(router, { ...record, controller: 'zc-2' }));
    await first.revoke();
    expect((await registry.list('/zonecast/zones/z/routers/')).entries).toHaveLength(1);
  });

  test('tells of controllers and placements', async () => {
    const told: unknown[] = [];
    const views = [
      records.viewControllers((...change) => told.push(change)),
      records.viewPlacements((...change) => told.push(change)),
    ];
    await Promise.all(views.map((view) => view.listed));
    const controller = { address: '192.0.2.1:9700', release: '1', startedMs: 5 };
    await put(await registry.lease(10), records.controllerEntry('zc-1', controller));
    const placement = nowhere(1, { router, worker: 0 });
    await records.putPlacement(meeting, placement, 0);
    await records.deleteMeeting(meeting);
    await Promise.resolve();
    expect(told).toEqual([
      ['zc-1', controller],
      [meeting, placement],
      [meeting, undefined],
    ]);
    for (const view of views) view.close();
  });
});

describe('a secret of the zone', () => {
  test('is the same for all who want it, whoever is first', async () => {
    const others = new ZoneRecords(registry, 'z' as ZoneId, log);
    const [one, two] = await Promise.all([records.secret('session'), others.secret('session')]);
    expect([one.length, one.equals(two), one.equals(await records.secret('session'))]).toEqual([32, true, true]);
    expect(one.equals(await new ZoneRecords(registry, 'y' as ZoneId, log).secret('session'))).toBe(false);
  });

  test('that cannot be read is not replaced', async () => {
    await registry.put('/zonecast/zones/z/secrets/session', '{"format":2}');
    await expect(records.secret('session')).rejects.toMatchObject({ code: 'badRecord' });
  });
});
