/**
 * VP8 (RFC 7741): temporal layers by TID; one picture size, from the key frame's header (RFC 6386 section 9.1). A
 * publisher with whom the dependency descriptor was agreed may leave TID and the numbers out of the payload descriptor
 * (libwebrtc does): the layers are then told there.
 */
import type { ExtensionIds } from '../../negotiated.ts';
import { parseVp8Descriptor, readVp8Height, Vp8Descriptor } from '../../rtp/codec/vp8-descriptor.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import { DependencyFrames } from './dependency-frames.ts';
import type { Layer } from './layer.ts';
import { LayerActivity } from './layer-activity.ts';
import type { LayerReader } from './layer-reader.ts';
import { Vp8TemporalSelector } from './vp8-temporal-selector.ts';

export class Vp8Reader implements LayerReader {
  readonly spatialLayers = 1;
  /** Without a structure as long as the payload descriptor tells the layers. */
  readonly dependencies = new DependencyFrames();
  readonly #descriptor = new Vp8Descriptor();
  readonly #activity = new LayerActivity();
  /** Bit n: since the key frame, temporal layer n has had frames to which later ones may refer (no N). */
  #referenced = 0;
  /** Of the newest frame's first packet, widened. */
  #newestStart = -1;
  #height: number | undefined;

  get temporalLayers(): number {
    return this.dependencies.structure === undefined ? this.#activity.count : this.dependencies.temporalLayers;
  }

  height(spatial: number): number | undefined {
    return spatial === 0 ? this.#height : undefined;
  }

  /** Whether later frames refer to none of the temporal layers `first` to `last` so far: it does not matter to lack them. */
  areDisposable(first: number, last: number): boolean {
    return (this.#referenced & (2 ** (last + 1) - 2 ** first)) === 0;
  }

  read(packet: IncomingPacket, extensions: ExtensionIds): boolean {
    const { header, frame } = packet;
    const descriptor = this.#descriptor;
    if (!parseVp8Descriptor(packet.bytes, header.payloadOffset, header.payloadSize, descriptor)) return false;
    frame.reset();
    if (descriptor.temporalLayer >= 0) frame.temporal = descriptor.temporalLayer;
    else if (this.dependencies.read(packet, extensions.dependencyDescriptor) === 'malformed') return false;
    frame.startsFrame = descriptor.startOfPartition && descriptor.partition === 0;
    frame.startsPicture = frame.startsFrame;
    frame.endsFrame = header.marker;
    frame.isKeyframe = false;
    frame.isTemporalSwitch = descriptor.layerSync;
    frame.pictureId = descriptor.pictureId;
    frame.pictureIdBits = descriptor.pictureIdBits;
    frame.pictureIdOffset = descriptor.pictureIdOffset;
    frame.temporalLayerZeroIndex = descriptor.temporalLayerZeroIndex;
    frame.temporalLayerZeroIndexOffset = descriptor.temporalLayerZeroIndexOffset;
    if (frame.startsFrame) this.#handleStart(packet, header.payloadOffset + descriptor.size);
    // By any packet of it, as the first may get lost.
    if (!descriptor.nonReference) this.#referenced |= 1 << frame.temporal;
    return true;
  }

  selector(target: Layer): Vp8TemporalSelector {
    return new Vp8TemporalSelector(target, this);
  }

  /** First packet of a frame, whose VP8 header is at `at`. */
  #handleStart(packet: IncomingPacket, at: number): void {
    const { header, frame } = packet;
    frame.isKeyframe = ((packet.bytes[at] as number) & 0x01) === 0;
    this.#activity.handlePicture();
    this.#activity.handleLayer(frame.temporal);
    // What a late key frame says of the frames behind it is not known any more.
    if (frame.isKeyframe && packet.index > this.#newestStart) this.#referenced = 0;
    this.#newestStart = Math.max(this.#newestStart, packet.index);
    if (!frame.isKeyframe) return;
    const height = readVp8Height(packet.bytes, at, header.payloadOffset + header.payloadSize);
    if (height > 0) this.#height = height;
  }
}
