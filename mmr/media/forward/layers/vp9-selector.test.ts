/** The rules for VP9, told packet by packet: what the publisher sends, what a receiver with a wish gets of it. */
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../rtp/from-hex.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { Layer } from './layer.ts';
import { incoming, LAB_EXTENSIONS, LabSlot } from './layer-test-lab.ts';
import { makeLayerReader } from './make-layer-reader.ts';

interface Vp9Packet {
  readonly picture: number;
  readonly spatial: number;
  readonly temporal: number;
  /** P: refers to earlier pictures. D: refers to the layer below. */
  readonly inter?: boolean;
  readonly interLayer?: boolean;
  readonly up?: boolean;
  readonly starts?: boolean;
  readonly ends?: boolean;
  readonly marker?: boolean;
  /** N_S + 1, told with the packet. */
  readonly layers?: number;
  /** P_DIFFs: flexible mode; else non-flexible, with TL0PICIDX. */
  readonly references?: readonly number[];
}

function packet(index: number, lab: Vp9Packet): IncomingPacket {
  const { picture, spatial, temporal, references, layers } = lab;
  const { inter = true, interLayer = spatial > 0, up = true, starts = true, ends = true, marker = false } = lab;
  const flags = [true, inter, true, references !== undefined, starts, ends, layers !== undefined, false];
  const first = flags.reduce((byte, flag, at) => byte | (flag ? 0x80 >> at : 0), 0);
  const payload = [first, 0x80 | (picture >> 8), picture & 0xff];
  payload.push((temporal << 5) | (up ? 0x10 : 0) | (spatial << 1) | (interLayer ? 1 : 0));
  if (references === undefined) payload.push((picture >> 2) & 0xff);
  else if (inter) payload.push(...references.map((diff, at) => (diff << 1) | (at < references.length - 1 ? 1 : 0)));
  // Sizes, and the group of three temporal layers as libwebrtc tells it in non-flexible mode.
  if (layers !== undefined) {
    payload.push(((layers - 1) << 5) | 0x10 | (references === undefined ? 0x08 : 0));
    for (let layer = 0; layer < layers; layer++)
      payload.push(...fromHex(['014000b4', '02800168', '050002d0'][layer] ?? ''));
    if (references === undefined) payload.push(...fromHex('04 1404 5401 3402 5401'));
  }
  payload.push(0xaa);
  return incoming({ index, timestamp: picture * 3000, marker, payload: Uint8Array.from(payload) });
}

/** Pictures in the order 0 2 1 2, each with `spatial` layers; the first is a key picture. */
function stream(pictures: number, spatial: number, change: (lab: Vp9Packet) => Partial<Vp9Packet> = () => ({})) {
  const packets: Vp9Packet[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    for (let layer = 0; layer < spatial; layer++) {
      const temporal = [0, 2, 1, 2][picture % 4] as number;
      const isKey = picture === 0;
      const lab: Vp9Packet = {
        picture,
        spatial: layer,
        temporal,
        inter: !isKey,
        interLayer: layer > 0,
        marker: layer === spatial - 1,
        ...(isKey && layer === 0 ? { layers: spatial } : {}),
      };
      packets.push({ ...lab, ...change(lab) });
    }
  }
  return packets;
}

/** What a receiver gets: picture.spatial, with `*` where the marker is. */
function play(packets: readonly Vp9Packet[], first: Layer, changes: Readonly<Record<number, Layer>> = {}): string {
  const reader = makeLayerReader('VP9');
  const slot = new LabSlot(reader, first);
  return packets
    .flatMap((lab, index) => {
      slot.wish = changes[lab.picture] ?? slot.wish;
      const read = packet(index, lab);
      expect(reader.read(read, LAB_EXTENSIONS)).toBe(true);
      if (!slot.handle(read)) return [];
      return `${lab.picture}.${lab.spatial}${slot.selector.endsPicture(read.frame, read.header.marker) ? '*' : ''}`;
    })
    .join(' ');
}

const layer = (spatial: number, temporal: number): Layer => ({ spatial, temporal });

describe('a fixed target', () => {
  test.each([
    [layer(2, 2), '0.0 0.1 0.2* 1.0 1.1 1.2* 2.0 2.1 2.2* 3.0 3.1 3.2* 4.0 4.1 4.2*'],
    [layer(7, 7), '0.0 0.1 0.2* 1.0 1.1 1.2* 2.0 2.1 2.2* 3.0 3.1 3.2* 4.0 4.1 4.2*'],
    [layer(1, 2), '0.0 0.1* 1.0 1.1* 2.0 2.1* 3.0 3.1* 4.0 4.1*'],
    [layer(1, 1), '0.0 0.1* 2.0 2.1* 4.0 4.1*'],
    [layer(0, 2), '0.0* 1.0* 2.0* 3.0* 4.0*'],
    [layer(0, 0), '0.0* 4.0*'],
    [layer(2, 0), '0.0 0.1 0.2* 4.0 4.1 4.2*'],
  ])('%o', (target, expected) => {
    expect(play(stream(5, 3), target)).toBe(expected);
  });

  test('begins with a key picture, at its base layer', () => {
    const [, ...rest] = stream(3, 2);
    expect(play(rest, layer(1, 2))).toBe('');
    expect(play([...rest, ...stream(1, 2).map((lab) => ({ ...lab, picture: 8 }))], layer(1, 2))).toBe('8.0 8.1*');
  });
});

describe('down: at the next picture, without a key frame', () => {
  test.each([
    [layer(1, 2), '0.0 0.1 0.2* 1.0 1.1 1.2* 2.0 2.1* 3.0 3.1*'],
    [layer(0, 2), '0.0 0.1 0.2* 1.0 1.1 1.2* 2.0* 3.0*'],
    [layer(0, 0), '0.0 0.1 0.2* 1.0 1.1 1.2* '],
    [layer(2, 0), '0.0 0.1 0.2* 1.0 1.1 1.2* '],
  ])('to %o', (target, expected) => {
    expect(play(stream(4, 3), layer(2, 2), { 2: target })).toBe(expected.trim());
  });

  test('not in the middle of a picture: the wish at 1.1 waits for picture 2', () => {
    const reader = makeLayerReader('VP9');
    const slot = new LabSlot(reader, layer(2, 2));
    const kept = stream(3, 3).map((lab, index) => {
      if (index === 4) slot.wish = layer(0, 2);
      const read = packet(index, lab);
      reader.read(read, LAB_EXTENSIONS);
      return slot.handle(read);
    });
    expect(kept).toEqual([true, true, true, true, true, true, true, false, false]);
  });
});

describe('up temporally: with a switching-up point among the pictures the receiver gets', () => {
  test('at the next base picture', () => {
    const expected = '0.0* 4.0* 5.0* 6.0* 7.0* 8.0*';
    expect(play(stream(9, 1), layer(0, 0), { 1: layer(0, 2) })).toBe(expected);
  });

  test('from the middle layer at a picture of either', () => {
    expect(play(stream(5, 1), layer(0, 1), { 1: layer(0, 2) })).toBe('0.0* 2.0* 3.0* 4.0*');
  });

  test('never where U is not set', () => {
    const packets = stream(9, 1, ({ picture }) => ({ up: picture === 8 }));
    expect(play(packets, layer(0, 0), { 1: layer(0, 2) })).toBe('0.0* 4.0* 8.0*');
  });

  test('at any picture when there is no higher layer', () => {
    const packets = stream(4, 1, () => ({ temporal: 0, layers: undefined as never, references: [1], up: false }));
    const [first, ...rest] = packets;
    expect(
      play([{ ...(first as Vp9Packet), references: [], layers: 1 }, ...rest], layer(0, 0), { 1: layer(0, 2) }),
    ).toBe('0.0* 1.0* 2.0* 3.0*');
  });
});

describe('up spatially', () => {
  test('at the next key picture, and the lower picture goes on until then', () => {
    const key = stream(1, 3).map((lab) => ({ ...lab, picture: 5 }));
    const packets = [...stream(5, 3), ...key];
    const expected = '0.0* 1.0* 2.0* 3.0* 4.0* 5.0 5.1 5.2*';
    expect(play(packets, layer(0, 2), { 2: layer(2, 2) })).toBe(expected);
  });

  test('not at an upper layer that the publisher takes back without a key picture: its picture has gone out', () => {
    const packets = stream(3, 2, ({ picture, spatial }) => (spatial === 1 && picture === 1 ? { inter: false } : {}));
    expect(play(packets, layer(0, 2), { 1: layer(1, 2) })).toBe('0.0* 1.0* 2.0*');
  });

  test('at once while the publisher does not send the upper layer; so it is there when it comes', () => {
    // Picture 1 says that there is one layer, picture 3 that there are two again: its upper layer depends on the lower.
    const packets = stream(5, 2, ({ picture, spatial }) => {
      if (spatial === 1) return picture === 3 ? { inter: false } : {};
      if (picture === 1) return { layers: 1, marker: true };
      if (picture === 2) return { marker: true };
      return picture === 3 ? { layers: 2 } : {};
    }).filter(({ picture, spatial }) => spatial === 0 || picture === 0 || picture > 2);
    expect(play(packets, layer(0, 2), { 2: layer(1, 2) })).toBe('0.0* 1.0* 2.0* 3.0 3.1* 4.0 4.1*');
  });
});

describe('_KEY modes: lower layers go along, so that down never waits', () => {
  const packets = stream(6, 3, ({ picture }) => (picture > 0 ? { interLayer: false } : {}));

  test('all of them', () => {
    expect(play(packets, layer(2, 0))).toBe('0.0 0.1 0.2* 4.0 4.1 4.2*');
  });

  test('down to the middle layer at the next picture', () => {
    expect(play(packets, layer(2, 2), { 3: layer(1, 2) })).toMatch(/2\.2\* 3\.0 3\.1\* 4\.0 4\.1\* /);
  });
});

describe('layers that are there', () => {
  test('by the structure at once; by absence after two seconds of pictures', () => {
    const reader = makeLayerReader('VP9');
    let index = 0;
    const feed = (lab: Vp9Packet) => reader.read(packet(index++, lab), LAB_EXTENSIONS);
    for (const lab of stream(2, 3)) feed(lab);
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([3, 3]);
    for (let picture = 2; picture < 62; picture++) feed({ picture, spatial: 0, temporal: 0 });
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([3, 3]);
    for (let picture = 62; picture < 64; picture++) feed({ picture, spatial: 0, temporal: 0 });
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([1, 1]);
    feed({ picture: 64, spatial: 1, temporal: 1 });
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([2, 2]);
    feed({ picture: 65, spatial: 0, temporal: 0, layers: 1 });
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([1, 3]);
    expect([0, 1].map((spatial) => reader.height(spatial))).toEqual([180, undefined]);
  });
});

test('what a late packet says of the layers does not count any more', () => {
  const reader = makeLayerReader('VP9');
  const sent = stream(3, 3, ({ picture, spatial }) => (picture === 1 && spatial === 0 ? { layers: 1 } : {}));
  const packets = sent
    .filter(({ picture, spatial }) => picture === 0 || spatial === 0)
    .map((lab, at) => packet(at, lab));
  const [key, middle, upper, ...rest] = packets as [IncomingPacket, IncomingPacket, ...IncomingPacket[]];
  for (const read of [middle, ...rest]) reader.read(read, LAB_EXTENSIONS);
  for (const late of [key, upper]) reader.read(late as IncomingPacket, LAB_EXTENSIONS);
  expect(reader.spatialLayers).toBe(1);
  expect([reader.height(0), reader.height(1)]).toEqual([180, undefined]);
});

test('without layer indices everything is one layer', () => {
  const reader = makeLayerReader('VP9');
  const read = incoming({ index: 1, timestamp: 0, marker: true, payload: fromHex('8c 8001 00') });
  expect(reader.read(read, LAB_EXTENSIONS)).toBe(true);
  expect(read.frame).toMatchObject({ spatial: 0, temporal: 0, isKeyframe: true, pictureId: 1, pictureIdOffset: 1 });
  expect(read.frame.temporalLayerZeroIndexOffset).toBe(-1);
});

test.each([
  ['start of a frame without layers', '88 8001 00', true],
  ['base layer', 'a8 01 00 00 00', true],
  ['upper layer of a key picture', 'a8 01 03 00 00', false],
  ['predicted from another picture', 'c8 01 00', false],
  ['continuation', '80 01 00', false],
  ['with a scalability structure', '8a 01 18 0280 0168 01 04 01 00', true],
])('a key frame starts: %s', (_, hex, isKeyframe) => {
  const read = incoming({ index: 1, timestamp: 0, marker: false, payload: fromHex(hex) });
  expect(makeLayerReader('VP9').read(read, LAB_EXTENSIONS)).toBe(true);
  expect(read.frame.isKeyframe).toBe(isKeyframe);
});

test('a late key picture is one; a late start of an upper layer starts no picture', () => {
  const reader = makeLayerReader('VP9');
  const [base, upper, ...rest] = stream(3, 2).map((lab, index) => packet(index, lab));
  for (const later of rest) reader.read(later, LAB_EXTENSIONS);
  for (const [late, starts] of [
    [base, true],
    [upper, false],
  ] as const) {
    expect(reader.read(late as IncomingPacket, LAB_EXTENSIONS)).toBe(true);
    expect(late?.frame.startsPicture).toBe(starts);
    expect(late?.frame.isKeyframe).toBe(starts);
  }
});
