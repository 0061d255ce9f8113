/** Routers that die or freeze under a meeting, in a zone of real processes: its people go on elsewhere as who they are. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { clientCredentials } from '../../common/mutual-tls.ts';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { DescribeReply__Output } from '../../proto/gen/zonecast/router/v1/DescribeReply.ts';
import { RouterService } from '../../proto/load.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { EtcdRegistry } from '../../zone-controller/registry/etcd-registry.ts';
import { ZoneRecords } from '../../zone-controller/registry/records.ts';
import { ZoneProcesses } from '../zone/zone-processes.ts';

/** On a machine that runs other tests, too; docs/signalling.md has what is measured on an idle one. */
const KILLED_GAP_MS = 3_000;
const TOLD_WITHIN_MS = 1_000;
/** Two seconds until it is noticed, and then as if it were killed. */
const FROZEN_GAP_MS = 6_000;
/** Until a frozen router counts as lost: its keep-alive runs out, and then some. */
const LOST_MS = 40_000;
/** Longer than a command waits for its answer, shorter than a keep-alive. */
const STILL_FROZEN_MS = 7_000;

let zone: ZoneProcesses;
let meeting: CreatedMeeting;
let people: HeadlessParticipant[];
/** When each was asked to move. */
let askedMs: number[];
/** Who was said to have left. */
let gone: string[];

beforeEach(async () => {
  zone = await ZoneProcesses.start({ controllers: 2, routers: 3 });
  meeting = await zone.createMeeting();
  [askedMs, gone] = [[], []];
  people = await Promise.all(
    zone.urls.map((url, index) =>
      HeadlessParticipant.join({
        url,
        meeting: meeting.meeting,
        passcode: meeting.passcode,
        name: ['Ada', 'Bob'][index] ?? '',
        audioSlots: 2,
        videoSlots: 2,
        onNotice: (notice) => {
          if (notice.type === 'move') askedMs.push(performance.now());
          if (notice.type === 'roster') gone.push(...notice.left);
        },
      }),
    ),
  );
}, 60_000);

afterEach(async () => {
  for (const person of people) person.leave();
  await zone.stop();
});

const isReceiving = ({ reception }: HeadlessParticipant) =>
  (['audio', 'video'] as const).every((kind) => performance.now() - (reception.lastMs(kind) ?? 0) < 200);
const names = ({ roster }: HeadlessParticipant) => roster.map(({ name }) => name).toSorted();
const rootOf = async () => (await zone.placement(meeting.meeting))?.root?.router as RouterId;

const gapsMs = () =>
  people.flatMap(({ reception }) =>
    (['audio', 'video'] as const).map((kind) => Math.round(reception.longestGapMs(performance.now(), kind))),
  );

/** Both have moved, as who they were, and get picture and sound again. */
async function expectBothWentOn(ids: readonly string[], patienceMs: number): Promise<void> {
  await until('both have moved', () => people.every(({ moves }) => moves === 1), patienceMs);
  await until('both get media', () => people.every(isReceiving));
  await until('both are there again', () =>
    people.every(({ roster }) => roster.length === 2 && roster.every(({ connected }) => connected)),
  );
  expect(people.map(({ id, end }) => [id, end])).toEqual(ids.map((id) => [id, undefined]));
  expect(gone).toEqual([]);
  expect(people.map(names)).toEqual([
    ['Ada', 'Bob'],
    ['Ada', 'Bob'],
  ]);
}

test('a router that is killed: both go on by another, after a short gap', { timeout: 60_000 }, async () => {
  const ids = people.map(({ id }) => id);
  await until('both get media', () => people.every(isReceiving));
  for (const { reception } of people) reception.reset();
  const before = await rootOf();
  const killedMs = performance.now();
  await zone.routerOf(before).kill();
  await expectBothWentOn(ids, 20_000);
  const gaps = gapsMs();
  const toldMs = askedMs.map((atMs) => Math.round(atMs - killedMs));
  process.stdout.write(`asked to move after ${toldMs.join(', ')} ms; without media for ${gaps.join(', ')} ms\n`);
  expect(Math.max(...toldMs)).toBeLessThan(TOLD_WITHIN_MS);
  expect(Math.max(...gaps)).toBeLessThan(KILLED_GAP_MS);
  expect(await rootOf()).not.toBe(before);
  expect((await zone.placement(meeting.meeting))?.epoch).toBe(2);
});

test('a router that is frozen is left after a short gap, and disturbs nobody when it goes on', {
  timeout: 120_000,
}, async () => {
  const ids = people.map(({ id }) => id);
  await until('both get media', () => people.every(isReceiving));
  for (const { reception } of people) reception.reset();
  const before = await rootOf();
  const address = await addressOf(before);
  zone.routerOf(before).freeze();
  await expectBothWentOn(ids, 20_000);
  const gaps = gapsMs();
  process.stdout.write(`frozen: without media for ${gaps.join(', ')} ms\n`);
  expect(Math.max(...gaps)).toBeLessThan(FROZEN_GAP_MS);
  // Nothing was taken from it: it is silent, and may come back.
  expect(await zone.placement(meeting.meeting)).toMatchObject({ epoch: 1, root: { router: before } });
  await pause(STILL_FROZEN_MS);
  for (const { reception } of people) reception.reset();
  zone.routerOf(before).thaw();
  const router = await routerAt(address);
  try {
    // Nobody has media there; the meeting goes on with it, or without.
    const remaining = async () => (await describeMeeting(router)).map(({ participants }) => participants);
    await expect
      .poll(remaining, { timeout: 10_000, interval: 100 })
      .toSatisfy((counts: number[]) => !counts.some(Boolean));
  } finally {
    router.close();
  }
  await expectBothWentOn(ids, 0);
  expect(Math.max(...gapsMs())).toBeLessThan(KILLED_GAP_MS);
});

test('a router that is frozen until it is lost has nothing of the meeting when it comes back', {
  timeout: 120_000,
}, async () => {
  const ids = people.map(({ id }) => id);
  await until('both get media', () => people.every(isReceiving));
  const before = await rootOf();
  const address = await addressOf(before);
  zone.routerOf(before).freeze();
  await expectBothWentOn(ids, 20_000);
  await expect.poll(rootOf, { timeout: LOST_MS, interval: 200 }).not.toBe(before);
  zone.routerOf(before).thaw();
  const router = await routerAt(address);
  try {
    await expect.poll(() => describeMeeting(router), { timeout: 40_000, interval: 200 }).toEqual([]);
    // Whoever comes with the epoch of before is refused.
    const late = { meeting: meeting.meeting, epoch: 1, participant: ids[0] ?? '' };
    const refused = callUnary((options, done) => router.Leave(late, options, done), 10_000);
    await expect(refused).rejects.toMatchObject({ details: expect.stringContaining('is over') });
  } finally {
    router.close();
  }
  await until('media goes on', () => people.every(isReceiving));
  expect(people.map(({ moves, end }) => [moves, end])).toEqual([
    [1, undefined],
    [1, undefined],
  ]);
});

async function routerAt(address: string) {
  return new RouterService(address, clientCredentials(await zone.certificates.issue('zone-controller', 'zc-9')));
}

/** What the router says of the meeting; nothing when it has nothing of it. */
async function describeMeeting(router: Awaited<ReturnType<typeof routerAt>>) {
  const request = { meetings: [meeting.meeting], people: true };
  const reply = await callUnary<DescribeReply__Output>(
    (options, done) => router.Describe(request, options, done),
    10_000,
  );
  return reply.meetings;
}

/** host:port of the router's gRPC service, as it is registered. */
async function addressOf(router: RouterId): Promise<string> {
  const log = createLogger({ name: 'test', level: 'silent' });
  const registry = new EtcdRegistry(zone.etcd.settings(), log);
  try {
    const { value } = await new ZoneRecords(registry, 'test' as ZoneId, log).router(router);
    if (value === undefined) throw new Error(`${router} is not registered`);
    return value.address;
  } finally {
    await registry.close();
  }
}
