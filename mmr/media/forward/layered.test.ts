/** Recorded streams of every codec and mode through a whole worker, to a slot whose target changes all the time. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { Slot } from '../egress/slot.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { writeUint32 } from '../rtp/bytes.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../rtp/codec/vp8-descriptor.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../rtp/codec/vp9-descriptor.ts';
import { ByteRange, findExtension } from '../rtp/header-extensions.ts';
import { incoming } from './layers/layer-test-lab.ts';
import { parseTrace, type Trace, type TracePacket } from './layers/trace-test-lab.ts';

const TRACES = new URL('./layers/traces/', import.meta.url);
const names = readdirSync(TRACES).map((file) => file.replace('.txt', ''));
const PAYLOAD_TYPES: Readonly<Record<string, number>> = { VP8: 96, VP9: 98, H264: 102, AV1: 45 };
const SSRC = 101;
const DESCRIPTOR_ID = 12;

interface Change {
  /** After so many packets. */
  readonly after: number;
  readonly spatial: number;
  readonly temporal: number;
}

interface Sent {
  readonly sent: SentRtp;
  readonly from: TracePacket;
}

function load(name: string): Trace {
  return parseTrace(name, readFileSync(new URL(`${name}.txt`, TRACES), 'utf8'));
}

/** The trace's packet with its place in the trace as its last two bytes, of which the recording says nothing. */
function rtpOf(packet: TracePacket, at: number, payloadType: number): Uint8Array {
  const payload = packet.payload.slice();
  payload[payload.length - 2] = at >> 8;
  payload[payload.length - 1] = at & 0xff;
  const bytes = incoming({ ...packet, payload }).bytes.slice();
  bytes[1] = ((bytes[1] as number) & 0x80) | payloadType;
  writeUint32(bytes, 8, SSRC);
  return bytes;
}

/** What vic gets of ann's stream; asks for some of it again as it goes. */
function play(trace: Trace, changes: readonly Change[], descriptorId = DESCRIPTOR_ID): Sent[] {
  const lab = new MediaWorkerLab({ storeSlots: 512 });
  const extensions = { dependencyDescriptor: descriptorId };
  lab.enter('vic', labMedia({ sources: [], audioSlots: 0, videoSlots: 1, codec: trace.codec, extensions }));
  lab.enter('ann', labMedia({ sources: ['camera'], ssrc: 100, audioSlots: 0, videoSlots: 0, codec: trace.codec }));
  const slot = lab.registry.participants.get('vic' as ParticipantId)?.slots[0]?.slot as Slot;
  slot.setTarget(lab.nowUs, 'best', '');
  const startUs = lab.nowUs;
  const sent: Sent[] = [];
  let next = 0;
  let at = 0;
  for (const packet of trace.packets) {
    const change = changes[next];
    if (change !== undefined && at >= change.after + (changes[next - 1]?.after ?? 0)) {
      slot.setTarget(lab.nowUs, { rid: '', spatial: change.spatial, temporal: change.temporal }, '');
      next++;
    }
    lab.nowUs = startUs + (packet.timestamp - (trace.packets[0]?.timestamp ?? 0)) * (1e6 / 90_000);
    lab.receive('ann', rtpOf(packet, at++, PAYLOAD_TYPES[trace.codec] ?? 0));
    lab.run();
    for (const out of lab.takeRtp('vic')) {
      const number = ((out.payload.at(-2) ?? 0) << 8) | (out.payload.at(-1) ?? 0);
      sent.push({ sent: out, from: trace.packets[number] as TracePacket });
    }
    // The lab throws when an index comes with other content than before.
    if (at % 13 === 0)
      slot.handleNack(lab.nowUs, (slot.highestIndex - 9) & 0xffff, 0x155, lab.path.makeTransportRoom());
    lab.path.flush();
    lab.takeRtp('vic');
  }
  return sent;
}

/** Numbers of the codec beside those of RTP: [picture id or frame number, TL0PICIDX]. */
function numbers(
  codec: string,
  packet: { readonly payload: Uint8Array },
  descriptor: Uint8Array | undefined,
): number[] {
  const { payload } = packet;
  if (codec === 'VP8') {
    const vp8 = new Vp8Descriptor();
    if (!parseVp8Descriptor(payload, 0, payload.length, vp8)) throw new Error('malformed');
    return [vp8.pictureId, vp8.temporalLayerZeroIndex];
  }
  if (codec === 'VP9') {
    const vp9 = new Vp9Descriptor();
    if (!parseVp9Descriptor(payload, 0, payload.length, vp9)) throw new Error('malformed');
    return [vp9.pictureId, vp9.temporalLayerZeroIndex];
  }
  return descriptor === undefined ? [] : [((descriptor[1] ?? 0) << 8) | (descriptor[2] ?? 0)];
}

function descriptorOf({ bytes, header }: SentRtp): Uint8Array | undefined {
  const range = new ByteRange();
  if (!findExtension(bytes, header, DESCRIPTOR_ID, range)) return undefined;
  return bytes.slice(range.offset, range.offset + range.size);
}

function expectWhole(trace: Trace, stream: readonly Sent[]): void {
  const known = new Set<string>();
  stream.forEach(({ sent, from }, i) => {
    const before = stream[i - 1];
    // One stream without a hole, on the publisher's time line.
    if (before !== undefined) {
      expect(sent.index).toBe(before.sent.index + 1);
      expect((sent.header.timestamp - before.sent.header.timestamp) | 0).toBe(from.timestamp - before.from.timestamp);
    }
    // Everything that a frame refers to has been there.
    for (const reference of from.frame.references)
      expect(known.has(reference), `${reference} for ${from.frame.name}`).toBe(true);
    known.add(from.frame.name);
    // The marker is on no packet but the last of a picture, as the receiver sees it, and there if the publisher set it.
    const endsPicture = stream[i + 1]?.from.timestamp !== from.timestamp;
    if (sent.header.marker || from.marker) expect(sent.header.marker).toBe(endsPicture);
  });
  expectNumbers(trace, stream);
}

/** VP9, AV1: differences are as the publisher made them. VP8: pictures are counted without a hole. */
function expectNumbers(trace: Trace, stream: readonly Sent[]): void {
  const shifts = new Set<number>();
  stream.forEach(({ sent, from }, i) => {
    const [theirs, theirZero] = numbers(trace.codec, from, from.descriptor);
    const [ours, ourZero] = numbers(trace.codec, sent, descriptorOf(sent));
    if (ours === undefined || theirs === undefined || theirs < 0) return;
    expect(ourZero).toBe(theirZero);
    const before = stream[i - 1];
    if (trace.codec !== 'VP8') shifts.add(ours - theirs);
    else if (before !== undefined) {
      const [previous] = numbers('VP8', before.sent, undefined);
      expect(ours).toBe(((previous ?? 0) + Number(from.picture !== before.from.picture)) & 0x7fff);
    }
  });
  expect(shifts.size).toBeLessThanOrEqual(1);
}

describe.each(names)('%s', (name) => {
  const trace = load(name);

  test('passes whole to who gets all of it', () => {
    const stream = play(trace, []);
    expect(stream.map(({ from }) => from.index)).toEqual(trace.packets.map(({ index }) => index));
    expectWhole(trace, stream);
  });

  test('can be decoded whatever layers are wanted when', () => {
    const layer = fc.integer({ min: 0, max: 2 });
    const changes = fc.array(fc.record({ after: fc.integer({ min: 1, max: 60 }), spatial: layer, temporal: layer }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(changes, (list) => expectWhole(trace, play(trace, list))),
      { seed: 16_180, numRuns: 6 },
    );
  });
});

test('AV1 goes to who gets no dependency descriptors without its upper spatial layers, whatever is wanted', () => {
  const trace = load('av1-l3t3');
  const base = trace.packets.filter(({ frame }) => frame.spatial === 0);
  for (const changes of [[], [{ after: 20, spatial: 2, temporal: 2 }]]) {
    const stream = play(trace, changes, 0);
    expect(stream.map(({ from }) => from.index)).toEqual(base.map(({ index }) => index));
    expect(stream.every(({ sent }) => descriptorOf(sent) === undefined)).toBe(true);
  }
});
