import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamFrames } from '../../common/stream-frames.ts';
import { fromHex } from '../../mmr/media/rtp/from-hex.ts';
import { channelData } from './channel-data.ts';
import { plainMessage } from './core/turn-lab.ts';
import { MAX_FRAME_BYTES, turnFrameSize } from './turn-frames.ts';

const stun = () => plainMessage(0x0001, [(writer) => writer.fingerprint()]);
const data = (size: number) => channelData(0x4000, new Uint8Array(size).fill(size), 0, size, 4);

function frames(chunks: readonly Uint8Array[]): { frames: Uint8Array[]; isTurn: boolean } {
  const cut = new StreamFrames(turnFrameSize);
  const found: Uint8Array[] = [];
  let isTurn = true;
  for (const chunk of chunks) {
    isTurn &&= cut.push(chunk, (bytes, offset, size) => found.push(bytes.slice(offset, offset + size)) > 0);
  }
  return { frames: found, isTurn };
}

describe('frames', () => {
  test('ChannelData is padded by zeros to a multiple of four on streams only', () => {
    expect(channelData(0x4001, fromHex('ff 0a0b0c0d0e ff'), 1, 5, 4)).toEqual(
      Buffer.from(fromHex('40010005 0a0b0c0d 0e000000')),
    );
    expect(channelData(0x4001, fromHex('0a'), 0, 1, 1)).toEqual(Buffer.from(fromHex('40010001 0a')));
  });

  test('come out as they went in, wherever the stream is cut', () => {
    const message = fc.oneof(fc.constant(0).map(stun), fc.nat(1500).map(data));
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 20 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 700 })),
        (sent, cuts) => {
          const all = Buffer.concat(sent);
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < all.length; ) {
            const next = at + (cuts.next().value as number);
            chunks.push(all.subarray(at, next));
            at = next;
          }
          const result = frames(chunks);
          expect(result.isTurn).toBe(true);
          expect(result.frames.map((bytes) => Buffer.from(bytes))).toEqual(sent.map((bytes) => Buffer.from(bytes)));
        },
      ),
      { seed: 20260107, numRuns: 200 },
    );
  });

  test.each([
    ['HTTP/2', Buffer.from('\x05RI * HTTP')],
    ['TLS', fromHex('160301')],
    ['another cookie', fromHex('00010000 2112a443')],
    ['a STUN length of 2', fromHex('00010002')],
    ['a STUN message of 64 KB', fromHex('0001fffc')],
    ['ChannelData of 64 KB', fromHex('4000ffff')],
    ['ChannelData a byte too long', Uint8Array.of(0x40, 0, (MAX_FRAME_BYTES - 3) >>> 8, (MAX_FRAME_BYTES - 3) & 255)],
  ])('%s ends the stream at once', (_, bytes) => {
    expect(frames([data(7), bytes])).toMatchObject({ isTurn: false, frames: [data(7)] });
  });

  test('whoever takes the frames can end it', () => {
    let taken = 0;
    const result = new StreamFrames(turnFrameSize).push(Buffer.concat([data(1), data(2)]), () => ++taken > 1);
    expect([result, taken]).toEqual([false, 1]);
  });

  test('bytes of any kind in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const { frames: found } = frames(chunks);
        for (const frame of found) expect(frame.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
      }),
      { seed: 20260107, numRuns: 3000 },
    );
  });
});
