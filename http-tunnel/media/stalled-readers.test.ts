/** Five hundred readers that stand still, over real sockets: what waits for them stays bounded, and who comes back sees a picture again. */
import { setImmediate as nextRound } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeRtpPacket } from '../../client/headless/rtp-writer.ts';
import { TUNNEL_PAYLOAD_TYPES, TunnelChannel } from '../../proto/tunnel.ts';
import { liveBytes } from '../testing/live-bytes.ts';
import { AUDIO_BOUND_MS, VIDEO_DEADLINE_MS } from './queue/media-queue.ts';
import type { TunnelSession } from './session/tunnel-session.ts';
import { TestTunnelClient } from './testing/test-client.ts';
import { TunnelLab } from './testing/tunnel-lab.ts';

const READERS = 500;
/** 25 pictures a second of three packets, and sound: 0.7 Mbit/s for each. */
const FRAME_MS = 40;
const PACKETS = 3;
const PAYLOAD_BYTES = 1100;

let lab: TunnelLab;
let nowMs = 1_000;
const sessions: TunnelSession[] = [];
const clients: TestTunnelClient[] = [];

beforeAll(async () => {
  lab = await TunnelLab.start({ nowMs: () => nowMs });
  for (let i = 0; i < READERS; i++) {
    clients.push(await TestTunnelClient.open('webSocket', lab.origin, `ticket-${i}`));
  }
  sessions.push(...lab.media.sessions);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await lab.stop();
});

class Publisher {
  #frames = 0;
  #sequence = 0;

  /** One picture and two packets of sound. */
  packets(isKey: boolean): Buffer[] {
    const timestamp = (this.#frames++ * 3600) >>> 0;
    const video = Array.from({ length: PACKETS }, (_, i) => {
      const payload = Buffer.alloc(PAYLOAD_BYTES, 1);
      // VP8: S at the first packet, and the bit that tells key frames.
      payload[0] = i === 0 ? 0x10 : 0;
      payload[1] = isKey ? 0 : 1;
      const [payloadType, ssrc, sequenceNumber] = [TUNNEL_PAYLOAD_TYPES.VP8, 7, this.#sequence++ & 0xffff];
      return writeRtpPacket(
        { payloadType, marker: i === PACKETS - 1, sequenceNumber, timestamp, ssrc, extensions: [] },
        payload,
      );
    });
    const audio = [0, 1].map((i) => {
      const [payloadType, ssrc, sequenceNumber] = [TUNNEL_PAYLOAD_TYPES.opus, 8, (2 * this.#frames + i) & 0xffff];
      return writeRtpPacket(
        { payloadType, marker: false, sequenceNumber, timestamp, ssrc, extensions: [] },
        Buffer.alloc(100),
      );
    });
    return [...video, ...audio];
  }
}

async function run(
  publisher: Publisher,
  frames: number,
  isKey: (frame: number) => boolean = () => false,
): Promise<void> {
  for (let frame = 0; frame < frames; frame++) {
    nowMs += FRAME_MS;
    for (const packet of publisher.packets(isKey(frame))) {
      for (const session of sessions) session.handlePacket(TunnelChannel.media, packet, false);
    }
    await nextRound();
  }
}

test('memory stays flat while nobody reads; a reader who comes back gets whole pictures from a key frame on', async () => {
  const publisher = new Publisher();
  // Each has acknowledged something by then, so that the tunnel knows what is under way.
  const arrived = clients.map(() => 0);
  for (const [i, client] of clients.entries()) client.onPacket = () => (arrived[i] = (arrived[i] ?? 0) + 1);
  await run(publisher, 2, (frame) => frame === 0);
  while (!arrived.every((packets) => packets === 2 * (PACKETS + 2))) await nextRound();
  for (const client of clients) client.acknowledge();
  await nextRound();
  for (const client of clients) client.stall();

  // Until the sockets are full, and the queues behind them.
  await run(publisher, 50);
  const perReader =
    (VIDEO_DEADLINE_MS / FRAME_MS + 2) * PACKETS * (PAYLOAD_BYTES + 20) + (AUDIO_BOUND_MS / FRAME_MS + 2) * 240;
  expect(lab.media.load.queuedBytes).toBeGreaterThan(0);
  expect(lab.media.load.queuedBytes).toBeLessThan(READERS * perReader);
  const before = liveBytes();
  await run(publisher, 250);
  const after = liveBytes();
  expect(lab.media.load.queuedBytes).toBeLessThan(READERS * perReader);
  // Ten seconds of the stream are 440 MB for all of them.
  expect(after - before).toBeLessThan(4e6);
  expect(lab.media.counters.packetsDropped.video).toBeGreaterThan(READERS * 200 * PACKETS);
  // Nobody is asked for pictures that would not get through.
  expect(lab.media.counters.keyFramesRequested).toBe(0);
  expect(lab.media.load.sessions).toBe(READERS);

  const [client] = clients;
  if (client === undefined) throw new Error('nobody is there');
  const seen: Buffer[] = [];
  client.onPacket = (_channel, packet) => seen.push(packet);
  client.proceed();
  // What was under way arrives, is acknowledged, and the way is open.
  const session = sessions.find(({ key }) => key.session === client.key?.session) as TunnelSession;
  while (session.queue.length > 0 || seen.length === 0) {
    client.acknowledge();
    await nextRound();
  }
  seen.length = 0;
  await run(publisher, 2);
  expect(lab.media.counters.keyFramesRequested).toBeGreaterThan(0);
  await run(publisher, 3, (frame) => frame === 0);
  const pictures = () => seen.filter((packet) => ((packet[1] as number) & 0x7f) === TUNNEL_PAYLOAD_TYPES.VP8);
  while (pictures().length < 3 * PACKETS) {
    client.acknowledge();
    await nextRound();
  }
  // Nothing but the key frame and what followed, whole.
  expect(pictures().map((packet) => packet[12])).toEqual([0x10, 0, 0, 0x10, 0, 0, 0x10, 0, 0]);
  expect(pictures()[0]?.[13]).toBe(0);
  await client.newsOf('dropped', ({ video }) => video > 200 * PACKETS);
});
