/** What one packet is within a rendition: its numbers and its payload there, before a slot adds its own. Reused per packet. */
import { MAX_FORMAT_BYTES } from './audio-format.ts';

export class Placement {
  /** Widened sequence number. */
  index = 0;
  /** Picture id, cut to the field's width; 0 when the packet has none. */
  pictureId = 0;
  /** RTP marker: it ends a picture of this rendition. */
  marker = false;
  /** Not the packet itself, but padding under its number: it turned out not to belong here when the number was taken. */
  isFiller = false;
  /** Where the payload that goes out lies in the packet store, and its size; 0: nothing of the store goes out. */
  payloadOffset = 0;
  payloadSize = 0;
  /** What goes out before it. */
  readonly prefix = new Uint8Array(MAX_FORMAT_BYTES);
  prefixSize = 0;
  /** AV1: what the receivers are told of the active decode targets, and the width of that in bits; 0: nothing. */
  activeTargets = 0;
  targetCount = 0;
}
