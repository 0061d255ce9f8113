/** Redundant audio (RFC 2198): `parseRed`, and what is written of it again. */
import { parseRed, RedBlocks, writeRedHeaders } from '../../../mmr/media/rtp/red.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

const blocks = new RedBlocks();
const scratch = new Uint8Array(64);

export const redTarget: FuzzTarget = {
  name: 'red',
  runs: 60_000,
  maxSize: 1500,
  readsPerByte: 2,
  run(bytes, offset, size) {
    if (!parseRed(bytes, offset, size, blocks)) return undefined;
    let at = offset + blocks.headerSize;
    for (let i = 0; i < blocks.count; i++) {
      hold(isUint(blocks.payloadTypes[i] ?? -1, 7), 'payload type');
      hold(isUint(blocks.timestampOffsets[i] ?? -1, 14), 'timestamp offset');
      hold(blocks.offsets[i] === at, 'blocks follow each other');
      at += blocks.sizes[i] ?? 0;
    }
    hold(blocks.primaryOffset === at && blocks.primarySize > 0, 'the primary block is last');
    hold(at + blocks.primarySize === offset + size, 'the blocks fill the payload');
    hold(writeRedHeaders(scratch, 0, blocks, 96) === blocks.headerSize, 'headers keep their size');
    const { count, payloadTypes, timestampOffsets, sizes, primaryPayloadType, primaryOffset, primarySize } = blocks;
    const redundant = [payloadTypes, timestampOffsets, sizes].map((column) => [...column.subarray(0, count)]);
    return [redundant, primaryPayloadType, primaryOffset - offset, primarySize];
  },
};
