/** Packets read again from the packet store: for retransmission, and to begin with a key frame that went by. */
import { IncomingPacket } from '../forward/incoming-packet.ts';
import type { Placement } from '../forward/placement.ts';
import type { Rendition } from '../forward/rendition.ts';
import { SLOT_BYTES } from '../ingress-batch.ts';
import { parseRtpHeader } from '../rtp/rtp-header.ts';
import type { PacketStore } from './packet-store.ts';

export class StoredPackets {
  /** Reused: what was read last. Of `frame`, only where its numbers stand is set by `find`. */
  readonly packet = new IncomingPacket();
  readonly #store: PacketStore;

  constructor(store: PacketStore) {
    this.#store = store;
  }

  /** Reads one packet; false when it is not in the store any more. */
  load(storeSlot: number, generation: number, sizeBytes: number): boolean {
    if (this.#store.generation(storeSlot) !== generation) return false;
    const { packet } = this;
    packet.bytes = this.#store.store;
    packet.storeSlot = storeSlot;
    packet.generation = generation;
    packet.offset = storeSlot * SLOT_BYTES;
    packet.sizeBytes = sizeBytes;
    return parseRtpHeader(packet.bytes, packet.offset, sizeBytes, packet.header);
  }

  /** Reads what went out as `index` of `rendition`, and as what; false when that is not to be had any more. */
  find(rendition: Rendition, index: number, placement: Placement): boolean {
    const { history, run } = rendition;
    const at = history.find(index);
    if (at < 0 || !this.load(history.storeSlot(at), history.generation(at), history.sizeBytes(at))) return false;
    const { packet } = this;
    const { frame } = packet;
    history.readOffsets(at, frame);
    const { temporalLayerZeroIndexOffset: zeroIndexOffset } = frame;
    frame.temporalLayerZeroIndex =
      zeroIndexOffset < 0 ? -1 : (packet.bytes[packet.header.payloadOffset + zeroIndexOffset] as number);
    placement.index = index;
    placement.pictureId = history.pictureId(at);
    placement.marker = history.marker(at);
    placement.isFiller = history.isFiller(at);
    placement.activeTargets = history.activeTargets(at);
    placement.targetCount = history.targetCount(at);
    packet.codec = run.codec.name;
    return rendition.shapeAgain(packet, placement);
  }
}
