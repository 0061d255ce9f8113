/** The first decision on every datagram: `classify`. */
import { classify, Protocol } from '../../../mmr/media/transport/demux.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';

const PROTOCOLS: readonly number[] = Object.values(Protocol);

export const demuxTarget: FuzzTarget = {
  name: 'demux',
  runs: 20_000,
  maxSize: 64,
  readsPerByte: 2,
  run(bytes, offset, size) {
    if (size < 2) return undefined;
    const first = bytes[offset] as number;
    const protocol = classify(first, bytes[offset + 1] as number);
    hold(PROTOCOLS.includes(protocol), 'a known protocol');
    // RFC 7983 section 7: what is no RTP version 2 is never media, and the other way round.
    const isMedia = protocol === Protocol.rtp || protocol === Protocol.rtcp;
    hold(isMedia === (first >>> 6 === 2), 'media is what starts with version 2');
    return protocol;
  },
};
