/**
 * The RTP packet that is on its way in, as every stage after SRTP sees it. One object is reused for all packets of a
 * worker, so its fields hold until the next one.
 */
import type { CodecName } from '../negotiated.ts';
import { RedBlocks } from '../rtp/red.ts';
import { RtpHeader } from '../rtp/rtp-header.ts';
import { FrameInfo } from './layers/frame-info.ts';

export class IncomingPacket {
  readonly header = new RtpHeader();
  /** Video: what the packet's stream's LayerReader found. */
  readonly frame = new FrameInfo();
  /** The whole packet store; `header`'s offsets count from its start. */
  bytes: Uint8Array = new Uint8Array(0);
  storeSlot = 0;
  generation = 0;
  /** Where the packet starts in `bytes`. */
  offset = 0;
  /** Bytes from `offset`, after SRTP took its tag off. */
  sizeBytes = 0;
  /** Widened sequence number: roll-over counter * 65536 + sequence number. */
  index = 0;
  arrivalUs = 0;
  codec: CodecName = 'opus';
  /** Audio: it came as RED, whose blocks these are. */
  isRed = false;
  readonly red = new RedBlocks();
}
