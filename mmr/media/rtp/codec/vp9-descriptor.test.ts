import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Vp9RtpPayload } from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { parseVp9Descriptor, Vp9Descriptor } from './vp9-descriptor.ts';

function parse(payload: Uint8Array): Vp9Descriptor | undefined {
  const descriptor = new Vp9Descriptor();
  return parseVp9Descriptor(payload, 0, payload.length, descriptor) ? descriptor : undefined;
}

describe('descriptor', () => {
  test.each<[string, string, Partial<Vp9Descriptor>]>([
    ['minimal', '08 00', { size: 1, startOfFrame: true, endOfFrame: false, pictureId: -1, spatialLayer: -1 }],
    ['7-bit picture id', '80 7f 00', { size: 2, pictureId: 127, pictureIdBits: 7 }],
    ['15-bit picture id', '80 ffff 00', { size: 3, pictureId: 32767, pictureIdBits: 15 }],
    [
      'layers, non-flexible',
      '20 f5 99 00',
      {
        size: 3,
        temporalLayerZeroIndexOffset: 2,
        temporalLayer: 7,
        switchingUpPoint: true,
        spatialLayer: 2,
        interLayerPredicted: true,
        temporalLayerZeroIndex: 0x99,
      },
    ],
    ['layers, flexible', '30 20 00', { size: 2, temporalLayer: 1, spatialLayer: 0, temporalLayerZeroIndex: -1 }],
    ['one reference', '50 02 00', { size: 2, interPicturePredicted: true, flexible: true }],
    ['three references', '50 03 05 06 00', { size: 4, referenceCount: 3, references: Uint8Array.of(1, 2, 3) }],
    ['no references without P', '10 03', { size: 1, referenceCount: 0 }],
    [
      'structure: three layers with sizes',
      `02 50 ${'05000280'.repeat(3)} 00`,
      {
        size: 14,
        structureOffset: 1,
      },
    ],
    ['structure: group of two pictures', '02 08 02 04 01 18 02 02 00', { size: 8 }],
    ['structure: empty group', '02 08 00 00', { size: 3 }],
    ['E and Z', '05 00', { endOfFrame: true }],
  ])('%s', (_, payload, expected) => {
    expect(parse(fromHex(payload))).toMatchObject(expected);
  });

  test.each([
    ['empty', ''],
    ['descriptor alone', '08'],
    ['picture id cut', '80 ff'],
    ['nothing behind the picture id', '80 7f'],
    ['layers cut', '20 f5'],
    ['reference list cut', '50 03'],
    ['four references', '50 03 03 03 02 00'],
    ['structure cut', '82 01'],
    ['sizes cut', '02 f0 0500'],
    ['255 pictures claimed', '02 08 ff 00 00 00'],
    ['references of the last picture cut', '02 08 01 0c 01 02'],
    ['group count cut', '02 08'],
  ])('%s', (_, payload) => {
    expect(parse(fromHex(payload))).toBeUndefined();
  });
});

test('agrees with werift-rtp', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1100, maxLength: 1100 }), (payload) => {
      const ours = parse(payload);
      const { p: theirs, offset } = Vp9RtpPayload.parseRtpPayload(Buffer.from(payload));
      // RFC 9628 allows three references; werift-rtp takes any number.
      expect(ours === undefined).toBe(theirs.pDiff.length > 3 || offset >= payload.length);
      if (ours === undefined) return;
      expect(ours.size).toBe(offset);
      expect(ours.pictureId).toBe(theirs.pictureId ?? -1);
      expect(ours.temporalLayer).toBe(theirs.tid ?? -1);
      expect(ours.spatialLayer).toBe(theirs.sid ?? -1);
      expect(ours.temporalLayerZeroIndex).toBe(theirs.tl0PicIdx ?? -1);
    }),
    { seed: 20260105, numRuns: 2000 },
  );
});
