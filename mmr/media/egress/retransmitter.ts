/**
 * Answers NACKs (RFC 4585 section 6.2.1) from the packet store: on the slot's RTX stream (RFC 4588), or, where that was not
 * negotiated, the same bytes under the same number once more. Never more than the receiver is entitled to: only what
 * its slot has sent, at most MAX_RESENDS times a packet, within a budget. A receiver's loss is repaired here and never
 * asked of the publisher.
 */
import { Placement } from '../forward/placement.ts';
import type { Rendition } from '../forward/rendition.ts';
import { TokenBucket } from '../token-bucket.ts';
import { type EgressGate, PACKET_OVERHEAD_BYTES, Priority } from './egress-gate.ts';
import { EGRESS_WORDS, type EgressPlan } from './egress-plan.ts';
import { ResendLedger } from './resend-ledger.ts';
import type { Slot } from './slot.ts';
import type { StoredPackets } from './stored-packets.ts';
import { MAX_STORED_BYTES, writeRepair, writeStored } from './write-stored.ts';

/** Per receiver: 4 Mb/s of repairs, a quarter of a second of which may come at once. */
export const RESEND_BYTES_PER_SECOND = 500_000;
const RESEND_BURST_BYTES = 125_000;
/**
 * While the transport's queue takes longer than this, nothing is repeated: receivers ask again each round trip, so copies of
 * what has not even left would pile up before the media that is to follow.
 */
const MAX_WAIT_US = 150_000;
/** Repairs take no more than this part of the transport's rate, a quarter of a second of which may come at once. */
const MAX_SHARE = 0.5;
const MAX_AHEAD_US = 250_000;
/** Asked numbers per second and receiver that are looked at; a flood beyond costs next to nothing. */
export const ASKED_PER_SECOND = 5_000;

/** Of a whole worker: each number asked for ends in one of these. */
export interface RetransmissionCounters {
  retransmitted: number;
  retransmissionsRefused: number;
}

/** What becomes of one number that is asked for; `lost`: it will not come, and the picture depends on it. */
const Answer = { sent: 0, refused: 1, lost: 2 } as const;
type Answer = (typeof Answer)[keyof typeof Answer];

const placement = new Placement();

/** One receiver's: its slots share the budget. */
export class Retransmitter {
  readonly #stored: StoredPackets;
  readonly #counters: RetransmissionCounters;
  readonly #gate: EgressGate;
  readonly #bytes: TokenBucket;
  /** Until when the repairs so far use up their share of the transport's rate. */
  #paidUs = Number.NEGATIVE_INFINITY;
  readonly #asked: TokenBucket;
  /** By slot, from its first NACK on. */
  readonly #ledgers = new Map<Slot, ResendLedger>();

  /** `stored` may be shared with others of the same thread; `receivers`: how many the budget is for. */
  constructor(stored: StoredPackets, counters: RetransmissionCounters, gate: EgressGate, receivers = 1) {
    this.#bytes = new TokenBucket(receivers * RESEND_BYTES_PER_SECOND, receivers * RESEND_BURST_BYTES);
    this.#asked = new TokenBucket(receivers * ASKED_PER_SECOND, receivers * ASKED_PER_SECOND);
    this.#stored = stored;
    this.#counters = counters;
    this.#gate = gate;
  }

  /** The slot is gone. */
  forget(slot: Slot): void {
    this.#ledgers.delete(slot);
  }

  /** `packetId` and `bitmask` are one FCI entry; what can be repeated is written to `out`. */
  handleNack(nowUs: number, slot: Slot, packetId: number, bitmask: number, out: EgressPlan): void {
    const highest = slot.highestIndex;
    const first = highest - ((highest - packetId) & 0xffff);
    let isLost = false;
    for (let bit = -1; bit < 16; bit++) {
      if (bit >= 0 && ((bitmask >>> bit) & 1) === 0) continue;
      const answer = this.#asked.take(nowUs, 1) ? this.#resend(nowUs, slot, first + bit + 1, out) : Answer.refused;
      if (answer === Answer.sent) this.#counters.retransmitted++;
      else this.#counters.retransmissionsRefused++;
      if (answer === Answer.lost) isLost = true;
    }
    if (isLost) slot.handleLoss(nowUs);
  }

  #resend(nowUs: number, slot: Slot, index: number, out: EgressPlan): Answer {
    const segment = slot.segmentOf(index);
    const rendition = segment?.rendition;
    if (segment === undefined || rendition === undefined) return Answer.refused;
    // What came before the key frame that the slot began with would only hold that back.
    if (slot.kind === 'video' && index < slot.continuity.entryIndex) return Answer.refused;
    const payloadType = repairPayloadType(slot, rendition);
    // Numbered headers differ from time to time, which one SRTP index must not see (RFC 3711 section 9.1).
    if (slot.mapping.isNumbered && payloadType === undefined) return Answer.refused;
    const own = index - segment.indexOffset;
    if (!this.#stored.find(rendition, own, placement)) return lossOf(rendition, own);
    if (!out.hasRoom(1, MAX_STORED_BYTES)) return Answer.refused;
    const ledger = this.#ledgerOf(slot);
    const waitUs = this.#gate.queueDelayUs(slot.transport);
    if (waitUs > MAX_WAIT_US || !ledger.isHeard(nowUs, index)) return Answer.refused;
    const { packet } = this.#stored;
    if (!ledger.mayTake(index) || !this.#pay(nowUs, slot, packet.sizeBytes + PACKET_OVERHEAD_BYTES))
      return lossOf(rendition, own);
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
    return Answer.sent;
  }

  #pay(nowUs: number, { transport }: Slot, sizeBytes: number): boolean {
    const costUs = this.#gate.timeUs(transport, sizeBytes) / MAX_SHARE;
    const paidUs = Math.max(this.#paidUs, nowUs) + costUs;
    if (paidUs > nowUs + MAX_AHEAD_US || !this.#bytes.take(nowUs, sizeBytes)) return false;
    this.#paidUs = paidUs;
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

/**
 * Number `index` of `rendition` cannot be sent again. That is a loss unless a newer key frame has gone out, nothing builds on
 * the packet, or it never came from the publisher, who may still send it.
 */
function lossOf(rendition: Rendition, index: number): Answer {
  const isMissed = !rendition.isAudio && index >= rendition.keyframeIndex && rendition.history.isBase(index);
  return isMissed ? Answer.lost : Answer.refused;
}
