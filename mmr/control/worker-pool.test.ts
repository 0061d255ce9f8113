import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { DropReason } from '../media/drop-reason.ts';
import type { WorkerStatistics } from '../worker/messages.ts';
import { type WorkerEvent, WorkerPool } from './worker-pool.ts';
import { type LabClient, until, WorkerPoolLab } from './worker-pool-test-lab.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startLab(count: number, maxParticipantsPerWorker = 100): Promise<WorkerPoolLab> {
  const lab = await WorkerPoolLab.start({ count, maxParticipantsPerWorker });
  closers.push(() => lab.stop());
  return lab;
}

function ofType<T extends WorkerEvent['type']>(
  events: readonly WorkerEvent[],
  type: T,
): Extract<WorkerEvent, { type: T }>[] {
  return events.filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type);
}

const hasMedia = ({ media }: LabClient, packets: number): boolean =>
  media.slots().every((slot) => slot.packets >= packets);

/** Of packets that came in: DropReasons of the way in, and of the slots. */
function accountedFor({ drops, consumed, forwarded }: WorkerStatistics): number {
  const egress = [
    DropReason.storeOverwritten,
    DropReason.socketFull,
    DropReason.sendFailed,
    DropReason.transportNotReady,
  ];
  const other: readonly number[] = [...egress, DropReason.retransmissionRefused];
  return drops.reduce((sum, count, reason) => (other.includes(reason) ? sum : sum + count), consumed + forwarded);
}

describe('a worker with real WebRTC clients', () => {
  test('three meet: each gets sound and picture of the two others', async () => {
    const lab = await startLab(1);
    const clients = [await lab.join('m', 'ann'), await lab.join('m', 'ben'), await lab.join('m', 'cid')];
    await until('all connected', () => ofType(lab.events, 'connected').length === 3);
    await until('media in all slots', () => clients.every((client) => hasMedia(client, 40)));
    for (const { media } of clients) {
      for (const slot of media.slots()) {
        expect(slot).toMatchObject({ malformed: 0, timestampRegressions: 0, duplicates: 0, missing: 0 });
        expect(slot.ssrcs).toHaveLength(1);
      }
      const csrcs = media
        .slots()
        .slice(0, 2)
        .map(({ csrc }) => csrc);
      const others = clients.filter((other) => other.media !== media).map((other) => other.media.ssrcOf('microphone'));
      expect(new Set(csrcs)).toEqual(new Set(others));
      expect(
        media
          .slots()
          .slice(2)
          .every(({ keyframes }) => keyframes > 0),
      ).toBe(true);
    }
    const [statistics] = await lab.pool.statistics();
    if (statistics === undefined) throw new Error('no statistics');
    expect(accountedFor(statistics)).toBe(statistics.received);
    expect(statistics.participants).toHaveLength(3);
    expect(statistics.cpuUs).toBeGreaterThan(0);
  });

  test('a late joiner sees a key frame at once; a leaver and a muted camera free their slots', async () => {
    const lab = await startLab(1);
    await lab.join('m', 'ann', { audioSlots: 0, videoSlots: 0 });
    await lab.join('m', 'ben', { audioSlots: 0, videoSlots: 0 });
    await until('both connected', () => ofType(lab.events, 'connected').length === 2);
    const late = await lab.join('m', 'cid', { publish: [] });
    await until(
      'key frames',
      () =>
        late.media
          .slots()
          .slice(2)
          .every(({ keyframes }) => keyframes > 0),
      3_000,
    );
    lab.pool.mute('ann' as ParticipantId, 'camera', true);
    lab.pool.leave('ben' as ParticipantId);
    await until('slots freed', () => {
      const slots = ofType(lab.events, 'slots').filter(({ participant }) => participant === 'cid');
      const current = new Map(slots.flatMap((event) => event.slots).map((slot) => [slot.mid, slot.participant]));
      return [...current.values()].filter((participant) => participant !== undefined).join() === 'ann';
    });
    expect(ofType(lab.events, 'left')).toMatchObject([{ participant: 'ben', reason: 'left' }]);
  });

  test('another way to the same place: who watches misses nothing, and the first connection is gone', async () => {
    const lab = await startLab(1);
    const ann = await lab.join('m', 'ann', { audioSlots: 0, videoSlots: 0 });
    const ben = await lab.join('m', 'ben', { publish: [], audioSlots: 1, videoSlots: 1 });
    await until('media', () => hasMedia(ben, 40));
    const [before] = ben.media.slots().slice(1);
    const second = await lab.openConnection(ann, { audioSlots: 0, videoSlots: 0 });
    expect(ofType(lab.events, 'connection')).toHaveLength(1);
    await until('both connected', () => ofType(lab.events, 'connected').length === 3);
    const sound = () => ben.media.slots()[0]?.csrc;
    await until('his sound comes by the second', () => sound() === second.ssrcOf('microphone'));
    lab.pool.settleConnection(ann.id, false);
    await until('the first is closed', () => !ann.media.isUp);
    const packets = ben.media.slots()[1]?.packets ?? 0;
    await until('pictures go on', () => (ben.media.slots()[1]?.packets ?? 0) > packets + 40);
    const [after] = ben.media.slots().slice(1);
    expect(after).toMatchObject({ missing: 0, duplicates: 0, timestampRegressions: 0, ssrcs: before?.ssrcs });
    expect(ofType(lab.events, 'left')).toEqual([]);
    const [statistics] = await lab.pool.statistics();
    expect(statistics?.participants.map(({ participant }) => participant)).toEqual(['ann', 'ben']);
  });

  test('who speaks is reported', async () => {
    const lab = await startLab(1);
    const ann = await lab.join('m', 'ann');
    await lab.join('m', 'ben');
    ann.media.setAudioLevel(20);
    await until('ann speaks', () => ofType(lab.events, 'speakers').at(-1)?.speakers.join() === 'ann');
  });
});

describe('the pool', () => {
  test('puts meetings on the least loaded worker and keeps them there', async () => {
    const lab = await startLab(2);
    const first = lab.pool.workerFor('one' as MeetingId);
    const second = lab.pool.workerFor('two' as MeetingId);
    expect(new Set([first, second])).toEqual(new Set([0, 1]));
    await lab.join('one', 'ann');
    await lab.join('one', 'ben');
    expect(lab.pool.workerFor('one' as MeetingId)).toBe(first);
    expect(lab.pool.workerFor('three' as MeetingId)).toBe(second);
    expect(new Set(lab.pool.ports).size).toBe(2);
  });

  test('puts people on the worker that is wanted, else where the meeting is, else on the least loaded', async () => {
    const lab = await startLab(3);
    expect(lab.pool.workerFor('one' as MeetingId, 2)).toBe(2);
    expect(lab.pool.workerFor('one' as MeetingId)).toBe(2);
    expect(lab.pool.workerFor('one' as MeetingId, 1)).toBe(1);
    expect(lab.pool.workerFor('one' as MeetingId)).toBe(2);
    expect(lab.pool.workerFor('two' as MeetingId, 2)).toBe(2);
    expect(lab.pool.workerFor('three' as MeetingId, 7)).toBeLessThan(2);
  });

  test('refuses by typed errors', async () => {
    const lab = await startLab(1, 1);
    await lab.join('m', 'ann');
    await expect(lab.join('m', 'ann')).rejects.toMatchObject({ code: 'alreadyJoined' });
    await expect(lab.join('m', 'ben')).rejects.toMatchObject({ code: 'workerFull' });
    const media = { sources: [], slots: [], extensions: NO_EXTENSIONS, cname: 'x' };
    await expect(lab.pool.update('eve' as ParticipantId, media)).rejects.toMatchObject({ code: 'noSuchParticipant' });
    await lab.stop();
    await expect(lab.join('m', 'cid')).rejects.toMatchObject({ code: 'noWorker' });
  });

  test('names the port that is taken, and leaves nothing running', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    closers.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    const { port } = socket.address();
    const { certificatePem, privateKeyPem } = await WorkerPoolLab.certificate();
    const pool = new WorkerPool({
      count: 1,
      address: '127.0.0.1',
      basePort: port,
      certificatePem,
      privateKeyPem,
      onEvent: () => {},
    });
    await expect(pool.start()).rejects.toMatchObject({ code: 'portTaken', port });
  });

  test('replaces a worker that was killed: counted, its people gone, the others untouched', async () => {
    const lab = await startLab(2);
    const lost = await lab.join('lost', 'ann');
    const other = await lab.join('other', 'ben');
    const viewer = await lab.join('other', 'cid');
    await until('connected', () => ofType(lab.events, 'connected').length === 3);
    const index = lab.pool.workerFor('lost' as MeetingId);
    const { ports } = lab.pool;
    lab.pool.killWorker(index, 'killed by a test');
    await until('reported', () => ofType(lab.events, 'workerDied').length === 1);
    expect(ofType(lab.events, 'left')).toMatchObject([{ meeting: 'lost', participant: 'ann', reason: 'workerLost' }]);
    expect(lab.pool.restarts).toBe(1);
    lost.media.close();
    expect(lab.pool.running).toBe(1);
    expect(lab.pool.workerFor('lost' as MeetingId, index)).toBe(index);
    const again = await lab.join('lost', 'ann'); // waits for the next thread
    expect(lab.pool.running).toBe(2);
    expect(lab.pool.ports).toEqual(ports);
    await until('joined again', () => again.media.state === 'connected');
    const before = viewer.media.slots()[2]?.packets ?? 0;
    await until('the other meeting goes on', () => (viewer.media.slots()[2]?.packets ?? 0) > before + 20);
    expect(other.media.state).toBe('connected');
  });

  test('a worker that throws, and one that never answers, fail their requests and are replaced', async () => {
    const { events, pool } = await hostileWorker();
    await expect(pool.statistics()).rejects.toMatchObject({ code: 'workerLost' });
    await until('restarted', () => pool.running === 1);
    expect(pool.restarts).toBe(1);
    expect(ofType(events, 'workerDied')[0]?.reason).toContain('a broken invariant');
    const join = pool.join('m' as MeetingId, 'ann' as ParticipantId, NO_TRANSPORT, NO_MEDIA);
    await expect(join).rejects.toMatchObject({ code: 'deadline' });
    await expect(pool.ping()).rejects.toMatchObject({ code: 'deadline' });
    expect(await pool.meters()).toEqual([]);
    expect(pool.workerFor('n' as MeetingId)).toBe(0);
  });

  test('who could not be let in in time and is in another meeting by now stays there, when the first is left late', async () => {
    const { events, pool } = await fakeWorker(`
      if (message.type !== 'join' || message.meeting !== 'n') return;
      parentPort.postMessage({ type: 'left', meeting: 'm', participant: 'ann', reason: 'left' });
      parentPort.postMessage({ type: 'reply', request: message.request });`);
    const ann = 'ann' as ParticipantId;
    const late = pool.join('m' as MeetingId, ann, NO_TRANSPORT, NO_MEDIA);
    await expect(late).rejects.toMatchObject({ code: 'deadline' });
    await pool.join('n' as MeetingId, ann, NO_TRANSPORT, NO_MEDIA);
    expect([[...pool.people()], ofType(events, 'left')]).toEqual([[{ meeting: 'n', worker: 0, people: 1 }], []]);
  });
});

const NO_EXTENSIONS = {
  mid: 0,
  rid: 0,
  repairedRid: 0,
  audioLevel: 0,
  transportSequenceNumber: 0,
  videoOrientation: 0,
  dependencyDescriptor: 0,
};
const NO_MEDIA = { sources: [], slots: [], extensions: NO_EXTENSIONS, cname: 'x' };
const NO_TRANSPORT = { localUfrag: 'a', localPassword: 'b', remoteUfrag: 'c', remoteFingerprints: [] };

/** A worker that dies when asked for statistics and answers nothing else. */
function hostileWorker(): Promise<{ readonly pool: WorkerPool; readonly events: WorkerEvent[] }> {
  return fakeWorker(`if (message.type === 'statistics') throw new Error('a broken invariant');`);
}

/** A worker that does this with each message. */
async function fakeWorker(does: string): Promise<{ readonly pool: WorkerPool; readonly events: WorkerEvent[] }> {
  const program = `
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (message) => {
      ${does}
      if (message.type === 'stop') process.exit(0);
    });
    parentPort.postMessage({ type: 'ready', port: 1 });`;
  const events: WorkerEvent[] = [];
  const pool = new WorkerPool({
    count: 1,
    address: '127.0.0.1',
    basePort: 0,
    certificatePem: '',
    privateKeyPem: '',
    requestDeadlineMs: 300,
    onEvent: (event) => events.push(event),
    entry: new URL(`data:text/javascript,${encodeURIComponent(program)}`),
  });
  closers.push(() => pool.stop());
  await pool.start();
  return { pool, events };
}
