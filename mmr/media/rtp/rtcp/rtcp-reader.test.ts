import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift-rtp';
import { fromHex } from '../from-hex.ts';
import { type RtcpVisitor, readRtcp } from './rtcp-reader.ts';

/** Writes down every call as an array of its name and arguments. */
class Recorder implements RtcpVisitor {
  readonly calls: (string | number)[][] = [];
  senderReport(...numbers: number[]): void {
    this.calls.push(['senderReport', ...numbers]);
  }
  reportBlock(...numbers: number[]): void {
    this.calls.push(['reportBlock', ...numbers]);
  }
  bye(...numbers: number[]): void {
    this.calls.push(['bye', ...numbers]);
  }
  nack(...numbers: number[]): void {
    this.calls.push(['nack', ...numbers]);
  }
  pictureLossIndication(...numbers: number[]): void {
    this.calls.push(['pictureLossIndication', ...numbers]);
  }
  fullIntraRequest(...numbers: number[]): void {
    this.calls.push(['fullIntraRequest', ...numbers]);
  }
  remb(...numbers: number[]): void {
    this.calls.push(['remb', ...numbers]);
  }
  transportFeedback(...numbers: number[]): void {
    this.calls.push(['transportFeedback', ...numbers]);
  }
}

/** What the packet reports; undefined when it is refused, which must then have reported nothing. */
function read(bytes: Uint8Array): (string | number)[][] | undefined {
  const recorder = new Recorder();
  if (readRtcp(bytes, 0, bytes.length, recorder)) return recorder.calls;
  expect(recorder.calls).toEqual([]);
  return undefined;
}

const SENDER_INFO = '00000001 aaaaaaaa bbbbbbbb cccccccc 00000010 00000400';
const BLOCK = '00000002 40ffffff 00010005 00000020 12345678 00008000';
const PLI = '81ce0002 00000001 00000002';

describe('each packet type', () => {
  const info = ['senderReport', 1, 0xaaaaaaaa, 0xbbbbbbbb, 0xcccccccc, 16, 1024];
  const block = ['reportBlock', 1, 2, 64, -1, 65541, 32, 0x12345678, 0x8000];
  test.each<[string, string, (string | number)[][]]>([
    ['SR', `80c80006 ${SENDER_INFO}`, [info]],
    ['SR with a block', `81c8000c ${SENDER_INFO} ${BLOCK}`, [info, block]],
    ['SR with a profile-specific extension', `80c80007 ${SENDER_INFO} deadbeef`, [info]],
    ['RR without blocks', '80c90001 00000001', []],
    ['RR with two blocks', `82c9000d 00000001 ${BLOCK} ${BLOCK}`, [block, block]],
    ['cumulative loss, largest', `81c90007 00000001 ${BLOCK.replace('ffffff', '7fffff')}`, [block.with(4, 0x7fffff)]],
    ['SDES', '81ca0003 00000001 01026162 00000000', []],
    [
      'BYE of two',
      '82cb0002 00000001 00000002',
      [
        ['bye', 1],
        ['bye', 2],
      ],
    ],
    ['BYE of nobody', '80cb0000', []],
    ['BYE with a reason', '81cb0002 00000001 03627965', [['bye', 1]]],
    ['APP', '80cc0002 00000001 61626364', []],
    ['XR', '80cf0001 00000001', []],
    ['an unknown type', '80d00000', []],
    [
      'NACK of two entries',
      '81cd0004 00000001 00000002 fffe8001 00050000',
      [
        ['nack', 1, 2, 0xfffe, 0x8001],
        ['nack', 1, 2, 5, 0],
      ],
    ],
    ['TMMBR: unread feedback', '83cd0004 00000001 00000002 00000003 00000004', []],
    ['PLI', PLI, [['pictureLossIndication', 2]]],
    [
      'FIR of two entries',
      '84ce0006 00000001 00000000 00000007 ff000000 00000008 00000000',
      [
        ['fullIntraRequest', 7, 255],
        ['fullIntraRequest', 8, 0],
      ],
    ],
    ['REMB 1 Mb/s', '8fce0005 00000001 00000000 52454d42 010bd090 00000007', [['remb', 0x3d090 * 4]]],
    ['REMB without SSRCs', '8fce0004 00000001 00000000 52454d42 00000001', [['remb', 1]]],
    ['REMB, the largest', '8fce0004 00000001 00000000 52454d42 00ffffff', [['remb', 0x3ffff * 2 ** 63]]],
    ['application feedback of another kind', '8fce0003 00000001 00000000 41424344', []],
    [
      'transport-wide feedback',
      '8fcd0005 00000001 00000002 00010001 00000000 20010000',
      [['transportFeedback', 0, 24]],
    ],
    [
      'transport-wide feedback padded by two bytes, as Chromium does',
      `afcd0005 00000001 00000002 00010001 00000000 20010002`,
      [['transportFeedback', 0, 22]],
    ],
    ['padded RR', 'a0c90002 00000001 00000004', []],
    ['a compound packet', `80c90001 00000001 81ca0002 00000001 00000000 ${PLI}`, [['pictureLossIndication', 2]]],
    ['padding inside a compound packet', `a0c90002 00000001 00000004 ${PLI}`, [['pictureLossIndication', 2]]],
  ])('%s', (_, text, expected) => {
    expect(read(fromHex(text))).toEqual(expected);
  });

  test('at an offset', () => {
    const bytes = fromHex(`ffffff ${PLI} ffff`);
    const recorder = new Recorder();
    expect(readRtcp(bytes, 3, 12, recorder)).toBe(true);
    expect(recorder.calls).toEqual([['pictureLossIndication', 2]]);
  });
});

describe('malformed packets are refused whole', () => {
  test.each([
    ['empty', ''],
    ['three bytes', '80c900'],
    ['version 1', '40c90001 00000001'],
    ['length beyond the packet', '80c90002 00000001'],
    ['length 65535', '80c9ffff 00000001'],
    ['trailing bytes', '80c90001 00000001 80'],
    ['trailing zeros', '80c90001 00000001 00000000'],
    ['SR without sender info', '80c80001 00000001'],
    ['SR, more blocks than bytes', `81c80006 ${SENDER_INFO}`],
    ['RR without an SSRC', '80c90000'],
    ['RR, 31 blocks claimed', `9fc90007 00000001 ${BLOCK}`],
    ['BYE of 31, one there', '9fcb0001 00000001'],
    ['NACK without entries', '81cd0002 00000001 00000002'],
    ['feedback without SSRCs', '81ce0001 00000001'],
    ['FIR without entries', '84ce0002 00000001 00000000'],
    ['FIR, half an entry', '84ce0003 00000001 00000000 00000007'],
    ['FIR, one and a half', '84ce0005 00000001 00000000 00000007 ff000000 00000008'],
    ['REMB, more SSRCs than bytes', '8fce0004 00000001 00000000 52454d42 ff000001'],
    ['REMB without a bitrate is application feedback cut short, padded', 'afce0003 00000001 00000000 52454d00'],
    ['transport-wide feedback without chunks', '8fcd0004 00000001 00000002 00010001 00000000'],
    ['padding of 0', 'a0c90002 00000001 00000000'],
    ['padding longer than the packet', 'a0c90002 00000001 0000000c'],
    ['padding longer than a packet that is skipped', 'a0cc0002 00000001 6162630d'],
    ['padding that leaves half a NACK entry', 'a1cd0004 00000001 00000002 00010000 00050002'],
    ['padding that eats a block', `a1c90007 00000001 ${BLOCK.slice(0, -2)}04`],
    ['a good packet before a bad one', `${PLI} 81cd0002 00000001 00000002`],
    ['a bad one after two good ones', `80c80006 ${SENDER_INFO} ${PLI} 80c90000`],
  ])('%s', (_, text) => {
    expect(read(fromHex(text))).toBeUndefined();
  });

  test('a size beyond the array', () => {
    expect(readRtcp(fromHex(PLI), 0, 13, new Recorder())).toBe(false);
    expect(readRtcp(fromHex(PLI), 4, 12, new Recorder())).toBe(false);
  });

  test('every cut of a compound packet', () => {
    const whole = fromHex(`81c8000c ${SENDER_INFO} ${BLOCK} ${PLI}`);
    for (let size = 0; size < whole.length; size++) {
      expect(read(whole.slice(0, size)) === undefined).toBe(size !== 52);
    }
  });
});

test('transport-wide feedback that claims 65535 packets is one range: its inside is not unrolled', () => {
  const bomb = fromHex(`8fcd0008 00000001 00000002 0000ffff 00000000 ${'3fff'.repeat(8)}`);
  expect(read(bomb)).toEqual([['transportFeedback', 0, 36]]);
});

test('work and calls are bounded by the size: a datagram full of the smallest packets', () => {
  expect(read(fromHex('80cb0000'.repeat(512)))).toEqual([]);
  const nacks = fromHex(`81cd01ff 00000001 00000002 ${'00010000'.repeat(509)}`);
  expect(read(nacks)).toHaveLength(509);
});

describe('reads what werift-rtp writes', () => {
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });

  test('sender and receiver reports', () => {
    const info = fc.tuple(uint32, uint32, uint32, uint32, uint32);
    const blocks = fc.array(fc.tuple(uint32, fc.nat(255), fc.nat(0x7fffff), uint32, uint32, uint32, uint32), {
      maxLength: 31,
    });
    fc.assert(
      fc.property(uint32, info, blocks, fc.boolean(), (ssrc, [high, low, rtp, packets, octets], list, sender) => {
        const reports = list.map(
          ([about, fractionLost, packetsLost, highestSequence, jitter, lsr, dlsr]) =>
            new RtcpReceiverInfo({ ssrc: about, fractionLost, packetsLost, highestSequence, jitter, lsr, dlsr }),
        );
        const senderInfo = new RtcpSenderInfo({
          ntpTimestamp: (BigInt(high) << 32n) | BigInt(low),
          rtpTimestamp: rtp,
          packetCount: packets,
          octetCount: octets,
        });
        const theirs = sender ? new RtcpSrPacket({ ssrc, senderInfo, reports }) : new RtcpRrPacket({ ssrc, reports });
        const expected: (string | number)[][] = list.map((block) => ['reportBlock', ssrc, ...block]);
        if (sender) expected.unshift(['senderReport', ssrc, high, low, rtp, packets, octets]);
        expect(read(theirs.serialize())).toEqual(expected);
      }),
      { seed: 20260105 },
    );
  });

  test('NACK, PLI, REMB', () => {
    fc.assert(
      fc.property(uint32, uint32, fc.nat(65000), fc.nat(2 ** 40), (senderSsrc, mediaSsrc, first, bitrate) => {
        const lost = [first, first + 1, first + 16];
        const nack = new RtcpTransportLayerFeedback({
          feedback: new GenericNack({ senderSsrc, mediaSourceSsrc: mediaSsrc, lost }),
        });
        expect(read(nack.serialize())).toEqual([['nack', senderSsrc, mediaSsrc, first, 0x8001]]);

        const pli = new RtcpPayloadSpecificFeedback({
          feedback: new PictureLossIndication({ senderSsrc, mediaSsrc }),
        });
        expect(read(pli.serialize())).toEqual([['pictureLossIndication', mediaSsrc]]);

        const exponent = Math.max(0, Math.floor(Math.log2(bitrate + 1)) - 17);
        const mantissa = Math.floor(bitrate / 2 ** exponent);
        const remb = new RtcpPayloadSpecificFeedback({
          feedback: new ReceiverEstimatedMaxBitrate({
            senderSsrc,
            mediaSsrc: 0,
            ssrcNum: 1,
            brExp: exponent,
            brMantissa: mantissa,
            ssrcFeedbacks: [mediaSsrc],
          }),
        });
        expect(read(remb.serialize())).toEqual([['remb', mantissa * 2 ** exponent]]);
      }),
      { seed: 20260105 },
    );
  });
});
