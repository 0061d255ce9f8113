/** An allocation in words, for operators and for the statistics: "why is this tile at 180p". */
import type { Allocation, AllocationInput, SlotAllocation } from './allocator.ts';
import type { LayerOption } from './ladder.ts';

/** A line about the whole, then one per slot. */
export function describeAllocation(input: AllocationInput, allocation: Allocation): string {
  const { budgetBps, audioBps } = input;
  const head =
    `${rate(allocation.usedBps)} of ${rate(budgetBps)} used, ${rate(audioBps)} of it audio; ` +
    `${rate(allocation.wantedBps)} wanted`;
  return [head, ...allocation.slots.map((slot) => `${slot.mid}: ${describeSlot(slot)}`)].join('\n');
}

export function describeSlot({ layer, limit, nextStepBps }: SlotAllocation): string {
  const what = layer === undefined ? 'nothing' : describeLayer(layer);
  switch (limit) {
    case 'view':
      return `${what}: all that the view asks for`;
    case 'source':
      return `${what}: the best that is published`;
    case 'noVideo':
      return 'nothing: nothing is published';
    case 'bandwidth':
      return `${what}: not enough bandwidth, the next step takes ${rate(nextStepBps)} more`;
    case 'margin':
      return `${what}: waiting until there is room to spare for the next step of ${rate(nextStepBps)}`;
  }
}

/** E.g. `m 360p15 310 kb/s`; the rid is left out when there is none. */
export function describeLayer(layer: LayerOption): string {
  const fps = layer.framesPerSecond > 0 ? Math.round(layer.framesPerSecond) : '';
  const name = layer.rid === '' ? '' : `${layer.rid} `;
  return `${name}${layer.height}p${fps} ${rate(layer.bitrateBps)}`;
}

function rate(bps: number): string {
  if (bps === Number.POSITIVE_INFINITY) return 'unlimited';
  return bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mb/s` : `${Math.round(bps / 1e3)} kb/s`;
}
