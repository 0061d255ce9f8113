/**
 * Begins a slot with the last key frame of an encoding, which went by: sends that and all since at once, out of the packet
 * store. The publisher need not make another one for whoever comes late. docs/slots.md, scenario 8.
 */
import { PACKET_OVERHEAD_BYTES, Priority } from '../egress/egress-gate.ts';
import { EGRESS_WORDS } from '../egress/egress-plan.ts';
import type { Slot } from '../egress/slot.ts';
import { MAX_STORED_BYTES, writeStored } from '../egress/write-stored.ts';
import type { EncodingRun } from './encoding-run.ts';
import type { KeyframeCache } from './keyframe-cache.ts';
import { Placement } from './placement.ts';
import type { PlanRoom } from './plan-room.ts';
import type { Rendition } from './rendition.ts';

/** A receiver who sees something already is shown old pictures only when they are few. */
const MAX_WARM_PICTURES = 12;
const MAX_WARM_BYTES = 40_000;

const placement = new Placement();

/** Whether `slot` is to begin with what is in `cache`. */
export function mayReplay(slot: Slot, cache: KeyframeCache): boolean {
  if (cache.packets === 0 || !slot.mayReplay) return false;
  return slot.rendition === undefined || (cache.pictures <= MAX_WARM_PICTURES && cache.bytes <= MAX_WARM_BYTES);
}

/** Gives a new rendition all packets since the key frame, if they are there; nobody gets them by that. */
export function reachBack(rendition: Rendition, run: EncodingRun, cache: KeyframeCache, { stored }: PlanRoom): void {
  for (let at = 0; at < cache.packets; at++) {
    const cached = cache.at(at);
    if (!stored.load(cached.storeSlot, cached.generation, cached.sizeBytes)) return;
    const { packet } = stored;
    packet.index = cached.index;
    packet.arrivalUs = cached.arrivalUs;
    packet.codec = run.codec.name;
    packet.frame.copyFrom(cached.frame);
    rendition.place(packet, cached.isEmpty);
  }
}

/** False, and nothing changed, when `rendition` does not reach back to the key frame. */
export function replay(
  slot: Slot,
  rendition: Rendition,
  payloadType: number,
  cache: KeyframeCache,
  out: PlanRoom,
): boolean {
  const { stored } = out;
  const first = rendition.indexOf(cache.firstIndex);
  if (first < 0 || !stored.find(rendition, first, placement)) return false;
  const { frame, header } = stored.packet;
  frame.frameNumber = cache.at(0).frame.frameNumber;
  slot.leaveFor(rendition.run, out.gate);
  const { continuity } = slot;
  const { pictureId } = placement;
  const segment = continuity.replay(rendition, payloadType, first, header.timestamp, pictureId, frame);
  let packets = 0;
  let payloadBytes = 0;
  for (let index = first; index <= rendition.highestIndex; index++) {
    if (!stored.find(rendition, index, placement)) continue;
    out.makeRoom(1, MAX_STORED_BYTES);
    const { plan, gate, nowUs } = out;
    const at = plan.count * EGRESS_WORDS;
    const sizeBytes = writeStored(slot, segment, stored.packet, placement, plan) + PACKET_OVERHEAD_BYTES;
    const patch = slot.mapping.transportNumberOffset;
    if (!gate.admit(nowUs, slot.transport, plan, at, sizeBytes, Priority.video, patch)) plan.count--;
    packets++;
    payloadBytes += placement.payloadSize;
  }
  slot.enter(rendition, continuity.resume(rendition, packets, payloadBytes), rendition.highestIndex + 1);
  return true;
}
