import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Farewell } from './farewell.ts';
import { FrameEdges } from './frame-edges.ts';

const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

/** A frame of a server, or with a mask as of a client. */
function frame(size: number, isMasked: boolean): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const length = Buffer.alloc(size < 126 ? 0 : size < 65_536 ? 2 : 8);
  if (length.length === 2) length.writeUInt16BE(size);
  if (length.length === 8) length.writeBigUInt64BE(BigInt(size));
  const short = size < 126 ? size : size < 65_536 ? 126 : 127;
  return Buffer.concat([Buffer.of(0x82, mask | short), length, randomBytes(isMasked ? 4 : 0), randomBytes(size)]);
}

/** `bytes` in pieces that end where `cuts` say. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

const sizes = fc.array(fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)), { maxLength: 6 });
const cuts = fc.array(fc.nat(200_000), { maxLength: 20 });

test('an edge is where a frame has ended, wherever the stream is cut', () => {
  fc.assert(
    fc.property(sizes, fc.boolean(), cuts, (lengths, isMasked, at) => {
      const frames = lengths.map((size) => frame(size, isMasked));
      const edges = new FrameEdges();
      const ends = frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length);
      let pushed = 0;
      for (const piece of pieces(Buffer.concat(frames), at)) {
        edges.push(piece);
        pushed += piece.length;
        expect(edges.isAtEdge).toBe(pushed === 0 || ends.includes(pushed));
      }
    }),
    { seed: FUZZ_SEED, numRuns: 300 },
  );
});

test('the last word stands behind a whole frame, and nothing behind it', () => {
  fc.assert(
    fc.property(sizes, cuts, fc.nat(20), (lengths, at, when) => {
      const all = Buffer.concat(lengths.map((size) => frame(size, false)));
      const farewell = new Farewell({ readableHighWaterMark: 1 << 20 });
      const got: Buffer[] = [];
      const parts = pieces(all, at);
      for (const [i, part] of parts.entries()) {
        if (i === Math.min(when, parts.length - 1)) farewell.say(4001);
        farewell.write(part);
        for (let chunk = farewell.read(); chunk !== null; chunk = farewell.read()) got.push(chunk);
      }
      const bytes = Buffer.concat(got);
      const before = bytes.subarray(0, -4);
      expect(bytes.subarray(-4)).toEqual(Buffer.of(0x88, 2, 0x0f, 0xa1));
      expect(before).toEqual(all.subarray(0, before.length));
      const edges = new FrameEdges();
      edges.push(before);
      expect(edges.isAtEdge).toBe(true);
    }),
    { seed: FUZZ_SEED, numRuns: 300 },
  );
});
