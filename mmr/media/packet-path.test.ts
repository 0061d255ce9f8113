import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DropReason } from './drop-reason.ts';
import { MediaWorkerLab } from './packet-path-test-lab.ts';
import { labMedia } from './packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from './packet-path-test-rtp.ts';

/** Two people who see and hear each other; ann's camera has SSRC 101, ben's 201. */
function meeting(): MediaWorkerLab {
  const lab = new MediaWorkerLab();
  lab.enter('ann', labMedia({ ssrc: 100 }));
  lab.enter('ben', labMedia({ ssrc: 200 }));
  return lab;
}

function dropped(lab: MediaWorkerLab, reason: DropReason): number {
  return lab.path.drops[reason] as number;
}

describe('a packet ends in exactly one counter', () => {
  test('forwarded: with the receiver’s numbers, the payload untouched', () => {
    const lab = meeting();
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 7, marker: true, payload: VP8_KEY }));
    lab.run();
    expect(lab.path.forwarded).toBe(1);
    const [sent] = lab.takeRtp('ben');
    expect(sent?.header).toMatchObject({ ssrc: 5100, payloadType: 96, marker: true });
    expect([...(sent?.payload ?? [])]).toEqual([...VP8_KEY]);
    expect(lab.rtp).toEqual([]);
  });

  test.each<[string, (lab: MediaWorkerLab) => void, DropReason]>([
    ['one byte', (lab) => lab.receive('ann', Uint8Array.of(0x80)), DropReason.unknownProtocol],
    ['a first byte of nobody', (lab) => lab.receive('ann', Uint8Array.of(0xff, 1, 2, 3)), DropReason.unknownProtocol],
    [
      'RTP of a stranger',
      (lab) => lab.receive('eve', rtpPacket({ ssrc: 101, sequenceNumber: 1 })),
      DropReason.unknownAddress,
    ],
    ['DTLS of a stranger', (lab) => lab.receive('eve', Uint8Array.of(22, 254, 253, 0)), DropReason.unknownAddress],
    ['STUN without sense', (lab) => lab.receive('ann', Uint8Array.of(0, 1, 0, 0)), DropReason.stunInvalid],
    [
      'an SSRC that nobody negotiated',
      (lab) => lab.receive('ann', rtpPacket({ ssrc: 999, sequenceNumber: 1 })),
      DropReason.rtpNotNegotiated,
    ],
    [
      'a payload type that nobody negotiated',
      (lab) => lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, payloadType: 50 })),
      DropReason.rtpNotNegotiated,
    ],
    [
      'padding longer than the payload',
      (lab) => {
        const bytes = rtpPacket({ ssrc: 101, sequenceNumber: 1, padding: 4 });
        bytes[bytes.length - 1] = 200;
        lab.receive('ann', bytes);
      },
      DropReason.rtpMalformed,
    ],
    [
      'RTCP that lies',
      (lab) => lab.receive('ann', Uint8Array.of(0x80, 201, 0, 99, 0, 0, 0, 0)),
      DropReason.rtcpMalformed,
    ],
    [
      'a picture before the first key frame',
      (lab) => lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, payload: VP8_DELTA })),
      DropReason.awaitingKeyframe,
    ],
    [
      'a muted source',
      (lab) => {
        lab.mute('ann', 'camera', true);
        lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, payload: VP8_KEY }));
      },
      DropReason.noReceiver,
    ],
    [
      'a tag that does not hold',
      (lab) => {
        lab.engine.unprotectRefuses = DropReason.srtpAuthentication;
        lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, payload: VP8_KEY }));
      },
      DropReason.srtpAuthentication,
    ],
  ])('%s', (_name, act, reason) => {
    const lab = meeting();
    const before = dropped(lab, reason);
    act(lab);
    lab.run();
    expect(dropped(lab, reason)).toBe(before + 1);
    expect(lab.accountedFor).toBe(lab.path.received);
    expect(lab.rtp).toEqual([]);
  });

  test('the sums match for anything that may come', () => {
    const datagram = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .record({ first: fc.integer({ min: 0, max: 255 }), rest: fc.uint8Array({ maxLength: 60 }) })
        .map(({ first, rest }) => Uint8Array.from([first, ...rest])),
      fc
        .record({
          ssrc: fc.constantFrom(100, 101, 200, 201, 999),
          sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
          timestamp: fc.integer({ min: 0, max: 0xffffffff }),
          payloadType: fc.constantFrom(96, 111, 50),
          payload: fc.constantFrom([...VP8_KEY], [...VP8_DELTA], []),
          padding: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        })
        .map(({ padding, ...fields }) => rtpPacket(padding === undefined ? fields : { ...fields, padding })),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('ann', 'ben', 'eve'), datagram), { maxLength: 60 }),
        (datagrams) => {
          const lab = meeting();
          for (const [name, bytes] of datagrams) lab.receive(name, bytes);
          lab.run();
          lab.advance(100);
          expect(lab.accountedFor).toBe(lab.path.received);
          expect(lab.path.sent + lab.engine.drops.reduce((sum, drops) => sum + drops, 0)).toBe(lab.path.planned);
        },
      ),
      { seed: 20261121, numRuns: 200 },
    );
  });
});

describe('hostile publishers', () => {
  test('the same SSRC in two participants: each reaches his own viewers only', () => {
    const lab = new MediaWorkerLab();
    for (const name of ['ann', 'ben']) lab.enter(name, labMedia({ ssrc: 100, videoSlots: 1 }), 'one');
    for (const name of ['cid', 'dan']) lab.enter(name, labMedia({ ssrc: 100, videoSlots: 1 }), 'two');
    for (const name of ['ann', 'cid']) {
      lab.receive(name, rtpPacket({ ssrc: 101, sequenceNumber: 1, payload: [...VP8_KEY, name.charCodeAt(0)] }));
    }
    lab.run();
    expect(lab.takeRtp('ben').map(({ payload }) => payload.at(-1))).toEqual(['a'.charCodeAt(0)]);
    expect(lab.takeRtp('dan').map(({ payload }) => payload.at(-1))).toEqual(['c'.charCodeAt(0)]);
    expect(lab.rtp).toEqual([]);
  });

  test('10 000 unknown SSRCs leave nothing behind', () => {
    const lab = meeting();
    for (let ssrc = 10_000; ssrc < 20_000; ssrc++) lab.receive('ann', rtpPacket({ ssrc, sequenceNumber: 1 }));
    lab.run();
    expect(dropped(lab, DropReason.rtpNotNegotiated)).toBe(10_000);
    expect(
      lab.registry.participants
        .get('ann' as never)
        ?.sources.every(({ encodings }) => encodings[0]?.stream === undefined),
    ).toBe(true);
  });

  test('a flood is policed and the others are not affected', () => {
    const lab = meeting();
    for (let i = 0; i < 20_000; i++) {
      lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: i & 0xffff, payload: i === 0 ? VP8_KEY : VP8_DELTA }));
    }
    lab.receive('ben', rtpPacket({ ssrc: 201, sequenceNumber: 1, payload: VP8_KEY }));
    lab.run();
    expect(dropped(lab, DropReason.rtpPoliced)).toBeGreaterThan(10_000);
    expect(lab.takeRtp('ann')).toHaveLength(1);
    expect(lab.accountedFor).toBe(lab.path.received);
  });
});
