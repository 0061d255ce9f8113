import { describe, expect, test } from 'vitest';
import { L1T3, labDescriptor } from '../../rtp/dependency-descriptor-test-lab.ts';
import { fromHex } from '../../rtp/from-hex.ts';
import { H264Reader } from './h264-reader.ts';
import { incoming, LAB_EXTENSIONS, LabSlot } from './layer-test-lab.ts';

/** As OpenH264 writes it. */
const SPS_640_360 = '67 42c01f8c8d705017fcb350606060784423 70';
const PPS = '68 ce3c80';
const IDR = '65 b80004';
const SLICE = '41 9a2d';

test('without a descriptor: one layer, begun by the first parameter set of a key frame', () => {
  const reader = new H264Reader();
  const slot = new LabSlot(reader, { spatial: 0, temporal: 0 });
  const sent: readonly [picture: number, payload: string, marker: boolean][] = [
    [0, SLICE, true],
    [1, SPS_640_360, false],
    [1, PPS, false],
    [1, SPS_640_360, false],
    [1, IDR, true],
    [2, SLICE, true],
  ];
  const seen = sent.map(([picture, payload, marker], index) => {
    const packet = incoming({ index, timestamp: picture * 3000, marker, payload: fromHex(payload) });
    expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
    return `${slot.handle(packet) ? 'x' : '-'}${packet.frame.isKeyframe ? 'K' : ''}${packet.frame.startsFrame ? 'S' : ''}`;
  });
  expect(seen).toEqual(['-S', 'xKS', 'x', 'x', 'x', 'xS']);
  expect(reader.height(0)).toBe(360);
  expect(reader.height(1)).toBeUndefined();
});

test('a key frame’s start that comes late is one still', () => {
  const reader = new H264Reader();
  const read = (index: number, picture: number, payload: string) => {
    const packet = incoming({ index, timestamp: picture * 3000, marker: true, payload: fromHex(payload) });
    reader.read(packet, LAB_EXTENSIONS);
    return packet.frame.isKeyframe;
  };
  expect([read(2, 1, IDR), read(3, 2, SLICE), read(1, 1, SPS_640_360), read(1, 1, SPS_640_360)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

describe('with a dependency descriptor', () => {
  const sent = (index: number, templateId: number, payload: string, structure = false) =>
    incoming({
      index,
      timestamp: index * 3000,
      marker: true,
      payload: fromHex(payload),
      descriptor: labDescriptor({ templateId, frameNumber: index, structure: structure ? L1T3 : undefined }),
    });

  test('temporal layers are left out', () => {
    const reader = new H264Reader();
    const slot = new LabSlot(reader, { spatial: 0, temporal: 1 });
    const kept = [
      sent(0, 0, `78 0013 ${SPS_640_360} 0004 ${PPS}`, true),
      sent(1, 3, SLICE),
      sent(2, 2, SLICE),
      sent(3, 4, SLICE),
      sent(4, 1, SLICE),
    ].map((packet) => {
      expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
      return slot.handle(packet);
    });
    expect(kept).toEqual([true, false, true, false, true]);
    expect(reader.temporalLayers).toBe(3);
    expect(reader.height(0)).toBe(360);
  });

  test('a structure without parameter sets is no key frame: receivers get no descriptor', () => {
    const reader = new H264Reader();
    const packet = sent(0, 0, IDR, true);
    expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
    expect(packet.frame.isKeyframe).toBe(false);
  });
});
