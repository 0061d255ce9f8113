/**
 * VP9 (RFC 9628): layers from the payload descriptor, sizes from the scalability structure, which stands in key pictures
 * and is kept. Flexible and non-flexible mode read the same: what depends on what is told by P, D and U.
 */
import { parseVp9Descriptor, Vp9Descriptor } from '../../rtp/codec/vp9-descriptor.ts';
import { parseVp9Structure, Vp9Structure } from '../../rtp/codec/vp9-structure.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { Layer } from './layer.ts';
import { LayerActivity } from './layer-activity.ts';
import type { LayerReader } from './layer-reader.ts';
import { PictureStart } from './picture-start.ts';
import { Vp9Selector } from './vp9-selector.ts';

export class Vp9Reader implements LayerReader {
  readonly #descriptor = new Vp9Descriptor();
  readonly #structure = new Vp9Structure();
  /** Of the packet that brought `#structure`. */
  #structureIndex = Number.NEGATIVE_INFINITY;
  readonly #pictureStart = new PictureStart();
  readonly #spatial = new LayerActivity();
  readonly #temporal = new LayerActivity();

  get spatialLayers(): number {
    return this.#spatial.count;
  }

  get temporalLayers(): number {
    return this.#temporal.count;
  }

  height(spatial: number): number | undefined {
    const height = this.#structure.heights[spatial];
    return height === undefined || height === 0 ? undefined : height;
  }

  read(packet: IncomingPacket): boolean {
    const { header, frame } = packet;
    const descriptor = this.#descriptor;
    if (!parseVp9Descriptor(packet.bytes, header.payloadOffset, header.payloadSize, descriptor)) return false;
    frame.reset();
    frame.spatial = descriptor.spatialLayer < 0 ? 0 : descriptor.spatialLayer;
    frame.temporal = descriptor.temporalLayer < 0 ? 0 : descriptor.temporalLayer;
    frame.startsFrame = descriptor.startOfFrame;
    frame.endsFrame = descriptor.endOfFrame;
    this.#pictureStart.handle(packet.index, header.timestamp);
    frame.startsPicture = this.#pictureStart.starts(frame.startsFrame, frame.spatial);
    frame.isTemporalSwitch = descriptor.switchingUpPoint;
    // An upper layer that depends on no earlier picture (P = 0) still depends on the layer below.
    frame.isKeyframe = frame.startsPicture && !descriptor.interPicturePredicted && frame.spatial === 0;
    frame.pictureId = descriptor.pictureId;
    frame.pictureIdBits = descriptor.pictureIdBits;
    frame.pictureIdOffset = descriptor.pictureIdOffset;
    frame.temporalLayerZeroIndex = descriptor.temporalLayerZeroIndex;
    frame.temporalLayerZeroIndexOffset = descriptor.temporalLayerZeroIndexOffset;
    if (frame.startsFrame) this.#handleStart(packet);
    return true;
  }

  selector(target: Layer): Vp9Selector {
    return new Vp9Selector(target, this);
  }

  #handleStart(packet: IncomingPacket): void {
    const { frame } = packet;
    // What late packets say does not count any more, but for a structure: it stands until the next.
    const { isNewest } = this.#pictureStart;
    if (isNewest && frame.startsPicture) {
      this.#spatial.handlePicture();
      this.#temporal.handlePicture();
    }
    if (this.#descriptor.structureOffset >= 0 && packet.index > this.#structureIndex) this.#adoptStructure(packet);
    if (!isNewest) return;
    this.#spatial.handleLayer(frame.spatial);
    this.#temporal.handleLayer(frame.temporal);
  }

  #adoptStructure({ bytes, header, index }: IncomingPacket): void {
    const structure = this.#structure;
    const start = header.payloadOffset + this.#descriptor.structureOffset;
    if (!parseVp9Structure(bytes, start, header.payloadOffset + header.payloadSize, structure)) return;
    this.#structureIndex = index;
    this.#spatial.tell(structure.spatialLayers);
    if (structure.temporalLayers > 0) this.#temporal.tell(structure.temporalLayers);
  }
}
