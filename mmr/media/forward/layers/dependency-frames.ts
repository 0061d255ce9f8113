/**
 * What the dependency descriptors of one stream have told so far: the present structure, which decode targets are
 * there, and for the last picture to which of them a receiver could switch with each of its frames.
 */
import { DependencyDescriptor, parseDependencyDescriptor } from '../../rtp/dependency-descriptor.ts';
import { DependencyStructure } from '../../rtp/dependency-structure.ts';
import { ByteRange, findExtension } from '../../rtp/header-extensions.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { FrameInfo } from './frame-info.ts';
import type { Layer } from './layer.ts';
import { PictureStart } from './picture-start.ts';

/** Frames of a picture that are remembered: AV1 has four spatial layers (AV1 specification section 5.3.3). */
const MAX_FRAMES = 4;

/** Frames of one picture: to which decode targets each belongs, and to which it lets a receiver switch. */
class Picture {
  count = 0;
  readonly present = new Int32Array(MAX_FRAMES);
  readonly switches = new Int32Array(MAX_FRAMES);
  #frameNumber = -1;

  clear(): void {
    this.count = 0;
    this.#frameNumber = -1;
  }

  /** A packet of a frame, whichever of it comes: a frame whose first got lost counts as well. */
  handle({ frameNumber, present, switches }: DependencyDescriptor): void {
    if (frameNumber === this.#frameNumber || this.count === MAX_FRAMES) return;
    this.#frameNumber = frameNumber;
    this.present[this.count] = present;
    this.switches[this.count++] = switches;
  }
}

export class DependencyFrames {
  /** Counts what changes the meaning of masks: structures, and the publisher's active decode targets. */
  version = 0;
  /** Undefined before the first key frame that brought one. */
  structure: DependencyStructure | undefined;
  /** Bit n: decode target n is being sent by the publisher. */
  activeTargets = 0;
  readonly descriptor = new DependencyDescriptor();
  readonly #range = new ByteRange();
  #spare = new DependencyStructure();
  readonly #pictureStart = new PictureStart();
  /** Of the packet that brought `structure`. */
  #structureIndex = Number.NEGATIVE_INFINITY;
  /** Newest picture, and the one before. */
  #picture = new Picture();
  #previous = new Picture();

  /** Whether `descriptor` could be read, or why not: the packet has none, or a malformed one. */
  read(packet: IncomingPacket, id: number): 'read' | 'none' | 'malformed' {
    const { header } = packet;
    if (id === 0 || !findExtension(packet.bytes, header, id, this.#range)) return 'none';
    const { offset, size } = this.#range;
    const { descriptor } = this;
    if (!parseDependencyDescriptor(packet.bytes, offset, size, this.structure, this.#spare, descriptor)) {
      return 'malformed';
    }
    this.#fill(packet);
    return 'read';
  }

  /** Decode targets that have no layer above `layer`, and the lowest one in any case; all without a structure. */
  targetsUpTo(layer: Layer): number {
    const { structure } = this;
    if (structure === undefined) return -1;
    const { targetSpatial, targetTemporal } = structure;
    let targets = 0;
    let lowest = 0;
    for (let target = 0; target < structure.decodeTargetCount; target++) {
      const spatial = targetSpatial[target] as number;
      const temporal = targetTemporal[target] as number;
      if (spatial <= layer.spatial && temporal <= layer.temporal) targets |= 1 << target;
      const isLower =
        spatial < (targetSpatial[lowest] as number) ||
        (spatial === targetSpatial[lowest] && temporal < (targetTemporal[lowest] as number));
      if (isLower) lowest = target;
    }
    return targets | (1 << lowest);
  }

  /**
   * Whether a receiver who has got the decode targets `had` up to here can have those of `missing` as well from now on:
   * the frames of the picture before let it switch to all of them, and it has got all frames of theirs in that picture.
   */
  canSwitch(had: number, missing: number): boolean {
    const picture = this.#previous;
    let switches = 0;
    for (let i = 0; i < picture.count; i++) {
      const present = picture.present[i] as number;
      if ((present & had) !== 0) switches |= picture.switches[i] as number;
      else if ((present & missing) !== 0) return false;
    }
    return (missing & ~switches) === 0;
  }

  get spatialLayers(): number {
    return this.#highest(this.structure?.targetSpatial) + 1;
  }

  get temporalLayers(): number {
    return this.#highest(this.structure?.targetTemporal) + 1;
  }

  /** Pixels; undefined when the structure does not tell. */
  height(spatial: number): number | undefined {
    const height = this.structure?.heights[spatial] ?? 0;
    return height === 0 ? undefined : height;
  }

  #fill(packet: IncomingPacket): void {
    const { header, frame } = packet;
    const { descriptor } = this;
    // A structure counts from its key frame on, also when that comes late.
    if (descriptor.hasStructure && packet.index > this.#structureIndex) this.#adopt(packet.index);
    frame.startsFrame = descriptor.startOfFrame;
    frame.endsFrame = descriptor.endOfFrame;
    frame.frameNumber = descriptor.frameNumber;
    if (descriptor.structure !== undefined && descriptor.structure === this.structure) {
      frame.spatial = descriptor.spatial;
      frame.temporal = descriptor.temporal;
      frame.decodeTargets = descriptor.present;
    }
    this.#pictureStart.handle(packet.index, header.timestamp);
    // Of an unknown structure, a late frame may be of any layer.
    const spatial = frame.decodeTargets === -1 ? 1 : frame.spatial;
    frame.startsPicture = this.#pictureStart.starts(frame.startsFrame, spatial);
    frame.isKeyframe = frame.startsPicture && descriptor.hasStructure && descriptor.frameDiffCount === 0;
    // What late packets say does not count any more.
    if (this.#pictureStart.isNewest) this.#advance(packet);
  }

  #advance({ frame }: IncomingPacket): void {
    const { descriptor } = this;
    if (this.#pictureStart.isNewPicture) {
      const free = this.#previous;
      this.#previous = this.#picture;
      this.#picture = free;
      free.clear();
    }
    if (frame.decodeTargets === -1) return;
    const told = descriptor.hasActiveTargets ? descriptor.activeTargets : this.activeTargets;
    // The packet that told of a target that is back may be lost; a frame of its own layer tells as well.
    const active = (descriptor.present & ~told) === 0 ? told : told | this.#targetsOf(frame);
    if (active !== this.activeTargets) this.version++;
    this.activeTargets = active;
    this.#picture.handle(descriptor);
  }

  /** Decode targets whose highest layer is that of the frame. */
  #targetsOf({ spatial, temporal }: FrameInfo): number {
    const { targetSpatial, targetTemporal, decodeTargetCount } = this.structure as DependencyStructure; // of the frame
    let targets = 0;
    for (let target = 0; target < decodeTargetCount; target++) {
      if (targetSpatial[target] === spatial && targetTemporal[target] === temporal) targets |= 1 << target;
    }
    return targets;
  }

  #adopt(index: number): void {
    const free = this.structure ?? new DependencyStructure();
    this.structure = this.#spare;
    this.#spare = free;
    this.#structureIndex = index;
    this.activeTargets = this.structure.allTargets;
    this.version++;
  }

  #highest(layers: Uint8Array | undefined): number {
    const count = this.structure?.decodeTargetCount ?? 0;
    let highest = 0;
    for (let target = 0; target < count && layers !== undefined; target++) {
      if ((this.activeTargets & (1 << target)) !== 0) highest = Math.max(highest, layers[target] as number);
    }
    return highest;
  }
}
