/**
 * How the packets of an audio stream are to look for a group of receivers: plain Opus, or redundant audio (RED, RFC 2198)
 * under their payload type. Publishers send one or the other; RED is passed to whoever negotiated it and taken off for the
 * others, and put on where packets get lost on the way to the receiver.
 */
import { RED_OVERHEAD_BYTES, type RedBlocks, writeRedHeaders, writeRedundant } from '../rtp/red.ts';
import { timestampDelta } from '../rtp/serial.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { Placement } from './placement.ts';

/** A larger payload is not repeated: 20 ms of Opus at 128 kb/s have 320 bytes. */
const MAX_REPEATED_BYTES = 480;
/** Longest prefix that a format writes. */
export const MAX_FORMAT_BYTES = RED_OVERHEAD_BYTES + MAX_REPEATED_BYTES;

/** Plain: the primary block without what is around it. */
export function shapePlain(packet: IncomingPacket, placement: Placement): void {
  if (!packet.isRed) return;
  placement.payloadOffset = packet.red.primaryOffset;
  placement.payloadSize = packet.red.primarySize;
}

export class RedFormat {
  /** The receivers' payload type of the blocks. */
  readonly payloadType: number;
  /** The publisher's. */
  readonly #from: number;
  /** The payload of the packet before, to be repeated in the next. */
  readonly #previous = new Uint8Array(MAX_REPEATED_BYTES);
  #previousSize = 0;
  #previousIndex = -1;
  #previousTimestamp = 0;

  constructor(payloadType: number, from: number) {
    this.payloadType = payloadType;
    this.#from = from;
  }

  /** A packet goes out for the first time: with the payload before it, when it has none of its own. */
  shape(packet: IncomingPacket, placement: Placement): void {
    if (packet.isRed) {
      this.shapeRed(packet.red, placement);
      this.#previousIndex = -1;
      return;
    }
    const { header } = packet;
    const isNext = placement.index === this.#previousIndex + 1;
    placement.prefixSize = writeRedundant(
      placement.prefix,
      0,
      this.payloadType,
      timestampDelta(header.timestamp, this.#previousTimestamp),
      this.#previous,
      0,
      isNext ? this.#previousSize : 0,
    );
    if (placement.index > this.#previousIndex) this.#remember(packet, placement.index);
  }

  /** A packet that came as RED: the same blocks, under the receivers' payload type. */
  shapeRed(red: RedBlocks, placement: Placement): void {
    if (this.payloadType === this.#from) return;
    placement.prefixSize = writeRedHeaders(placement.prefix, 0, red, this.payloadType);
    placement.payloadOffset += placement.prefixSize;
    placement.payloadSize -= placement.prefixSize;
  }

  #remember({ bytes, header }: IncomingPacket, index: number): void {
    const size = header.payloadSize <= MAX_REPEATED_BYTES ? header.payloadSize : 0;
    for (let i = 0; i < size; i++) this.#previous[i] = bytes[header.payloadOffset + i] as number;
    this.#previousSize = size;
    this.#previousIndex = index;
    this.#previousTimestamp = header.timestamp;
  }
}
