/**
 * Recorded streams (`traces/`), and a receiver that knows from them which frame needs which: it decodes nothing, but
 * notices what it could not have decoded. What a frame refers to is read here anew, not taken from the readers under test.
 */
import type { CodecName } from '../../negotiated.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../../rtp/codec/vp8-descriptor.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../../rtp/codec/vp9-descriptor.ts';
import { DependencyDescriptor, parseDependencyDescriptor } from '../../rtp/dependency-descriptor.ts';
import { DependencyStructure } from '../../rtp/dependency-structure.ts';
import { fromHex } from '../../rtp/from-hex.ts';
import type { LabPacket } from './layer-test-lab.ts';

export interface TraceFrame {
  /** Names of the frames it refers to. */
  readonly references: readonly string[];
  readonly name: string;
  readonly spatial: number;
  readonly temporal: number;
  /** By chain that protects a decode target: the frame number that it names as the chain's previous one; −1: none. */
  readonly chains: readonly number[];
  readonly number: number;
}

export interface TracePacket extends LabPacket {
  readonly frame: TraceFrame;
  readonly picture: number;
}

export interface Trace {
  readonly codec: CodecName;
  readonly packets: readonly TracePacket[];
}

/** `text` is that of the file `name` of `traces/`. */
export function parseTrace(name: string, text: string): Trace {
  const codec = (name.split('-')[0] ?? '').toUpperCase() as CodecName; // files are named by codec
  const readFrame = frameReaders[codec]?.();
  if (readFrame === undefined) throw new Error(`no such trace: ${name}`);
  const packets: TracePacket[] = [];
  let picture = -1;
  let timestamp = -1;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [time = '', marker, size, descriptor = '-', start = ''] = line.split(' ');
    const payload = new Uint8Array(Number(size));
    payload.set(fromHex(start).subarray(0, payload.length));
    if (Number(time) !== timestamp) picture++;
    timestamp = Number(time);
    const packet: LabPacket = {
      // Begins below a wrap of the 16-bit number.
      index: 65_500 + packets.length,
      timestamp,
      marker: marker === '1',
      payload,
      descriptor: descriptor === '-' ? undefined : fromHex(descriptor),
    };
    packets.push({ ...packet, picture, frame: readFrame(packet) });
  }
  return { codec, packets };
}

const frameReaders: Partial<Record<CodecName, () => (packet: LabPacket) => TraceFrame>> = {
  VP8: vp8Frames,
  VP9: () => vp9Frame,
  AV1: describedFrames,
  H264: describedFrames,
};

function vp9Frame({ payload }: LabPacket): TraceFrame {
  const descriptor = new Vp9Descriptor();
  if (!parseVp9Descriptor(payload, 0, payload.length, descriptor)) throw new Error('malformed VP9 in a trace');
  const spatial = Math.max(0, descriptor.spatialLayer);
  const number = descriptor.pictureId;
  const references = [...descriptor.references.subarray(0, descriptor.referenceCount)].map(
    (difference) => `${(number - difference) & 0x7fff}/${spatial}`,
  );
  if (descriptor.interLayerPredicted) references.push(`${number}/${spatial - 1}`);
  const temporal = Math.max(0, descriptor.temporalLayer);
  return { references, name: `${number}/${spatial}`, spatial, temporal, chains: [], number };
}

/** VP8 tells what a frame refers to only in its own syntax; this is how libvpx uses its buffers. */
function vp8Frames(): (packet: LabPacket) => TraceFrame {
  const described = describedFrames();
  const descriptor = new Vp8Descriptor();
  const newest: string[] = [];
  let frame: TraceFrame | undefined;
  return (packet) => {
    const { payload } = packet;
    if (!parseVp8Descriptor(payload, 0, payload.length, descriptor)) throw new Error('malformed VP8 in a trace');
    if (descriptor.temporalLayer < 0) return described(packet);
    if (frame !== undefined && frame.number === descriptor.pictureId) return frame;
    const isKeyframe = ((payload[descriptor.size] as number) & 1) === 0;
    const temporal = descriptor.temporalLayer;
    // The base layer refers to itself, the middle one to both unless it says Y, the top one never to itself.
    const [base, middle] = newest;
    const references = [base, descriptor.layerSync || temporal === 0 ? undefined : middle].filter(
      (one) => one !== undefined,
    );
    const name = `${descriptor.pictureId}`;
    if (isKeyframe) newest.length = 0;
    if (temporal < 2) newest[temporal] = name;
    frame = {
      references: isKeyframe ? [] : references,
      name,
      spatial: 0,
      temporal,
      chains: [],
      number: descriptor.pictureId,
    };
    return frame;
  };
}

function describedFrames(): (packet: LabPacket) => TraceFrame {
  const descriptor = new DependencyDescriptor();
  let known: DependencyStructure | undefined;
  return ({ descriptor: bytes = new Uint8Array(0) }) => {
    const spare = new DependencyStructure();
    if (!parseDependencyDescriptor(bytes, 0, bytes.length, known, spare, descriptor)) {
      throw new Error('malformed dependency descriptor in a trace');
    }
    if (descriptor.hasStructure) known = spare;
    const number = descriptor.frameNumber;
    const before = (difference: number): number => (number - difference) & 0xffff;
    return {
      references: [...descriptor.frameDiffs.subarray(0, descriptor.frameDiffCount)].map((diff) => `${before(diff)}`),
      name: `${number}`,
      spatial: descriptor.spatial,
      temporal: descriptor.temporal,
      chains: [...descriptor.chainDiffs.subarray(0, known?.chainCount ?? 0)].map((diff) =>
        diff === 0 ? -1 : before(diff),
      ),
      number,
    };
  };
}
