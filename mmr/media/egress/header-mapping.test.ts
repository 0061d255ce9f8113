import { describe, expect, test } from 'vitest';
import { RtpPacket } from 'werift-rtp';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket, VP8_KEY } from '../packet-path-test-rtp.ts';
import { L1T3, L2T1, labDescriptor } from '../rtp/dependency-descriptor-test-lab.ts';
import { HeaderMappings, MAX_SHARED_MAPPINGS } from './header-mapping.ts';

const OWN_IDS = { mid: 9, audioLevel: 7, transportSequenceNumber: 8, videoOrientation: 5, dependencyDescriptor: 200 };

/** First packet of a coded video sequence (N). */
const AV1_KEY = [0x18, 0x0a, 0x01];
/** Of a stream with one decode target, so that there is nothing to tell about those. */
const DESCRIPTOR = labDescriptor({
  templateId: 0,
  frameNumber: 7,
  structure: {
    templateIdOffset: 0,
    templates: [{ spatial: 0, temporal: 0, indications: 'S', frameDiffs: [], chainDiffs: [] }],
    protectedBy: [],
  },
});

/** vic has other extension ids than ann, and other payload types. */
function watched(codec: 'VP8' | 'AV1' = 'VP8'): MediaWorkerLab {
  const lab = new MediaWorkerLab();
  const media = labMedia({ sources: [], audioSlots: 1, videoSlots: 1, codec });
  const slots = media.slots.map((slot) => ({
    ...slot,
    codecs: slot.codecs.map((codec) => ({ ...codec, payloadType: codec.payloadType - 11 })),
  }));
  lab.enter('vic', { ...media, slots, extensions: { ...media.extensions, ...OWN_IDS } });
  lab.enter('ann', labMedia({ ssrc: 100, audioSlots: 0, videoSlots: 0, codec }));
  return lab;
}

describe('the header a receiver gets', () => {
  test('audio: CSRC and audio level under his own id, his own payload type', () => {
    const lab = watched();
    const extensions = [
      { id: 4, bytes: [48] },
      { id: 1, bytes: [0x85] },
    ];
    lab.receive('ann', rtpPacket({ ssrc: 100, payloadType: 111, sequenceNumber: 1, extensions, payload: [1, 2, 3] }));
    lab.run();
    const packet = RtpPacket.deSerialize(Buffer.from(lab.takeRtp('vic')[0]?.bytes ?? []));
    expect(packet.header.csrc).toEqual([100]);
    expect(packet.header.payloadType).toBe(100);
    expect(packet.header.extensions).toEqual([{ id: 7, payload: Buffer.of(0x85) }]);
    expect([...packet.payload]).toEqual([1, 2, 3]);
  });

  test('video: orientation passes, but no dependency descriptor, which receivers would prefer to what we rewrite', () => {
    const lab = watched();
    const extensions = [
      { id: 12, bytes: [0xc0, 8, 7] },
      { id: 13, bytes: [3] },
    ];
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, extensions, payload: VP8_KEY }));
    lab.run();
    const packet = RtpPacket.deSerialize(Buffer.from(lab.takeRtp('vic')[0]?.bytes ?? []));
    expect(packet.header.extensions).toEqual([{ id: 5, payload: Buffer.of(3) }]);
  });

  test('AV1: orientation and dependency descriptor pass, an id above 14 makes the block two-byte', () => {
    const lab = watched('AV1');
    const extensions = [
      { id: 3, bytes: [1, 2] },
      { id: 12, bytes: [...DESCRIPTOR] },
      { id: 13, bytes: [3] },
    ];
    lab.receive(
      'ann',
      rtpPacket({
        ssrc: 101,
        sequenceNumber: 1,
        extensions,
        payload: AV1_KEY,
        payloadType: 45,
        marker: true,
        padding: 9,
      }),
    );
    lab.run();
    const packet = RtpPacket.deSerialize(Buffer.from(lab.takeRtp('vic')[0]?.bytes ?? []));
    expect(packet.header).toMatchObject({
      csrc: [],
      payloadType: 34,
      marker: true,
      padding: false,
      extensionProfile: 0x1000,
    });
    expect(packet.header.extensions).toEqual([
      { id: 5, payload: Buffer.of(3) },
      { id: 200, payload: Buffer.from(DESCRIPTOR) },
    ]);
    expect([...packet.payload]).toEqual(AV1_KEY);
  });

  test('AV1: what a frame of an unknown structure says of decode targets passes as it is', () => {
    const lab = watched('AV1');
    const told = [
      labDescriptor({ templateId: 10, frameNumber: 1, structure: { ...L2T1, resolutions: undefined } }),
      labDescriptor({ templateId: 12, frameNumber: 2 }),
      // The key frame 3 with structure L1T3 is lost; frame 4 has three decode targets, not two.
      labDescriptor({ templateId: L1T3.templateIdOffset + 1, frameNumber: 4, active: [0b101, 3] }),
      labDescriptor({ templateId: L1T3.templateIdOffset + 1, frameNumber: 5 }),
    ].map((descriptor, i) => {
      const extensions = [{ id: 12, bytes: [...descriptor] }];
      const timestamp = i === 0 ? 0 : i * 3000;
      const packet = { ssrc: 101, sequenceNumber: i, timestamp, extensions, payload: AV1_KEY, payloadType: 45 };
      lab.receive('ann', rtpPacket({ ...packet, marker: true }));
      lab.run();
      const sent = RtpPacket.deSerialize(Buffer.from(lab.takeRtp('vic')[0]?.bytes ?? []));
      const passed = sent.header.extensions.find(({ id }) => id === OWN_IDS.dependencyDescriptor);
      return [[...(passed?.payload ?? [])].join(' '), [...descriptor].join(' ')];
    });
    expect(told[1]?.[0]).not.toBe(told[1]?.[1]);
    for (const [passed, original] of told.slice(2)) expect(passed).toBe(original);
  });

  test('receivers of equal ids share one mapping', () => {
    const mappings = new HeaderMappings();
    const { extensions } = labMedia();
    expect(mappings.for({ ...extensions })).toBe(mappings.for({ ...extensions, mid: 11 }));
    expect(mappings.for(extensions)).not.toBe(mappings.for({ ...extensions, audioLevel: 2 }));
  });

  test('ids that clients make up do not fill the memory, and cost those who join all the time nothing', () => {
    const mappings = new HeaderMappings();
    const { extensions } = labMedia();
    const usual = mappings.for(extensions);
    for (let i = 0; i < 3 * MAX_SHARED_MAPPINGS; i++) {
      mappings.for({ ...extensions, audioLevel: i % 256, videoOrientation: 20 + (i >> 8) });
      expect(mappings.for(extensions)).toBe(usual);
    }
    expect(mappings.shared).toBe(MAX_SHARED_MAPPINGS);
    expect(mappings.forgotten).toBe(2 * MAX_SHARED_MAPPINGS + 1);
  });
});
