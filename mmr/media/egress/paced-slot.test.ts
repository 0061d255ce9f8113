/** Slots behind a pacer that is too slow for them, on a whole worker: what the receiver sees of it. */
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from '../packet-path-test-rtp.ts';
import { ByteRange, findExtension } from '../rtp/header-extensions.ts';
import { TransportFeedback } from '../rtp/rtcp/transport-feedback-writer.ts';
import { compound } from '../transport/rtcp-test-lab.ts';

const CAMERA = 101;
const SLOT = 5100;
const PICTURE_PACKETS = 6;
const PAYLOAD = new Array<number>(1000).fill(7);

class Pair {
  readonly lab = new MediaWorkerLab({ storeSlots: 8192 });
  readonly seen: SentRtp[] = [];
  #sequence = 0;
  #picture = 0;
  #wantsKey = true;
  #reported = 0;
  #freeUs = 0;
  readonly #arrivalsUs: number[] = [];

  constructor(rtx: boolean) {
    const refusal = this.lab.join('vic', labMedia({ sources: [], audioSlots: 0, videoSlots: 1, rtx }), 'm', {
      transportFeedback: true,
    });
    if (refusal !== undefined) throw new Error(refusal);
    this.lab.connect('vic');
    this.lab.enter('ann', labMedia({ ssrc: 100, audioSlots: 0, videoSlots: 0 }));
  }

  /** One picture of 48 kbit each 33 ms: 1.5 Mb/s. Key frames when asked for. */
  picture(): void {
    const { lab } = this;
    for (const { to, bytes } of lab.rtcp.splice(0)) if (to === 'ann' && bytes[1] === 206) this.#wantsKey = true;
    for (let i = 0; i < PICTURE_PACKETS; i++) {
      const start = i === 0 ? (this.#wantsKey ? VP8_KEY : VP8_DELTA) : [0x00];
      const payload = [...start, ...PAYLOAD];
      const timestamp = this.#picture * 2970;
      const marker = i === PICTURE_PACKETS - 1;
      lab.receive('ann', rtpPacket({ ssrc: CAMERA, sequenceNumber: this.#sequence++, timestamp, payload, marker }));
    }
    this.#wantsKey = false;
    this.#picture++;
    lab.run();
    for (let ms = 0; ms < 33; ms += 3) {
      this.#take();
      lab.advance(3);
    }
    this.#take();
  }

  /** A link of 20 ms and 10 Mb/s lies before the receiver. */
  #take(): void {
    for (const packet of this.lab.takeRtp('vic')) {
      this.seen.push(packet);
      this.#freeUs = Math.max(this.lab.nowUs, this.#freeUs) + packet.bytes.length * 0.8;
      this.#arrivalsUs.push(this.#freeUs + 20_000);
    }
  }

  /** Tells of everything that has arrived since the last time. Each packet has a number. */
  feedback(): void {
    const from = this.#reported;
    while ((this.#arrivalsUs[this.#reported] ?? Number.POSITIVE_INFINITY) <= this.lab.nowUs) this.#reported++;
    if (this.#reported === from) return;
    const feedback = new TransportFeedback();
    feedback.baseSequence = from & 0xffff;
    feedback.arrivalsUs = Float64Array.from(this.#arrivalsUs.slice(from, this.#reported));
    feedback.count = feedback.arrivalsUs.length;
    this.rtcp(compound((writer) => writer.transportFeedback(1100, feedback)));
  }

  nack(first: number): void {
    this.rtcp(compound((writer) => writer.nack(1, SLOT, first & 0xffff, 0xffff)));
  }

  rtcp(bytes: Uint8Array): void {
    this.lab.receive('vic', bytes);
    this.lab.run();
  }
}

function numberOf({ bytes, header }: SentRtp): number | undefined {
  const range = new ByteRange();
  if (!findExtension(bytes, header, 3, range)) return undefined;
  return (bytes[range.offset] as number) * 256 + (bytes[range.offset + 1] as number);
}

describe.each([true, false])('a receiver at 300 kb/s of 1.5 Mb/s that never says more (RTX: %s)', (rtx) => {
  const pair = new Pair(rtx);
  for (let i = 0; i < 300; i++) {
    pair.picture();
    // Asks for whatever comes to his mind, of the past and of the future.
    if (i % 3 === 0) pair.nack(SLOT - 5 + 20 * i);
    if (i % 7 === 0) pair.nack((pair.seen.at(-1)?.index ?? 0) + 3);
  }
  const media = pair.seen.filter(({ header }) => header.ssrc === SLOT);

  test('gets about what the rate allows, and pictures are given up for it', () => {
    expect(pair.lab.registry.gate.dropped).toBeGreaterThan(0);
    expect(media.length).toBeGreaterThan(10);
    expect(pair.lab.registry.participants.get('vic' as ParticipantId)?.transport.estimateBps).toBeLessThan(2e6);
  });

  test('no index is used for two packets: the lab would have thrown', () => {
    expect(pair.seen.length).toBeGreaterThan(media.length - 1);
  });

  test('what was given up leaves no holes in the numbers of a slot with RTX', () => {
    const indices = [...new Set(media.map(({ index }) => index))];
    const holes = indices.filter((index, i) => i > 0 && index !== (indices[i - 1] ?? 0) + 1);
    expect(holes.length === 0).toBe(rtx);
  });

  test('each stretch that reaches him begins with a key frame', () => {
    let previous: SentRtp | undefined;
    for (const packet of [...media].sort((a, b) => a.index - b.index)) {
      const isNewPicture = previous === undefined || packet.header.timestamp !== previous.header.timestamp;
      const step = previous === undefined ? 0 : (packet.header.timestamp - previous.header.timestamp) | 0;
      // A picture is 2970 ticks; a longer step means that pictures are missing between.
      if (isNewPicture && step !== 2970) expect([...packet.payload.slice(0, 7)]).toEqual([...VP8_KEY]);
      previous = packet;
    }
  });

  test('transport-wide numbers: one for each packet that leaves with RTX, none without', () => {
    const numbers = pair.seen.map(numberOf);
    if (rtx) expect(numbers).toEqual(numbers.map((_, i) => i));
    else expect(numbers.every((number) => number === undefined)).toBe(true);
  });
});

test('with feedback the rate grows, also while nothing may be sent, until nothing is given up', () => {
  const pair = new Pair(true);
  for (let i = 0; i < 600; i++) {
    pair.picture();
    if (i % 3 === 2) pair.feedback();
  }
  const { gate } = pair.lab.registry;
  const before = gate.dropped;
  const seen = pair.seen.length;
  for (let i = 0; i < 60; i++) {
    pair.picture();
    if (i % 3 === 2) pair.feedback();
  }
  expect(gate.dropped).toBe(before);
  expect(pair.seen.length - seen).toBeGreaterThanOrEqual(60 * PICTURE_PACKETS);
});
