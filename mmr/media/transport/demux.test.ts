import { describe, expect, test } from 'vitest';
import { classify, Protocol } from './demux.ts';

/** RFC 7983 section 7, figure 3, for every first byte; TURN channels (64–79) and ZRTP (16–19) are not served. */
describe('first byte', () => {
  test.each([
    [0, 3, Protocol.stun],
    [4, 19, Protocol.unknown],
    [20, 63, Protocol.dtls],
    [64, 127, Protocol.unknown],
    [128, 191, Protocol.rtp],
    [192, 255, Protocol.unknown],
  ])('%i to %i is protocol %i', (from, to, protocol) => {
    for (let first = from; first <= to; first++) expect(classify(first, 96)).toBe(protocol);
  });
});

/** RFC 5761 section 4. */
describe('second byte of RTP and RTCP', () => {
  test.each([
    [0, 191, Protocol.rtp],
    [192, 223, Protocol.rtcp],
    [224, 255, Protocol.rtp],
  ])('%i to %i is protocol %i', (from, to, protocol) => {
    for (let second = from; second <= to; second++) expect(classify(0x80, second)).toBe(protocol);
  });

  test('does not matter for STUN and DTLS', () => {
    for (let second = 0; second <= 255; second++) {
      expect(classify(0, second)).toBe(Protocol.stun);
      expect(classify(22, second)).toBe(Protocol.dtls);
    }
  });
});
