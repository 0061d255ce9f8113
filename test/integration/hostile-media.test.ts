/** Strangers at the media port of a live call: nothing is sent back to them, and the call does not notice. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, WorkerPoolLab } from '../../mmr/control/worker-pool-test-lab.ts';
import { DropReason } from '../../mmr/media/drop-reason.ts';
import { Random } from '../fuzz/random.ts';

const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_121);
/** Less than what a socket buffer holds, so that the flood itself loses nothing and every datagram is accounted for. */
const BURST = 50;

let lab: WorkerPoolLab;
let stranger: Socket;
let answers = 0;

beforeAll(async () => {
  lab = await WorkerPoolLab.start({ count: 1 });
  stranger = createSocket('udp4');
  stranger.on('message', () => answers++);
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
});

afterAll(async () => {
  stranger.close();
  await lab.stop();
});

async function flood(datagrams: readonly Buffer[]): Promise<void> {
  const port = lab.pool.ports[0] ?? 0;
  for (let start = 0; start < datagrams.length; start += BURST) {
    const burst = datagrams.slice(start, start + BURST);
    await Promise.all(
      burst.map((datagram) => new Promise((resolve) => stranger.send(datagram, port, '127.0.0.1', resolve))),
    );
    // A round trip through the worker: it has read what was sent before.
    await lab.pool.statistics();
  }
}

async function statistics() {
  const [worker] = await lab.pool.statistics();
  if (worker === undefined) throw new Error('no worker');
  return worker;
}

describe('strangers at the media port', () => {
  test('random datagrams, plain RTP and forged STUN change nothing for a live call', async () => {
    const random = new Random(SEED);
    const ada = await lab.join('81000000001', 'ada', { videoSlots: 1, audioSlots: 1 });
    const bob = await lab.join('81000000001', 'bob', { videoSlots: 1, audioSlots: 1 });
    const video = () => bob.media.slots().find((slot) => slot.keyframes > 0);
    await until('bob sees ada', () => (video()?.packets ?? 0) > 20);
    const before = await statistics();

    const datagrams: Buffer[] = [];
    for (let first = 0; first < 256; first++) {
      for (let n = 0; n < 8; n++) {
        const datagram = Buffer.alloc(1 + random.below(1_400));
        for (let i = 0; i < datagram.length; i++) datagram[i] = random.below(256);
        datagram[0] = first;
        datagrams.push(datagram);
      }
    }
    const plainRtp = Buffer.alloc(200);
    plainRtp.writeUInt16BE(0x8060, 0);
    plainRtp.writeUInt32BE(ada.media.ssrcOf('camera') ?? 0, 8);
    for (let n = 0; n < 500; n++) datagrams.push(Buffer.from(plainRtp));
    // A well-formed binding request, without integrity: RFC 8489 section 6.
    const binding = Buffer.alloc(20);
    binding.writeUInt16BE(1, 0);
    binding.writeUInt32BE(0x2112a442, 4);
    for (let n = 0; n < 500; n++) datagrams.push(Buffer.from(binding));
    await flood(datagrams);

    const after = await statistics();
    const dropped = (reason: number) => (after.drops[reason] ?? 0) - (before.drops[reason] ?? 0);
    expect(dropped(DropReason.unknownProtocol)).toBeGreaterThan(100);
    expect(dropped(DropReason.unknownAddress)).toBeGreaterThanOrEqual(500);
    expect(dropped(DropReason.stunInvalid)).toBeGreaterThanOrEqual(500);
    const strangers =
      dropped(DropReason.unknownProtocol) + dropped(DropReason.unknownAddress) + dropped(DropReason.stunInvalid);
    expect(strangers).toBe(datagrams.length);
    expect(answers).toBe(0);

    const seen = video()?.packets ?? 0;
    await until('the picture goes on', () => (video()?.packets ?? 0) > seen + 20);
    for (const slot of bob.media.slots()) {
      expect(slot).toMatchObject({ missing: 0, duplicates: 0, timestampRegressions: 0 });
    }
  });
});
