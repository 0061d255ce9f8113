/**
 * The RTP packet that is on its way in, as every stage after SRTP sees it. One object is reused for all packets of a
 * worker, so its fields hold until the next one.
 */
import type { CodecName } from '../negotiated.ts';
import { RtpHeader } from '../rtp/rtp-header.ts';

export class IncomingPacket {
  readonly header = new RtpHeader();
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
  /** The receiver may begin with this packet: it starts a key frame, or it is audio. */
  isEntryPoint = false;
}
