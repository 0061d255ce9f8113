/** A packet on its way to the client, as far as a queue has to know it. */
import { parseRtpHeader, RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import { TUNNEL_PAYLOAD_TYPES } from '../../../proto/tunnel.ts';
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
  /** First packet of a key frame. */
  readonly startsKeyFrame: boolean;
}

const header = new RtpHeader();

/** Undefined for what is no RTP. `bytes` are kept. */
export function describeRtp(channel: number, bytes: Uint8Array, arrivedMs: number): WaitingPacket | undefined {
  if (!parseRtpHeader(bytes, 0, bytes.length, header)) return undefined;
  const { payloadType, ssrc, timestamp, payloadOffset, payloadSize } = header;
  const isAudio = payloadType === TUNNEL_PAYLOAD_TYPES.opus;
  return {
    kind: isAudio ? 'audio' : 'video',
    channel,
    bytes,
    arrivedMs,
    ssrc,
    timestamp,
    startsKeyFrame: !isAudio && startsKeyFrame(payloadType, bytes, payloadOffset, payloadSize),
  };
}

export function describeRtcp(channel: number, bytes: Uint8Array, arrivedMs: number): WaitingPacket {
  return { kind: 'rtcp', channel, bytes, arrivedMs, ssrc: 0, timestamp: 0, startsKeyFrame: false };
}
