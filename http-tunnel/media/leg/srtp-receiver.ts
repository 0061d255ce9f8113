/** Opens what comes from the router (RFC 7714): replays and forgeries are refused before anything of them is used. */
import type { SrtpKeys } from '../../../mmr/media/transport/dtls-session.ts';
import { GcmCipher, type GcmProfile, KeyLabel, TAG_BYTES } from './gcm-cipher.ts';
import { PacketIndexes } from './packet-index.ts';
import { split } from './srtp-sender.ts';

/** A router has one SSRC for each of at most 128 slots. */
export const MAX_RECEIVED_STREAMS = 256;
const RTP_HEADER_BYTES = 12;
const RTCP_HEADER_BYTES = 8;
const INDEX_BYTES = 4;

export type SrtpRefusal = 'malformed' | 'replayed' | 'forged' | 'tooManyStreams';

export class SrtpReceiver {
  readonly #rtp: GcmCipher;
  readonly #rtcp: GcmCipher;
  readonly #rtpStreams = new Map<number, PacketIndexes>();
  readonly #rtcpStreams = new Map<number, PacketIndexes>();

  constructor(profile: GcmProfile, { ingressKey, ingressSalt }: Pick<SrtpKeys, 'ingressKey' | 'ingressSalt'>) {
    this.#rtp = GcmCipher.derived(profile, ingressKey, ingressSalt, KeyLabel.rtp);
    this.#rtcp = GcmCipher.derived(profile, ingressKey, ingressSalt, KeyLabel.rtcp);
  }

  /** The plain packet. */
  unprotectRtp(packet: Buffer): Buffer | SrtpRefusal {
    const headerSize = rtpHeaderBytes(packet);
    const bodyEnd = packet.length - TAG_BYTES;
    if (headerSize === undefined || headerSize > bodyEnd) return 'malformed';
    const ssrc = packet.readUInt32BE(8);
    const stream = find(this.#rtpStreams, ssrc);
    if (stream === undefined) return 'tooManyStreams';
    const index = stream.widen(packet.readUInt16BE(2));
    if (!stream.isFresh(index)) return 'replayed';
    const [high, low] = split(index);
    const header = packet.subarray(0, headerSize);
    const body = packet.subarray(headerSize, bodyEnd);
    const plain = this.#rtp.open(ssrc, high, low, header, body, packet.subarray(bodyEnd));
    if (plain === undefined) return 'forged';
    stream.take(index);
    this.#rtpStreams.set(ssrc, stream);
    return Buffer.concat([header, plain]);
  }

  unprotectRtcp(packet: Buffer): Buffer | SrtpRefusal {
    const wordAt = packet.length - INDEX_BYTES;
    const bodyEnd = wordAt - TAG_BYTES;
    if (bodyEnd < RTCP_HEADER_BYTES) return 'malformed';
    const word = packet.readUInt32BE(wordAt);
    // Authenticated but not encrypted (section 9.3) is what nobody sends whom we dial.
    if (word < 0x8000_0000) return 'malformed';
    const index = word - 0x8000_0000;
    const ssrc = packet.readUInt32BE(4);
    const stream = find(this.#rtcpStreams, ssrc);
    if (stream === undefined) return 'tooManyStreams';
    if (!stream.isFresh(index)) return 'replayed';
    const header = packet.subarray(0, RTCP_HEADER_BYTES);
    const known = Buffer.concat([header, packet.subarray(wordAt)]);
    const body = packet.subarray(RTCP_HEADER_BYTES, bodyEnd);
    const plain = this.#rtcp.open(ssrc, 0, index, known, body, packet.subarray(bodyEnd, wordAt));
    if (plain === undefined) return 'forged';
    stream.take(index);
    this.#rtcpStreams.set(ssrc, stream);
    return Buffer.concat([header, plain]);
  }
}

/** A new one is kept only once a packet of it has held. */
function find(streams: ReadonlyMap<number, PacketIndexes>, ssrc: number): PacketIndexes | undefined {
  return streams.get(ssrc) ?? (streams.size < MAX_RECEIVED_STREAMS ? new PacketIndexes() : undefined);
}

/** Fixed header, CSRCs and extension block (RFC 3550 section 5.1): what of SRTP is not encrypted. Undefined when cut. */
export function rtpHeaderBytes(packet: Buffer): number | undefined {
  if (packet.length < RTP_HEADER_BYTES || (packet[0] as number) >>> 6 !== 2) return undefined;
  const csrcEnd = RTP_HEADER_BYTES + 4 * ((packet[0] as number) & 0x0f);
  if (((packet[0] as number) & 0x10) === 0) return csrcEnd <= packet.length ? csrcEnd : undefined;
  if (csrcEnd + 4 > packet.length) return undefined;
  const end = csrcEnd + 4 + 4 * packet.readUInt16BE(csrcEnd + 2);
  return end <= packet.length ? end : undefined;
}
