/**
 * Two routers of one media worker thread each, and a real trunk between them: ICE, DTLS-SRTP and UDP over loopback. Only the
 * control stream is short-circuited: what a worker says is handed to the other one.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { MeetingId } from '../../common/ids.ts';
import type { TrunkNotice } from '../control/worker-pool.ts';
import { type LabClient, until, WorkerPoolLab } from '../control/worker-pool-test-lab.ts';
import { v4 } from '../media/transport/transport-test-lab.ts';
import type { TrunkId } from '../media/trunk/trunk-messages.ts';
import type { TrunkReport } from '../media/trunk/trunk-report.ts';

const MEETING = 'm' as MeetingId;

/** One end: a router with one worker. */
interface End {
  readonly lab: WorkerPoolLab;
  readonly reports: Map<TrunkId, TrunkReport>;
  peer: End | undefined;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startEnd(): Promise<End> {
  const reports = new Map<TrunkId, TrunkReport>();
  const hold: { end: End | undefined } = { end: undefined };
  const onTrunk = (_worker: number, notice: TrunkNotice) => {
    if (notice.type === 'trunkState') reports.set(notice.trunk, notice.report);
    // As over a wire: what is not plain data would not survive it.
    else hold.end?.peer?.lab.pool.commandTrunk(0, { ...notice, message: JSON.parse(JSON.stringify(notice.message)) });
  };
  const end = { lab: await WorkerPoolLab.start({ count: 1, onTrunk }), reports, peer: undefined };
  hold.end = end;
  closers.push(() => end.lab.stop());
  return end;
}

let openings = 0;

/** `opener` sends the checks. `pinned`: the fingerprint that the opener expects. */
async function openTrunk(opener: End, other: End, trunk: TrunkId, pinned = other.lab.fingerprint): Promise<void> {
  opener.peer = other;
  other.peer = opener;
  const name = `${trunk}${openings++}`;
  const password = `the password of ${name}, long enough`;
  const fingerprintOf = (value: Uint8Array) => [{ algorithm: 'sha-256' as const, value }];
  await other.lab.pool.openTrunk(0, trunk, {
    localUfrag: `${name}other`,
    localPassword: password,
    remoteUfrag: `${name}opener`,
    remoteFingerprints: fingerprintOf(opener.lab.fingerprint),
  });
  await opener.lab.pool.openTrunk(0, trunk, {
    localUfrag: `${name}opener`,
    localPassword: `${password} too`,
    remoteUfrag: `${name}other`,
    remoteFingerprints: fingerprintOf(pinned),
    initiation: { remotePassword: password, addresses: [v4('127.0.0.1', other.lab.pool.ports[0] ?? 0)] },
  });
  for (const { lab } of [opener, other]) lab.pool.commandTrunk(0, { type: 'trunkStream', trunk, up: true });
}

function link(parent: End, child: End, trunk: TrunkId): void {
  parent.lab.pool.commandTrunk(0, { type: 'trunkLink', trunk, meeting: MEETING, relation: 'child' });
  child.lab.pool.commandTrunk(0, { type: 'trunkLink', trunk, meeting: MEETING, relation: 'parent' });
}

const hasMedia = ({ media }: LabClient, packets: number): boolean =>
  media.slots().every((slot) => slot.packets >= packets);

describe('a trunk between two worker threads', () => {
  test('a client on each sees and hears the other; what arrives is whole', async () => {
    const [a, b] = [await startEnd(), await startEnd()];
    const trunk = 'a-b' as TrunkId;
    await openTrunk(a, b, trunk);
    link(a, b, trunk);
    await until('the trunk is up', () => a.reports.get(trunk)?.state === 'up' && b.reports.get(trunk)?.state === 'up');
    const one = { audioSlots: 1, videoSlots: 1 };
    const [ann, ben] = [await a.lab.join(MEETING, 'ann', one), await b.lab.join(MEETING, 'ben', one)];
    await until('media in all slots', () => hasMedia(ann, 60) && hasMedia(ben, 60), 15_000);
    for (const { media } of [ann, ben]) {
      for (const slot of media.slots()) {
        expect(slot).toMatchObject({ malformed: 0, timestampRegressions: 0, duplicates: 0, missing: 0 });
        expect(slot.ssrcs).toHaveLength(1);
      }
    }
    expect(ben.media.slots()[0]?.csrc).toBe(ann.media.ssrcOf('microphone'));
    expect(ann.media.slots()[0]?.csrc).toBe(ben.media.ssrcOf('microphone'));
    expect(ben.media.slots()[1]?.keyframes).toBeGreaterThan(0);
    await until('both ends report what flows', () =>
      [a, b].every(({ reports }) => {
        const report = reports.get(trunk);
        return report?.sending === 2 && report.receiving === 2 && report.roundTripMs !== undefined;
      }),
    );
    expect(b.lab.events.filter(({ type }) => type === 'slots').length).toBeGreaterThan(0);
    // Each end's only trunk, as its worker's statistics have it.
    const [counted] = (await a.lab.pool.statistics()).flatMap(({ trunks }) => trunks);
    const { sentBytes = 0, mediaPackets = 0, mediaPayloadBytes = 0 } = counted?.report ?? {};
    expect(counted?.trunk).toBe(trunk);
    expect(mediaPackets).toBeGreaterThanOrEqual(120);
    expect(mediaPayloadBytes).toBeGreaterThan(3 * mediaPackets);
    expect(sentBytes).toBeGreaterThan(mediaPayloadBytes + 12 * mediaPackets);
  });

  test('a certificate that is not the pinned one: no trunk', async () => {
    const [a, b] = [await startEnd(), await startEnd()];
    const trunk = 'a-b' as TrunkId;
    await openTrunk(a, b, trunk, new Uint8Array(32).fill(1));
    await until('refused', () => a.reports.get(trunk)?.state === 'closed');
    expect(a.reports.get(trunk)?.reason).toBe('dtlsFailed');
  });

  test('closed and opened again: the picture comes back', async () => {
    const [a, b] = [await startEnd(), await startEnd()];
    const trunk = 'a-b' as TrunkId;
    await openTrunk(a, b, trunk);
    link(a, b, trunk);
    await a.lab.join(MEETING, 'ann', { audioSlots: 0, videoSlots: 0 });
    const ben = await b.lab.join(MEETING, 'ben', { publish: [], audioSlots: 1, videoSlots: 1 });
    await until('media', () => hasMedia(ben, 20), 15_000);
    a.lab.pool.commandTrunk(0, { type: 'trunkClose', trunk });
    await until('closed at both ends', () => [a, b].every(({ reports }) => reports.get(trunk)?.state === 'closed'));
    expect(b.reports.get(trunk)?.reason).toBe('dtlsClosed');
    const before = ben.media.slots().map(({ packets }) => packets);
    await openTrunk(b, a, trunk);
    await until(
      'media again',
      () => ben.media.slots().every(({ packets }, i) => packets > (before[i] ?? 0) + 40),
      15_000,
    );
    for (const slot of ben.media.slots())
      expect(slot).toMatchObject({ malformed: 0, timestampRegressions: 0, missing: 0 });
  });
});
