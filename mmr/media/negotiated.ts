/**
 * What the SDP negotiation of one participant agreed on, as plain data: made on the main thread (`mmr/sdp`), sent to
 * the worker, read by the media core. Payload types and extension ids are those of this participant's own offer.
 */

import type { RemoteAddress } from './remote-address.ts';

export type SourceKind = 'microphone' | 'camera' | 'screen';
export type MediaKind = 'audio' | 'video';
export type CodecName = 'opus' | 'VP8' | 'VP9' | 'H264' | 'AV1';

export interface NegotiatedCodec {
  readonly name: CodecName;
  readonly payloadType: number;
  readonly clockRateHz: number;
  /**
   * Equal for two participants exactly when one can decode what the other sends under it: the codec's name and the
   * fmtp parameters that change the bit stream, e.g. `VP8`, `VP9/0`, `H264/42e0/1`, `AV1/0`.
   */
  readonly key: string;
  /** Payload type under which this codec's packets are sent again (RTX, RFC 4588); undefined when not negotiated. */
  readonly rtxPayloadType?: number | undefined;
  /** Payload type of redundant audio (RED, RFC 2198) whose blocks are of this codec; undefined when not negotiated. */
  readonly redPayloadType?: number | undefined;
}

/** Header-extension ids (1–14 one-byte, up to 255 two-byte); 0 when not negotiated. */
export interface ExtensionIds {
  readonly mid: number;
  readonly rid: number;
  /** `repaired-rtp-stream-id`: the rid of the stream that an RTX packet repairs (RFC 8852 section 3.2). */
  readonly repairedRid: number;
  readonly audioLevel: number;
  readonly transportSequenceNumber: number;
  readonly videoOrientation: number;
  readonly dependencyDescriptor: number;
}

/** A send-only m-line of the client. */
export interface NegotiatedSource {
  readonly mid: string;
  readonly kind: SourceKind;
  readonly codecs: readonly NegotiatedCodec[];
  /** SSRC from the offer's `a=ssrc`; undefined when the stream is to be recognised by its mid extension. */
  readonly ssrc: number | undefined;
  /** Its RTX stream, from `a=ssrc-group:FID`; undefined when it has none or is to be recognised by repaired-rid. */
  readonly rtxSsrc?: number | undefined;
  /** Simulcast: the rids of `a=simulcast:send`, in the order of the offer. Empty: one encoding without a rid. */
  readonly rids: readonly string[];
  readonly muted: boolean;
  /**
   * It comes over a trunk: missing audio is asked for again, which browsers do not keep for that, and the CSRC of audio names
   * the publisher's stream. Default false.
   */
  readonly isRelayed?: boolean;
}

/** A receive-only m-line of the client: a fixed position to which the meeting assigns sources. */
export interface NegotiatedSlot {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly codecs: readonly NegotiatedCodec[];
  /** SSRC that the answer announced for what we send here. */
  readonly ssrc: number;
  /** SSRC on which packets of this slot are sent again and padding is sent (RTX); undefined when not negotiated. */
  readonly rtxSsrc?: number | undefined;
  /** Whether `nack` was negotiated. A slot that has it without RTX repeats packets under their own numbers. */
  readonly nack: boolean;
  /**
   * Whether packets of this slot carry transport-wide sequence numbers: the extension and `transport-cc` were agreed for
   * it, and packets are repeated by RTX or not at all. False where a browser counts them for video only. Default: true when
   * an id was negotiated and repetition allows it.
   */
  readonly transportNumbers?: boolean;
}

export interface NegotiatedTransport {
  readonly localUfrag: string;
  readonly localPassword: string;
  readonly remoteUfrag: string;
  /** From the offer's `a=fingerprint` lines; any one of them must match (RFC 8122 section 5). */
  readonly remoteFingerprints: readonly Fingerprint[];
  /** Whether `a=rtcp-rsize` was agreed (RFC 5506): feedback may then go without a report before it. Default false. */
  readonly reducedSizeRtcp?: boolean;
  /** Whether the client answers what we send with transport-wide feedback (`transport-cc` on the slots). Default false. */
  readonly transportFeedback?: boolean;
  /** We send the checks and are the DTLS client: a trunk that we open. Default: the other end does. */
  readonly initiation?: TransportInitiation;
  /** Between two workers. Default: a participant's. */
  readonly trunk?: NegotiatedTrunk;
}

export interface TransportInitiation {
  readonly remotePassword: string;
  /** Where the other end receives; 16 at most are tried. */
  readonly addresses: readonly RemoteAddress[];
  /** How often the path in use is looked at. Default: as a trunk's. */
  readonly pace?: CheckPace;
}

export interface CheckPace {
  /** Between two checks of the address in use. */
  readonly checkIntervalUs: number;
  /** The address in use has not answered for so long: all are tried. Longer than a few intervals. */
  readonly searchAfterUs: number;
}

export interface NegotiatedTrunk {
  /** SSRC of all our RTCP: streams come and go, and each further one costs the peer a replay window. */
  readonly rtcpSsrc: number;
  /** Streams each way, RTX included. */
  readonly maxStreams: number;
}

export interface Fingerprint {
  readonly algorithm: 'sha-256' | 'sha-384' | 'sha-512';
  readonly value: Uint8Array;
}

export interface NegotiatedMedia {
  readonly sources: readonly NegotiatedSource[];
  readonly slots: readonly NegotiatedSlot[];
  /** Of what the participant sends and receives. */
  readonly extensions: ExtensionIds;
  /** Of what he receives: those agreed for slots, 0 for those that he only sends. Default: `extensions`. */
  readonly slotExtensions?: ExtensionIds;
  /** CNAME of the participant's RTCP, from the router's answer. */
  readonly cname: string;
}

/** What a subscriber asks to see in one slot. */
export interface ViewEntry {
  readonly mid: string;
  /** A fixed source, "auto" (the meeting fills it), or "off". */
  readonly source: { readonly participant: string; readonly kind: SourceKind } | 'auto' | 'off';
  readonly maxHeight: number | undefined;
  readonly maxFps: number | undefined;
}

/** What a slot carries now; `participant` undefined when it is empty. */
export interface SlotAssignment {
  readonly mid: string;
  readonly participant: string | undefined;
  readonly kind: SourceKind | undefined;
  /** True while the slot shows nothing new because the subscriber's bandwidth does not allow it. */
  readonly suspended?: boolean;
}

/** One encoding of a source, and whether anybody needs it. `rid` is '' for a source without simulcast. */
export interface EncodingDemand {
  readonly rid: string;
  readonly active: boolean;
  /** Tallest picture that somebody wants of it, in pixels; undefined when there is no limit. */
  readonly maxHeight: number | undefined;
}

/** Of one participant, 0 (lost) to 100 (excellent); how it is computed stands in docs/connection-quality.md. */
export interface ConnectionQuality {
  readonly participant: string;
  /** From the participant to us; undefined while he sends nothing. */
  readonly uplink: number | undefined;
  /** From us to the participant; undefined while he receives nothing. */
  readonly downlink: number | undefined;
}
