/** Seals what goes to the router (RFC 7714). Sequence numbers are the client's, and no number is sealed twice: the nonce would be the same. */
import type { SrtpKeys } from '../../../mmr/media/transport/dtls-session.ts';
import { GcmCipher, type GcmProfile, KeyLabel, TAG_BYTES } from './gcm-cipher.ts';
import { PacketIndexes } from './packet-index.ts';

/** As many as a router takes of one participant (`MAX_INGRESS_STREAMS`). */
export const MAX_SENT_STREAMS = 64;
const RTCP_HEADER_BYTES = 8;
const INDEX_BYTES = 4;
const ENCRYPTED = 0x8000_0000;

export class SrtpSender {
  readonly #rtp: GcmCipher;
  readonly #rtcp: GcmCipher;
  readonly #streams = new Map<number, PacketIndexes>();
  #rtcpIndex = 0;

  constructor(profile: GcmProfile, { egressKey, egressSalt }: Pick<SrtpKeys, 'egressKey' | 'egressSalt'>) {
    this.#rtp = GcmCipher.derived(profile, egressKey, egressSalt, KeyLabel.rtp);
    this.#rtcp = GcmCipher.derived(profile, egressKey, egressSalt, KeyLabel.rtcp);
  }

  /** `headerSize` with CSRCs and extensions. Undefined: the number was used already, is too old, or its SSRC is one too many. */
  protectRtp(packet: Buffer, headerSize: number): Buffer | undefined {
    const ssrc = packet.readUInt32BE(8);
    const stream = this.#stream(ssrc);
    if (stream === undefined) return undefined;
    const index = stream.widen(packet.readUInt16BE(2));
    if (!stream.isFresh(index)) return undefined;
    stream.take(index);
    const sealed = Buffer.allocUnsafe(packet.length + TAG_BYTES);
    packet.copy(sealed, 0, 0, headerSize);
    const [high, low] = split(index);
    this.#rtp.seal(ssrc, high, low, packet.subarray(0, headerSize), packet.subarray(headerSize), sealed, headerSize);
    return sealed;
  }

  /** `packet`: of 8 bytes at least. Undefined when all 2^31 indexes are used up. */
  protectRtcp(packet: Buffer): Buffer | undefined {
    if (this.#rtcpIndex === ENCRYPTED) return undefined;
    const index = this.#rtcpIndex++;
    const sealed = Buffer.allocUnsafe(packet.length + TAG_BYTES + INDEX_BYTES);
    packet.copy(sealed, 0, 0, RTCP_HEADER_BYTES);
    sealed.writeUInt32BE(ENCRYPTED + index, packet.length + TAG_BYTES);
    const header = Buffer.concat([packet.subarray(0, RTCP_HEADER_BYTES), sealed.subarray(packet.length + TAG_BYTES)]);
    const body = packet.subarray(RTCP_HEADER_BYTES);
    this.#rtcp.seal(packet.readUInt32BE(4), 0, index, header, body, sealed, RTCP_HEADER_BYTES);
    return sealed;
  }

  #stream(ssrc: number): PacketIndexes | undefined {
    const known = this.#streams.get(ssrc);
    if (known !== undefined) return known;
    if (this.#streams.size >= MAX_SENT_STREAMS) return undefined;
    const stream = new PacketIndexes();
    this.#streams.set(ssrc, stream);
    return stream;
  }
}

/** 48 bits as 16 and 32: roll-over counter and number are in one row (RFC 7714 section 8.1). */
export function split(index: number): [high: number, low: number] {
  return [Math.floor(index / 2 ** 32), index % 2 ** 32];
}
