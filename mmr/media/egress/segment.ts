/**
 * A stretch of a slot's stream that came from one source without a break: what the slot has sent under which number,
 * kept so that it can be sent again in the same bytes.
 */
import type { ExtensionIds } from '../negotiated.ts';
import { PacketHistory } from './packet-history.ts';

const NO_EXTENSIONS: ExtensionIds = {
  mid: 0,
  rid: 0,
  audioLevel: 0,
  transportSequenceNumber: 0,
  absSendTime: 0,
  videoOrientation: 0,
  dependencyDescriptor: 0,
};
const NO_HISTORY = new PacketHistory(1);

export class Segment {
  history: PacketHistory = NO_HISTORY;
  /** The publisher's. */
  extensions: ExtensionIds = NO_EXTENSIONS;
  /** The receiver's, for the source's codec. */
  payloadType = 0;
  /** Egress minus source, widened sequence numbers. */
  indexOffset = 0;
  /** Egress minus source, modulo 2^32. */
  timestampOffset = 0;
  /** First egress number; −1 while unused. */
  firstIndex = -1;
  /** Last egress number; Infinity while the segment goes on. */
  lastIndex = -1;
  /** The source's counters when the segment began, plus what this slot left out since. */
  packetsBefore = 0;
  payloadBytesBefore = 0;
}
