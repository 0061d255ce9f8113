/** The leader's repairs with everything around them: real controllers and clients, and routers that only carry no media. */
import { afterEach, expect, test } from 'vitest';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { MemoryStore } from '../registry/memory-store.ts';
import { type MeetingPlacement, ZoneRecords } from '../registry/records.ts';
import { expectType } from '../testing/test-client.ts';
import { TestZone } from '../testing/test-zone.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function drainedZone() {
  const store = new MemoryStore();
  const zone = await TestZone.start({ registry: new MemoryRegistry(store) }, [{}, {}]);
  stops.push(() => zone.stop());
  const records = new ZoneRecords(
    new MemoryRegistry(store),
    'test' as ZoneId,
    createLogger({ name: 't', level: 'silent' }),
  );
  const created = await zone.controller.createMeeting();
  const ada = await zone.enter(created, 'Ada');
  const { value } = await records.placement(created.meeting as MeetingId);
  const from = value?.root?.router as RouterId; // it has just been placed
  const deadlineMs = Date.now() + 60_000;
  await records.putDrain(from, { startedMs: Date.now(), deadlineMs, by: 'operator' });
  const placed = (wanted: (placement: MeetingPlacement) => boolean): Promise<MeetingPlacement> =>
    new Promise((resolve) => {
      const view = records.viewPlacements((_, placement) => {
        if (placement !== undefined && wanted(placement)) resolve(placement);
      });
      stops.push(() => view.close());
    });
  return { zone, records, ada, from, placed };
}

test('people of a router that is drained are asked to move, and when they have, the meeting is elsewhere', async () => {
  const { ada, from, placed } = await drainedZone();
  expect(await ada.client.next('move')).toEqual({ type: 'move', reason: 'drain' });
  const { epoch } = await placed(({ leaving }) => leaving.length === 1);
  expectType(await ada.client.move(), 'moved');
  ada.client.send({ type: 'moveDone' });
  const after = await placed(({ root }) => root?.router !== from);
  expect(after).toMatchObject({ epoch: epoch + 1, branches: [], leaving: [] });
  expect(ada.client.count('left')).toBe(0);
});

test('after an undrain, whoever has not moved may stay', async () => {
  const { ada, records, from, placed } = await drainedZone();
  await ada.client.next('move');
  await records.deleteDrain(from);
  const after = await placed(({ version, leaving }) => version > 2 && leaving.length === 0);
  expect(after.root?.router).toBe(from);
});
