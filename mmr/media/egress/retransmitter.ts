/**
 * Answers NACKs (RFC 4585 section 6.2.1) from the packet store: on the slot's RTX stream (RFC 4588), or, where that was not
 * negotiated, the same bytes under the same number once more. Never more than the receiver is entitled to: only what
 * its slot has sent, at most MAX_RESENDS times a packet, within a budget. A receiver's loss is repaired here and never
 * asked of the publisher.
 */
import { Placement } from '../forward/placement.ts';
import type { Rendition } from '../forward/rendition.ts';
import { TokenBucket } from '../ingress/token-bucket.ts';
import { type EgressGate, PACKET_OVERHEAD_BYTES, Priority } from './egress-gate.ts';
import { EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';
import type { PacketStore } from './packet-store.ts';
import { ResendLedger } from './resend-ledger.ts';
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

const placement = new Placement();

/** One receiver's: its slots share the budget. */
export class Retransmitter {
  readonly #store: PacketStore;
  readonly #counters: RetransmissionCounters;
  readonly #gate: EgressGate;
  readonly #bytes = new TokenBucket(RESEND_BYTES_PER_SECOND, RESEND_BURST_BYTES);
  readonly #asked = new TokenBucket(ASKED_PER_SECOND, ASKED_PER_SECOND);
  /** By slot, from its first NACK on. */
  readonly #ledgers = new Map<Slot, ResendLedger>();
  /** Made by the first NACK: most receivers send none. */
  #stored: StoredPackets | undefined;

  constructor(store: PacketStore, counters: RetransmissionCounters, gate: EgressGate) {
    this.#store = store;
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
    const payloadType = repairPayloadType(slot, rendition);
    // Numbered headers differ from time to time, which one SRTP index must not see (RFC 3711 section 9.1).
    if (slot.mapping.isNumbered && payloadType === undefined) return false;
    this.#stored ??= new StoredPackets(this.#store);
    if (!this.#stored.find(rendition, index - segment.indexOffset, placement)) return false;
    if (!out.hasRoom(1, MAX_STORED_BYTES)) return false;
    const ledger = this.#ledgerOf(slot);
    const waitUs = this.#gate.queueDelayUs(slot.transport);
    const { packet } = this.#stored;
    if (waitUs > MAX_WAIT_US || !ledger.mayTake(nowUs, index)) return false;
    if (!this.#bytes.take(nowUs, packet.sizeBytes)) return false;
    ledger.take(nowUs, index, waitUs);
    const at = out.count * EGRESS_WORDS;
    const sizeBytes =
      slot.rtx === undefined || payloadType === undefined
        ? writeStored(slot, segment, packet, placement, out)
        : writeRepair(slot, segment, packet, placement, out, {
            ssrc: slot.rtx.ssrc,
            payloadType,
            index: slot.rtx.takeIndex(),
          });
    const patch = slot.mapping.transportNumberOffset;
    const isAdmitted = this.#gate.admit(
      nowUs,
      slot.transport,
      out,
      at,
      sizeBytes + PACKET_OVERHEAD_BYTES,
      Priority.repair,
      patch,
    );
    if (!isAdmitted) out.count--;
    return true;
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

/** Under which a packet of `rendition` is sent again; undefined: as itself. */
function repairPayloadType(slot: Slot, { run }: Rendition): number | undefined {
  return slot.rtx === undefined ? undefined : slot.codecFor(run.codec)?.rtxPayloadType;
}
