/** From packets as they arrive to frames that can be decoded. */
import { describe, expect, test } from 'vitest';
import { packetizeVp8, VP8 } from '../payload/vp8.ts';
import { FrameAssembler, type VideoPacket } from './frame-assembler.ts';
import { FreezeMeter } from './freeze-meter.ts';
import { KeyFrameRequests } from './key-frame-requests.ts';
import { PacketOrder } from './packet-order.ts';

describe('order', () => {
  const play = (arrivals: readonly (readonly [atMs: number, sequence: number])[]): string => {
    const order = new PacketOrder<number>();
    return arrivals
      .map(([atMs, sequence]) =>
        order
          .push(atMs, sequence, sequence)
          .map(({ packet, isAfterGap }) => `${isAfterGap ? '!' : ''}${packet}`)
          .join(),
      )
      .join(' ');
  };

  test.each<[string, [number, number][], string]>([
    [
      'in order',
      [
        [0, 5],
        [1, 6],
        [2, 7],
      ],
      '5 6 7',
    ],
    [
      'overtaken',
      [
        [0, 5],
        [1, 7],
        [2, 6],
      ],
      '5  6,7',
    ],
    [
      'missing for too long',
      [
        [0, 5],
        [1, 7],
        [50, 8],
      ],
      '5  !7,8',
    ],
    [
      'twice, and too late',
      [
        [0, 5],
        [1, 5],
        [2, 6],
        [3, 4],
      ],
      '5  6 ',
    ],
    [
      'begun anew',
      [
        [0, 5],
        [1, 9_000],
        [2, 9_001],
      ],
      '5 !9000 9001',
    ],
  ])('%s', (_, arrivals, expected) => expect(play(arrivals)).toBe(expected));

  test('a hole is given up when many wait, however quickly they came', () => {
    const order = new PacketOrder<number>();
    order.push(0, 1, 1);
    const released = Array.from({ length: 32 }, (_, i) => order.push(0, 3 + i, 3 + i)).flat();
    expect(released.length).toBe(32);
    expect(released[0]).toEqual({ packet: 3, isAfterGap: true });
    expect(order.lost).toBe(1);
  });

  test('a hole at the end of a burst is given up by time alone', () => {
    const order = new PacketOrder<number>();
    order.push(0, 1, 1);
    order.push(0, 3, 3);
    expect(order.poll(39)).toEqual([]);
    expect(order.poll(40)).toEqual([{ packet: 3, isAfterGap: true }]);
  });
});

/** VP8 by a word: `K` key frame, `0`–`2` temporal layer; two packets each. `x` before it: its second packet is lost. */
function play(words: string): { decoded: string; wantsKey: boolean } {
  const assembler = new FrameAssembler();
  let isAfterGap = false;
  let baseIndex = 250;
  const decoded = words.split(' ').map((word, index) => {
    const isLost = word.startsWith('x');
    const kind = word.replace('x', '');
    const temporal = kind === 'K' ? 0 : Number(kind);
    if (temporal === 0) baseIndex = (baseIndex + 1) & 0xff;
    const frame = Uint8Array.from([kind === 'K' ? 0 : 1, index, 3, 4]);
    const about = { pictureId: index, baseIndex, temporal, isLayerSync: false, isDisposable: temporal === 2 };
    const packets = packetizeVp8(frame, about, 8).map((payload, i): VideoPacket => {
      return { payload, marker: i === 1, time: index * 3000, format: VP8, arrivedMs: index };
    });
    const out = packets.map((packet, i) => {
      if (isLost && i === 1) {
        isAfterGap = true;
        return undefined;
      }
      const ordered = { packet, isAfterGap };
      isAfterGap = false;
      return assembler.push(ordered);
    });
    const whole = out.find((each) => each !== undefined);
    if (whole !== undefined) expect(whole.data).toEqual(frame);
    return whole === undefined ? '-' : 'd';
  });
  return { decoded: decoded.join(' '), wantsKey: assembler.wantsKey };
}

describe('frames', () => {
  test.each<[string, string, string, boolean]>([
    ['nothing before a key frame', '0 2 K 0', '- - d d', false],
    ['all of an undisturbed stream', 'K 2 1 2 0 2 1 2', 'd d d d d d d d', false],
    ['a lost top layer costs nothing but itself until the base goes on', 'K 2 x1 2 0 2', 'd d - - d d', false],
    ['a lost base frame needs a key frame', 'K 2 x0 2 1 2 0', 'd d - - - - -', true],
    ['which ends the wait', 'K x0 2 0 K 2 0', 'd - - - d d d', false],
    ['a lost key frame', 'x K 0 xK 0 2 K', '- d d - - - d', false],
  ])('%s', (_, words, decoded, wantsKey) => {
    const read = words.replace('x K', 'xK K').split(' ').slice(0, decoded.split(' ').length).join(' ');
    expect(play(read)).toEqual({ decoded, wantsKey });
  });

  test('a slot into which nothing comes wants no key frame, and a decoder that broke does', () => {
    const assembler = new FrameAssembler();
    expect(assembler.wantsKey).toBe(false);
    const payloads = packetizeVp8(
      Uint8Array.of(0, 1),
      { pictureId: 1, baseIndex: 1, temporal: 0, isLayerSync: false, isDisposable: false },
      100,
    );
    const [payload = new Uint8Array(0)] = payloads;
    const packet = { payload, marker: true, time: 0, format: VP8, arrivedMs: 0 };
    expect(assembler.push({ packet, isAfterGap: false })?.isKey).toBe(true);
    expect(assembler.wantsKey).toBe(false);
    assembler.reset();
    expect(assembler.wantsKey).toBe(true);
  });

  test('padding between frames is no frame and no loss', () => {
    const assembler = new FrameAssembler();
    const packet = { payload: new Uint8Array(0), marker: false, time: 0, format: VP8, arrivedMs: 0 };
    expect(assembler.push({ packet, isAfterGap: false })).toBeUndefined();
    expect(assembler.wantsKey).toBe(false);
  });
});

test('key frames are asked for at once, then ever less often, and at once the next time', () => {
  const requests = new KeyFrameRequests();
  const asked = Array.from({ length: 100 }, (_, i) => i * 100).filter((ms) => requests.poll(ms, true));
  expect(asked).toEqual([0, 500, 1_500, 3_500, 7_500]);
  expect(requests.poll(20_000, false)).toBe(false);
  expect([20_100, 20_500, 20_600].map((ms) => requests.poll(ms, true))).toEqual([true, false, true]);
});

test('a pause among even pictures is a freeze, slow pictures are none', () => {
  const meter = new FreezeMeter();
  for (let ms = 0; ms <= 3_000; ms += 40) meter.handleShown(ms);
  meter.handleShown(4_000);
  expect([meter.count, meter.seconds]).toEqual([1, 1]);
  const slow = new FreezeMeter();
  for (let ms = 0; ms <= 6_000; ms += 160) slow.handleShown(ms);
  expect(slow.count).toBe(0);
  expect(slow.framesPerSecond).toBeLessThan(15);
});
