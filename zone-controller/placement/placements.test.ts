import { beforeEach, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { ZoneRecords } from '../registry/records.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { NOW_MS, router, zoneOf } from './placement-lab.ts';
import { Placements } from './placements.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const meeting = '12345678901' as MeetingId;
const KEY = `/zonecast/zones/z/placements/${meeting}`;
const NONE = new Set<RouterId>();

let registry: MemoryRegistry;
beforeEach(() => {
  registry = new MemoryRegistry();
});

function placementsOn(...ids: readonly string[]): Placements {
  const capacity = zoneOf(ids.map((id) => router(id, [0])));
  // The cast: of the directory, placing needs the capacity and the time.
  const directory = { capacity, nowMs: NOW_MS } as RouterDirectory;
  return new Placements(new ZoneRecords(registry, 'z' as ZoneId, log), directory, log);
}

test('each placement of a meeting has a higher epoch, and it goes back to where it was', async () => {
  const placements = placementsOn('a', 'b', 'c');
  const first = await placements.place(meeting, NONE);
  expect(first.epoch).toBe(1);
  expect(await placements.place(meeting, NONE)).toEqual({ epoch: 2, router: first.router });
  expect(await placements.place(meeting, new Set([first.router]))).not.toMatchObject({ router: first.router });
  expect(JSON.parse((await registry.get(KEY))?.value ?? '')).toMatchObject({ epoch: 3, branches: [] });
});

test('a placement that is there and cannot be read is left alone', async () => {
  const text = '{"format":2,"epoch":7,"root":{"router":"a"}}';
  await registry.put(KEY, text);
  const error = await placementsOn('a')
    .place(meeting, NONE)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ZonecastError);
  expect(error).toMatchObject({ code: 'badRecord' });
  expect((await registry.get(KEY))?.value).toBe(text);
});

test('without room there is a time to come back', async () => {
  const error = await placementsOn()
    .place(meeting, NONE)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'noRouter', retryAfterMs: expect.any(Number) });
});
