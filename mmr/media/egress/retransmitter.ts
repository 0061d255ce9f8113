/**
 * Answers NACKs (RFC 4585 section 6.2.1) from the packet store: on the slot's RTX stream (RFC 4588), or, where that was not
 * negotiated, the same bytes under the same number once more. Never more than the receiver is entitled to: only what
 * its slot has sent, at most MAX_RESENDS times a packet, within a budget. A receiver's loss is repaired here and never
 * asked of the publisher.
 */
import { Placement } from '../forward/placement.ts';
import { TokenBucket } from '../ingress/token-bucket.ts';
import { type EgressGate, PACKET_OVERHEAD_BYTES, Priority } from './egress-gate.ts';
import { EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';
import type { PacketStore } from './packet-store.ts';
import { ResendLedger } from './resend-ledger.ts';
import type { Segment } from './segment.ts';
import type { Slot } from './slot.ts';
import { StoredPackets } from './stored-packets.ts';
import { MAX_STORED_BYTES, writeRepair, writeStored } from './write-stored.ts';

/** Per receiver: 4 Mb/s of repairs, a quarter of a second of which may come at once. */
export const RESEND_BYTES_PER_SECOND = 500_000;
const RESEND_BURST_BYTES = 125_000;
/**
 * While the transport's queue takes longer than this, nothing is repeated: receivers ask again each round trip, so copies of
 * what has not even left would pile up before the media that is to follow.
 */
const MAX_WAIT_US = 150_000;
/** Asked numbers per second and receiver that are looked at; a flood beyond costs next to nothing. */
export const ASKED_PER_SECOND = 5_000;

/** Of a whole worker: each number asked for ends in one of these. */
export interface RetransmissionCounters {
  retransmitted: number;
  retransmissionsRefused: number;
}

/** One receiver's: its slots share the budget. */
export class Retransmitter {
  readonly #stored: StoredPackets;
  readonly #counters: RetransmissionCounters;
  readonly #gate: EgressGate;
  readonly #bytes = new TokenBucket(RESEND_BYTES_PER_SECOND, RESEND_BURST_BYTES);
  readonly #asked = new TokenBucket(ASKED_PER_SECOND, ASKED_PER_SECOND);
  /** By slot, from its first NACK on. */
  readonly #ledgers = new Map<Slot, ResendLedger>();
  readonly #placement = new Placement();

  constructor(store: PacketStore, counters: RetransmissionCounters, gate: EgressGate) {
    this.#stored = new StoredPackets(store);
    this.#counters = counters;
    this.#gate = gate;
  }

  /** `packetId` and `bitmask` are one FCI entry; what can be repeated is written to `out`. */
  handleNack(nowUs: number, slot: Slot, packetId: number, bitmask: number, out: EgressPlan): void {
    const highest = slot.highestIndex;
    const first = highest - ((highest - packetId) & 0xffff);
    for (let bit = -1; bit < 16; bit++) {
      if (bit >= 0 && ((bitmask >>> bit) & 1) === 0) continue;
      if (this.#asked.take(nowUs, 1) && this.#resend(nowUs, slot, first + bit + 1, out)) this.#counters.retransmitted++;
      else this.#counters.retransmissionsRefused++;
    }
  }

  #resend(nowUs: number, slot: Slot, index: number, out: EgressPlan): boolean {
    const segment = slot.segmentOf(index);
    const rendition = segment?.rendition;
    if (segment === undefined || rendition === undefined) return false;
    // Numbered headers differ from time to time, which one SRTP index must not see (RFC 3711 section 9.1).
    if (slot.mapping.isNumbered && this.#repairPayloadType(slot, segment) === undefined) return false;
    if (!this.#stored.find(rendition, index - segment.indexOffset, this.#placement)) return false;
    if (!out.hasRoom(1, MAX_STORED_BYTES)) return false;
    const waitUs = this.#gate.queueDelayUs(slot.transport);
    if (waitUs > MAX_WAIT_US) return false;
    // In this order: what the budget refuses does not count as sent, so that it can be asked for again.
    const ledger = this.#ledgerOf(slot);
    if (!ledger.mayTake(nowUs, index) || !this.#bytes.take(nowUs, this.#stored.packet.sizeBytes)) return false;
    ledger.take(nowUs, index, waitUs);
    const at = out.count * EGRESS_WORDS;
    const sizeBytes = this.#write(slot, segment, out) + PACKET_OVERHEAD_BYTES;
    const patch = slot.mapping.transportNumberOffset;
    if (!this.#gate.admit(nowUs, slot.transport, out, at, sizeBytes, Priority.repair, patch)) out.count--;
    return true;
  }

  #write(slot: Slot, segment: Segment, out: EgressPlan): number {
    const { packet } = this.#stored;
    const { rtx } = slot;
    const payloadType = this.#repairPayloadType(slot, segment);
    if (rtx === undefined || payloadType === undefined) return writeStored(slot, segment, packet, this.#placement, out);
    const number = { ssrc: rtx.ssrc, payloadType, index: rtx.takeIndex() };
    return writeRepair(slot, segment, packet, this.#placement, out, number);
  }

  /** Undefined: the packet is sent again as itself. */
  #repairPayloadType(slot: Slot, segment: Segment): number | undefined {
    const codec = segment.rendition?.run.codec;
    return slot.rtx === undefined || codec === undefined ? undefined : slot.codecFor(codec)?.rtxPayloadType;
  }

  #ledgerOf(slot: Slot): ResendLedger {
    let ledger = this.#ledgers.get(slot);
    if (ledger === undefined) {
      ledger = new ResendLedger();
      this.#ledgers.set(slot, ledger);
    }
    return ledger;
  }
}
