/** A packet on its way to the client, as far as a queue has to know it. */
import { readUint16 } from '../../../mmr/media/rtp/bytes.ts';
import { ByteRange, findExtension } from '../../../mmr/media/rtp/header-extensions.ts';
import { parseRtpHeader, RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { TUNNEL_PADDING_TYPES, TUNNEL_PAYLOAD_TYPES, TUNNEL_TRANSPORT_NUMBER_ID } from '../../../proto/tunnel.ts';
import { startsKeyFrame } from './key-frame-start.ts';

export type PacketKind = 'rtcp' | 'audio' | 'video';

export interface WaitingPacket {
  readonly kind: PacketKind;
  /** Of the record that it becomes. */
  readonly channel: number;
  readonly bytes: Uint8Array;
  readonly arrivedMs: number;
  /** Of RTP; 0 otherwise. */
  readonly ssrc: number;
  readonly timestamp: number;
  /** Of a probe of the way: nothing for the client. */
  readonly isPadding: boolean;
  /** First packet of a key frame, or padding, which stands alone. */
  readonly startsKeyFrame: boolean;
  /** Transport-wide, 16 bits; undefined for what has none. */
  readonly transportNumber: number | undefined;
}

const header = new RtpHeader();
const range = new ByteRange();

/** Undefined for what is no RTP. `bytes` are kept. */
export function describeRtp(channel: number, bytes: Uint8Array, arrivedMs: number): WaitingPacket | undefined {
  if (!parseRtpHeader(bytes, 0, bytes.length, header)) return undefined;
  const { payloadType, ssrc, timestamp, payloadOffset, payloadSize } = header;
  const isNumbered = findExtension(bytes, header, TUNNEL_TRANSPORT_NUMBER_ID, range) && range.size >= 2;
  const isPadding = TUNNEL_PADDING_TYPES.includes(payloadType);
  const isAudio = payloadType === TUNNEL_PAYLOAD_TYPES.opus;
  return {
    kind: isAudio ? 'audio' : 'video',
    channel,
    bytes,
    arrivedMs,
    ssrc,
    timestamp,
    isPadding,
    startsKeyFrame: isPadding || (!isAudio && startsKeyFrame(payloadType, bytes, payloadOffset, payloadSize)),
    transportNumber: isNumbered ? readUint16(bytes, range.offset) : undefined,
  };
}

export function describeRtcp(channel: number, bytes: Uint8Array, arrivedMs: number): WaitingPacket {
  return {
    kind: 'rtcp',
    channel,
    bytes,
    arrivedMs,
    ssrc: 0,
    timestamp: 0,
    isPadding: false,
    startsKeyFrame: false,
    transportNumber: undefined,
  };
}
