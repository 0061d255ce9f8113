import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamFrames } from '../../common/stream-frames.ts';
import { MAX_PACKET_BYTES, tcpFrame, tcpFrameSize } from './tcp-frames.ts';

function packetsOf(chunks: readonly Uint8Array[]): { packets: Buffer[]; isIce: boolean } {
  const frames = new StreamFrames(tcpFrameSize);
  const packets: Buffer[] = [];
  let isIce = true;
  for (const chunk of chunks) {
    isIce &&= frames.push(chunk, (bytes, offset, size) => {
      packets.push(Buffer.from(bytes.slice(offset + 2, offset + size)));
      return true;
    });
  }
  return { packets, isIce };
}

/** `all` in pieces of the sizes that `cuts` gives. */
function cut(all: Uint8Array, cuts: Iterator<number>): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < all.length; ) {
    const next = at + (cuts.next().value as number);
    chunks.push(all.subarray(at, next));
    at = next;
  }
  return chunks;
}

describe('packets in a TCP connection', () => {
  test('have their length before them, in network order', () => {
    expect(tcpFrame(new Uint8Array(258).fill(7)).subarray(0, 4)).toEqual(Buffer.of(1, 2, 7, 7));
    expect(tcpFrame(new Uint8Array(0))).toEqual(Buffer.of(0, 0));
  });

  test('come out as they went in, wherever the stream is cut and joined', () => {
    const packets = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(packets, cuts, (sent, sizes) => {
        const result = packetsOf(cut(Buffer.concat(sent.map(tcpFrame)), sizes));
        expect(result).toEqual({ isIce: true, packets: sent.map((packet) => Buffer.from(packet)) });
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  test('byte by byte', () => {
    const all = Buffer.concat([tcpFrame(Buffer.from('one')), tcpFrame(Buffer.alloc(0)), tcpFrame(Buffer.from('two'))]);
    const { packets } = packetsOf([...all].map((byte) => Uint8Array.of(byte)));
    expect(packets.map(String)).toEqual(['one', '', 'two']);
  });

  test('the longest that is taken, and one byte more', () => {
    const longest = new Uint8Array(MAX_PACKET_BYTES).fill(9);
    expect(packetsOf([tcpFrame(longest)])).toMatchObject({ isIce: true, packets: [Buffer.from(longest)] });
    // Told by its length alone: nothing of it is kept.
    const tooLong = tcpFrame(new Uint8Array(MAX_PACKET_BYTES + 1)).subarray(0, 2);
    expect(packetsOf([tcpFrame(longest), tooLong])).toMatchObject({ isIce: false, packets: [Buffer.from(longest)] });
  });

  test.each([
    ['TLS', Buffer.of(0x16, 3, 1)],
    ['HTTP', Buffer.from('GET / HTTP/1.1')],
    ['SSH', Buffer.from('SSH-2.0-x')],
  ])('%s is none', (_, bytes) => {
    expect(packetsOf([bytes]).isIce).toBe(false);
  });

  test('bytes of any kind in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        for (const packet of packetsOf(chunks).packets) expect(packet.length).toBeLessThanOrEqual(MAX_PACKET_BYTES);
      }),
      { seed: 20261122, numRuns: 3000 },
    );
  });
});
