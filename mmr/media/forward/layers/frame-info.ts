/**
 * What a packet says about its frame: place among the layers, numbers that receivers use, and where in the packet those
 * numbers stand. Filled by a LayerReader for each packet; one object is reused, so its fields hold until the next packet.
 */
export class FrameInfo {
  /** Layer of the frame; 0 where the codec does not tell. */
  spatial = 0;
  temporal = 0;
  /** First and last packet of the (layer) frame. */
  startsFrame = false;
  endsFrame = false;
  /** First packet of the picture (temporal unit): of its lowest spatial layer. */
  startsPicture = false;
  /** First packet of a key picture: a receiver who has nothing of this stream may begin here, with any target. */
  isKeyframe = false;
  /**
   * VP8 Y: the frame depends on the base layer alone. VP9 U: no later frame of a higher temporal layer depends on one of
   * those layers before this frame.
   */
  isTemporalSwitch = false;
  /** AV1: bit n set when the frame belongs to decode target n; −1 without a dependency descriptor. */
  decodeTargets = -1;
  /** Picture id and its width in bits (7 or 15, 0: none); TL0PICIDX or −1. */
  pictureId = -1;
  pictureIdBits = 0;
  temporalLayerZeroIndex = -1;
  /** Where these stand, in bytes from the start of the payload; −1 when they do not. */
  pictureIdOffset = -1;
  temporalLayerZeroIndexOffset = -1;
  /** AV1: frame_number of the dependency descriptor, 0–65535; −1 without one. */
  frameNumber = -1;

  /** The values above: a packet about which nothing is known but that it is a whole frame of the base layer. */
  reset(): void {
    this.spatial = 0;
    this.temporal = 0;
    this.startsFrame = true;
    this.endsFrame = true;
    this.startsPicture = true;
    this.isKeyframe = false;
    this.isTemporalSwitch = false;
    this.decodeTargets = -1;
    this.pictureId = -1;
    this.pictureIdBits = 0;
    this.temporalLayerZeroIndex = -1;
    this.pictureIdOffset = -1;
    this.temporalLayerZeroIndexOffset = -1;
    this.frameNumber = -1;
  }

  copyFrom(other: FrameInfo): void {
    this.spatial = other.spatial;
    this.temporal = other.temporal;
    this.startsFrame = other.startsFrame;
    this.endsFrame = other.endsFrame;
    this.startsPicture = other.startsPicture;
    this.isKeyframe = other.isKeyframe;
    this.isTemporalSwitch = other.isTemporalSwitch;
    this.decodeTargets = other.decodeTargets;
    this.pictureId = other.pictureId;
    this.pictureIdBits = other.pictureIdBits;
    this.temporalLayerZeroIndex = other.temporalLayerZeroIndex;
    this.pictureIdOffset = other.pictureIdOffset;
    this.temporalLayerZeroIndexOffset = other.temporalLayerZeroIndexOffset;
    this.frameNumber = other.frameNumber;
  }
}
