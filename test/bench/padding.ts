/**
 * The workload padding: whether packets of nearly equal size are worth being made equal, so that one message with
 * UDP_SEGMENT carries them. Frames of different shapes go through a real engine to 100 receivers, each once as they are
 * and once with leave to pad (EGRESS_MAY_PAD), in turn; the sinks' socket is full, so that nobody reads meanwhile.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { keyPair } from '../../mmr/engine/engine-lab.ts';
import { PacketEngine } from '../../mmr/engine/packet-engine.ts';
import { EGRESS_MAY_PAD, EGRESS_WORDS, EgressKind } from '../../mmr/media/egress/egress-plan.ts';
import { SLOT_BYTES } from '../../mmr/media/ingress-batch.ts';
import { median } from './sums.ts';

/** kMaxPaddingBytes in mmr/engine/native/egress.h. */
const MAX_PADDING_BYTES = 8;
const RECEIVERS = 100;
const HEADER_BYTES = 12;
/** About a tenth of a second of work: the clock of a running thread has a grain of some milliseconds. */
const BLOCK_FRAMES = 100;

export interface Shape {
  readonly name: string;
  /** RTP sizes of the packets of the `n`th frame. */
  readonly sizes: (n: number) => readonly number[];
}

/** A frame cut as libwebrtc's packetizers do it: in parts that differ by one byte at most, the larger ones last. */
export function aboutEqual(frameBytes: number, packets: number): number[] {
  const smaller = Math.floor(frameBytes / packets);
  const larger = frameBytes - smaller * packets;
  return Array.from({ length: packets }, (_, i) => HEADER_BYTES + smaller + (i < packets - larger ? 0 : 1));
}

/** The same pseudo-random numbers in each run. */
function drawn(n: number, below: number): number {
  return ((n * 2_654_435_761) >>> 7) % below;
}

export const SHAPES: readonly Shape[] = [
  { name: '8 equal packets', sizes: () => aboutEqual(8 * 1100, 8) },
  { name: '8 about equal', sizes: (n) => aboutEqual(8 * 1000 + drawn(n, 1600), 8) },
  { name: '3 about equal', sizes: (n) => aboutEqual(3 * 600 + drawn(n, 1500), 3) },
  { name: '2 about equal', sizes: (n) => aboutEqual(2 * 600 + drawn(n, 1000), 2) },
  { name: '3 of any size', sizes: (n) => [0, 1, 2].map((i) => 300 + drawn(3 * n + i, 900)) },
];

/** Messages that carry packets of these sizes to one receiver: the engine's rule (Egress::build_run, Egress::append). */
export function messagesFor(sizes: readonly number[], maxPadding: number): { messages: number; padding: number } {
  let messages = 0;
  let padding = 0;
  for (let at = 0; at < sizes.length; ) {
    let end = at;
    let [smallest, largest] = [Number.POSITIVE_INFINITY, 0];
    for (const size of sizes.slice(at)) {
      if (Math.max(largest, size) - Math.min(smallest, size) > maxPadding) break;
      smallest = Math.min(smallest, size);
      largest = Math.max(largest, size);
      end++;
    }
    // The last packet of a message may be shorter, whatever it is.
    for (const size of sizes.slice(at, end - 1)) padding += largest - size;
    if (end < sizes.length && (sizes[end] ?? 0) < largest && (sizes[end - 1] ?? 0) === largest) end++;
    messages++;
    at = end;
  }
  return { messages, padding };
}

interface Figures {
  readonly packetsPerMessage: number;
  readonly cpuUsPerPacket: number;
}

export interface PaddingReport {
  readonly workload: 'padding';
  readonly shapes: readonly {
    readonly name: string;
    readonly asIs: Figures;
    readonly padded: Figures;
    /** CPU of padded to as it is: the median over pairs of blocks. */
    readonly ratio: number;
    /** Padding in percent of the bytes that are sent. */
    readonly paddingPercent: number;
  }[];
}

/** `blocks` of frames of each shape, each sent both ways. */
export async function runPadding(blocks: number): Promise<PaddingReport> {
  const sink = createSocket('udp4').bind(0, '127.0.0.1');
  await once(sink, 'listening');
  const engine = new PacketEngine({ address: '127.0.0.1', port: 0, storeSlots: 1024, onBatch: () => {} });
  const transports: number[] = [];
  for (let i = 0; i < RECEIVERS; i++) transports.push(openTransport(engine, sink.address().port, i));
  const sender = new FrameSender(engine, transports);
  const shapes = SHAPES.map((shape) => measure(shape, sender, blocks));
  engine.close();
  sink.close();
  return { workload: 'padding', shapes };
}

function openTransport(engine: PacketEngine, port: number, seed: number): number {
  const handle = engine.openTransport();
  engine.setDestination(handle, { family: 4, port, bytes: Uint8Array.of(127, 0, 0, 1) });
  engine.setSrtpKeys(handle, keyPair('AEAD_AES_128_GCM', `${seed}`).ours);
  return handle;
}

function measure(shape: Shape, sender: FrameSender, blocks: number): PaddingReport['shapes'][number] {
  const frames = Array.from({ length: BLOCK_FRAMES }, (_, n) => shape.sizes(n));
  const sizes = frames.flat();
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const messages = (maxPadding: number) => sum(frames.map((frame) => messagesFor(frame, maxPadding).messages));
  const padding = sum(frames.map((frame) => messagesFor(frame, MAX_PADDING_BYTES).padding));
  const asIs: number[] = [];
  const padded: number[] = [];
  sender.sendBlock(frames, true);
  sender.sendBlock(frames, false);
  for (let n = 0; n < blocks; n++) {
    // Who goes first changes, so that a machine that speeds up or slows down favours neither.
    if (n % 2 === 0) padded.push(sender.sendBlock(frames, true));
    asIs.push(sender.sendBlock(frames, false));
    if (n % 2 === 1) padded.push(sender.sendBlock(frames, true));
  }
  return {
    name: shape.name,
    asIs: { packetsPerMessage: sizes.length / messages(0), cpuUsPerPacket: median(asIs) },
    padded: { packetsPerMessage: sizes.length / messages(MAX_PADDING_BYTES), cpuUsPerPacket: median(padded) },
    ratio: median(padded.map((cost, i) => cost / (asIs[i] ?? Number.NaN))),
    paddingPercent: (100 * padding) / sum(sizes),
  };
}

class FrameSender {
  readonly #engine: PacketEngine;
  readonly #transports: readonly number[];
  #sequence = 0;

  constructor(engine: PacketEngine, transports: readonly number[]) {
    this.#engine = engine;
    this.#transports = transports;
  }

  /** Sends the frames to everybody, each in a flush of its own; CPU microseconds of one packet to one receiver. */
  sendBlock(frames: readonly (readonly number[])[], mayPad: boolean): number {
    const before = process.threadCpuUsage();
    let sent = 0;
    for (const sizes of frames) {
      for (const [i, size] of sizes.entries()) this.#write(i, size, mayPad);
      sent += this.#engine.flush();
    }
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / sent;
  }

  /** A packet as the fan-out writes it: one record after the other for all receivers. */
  #write(storeSlot: number, size: number, mayPad: boolean): void {
    const { plan } = this.#engine;
    const index = this.#sequence++;
    const firstWord = (0x80600000 | (index & 0xffff)) >>> 0;
    const generation = this.#engine.generation(storeSlot);
    for (const transport of this.#transports) {
      const at = plan.count * EGRESS_WORDS;
      const payloadSize = Math.min(size, SLOT_BYTES) - HEADER_BYTES;
      plan.rtp(transport, storeSlot, generation, HEADER_BYTES, payloadSize, firstWord, 0, 1, index / 65536, 0, 0, 0);
      if (mayPad) plan.words[at] = EgressKind.rtp | EGRESS_MAY_PAD;
    }
  }
}
