/** The rules for streams with dependency descriptors, told frame by frame: what is kept, where one can enter, what is told. */
import { describe, expect, test } from 'vitest';
import { L1T3, L2T1, type LabDescriptor, labDescriptor } from '../../rtp/dependency-descriptor-test-lab.ts';
import { fromHex } from '../../rtp/from-hex.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import { Av1Reader } from './av1-reader.ts';
import type { Layer } from './layer.ts';
import { incoming, LAB_EXTENSIONS, LabSlot } from './layer-test-lab.ts';

interface Av1Packet extends LabDescriptor {
  readonly picture: number;
  readonly marker?: boolean;
  readonly payload?: string;
}

const layer = (spatial: number, temporal = 0): Layer => ({ spatial, temporal });

function packet(
  index: number,
  { picture, marker = false, payload = '10 3000', ...descriptor }: Av1Packet,
): IncomingPacket {
  return incoming({
    index,
    timestamp: picture * 3000,
    marker,
    payload: fromHex(payload),
    descriptor: labDescriptor(descriptor),
  });
}

/** Two spatial layers: a key picture, then pictures of two frames each. */
function twoLayers(pictures: number, first = 0): Av1Packet[] {
  return Array.from({ length: pictures }, (_, at) => at + first).flatMap((picture) => {
    const isKey = picture === first;
    const base = isKey ? { templateId: 10, structure: L2T1 } : { templateId: 11 };
    return [
      { picture, frameNumber: 2 * picture, ...base },
      { picture, frameNumber: 2 * picture + 1, templateId: isKey ? 12 : 13, marker: true },
    ];
  });
}

function play(packets: readonly Av1Packet[], first: Layer, changes: Readonly<Record<number, Layer>> = {}): string {
  const reader = new Av1Reader();
  const slot = new LabSlot(reader, first);
  return packets
    .flatMap((lab, index) => {
      slot.wish = changes[lab.picture] ?? slot.wish;
      const read = packet(index, lab);
      expect(reader.read(read, LAB_EXTENSIONS)).toBe(true);
      if (!slot.handle(read)) return [];
      const { endsPicture, activeDecodeTargets } = slot.selector;
      const marker = endsPicture.call(slot.selector, read.frame, read.header.marker) ? '*' : '';
      return `${lab.frameNumber}${marker}/${activeDecodeTargets?.toString(2)}`;
    })
    .join(' ');
}

describe('spatial layers', () => {
  test('everything: the receiver is told so, for he may have been told otherwise before', () => {
    expect(play(twoLayers(2), layer(1))).toBe('0/11 1*/11 2/11 3*/11');
  });

  test('the base: its last packet ends the picture, and its decode target alone is told', () => {
    expect(play(twoLayers(3), layer(0))).toBe('0*/1 2*/1 4*/1');
  });

  test('down at the next picture', () => {
    expect(play(twoLayers(4), layer(1), { 2: layer(0) })).toBe('0/11 1*/11 2/11 3*/11 4*/1 6*/1');
  });

  test('up at the next key picture; the one before it is the base still', () => {
    const packets = [...twoLayers(3), ...twoLayers(2, 3)];
    expect(play(packets, layer(0), { 1: layer(1) })).toBe('0*/1 2*/1 4*/1 6/11 7*/11 8/11 9*/11');
  });

  test('a key picture lets switch to all, but not one whose upper frame has been left out', () => {
    expect(play(twoLayers(3), layer(0), { 1: layer(1) })).toBe('0*/1 2*/1 4*/1');
  });

  test('nor one of whose upper frame only the end has come', () => {
    const [base, upper, ...rest] = twoLayers(3) as [Av1Packet, Av1Packet, ...Av1Packet[]];
    const packets = [base, { ...upper, startOfFrame: false }, ...rest];
    expect(play(packets, layer(0), { 1: layer(1) })).toBe('0*/1 2*/1 4*/1');
  });

  test('a decode target that the publisher does not send is not told, and does not hold up', () => {
    const [base, upper, ...rest] = twoLayers(3) as [Av1Packet, Av1Packet, ...Av1Packet[]];
    const alone = rest.filter(({ templateId }) => templateId === 11).map((lab) => ({ ...lab, marker: true }));
    const packets: Av1Packet[] = [
      base,
      upper,
      ...alone.map((lab, at) => (at === 0 ? { ...lab, active: [1, 2] as const } : lab)),
    ];
    expect(play(packets, layer(1))).toBe('0/11 1*/11 2*/1 4*/1');
    expect(play(packets, layer(0), { 2: layer(1) })).toBe('0*/1 2*/1 4*/1');
  });
});

test('a target that comes back while the packet that tells so is lost holds up by its frames', () => {
  const [base, upper, ...rest] = twoLayers(2) as [Av1Packet, Av1Packet, ...Av1Packet[]];
  const alone: Av1Packet = { picture: 2, frameNumber: 4, templateId: 11, active: [1, 2], marker: true };
  // The key picture's first packet is lost, its second comes.
  const [key, ...back] = twoLayers(4, 3) as [Av1Packet, ...Av1Packet[]];
  const cut = { ...key, startOfFrame: false, structure: undefined };
  const packets = [base, upper, ...rest, alone, cut, ...back];
  expect(play(packets, layer(0), { 3: layer(1) })).toBe('0*/1 2*/1 4*/1 6*/1 8*/1 10*/1 12*/1');
});

describe('temporal layers', () => {
  const cycle = (from: number, key: boolean): Av1Packet[] =>
    [key ? 0 : 1, 3, 2, 4].map((templateId, at) => ({
      picture: from + at,
      frameNumber: from + at,
      templateId,
      marker: true,
      structure: key && at === 0 ? L1T3 : undefined,
    }));
  const packets = [...cycle(0, true), ...cycle(4, false), ...cycle(8, false)];

  test.each([
    [layer(0, 2), '0 1 2 3 4 5 6 7 8 9 10 11'],
    [layer(0, 1), '0 2 4 6 8 10'],
    [layer(0, 0), '0 4 8'],
  ])('%o', (target, expected) => {
    expect(play(packets, target).replaceAll(/\*\/\d+/g, '')).toBe(expected);
  });

  test('up behind a frame that lets switch and that the receiver has', () => {
    expect(play(packets, layer(0, 0), { 2: layer(0, 2) })).toBe(
      '0*/1 4*/1 5*/111 6*/111 7*/111 8*/111 9*/111 10*/111 11*/111',
    );
    // The middle frame 2 lets switch to the top layer.
    expect(play(packets, layer(0, 1), { 2: layer(0, 2) }).slice(0, 20)).toBe('0*/11 2*/11 3*/111 4');
  });

  test('not by a frame that the receiver has not got', () => {
    // The middle frames let switch to the top layer only whoever has them.
    expect(play(packets.slice(0, 4), layer(0, 0), { 2: layer(0, 2) })).toBe('0*/1');
  });

  test('not behind a picture that got lost', () => {
    const lost = packets.filter(({ frameNumber }) => frameNumber !== 4);
    expect(play(lost, layer(0, 0), { 2: layer(0, 2) })).toBe('0*/1 8*/1 9*/111 10*/111 11*/111');
  });
});

describe('structures', () => {
  test('frames of one that is not known go to everybody: their key frame may still come', () => {
    const [, ...late] = twoLayers(2, 8);
    const other: Av1Packet[] = late.map((lab) => ({ ...lab, templateId: (lab.templateId + 30) % 64 }));
    expect(play([...twoLayers(1), ...other], layer(0))).toBe('0*/1 17*/1 18/1 19*/1');
  });

  test('of fewer decode targets, not known yet: what is said of the active ones is not read by the old one', () => {
    const templates = L1T3.templates.map((one) => ({ ...one, indications: one.indications + one.indications }));
    const structure = { ...L1T3, templates, protectedBy: [0, 0, 0, 0, 0, 0] };
    const reader = new Av1Reader();
    reader.read(packet(0, { picture: 0, frameNumber: 0, templateId: 0, structure }), LAB_EXTENSIONS);
    const other = packet(2, { picture: 2, frameNumber: 2, templateId: 40, active: [1, 1], marker: true });
    expect(reader.read(other, LAB_EXTENSIONS)).toBe(true);
    expect(other.frame.decodeTargets).toBe(-1);
    expect(reader.temporalLayers).toBe(3);
  });

  test('count from a key frame that comes late, too', () => {
    const reader = new Av1Reader();
    const slot = new LabSlot(reader, layer(0));
    const [first, second, third] = [twoLayers(1), twoLayers(1, 1), twoLayers(3, 1).slice(2)];
    const renumbered = (lab: Av1Packet): Av1Packet => ({
      ...lab,
      templateId: lab.templateId + 30,
      structure: lab.structure && { ...lab.structure, templateIdOffset: 40 },
    });
    // The second key frame's first packet is repeated behind the frames that follow it.
    const [start, ...rest] = [...second, ...third].map((lab, at) => ({ index: at + 2, lab: renumbered(lab) }));
    const sent = [...first.map((lab, index) => ({ index, lab })), ...rest.slice(0, 2), start, ...rest.slice(2)];
    const kept = sent.map((one) => {
      const read = packet(one?.index ?? 0, one?.lab as Av1Packet);
      expect(reader.read(read, LAB_EXTENSIONS)).toBe(true);
      return `${one?.lab.frameNumber}${slot.handle(read) ? 'x' : '-'}`;
    });
    expect(kept).toEqual(['0x', '1-', '3x', '4x', '2x', '5-', '6x', '7-']);
  });

  test('of a late key frame are not taken for the present one', () => {
    const reader = new Av1Reader();
    const read = (index: number, lab: Av1Packet) => reader.read(packet(index, lab), LAB_EXTENSIONS);
    const older: Av1Packet = { picture: 0, frameNumber: 0, templateId: 0, structure: L1T3 };
    expect(read(10, { picture: 5, frameNumber: 10, templateId: 10, structure: L2T1 })).toBe(true);
    expect(read(1, older)).toBe(true);
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([2, 1]);
    expect(read(11, { picture: 6, frameNumber: 12, templateId: 11 })).toBe(true);
    expect([reader.height(0), reader.height(1), reader.height(2)]).toEqual([180, 360, undefined]);
  });

  test('with one decode target leave nothing to tell', () => {
    const templates = [{ spatial: 0, temporal: 0, indications: 'S', frameDiffs: [], chainDiffs: [0] }];
    const structure = { templateIdOffset: 0, templates, protectedBy: [0] };
    expect(play([{ picture: 0, frameNumber: 0, templateId: 0, structure, marker: true }], layer(0))).toBe(
      '0*/undefined',
    );
  });

  test('timestamps that jump back do not hide where pictures start', () => {
    const reader = new Av1Reader();
    const slot = new LabSlot(reader, layer(1));
    const starts = twoLayers(4).map((lab, index) => {
      const read = packet(index, lab.picture < 2 ? { ...lab, picture: lab.picture + 1_000_000 } : lab);
      reader.read(read, LAB_EXTENSIONS);
      if (lab.picture === 3) slot.wish = layer(0);
      return `${read.frame.startsPicture ? 'P' : ''}${slot.handle(read) ? 'x' : '-'}`;
    });
    expect(starts.join(' ')).toBe('Px x Px x Px x Px -');
  });

  test('a cut descriptor is malformed', () => {
    const reader = new Av1Reader();
    const descriptor = labDescriptor({ templateId: 10, frameNumber: 1, structure: L2T1 }).slice(0, 7);
    const cut = incoming({ index: 0, timestamp: 0, marker: true, payload: fromHex('10 3000'), descriptor });
    expect(reader.read(cut, LAB_EXTENSIONS)).toBe(false);
  });
});

describe('AV1 without a descriptor', () => {
  const plain = (index: number, picture: number, payload: string, marker: boolean) =>
    incoming({ index, timestamp: picture * 3000, marker, payload: fromHex(payload) });

  test('is one layer, entered at N', () => {
    const reader = new Av1Reader();
    const slot = new LabSlot(reader, layer(2, 2));
    const packets = [
      plain(0, 0, '10 3000', true),
      plain(1, 1, '18 080000', false),
      plain(2, 1, '18 080000', true),
      plain(3, 2, '10 3000', true),
    ];
    const seen = packets.map((read) => {
      expect(reader.read(read, LAB_EXTENSIONS)).toBe(true);
      const { startsPicture, endsFrame, isKeyframe } = read.frame;
      return [slot.handle(read), startsPicture, endsFrame, isKeyframe, slot.selector.activeDecodeTargets];
    });
    expect(seen).toEqual([
      [false, true, true, false, undefined],
      [true, true, false, true, undefined],
      [true, false, true, false, undefined],
      [true, true, true, false, undefined],
    ]);
    expect([reader.spatialLayers, reader.temporalLayers]).toEqual([1, 1]);
  });
});
