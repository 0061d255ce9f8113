/**
 * Answers NACKs (RFC 4585 section 6.2.1) from the packet store: the same bytes under the same number once more. Never more
 * than the receiver is entitled to: only what its slot has sent, at most MAX_RESENDS times a packet, within a budget.
 * A receiver's loss is repaired here and never asked of the publisher.
 */
import { IncomingPacket } from '../forward/incoming-packet.ts';
import { TokenBucket } from '../ingress/token-bucket.ts';
import { SLOT_BYTES } from '../ingress-batch.ts';
import { parseRtpHeader } from '../rtp/rtp-header.ts';
import type { EgressPlan } from './egress-plan.ts';
import { MAX_HEADER_BLOCK_BYTES } from './header-mapping.ts';
import type { PacketStore } from './packet-store.ts';
import type { Segment } from './segment.ts';
import type { Slot } from './slot.ts';

export const MAX_RESENDS = 3;
/** Per receiver: 4 Mb/s of repairs, a quarter of a second of which may come at once. */
export const RESEND_BYTES_PER_SECOND = 500_000;
const RESEND_BURST_BYTES = 125_000;
/** Asked numbers per second and receiver that are looked at; a flood beyond costs next to nothing. */
export const ASKED_PER_SECOND = 5_000;
/** A number that was just repeated is on its way; asking again within this time is not heard. */
const RESEND_INTERVAL_MS = 10;
/** Covers every packet that a source's history can hold. */
const LEDGER_SIZE = 1024;

/** Of a whole worker: each number asked for ends in one of these. */
export interface RetransmissionCounters {
  retransmitted: number;
  retransmissionsRefused: number;
}

/** One receiver's: its slots share the budget. */
export class Retransmitter {
  readonly #store: PacketStore;
  readonly #counters: RetransmissionCounters;
  readonly #bytes = new TokenBucket(RESEND_BYTES_PER_SECOND, RESEND_BURST_BYTES);
  readonly #asked = new TokenBucket(ASKED_PER_SECOND, ASKED_PER_SECOND);
  /** By slot, from its first NACK on. */
  readonly #ledgers = new Map<Slot, ResendLedger>();
  readonly #packet = new IncomingPacket();

  constructor(store: PacketStore, counters: RetransmissionCounters) {
    this.#store = store;
    this.#counters = counters;
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
    if (segment === undefined || !this.#find(segment, index)) return false;
    if (!out.hasRoom(1, MAX_HEADER_BLOCK_BYTES)) return false;
    if (!this.#ledgerOf(slot).take(nowUs, index)) return false;
    const packet = this.#packet;
    if (!this.#bytes.take(nowUs, packet.sizeBytes)) return false;
    const { header } = packet;
    const { mapping } = slot;
    mapping.write(packet, segment.extensions, slot.kind === 'audio', out);
    out.rtp(
      slot.transport,
      packet.storeSlot,
      packet.generation,
      header.payloadOffset - packet.offset,
      header.payloadSize,
      mapping.firstWord | (segment.payloadType << 16) | (index & 0xffff),
      header.timestamp + segment.timestampOffset,
      slot.ssrc,
      index / 65536,
      mapping.sideOffset,
      mapping.sizeBytes,
      0,
    );
    return true;
  }

  /** Reads the stored packet that went out as `index`; false when it is not there any more. */
  #find(segment: Segment, index: number): boolean {
    const { history } = segment;
    const at = history.find(index - segment.indexOffset);
    if (at < 0) return false;
    const packet = this.#packet;
    packet.storeSlot = history.storeSlot(at);
    packet.generation = history.generation(at);
    if (this.#store.generation(packet.storeSlot) !== packet.generation) return false;
    packet.bytes = this.#store.store;
    packet.offset = packet.storeSlot * SLOT_BYTES;
    packet.sizeBytes = history.sizeBytes(at);
    return parseRtpHeader(packet.bytes, packet.offset, packet.sizeBytes, packet.header);
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

/** How often each of a slot's packets was repeated. Memory for those that can still be found, and no more. */
class ResendLedger {
  /** (widened number modulo 2^29) * 4 + resends. */
  readonly #entries = new Int32Array(LEDGER_SIZE).fill(-1);
  /** Milliseconds, which wrap after 24 days: nothing is compared over more than seconds. */
  readonly #resentMs = new Int32Array(LEDGER_SIZE);

  take(nowUs: number, index: number): boolean {
    const at = index % LEDGER_SIZE;
    const number = index % 0x20000000;
    const entry = this.#entries[at] as number;
    const resends = entry >>> 2 === number ? entry & 3 : 0;
    const nowMs = Math.floor(nowUs / 1000) | 0;
    if (resends >= MAX_RESENDS) return false;
    if (resends > 0 && ((nowMs - (this.#resentMs[at] as number)) | 0) < RESEND_INTERVAL_MS) return false;
    this.#entries[at] = (number << 2) | (resends + 1);
    this.#resentMs[at] = nowMs;
    return true;
  }
}
