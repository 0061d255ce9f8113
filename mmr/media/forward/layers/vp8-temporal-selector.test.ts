/** The rules for VP8, told picture by picture. */
import { describe, expect, test } from 'vitest';
import { L1T3, labDescriptor } from '../../rtp/dependency-descriptor-test-lab.ts';
import { fromHex } from '../../rtp/from-hex.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { Layer } from './layer.ts';
import { incoming, LAB_EXTENSIONS, LabSlot } from './layer-test-lab.ts';
import { Vp8Reader } from './vp8-reader.ts';

/** `T` and the layer, `y` for Y, `n` for N; `K` is a key frame, `.` the second packet of the frame before. */
function packets(pattern: string): IncomingPacket[] {
  let picture = 0;
  return pattern.split(' ').map((word, index) => {
    const starts = word !== '.';
    if (starts) picture++;
    const temporal = word === 'K' || !starts ? 0 : Number(word[1]);
    const ends = pattern.split(' ')[index + 1] !== '.';
    const first = 0x80 | (word.includes('n') ? 0x20 : 0) | (starts ? 0x10 : 0);
    const last = (temporal << 6) | (word.includes('y') || word === 'K' ? 0x20 : 0);
    // Ten bytes of a key frame's header, 640 x 360.
    const frame = word === 'K' ? [0x50, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01] : [0x51];
    const payload = Uint8Array.from([first, 0xe0, 0x80, picture, 7, last, ...frame]);
    return incoming({ index, timestamp: picture * 3000, marker: ends, payload });
  });
}

/** One letter per packet: whether the receiver gets it. The wish changes with packet `at`. */
function play(pattern: string, first: number, at = -1, wish = first): string {
  const reader = new Vp8Reader();
  const layer = (temporal: number): Layer => ({ spatial: 0, temporal });
  const slot = new LabSlot(reader, layer(first));
  return packets(pattern)
    .map((packet, index) => {
      if (index === at) slot.wish = layer(wish);
      expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
      const kept = slot.handle(packet);
      if (kept) expect(slot.selector.endsPicture(packet.frame, packet.header.marker)).toBe(packet.header.marker);
      return kept ? 'x' : '-';
    })
    .join('');
}

/** libvpx: the top layer is nobody's reference, the middle one refers to itself but for a sync frame each eight. */
const LIBVPX = 'K T2yn T1y T2n T0 T2n T1 T2n T0 T2yn T1y T2n T0 T2n T1 T2n';
/** libvpx with two layers: every second frame of T1 is nobody's reference, but refers to the T1 frame before. */
const LIBVPX_TWO = 'K T1y T0 T1n T0 T1y T0 T1n T0 T1y T0 T1n';
/** Its short pattern of three: of two T2 frames, the second is nobody's reference and refers to the first. */
const LIBVPX_SHORT = 'K T2y T1y T2n T0 T2y T1y T2n T0 T2y T1y T2n';
/** An encoder whose top layer refers to itself. */
const CHAINED = 'K T2y T1y T2 T0 T2 T1 T2 T0 T2y T1y T2 T0 T2y T1 T2';

describe('a fixed target', () => {
  test.each([
    [2, 'xxxxxxxxxxxxxxxx'],
    [7, 'xxxxxxxxxxxxxxxx'],
    [1, 'x-x-x-x-x-x-x-x-'],
    [0, 'x---x---x---x---'],
  ])('%i', (temporal, expected) => {
    expect(play(LIBVPX, temporal)).toBe(expected);
  });

  test('all packets of a frame go the way of the first', () => {
    expect(play('K . T1 T0 . T1', 0)).toBe('xx-xx-');
  });

  test('begins with the first packet of a key frame', () => {
    expect(play('T0 T1y . K . T1', 1)).toBe('---xxx');
  });
});

describe('down at the next frame', () => {
  test.each([
    [1, 'xxx-x-x-x-x-x-x-'],
    [0, 'xxx-x---x---x---'],
  ])('to %i', (temporal, expected) => {
    expect(play(LIBVPX, 2, 3, temporal)).toBe(expected);
  });

  test('not between the packets of one', () => {
    expect(play('K T1y . T0 T1', 1, 2, 0)).toBe('xxxx-');
  });
});

describe('up', () => {
  test('to a layer that is nobody’s reference at any frame', () => {
    expect(play(LIBVPX, 1, 5, 2)).toBe('x-x-xxxxxxxxxxxx');
  });

  test('to the middle layer at its sync frame', () => {
    expect(play(LIBVPX, 0, 5, 1)).toBe('x---x---x-x-x-x-');
  });

  test('by two layers at the sync frame of the middle one, when the top is nobody’s reference', () => {
    expect(play(LIBVPX, 0, 5, 2)).toBe('x---x---x-xxxxxx');
  });

  test('to a top layer that refers to itself, at its own sync frame', () => {
    expect(play(CHAINED, 1, 5, 2)).toBe('x-x-x-x-xxxxxxxx');
  });

  test('by two such layers only at a key frame: between them the receiver would have a gap', () => {
    expect(play(`${CHAINED} K T2y`, 0, 5, 2)).toBe('x---x---x---x---xx');
  });

  test.each([2, 3, 4])('not at a frame that is nobody’s reference, but refers to its own layer; wished at %i', (at) => {
    expect(play(LIBVPX_TWO, 0, at, 1)).toBe('x-x-xxxxxxxx');
  });

  test.each([3, 4])('not to such a layer above the next; wished at %i', (at) => {
    expect(play(LIBVPX_SHORT, 1, at, 2)).toBe('x-x-xxxxxxxx');
    expect(play(`${LIBVPX_SHORT} K T2y`, 0, at, 2)).toBe('x---x---x---xx');
  });

  test('behind a key frame to whatever layer has had no frame since', () => {
    expect(play(`${LIBVPX_TWO} K T0 T1y T0 T1n`, 0, 13, 1)).toBe('x-x-x-x-x-x-xxxxx');
  });

  test('a key frame that comes late says nothing of the frames behind it', () => {
    const reader = new Vp8Reader();
    const slot = new LabSlot(reader, { spatial: 0, temporal: 0 });
    const sent = packets('K T0 K T1y T0 T1n T0 T1y');
    const order = [0, 1, 3, 2, 4, 5, 6, 7].map((at) => sent[at] as IncomingPacket);
    const kept = order.map((packet) => {
      if (packet.index === 4) slot.wish = { spatial: 0, temporal: 1 };
      reader.read(packet, LAB_EXTENSIONS);
      return slot.handle(packet) ? packet.index : '-';
    });
    expect(kept).toEqual([0, 1, '-', 2, 4, '-', 6, 7]);
  });

  test('while there are no higher layers, at any frame', () => {
    expect(play('K T0 T0 T0', 0, 1, 2)).toBe('xxxx');
  });
});

describe('layers and size', () => {
  test('temporal layers as they are seen, height of the key frame', () => {
    const reader = new Vp8Reader();
    expect([reader.spatialLayers, reader.temporalLayers, reader.height(0)]).toEqual([1, 1, undefined]);
    for (const packet of packets('K T2n T1y')) reader.read(packet, LAB_EXTENSIONS);
    expect([reader.spatialLayers, reader.temporalLayers, reader.height(0), reader.height(1)]).toEqual([
      1,
      3,
      360,
      undefined,
    ]);
  });

  test('places of the numbers', () => {
    const [packet] = packets('K') as [IncomingPacket];
    new Vp8Reader().read(packet, LAB_EXTENSIONS);
    expect(packet.frame).toMatchObject({ pictureId: 1, pictureIdBits: 15, pictureIdOffset: 2 });
    expect(packet.frame).toMatchObject({ temporalLayerZeroIndex: 7, temporalLayerZeroIndexOffset: 4 });
  });

  test.each([
    ['first packet of a key frame', '10 50 9d012a', true],
    ['behind a full descriptor', '90 f0 8123 45 a7 00', true],
    ['inter frame', '10 51', false],
    ['continuation of a key frame', '00 50', false],
    ['second partition', '11 50', false],
  ])('a key frame starts: %s', (_, hex, isKeyframe) => {
    const packet = incoming({ index: 0, timestamp: 0, marker: false, payload: fromHex(hex) });
    expect(new Vp8Reader().read(packet, LAB_EXTENSIONS)).toBe(true);
    expect(packet.frame.isKeyframe).toBe(isKeyframe);
  });

  test('a cut descriptor is malformed', () => {
    const packet = incoming({ index: 0, timestamp: 0, marker: true, payload: Uint8Array.of(0x90, 0xe0, 0x80) });
    expect(new Vp8Reader().read(packet, LAB_EXTENSIONS)).toBe(false);
  });
});

describe('layers told by the dependency descriptor alone', () => {
  const sent = (frameNumber: number, templateId: number) =>
    incoming({
      index: frameNumber,
      timestamp: frameNumber * 3000,
      marker: true,
      payload: Uint8Array.of(0x10, frameNumber === 1 ? 0x50 : 0x51, 0),
      descriptor: labDescriptor({ templateId, frameNumber, structure: frameNumber === 1 ? L1T3 : undefined }),
    });

  test('thinned, and up again behind a base frame', () => {
    const reader = new Vp8Reader();
    const slot = new LabSlot(reader, { spatial: 0, temporal: 0 });
    const kept = [0, 3, 2, 4, 1, 3, 2, 4, 1, 3].map((templateId, at) => {
      if (at === 1) slot.wish = { spatial: 0, temporal: 2 };
      const packet = sent(at + 1, templateId);
      expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
      return slot.handle(packet) ? 'x' : '-';
    });
    // The key frame lets switch to everything, so the frame behind it may be the first.
    expect(kept.join('')).toBe('xxxxxxxxxx');
    expect(reader.temporalLayers).toBe(3);
  });

  test('up waits for a frame that lets switch', () => {
    const reader = new Vp8Reader();
    const slot = new LabSlot(reader, { spatial: 0, temporal: 0 });
    const kept = [0, 3, 2, 4, 1, 3, 2].map((templateId, at) => {
      if (at === 2) slot.wish = { spatial: 0, temporal: 2 };
      const packet = sent(at + 1, templateId);
      reader.read(packet, LAB_EXTENSIONS);
      return slot.handle(packet) ? 'x' : '-';
    });
    expect(kept.join('')).toBe('x---xxx');
  });
});
