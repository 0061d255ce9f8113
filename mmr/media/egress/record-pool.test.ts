import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EGRESS_FLUSH_BYTES, EGRESS_RING_BYTES } from './egress-plan.ts';
import { PacerLab } from './pacer-test-lab.ts';

/** 1000 bytes each millisecond. */
const RATE = 8e6;

describe('header blocks', () => {
  test('that are empty cannot be overwritten', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 8; i++) lab.send(1, 7, { block: false, patch: 0 });
    lab.send(1, 8);
    lab.advance(30);
    expect(lab.take()).toHaveLength(9);
  });

  test('of the part that ends with the flush are kept', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 20; i++) lab.send(1, 7, { inRing: false });
    lab.flush();
    lab.plan.side.fill(0xff, 0, EGRESS_FLUSH_BYTES);
    lab.advance(30);
    expect(lab.take().map(({ block }) => block[7])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('that the ring has overwritten take their packets along', () => {
    const lab = new PacerLab().open(1, RATE);
    for (let i = 0; i < 20; i++) lab.send(1, 7);
    lab.flush();
    for (let written = 0; written <= EGRESS_RING_BYTES; written += 1024) {
      lab.plan.openBlock(1024);
      lab.plan.closeBlock(1024);
    }
    lab.advance(30);
    expect(lab.take()).toHaveLength(6);
    expect(lab.gate.overwritten).toBe(14);
  });

  test('ring: blocks are whole, and alive exactly until the ring has gone round', () => {
    const { plan } = new PacerLab();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        plan.clear();
        const blocks: { mark: number; from: number; end: number }[] = [];
        for (const size of sizes) {
          if (!plan.hasRoom(0, size)) plan.clear();
          const from = plan.openBlock(size);
          plan.closeBlock(size);
          expect(from).toBeGreaterThanOrEqual(EGRESS_FLUSH_BYTES);
          expect(from + size).toBeLessThanOrEqual(EGRESS_FLUSH_BYTES + EGRESS_RING_BYTES);
          // Whoever is still called alive does not overlap with the new one.
          for (const block of blocks.filter(({ mark }) => plan.hasBlock(mark))) {
            expect(block.end <= from || block.from >= from + size).toBe(true);
          }
          const mark = plan.blockMark(from);
          expect(plan.hasBlock(mark)).toBe(true);
          blocks.push({ mark, from, end: from + size });
        }
      }),
    );
  });
});
