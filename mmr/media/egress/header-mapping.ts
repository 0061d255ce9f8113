/**
 * What follows the 12 fixed bytes of an egress RTP header: the CSRC that names the source of audio (RFC 3550 section
 * 5.1), a place for the transport-wide sequence number, and the extensions that pass through, under the receiver's own
 * ids. All receivers with equal ids (all browsers of one make, in practice) share one mapping, and its block is written
 * once per packet.
 */

import { MAX_FORMAT_BYTES } from '../forward/audio-format.ts';
import type { IncomingPacket } from '../forward/incoming-packet.ts';
import type { Placement } from '../forward/placement.ts';
import type { ExtensionIds } from '../negotiated.ts';
import { readUint32 } from '../rtp/bytes.ts';
import { writeActiveDecodeTargets } from '../rtp/dependency-descriptor-writer.ts';
import { HeaderBlockWriter } from '../rtp/header-block-writer.ts';
import { ByteRange, findExtension } from '../rtp/header-extensions.ts';
import type { EgressPlan } from './egress-plan.ts';

/** Upper bound of a block: one CSRC, the block's header, a number, two elements of 255 bytes with their heads, padding. */
export const MAX_HEADER_BLOCK_BYTES = 4 + 4 + (2 + 2) + 2 * (2 + 255) + 3;
/** The same with what goes before the payload. */
export const MAX_WRITTEN_BYTES = MAX_HEADER_BLOCK_BYTES + MAX_FORMAT_BYTES;

const VERSION_2 = 2 << 30;
const PADDING = 1 << 29;
const EXTENSION = 1 << 28;
const MARKER = 1 << 23;
/** Where frame_number stands in a dependency descriptor: behind two flags and the template id (AV1 RTP A.8.2). */
const FRAME_NUMBER_OFFSET = 1;
const FIRST_CSRC_OFFSET = 12;
const MIN_DESCRIPTOR_BYTES = 3;
const MAX_DESCRIPTOR_BYTES = 255;
const NUMBER = new Uint8Array(2);

/** What a block is written for: a rendition, or a segment that repeats something of one. */
export interface BlockOrigin {
  readonly isAudio: boolean;
  readonly run: { readonly extensions: ExtensionIds; readonly isRelayed: boolean };
}

export class HeaderMapping {
  /** Where the last block lies in the plan's `side`. */
  sideOffset = 0;
  /** Its size in bytes, a multiple of 4. */
  sizeBytes = 0;
  /** Bytes behind the block that go before the stored payload. */
  prefixSize = 0;
  /** First header word of the packet (V, P, X, CC, M) without payload type and sequence number. */
  firstWord = 0;
  /** Where in the block the place for the transport-wide sequence number is; 0 for none. */
  transportNumberOffset = 0;
  /** Where in the block the frame number of a dependency descriptor is; 0 for none. */
  frameNumberOffset = 0;
  readonly ids: ExtensionIds;
  readonly isNumbered: boolean;
  readonly #writer = new HeaderBlockWriter();
  readonly #range = new ByteRange();
  readonly #descriptor = new Uint8Array(MAX_DESCRIPTOR_BYTES);

  /** `ids` are the receiver's; `isNumbered`: packets get transport-wide sequence numbers, if there is an id for them. */
  constructor(ids: ExtensionIds, isNumbered = false) {
    this.ids = ids;
    this.isNumbered = isNumbered && ids.transportSequenceNumber !== 0;
  }

  /**
   * Writes the block of `packet` and sets the fields above. The same packet gives the same bytes each time: a
   * retransmission under the same number must equal the first transmission, because it is protected under the same
   * SRTP index (RFC 3711 section 9.1). Precondition: MAX_WRITTEN_BYTES of the plan's ring are free.
   */
  write(packet: IncomingPacket, placement: Placement, origin: BlockOrigin, out: EgressPlan): void {
    const writer = this.#writer;
    const from = origin.run.extensions;
    const { ids } = this;
    this.sideOffset = out.openBlock(MAX_WRITTEN_BYTES);
    this.frameNumberOffset = 0;
    writer.begin(out.side, this.sideOffset);
    if (origin.isAudio) writer.csrc(origin.run.isRelayed ? contributorOf(packet) : packet.header.ssrc);
    // First, so that what follows does not move it.
    if (this.isNumbered) writer.extension(ids.transportSequenceNumber, NUMBER, 0, 2);
    if (origin.isAudio) this.#pass(packet, from.audioLevel, ids.audioLevel);
    else if (!placement.isFiller) {
      this.#pass(packet, from.videoOrientation, ids.videoOrientation);
      // libwebrtc would prefer it to the payload descriptors of other codecs, which are what we rewrite there.
      if (packet.codec === 'AV1') this.#passDescriptor(packet, placement, from.dependencyDescriptor);
    }
    this.sizeBytes = writer.end();
    const { prefixSize } = placement;
    this.prefixSize = prefixSize;
    if (prefixSize > 0) copyPrefix(placement, out.side, this.sideOffset + this.sizeBytes);
    out.closeBlock(this.sizeBytes + this.prefixSize);
    this.transportNumberOffset = this.isNumbered ? 4 * writer.csrcCount + 4 + (writer.isTwoByte ? 2 : 1) : 0;
    this.firstWord =
      VERSION_2 |
      (placement.isFiller ? PADDING : 0) |
      (writer.hasExtension ? EXTENSION : 0) |
      (writer.csrcCount << 24) |
      (placement.marker ? MARKER : 0);
  }

  #pass(packet: IncomingPacket, from: number, to: number): void {
    if (from === 0 || to === 0 || !findExtension(packet.bytes, packet.header, from, this.#range)) return;
    this.#writer.extension(to, packet.bytes, this.#range.offset, this.#range.size);
  }

  /** Tells the receiver which decode targets it gets, and leaves a place for the slot's own frame number. */
  #passDescriptor(packet: IncomingPacket, placement: Placement, from: number): void {
    const range = this.#range;
    const to = this.ids.dependencyDescriptor;
    if (from === 0 || to === 0 || !findExtension(packet.bytes, packet.header, from, range)) return;
    const { targetCount, activeTargets } = placement;
    let size = range.size;
    if (targetCount === 0) this.#writer.extension(to, packet.bytes, range.offset, size);
    else {
      size = writeActiveDecodeTargets(
        packet.bytes,
        range.offset,
        size,
        targetCount,
        activeTargets,
        this.#descriptor,
        0,
      );
      this.#writer.extension(to, this.#descriptor, 0, size);
    }
    if (size >= MIN_DESCRIPTOR_BYTES) this.frameNumberOffset = this.#writer.sizeBytes - size + FRAME_NUMBER_OFFSET;
  }
}

/** The publisher's stream of relayed audio. */
function contributorOf({ bytes, offset, header }: IncomingPacket): number {
  return header.csrcCount === 0 ? header.ssrc : readUint32(bytes, offset + FIRST_CSRC_OFFSET);
}

function copyPrefix({ prefix, prefixSize }: Placement, side: Uint8Array, at: number): void {
  for (let i = 0; i < prefixSize; i++) side[at + i] = prefix[i] as number;
}

/** Distinct sets of ids that are shared: one per make of browser in practice, a few dozen at most. */
export const MAX_SHARED_MAPPINGS = 256;

/**
 * The mappings of one worker, one per distinct set of ids, so that equal receivers are recognised by identity. Clients choose
 * the ids, so there is no end of sets: of too many, the one asked for longest ago is forgotten. Who has it keeps it, but
 * shares it with nobody new.
 */
export class HeaderMappings {
  forgotten = 0;
  /** Those asked for last come last. */
  readonly #byKey = new Map<string, HeaderMapping>();

  get shared(): number {
    return this.#byKey.size;
  }

  for(ids: ExtensionIds, isNumbered = false): HeaderMapping {
    const number = isNumbered ? ids.transportSequenceNumber : 0;
    const key = `${ids.audioLevel}/${ids.videoOrientation}/${ids.dependencyDescriptor}/${number}`;
    const mapping = this.#byKey.get(key) ?? new HeaderMapping(ids, isNumbered);
    this.#byKey.delete(key);
    this.#byKey.set(key, mapping);
    if (this.#byKey.size > MAX_SHARED_MAPPINGS) this.#forgetOldest();
    return mapping;
  }

  #forgetOldest(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key);
      this.forgotten++;
      return;
    }
  }
}
