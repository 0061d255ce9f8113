/** One meeting on three routers, one of which has two workers in it: real workers, trunks and clients on loopback. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HeadlessMedia } from '../../client/headless/headless-media.ts';
import type { RouterId } from '../../common/ids.ts';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
import { type EventReader, RouterLab } from '../../mmr/router-test-lab.ts';

const labs = new Map<string, RouterLab>();
const events = new Map<string, EventReader>();

beforeAll(async () => {
  const authority = await mintZoneCertificates();
  for (const [router, workers] of [
    ['r1', 2],
    ['r2', 1],
    ['r3', 1],
  ] as const) {
    labs.set(router, await RouterLab.start({ router: router as RouterId, workers }, authority));
  }
});

afterAll(async () => {
  await Promise.all([...labs.values()].map((lab) => lab.stop()));
});

function labOf(router: string): RouterLab {
  const lab = labs.get(router);
  if (lab === undefined) throw new Error(`no router ${router}`);
  return lab;
}

/** `r1/0 r2/0<0`: a place on worker 0 of r1, and one of r2 whose parent is the first. Told to all routers in it. */
async function setTree(meeting: string, epoch: number, version: number, text: string): Promise<void> {
  const places = text.split(' ').map((place) => {
    const [, router = '', worker, parent] = /^(\w+)\/(\d)(?:<(\d))?$/.exec(place) ?? [];
    const address = `localhost:${labOf(router).router.grpcPort}`;
    return { router, address, worker: Number(worker), ...(parent === undefined ? {} : { parent: Number(parent) }) };
  });
  for (const router of new Set(places.map((place) => place.router))) {
    const { client, command } = { client: labOf(router).client, command: labOf(router) };
    await command.command((options, done) => client.SetTree({ meeting, epoch, version, places }, options, done));
  }
}

async function join(meeting: string, name: string, router: string, worker = 0, epoch = 1): Promise<HeadlessMedia> {
  if (!events.has(router)) events.set(router, await labOf(router).subscribe());
  return labOf(router).join(meeting, `${name}-${meeting}`, { audioSlots: 3, videoSlots: 4 }, epoch, worker);
}

/** Slots in which a picture has begun, and packets go on. */
const pictures = (media: HeadlessMedia): number =>
  media.slots().filter(({ keyframes, packets }) => keyframes > 0 && packets > 20).length;

const packets = (media: HeadlessMedia): number => media.slots().reduce((sum, slot) => sum + slot.packets, 0);

const patience = { timeout: 15_000, interval: 50 };

/** Who is on a router's roster of the meeting now, by its events. */
function rosterAt(router: string, meeting: string): string[] {
  const people = new Map<string, boolean>();
  for (const { snapshot, roster } of events.get(router)?.events ?? []) {
    if (snapshot?.meeting === meeting) {
      people.clear();
      for (const { participant, connected } of snapshot.roster) people.set(participant, connected);
    } else if (roster?.meeting === meeting) {
      for (const { participant, connected } of roster.changed) people.set(participant, connected);
      for (const participant of roster.left) people.delete(participant);
    }
  }
  // Ids are of one meeting only.
  const names = [...people].map(([id, connected]) => [id.replace(`-${meeting}`, ''), connected] as const);
  return names.map(([name, connected]) => (connected ? name : `${name} (away)`)).sort();
}

describe('a meeting on several workers and routers', { timeout: 60_000 }, () => {
  test('everybody sees everybody and is on every roster; who leaves is gone everywhere', async () => {
    await setTree('m1', 1, 1, 'r1/0 r1/1<0 r2/0<0 r3/0<2');
    const people = [
      await join('m1', 'ann', 'r1', 0),
      await join('m1', 'ben', 'r1', 1),
      await join('m1', 'cid', 'r2'),
      await join('m1', 'dan', 'r3'),
    ];
    await expect.poll(() => people.map(pictures), patience).toEqual([3, 3, 3, 3]);
    for (const router of ['r1', 'r2', 'r3']) {
      await expect.poll(() => rosterAt(router, 'm1'), patience).toEqual(['ann', 'ben', 'cid', 'dan']);
    }
    for (const media of people) {
      for (const slot of media.slots()) expect([slot.duplicates, slot.timestampRegressions]).toEqual([0, 0]);
    }
    const { client } = labOf('r2');
    await labOf('r2').command((options, done) =>
      client.Leave({ meeting: 'm1', epoch: 1, participant: 'cid-m1' }, options, done),
    );
    for (const router of ['r1', 'r3']) {
      await expect.poll(() => rosterAt(router, 'm1'), patience).toEqual(['ann', 'ben', 'dan']);
    }
  });

  test('a place that comes later joins in; one that goes takes its people with it', async () => {
    await setTree('m2', 1, 1, 'r1/0');
    const ann = await join('m2', 'ann', 'r1');
    await setTree('m2', 1, 2, 'r1/0 r2/0<0');
    const cid = await join('m2', 'cid', 'r2');
    await expect.poll(() => [ann, cid].map(pictures), patience).toEqual([1, 1]);
    await setTree('m2', 1, 3, 'r1/0');
    await expect.poll(() => rosterAt('r1', 'm2'), patience).toEqual(['ann', 'cid (away)']);
  });

  test('without the router in the middle, the others are joined up again and go on', async () => {
    await setTree('m3', 1, 1, 'r2/0 r1/0<0 r3/0<0');
    const [ann, dan] = [await join('m3', 'ann', 'r1'), await join('m3', 'dan', 'r3')];
    await expect.poll(() => [ann, dan].map(pictures), patience).toEqual([1, 1]);
    await setTree('m3', 2, 1, 'r1/0 r3/0<0');
    const before = [ann, dan].map(packets);
    await expect
      .poll(() => [ann, dan].map((media, i) => packets(media) > (before[i] ?? 0) + 50), patience)
      .toEqual([true, true]);
    for (const router of ['r1', 'r3']) expect(rosterAt(router, 'm3')).toEqual(['ann', 'dan']);
  });

  test('a worker that dies is joined up again; those who come back are seen', async () => {
    await setTree('m4', 1, 1, 'r1/0 r2/0<0');
    const ann = await join('m4', 'ann', 'r1', 0);
    await join('m4', 'cid', 'r2');
    await expect.poll(() => pictures(ann), patience).toBe(1);
    labOf('r2').router.killWorker(0, 'test');
    await expect.poll(() => rosterAt('r1', 'm4'), patience).toEqual(['ann', 'cid (away)']);
    const before = packets(ann);
    // Until the next worker is up.
    await expect
      .poll(
        () =>
          join('m4', 'cid', 'r2').then(
            () => 'in',
            () => 'refused',
          ),
        patience,
      )
      .toBe('in');
    await expect.poll(() => packets(ann) > before + 50, patience).toBe(true);
    await expect.poll(() => rosterAt('r1', 'm4'), patience).toEqual(['ann', 'cid']);
  });
});
