/** RTP header and header extensions: `parseRtpHeader`, then every lookup that a packet may see. */
import { readAudioLevel } from '../../../mmr/media/rtp/audio-level.ts';
import { ByteRange, findExtension } from '../../../mmr/media/rtp/header-extensions.ts';
import { parseRtpHeader, RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

/** Ids on both sides of the limits of the two forms. */
const IDS = [0, 1, 2, 3, 7, 14, 15, 16, 255];

export const rtpTarget: FuzzTarget = {
  name: 'rtp',
  runs: 60_000,
  maxSize: 2048,
  // One walk to check the elements and one per lookup.
  readsPerByte: 1 + IDS.length,
  run(bytes, offset, size) {
    const header = new RtpHeader();
    if (!parseRtpHeader(bytes, offset, size, header)) return undefined;
    checkHeader(header, offset, size);
    const range = new ByteRange();
    const extensions = IDS.map((id) => {
      if (!findExtension(bytes, header, id, range)) return undefined;
      hold(range.size >= 0 && range.size <= 255, 'extension size');
      hold(range.offset > header.extensionOffset, 'extension starts inside the block');
      hold(range.offset + range.size <= header.extensionOffset + header.extensionSize, 'extension ends inside it');
      hold(id > 0, 'id 0 is never found');
      const level = readAudioLevel(bytes, range);
      hold(level === -1 || isUint(level, 7), 'audio level');
      return [range.offset - offset, range.size, level];
    });
    const { payloadOffset, extensionOffset, ...rest } = header;
    return [rest, payloadOffset - offset, extensionOffset - offset, extensions];
  },
};

function checkHeader(header: RtpHeader, offset: number, size: number): void {
  hold(isUint(header.payloadType, 7), 'payload type');
  hold(isUint(header.sequenceNumber, 16), 'sequence number');
  hold(isUint(header.timestamp, 32), 'timestamp');
  hold(isUint(header.ssrc, 32), 'SSRC');
  hold(isUint(header.csrcCount, 4), 'CSRC count');
  hold(header.payloadOffset === offset + header.headerSize, 'payload follows the header');
  hold(header.payloadSize >= 0 && header.paddingSize >= 0 && header.extensionSize >= 0, 'sizes');
  hold(header.headerSize + header.payloadSize + header.paddingSize === size, 'parts add up to the packet');
  hold(header.extensionOffset + header.extensionSize <= header.payloadOffset, 'extension ends before the payload');
}
