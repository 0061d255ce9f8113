/**
 * What follows the 12 fixed bytes of an egress RTP header: the CSRC that names the source of audio (RFC 3550 section
 * 5.1) and the extensions that pass through, under the receiver's own ids. All receivers with equal ids (all browsers
 * of one make, in practice) share one mapping, and its block is written once per packet.
 */
import type { IncomingPacket } from '../forward/incoming-packet.ts';
import type { ExtensionIds } from '../negotiated.ts';
import { HeaderBlockWriter } from '../rtp/header-block-writer.ts';
import { ByteRange, findExtension } from '../rtp/header-extensions.ts';
import type { EgressPlan } from './egress-plan.ts';

/** Upper bound of a block: one CSRC, the block's header, two elements of 255 bytes with their heads, padding. */
export const MAX_HEADER_BLOCK_BYTES = 4 + 4 + 2 * (2 + 255) + 3;

const VERSION_2 = 2 << 30;

export class HeaderMapping {
  /** Where the last block lies in the plan's `side`. */
  sideOffset = 0;
  /** Its size in bytes, a multiple of 4. */
  sizeBytes = 0;
  /** First header word of the packet (V, X, CC, M) without payload type and sequence number. */
  firstWord = 0;
  readonly ids: ExtensionIds;
  readonly #writer = new HeaderBlockWriter();
  readonly #range = new ByteRange();

  /** `ids` are the receiver's. */
  constructor(ids: ExtensionIds) {
    this.ids = ids;
  }

  /**
   * Writes the block of `packet`, whose extensions have the publisher's ids `from`, and sets the fields above.
   * The same packet gives the same bytes each time: a retransmission must equal the first transmission, because it is
   * protected under the same SRTP index (RFC 3711 section 9.1). Precondition: MAX_HEADER_BLOCK_BYTES of `side` are free.
   */
  write(packet: IncomingPacket, from: ExtensionIds, isAudio: boolean, out: EgressPlan): void {
    const writer = this.#writer;
    this.sideOffset = out.sideSize;
    writer.begin(out.side, out.sideSize);
    if (isAudio) {
      writer.csrc(packet.header.ssrc);
      this.#pass(packet, from.audioLevel, this.ids.audioLevel);
    } else {
      this.#pass(packet, from.videoOrientation, this.ids.videoOrientation);
      this.#pass(packet, from.dependencyDescriptor, this.ids.dependencyDescriptor);
    }
    this.sizeBytes = writer.end();
    out.reserveSide(this.sizeBytes);
    this.firstWord =
      VERSION_2 | (writer.hasExtension ? 1 << 28 : 0) | (writer.csrcCount << 24) | (packet.header.marker ? 1 << 23 : 0);
  }

  #pass(packet: IncomingPacket, from: number, to: number): void {
    if (from !== 0 && to !== 0 && findExtension(packet.bytes, packet.header, from, this.#range)) {
      this.#writer.extension(to, packet.bytes, this.#range.offset, this.#range.size);
    }
  }
}

/** The mappings of one worker, one per distinct set of ids, so that equal receivers are recognised by identity. */
export class HeaderMappings {
  readonly #byKey = new Map<string, HeaderMapping>();

  /** Ids are small numbers negotiated by the router itself, so the number of sets stays small. */
  for(ids: ExtensionIds): HeaderMapping {
    const key = `${ids.audioLevel}/${ids.videoOrientation}/${ids.dependencyDescriptor}`;
    let mapping = this.#byKey.get(key);
    if (mapping === undefined) {
      mapping = new HeaderMapping(ids);
      this.#byKey.set(key, mapping);
    }
    return mapping;
  }
}
