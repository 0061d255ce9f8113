/** Frames of a stream that tells no layers: a frame starts where a new timestamp does, and ends with the marker. */
import type { IncomingPacket } from '../incoming-packet.ts';
import { PictureStart } from './picture-start.ts';

export class SingleFrames {
  readonly #pictureStart = new PictureStart();
  #keyframeTimestamp = -1;

  /**
   * Fills `packet.frame`. `isKeyframeStart`: the payload looks like the start of a key frame. Several packets of one may
   * (parameter sets, picture); the first is it, also when it comes late.
   */
  read(packet: IncomingPacket, isKeyframeStart: boolean): void {
    const { header, frame } = packet;
    const { timestamp } = header;
    this.#pictureStart.handle(packet.index, timestamp);
    frame.isKeyframe = isKeyframeStart && timestamp !== this.#keyframeTimestamp;
    if (frame.isKeyframe) this.#keyframeTimestamp = timestamp;
    frame.startsFrame = this.#pictureStart.isNewPicture || frame.isKeyframe;
    frame.startsPicture = frame.startsFrame;
    frame.endsFrame = header.marker;
  }
}
