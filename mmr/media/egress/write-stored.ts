/** Writes records for packets that are read again from the store, in the same bytes as those of their first time. */
import { MAX_FORMAT_BYTES } from '../forward/audio-format.ts';
import { MAX_BLOCK_BYTES, writePrefix } from '../forward/fan-out.ts';
import type { IncomingPacket } from '../forward/incoming-packet.ts';
import type { Placement } from '../forward/placement.ts';
import { readUint16, writeUint16 } from '../rtp/bytes.ts';
import { EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';
import { type HeaderMapping, MAX_WRITTEN_BYTES } from './header-mapping.ts';
import type { Segment } from './segment.ts';
import type { Slot } from './slot.ts';

/** A block of its own, with an original sequence number. */
const MAX_REPAIR_BYTES = MAX_BLOCK_BYTES + MAX_FORMAT_BYTES + 2;
/** Side bytes that one of these records may need. */
export const MAX_STORED_BYTES = MAX_WRITTEN_BYTES + MAX_REPAIR_BYTES;

const FIXED_HEADER_BYTES = 12;

/**
 * Appends the record of `packet`, which is `placement` in the rendition of `segment`, as `slot` sends it. Returns its size
 * in RTP bytes. Precondition: a record and MAX_STORED_BYTES are free in `out`.
 */
export function writeStored(
  slot: Slot,
  segment: Segment,
  packet: IncomingPacket,
  placement: Placement,
  out: EgressPlan,
): number {
  const index = placement.index + segment.indexOffset;
  return write(slot, segment, packet, placement, out, slot.ssrc, segment.payloadType, index, -1);
}

/**
 * As `writeStored`, on the slot's RTX stream: under a number of that stream, with the original one in front of the
 * payload (RFC 4588 section 4).
 */
export function writeRepair(
  slot: Slot,
  segment: Segment,
  packet: IncomingPacket,
  placement: Placement,
  out: EgressPlan,
  rtx: { readonly ssrc: number; readonly payloadType: number; readonly index: number },
): number {
  const original = (placement.index + segment.indexOffset) & 0xffff;
  return write(slot, segment, packet, placement, out, rtx.ssrc, rtx.payloadType, rtx.index, original);
}

/** `original` is −1 when the packet keeps its own number. */
function write(
  slot: Slot,
  segment: Segment,
  packet: IncomingPacket,
  placement: Placement,
  out: EgressPlan,
  ssrc: number,
  payloadType: number,
  index: number,
  original: number,
): number {
  const { mapping } = slot;
  const { header, frame } = packet;
  const { rendition } = segment;
  if (rendition === undefined) return 0;
  packet.codec = rendition.run.codec.name;
  mapping.write(packet, placement, rendition, out);
  const { side } = out;
  const block = mapping.sizeBytes;
  const own = out.openBlock(MAX_REPAIR_BYTES);
  side.copyWithin(own, mapping.sideOffset, mapping.sideOffset + block);
  let prefix = 0;
  if (original >= 0) {
    writeUint16(side, own + block, original);
    prefix = 2;
  }
  const pictureId = placement.pictureId + segment.pictureIdOffset;
  const zeroIndex = frame.temporalLayerZeroIndex + segment.zeroIndexOffset;
  const replaced = writePrefix(packet, placement, pictureId, zeroIndex, side, own + block + prefix);
  out.closeBlock(block + prefix + replaced);
  const skipped = placement.prefixSize === 0 ? replaced : 0;
  const payloadSize = placement.payloadSize - skipped;
  const at = out.count * EGRESS_WORDS;
  out.rtp(
    slot.transport,
    packet.storeSlot,
    packet.generation,
    placement.payloadOffset - packet.offset + skipped,
    payloadSize,
    mapping.firstWord | (payloadType << 16) | (index & 0xffff),
    segment.timestamp(header.timestamp),
    ssrc,
    index / 65536,
    own,
    block,
    prefix + replaced,
  );
  patchFrameNumber(out, at, own, mapping, segment.frameNumberOffset);
  return FIXED_HEADER_BYTES + block + prefix + replaced + payloadSize;
}

function patchFrameNumber(out: EgressPlan, at: number, block: number, mapping: HeaderMapping, offset: number): void {
  const frameNumberAt = mapping.frameNumberOffset;
  if (frameNumberAt === 0) return;
  out.words[at] = (out.words[at] as number) | (frameNumberAt << 16);
  out.words[at + 11] = (readUint16(out.side, block + frameNumberAt) + offset) & 0xffff;
}
